//! Signatures and value types of machine code; the counterpart of `layout::abi` in Cranelift's terms.

use crate::base::TrapCode;
use crate::image::LibCall;
use crate::layout::{Arg, Builtin, off};
use crate::wasm::{FuncType, ValType};
use cranelift_codegen::ir::{self, AbiParam, ArgumentPurpose, Signature, Type, types::*};
use cranelift_codegen::isa::CallConv;

/// Convention of guest functions, the one place that chooses it.
pub(super) const GUEST: CallConv = CallConv::Tail;
/// Convention of thunks and entry trampolines.
pub(super) const HOST: CallConv = CallConv::SystemV;

/// How a value of this type is kept in machine code. Vectors have one canonical lane type.
pub(super) fn clif_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => I32,
        ValType::I64 => I64,
        ValType::F32 => F32,
        ValType::F64 => F64,
        ValType::V128 => I8X16,
        ValType::Ref(_) if ty.is_funcref() => I64,
        ValType::Ref(_) => I32,
    }
}

/// `(vmctx, exec, params...) -> results...`.
pub(super) fn guest_signature(ty: &FuncType) -> Signature {
    let mut sig = Signature::new(GUEST);
    sig.params.push(AbiParam::new(I64));
    sig.params.push(AbiParam::special(I64, ArgumentPurpose::VMContext));
    sig.params.extend(ty.params.iter().map(|&t| AbiParam::new(clif_type(t))));
    sig.returns.extend(ty.results.iter().map(|&t| AbiParam::new(clif_type(t))));
    sig
}

/// A host signature of integers.
pub(super) fn host_signature(params: &[Type], result: Option<Type>) -> Signature {
    let mut sig = Signature::new(HOST);
    sig.params.extend(params.iter().map(|&t| AbiParam::new(t)));
    sig.returns.extend(result.map(AbiParam::new));
    sig
}

fn arg_type(arg: Arg) -> Type {
    match arg {
        Arg::I32 => I32,
        Arg::I64 | Arg::Ptr => I64,
    }
}

/// `(vmctx, exec, args...)`.
pub(super) fn builtin_signature(b: Builtin) -> Signature {
    let mut params = vec![I64, I64];
    params.extend(b.args().iter().map(|&a| arg_type(a)));
    let mut sig = host_signature(&params, b.result().map(arg_type));
    if b.preserves_registers() {
        sig.call_conv = CallConv::PreserveAll;
    }
    sig
}

/// What a module's stub for a function of the library takes.
pub(super) fn stub_signature(call: LibCall, params: &[Type]) -> Signature {
    let mut sig = host_signature(params, None);
    if call == LibCall::NewEpoch {
        sig.call_conv = CallConv::PreserveAll;
    }
    sig
}

/// Makes the prologue compare the stack pointer with `exec.stack_limit`.
pub(super) fn set_stack_limit(func: &mut ir::Function) {
    let exec = func.create_global_value(ir::GlobalValueData::VMContext);
    let flags = func.dfg.mem_flags.insert_unchecked(ir::MemFlagsData::trusted());
    let limit = func.create_global_value(ir::GlobalValueData::Load {
        base: exec,
        offset: off::EXEC_STACK_LIMIT.into(),
        global_type: I64,
        flags,
    });
    func.stack_limit = Some(limit);
}

/// Cranelift's code for one of our traps; its own numbers must not be zero.
pub(super) fn trap_code(code: TrapCode) -> ir::TrapCode {
    ir::TrapCode::unwrap_user(code.as_u8() + 1)
}

/// The way back, for codes that Cranelift makes by itself too.
pub(super) fn trap_from(code: ir::TrapCode) -> Option<TrapCode> {
    match code {
        ir::TrapCode::STACK_OVERFLOW => Some(TrapCode::StackOverflow),
        ir::TrapCode::INTEGER_OVERFLOW => Some(TrapCode::IntegerOverflow),
        ir::TrapCode::INTEGER_DIVISION_BY_ZERO => Some(TrapCode::IntegerDivisionByZero),
        ir::TrapCode::BAD_CONVERSION_TO_INTEGER => Some(TrapCode::BadConversionToInteger),
        ir::TrapCode::HEAP_OUT_OF_BOUNDS => Some(TrapCode::MemoryOutOfBounds),
        user => TrapCode::from_u8(user.as_raw().get() - 1),
    }
}
