//! References: what every object of `wasm.h` is. `wasm_func_t` and its fellows are transparent wrappers of
//! [`wasm_ref_t`], so that conversions keep the address and any of them can be freed as any other.
//!
//! The attribute is written `cfg_attr(all(), repr(transparent))` because cbindgen, which sees no configuration,
//! would otherwise make the wrapper an alias of what it wraps; C wants distinct types.

use super::super::ffi::{Finalizer, guard, guard_some};
use super::super::wasmtime::store::wasmtime_context_t;
use crate::base::Error;
use crate::runtime::{Extern, Instance, Module};
use parking_lot::Mutex;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, OnceLock, Weak};

/// Any object: a trap, a module, an instance, an extern or a foreign host object.
#[derive(Clone)]
pub struct wasm_ref_t {
    object: Object,
    /// Made when first needed, then shared by copies.
    info: HostInfo,
}

/// What a reference is of.
#[derive(Clone)]
pub enum Object {
    Extern(Arc<wasmtime_context_t>, Extern),
    Instance(Arc<wasmtime_context_t>, Instance),
    Module(Module),
    /// Why, and the store of the call that came to it, if `wasm.h` made the call.
    Trap(Arc<Error>),
    /// An identity that the host gives a meaning by its host info.
    Foreign(Arc<()>),
}

/// What a reference can be seen as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Extern,
    Func,
    Global,
    Table,
    Memory,
    Instance,
    Module,
    Trap,
    Foreign,
}

/// The host's own pointer, shared by all copies of a handle.
#[derive(Default)]
struct HostInfo(OnceLock<Arc<Mutex<Option<Finalizer>>>>);

impl HostInfo {
    fn shared(&self) -> &Arc<Mutex<Option<Finalizer>>> {
        self.0.get_or_init(Arc::default)
    }
}

impl Clone for HostInfo {
    fn clone(&self) -> HostInfo {
        HostInfo(OnceLock::from(self.shared().clone()))
    }
}

impl wasm_ref_t {
    pub(in crate::capi) fn new(object: Object) -> wasm_ref_t {
        wasm_ref_t { object, info: HostInfo::default() }
    }

    pub(in crate::capi) fn object(&self) -> &Object {
        &self.object
    }

    pub(in crate::capi) fn into_object(self) -> Object {
        self.object
    }

    pub(in crate::capi) fn same(&self, other: &wasm_ref_t) -> bool {
        match (&self.object, &other.object) {
            (Object::Extern(_, a), Object::Extern(_, b)) => same_extern(a, b),
            (Object::Instance(_, a), Object::Instance(_, b)) => a.same(b),
            (Object::Module(a), Object::Module(b)) => a.same(b),
            (Object::Trap(a), Object::Trap(b)) => Arc::ptr_eq(a, b),
            (Object::Foreign(a), Object::Foreign(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    fn is(&self, class: Class) -> bool {
        match &self.object {
            Object::Extern(_, e) => {
                class == Class::Extern
                    || class
                        == match e {
                            Extern::Func(_) => Class::Func,
                            Extern::Global(_) => Class::Global,
                            Extern::Table(_) => Class::Table,
                            Extern::Memory(_) => Class::Memory,
                            // No handle of C's is one of a tag only.
                            Extern::Tag(_) => return false,
                        }
            }
            Object::Instance(..) => class == Class::Instance,
            Object::Module(_) => class == Class::Module,
            Object::Trap(..) => class == Class::Trap,
            Object::Foreign(_) => class == Class::Foreign,
        }
    }

    pub(in crate::capi) fn host_info(&self) -> *mut c_void {
        let Some(info) = self.info.0.get() else { return ptr::null_mut() };
        info.lock().as_ref().map_or(ptr::null_mut(), Finalizer::env)
    }

    pub(in crate::capi) fn set_host_info(
        &self,
        info: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ) {
        let old = self.info.shared().lock().replace(Finalizer::new(info, finalizer));
        // Outside the lock: the old pointer's finalizer may look at this object.
        drop(old);
    }
}

/// A reference in the keeping of its own store: it must not keep that store alive in turn.
pub(super) struct StoredRef {
    object: StoredObject,
    info: HostInfo,
}

enum StoredObject {
    Extern(Weak<wasmtime_context_t>, Extern),
    Instance(Weak<wasmtime_context_t>, Instance),
    Free(Object),
}

impl StoredRef {
    pub(super) fn new(it: &wasm_ref_t) -> StoredRef {
        let object = match it.object.clone() {
            Object::Extern(ctx, item) => StoredObject::Extern(Arc::downgrade(&ctx), item),
            Object::Instance(ctx, instance) => StoredObject::Instance(Arc::downgrade(&ctx), instance),
            free => StoredObject::Free(free),
        };
        StoredRef { object, info: it.info.clone() }
    }

    /// The reference that was stored; `None` once its store is gone.
    pub(super) fn get(&self) -> Option<wasm_ref_t> {
        let object = match &self.object {
            StoredObject::Extern(ctx, item) => Object::Extern(ctx.upgrade()?, item.clone()),
            StoredObject::Instance(ctx, instance) => Object::Instance(ctx.upgrade()?, instance.clone()),
            StoredObject::Free(object) => object.clone(),
        };
        Some(wasm_ref_t { object, info: self.info.clone() })
    }
}

fn same_extern(a: &Extern, b: &Extern) -> bool {
    match (a, b) {
        (Extern::Func(a), Extern::Func(b)) => a.addr() == b.addr(),
        (Extern::Global(a), Extern::Global(b)) => a.same(b),
        (Extern::Table(a), Extern::Table(b)) => a.same(b),
        (Extern::Memory(a), Extern::Memory(b)) => a.same(b),
        (Extern::Tag(a), Extern::Tag(b)) => a.same(b),
        _ => false,
    }
}

/// The object's own address, if it can be seen so.
pub(in crate::capi) fn view<T>(it: Option<&wasm_ref_t>, class: Class) -> *const T {
    guard_some(|| it.filter(|it| it.is(class)).map(|it| ptr::from_ref(it).cast()))
}

/// The object's own address, if it can be seen so.
pub(in crate::capi) fn view_mut<T>(it: Option<&mut wasm_ref_t>, class: Class) -> *mut T {
    guard_some(|| it.filter(|it| it.is(class)).map(|it| ptr::from_mut(it).cast()))
}

/// Ties a wrapper that is about a part of a store to its variant of [`Object::Extern`].
macro_rules! extern_object {
    ($view:ident, $variant:ident, $item:ty) => {
        impl $view {
            pub(in crate::capi) fn new(ctx: &Arc<wasmtime_context_t>, item: $item) -> $view {
                $view(wasm_ref_t::new(Object::Extern(ctx.clone(), Extern::$variant(item))))
            }

            /// Store and item; `None` never happens for an object made by this library.
            pub(in crate::capi) fn parts(&self) -> Option<(&Arc<wasmtime_context_t>, &$item)> {
                match self.0.object() {
                    Object::Extern(ctx, Extern::$variant(item)) => Some((ctx, item)),
                    _ => None,
                }
            }
        }
    };
}
pub(in crate::capi) use extern_object;

/// Frees the handle; the object lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_delete(it: Option<Box<wasm_ref_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same object, owned by the caller; host info is shared. NULL gives NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_copy(it: Option<&wasm_ref_t>) -> Option<Box<wasm_ref_t>> {
    guard(|| Some(Box::new(it?.clone())))
}

/// Whether both handles are of the same object. NULL is no object: false.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_same(a: Option<&wasm_ref_t>, b: Option<&wasm_ref_t>) -> bool {
    guard_some(|| Some(a?.same(b?)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_get_host_info(it: Option<&wasm_ref_t>) -> *mut c_void {
    guard_some(|| Some(it?.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_set_host_info(it: Option<&mut wasm_ref_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_set_host_info_with_finalizer(
    it: Option<&mut wasm_ref_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.set_host_info(info, finalizer)).unwrap_or_default());
}

