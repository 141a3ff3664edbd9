//! Types of exceptions: a tag type, seen from the side of its values.

use super::super::ffi::{CVec, guard, guard_err, need, put};
use super::super::wasm::Home;
use super::super::wasm::engine::wasm_engine_t;
use super::super::wasm::functype::wasm_functype_t;
use super::super::wasm::tagtype::{wasm_tagtype_new, wasm_tagtype_t};
use super::super::wasm::valtype::wasm_valtype_vec_t;
use super::error::wasmtime_error_t;
use crate::runtime::Engine;
use crate::wasm::FuncType;
use std::mem::MaybeUninit;

/// The type of an exception in one engine. Immutable; may be used from several threads.
#[derive(Clone)]
pub struct wasmtime_exn_type_t {
    engine: Engine,
    ty: FuncType,
}

impl wasmtime_exn_type_t {
    pub(super) fn boxed(engine: &Engine, ty: FuncType) -> Box<wasmtime_exn_type_t> {
        Box::new(wasmtime_exn_type_t { engine: engine.clone(), ty })
    }
}

/// The tag type as an object, owned by the caller.
pub(super) fn tagtype(engine: &Engine, ty: &FuncType) -> Option<Box<wasm_tagtype_t>> {
    wasm_tagtype_new(wasm_functype_t::boxed(ty.clone(), &Home::of(engine)))
}

/// The type of exceptions that carry such values, written to `out` and owned by the caller; `params` stays the
/// caller's.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exn_type_new(
    engine: Option<&wasm_engine_t>,
    params: Option<&wasm_valtype_vec_t>,
    out: Option<&mut MaybeUninit<Option<Box<wasmtime_exn_type_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let engine = need(engine, "engine")?.engine();
        let mut types = Vec::new();
        for param in need(params, "params")?.as_slice() {
            let param = need(param.as_deref(), "params")?;
            param.home().check(engine)?;
            types.push(param.ty());
        }
        let ty = FuncType { params: types.into(), ..FuncType::default() };
        put(out, Some(wasmtime_exn_type_t::boxed(engine, ty)));
        Ok(())
    })
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exn_type_copy(ty: Option<&wasmtime_exn_type_t>) -> Option<Box<wasmtime_exn_type_t>> {
    guard(|| ty.map(|ty| Box::new(ty.clone())))
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exn_type_delete(ty: Option<Box<wasmtime_exn_type_t>>) {
    guard(|| drop(ty));
}

/// The tag type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_exn_type_tag_type(ty: Option<&wasmtime_exn_type_t>) -> Option<Box<wasm_tagtype_t>> {
    guard(|| {
        let ty = ty?;
        tagtype(&ty.engine, &ty.ty)
    })
}
