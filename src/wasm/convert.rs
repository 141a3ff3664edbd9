//! From wasmparser's types to ours. Concrete heap types keep the module's type index.

use super::features::Proposal;
use super::types::*;
use crate::base::{Error, ErrorKind, Result};
use wasmparser::{AbstractHeapType, CompositeInnerType, SubType, UnpackedIndex};

pub(crate) fn val_type(ty: wasmparser::ValType) -> Result<ValType> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(r) => ValType::Ref(ref_type(r)?),
    })
}

pub(super) fn ref_type(ty: wasmparser::RefType) -> Result<RefType> {
    Ok(RefType { nullable: ty.is_nullable(), heap: heap_type(ty.heap_type())? })
}

/// Refuses types of proposals that the validator knows and we cannot run.
pub(crate) fn heap_type(ty: wasmparser::HeapType) -> Result<HeapType> {
    use wasmparser::HeapType as H;
    match ty {
        H::Abstract { shared: true, .. } => Err(Proposal::SharedEverythingThreads.unsupported("shared heap type")),
        H::Abstract { shared: false, ty } => abstract_heap_type(ty),
        H::Concrete(UnpackedIndex::Module(i)) => Ok(HeapType::ConcreteFunc(i)),
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
        A::Any | A::None | A::Eq | A::Struct | A::Array | A::I31 => unsupported(Proposal::Gc),
        A::Exn => Ok(HeapType::Exn),
        A::NoExn => Ok(HeapType::NoExn),
        A::Cont | A::NoCont => unsupported(Proposal::StackSwitching),
    }
}

/// A type section entry; anything but a plain function type needs GC.
pub(super) fn func_type(ty: &SubType) -> Result<FuncType> {
    if ty.composite_type.shared {
        return Err(Proposal::SharedEverythingThreads.unsupported("shared type"));
    }
    if !ty.is_final || !ty.supertype_idxs.is_empty() {
        return Err(Proposal::Gc.unsupported("type with subtypes"));
    }
    match &ty.composite_type.inner {
        CompositeInnerType::Func(f) => Ok(FuncType {
            params: f.params().iter().map(|&t| val_type(t)).collect::<Result<_>>()?,
            results: f.results().iter().map(|&t| val_type(t)).collect::<Result<_>>()?,
        }),
        CompositeInnerType::Struct(_) => Err(Proposal::Gc.unsupported("struct type")),
        CompositeInnerType::Array(_) => Err(Proposal::Gc.unsupported("array type")),
        CompositeInnerType::Cont(_) => Err(Proposal::StackSwitching.unsupported("continuation type")),
    }
}

pub(super) fn table_type(ty: &wasmparser::TableType) -> Result<TableType> {
    if ty.shared {
        return Err(Proposal::SharedEverythingThreads.unsupported("shared table"));
    }
    Ok(TableType {
        element: ref_type(ty.element_type)?,
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

pub(super) fn global_type(ty: &wasmparser::GlobalType) -> Result<GlobalType> {
    if ty.shared {
        return Err(Proposal::SharedEverythingThreads.unsupported("shared global"));
    }
    Ok(GlobalType { content: val_type(ty.content_type)?, mutable: ty.mutable })
}
