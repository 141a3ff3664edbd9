//! The part of a store that calls from machine code come back to: limits, fuel and epoch rules.

use super::engine::Engine;
use super::exnref::ExnRef;
use super::limits::{Limiter, Limits};
use super::store::{Store, StoreInner, StoreKind};
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::vm::gc::{ExternTable, GcHost, Heap, HeapSettings};
use crate::vm::{Exec, ExnTable, Upcalls};
use parking_lot::Mutex;
use std::any::Any;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// Asked when the epoch deadline has passed: how many ticks to go on, or why to stop.
pub type EpochCallback = dyn FnMut(&Store) -> Result<u64> + Send;

pub(super) struct Core {
    pub(super) id: u64,
    pub(super) kind: StoreKind,
    pub(super) engine: Engine,
    pub(super) limits: Mutex<Limits>,
    pub(super) limiter: Mutex<Option<Box<dyn Limiter>>>,
    pub(super) counts: Mutex<Counts>,
    pub(super) epoch_callback: Mutex<Option<Box<EpochCallback>>>,
    pub(super) default_deadline: AtomicU64,
    pub(super) externs: Arc<ExternTable>,
    pub(super) heap: Arc<Heap>,
    pub(super) exceptions: Arc<ExnTable>,
    /// For hosts that hand exceptions over beside the call that fails.
    pub(super) pending: Mutex<Option<ExnRef>>,
    pub(super) host_word: AtomicUsize,
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
            kind,
            engine: engine.clone(),
            limits: Mutex::default(),
            limiter: Mutex::default(),
            counts: Mutex::default(),
            epoch_callback: Mutex::default(),
            default_deadline: AtomicU64::new(deadline),
            externs,
            heap,
            exceptions,
            pending: Mutex::default(),
            host_word: AtomicUsize::new(0),
            store,
        }
    }

    /// A fresh exec of this store, with no fuel and the store's deadline.
    pub(super) fn new_exec(self: &Arc<Self>) -> Box<Exec> {
        let config = self.engine.config();
        let exec = Exec::new(self.clone(), self.engine.epoch_counter().clone());
        exec.set_stack_size(config.private_stack);
        exec.set_max_frames(if config.backtraces { config.max_frames } else { 0 });
        exec.set_epoch_deadline(self.default_deadline.load(Ordering::Relaxed));
        exec
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
pub(super) fn core_of(exec: &Exec) -> Option<&Core> {
    exec.upcalls().as_any().downcast_ref::<Core>()
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

    fn out_of_fuel(&self, _exec: &Exec) -> Result<()> {
        Err(Error::trap(TrapCode::OutOfFuel))
    }

    /// The callback is taken out while it runs: it may use the store, and even replace itself.
    fn new_epoch(&self, exec: &Exec) -> Result<()> {
        let Some(mut callback) = self.epoch_callback.lock().take() else {
            return Err(Error::trap(TrapCode::Interrupt));
        };
        let answer = self.store().and_then(|store| callback(&store));
        self.epoch_callback.lock().get_or_insert(callback);
        exec.set_epoch_deadline(self.engine.epoch().saturating_add(answer?));
        Ok(())
    }

    fn exceptions(&self) -> Option<&Arc<ExnTable>> {
        Some(&self.exceptions)
    }

    fn collect(&self) {
        // Only a store that is being dropped cannot be collected, and it has no guest that runs.
        let _ = self.store().and_then(|store| store.gc());
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
