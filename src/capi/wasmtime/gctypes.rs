//! Types of structs, with the fields and storage that arrays share.

use super::super::ffi::{CBool, guard, guard_some, own, put, slice, truth};
use super::super::wasm::Home;
use super::super::wasm::engine::wasm_engine_t;
use super::super::wasm::valtype::wasm_valtype_t;
use crate::runtime::Engine;
use crate::wasm::{CompositeType, FieldType, StorageType, StructType, SubType, TypeId};
use std::mem::MaybeUninit;
use std::ptr;

/// How a field is stored: one of the `WASMTIME_STORAGE_TYPE_KIND_` numbers.
pub type wasmtime_storage_type_kind_t = u8;

/// A byte.
pub const WASMTIME_STORAGE_TYPE_KIND_I8: u8 = 0;
/// Two bytes.
pub const WASMTIME_STORAGE_TYPE_KIND_I16: u8 = 1;
/// A value of the type `valtype`.
pub const WASMTIME_STORAGE_TYPE_KIND_VALTYPE: u8 = 2;

/// How a field is stored; `valtype` is owned and has a meaning for that kind only.
#[repr(C)]
pub struct wasmtime_storage_type_t {
    pub kind: wasmtime_storage_type_kind_t,
    pub valtype: *mut wasm_valtype_t,
}

/// A field of a struct, or the elements of an array.
#[repr(C)]
#[derive(Clone)]
pub struct wasmtime_field_type_t {
    pub mutable_: CBool,
    pub storage: wasmtime_storage_type_t,
}

/// The type of a struct in one engine. Immutable; may be used from several threads.
#[derive(Clone)]
pub struct wasmtime_struct_type_t {
    engine: Engine,
    id: TypeId,
    fields: Box<[FieldType]>,
}

impl wasmtime_storage_type_t {
    fn valtype(&self) -> Option<&wasm_valtype_t> {
        let holds = self.kind == WASMTIME_STORAGE_TYPE_KIND_VALTYPE;
        // SAFETY: with this kind the pointer is NULL or a value type that the struct owns.
        holds.then(|| unsafe { self.valtype.as_ref() }).flatten()
    }

    fn storage(&self, engine: &Engine) -> Option<StorageType> {
        Some(match self.kind {
            WASMTIME_STORAGE_TYPE_KIND_I8 => StorageType::I8,
            WASMTIME_STORAGE_TYPE_KIND_I16 => StorageType::I16,
            _ => {
                let ty = self.valtype()?;
                ty.home().check(engine).ok()?;
                StorageType::Val(ty.ty())
            }
        })
    }
}

impl Clone for wasmtime_storage_type_t {
    fn clone(&self) -> Self {
        let valtype = self.valtype().map_or(ptr::null_mut(), |t| Box::into_raw(Box::new(t.clone())));
        wasmtime_storage_type_t { kind: self.kind, valtype }
    }
}

impl Drop for wasmtime_storage_type_t {
    fn drop(&mut self) {
        if self.valtype().is_some() {
            // SAFETY: a value type that the struct owns, not used again.
            drop(unsafe { own(std::mem::replace(&mut self.valtype, ptr::null_mut())) });
        }
    }
}

impl wasmtime_field_type_t {
    pub(super) fn new(field: &FieldType, engine: &Engine) -> wasmtime_field_type_t {
        let plain = |kind| wasmtime_storage_type_t { kind, valtype: ptr::null_mut() };
        let storage = match field.storage {
            StorageType::I8 => plain(WASMTIME_STORAGE_TYPE_KIND_I8),
            StorageType::I16 => plain(WASMTIME_STORAGE_TYPE_KIND_I16),
            StorageType::Val(ty) => {
                let valtype = Box::into_raw(Box::new(wasm_valtype_t::new(ty, &Home::of(engine))));
                wasmtime_storage_type_t { kind: WASMTIME_STORAGE_TYPE_KIND_VALTYPE, valtype }
            }
        };
        wasmtime_field_type_t { mutable_: CBool::from(field.mutable), storage }
    }

    pub(super) fn field(&self, engine: &Engine) -> Option<FieldType> {
        Some(FieldType { storage: self.storage.storage(engine)?, mutable: truth(self.mutable_) })
    }
}

/// The number of a type that nothing extends.
pub(super) fn intern(engine: &Engine, composite: CompositeType) -> Option<TypeId> {
    engine.intern_type(&SubType { is_final: true, supertype: None, composite }).ok()
}

impl wasmtime_struct_type_t {
    /// The type with this number; `None` if it is none of a struct.
    pub(super) fn of(engine: &Engine, id: TypeId) -> Option<Box<wasmtime_struct_type_t>> {
        let fields = engine.sub_type(id)?.as_struct()?.fields.clone();
        Some(Box::new(wasmtime_struct_type_t { engine: engine.clone(), id, fields }))
    }

    pub(super) fn id(&self, engine: &Engine) -> Option<TypeId> {
        self.engine.same(engine).then_some(self.id)
    }
}

/// Writes a copy, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_storage_type_clone(
    storage: Option<&wasmtime_storage_type_t>,
    out: Option<&mut MaybeUninit<wasmtime_storage_type_t>>,
) {
    guard(|| storage.map(|s| put(out, s.clone())).unwrap_or_default());
}

/// Frees what the storage holds, not the struct; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_storage_type_delete(storage: Option<&mut wasmtime_storage_type_t>) {
    guard(|| {
        let Some(storage) = storage else { return };
        *storage = wasmtime_storage_type_t { kind: storage.kind, valtype: ptr::null_mut() };
    });
}

/// Writes a copy, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_field_type_clone(
    field: Option<&wasmtime_field_type_t>,
    out: Option<&mut MaybeUninit<wasmtime_field_type_t>>,
) {
    guard(|| field.map(|f| put(out, f.clone())).unwrap_or_default());
}

/// Frees what the field holds, not the struct; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_field_type_delete(field: Option<&mut wasmtime_field_type_t>) {
    wasmtime_storage_type_delete(field.map(|f| &mut f.storage));
}

/// The type of structs with these fields, which stay the caller's; owned by the caller. NULL if a field's type
/// belongs to another engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_struct_type_new(
    engine: Option<&wasm_engine_t>,
    fields: *const wasmtime_field_type_t,
    nfields: usize,
) -> Option<Box<wasmtime_struct_type_t>> {
    guard(|| {
        let engine = engine?.engine();
        // SAFETY: the caller gives an array of this length.
        let fields = unsafe { slice(fields, nfields) }.ok()?;
        let fields: Box<[FieldType]> = fields.iter().map(|f| f.field(engine)).collect::<Option<_>>()?;
        let id = intern(engine, CompositeType::Struct(StructType { fields: fields.clone() }))?;
        Some(Box::new(wasmtime_struct_type_t { engine: engine.clone(), id, fields }))
    })
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_struct_type_copy(
    ty: Option<&wasmtime_struct_type_t>,
) -> Option<Box<wasmtime_struct_type_t>> {
    guard(|| ty.map(|ty| Box::new(ty.clone())))
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_struct_type_delete(ty: Option<Box<wasmtime_struct_type_t>>) {
    guard(|| drop(ty));
}

/// How many fields there are.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_struct_type_num_fields(ty: Option<&wasmtime_struct_type_t>) -> usize {
    guard_some(|| Some(ty?.fields.len()))
}

/// Writes a field, owned by the caller, to `out`; false if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_struct_type_field(
    ty: Option<&wasmtime_struct_type_t>,
    index: usize,
    out: Option<&mut MaybeUninit<wasmtime_field_type_t>>,
) -> bool {
    guard_some(|| {
        let ty = ty?;
        put(out, wasmtime_field_type_t::new(ty.fields.get(index)?, &ty.engine));
        Some(true)
    })
}
