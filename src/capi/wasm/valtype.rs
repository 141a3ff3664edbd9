//! Value types. `wasm.h` can name only six of them; the others (v128, the reference types of newer
//! proposals) travel in the same object and are told apart by `wasmtime_valtype_new`.

use super::super::ffi::{c_vec, guard, guard_some, vec};
use super::Home;
use crate::wasm::{RefFamily, RefType, ValType};
use std::mem::MaybeUninit;

/// A value type's number in `wasm.h`.
pub type wasm_valkind_t = u8;

/// The value types that `wasm.h` has numbers for.
#[repr(C)]
pub enum wasm_valkind_enum {
    WASM_I32,
    WASM_I64,
    WASM_F32,
    WASM_F64,
    WASM_EXTERNREF = 128,
    WASM_FUNCREF,
}

/// The type of a value. Immutable; may be used from several threads.
#[derive(Clone)]
pub struct wasm_valtype_t {
    ty: ValType,
    /// Where a concrete function type's number has its meaning.
    home: Home,
}

impl wasm_valtype_t {
    pub(in crate::capi) fn new(ty: ValType, home: &Home) -> wasm_valtype_t {
        let concrete = matches!(ty, ValType::Ref(RefType { heap, .. }) if heap.concrete().is_some());
        wasm_valtype_t { ty, home: if concrete { home.clone() } else { Home::default() } }
    }

    pub(in crate::capi) fn ty(&self) -> ValType {
        self.ty
    }

    /// Whether both are the same type: numbers of concrete types count only within one engine.
    pub(in crate::capi) fn same(&self, other: &wasm_valtype_t) -> bool {
        self.ty == other.ty
            && match (self.home.engine(), other.home.engine()) {
                (Some(a), Some(b)) => a.same(b),
                _ => true,
            }
    }

    pub(in crate::capi) fn home(&self) -> &Home {
        &self.home
    }
}

/// The type with this number in `wasm.h`.
pub(in crate::capi) fn from_kind(kind: wasm_valkind_t) -> Option<ValType> {
    Some(match kind {
        0 => ValType::I32,
        1 => ValType::I64,
        2 => ValType::F32,
        3 => ValType::F64,
        128 => ValType::EXTERNREF,
        129 => ValType::FUNCREF,
        _ => return None,
    })
}

/// The number in `wasm.h`, which names references only by their family. Types that it has no number for
/// are 4 (v128, as in `wasmtime/val.h`) and 255 (references to anything but functions and host objects).
pub(in crate::capi) fn to_kind(ty: ValType) -> wasm_valkind_t {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => 4,
        ValType::Ref(r) => match r.heap.family() {
            RefFamily::Extern => 128,
            RefFamily::Func => 129,
            RefFamily::Any | RefFamily::Exn => 255,
        },
    }
}

/// The type with the given `wasm_valkind_t` number; NULL if there is none. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_new(kind: wasm_valkind_t) -> Option<Box<wasm_valtype_t>> {
    guard(|| Some(Box::new(wasm_valtype_t::new(from_kind(kind)?, &Home::default()))))
}

/// The type's number: one of `wasm_valkind_enum`, 4 for v128, 255 for references that have no number.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_kind(it: Option<&wasm_valtype_t>) -> wasm_valkind_t {
    guard_some(|| Some(to_kind(it?.ty)))
}

/// Frees a value type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_delete(it: Option<Box<wasm_valtype_t>>) {
    guard(|| drop(it));
}

/// A copy of a value type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_copy(it: Option<&wasm_valtype_t>) -> Option<Box<wasm_valtype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_valtype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_valtype_t>>,
}
c_vec!(wasm_valtype_vec_t, Option<Box<wasm_valtype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_valtype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_valtype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_vec_new(
    out: Option<&mut MaybeUninit<wasm_valtype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_valtype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_vec_copy(out: Option<&mut MaybeUninit<wasm_valtype_vec_t>>, from: Option<&wasm_valtype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_vec_delete(vec: Option<&mut wasm_valtype_vec_t>) {
    vec::delete(vec);
}

