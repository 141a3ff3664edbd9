//! Stores and their contexts.

use super::super::ffi::{ContextPtr, EnginePtr, Finalizer, guard, guard_err, guard_some, need, put};
use super::super::wasi::wasi_config_t;
use super::error::wasmtime_error_t;
use crate::base::{Error, Result};
use crate::runtime::{Engine, EpochUpdate, Limits, RawCaller, Store};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::num::NonZeroUsize;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The owner of instances and their parts. One thread at a time; may move between threads.
pub struct wasmtime_store_t {
    ctx: Arc<wasmtime_context_t>,
}

/// What most functions take for a store: borrowed from it, at one address for the store's whole life.
pub struct wasmtime_context_t {
    /// The host's own pointer. Its finalizer runs first, before those of host functions.
    data: Finalizer,
    store: Store,
    /// All the fuel that the host gave, less what it took back.
    fuel_given: AtomicU64,
}

/// What an epoch deadline callback asks for: one of the `WASMTIME_UPDATE_DEADLINE_` numbers.
pub type wasmtime_update_deadline_kind_t = u8;

/// Go on until the new deadline.
pub const WASMTIME_UPDATE_DEADLINE_CONTINUE: u8 = 0;
/// Suspend the guest first: the poll of its future returns false, and the next one goes on.
pub const WASMTIME_UPDATE_DEADLINE_YIELD: u8 = 1;

impl wasmtime_context_t {
    /// A store whose context is shared by all that count on it.
    pub(in crate::capi) fn shared(
        engine: &Engine,
        data: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> Arc<wasmtime_context_t> {
        wasmtime_context_t::wrap(Store::new(engine), data, finalizer)
    }

    fn wrap(
        store: Store,
        data: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> Arc<wasmtime_context_t> {
        let ctx = Arc::new(wasmtime_context_t { data: Finalizer::new(data, finalizer), store, fuel_given: AtomicU64::new(0) });
        ctx.store.set_host_word(Arc::as_ptr(&ctx).expose_provenance());
        ctx
    }

    #[inline]
    pub(in crate::capi) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn set_fuel(&self, fuel: u64) -> Result<()> {
        let used = self.fuel_consumed().unwrap_or(0);
        self.store.set_fuel(fuel)?;
        self.fuel_given.store(fuel.saturating_add(used), Ordering::Relaxed);
        Ok(())
    }

    /// What guests used, and the host in their name.
    pub(super) fn fuel_consumed(&self) -> Option<u64> {
        Some(self.fuel_given.load(Ordering::Relaxed).saturating_sub(self.store.fuel().ok()?))
    }

    /// Refuses a handle of another store.
    #[inline]
    pub(in crate::capi) fn check(&self, store_id: u64, what: &str) -> Result<()> {
        if store_id == self.store.id() {
            return Ok(());
        }
        Err(wrong_store(store_id, what))
    }

    /// The context of the store that a host function is called from.
    #[inline]
    pub(super) fn of_caller<'a>(caller: &RawCaller<'a>) -> &'a wasmtime_context_t {
        let ctx = ptr::with_exposed_provenance::<wasmtime_context_t>(caller.host_word().get());
        // SAFETY: as in `of_word`, and it is not 0.
        unsafe { &*ctx }
    }

    /// What callers of host functions are made with.
    pub(super) fn word(&self) -> NonZeroUsize {
        ptr::NonNull::from(self).expose_provenance()
    }

    /// The context of a store that is in use.
    #[inline]
    pub(in crate::capi) fn of_store(store: &Store) -> Result<&wasmtime_context_t> {
        wasmtime_context_t::of_word(store.host_word())
    }

    /// The context of a store in use that has this host word.
    #[inline]
    fn of_word<'a>(word: usize) -> Result<&'a wasmtime_context_t> {
        let ctx = ptr::with_exposed_provenance::<wasmtime_context_t>(word);
        // SAFETY: the word is this context's address from its making to its drop, which does not happen while
        // the store is in use by a call from C; stores that no context was made for have 0.
        unsafe { ctx.as_ref() }.ok_or_else(no_context)
    }
}

impl wasmtime_context_t {
    /// The context of a store, with a count of its own; `None` once it was deleted.
    pub(in crate::capi) fn counted(store: &Store) -> Option<Arc<wasmtime_context_t>> {
        let ctx = wasmtime_context_t::of_store(store).ok()?;
        // SAFETY: every context lives in an `Arc`, and one that its store still names has a count.
        unsafe {
            Arc::increment_strong_count(ctx);
            Some(Arc::from_raw(ctx))
        }
    }
}

impl wasmtime_store_t {
    pub(super) fn context(&self) -> &wasmtime_context_t {
        &self.ctx
    }
}

impl Drop for wasmtime_context_t {
    fn drop(&mut self) {
        self.store.set_host_word(0);
    }
}

#[cold]
pub(super) fn no_context() -> Error {
    Error::usage("the store of this call has no C context, or it was deleted")
}

#[cold]
fn wrong_store(store_id: u64, what: &str) -> Error {
    match store_id {
        0 => Error::usage(format!("{what} handle is null")),
        _ => Error::usage(format!("{what} used with the wrong store")),
    }
}

/// A store, owned by the caller. `data` is the host's own pointer; `finalizer`, if given, is called with it
/// when the store is deleted. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_store_new(
    engine: EnginePtr<'_>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_store_t>> {
    guard(|| Some(Box::new(wasmtime_store_t { ctx: wasmtime_context_t::shared(engine?.engine(), data, finalizer) })))
}

/// A store that many threads may enter at once.
pub(in crate::capi) fn new_shared(
    engine: &Engine,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Box<wasmtime_store_t> {
    Box::new(wasmtime_store_t { ctx: wasmtime_context_t::wrap(Store::new_shared(engine), data, finalizer) })
}

/// The store's context, borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_store_context(store: Option<&mut wasmtime_store_t>) -> *mut wasmtime_context_t {
    guard_some(|| Some(Arc::as_ptr(&store?.ctx).cast_mut()))
}

/// Sets limits for later creation and growth: bytes of a memory, elements of a table, and how many instances,
/// tables and memories there may be. A negative number means the default: no limit of sizes, 10,000 of each.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_store_limiter(
    store: Option<&mut wasmtime_store_t>,
    memory_size: i64,
    table_elements: i64,
    instances: i64,
    tables: i64,
    memories: i64,
) {
    let count = |n: i64| Some(u64::try_from(n).unwrap_or(10_000));
    guard(|| {
        let Some(store) = store else { return };
        store.ctx.store.set_limits(Limits {
            memory_size: u64::try_from(memory_size).ok(),
            table_elements: u64::try_from(table_elements).ok(),
            instances: count(instances),
            tables: count(tables),
            memories: count(memories),
        });
    });
}

/// Frees a store with everything in it; NULL is ignored. A store whose call is running, as in one of its own host
/// functions, is left as it is.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_store_delete(store: Option<Box<wasmtime_store_t>>) {
    guard(|| match store {
        // Its frames are below this one.
        Some(store) if store.ctx.store.is_running() => std::mem::forget(store),
        idle => drop(idle),
    });
}

/// The host's own pointer.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_get_data(context: Option<&wasmtime_context_t>) -> *mut c_void {
    guard_some(|| Some(context?.data.env()))
}

/// Replaces the host's own pointer; the finalizer given to `wasmtime_store_new` will get the new one.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_set_data(context: ContextPtr<'_>, data: *mut c_void) {
    guard(|| context.map(|c| c.data.set_env(data)).unwrap_or_default());
}

/// Frees host objects that nothing refers to any more; their finalizers run before this returns.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_gc(context: ContextPtr<'_>) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| need(context, "context")?.store.gc())
}

/// Sets the fuel left. An error unless the engine was configured with fuel.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_set_fuel(
    context: ContextPtr<'_>,
    fuel: u64,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| need(context, "context")?.set_fuel(fuel))
}

/// Writes the fuel left to `fuel`. An error unless the engine was configured with fuel.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_get_fuel(
    context: Option<&wasmtime_context_t>,
    fuel: Option<&mut MaybeUninit<u64>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let left = need(context, "context")?.store.fuel()?;
        put(fuel, left);
        Ok(())
    })
}

/// Gives the store a WASI configuration, which is consumed; may be repeated.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_set_wasi(
    context: ContextPtr<'_>,
    wasi: Option<Box<wasi_config_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| need(wasi, "wasi")?.attach(&need(context, "context")?.store))
}

/// Allows HTTP in components of the store: does nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_set_wasi_http(context: ContextPtr<'_>) {
    let _ = context;
}

/// The guest stops (or the callback is asked) once the engine's epoch is this far beyond the present one.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_set_epoch_deadline(context: ContextPtr<'_>, ticks_beyond_current: u64) {
    guard(|| context.map(|c| c.store.set_epoch_deadline(ticks_beyond_current)).unwrap_or_default());
}

/// What `wasmtime_store_epoch_deadline_callback` takes.
type DeadlineCallback = unsafe extern "C" fn(
    *const wasmtime_context_t,
    *mut c_void,
    *mut u64,
    *mut wasmtime_update_deadline_kind_t,
) -> Option<Box<wasmtime_error_t>>;

/// Asks the callback how to go on.
fn ask(callback: DeadlineCallback, data: &Finalizer, store: &Store) -> Result<EpochUpdate> {
    let (mut delta, mut kind) = (0, WASMTIME_UPDATE_DEADLINE_CONTINUE);
    let ctx = ptr::with_exposed_provenance::<wasmtime_context_t>(store.host_word());
    // SAFETY: the caller gave function and data to be used together; the rest lives through the call.
    match unsafe { callback(ctx, data.env(), &mut delta, &mut kind) } {
        Some(error) => Err(error.into_error()),
        None => match kind {
            WASMTIME_UPDATE_DEADLINE_CONTINUE => Ok(EpochUpdate::Continue(delta)),
            WASMTIME_UPDATE_DEADLINE_YIELD => Ok(EpochUpdate::Yield(delta)),
            kind => Err(Error::usage(format!("epoch callback asked for update kind {kind}: expected 0 or 1"))),
        },
    }
}

/// What to do when the deadline has passed: `func` writes by how many ticks it moves and whether the guest goes on at once or,
/// in an asynchronous call only, is suspended first; or it returns an error (consumed) with which the guest stops. `finalizer`, if given, is called with `data` when the callback is
/// replaced or the store deleted. A NULL `func` brings the trap back.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_store_epoch_deadline_callback(
    store: Option<&mut wasmtime_store_t>,
    func: Option<
        unsafe extern "C" fn(
            context: *const wasmtime_context_t,
            data: *mut c_void,
            epoch_deadline_delta: *mut u64,
            update_kind: *mut wasmtime_update_deadline_kind_t,
        ) -> Option<Box<wasmtime_error_t>>,
    >,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| {
        let data = Finalizer::new(data, finalizer);
        let Some(store) = store else { return };
        let Some(func) = func else { return store.ctx.store.set_epoch_callback(None) };
        store.ctx.store.set_epoch_callback(Some(Box::new(move |store| ask(func, &data, store))));
    });
}
