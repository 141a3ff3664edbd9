//! Extern types. The five kinds are views of this object: `wasm_functype_t` and its fellows are transparent
//! wrappers, so that a conversion keeps the address and any of them can be freed as any other.
//!
//! The attribute is written `cfg_attr(all(), repr(transparent))` because cbindgen, which sees no configuration,
//! would otherwise make the wrapper an alias of what it wraps; C wants distinct types.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::Home;
use super::functype::{FuncObject, wasm_functype_t};
use super::globaltype::{GlobalObject, wasm_globaltype_t};
use super::memorytype::{MemoryObject, wasm_memorytype_t};
use super::tabletype::{TableObject, wasm_tabletype_t};
use super::tagtype::{TagObject, wasm_tagtype_t};
use crate::wasm::ExternType;
use std::mem::MaybeUninit;
use std::ptr;

/// What kind of thing can be imported or exported: one of `wasm_externkind_enum`.
pub type wasm_externkind_t = u8;

/// What kind of thing can be imported or exported.
#[repr(C)]
pub enum wasm_externkind_enum {
    WASM_EXTERN_FUNC,
    WASM_EXTERN_GLOBAL,
    WASM_EXTERN_TABLE,
    WASM_EXTERN_MEMORY,
    WASM_EXTERN_TAG,
}

/// The type of anything that can be imported or exported. Immutable; may be used from several threads.
#[derive(Clone)]
pub struct wasm_externtype_t {
    object: TypeObject,
}

/// The five kinds.
#[derive(Clone)]
pub enum TypeObject {
    Func(FuncObject),
    Global(GlobalObject),
    Table(TableObject),
    Memory(MemoryObject),
    Tag(TagObject),
}

/// Ties one view to its variant: `object`, and the two directions of the conversion.
macro_rules! extern_view {
    ($view:ident, $variant:ident, $object:ident) => {
        impl $view {
            /// What the view is about; `None` never happens for an object made by this library.
            fn object(&self) -> Option<&$object> {
                match self.0.object() {
                    TypeObject::$variant(o) => Some(o),
                    _ => None,
                }
            }

            pub(in crate::capi) fn as_externtype(&self) -> &wasm_externtype_t {
                &self.0
            }

            fn as_externtype_mut(&mut self) -> *mut wasm_externtype_t {
                ptr::from_mut(&mut self.0)
            }
        }
    };
}
pub(in crate::capi) use extern_view;

impl wasm_externtype_t {
    pub(in crate::capi) fn new(ty: ExternType, home: &Home) -> wasm_externtype_t {
        wasm_externtype_t::from_object(match ty {
            ExternType::Func(t) => TypeObject::Func(FuncObject::new(t, home)),
            ExternType::Global(t) => TypeObject::Global(GlobalObject::new(t, home)),
            ExternType::Table(t) => TypeObject::Table(TableObject::new(t, home)),
            ExternType::Memory(t) => TypeObject::Memory(MemoryObject::new(t)),
            ExternType::Tag(t) => TypeObject::Tag(TagObject::new(t, home)),
        })
    }

    pub(in crate::capi) fn from_object(object: TypeObject) -> wasm_externtype_t {
        wasm_externtype_t { object }
    }

    pub(in crate::capi) fn object(&self) -> &TypeObject {
        &self.object
    }

    fn kind(&self) -> wasm_externkind_t {
        match self.object {
            TypeObject::Func(_) => 0,
            TypeObject::Global(_) => 1,
            TypeObject::Table(_) => 2,
            TypeObject::Memory(_) => 3,
            TypeObject::Tag(_) => 4,
        }
    }
}

/// The object's own address, if it is of this kind.
fn view<T>(it: Option<&wasm_externtype_t>, kind: wasm_externkind_t) -> *const T {
    guard_some(|| it.filter(|it| it.kind() == kind).map(|it| ptr::from_ref(it).cast()))
}

/// The object's own address, if it is of this kind.
fn view_mut<T>(it: Option<&mut wasm_externtype_t>, kind: wasm_externkind_t) -> *mut T {
    guard_some(|| it.filter(|it| it.kind() == kind).map(|it| ptr::from_mut(it).cast()))
}

/// The kind: one of `wasm_externkind_enum`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_kind(it: Option<&wasm_externtype_t>) -> wasm_externkind_t {
    guard_some(|| Some(it?.kind()))
}

/// The same object as a func type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_functype(it: Option<&mut wasm_externtype_t>) -> *mut wasm_functype_t {
    view_mut(it, 0)
}

/// The same object as a func type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_functype_const(it: Option<&wasm_externtype_t>) -> *const wasm_functype_t {
    view(it, 0)
}

/// The same object as a global type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_globaltype(it: Option<&mut wasm_externtype_t>) -> *mut wasm_globaltype_t {
    view_mut(it, 1)
}

/// The same object as a global type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_globaltype_const(it: Option<&wasm_externtype_t>) -> *const wasm_globaltype_t {
    view(it, 1)
}

/// The same object as a table type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_tabletype(it: Option<&mut wasm_externtype_t>) -> *mut wasm_tabletype_t {
    view_mut(it, 2)
}

/// The same object as a table type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_tabletype_const(it: Option<&wasm_externtype_t>) -> *const wasm_tabletype_t {
    view(it, 2)
}

/// The same object as a memory type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_memorytype(it: Option<&mut wasm_externtype_t>) -> *mut wasm_memorytype_t {
    view_mut(it, 3)
}

/// The same object as a memory type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_memorytype_const(it: Option<&wasm_externtype_t>) -> *const wasm_memorytype_t {
    view(it, 3)
}

/// The same object as a tag type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_tagtype(it: Option<&mut wasm_externtype_t>) -> *mut wasm_tagtype_t {
    view_mut(it, 4)
}

/// The same object as a tag type, or NULL if it is of another kind; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_as_tagtype_const(it: Option<&wasm_externtype_t>) -> *const wasm_tagtype_t {
    view(it, 4)
}

/// Frees an extern type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_delete(it: Option<Box<wasm_externtype_t>>) {
    guard(|| drop(it));
}

/// A copy of an extern type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_copy(it: Option<&wasm_externtype_t>) -> Option<Box<wasm_externtype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_externtype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_externtype_t>>,
}
c_vec!(wasm_externtype_vec_t, Option<Box<wasm_externtype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_externtype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_externtype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_vec_new(
    out: Option<&mut MaybeUninit<wasm_externtype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_externtype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_vec_copy(out: Option<&mut MaybeUninit<wasm_externtype_vec_t>>, from: Option<&wasm_externtype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_externtype_vec_delete(vec: Option<&mut wasm_externtype_vec_t>) {
    vec::delete(vec);
}

