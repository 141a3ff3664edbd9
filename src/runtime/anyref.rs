//! References of the `any` hierarchy as the host holds them, and the objects behind them.

use super::externref::ExternRef;
use super::func::wrong_store;
use super::store::Store;
use super::value::Val;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::*;
use crate::vm::gc::{ExternTable, Heap};
use crate::wasm::{FieldType, HeapType, StorageType, SubType, TypeId};
use std::sync::Arc;

/// A rooted reference that is not null: what it refers to lives at least as long as this root, and may move meanwhile.
pub struct AnyRef {
    handle: u32,
    store_id: u64,
    table: Arc<ExternTable>,
}

impl AnyRef {
    /// The i31 with the low 31 bits of `value`.
    pub fn i31(store: &Store, value: i32) -> AnyRef {
        let handle = (value as u32) << 1 | REF_I31_BIT;
        AnyRef { handle, store_id: store.id(), table: store.externs().clone() }
    }

    /// Makes a root for a reference that machine code gave; `None` for null or one that means nothing.
    pub fn from_raw(store: &Store, raw: u32) -> Option<AnyRef> {
        let table = store.externs();
        let handle = table.hold(raw).ok()??;
        Some(AnyRef { handle, store_id: store.id(), table: table.clone() })
    }

    /// The reference as machine code sees it; valid until the next collection. Never 0.
    pub fn raw(&self) -> u32 {
        self.table.raw(self.handle)
    }

    /// Handle, store and table, for by-value handles of the C ABI. The root lives on until [`AnyRef::from_parts`]
    /// takes it back.
    pub fn into_parts(self) -> (u32, u64, Arc<ExternTable>) {
        self.table.root(self.handle); // pays for the root that the drop of `self` takes away
        (self.handle, self.store_id, self.table.clone())
    }

    /// The inverse of [`AnyRef::into_parts`].
    pub fn from_parts(handle: u32, store_id: u64, table: Arc<ExternTable>) -> AnyRef {
        AnyRef { handle, store_id, table }
    }

    /// The same reference in the `extern` family, as `extern.convert_any` makes it.
    pub fn into_extern(self) -> ExternRef {
        let (handle, store_id, table) = self.into_parts();
        ExternRef::from_parts(handle, store_id, table)
    }

    pub fn store_id(&self) -> u64 {
        self.store_id
    }

    pub(super) fn check_store(&self, store: &Store) -> Result<()> {
        if self.store_id == store.id() { Ok(()) } else { Err(wrong_store("anyref")) }
    }

    pub fn is_i31(&self) -> bool {
        self.handle & REF_I31_BIT != 0
    }

    /// The value of an i31, sign extended.
    pub fn as_i31(&self) -> Option<i32> {
        self.is_i31().then_some(self.handle as i32 >> 1)
    }

    /// The type of the object; `None` if it is no object.
    pub fn type_id(&self, store: &Store) -> Result<Option<TypeId>> {
        self.check_store(store)?;
        let raw = self.raw();
        if raw & REF_KIND_MASK != REF_KIND_OBJECT {
            return Ok(None);
        }
        store.with_heap(|heap| heap.type_of(raw)).map(|id| Some(TypeId(id)))
    }

    fn object_type(&self, store: &Store) -> Result<Option<(TypeId, SubType)>> {
        let Some(id) = self.type_id(store)? else { return Ok(None) };
        Ok(store.engine().sub_type(id).map(|ty| (id, ty)))
    }

    /// The most precise type that is known of it.
    pub fn heap_type(&self, store: &Store) -> Result<HeapType> {
        if self.is_i31() {
            return Ok(HeapType::I31);
        }
        Ok(match self.object_type(store)? {
            Some((id, ty)) if ty.as_struct().is_some() => HeapType::ConcreteStruct(id.0),
            Some((id, _)) => HeapType::ConcreteArray(id.0),
            None => HeapType::Any,
        })
    }

    pub fn is_struct(&self, store: &Store) -> Result<bool> {
        Ok(matches!(self.heap_type(store)?, HeapType::ConcreteStruct(_)))
    }

    pub fn is_array(&self, store: &Store) -> Result<bool> {
        Ok(matches!(self.heap_type(store)?, HeapType::ConcreteArray(_)))
    }

    /// Whether it compares with `ref.eq`: an i31, a struct or an array.
    pub fn is_eq(&self, store: &Store) -> Result<bool> {
        Ok(self.heap_type(store)? != HeapType::Any)
    }

    pub fn as_struct(&self, store: &Store) -> Result<Option<StructRef>> {
        Ok(self.is_struct(store)?.then(|| StructRef(self.clone())))
    }

    pub fn as_array(&self, store: &Store) -> Result<Option<ArrayRef>> {
        Ok(self.is_array(store)?.then(|| ArrayRef(self.clone())))
    }

    /// Whether both are the same reference.
    pub fn same(&self, other: &AnyRef) -> bool {
        self.store_id == other.store_id && self.raw() == other.raw()
    }
}

impl Clone for AnyRef {
    fn clone(&self) -> Self {
        // A second root of one object, counted in the same entry.
        self.table.root(self.handle);
        AnyRef { handle: self.handle, store_id: self.store_id, table: self.table.clone() }
    }
}

impl Drop for AnyRef {
    fn drop(&mut self) {
        self.table.unroot(self.handle);
    }
}

impl std::fmt::Debug for AnyRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnyRef({:#x} of store {})", self.raw(), self.store_id)
    }
}

/// A reference to a struct.
#[derive(Clone, Debug)]
pub struct StructRef(AnyRef);

/// A reference to an array.
#[derive(Clone, Debug)]
pub struct ArrayRef(AnyRef);

fn type_of(store: &Store, id: TypeId) -> Result<SubType> {
    let ty = store.engine().sub_type(id);
    ty.ok_or_else(|| Error::new(ErrorKind::Type, format!("type number {} is not known to this engine", id.0)))
}

fn not_a(what: &str) -> Error {
    Error::new(ErrorKind::Type, format!("type mismatch: expected {what} type"))
}

/// Allocates room for an object whose first eight bytes are `head`.
fn allocate(store: &Store, heap: &Heap, bytes: u64, head: (u32, Option<u32>)) -> Result<AnyRef> {
    let raw = heap.alloc(bytes)?;
    heap.write(raw, OBJECT_TYPE as u32, 4, head.0.into())?;
    if let Some(len) = head.1 {
        heap.write(raw, ARRAY_LEN as u32, 4, len.into())?;
    }
    AnyRef::from_raw(store, raw).ok_or_else(|| Error::internal("a new object cannot be held"))
}

fn write(heap: &Heap, object: &AnyRef, offset: u32, field: &FieldType, value: &Val) -> Result<()> {
    heap.write(object.raw(), offset, storage_size(field.storage), value.to_raw().v128())
}

fn read(store: &Store, object: &AnyRef, offset: u32, field: &FieldType) -> Result<Val> {
    let bits = store.with_heap(|heap| heap.read(object.raw(), offset, storage_size(field.storage)))?;
    Ok(match field.storage {
        StorageType::I8 | StorageType::I16 => Val::I32(bits as i32),
        StorageType::Val(ty) => Val::from_raw(store, ValRaw::from_v128(bits), ty),
    })
}

fn check_mutable(field: &FieldType) -> Result<()> {
    if field.mutable { Ok(()) } else { Err(Error::usage("immutable field cannot be set")) }
}

impl StructRef {
    /// A new struct of a type of the store's engine.
    pub fn new(store: &Store, ty: TypeId, fields: &[Val]) -> Result<StructRef> {
        let sub = type_of(store, ty)?;
        let decl = sub.as_struct().ok_or_else(|| not_a("a struct"))?;
        if fields.len() != decl.fields.len() {
            let text = format!("expected {} fields, got {}", decl.fields.len(), fields.len());
            return Err(Error::new(ErrorKind::Type, text));
        }
        for (field, value) in decl.fields.iter().zip(fields) {
            value.check(store, field.storage.unpacked())?;
        }
        let layout = StructLayout::new(decl);
        store.with_heap(|heap| {
            let object = allocate(store, heap, layout.size.into(), (ty.0, None))?;
            for ((field, offset), value) in decl.fields.iter().zip(&layout.offsets).zip(fields) {
                write(heap, &object, *offset, field, value)?;
            }
            Ok(StructRef(object))
        })
    }

    fn place(&self, store: &Store, index: usize) -> Result<(FieldType, u32)> {
        let (_, ty) = self.0.object_type(store)?.ok_or_else(|| not_a("a struct"))?;
        let decl = ty.as_struct().ok_or_else(|| not_a("a struct"))?;
        let field = decl.fields.get(index);
        let field = field.ok_or_else(|| Error::usage(format!("struct has {} fields, not {index}", decl.fields.len())))?;
        Ok((*field, StructLayout::new(decl).offsets[index]))
    }

    /// A field; packed ones are zero extended.
    pub fn get(&self, store: &Store, index: usize) -> Result<Val> {
        let (field, offset) = self.place(store, index)?;
        read(store, &self.0, offset, &field)
    }

    pub fn set(&self, store: &Store, index: usize, value: &Val) -> Result<()> {
        let (field, offset) = self.place(store, index)?;
        check_mutable(&field)?;
        value.check(store, field.storage.unpacked())?;
        store.with_heap(|heap| write(heap, &self.0, offset, &field, value))
    }

    pub fn as_any(&self) -> &AnyRef {
        &self.0
    }

    pub fn into_any(self) -> AnyRef {
        self.0
    }
}

impl ArrayRef {
    /// A new array of `len` elements `init`.
    pub fn new(store: &Store, ty: TypeId, init: &Val, len: u32) -> Result<ArrayRef> {
        ArrayRef::build(store, ty, len, core::slice::from_ref(init))
    }

    /// A new array of these elements.
    pub fn new_fixed(store: &Store, ty: TypeId, elements: &[Val]) -> Result<ArrayRef> {
        let len = crate::base::cast::to_u32(elements.len(), "length of an array")?;
        ArrayRef::build(store, ty, len, elements)
    }

    /// `elements` is one for all or one for each.
    fn build(store: &Store, ty: TypeId, len: u32, elements: &[Val]) -> Result<ArrayRef> {
        let sub = type_of(store, ty)?;
        let element = sub.as_array().ok_or_else(|| not_a("an array"))?;
        elements.iter().try_for_each(|v| v.check(store, element.storage.unpacked()))?;
        let size = storage_size(element.storage);
        store.with_heap(|heap| {
            let object = allocate(store, heap, Heap::array_bytes(size, len), (ty.0, Some(len)))?;
            if let [one] = elements {
                heap.array_fill(object.raw(), 0, len, one.to_raw().v128()).map_err(Error::trap)?;
            } else {
                for (i, value) in (0..len).zip(elements) {
                    write(heap, &object, ARRAY_DATA as u32 + i * size, element, value)?;
                }
            }
            Ok(ArrayRef(object))
        })
    }

    pub fn len(&self, store: &Store) -> Result<u32> {
        self.0.check_store(store)?;
        store.with_heap(|heap| heap.len_of(self.0.raw()))
    }

    pub fn is_empty(&self, store: &Store) -> Result<bool> {
        Ok(self.len(store)? == 0)
    }

    fn place(&self, store: &Store, index: u32) -> Result<(FieldType, u32)> {
        let (_, ty) = self.0.object_type(store)?.ok_or_else(|| not_a("an array"))?;
        let element = *ty.as_array().ok_or_else(|| not_a("an array"))?;
        let len = self.len(store)?;
        if index >= len {
            return Err(Error::usage(format!("array has {len} elements, index {index} is out of bounds")));
        }
        Ok((element, ARRAY_DATA as u32 + index * storage_size(element.storage)))
    }

    /// An element; packed ones are zero extended.
    pub fn get(&self, store: &Store, index: u32) -> Result<Val> {
        let (element, offset) = self.place(store, index)?;
        read(store, &self.0, offset, &element)
    }

    pub fn set(&self, store: &Store, index: u32, value: &Val) -> Result<()> {
        let (element, offset) = self.place(store, index)?;
        check_mutable(&element)?;
        value.check(store, element.storage.unpacked())?;
        store.with_heap(|heap| write(heap, &self.0, offset, &element, value))
    }

    pub fn as_any(&self) -> &AnyRef {
        &self.0
    }

    pub fn into_any(self) -> AnyRef {
        self.0
    }
}

