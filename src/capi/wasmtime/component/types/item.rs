//! Items: what an import or export is, with its type.

use super::resource::wasmtime_component_resource_type_t;
use super::valtype::wasmtime_component_valtype_t;
use crate::capi::ffi::{guard, own, put};
use crate::capi::wasm::functype::wasm_functype_t;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// What an item is: one of the `WASMTIME_COMPONENT_ITEM_` numbers.
pub type wasmtime_component_item_kind_t = u8;

const RESOURCE: u8 = 4;
const CORE_FUNC: u8 = 5;
const TYPE: u8 = 6;

/// Those of the header's members that can have a value; the others are types of components.
#[repr(C)]
pub union wasmtime_component_item_union_t {
    resource: *mut wasmtime_component_resource_type_t,
    core_func: *mut wasm_functype_t,
    ty: ManuallyDrop<wasmtime_component_valtype_t>,
}

/// An item; its type belongs to it.
#[repr(C)]
pub struct wasmtime_component_item_t {
    kind: wasmtime_component_item_kind_t,
    of: wasmtime_component_item_union_t,
}

impl wasmtime_component_item_t {
    fn zero() -> wasmtime_component_item_t {
        let ty = ManuallyDrop::new(wasmtime_component_valtype_t::ZERO);
        wasmtime_component_item_t { kind: TYPE, of: wasmtime_component_item_union_t { ty } }
    }
}

impl Clone for wasmtime_component_item_t {
    fn clone(&self) -> Self {
        // SAFETY: each kind has its member set; pointers are NULL or owned by the item.
        let of = unsafe {
            match self.kind {
                RESOURCE => wasmtime_component_item_union_t { resource: copy(self.of.resource) },
                CORE_FUNC => wasmtime_component_item_union_t { core_func: copy(self.of.core_func) },
                TYPE => wasmtime_component_item_union_t { ty: self.of.ty.clone() },
                _ => wasmtime_component_item_union_t { resource: ptr::null_mut() },
            }
        };
        wasmtime_component_item_t { kind: self.kind, of }
    }
}

/// # Safety
/// - `it` is NULL or points to a live object.
unsafe fn copy<T: Clone>(it: *mut T) -> *mut T {
    // SAFETY: the caller's promise.
    unsafe { it.as_ref() }.map_or(ptr::null_mut(), |it| Box::into_raw(Box::new(it.clone())))
}

impl Drop for wasmtime_component_item_t {
    fn drop(&mut self) {
        // SAFETY: each kind has its member set; what it points to belongs to the item and is freed once.
        unsafe {
            match self.kind {
                RESOURCE => drop(own(self.of.resource)),
                CORE_FUNC => drop(own(self.of.core_func)),
                TYPE => ManuallyDrop::drop(&mut self.of.ty),
                _ => {}
            }
        }
    }
}

/// Writes a copy to `out`, which the caller deletes.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_item_clone(
    item: Option<&wasmtime_component_item_t>,
    out: Option<&mut MaybeUninit<wasmtime_component_item_t>>,
) {
    guard(|| put(out, item.cloned().unwrap_or_else(wasmtime_component_item_t::zero)));
}

/// Frees what the item owns; the struct is the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_item_delete(it: Option<&mut wasmtime_component_item_t>) {
    guard(|| it.map(|it| *it = wasmtime_component_item_t::zero()).unwrap_or_default());
}
