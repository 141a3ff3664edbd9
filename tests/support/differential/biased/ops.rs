//! Operators by type.

use wasm_encoder::Instruction as I;
use wasm_encoder::{Ieee32, Ieee64, ValType};

pub type Op = I<'static>;

pub const I32_BINARY: &[Op] = &[I::I32Add, I::I32Sub, I::I32Mul, I::I32And, I::I32Or, I::I32Xor, I::I32Add, I::I32Sub, I::I32Mul];
pub const I64_BINARY: &[Op] = &[I::I64Add, I::I64Sub, I::I64Mul, I::I64And, I::I64Or, I::I64Xor, I::I64Add, I::I64Sub, I::I64Mul];
pub const I32_SHIFT: &[Op] = &[I::I32Shl, I::I32ShrS, I::I32ShrU, I::I32Rotl, I::I32Rotr];
pub const I64_SHIFT: &[Op] = &[I::I64Shl, I::I64ShrS, I::I64ShrU, I::I64Rotl, I::I64Rotr];
pub const I32_DIVIDE: &[Op] = &[I::I32DivS, I::I32DivU, I::I32RemS, I::I32RemU];
pub const I64_DIVIDE: &[Op] = &[I::I64DivS, I::I64DivU, I::I64RemS, I::I64RemU];
pub const I32_UNARY: &[Op] = &[I::I32Clz, I::I32Ctz, I::I32Popcnt, I::I32Eqz, I::I32Extend8S, I::I32Extend16S];
pub const I64_UNARY: &[Op] = &[I::I64Clz, I::I64Ctz, I::I64Popcnt, I::I64Extend8S, I::I64Extend16S, I::I64Extend32S];
pub const F32_BINARY: &[Op] = &[I::F32Add, I::F32Sub, I::F32Mul, I::F32Div, I::F32Min, I::F32Max];
pub const F64_BINARY: &[Op] = &[I::F64Add, I::F64Sub, I::F64Mul, I::F64Div, I::F64Min, I::F64Max];
pub const F32_UNARY: &[Op] = &[I::F32Abs, I::F32Neg, I::F32Ceil, I::F32Floor, I::F32Trunc, I::F32Nearest, I::F32Sqrt];
pub const F64_UNARY: &[Op] = &[I::F64Abs, I::F64Neg, I::F64Ceil, I::F64Floor, I::F64Trunc, I::F64Nearest, I::F64Sqrt];

/// Conversions into a type, with what they take.
pub fn conversions(ty: ValType) -> &'static [(ValType, Op)] {
    match ty {
        ValType::I32 => TO_I32,
        ValType::I64 => TO_I64,
        ValType::F32 => TO_F32,
        _ => TO_F64,
    }
}

const TO_I32: &[(ValType, Op)] = &[
    (ValType::I64, I::I32WrapI64),
    (ValType::I64, I::I64Eqz),
    (ValType::F32, I::I32TruncSatF32S),
    (ValType::F32, I::I32TruncSatF32U),
    (ValType::F64, I::I32TruncSatF64S),
    (ValType::F64, I::I32TruncSatF64U),
    (ValType::F32, I::I32ReinterpretF32),
    (ValType::F64, I::I32TruncF64S),
    (ValType::F32, I::I32TruncF32U),
];

const TO_I64: &[(ValType, Op)] = &[
    (ValType::I32, I::I64ExtendI32S),
    (ValType::I32, I::I64ExtendI32U),
    (ValType::F32, I::I64TruncSatF32S),
    (ValType::F32, I::I64TruncSatF32U),
    (ValType::F64, I::I64TruncSatF64S),
    (ValType::F64, I::I64TruncSatF64U),
    (ValType::F64, I::I64ReinterpretF64),
    (ValType::F32, I::I64TruncF32S),
    (ValType::F64, I::I64TruncF64U),
];

const TO_F32: &[(ValType, Op)] = &[
    (ValType::I32, I::F32ConvertI32S),
    (ValType::I32, I::F32ConvertI32U),
    (ValType::I64, I::F32ConvertI64S),
    (ValType::I64, I::F32ConvertI64U),
    (ValType::F64, I::F32DemoteF64),
    (ValType::I32, I::F32ReinterpretI32),
];

const TO_F64: &[(ValType, Op)] = &[
    (ValType::I32, I::F64ConvertI32S),
    (ValType::I32, I::F64ConvertI32U),
    (ValType::I64, I::F64ConvertI64S),
    (ValType::I64, I::F64ConvertI64U),
    (ValType::F32, I::F64PromoteF32),
    (ValType::I64, I::F64ReinterpretI64),
];

/// Comparisons of two values of a type.
pub fn comparisons(ty: ValType) -> &'static [Op] {
    match ty {
        ValType::I32 => {
            &[I::I32Eq, I::I32Ne, I::I32LtS, I::I32LtU, I::I32GtS, I::I32GtU, I::I32LeS, I::I32LeU, I::I32GeS, I::I32GeU]
        }
        ValType::I64 => {
            &[I::I64Eq, I::I64Ne, I::I64LtS, I::I64LtU, I::I64GtS, I::I64GtU, I::I64LeS, I::I64LeU, I::I64GeS, I::I64GeU]
        }
        ValType::F32 => &[I::F32Eq, I::F32Ne, I::F32Lt, I::F32Gt, I::F32Le, I::F32Ge],
        _ => &[I::F64Eq, I::F64Ne, I::F64Lt, I::F64Gt, I::F64Le, I::F64Ge],
    }
}

/// Makes a NaN on the stack the canonical one, with a local of each float type to work in. The specification leaves the
/// bits of NaNs open, so they are settled wherever they could be seen.
pub fn canonical(ty: ValType, f32_local: u32, f64_local: u32) -> Vec<Op> {
    let (local, nan, eq) = match ty {
        ValType::F32 => (f32_local, I::F32Const(Ieee32::new(0x7fc0_0000)), I::F32Eq),
        ValType::F64 => (f64_local, I::F64Const(Ieee64::new(0x7ff8_0000_0000_0000)), I::F64Eq),
        _ => return Vec::new(),
    };
    vec![I::LocalTee(local), nan, I::LocalGet(local), I::LocalGet(local), eq, I::Select]
}
