//! One function: validated, translated and compiled in one pass over its body.

use super::abi;
use super::brief::Effort;
use super::code::Code;
use super::context::Context;
use super::inline::Candidates;
use super::translate::{Module, Operand, Translator};
use crate::base::index::*;
use crate::base::{Error, Result};
use crate::wasm::{Body, invalid, val_type};
use cranelift_codegen::ir::{Function, SourceLoc};
use std::sync::Arc;
use wasmparser::{FuncValidator, Operator, OperatorsReader, ValidatorResources};

type Validator = FuncValidator<ValidatorResources>;

/// A function on its way to code.
pub(super) enum Work<'a> {
    Body(Body<'a>),
    /// Translated before the others because it may be inlined.
    Translated(Arc<Function>, Option<Effort>),
}

/// A function to code.
pub(super) fn compile(
    m: &Module<'_>,
    cx: &mut Context,
    candidates: &Candidates,
    work: Work<'_>,
) -> Result<Code> {
    let effort = match work {
        Work::Body(body) => translate(m, cx, body)?,
        Work::Translated(func, effort) => {
            cx.set_func(Arc::unwrap_or_clone(func));
            effort
        }
    };
    Ok(Code { effort, ..cx.compile_inlining(m, candidates)? })
}

/// A body to IR, kept for later.
pub(super) fn translate_apart(m: &Module<'_>, cx: &mut Context, body: Body<'_>) -> Result<(Arc<Function>, Option<Effort>)> {
    let effort = translate(m, cx, body)?;
    Ok((Arc::new(core::mem::replace(cx.func(), Function::new())), effort))
}

fn translate(m: &Module<'_>, cx: &mut Context, body: Body<'_>) -> Result<Option<Effort>> {
    let func = FuncIndex(body.validate.index);
    let start = body.body.range().start as u32;
    cx.begin(abi::guest_signature(m.info.func_type(func)), Some(start));
    abi::set_stack_limit(cx.func());
    let mut validator = body.validate.into_validator(core::mem::take(&mut cx.validator));
    let mut builder = cx.builder();
    builder.set_srcloc(SourceLoc::new(start)); // for what is checked before the first operator
    let mut t = Translator::new(m, builder, func);
    locals(m, &body.body, &mut validator, &mut t)?;
    operators(&body.body, start, &mut validator, &mut t)?;
    let effort = t.finish();
    cx.validator = validator.into_allocations();
    Ok(effort)
}

fn locals(
    m: &Module<'_>,
    body: &wasmparser::FunctionBody<'_>,
    validator: &mut Validator,
    t: &mut Translator<'_, '_>,
) -> Result<()> {
    let mut reader = body.get_locals_reader().map_err(invalid)?;
    for _ in 0..reader.get_count() {
        let offset = reader.original_position();
        let (count, ty) = reader.read().map_err(invalid)?;
        validator.define_locals(offset, count, ty).map_err(invalid)?;
        t.define_locals(count, val_type(&m.info.types, ty)?);
    }
    Ok(())
}

fn operators(
    body: &wasmparser::FunctionBody<'_>,
    start: u32,
    validator: &mut Validator,
    t: &mut Translator<'_, '_>,
) -> Result<()> {
    let mut reader = body.get_binary_reader_for_operators().map_err(invalid)?;
    reader.set_features(*validator.features());
    let mut reader = OperatorsReader::new(reader);
    while !reader.eof() {
        let offset = reader.original_position();
        let op = reader.read().map_err(invalid)?;
        t.note_operand(operand(validator, &op));
        validator.op(offset, &op).map_err(invalid)?;
        let offset = offset as u32;
        t.operator(&op, offset, offset - start).map_err(|e| at(e, offset))?;
    }
    reader.finish().map_err(invalid)?;
    if !t.is_done() {
        return Err(Error::internal("a valid function body did not end its function"));
    }
    Ok(())
}

/// The static type of the reference that the operator looks into.
fn operand(validator: &Validator, op: &Operator<'_>) -> Option<Operand> {
    use Operator::*;
    let depth = match op {
        StructGet { .. } | StructGetS { .. } | StructGetU { .. } | ArrayLen | I31GetS | I31GetU => 0,
        RefTestNonNull { .. } | RefTestNullable { .. } | RefCastNonNull { .. } | RefCastNullable { .. } => 0,
        StructSet { .. } | ArrayGet { .. } | ArrayGetS { .. } | ArrayGetU { .. } => 1,
        ArraySet { .. } => 2,
        _ => return None,
    };
    match validator.get_operand_type(depth) {
        Some(Some(wasmparser::ValType::Ref(ty))) => {
            // Concrete types have the validator's own numbers here: it is enough that they are concrete.
            let concrete = matches!(ty.heap_type(), wasmparser::HeapType::Concrete(_));
            Some(Operand { nullable: ty.is_nullable(), concrete })
        }
        _ => None,
    }
}

/// Adds the position to an error of the translator, in the validator's style.
#[cold]
fn at(e: Error, offset: u32) -> Error {
    if e.offset().is_some() {
        return e;
    }
    Error::new(e.kind(), format!("{e} (at offset {offset:#x})")).at(offset as usize)
}
