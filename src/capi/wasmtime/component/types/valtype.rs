//! Types of values: a kind, and for some kinds a type object that belongs to the value type.

use crate::capi::ffi::{guard, guard_some, own, put};
use crate::capi::wasmtime::component::types::resource::wasmtime_component_resource_type_t;
use std::mem::MaybeUninit;
use std::ptr;

/// What a value type is: one of the `WASMTIME_COMPONENT_VALTYPE_` numbers.
pub type wasmtime_component_valtype_kind_t = u8;

const OWN: u8 = 21;
const BORROW: u8 = 22;

/// The type of a value. The header spells the union out: types of resources are the only ones there are.
#[repr(C)]
pub struct wasmtime_component_valtype_t {
    kind: wasmtime_component_valtype_kind_t,
    of: *mut wasmtime_component_resource_type_t,
}

impl wasmtime_component_valtype_t {
    pub(super) const ZERO: wasmtime_component_valtype_t =
        wasmtime_component_valtype_t { kind: 0, of: ptr::null_mut() };

    /// The resource type in it, if there is one.
    fn resource(&self) -> Option<&wasmtime_component_resource_type_t> {
        let holds = self.kind == OWN || self.kind == BORROW;
        // SAFETY: with these kinds the pointer is NULL or an object that the value type owns.
        holds.then(|| unsafe { self.of.as_ref() }).flatten()
    }
}

impl Clone for wasmtime_component_valtype_t {
    fn clone(&self) -> Self {
        let of = self.resource().map_or(ptr::null_mut(), |r| Box::into_raw(Box::new(r.clone())));
        wasmtime_component_valtype_t { kind: self.kind, of }
    }
}

impl Drop for wasmtime_component_valtype_t {
    fn drop(&mut self) {
        if self.resource().is_some() {
            // SAFETY: an object that this value type owns, not used again.
            drop(unsafe { own(std::mem::replace(&mut self.of, ptr::null_mut())) });
        }
    }
}

/// Writes a copy to `out`, which the caller deletes.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtype_clone(
    ty: Option<&wasmtime_component_valtype_t>,
    out: Option<&mut MaybeUninit<wasmtime_component_valtype_t>>,
) {
    guard(|| put(out, ty.cloned().unwrap_or(wasmtime_component_valtype_t::ZERO)));
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtype_equal(
    a: Option<&wasmtime_component_valtype_t>,
    b: Option<&wasmtime_component_valtype_t>,
) -> bool {
    guard_some(|| {
        let (a, b) = (a?, b?);
        Some(a.kind == b.kind && a.resource() == b.resource())
    })
}

/// Frees what the type owns; the struct is the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_valtype_delete(it: Option<&mut wasmtime_component_valtype_t>) {
    guard(|| it.map(|it| *it = wasmtime_component_valtype_t::ZERO).unwrap_or_default());
}
