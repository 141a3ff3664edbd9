//! Garbage-collected objects as machine code and collector see them.
//!
//! A reference is 32 bits. 0 is null; an odd number is an `i31`, shifted left by one. Otherwise the low three bits tell:
//! 000 an object of the store's heap, by its offset in bytes from the heap's base; 010 an external reference and
//! 110 an exception, both by their number in a table, shifted left by three. So a value keeps its form when it moves
//! between the `any` and the `extern` hierarchy.
//!
//! An object begins with its [`TypeId`](crate::wasm::TypeId). A struct's fields follow in order, each at its natural alignment (eight at most),
//! so that a subtype's layout begins with its supertype's. An array has its length, then its elements. Sizes are
//! multiples of eight, and at least eight: a moved object's second word says where it went.

use crate::wasm::{FieldType, StorageType, StructType, ValType};
use core::mem::offset_of;
use core::sync::atomic::AtomicU32;

/// Low bits that tell kinds of reference apart, once null and `i31` are ruled out.
pub const REF_KIND_MASK: u32 = 7;
pub const REF_KIND_OBJECT: u32 = 0;
pub const REF_KIND_EXTERN: u32 = 2;
pub const REF_KIND_EXN: u32 = 6;
/// Set in an `i31`.
pub const REF_I31_BIT: u32 = 1;

/// Inaccessible bytes at the base of a heap: the field of a null object faults if its offset is smaller.
pub const GC_NULL_GUARD: u32 = 64 << 10;
/// Offset of an object's type id.
pub const OBJECT_TYPE: i32 = 0;
/// Offset of an array's length.
pub const ARRAY_LEN: i32 = 4;
/// Offset of an array's first element.
pub const ARRAY_DATA: i32 = 8;
/// In place of a type id: the object has moved, and the next word is its new offset.
pub const OBJECT_MOVED: u32 = u32::MAX;
/// Objects of more bytes are allocated by the builtin only; smaller ones cannot make the bump pointer overflow.
pub const GC_INLINE_MAX: u32 = 32 << 10;

/// Bytes that a field takes.
pub fn storage_size(ty: StorageType) -> u32 {
    match ty {
        StorageType::I8 => 1,
        StorageType::I16 => 2,
        StorageType::Val(ValType::I32 | ValType::F32) => 4,
        StorageType::Val(ValType::I64 | ValType::F64) => 8,
        StorageType::Val(ValType::V128) => 16,
        StorageType::Val(ty) => if ty.is_funcref() { 8 } else { 4 },
    }
}

/// Whether the collector has to look at a field.
pub fn storage_is_ref(ty: StorageType) -> bool {
    matches!(ty, StorageType::Val(ty) if ty.is_gc_ref())
}

/// Offsets of a struct's fields, and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructLayout {
    pub offsets: Box<[u32]>,
    /// Bytes, header included; a multiple of eight.
    pub size: u32,
}

impl StructLayout {
    /// The validator allows 10,000 fields.
    pub fn new(ty: &StructType) -> StructLayout {
        let mut at = 4;
        let mut place = |f: &FieldType| {
            let size = storage_size(f.storage);
            let align = size.min(8);
            let here = (at + align - 1) & !(align - 1);
            at = here + size;
            here
        };
        let offsets = ty.fields.iter().map(&mut place).collect();
        StructLayout { offsets, size: (at + 7) & !7 }
    }
}

/// Supertypes that a type record has room for; deeper hierarchies ask a builtin.
pub const DISPLAY: usize = 8;

/// What kind of type a [`VmType`] describes.
pub const KIND_FUNC: u32 = 0;
pub const KIND_STRUCT: u32 = 1;
pub const KIND_ARRAY: u32 = 2;
/// A struct whose references do not fit into [`VmType::refs`].
pub const KIND_LARGE_STRUCT: u32 = 5;
/// Set in the kinds of structs.
pub const KIND_STRUCT_BIT: u32 = 1;

/// A type of the engine, in a table indexed by `TypeId` that never moves.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct VmType {
    /// Ids of the type's ancestors by depth, plus one, the type itself included; 0 beyond its depth.
    pub display: [u32; DISPLAY],
    pub kind: u32,
    /// Bytes: a struct's size or an array's element.
    pub size: u32,
    /// Bit `n`: the word at offset `4 * n` of a struct is a reference; for arrays not 0 if elements are references.
    pub refs: u64,
    /// Ancestors above the type.
    pub depth: u32,
    pub unused: [u32; 3],
}

/// The changing part of a heap. Offsets from the heap's base.
#[repr(C)]
pub struct VmHeap {
    /// Where the next object goes.
    pub bump: AtomicU32,
    /// Objects end here at most.
    pub limit: AtomicU32,
}

pub const TYPE_SHIFT: i64 = 6;
pub const TYPE_DISPLAY: i32 = offset_of!(VmType, display) as i32;
pub const TYPE_KIND: i32 = offset_of!(VmType, kind) as i32;
pub const HEAP_BUMP: i32 = offset_of!(VmHeap, bump) as i32;
pub const HEAP_LIMIT: i32 = offset_of!(VmHeap, limit) as i32;
const _: () = assert!(size_of::<VmType>() == 1 << TYPE_SHIFT);
