//! Types of arrays.

use super::super::ffi::{guard, put};
use super::super::wasm::engine::wasm_engine_t;
use super::gctypes::{intern, wasmtime_field_type_t};
use crate::runtime::Engine;
use crate::wasm::{CompositeType, FieldType, TypeId};
use std::mem::MaybeUninit;

/// The type of an array in one engine. Immutable; may be used from several threads.
#[derive(Clone)]
pub struct wasmtime_array_type_t {
    engine: Engine,
    id: TypeId,
    element: FieldType,
}

impl wasmtime_array_type_t {
    /// The type with this number; `None` if it is none of an array.
    pub(super) fn of(engine: &Engine, id: TypeId) -> Option<Box<wasmtime_array_type_t>> {
        let element = *engine.sub_type(id)?.as_array()?;
        Some(Box::new(wasmtime_array_type_t { engine: engine.clone(), id, element }))
    }

    pub(super) fn id(&self, engine: &Engine) -> Option<TypeId> {
        self.engine.same(engine).then_some(self.id)
    }
}

/// The type of arrays with such elements; `field` stays the caller's. Owned by the caller. NULL if its type
/// belongs to another engine.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_array_type_new(
    engine: Option<&wasm_engine_t>,
    field: Option<&wasmtime_field_type_t>,
) -> Option<Box<wasmtime_array_type_t>> {
    guard(|| {
        let engine = engine?.engine();
        let element = field?.field(engine)?;
        let id = intern(engine, CompositeType::Array(element))?;
        Some(Box::new(wasmtime_array_type_t { engine: engine.clone(), id, element }))
    })
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_array_type_copy(ty: Option<&wasmtime_array_type_t>) -> Option<Box<wasmtime_array_type_t>> {
    guard(|| ty.map(|ty| Box::new(ty.clone())))
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_array_type_delete(ty: Option<Box<wasmtime_array_type_t>>) {
    guard(|| drop(ty));
}

/// Writes what the elements are, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_array_type_element(
    ty: Option<&wasmtime_array_type_t>,
    out: Option<&mut MaybeUninit<wasmtime_field_type_t>>,
) {
    guard(|| ty.map(|ty| put(out, wasmtime_field_type_t::new(&ty.element, &ty.engine))).unwrap_or_default());
}
