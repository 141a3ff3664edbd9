//! Constant expressions: initial values of globals, offsets of segments, elements.

use super::Instance;
use crate::base::{Error, Result};
use crate::layout::ValRaw;
use crate::wasm::{ConstExpr, ConstOp};
use smallvec::SmallVec;

/// The expression's value in `instance`, whose earlier globals are set.
pub(super) fn eval(instance: &Instance, e: &ConstExpr) -> Result<ValRaw> {
    let mut stack: SmallVec<[ValRaw; 4]> = SmallVec::new();
    for op in &e.0 {
        let value = match op {
            ConstOp::I32(x) => ValRaw::from_i32(*x),
            ConstOp::I64(x) => ValRaw::from_i64(*x),
            ConstOp::F32(bits) => ValRaw::from_u32(*bits),
            ConstOp::F64(bits) => ValRaw::from_u64(*bits),
            ConstOp::V128(x) => ValRaw::from_v128(*x),
            ConstOp::GlobalGet(g) => instance.get_global_raw(*g),
            ConstOp::RefNull(_) => ValRaw::ZERO,
            ConstOp::RefFunc(f) => ValRaw::from_u64(instance.func(*f).to_raw()),
            ConstOp::I32Add => binary(&mut stack, |a, b| ValRaw::from_i32(a.i32().wrapping_add(b.i32())))?,
            ConstOp::I32Sub => binary(&mut stack, |a, b| ValRaw::from_i32(a.i32().wrapping_sub(b.i32())))?,
            ConstOp::I32Mul => binary(&mut stack, |a, b| ValRaw::from_i32(a.i32().wrapping_mul(b.i32())))?,
            ConstOp::I64Add => binary(&mut stack, |a, b| ValRaw::from_i64(a.i64().wrapping_add(b.i64())))?,
            ConstOp::I64Sub => binary(&mut stack, |a, b| ValRaw::from_i64(a.i64().wrapping_sub(b.i64())))?,
            ConstOp::I64Mul => binary(&mut stack, |a, b| ValRaw::from_i64(a.i64().wrapping_mul(b.i64())))?,
        };
        stack.push(value);
    }
    stack.pop().ok_or_else(underflow)
}

fn binary(stack: &mut SmallVec<[ValRaw; 4]>, f: fn(ValRaw, ValRaw) -> ValRaw) -> Result<ValRaw> {
    let b = stack.pop().ok_or_else(underflow)?;
    let a = stack.pop().ok_or_else(underflow)?;
    Ok(f(a, b))
}

#[cold]
fn underflow() -> Error {
    Error::internal("a constant expression ran out of operands")
}
