//! Types of resources: only those of the host, which are told apart by a number that it chooses.

use crate::capi::ffi::{guard, guard_some};

/// The type of a resource. Immutable; may be used from several threads.
#[derive(Clone, PartialEq, Eq)]
pub struct wasmtime_component_resource_type_t {
    number: u32,
}

impl wasmtime_component_resource_type_t {
    pub(in crate::capi) fn boxed(number: u32) -> Option<Box<wasmtime_component_resource_type_t>> {
        Some(Box::new(wasmtime_component_resource_type_t { number }))
    }
}

/// The type of host resources with this number, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_type_new_host(
    ty: u32,
) -> Option<Box<wasmtime_component_resource_type_t>> {
    guard(|| wasmtime_component_resource_type_t::boxed(ty))
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_type_clone(
    ty: Option<&wasmtime_component_resource_type_t>,
) -> Option<Box<wasmtime_component_resource_type_t>> {
    guard(|| ty.map(|ty| Box::new(ty.clone())))
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_type_equal(
    a: Option<&wasmtime_component_resource_type_t>,
    b: Option<&wasmtime_component_resource_type_t>,
) -> bool {
    guard_some(|| Some(a? == b?))
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_type_delete(
    resource: Option<Box<wasmtime_component_resource_type_t>>,
) {
    guard(|| drop(resource));
}
