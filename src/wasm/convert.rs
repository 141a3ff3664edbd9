//! From wasmparser's types to ours. Concrete heap types keep the module's type index; which kind of type that is, the
//! module's types tell, which must be known, in outline at least, before anything refers to them.

use super::features::Proposal;
use super::composite::*;
use super::types::*;
use crate::base::index::{Map, TypeIndex};
use crate::base::{Error, ErrorKind, Result};
use wasmparser::{AbstractHeapType, CompositeInnerType, UnpackedIndex};

/// The module's types.
type Types = Map<TypeIndex, SubType>;

pub(crate) fn val_type(types: &Types, ty: wasmparser::ValType) -> Result<ValType> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(r) => ValType::Ref(ref_type(types, r)?),
    })
}

pub(crate) fn ref_type(types: &Types, ty: wasmparser::RefType) -> Result<RefType> {
    Ok(RefType { nullable: ty.is_nullable(), heap: heap_type(types, ty.heap_type())? })
}

/// Refuses types of proposals that the validator knows and we cannot run.
pub(crate) fn heap_type(types: &Types, ty: wasmparser::HeapType) -> Result<HeapType> {
    use wasmparser::HeapType as H;
    match ty {
        H::Abstract { shared: true, .. } => Err(Proposal::SharedEverythingThreads.unsupported("shared heap type")),
        H::Abstract { shared: false, ty } => abstract_heap_type(ty),
        H::Concrete(UnpackedIndex::Module(i)) => match types.get(TypeIndex(i)).map(|t| &t.composite) {
            Some(CompositeType::Func(_)) => Ok(HeapType::ConcreteFunc(i)),
            Some(CompositeType::Struct(_)) => Ok(HeapType::ConcreteStruct(i)),
            Some(CompositeType::Array(_)) => Ok(HeapType::ConcreteArray(i)),
            None => Err(Error::internal(format!("heap type refers to type {i}, which is missing"))),
        },
        H::Concrete(_) => Err(Error::internal("heap type with an index that is not the module's")),
        H::Exact(_) => Err(Error::new(ErrorKind::Unsupported, "exact heap type: custom descriptors are not supported")),
    }
}

fn abstract_heap_type(ty: AbstractHeapType) -> Result<HeapType> {
    use AbstractHeapType as A;
    let unsupported = |p: Proposal| Err(p.unsupported(format_args!("heap type {ty:?}")));
    match ty {
        A::Func => Ok(HeapType::Func),
        A::NoFunc => Ok(HeapType::NoFunc),
        A::Extern => Ok(HeapType::Extern),
        A::NoExtern => Ok(HeapType::NoExtern),
        A::Any => Ok(HeapType::Any),
        A::None => Ok(HeapType::None),
        A::Eq => Ok(HeapType::Eq),
        A::Struct => Ok(HeapType::Struct),
        A::Array => Ok(HeapType::Array),
        A::I31 => Ok(HeapType::I31),
        A::Exn => Ok(HeapType::Exn),
        A::NoExn => Ok(HeapType::NoExn),
        A::Cont | A::NoCont => unsupported(Proposal::StackSwitching),
    }
}

/// A type section entry in outline: its kind is right, what it refers to is left out.
pub(super) fn outline(ty: &wasmparser::SubType) -> Result<SubType> {
    if ty.composite_type.shared {
        return Err(Proposal::SharedEverythingThreads.unsupported("shared type"));
    }
    let composite = match &ty.composite_type.inner {
        CompositeInnerType::Func(_) => CompositeType::Func(FuncType::default()),
        CompositeInnerType::Struct(_) => CompositeType::Struct(StructType::default()),
        CompositeInnerType::Array(_) => {
            CompositeType::Array(FieldType { storage: StorageType::I8, mutable: false })
        }
        CompositeInnerType::Cont(_) => return Err(Proposal::StackSwitching.unsupported("continuation type")),
    };
    Ok(SubType { is_final: ty.is_final, supertype: None, composite })
}

/// A type section entry; `types` has at least the outlines of all that it may refer to.
pub(super) fn sub_type(types: &Types, ty: &wasmparser::SubType) -> Result<SubType> {
    let vals = |all: &[wasmparser::ValType]| all.iter().map(|&t| val_type(types, t)).collect::<Result<Box<[_]>>>();
    let composite = match &ty.composite_type.inner {
        CompositeInnerType::Func(f) => {
            CompositeType::Func(FuncType { params: vals(f.params())?, results: vals(f.results())? })
        }
        CompositeInnerType::Struct(s) => {
            CompositeType::Struct(StructType { fields: s.fields.iter().map(|f| field_type(types, f)).collect::<Result<_>>()? })
        }
        CompositeInnerType::Array(a) => CompositeType::Array(field_type(types, &a.0)?),
        CompositeInnerType::Cont(_) => return Err(Proposal::StackSwitching.unsupported("continuation type")),
    };
    let supertype = match ty.supertype_idxs.first().map(|i| i.unpack()) {
        None => None,
        Some(UnpackedIndex::Module(i)) => Some(i),
        Some(_) => return Err(Error::internal("supertype with an index that is not the module's")),
    };
    Ok(SubType { is_final: ty.is_final, supertype, composite })
}

fn field_type(types: &Types, ty: &wasmparser::FieldType) -> Result<FieldType> {
    let storage = match ty.element_type {
        wasmparser::StorageType::I8 => StorageType::I8,
        wasmparser::StorageType::I16 => StorageType::I16,
        wasmparser::StorageType::Val(t) => StorageType::Val(val_type(types, t)?),
    };
    Ok(FieldType { storage, mutable: ty.mutable })
}

pub(super) fn table_type(types: &Types, ty: &wasmparser::TableType) -> Result<TableType> {
    if ty.shared {
        return Err(Proposal::SharedEverythingThreads.unsupported("shared table"));
    }
    Ok(TableType {
        element: ref_type(types, ty.element_type)?,
        table64: ty.table64,
        min: ty.initial,
        max: ty.maximum,
    })
}

pub(super) fn memory_type(ty: &wasmparser::MemoryType) -> MemoryType {
    MemoryType {
        memory64: ty.memory64,
        shared: ty.shared,
        // The validator allows 0 and 16 only.
        page_size_log2: ty.page_size_log2.map_or(16, |p| p as u8),
        min: ty.initial,
        max: ty.maximum,
    }
}

pub(super) fn global_type(types: &Types, ty: &wasmparser::GlobalType) -> Result<GlobalType> {
    if ty.shared {
        return Err(Proposal::SharedEverythingThreads.unsupported("shared global"));
    }
    Ok(GlobalType { content: val_type(types, ty.content_type)?, mutable: ty.mutable })
}
