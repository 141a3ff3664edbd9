//! References to host objects that guests hold without looking inside.

use super::super::ffi::{ContextPtr, Finalizer, arc_clone_ptr, arc_from_ptr, arc_into_ptr, guard, guard_some, put};
use super::store::wasmtime_context_t;
use crate::base::Result;
use crate::runtime::{ExternRef, ExternTable};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// A rooted reference to a host object: the object lives at least as long as this root. A `store_id` of 0 is
/// the null reference. Made by this library, copied with `wasmtime_externref_clone`, given up with
/// `wasmtime_externref_unroot`.
#[repr(C)]
pub struct wasmtime_externref_t {
    pub store_id: u64,
    pub __private1: u32,
    pub __private2: u32,
    pub __private3: *mut c_void,
}

impl wasmtime_externref_t {
    pub(super) const NULL: wasmtime_externref_t =
        wasmtime_externref_t { store_id: 0, __private1: 0, __private2: 0, __private3: ptr::null_mut() };

    pub(super) fn new(root: Option<ExternRef>) -> wasmtime_externref_t {
        let Some(root) = root else { return wasmtime_externref_t::NULL };
        let (handle, store_id, table) = root.into_parts();
        let __private3 = arc_into_ptr::<ExternTable>(table);
        wasmtime_externref_t { store_id, __private1: handle, __private2: 0, __private3 }
    }

    fn is_null(&self) -> bool {
        self.store_id == 0 || self.__private3.is_null()
    }

    /// Another root of the same object.
    pub(super) fn root(&self) -> Option<ExternRef> {
        if self.is_null() {
            return None;
        }
        // SAFETY: a reference that is not null was made by `new` and not unrooted yet.
        let table: Arc<ExternTable> = unsafe { arc_clone_ptr(self.__private3) };
        table.root(self.__private1);
        Some(ExternRef::from_parts(self.__private1, self.store_id, table))
    }

    /// The root that this reference is; leaves null.
    pub(super) fn take(&mut self) -> Option<ExternRef> {
        let this = std::mem::replace(self, wasmtime_externref_t::NULL);
        if this.is_null() {
            return None;
        }
        // SAFETY: a reference that is not null was made by `new`; it is null now, so this is the only taking.
        let table: Arc<ExternTable> = unsafe { arc_from_ptr(this.__private3) };
        Some(ExternRef::from_parts(this.__private1, this.store_id, table))
    }

    /// The handle as machine code of `ctx` sees it, 0 for null.
    pub(super) fn handle(&self, ctx: &wasmtime_context_t) -> Result<u32> {
        if self.is_null() {
            return Ok(0);
        }
        ctx.check(self.store_id, "externref")?;
        Ok(self.root().map_or(0, |root| root.raw()))
    }

    pub(super) fn words(&self) -> [u64; 3] {
        let numbers = u64::from(self.__private1) | u64::from(self.__private2) << 32;
        [self.store_id, numbers, self.__private3.expose_provenance() as u64]
    }

    pub(super) fn from_words([store_id, numbers, pointer]: [u64; 3]) -> wasmtime_externref_t {
        wasmtime_externref_t {
            store_id,
            __private1: numbers as u32,
            __private2: (numbers >> 32) as u32,
            __private3: ptr::with_exposed_provenance_mut(pointer as usize),
        }
    }
}

/// Hands `data` to the store; `finalizer`, if given, is called with it once neither a guest nor a root reaches
/// it. False if there is no room. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_externref_new(
    context: ContextPtr<'_>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    out: Option<&mut MaybeUninit<wasmtime_externref_t>>,
) -> bool {
    guard_some(|| {
        let owner = finalizer.map(|f| Arc::new(Finalizer::new(data, Some(f))) as _);
        let root = ExternRef::new(context?.store(), data.expose_provenance() as u64, owner).ok()?;
        out?.write(wasmtime_externref_t::new(Some(root)));
        Some(true)
    })
}

/// The pointer given to `wasmtime_externref_new`; NULL for null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_externref_data(
    _context: ContextPtr<'_>,
    data: Option<&wasmtime_externref_t>,
) -> *mut c_void {
    guard_some(|| Some(ptr::with_exposed_provenance_mut(data?.root()?.word() as usize)))
}

/// Writes another root of the same object to `out`. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_externref_clone(
    reference: Option<&wasmtime_externref_t>,
    out: Option<&mut MaybeUninit<wasmtime_externref_t>>,
) {
    guard(|| put(out, wasmtime_externref_t::new(reference.and_then(wasmtime_externref_t::root))));
}

/// Gives the root up and makes the reference null; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_externref_unroot(reference: Option<&mut wasmtime_externref_t>) {
    guard(|| drop(reference.map(wasmtime_externref_t::take)));
}

/// Writes a root for a raw value that machine code of the store gave to `out`; null for 0. Anything else is undefined
/// behaviour.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_externref_from_raw(
    context: ContextPtr<'_>,
    raw: u32,
    out: Option<&mut MaybeUninit<wasmtime_externref_t>>,
) {
    guard(|| {
        let root = context.and_then(|ctx| ExternRef::from_handle(ctx.store(), raw));
        put(out, wasmtime_externref_t::new(root));
    });
}

/// The raw value, which is not a root: nothing may be collected before it is used. 0 for null. NULL counts as null.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_externref_to_raw(
    context: ContextPtr<'_>,
    reference: Option<&wasmtime_externref_t>,
) -> u32 {
    guard_some(|| reference?.handle(context?).ok())
}

// What the header spells out by hand has the same size here.
const _: () = assert!(size_of::<wasmtime_externref_t>() == 24);
