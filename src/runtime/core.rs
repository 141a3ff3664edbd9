//! The part of a store that calls from machine code come back to: limits, fuel and epoch rules.

use super::engine::Engine;
use super::exnref::ExnRef;
use super::limits::{Limiter, Limits};
use super::rations::Rations;
use super::store::{Store, StoreInner, StoreKind};
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::vm::gc::{ExternTable, GcHost, Heap, HeapSettings};
use crate::vm::{Exec, ExnTable, Next, StackSource, Upcalls, Witness};
use parking_lot::Mutex;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// Asked when the epoch deadline has passed: how to go on, or why to stop.
pub type EpochCallback = dyn FnMut(&Store) -> Result<EpochUpdate> + Send;

/// Asked whenever control passes between host and guests; an error becomes the outcome of the call at hand.
pub type CallHook = dyn Fn(&Store, CallEvent) -> Result<()> + Send + Sync;

/// Where control passes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallEvent {
    CallingGuest,
    ReturningFromGuest,
    CallingHost,
    ReturningFromHost,
}

/// How a guest goes on after its epoch deadline; ticks from the present epoch to the next deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EpochUpdate {
    Continue(u64),
    /// Only once the host has resumed it: [`Step::Paused`](super::Step::Paused). An error in calls that are not of a
    /// [`GuestExec`](super::GuestExec).
    Yield(u64),
}

pub(super) struct Core {
    pub(super) id: u64,
    pub(super) engine: Engine,
    pub(super) limits: Mutex<Limits>,
    pub(super) limiter: Mutex<Option<Box<dyn Limiter>>>,
    pub(super) counts: Mutex<Counts>,
    pub(super) epoch_callback: Mutex<Option<Box<EpochCallback>>>,
    pub(super) default_deadline: AtomicU64,
    pub(super) externs: Arc<ExternTable>,
    pub(super) heap: Arc<Heap>,
    pub(super) exceptions: Arc<ExnTable>,
    /// How often the store's extensions have changed: execs keep one at hand.
    pub(super) extension_changes: AtomicU64,
    /// For hosts that hand exceptions over beside the call that fails.
    pub(super) pending: Mutex<Option<ExnRef>>,
    pub(super) host_word: AtomicUsize,
    pub(super) fuel: Rations,
    /// Bytes of the caller's stack for a call; 0 if there is more to look at before a call than that.
    max_stack: AtomicUsize,
    hook: Mutex<Option<Arc<CallHook>>>,
    /// Whether guests may be suspended for their host's sake, so that no call on the caller's stack is possible.
    pausing: AtomicBool,
    /// The embedder's stacks for calls of this store.
    stacks: Option<Arc<StackSource>>,
    store: Weak<StoreInner>,
}

/// How many of each kind the store has made, for [`Limits`].
#[derive(Default)]
pub(super) struct Counts {
    pub(super) instances: u64,
    pub(super) memories: u64,
    pub(super) tables: u64,
    pub(super) heaps: u64,
}

impl Core {
    pub(super) fn new(id: u64, kind: StoreKind, engine: &Engine, store: Weak<StoreInner>) -> Arc<Core> {
        Arc::new_cyclic(|core: &Weak<Core>| Core::make(id, kind, engine, store, core))
    }

    fn make(id: u64, kind: StoreKind, engine: &Engine, store: Weak<StoreInner>, core: &Weak<Core>) -> Core {
        let externs = match kind {
            StoreKind::Exclusive => Arc::new(ExternTable::new()),
            StoreKind::Shared => Arc::new(ExternTable::interning()),
        };
        let c = engine.config();
        let exceptions = Arc::new(match kind {
            StoreKind::Exclusive => ExnTable::collected(c.gc_stress),
            StoreKind::Shared => ExnTable::uncollected(),
        });
        let settings = HeapSettings { reservation: c.gc_heap_reservation, max: c.gc_heap_max, stress: c.gc_stress };
        let host: Weak<dyn GcHost> = core.clone();
        let heap = Arc::new(Heap::new(settings, engine.types().table().clone(), externs.clone(), host));
        heap.add_outer(exceptions.clone());
        let deadline = if engine.config().no_initial_deadline { u64::MAX } else { engine.epoch() };
        Core {
            id,
            engine: engine.clone(),
            limits: Mutex::default(),
            limiter: Mutex::default(),
            counts: Mutex::default(),
            epoch_callback: Mutex::default(),
            default_deadline: AtomicU64::new(deadline),
            externs,
            heap,
            exceptions,
            extension_changes: AtomicU64::new(0),
            pending: Mutex::default(),
            host_word: AtomicUsize::new(0),
            fuel: Rations::default(),
            max_stack: AtomicUsize::new(c.max_wasm_stack),
            hook: Mutex::default(),
            pausing: AtomicBool::new(false),
            stacks: c.stack_creator.clone().map(StackSource::new),
            store,
        }
    }

    /// A fresh exec of this store, with no fuel and the store's deadline.
    pub(super) fn new_exec(self: &Arc<Self>) -> Box<Exec> {
        let config = self.engine.config();
        let mut exec = Exec::new(self.clone(), self.engine.epochs());
        exec.set_host_word(Arc::as_ptr(self).expose_provenance());
        exec.set_stack_size(config.stack_size());
        exec.set_stack_source(self.stacks.clone());
        exec.set_max_frames(if config.backtraces { config.max_frames } else { 0 });
        exec.set_epoch_deadline(self.default_deadline.load(Ordering::Relaxed));
        exec
    }

    /// Bytes of the caller's stack that a call may use; 0: ask [`Core::look_closer`].
    #[inline]
    pub(super) fn max_stack(&self) -> usize {
        self.max_stack.load(Ordering::Relaxed)
    }

    /// Guests are suspended from now on when their host wishes it.
    pub(super) fn set_pausing(&self) {
        self.pausing.store(true, Ordering::Relaxed);
        self.max_stack.store(0, Ordering::Relaxed);
    }

    /// The store's hook from now on.
    pub(super) fn set_hook(&self, hook: Option<Arc<CallHook>>) {
        if hook.is_some() {
            self.max_stack.store(0, Ordering::Relaxed);
        }
        // Its owner's finalizer runs without the lock.
        let before = std::mem::replace(&mut *self.hook.lock(), hook);
        drop(before);
    }

    /// Whether calls may have to be shown to a hook.
    #[inline]
    pub(super) fn may_watch(&self) -> bool {
        self.max_stack() == 0
    }

    /// Shows the hook, if there is one, where control passes to.
    pub(super) fn watch(&self, event: CallEvent) -> Result<()> {
        let hook = self.hook.lock().clone();
        match hook {
            Some(hook) => self.store().and_then(|store| hook(&store, event)),
            None => Ok(()),
        }
    }

    pub(super) fn has_hook(&self) -> bool {
        self.hook.lock().is_some()
    }

    /// What else matters before a call on the caller's stack; then the bytes that it may use.
    #[cold]
    pub(super) fn look_closer(&self) -> Result<usize> {
        if self.pausing.load(Ordering::Relaxed) {
            return Err(Error::usage("store configuration requires that `*_async` functions are used instead"));
        }
        Ok(self.engine.config().max_wasm_stack)
    }

    pub(super) fn store(&self) -> Result<Store> {
        self.store.upgrade().map(Store).ok_or_else(|| Error::internal("a call outlived its store"))
    }

    /// The store without counting a reference, for the duration of a call.
    #[inline]
    pub(super) fn borrow_store(&self) -> ManuallyDrop<Store> {
        // SAFETY: guest code runs only inside a method that borrows the store or a `GuestExec` that owns a count, so
        // the count is not zero; `ManuallyDrop` leaves it as it is.
        ManuallyDrop::new(Store(unsafe { Arc::from_raw(self.store.as_ptr()) }))
    }

    #[inline]
    pub(super) fn host_word(&self) -> usize {
        self.host_word.load(Ordering::Relaxed)
    }

    pub(super) fn check_fuel(&self) -> Result<()> {
        if self.engine.config().tunables.fuel {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Usage, "fuel is not configured in this store"))
    }
}

/// What the store took of the engine's pool goes back, and hosts get their objects back, even those with roots that
/// nobody gave up.
impl Drop for Core {
    fn drop(&mut self) {
        self.externs.release();
        self.return_to_pool();
    }
}

/// The store side of an exec; `None` only for execs that no store made.
#[inline]
pub(super) fn core_of(exec: &Exec) -> Option<&Core> {
    // SAFETY: nobody but `Core::new_exec` sets host words, to the core that the exec keeps alive by its upcalls.
    unsafe { core::ptr::with_exposed_provenance::<Core>(exec.host_word()).as_ref() }
}

impl GcHost for Core {
    fn roots(&self, visit: &mut dyn FnMut(&mut u32)) {
        if let Some(store) = self.store.upgrade() {
            Store(store).gc_roots(visit);
        }
    }

    /// The heap counts as one more memory.
    fn heap_growing(&self, current: u64, desired: u64, max: u64) -> Result<bool> {
        self.memory_growing(current, desired, Some(max))
    }
}

impl Upcalls for Core {
    fn memory_growing(&self, current: u64, desired: u64, maximum: Option<u64>) -> Result<bool> {
        let limits = *self.limits.lock();
        let pooled = self.engine.config().pool.is_some_and(|p| desired > p.memory_size);
        if pooled || limits.memory_size.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        match &mut *self.limiter.lock() {
            Some(limiter) => limiter.memory_growing(current, desired, maximum),
            None => Ok(true),
        }
    }

    fn table_growing(&self, current: u64, desired: u64, maximum: Option<u64>) -> Result<bool> {
        let limits = *self.limits.lock();
        let pooled = self.engine.config().pool.is_some_and(|p| desired > p.table_elements);
        if pooled || limits.table_elements.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        match &mut *self.limiter.lock() {
            Some(limiter) => limiter.table_growing(current, desired, maximum),
            None => Ok(true),
        }
    }

    fn out_of_fuel(&self, exec: &Exec) -> Result<Next> {
        match self.fuel.refill(exec) {
            true => Ok(Next::Pause),
            false => Err(Error::trap(TrapCode::OutOfFuel)),
        }
    }

    /// The callback is taken out while it runs: it may use the store, and even replace itself.
    fn new_epoch(&self, exec: &Exec) -> Result<Next> {
        let Some(mut callback) = self.epoch_callback.lock().take() else {
            return Err(Error::trap(TrapCode::Interrupt));
        };
        let answer = self.store().and_then(|store| callback(&store));
        self.epoch_callback.lock().get_or_insert(callback);
        let (ticks, next) = match answer? {
            EpochUpdate::Continue(ticks) => (ticks, Next::GoOn),
            EpochUpdate::Yield(ticks) if exec.can_pause() => (ticks, Next::Pause),
            EpochUpdate::Yield(_) => {
                return Err(Error::usage("cannot use `UpdateDeadline::Yield` without using an async wasm entrypoint"));
            }
        };
        exec.set_epoch_deadline(self.engine.epoch().saturating_add(ticks));
        Ok(next)
    }

    fn epoch_passed(&self, exec: &Exec) -> Option<bool> {
        self.engine.config().tunables.epochs.then(|| exec.epoch_deadline() <= self.engine.epoch())
    }

    fn exceptions(&self) -> Option<&Arc<ExnTable>> {
        Some(&self.exceptions)
    }

    fn collect(&self) {
        // Only a store that is being dropped cannot be collected, and it has no guest that runs.
        let _ = self.store().and_then(|store| store.gc());
    }

    fn calling_host(&self) -> Result<()> {
        self.watch(CallEvent::CallingHost)
    }

    fn returning_from_host(&self) -> Result<()> {
        self.watch(CallEvent::ReturningFromHost)
    }

    fn host_word(&self) -> &AtomicUsize {
        &self.host_word
    }

    fn witness(&self) -> Option<Box<dyn Witness>> {
        self.store().ok()?.witness()
    }
}
