//! Resources. Those of the host are plain numbers; those of guests would need a component.

use super::types::resource::wasmtime_component_resource_type_t;
use super::unsupported;
use crate::capi::ffi::{CBool, ContextPtr, guard, guard_some, put, truth};
use crate::capi::wasmtime::error::wasmtime_error_t;
use std::convert::Infallible;
use std::mem::MaybeUninit;

/// A resource of a component. There are none, since components are not supported.
pub struct wasmtime_component_resource_any_t {
    _never: Infallible,
}

/// A resource of the host: its number, the number of its type, and whether its holder has to end its life.
#[derive(Clone)]
pub struct wasmtime_component_resource_host_t {
    owned: bool,
    rep: u32,
    ty: u32,
}

/// The resource's type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_any_type(
    resource: Option<&wasmtime_component_resource_any_t>,
) -> Option<Box<wasmtime_component_resource_type_t>> {
    resource.map(|it| match it._never {})
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_any_clone(
    resource: Option<&wasmtime_component_resource_any_t>,
) -> Option<Box<wasmtime_component_resource_any_t>> {
    resource.map(|it| match it._never {})
}

/// Whether the handle owns the resource.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_any_owned(
    resource: Option<&wasmtime_component_resource_any_t>,
) -> bool {
    resource.is_some_and(|it| match it._never {})
}

/// Ends a resource's life: an error, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_any_drop(
    ctx: ContextPtr<'_>,
    resource: Option<&wasmtime_component_resource_any_t>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (ctx, resource);
    unsupported()
}

/// The host's resource behind a handle: an error, since components are not supported. `ret` becomes NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_any_to_host(
    ctx: ContextPtr<'_>,
    resource: Option<&wasmtime_component_resource_any_t>,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_component_resource_host_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (ctx, resource);
    put(ret, None);
    unsupported()
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_any_delete(
    resource: Option<Box<wasmtime_component_resource_any_t>>,
) {
    guard(|| drop(resource));
}

/// A resource of the host with these numbers, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_new(
    owned: CBool,
    rep: u32,
    ty: u32,
) -> Option<Box<wasmtime_component_resource_host_t>> {
    guard(|| Some(Box::new(wasmtime_component_resource_host_t { owned: truth(owned), rep, ty })))
}

/// A copy, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_clone(
    resource: Option<&wasmtime_component_resource_host_t>,
) -> Option<Box<wasmtime_component_resource_host_t>> {
    guard(|| resource.map(|it| Box::new(it.clone())))
}

/// The resource's number.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_rep(
    resource: Option<&wasmtime_component_resource_host_t>,
) -> u32 {
    guard_some(|| Some(resource?.rep))
}

/// The number of the resource's type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_type(
    resource: Option<&wasmtime_component_resource_host_t>,
) -> u32 {
    guard_some(|| Some(resource?.ty))
}

/// Whether the holder has to end its life.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_owned(
    resource: Option<&wasmtime_component_resource_host_t>,
) -> bool {
    guard_some(|| Some(resource?.owned))
}

/// A handle that components understand: an error, since they are not supported. `ret` becomes NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_to_any(
    ctx: ContextPtr<'_>,
    resource: Option<&wasmtime_component_resource_host_t>,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_component_resource_any_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    let _ = (ctx, resource);
    put(ret, None);
    unsupported()
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_resource_host_delete(
    resource: Option<Box<wasmtime_component_resource_host_t>>,
) {
    guard(|| drop(resource));
}
