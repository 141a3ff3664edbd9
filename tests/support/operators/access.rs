//! Operators that reach memory and what they mean: given what stands there and the operands, what comes back and what stands
//! there then.

use super::lane::{Lane, split};
use super::{I, V};
use wasm_encoder::MemArg;

/// What comes back, and what is written.
pub type Done = (Option<u128>, Option<u128>);

pub struct Access {
    pub name: &'static str,
    pub make: fn(MemArg, u8) -> I<'static>,
    /// Bytes that are read or written.
    pub bytes: usize,
    pub lanes: u8,
    /// Operands behind the address.
    pub values: &'static [V],
    pub result: Option<V>,
    pub atomic: bool,
    /// From what stands there, the operands and the lane.
    pub model: fn(u128, &[u128], usize) -> Done,
}

macro_rules! accesses {
    ($atomic:literal: $($op:ident $bytes:literal $(lane $lanes:literal)? ($($value:ident)*) $($result:ident)? = $model:expr;)*) => {
        &[$(Access {
            name: stringify!($op),
            make: accesses!(@make $op $($lanes)?),
            bytes: $bytes,
            lanes: accesses!(@lanes $($lanes)?),
            values: &[$(V::$value),*],
            result: accesses!(@result $($result)?),
            atomic: $atomic,
            model: $model,
        }),*]
    };
    (@make $op:ident) => { |memarg, _| I::$op(memarg) };
    (@make $op:ident $lanes:literal) => { |memarg, lane| I::$op { memarg, lane } };
    (@lanes) => { 1 };
    (@lanes $lanes:literal) => { $lanes };
    (@result) => { None };
    (@result $result:ident) => { Some(V::$result) };
}

fn loaded(value: u128) -> Done {
    (Some(value), None)
}

fn stored(value: u128) -> Done {
    (None, Some(value))
}

/// Each of the eight bytes' numbers becomes one of twice the size.
fn widened<T: Lane, R: Lane + From<T>>(m: u128) -> Done {
    let lanes = split::<T>(m).into_iter().take(8 / T::BYTES).enumerate();
    loaded(lanes.fold(0, |v, (i, x)| v | u128::from(R::from(x).bits()) << (8 * R::BYTES * i)))
}

/// So many bytes, everywhere.
fn splat(m: u128, bytes: usize) -> Done {
    loaded((0..16 / bytes).fold(0, |v, i| v | m << (8 * bytes * i)))
}

fn lane_loaded(m: u128, vector: u128, lane: usize, bytes: usize) -> Done {
    let (at, mask) = (8 * bytes * lane, u128::MAX >> (128 - 8 * bytes));
    loaded(vector & !(mask << at) | m << at)
}

/// Compare and exchange: of the operand as many bytes are compared as are read.
fn exchanged(m: u128, v: &[u128], bytes: usize) -> Done {
    (Some(m), Some(if m == v[0] & u128::MAX >> (128 - 8 * bytes) { v[1] } else { m }))
}

pub static PLAIN: &[Access] = accesses! { false:
    I32Load 4 () I32 = |m, _, _| loaded(m);
    I64Load 8 () I64 = |m, _, _| loaded(m);
    F32Load 4 () F32 = |m, _, _| loaded(m);
    F64Load 8 () F64 = |m, _, _| loaded(m);
    V128Load 16 () V128 = |m, _, _| loaded(m);
    I32Load8S 1 () I32 = |m, _, _| loaded((m as i8 as i32 as u32).into());
    I32Load8U 1 () I32 = |m, _, _| loaded(m);
    I32Load16S 2 () I32 = |m, _, _| loaded((m as i16 as i32 as u32).into());
    I32Load16U 2 () I32 = |m, _, _| loaded(m);
    I64Load8S 1 () I64 = |m, _, _| loaded((m as i8 as i64 as u64).into());
    I64Load8U 1 () I64 = |m, _, _| loaded(m);
    I64Load16S 2 () I64 = |m, _, _| loaded((m as i16 as i64 as u64).into());
    I64Load16U 2 () I64 = |m, _, _| loaded(m);
    I64Load32S 4 () I64 = |m, _, _| loaded((m as i32 as i64 as u64).into());
    I64Load32U 4 () I64 = |m, _, _| loaded(m);
    I32Store 4 (I32) = |_, v, _| stored(v[0]);
    I64Store 8 (I64) = |_, v, _| stored(v[0]);
    F32Store 4 (F32) = |_, v, _| stored(v[0]);
    F64Store 8 (F64) = |_, v, _| stored(v[0]);
    V128Store 16 (V128) = |_, v, _| stored(v[0]);
    I32Store8 1 (I32) = |_, v, _| stored(v[0]);
    I32Store16 2 (I32) = |_, v, _| stored(v[0]);
    I64Store8 1 (I64) = |_, v, _| stored(v[0]);
    I64Store16 2 (I64) = |_, v, _| stored(v[0]);
    I64Store32 4 (I64) = |_, v, _| stored(v[0]);
    V128Load8x8S 8 () V128 = |m, _, _| widened::<i8, i16>(m);
    V128Load8x8U 8 () V128 = |m, _, _| widened::<u8, u16>(m);
    V128Load16x4S 8 () V128 = |m, _, _| widened::<i16, i32>(m);
    V128Load16x4U 8 () V128 = |m, _, _| widened::<u16, u32>(m);
    V128Load32x2S 8 () V128 = |m, _, _| widened::<i32, i64>(m);
    V128Load32x2U 8 () V128 = |m, _, _| widened::<u32, u64>(m);
    V128Load8Splat 1 () V128 = |m, _, _| splat(m, 1);
    V128Load16Splat 2 () V128 = |m, _, _| splat(m, 2);
    V128Load32Splat 4 () V128 = |m, _, _| splat(m, 4);
    V128Load64Splat 8 () V128 = |m, _, _| splat(m, 8);
    V128Load32Zero 4 () V128 = |m, _, _| loaded(m);
    V128Load64Zero 8 () V128 = |m, _, _| loaded(m);
    V128Load8Lane 1 lane 16 (V128) V128 = |m, v, lane| lane_loaded(m, v[0], lane, 1);
    V128Store8Lane 1 lane 16 (V128) = |_, v, lane| stored(v[0] >> (8 * lane));
    V128Load16Lane 2 lane 8 (V128) V128 = |m, v, lane| lane_loaded(m, v[0], lane, 2);
    V128Store16Lane 2 lane 8 (V128) = |_, v, lane| stored(v[0] >> (16 * lane));
    V128Load32Lane 4 lane 4 (V128) V128 = |m, v, lane| lane_loaded(m, v[0], lane, 4);
    V128Store32Lane 4 lane 4 (V128) = |_, v, lane| stored(v[0] >> (32 * lane));
    V128Load64Lane 8 lane 2 (V128) V128 = |m, v, lane| lane_loaded(m, v[0], lane, 8);
    V128Store64Lane 8 lane 2 (V128) = |_, v, lane| stored(v[0] >> (64 * lane));
};

pub static ATOMIC: &[Access] = accesses! { true:
    I32AtomicLoad 4 () I32 = |m, _, _| loaded(m);
    I32AtomicStore 4 (I32) = |_, v, _| stored(v[0]);
    I32AtomicRmwAdd 4 (I32) I32 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I32AtomicRmwSub 4 (I32) I32 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I32AtomicRmwAnd 4 (I32) I32 = |m, v, _| (Some(m), Some(m & v[0]));
    I32AtomicRmwOr 4 (I32) I32 = |m, v, _| (Some(m), Some(m | v[0]));
    I32AtomicRmwXor 4 (I32) I32 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I32AtomicRmwXchg 4 (I32) I32 = |m, v, _| (Some(m), Some(v[0]));
    I32AtomicRmwCmpxchg 4 (I32 I32) I32 = |m, v, _| exchanged(m, v, 4);
    I64AtomicLoad 8 () I64 = |m, _, _| loaded(m);
    I64AtomicStore 8 (I64) = |_, v, _| stored(v[0]);
    I64AtomicRmwAdd 8 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I64AtomicRmwSub 8 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I64AtomicRmwAnd 8 (I64) I64 = |m, v, _| (Some(m), Some(m & v[0]));
    I64AtomicRmwOr 8 (I64) I64 = |m, v, _| (Some(m), Some(m | v[0]));
    I64AtomicRmwXor 8 (I64) I64 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I64AtomicRmwXchg 8 (I64) I64 = |m, v, _| (Some(m), Some(v[0]));
    I64AtomicRmwCmpxchg 8 (I64 I64) I64 = |m, v, _| exchanged(m, v, 8);
    I32AtomicLoad8U 1 () I32 = |m, _, _| loaded(m);
    I32AtomicStore8 1 (I32) = |_, v, _| stored(v[0]);
    I32AtomicRmw8AddU 1 (I32) I32 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I32AtomicRmw8SubU 1 (I32) I32 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I32AtomicRmw8AndU 1 (I32) I32 = |m, v, _| (Some(m), Some(m & v[0]));
    I32AtomicRmw8OrU 1 (I32) I32 = |m, v, _| (Some(m), Some(m | v[0]));
    I32AtomicRmw8XorU 1 (I32) I32 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I32AtomicRmw8XchgU 1 (I32) I32 = |m, v, _| (Some(m), Some(v[0]));
    I32AtomicRmw8CmpxchgU 1 (I32 I32) I32 = |m, v, _| exchanged(m, v, 1);
    I32AtomicLoad16U 2 () I32 = |m, _, _| loaded(m);
    I32AtomicStore16 2 (I32) = |_, v, _| stored(v[0]);
    I32AtomicRmw16AddU 2 (I32) I32 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I32AtomicRmw16SubU 2 (I32) I32 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I32AtomicRmw16AndU 2 (I32) I32 = |m, v, _| (Some(m), Some(m & v[0]));
    I32AtomicRmw16OrU 2 (I32) I32 = |m, v, _| (Some(m), Some(m | v[0]));
    I32AtomicRmw16XorU 2 (I32) I32 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I32AtomicRmw16XchgU 2 (I32) I32 = |m, v, _| (Some(m), Some(v[0]));
    I32AtomicRmw16CmpxchgU 2 (I32 I32) I32 = |m, v, _| exchanged(m, v, 2);
    I64AtomicLoad8U 1 () I64 = |m, _, _| loaded(m);
    I64AtomicStore8 1 (I64) = |_, v, _| stored(v[0]);
    I64AtomicRmw8AddU 1 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I64AtomicRmw8SubU 1 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I64AtomicRmw8AndU 1 (I64) I64 = |m, v, _| (Some(m), Some(m & v[0]));
    I64AtomicRmw8OrU 1 (I64) I64 = |m, v, _| (Some(m), Some(m | v[0]));
    I64AtomicRmw8XorU 1 (I64) I64 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I64AtomicRmw8XchgU 1 (I64) I64 = |m, v, _| (Some(m), Some(v[0]));
    I64AtomicRmw8CmpxchgU 1 (I64 I64) I64 = |m, v, _| exchanged(m, v, 1);
    I64AtomicLoad16U 2 () I64 = |m, _, _| loaded(m);
    I64AtomicStore16 2 (I64) = |_, v, _| stored(v[0]);
    I64AtomicRmw16AddU 2 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I64AtomicRmw16SubU 2 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I64AtomicRmw16AndU 2 (I64) I64 = |m, v, _| (Some(m), Some(m & v[0]));
    I64AtomicRmw16OrU 2 (I64) I64 = |m, v, _| (Some(m), Some(m | v[0]));
    I64AtomicRmw16XorU 2 (I64) I64 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I64AtomicRmw16XchgU 2 (I64) I64 = |m, v, _| (Some(m), Some(v[0]));
    I64AtomicRmw16CmpxchgU 2 (I64 I64) I64 = |m, v, _| exchanged(m, v, 2);
    I64AtomicLoad32U 4 () I64 = |m, _, _| loaded(m);
    I64AtomicStore32 4 (I64) = |_, v, _| stored(v[0]);
    I64AtomicRmw32AddU 4 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_add(v[0])));
    I64AtomicRmw32SubU 4 (I64) I64 = |m, v, _| (Some(m), Some(m.wrapping_sub(v[0])));
    I64AtomicRmw32AndU 4 (I64) I64 = |m, v, _| (Some(m), Some(m & v[0]));
    I64AtomicRmw32OrU 4 (I64) I64 = |m, v, _| (Some(m), Some(m | v[0]));
    I64AtomicRmw32XorU 4 (I64) I64 = |m, v, _| (Some(m), Some(m ^ v[0]));
    I64AtomicRmw32XchgU 4 (I64) I64 = |m, v, _| (Some(m), Some(v[0]));
    I64AtomicRmw32CmpxchgU 4 (I64 I64) I64 = |m, v, _| exchanged(m, v, 4);
};
