//! The scalar operators and what they mean.

use super::lane::{Expect, Float, Lane, fmap, fzip, map, split, test, zip};
use super::{I, Op, V, rows};
use tenon::base::TrapCode;

/// A division: the model runs only if it does not trap.
fn divide<T: Lane + Default + PartialEq>(a: &[u128], f: impl Fn(T, T) -> Option<T>) -> Expect {
    let (x, y) = (split::<T>(a[0])[0], split::<T>(a[1])[0]);
    if y == T::default() {
        return Expect::Trap(TrapCode::IntegerDivisionByZero);
    }
    f(x, y).map_or(Expect::Trap(TrapCode::IntegerOverflow), |r| Expect::lanes([r]))
}

/// A conversion to an integer between these bounds, both excluded.
fn truncate<T: Float, R: Lane>(a: &[u128], low: f64, high: f64, f: impl Fn(f64) -> R) -> Expect {
    let x = split::<T>(a[0])[0].real();
    match () {
        () if x.is_nan() => Expect::Trap(TrapCode::BadConversionToInteger),
        () if x.trunc() <= low && !(low == -9223372036854775808.0 && x == low) => Expect::Trap(TrapCode::IntegerOverflow),
        () if x >= high => Expect::Trap(TrapCode::IntegerOverflow),
        () => Expect::lanes([f(x)]),
    }
}

pub fn min<T: Float>(x: T, y: T) -> T {
    match () {
        () if x.nan() => x,
        () if y.nan() => y,
        () if x == y => T::of(x.bits() | y.bits()),
        () if x < y => x,
        () => y,
    }
}

pub fn max<T: Float>(x: T, y: T) -> T {
    match () {
        () if x.nan() => x,
        () if y.nan() => y,
        () if x == y => T::of(x.bits() & y.bits()),
        () if x > y => x,
        () => y,
    }
}

pub static INTEGERS: &[Op] = rows! {
    I32Eqz (I32) I32 = |a, _| map::<u32, u32>(a, |x| (x == 0).into());
    I64Eqz (I64) I32 = |a, _| map::<u64, u32>(a, |x| (x == 0).into());
    I32Eq (I32 I32) I32 = |a, _| test::<i32>(a, |x, y| x == y);
    I32Ne (I32 I32) I32 = |a, _| test::<i32>(a, |x, y| x != y);
    I32LtS (I32 I32) I32 = |a, _| test::<i32>(a, |x, y| x < y);
    I32LtU (I32 I32) I32 = |a, _| test::<u32>(a, |x, y| x < y);
    I32GtS (I32 I32) I32 = |a, _| test::<i32>(a, |x, y| x > y);
    I32GtU (I32 I32) I32 = |a, _| test::<u32>(a, |x, y| x > y);
    I32LeS (I32 I32) I32 = |a, _| test::<i32>(a, |x, y| x <= y);
    I32LeU (I32 I32) I32 = |a, _| test::<u32>(a, |x, y| x <= y);
    I32GeS (I32 I32) I32 = |a, _| test::<i32>(a, |x, y| x >= y);
    I32GeU (I32 I32) I32 = |a, _| test::<u32>(a, |x, y| x >= y);
    I64Eq (I64 I64) I32 = |a, _| test::<i64>(a, |x, y| x == y);
    I64Ne (I64 I64) I32 = |a, _| test::<i64>(a, |x, y| x != y);
    I64LtS (I64 I64) I32 = |a, _| test::<i64>(a, |x, y| x < y);
    I64LtU (I64 I64) I32 = |a, _| test::<u64>(a, |x, y| x < y);
    I64GtS (I64 I64) I32 = |a, _| test::<i64>(a, |x, y| x > y);
    I64GtU (I64 I64) I32 = |a, _| test::<u64>(a, |x, y| x > y);
    I64LeS (I64 I64) I32 = |a, _| test::<i64>(a, |x, y| x <= y);
    I64LeU (I64 I64) I32 = |a, _| test::<u64>(a, |x, y| x <= y);
    I64GeS (I64 I64) I32 = |a, _| test::<i64>(a, |x, y| x >= y);
    I64GeU (I64 I64) I32 = |a, _| test::<u64>(a, |x, y| x >= y);
    I32Clz (I32) I32 = |a, _| map(a, u32::leading_zeros);
    I32Ctz (I32) I32 = |a, _| map(a, u32::trailing_zeros);
    I32Popcnt (I32) I32 = |a, _| map(a, u32::count_ones);
    I64Clz (I64) I64 = |a, _| map::<u64, u64>(a, |x| x.leading_zeros().into());
    I64Ctz (I64) I64 = |a, _| map::<u64, u64>(a, |x| x.trailing_zeros().into());
    I64Popcnt (I64) I64 = |a, _| map::<u64, u64>(a, |x| x.count_ones().into());
    I32Add (I32 I32) I32 = |a, _| zip(a, i32::wrapping_add);
    I32Sub (I32 I32) I32 = |a, _| zip(a, i32::wrapping_sub);
    I32Mul (I32 I32) I32 = |a, _| zip(a, i32::wrapping_mul);
    I32DivS (I32 I32) I32 = |a, _| divide(a, i32::checked_div);
    I32DivU (I32 I32) I32 = |a, _| divide(a, u32::checked_div);
    I32RemS (I32 I32) I32 = |a, _| divide::<i32>(a, |x, y| Some(x.wrapping_rem(y)));
    I32RemU (I32 I32) I32 = |a, _| divide(a, u32::checked_rem);
    I32And (I32 I32) I32 = |a, _| zip::<u32, u32>(a, |x, y| x & y);
    I32Or (I32 I32) I32 = |a, _| zip::<u32, u32>(a, |x, y| x | y);
    I32Xor (I32 I32) I32 = |a, _| zip::<u32, u32>(a, |x, y| x ^ y);
    I32Shl (I32 I32) I32 = |a, _| zip(a, u32::wrapping_shl);
    I32ShrS (I32 I32) I32 = |a, _| zip::<i32, i32>(a, |x, y| x.wrapping_shr(y as u32));
    I32ShrU (I32 I32) I32 = |a, _| zip(a, u32::wrapping_shr);
    I32Rotl (I32 I32) I32 = |a, _| zip::<u32, u32>(a, |x, y| x.rotate_left(y % 32));
    I32Rotr (I32 I32) I32 = |a, _| zip::<u32, u32>(a, |x, y| x.rotate_right(y % 32));
    I64Add (I64 I64) I64 = |a, _| zip(a, i64::wrapping_add);
    I64Sub (I64 I64) I64 = |a, _| zip(a, i64::wrapping_sub);
    I64Mul (I64 I64) I64 = |a, _| zip(a, i64::wrapping_mul);
    I64DivS (I64 I64) I64 = |a, _| divide(a, i64::checked_div);
    I64DivU (I64 I64) I64 = |a, _| divide(a, u64::checked_div);
    I64RemS (I64 I64) I64 = |a, _| divide::<i64>(a, |x, y| Some(x.wrapping_rem(y)));
    I64RemU (I64 I64) I64 = |a, _| divide(a, u64::checked_rem);
    I64And (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x & y);
    I64Or (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x | y);
    I64Xor (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x ^ y);
    I64Shl (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x.wrapping_shl(y as u32));
    I64ShrS (I64 I64) I64 = |a, _| zip::<i64, i64>(a, |x, y| x.wrapping_shr(y as u32));
    I64ShrU (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x.wrapping_shr(y as u32));
    I64Rotl (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x.rotate_left((y % 64) as u32));
    I64Rotr (I64 I64) I64 = |a, _| zip::<u64, u64>(a, |x, y| x.rotate_right((y % 64) as u32));
    I32WrapI64 (I64) I32 = |a, _| map::<u64, u32>(a, |x| x as u32);
    I64ExtendI32S (I32) I64 = |a, _| map::<i32, i64>(a, i64::from);
    I64ExtendI32U (I32) I64 = |a, _| map::<u32, u64>(a, u64::from);
    I32Extend8S (I32) I32 = |a, _| map::<i32, i32>(a, |x| x as i8 as i32);
    I32Extend16S (I32) I32 = |a, _| map::<i32, i32>(a, |x| x as i16 as i32);
    I64Extend8S (I64) I64 = |a, _| map::<i64, i64>(a, |x| x as i8 as i64);
    I64Extend16S (I64) I64 = |a, _| map::<i64, i64>(a, |x| x as i16 as i64);
    I64Extend32S (I64) I64 = |a, _| map::<i64, i64>(a, |x| x as i32 as i64);
};

pub static FLOATS: &[Op] = rows! {
    F32Eq (F32 F32) I32 = |a, _| test::<f32>(a, |x, y| x == y);
    F32Ne (F32 F32) I32 = |a, _| test::<f32>(a, |x, y| x != y);
    F32Lt (F32 F32) I32 = |a, _| test::<f32>(a, |x, y| x < y);
    F32Gt (F32 F32) I32 = |a, _| test::<f32>(a, |x, y| x > y);
    F32Le (F32 F32) I32 = |a, _| test::<f32>(a, |x, y| x <= y);
    F32Ge (F32 F32) I32 = |a, _| test::<f32>(a, |x, y| x >= y);
    F64Eq (F64 F64) I32 = |a, _| test::<f64>(a, |x, y| x == y);
    F64Ne (F64 F64) I32 = |a, _| test::<f64>(a, |x, y| x != y);
    F64Lt (F64 F64) I32 = |a, _| test::<f64>(a, |x, y| x < y);
    F64Gt (F64 F64) I32 = |a, _| test::<f64>(a, |x, y| x > y);
    F64Le (F64 F64) I32 = |a, _| test::<f64>(a, |x, y| x <= y);
    F64Ge (F64 F64) I32 = |a, _| test::<f64>(a, |x, y| x >= y);
    F32Abs (F32) F32 = |a, _| map::<u32, u32>(a, |x| x & 0x7fff_ffff);
    F32Neg (F32) F32 = |a, _| map::<u32, u32>(a, |x| x ^ 0x8000_0000);
    F32Ceil (F32) F32 = |a, _| fmap(a, f32::ceil);
    F32Floor (F32) F32 = |a, _| fmap(a, f32::floor);
    F32Trunc (F32) F32 = |a, _| fmap(a, f32::trunc);
    F32Nearest (F32) F32 = |a, _| fmap(a, f32::round_ties_even);
    F32Sqrt (F32) F32 = |a, _| fmap(a, f32::sqrt);
    F32Add (F32 F32) F32 = |a, _| fzip::<f32>(a, |x, y| x + y);
    F32Sub (F32 F32) F32 = |a, _| fzip::<f32>(a, |x, y| x - y);
    F32Mul (F32 F32) F32 = |a, _| fzip::<f32>(a, |x, y| x * y);
    F32Div (F32 F32) F32 = |a, _| fzip::<f32>(a, |x, y| x / y);
    F32Min (F32 F32) F32 = |a, _| fzip::<f32>(a, min);
    F32Max (F32 F32) F32 = |a, _| fzip::<f32>(a, max);
    F32Copysign (F32 F32) F32 = |a, _| zip::<u32, u32>(a, |x, y| x & 0x7fff_ffff | y & 0x8000_0000);
    F64Abs (F64) F64 = |a, _| map::<u64, u64>(a, |x| x & !(1 << 63));
    F64Neg (F64) F64 = |a, _| map::<u64, u64>(a, |x| x ^ 1 << 63);
    F64Ceil (F64) F64 = |a, _| fmap(a, f64::ceil);
    F64Floor (F64) F64 = |a, _| fmap(a, f64::floor);
    F64Trunc (F64) F64 = |a, _| fmap(a, f64::trunc);
    F64Nearest (F64) F64 = |a, _| fmap(a, f64::round_ties_even);
    F64Sqrt (F64) F64 = |a, _| fmap(a, f64::sqrt);
    F64Add (F64 F64) F64 = |a, _| fzip::<f64>(a, |x, y| x + y);
    F64Sub (F64 F64) F64 = |a, _| fzip::<f64>(a, |x, y| x - y);
    F64Mul (F64 F64) F64 = |a, _| fzip::<f64>(a, |x, y| x * y);
    F64Div (F64 F64) F64 = |a, _| fzip::<f64>(a, |x, y| x / y);
    F64Min (F64 F64) F64 = |a, _| fzip::<f64>(a, min);
    F64Max (F64 F64) F64 = |a, _| fzip::<f64>(a, max);
    F64Copysign (F64 F64) F64 = |a, _| zip::<u64, u64>(a, |x, y| x & !(1 << 63) | y & 1 << 63);
};

pub static CONVERSIONS: &[Op] = rows! {
    I32TruncF32S (F32) I32 = |a, _| truncate::<f32, i32>(a, -2147483649.0, 2147483648.0, |x| x as i32);
    I32TruncF32U (F32) I32 = |a, _| truncate::<f32, u32>(a, -1.0, 4294967296.0, |x| x as u32);
    I32TruncF64S (F64) I32 = |a, _| truncate::<f64, i32>(a, -2147483649.0, 2147483648.0, |x| x as i32);
    I32TruncF64U (F64) I32 = |a, _| truncate::<f64, u32>(a, -1.0, 4294967296.0, |x| x as u32);
    I64TruncF32S (F32) I64 = |a, _| truncate::<f32, i64>(a, -9223372036854775808.0, 9223372036854775808.0, |x| x as i64);
    I64TruncF32U (F32) I64 = |a, _| truncate::<f32, u64>(a, -1.0, 18446744073709551616.0, |x| x as u64);
    I64TruncF64S (F64) I64 = |a, _| truncate::<f64, i64>(a, -9223372036854775808.0, 9223372036854775808.0, |x| x as i64);
    I64TruncF64U (F64) I64 = |a, _| truncate::<f64, u64>(a, -1.0, 18446744073709551616.0, |x| x as u64);
    I32TruncSatF32S (F32) I32 = |a, _| map::<f32, i32>(a, |x| x as i32);
    I32TruncSatF32U (F32) I32 = |a, _| map::<f32, u32>(a, |x| x as u32);
    I32TruncSatF64S (F64) I32 = |a, _| map::<f64, i32>(a, |x| x as i32);
    I32TruncSatF64U (F64) I32 = |a, _| map::<f64, u32>(a, |x| x as u32);
    I64TruncSatF32S (F32) I64 = |a, _| map::<f32, i64>(a, |x| x as i64);
    I64TruncSatF32U (F32) I64 = |a, _| map::<f32, u64>(a, |x| x as u64);
    I64TruncSatF64S (F64) I64 = |a, _| map::<f64, i64>(a, |x| x as i64);
    I64TruncSatF64U (F64) I64 = |a, _| map::<f64, u64>(a, |x| x as u64);
    F32ConvertI32S (I32) F32 = |a, _| map::<i32, f32>(a, |x| x as f32);
    F32ConvertI32U (I32) F32 = |a, _| map::<u32, f32>(a, |x| x as f32);
    F32ConvertI64S (I64) F32 = |a, _| map::<i64, f32>(a, |x| x as f32);
    F32ConvertI64U (I64) F32 = |a, _| map::<u64, f32>(a, |x| x as f32);
    F64ConvertI32S (I32) F64 = |a, _| map::<i32, f64>(a, f64::from);
    F64ConvertI32U (I32) F64 = |a, _| map::<u32, f64>(a, f64::from);
    F64ConvertI64S (I64) F64 = |a, _| map::<i64, f64>(a, |x| x as f64);
    F64ConvertI64U (I64) F64 = |a, _| map::<u64, f64>(a, |x| x as f64);
    F32DemoteF64 (F64) F32 = |a, _| fmap::<f64, f32>(a, |x| x as f32);
    F64PromoteF32 (F32) F64 = |a, _| fmap::<f32, f64>(a, f64::from);
    I32ReinterpretF32 (F32) I32 = |a, _| map::<u32, u32>(a, |x| x);
    I64ReinterpretF64 (F64) I64 = |a, _| map::<u64, u64>(a, |x| x);
    F32ReinterpretI32 (I32) F32 = |a, _| map::<u32, u32>(a, |x| x);
    F64ReinterpretI64 (I64) F64 = |a, _| map::<u64, u64>(a, |x| x);
};

/// The number whose halves are these operands, the lower first.
fn wide(low: u128, high: u128) -> u128 {
    low | high << 64
}

pub static WIDE: &[Op] = rows! {
    I64Add128 (I64 I64 I64 I64) Pair = |a, _| Expect::word(wide(a[0], a[1]).wrapping_add(wide(a[2], a[3])));
    I64Sub128 (I64 I64 I64 I64) Pair = |a, _| Expect::word(wide(a[0], a[1]).wrapping_sub(wide(a[2], a[3])));
    I64MulWideS (I64 I64) Pair = |a, _| Expect::word((i128::from(a[0] as i64) * i128::from(a[1] as i64)) as u128);
    I64MulWideU (I64 I64) Pair = |a, _| Expect::word(a[0] * a[1]);
};
