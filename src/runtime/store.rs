//! The store: owner of instances and of the state of their calls.
//!
//! What confuses people: a [`Store`] is a shared handle and everything takes `&Store`, because a host function
//! holds the store that is calling it. There are two kinds. The *exclusive* kind runs one call chain at a time
//! and refuses a second thread with an error; it owns everything made in it until it is dropped. The *shared*
//! kind may be entered by many threads at once; each call has its own [`vm::Exec`](crate::vm::Exec), externrefs
//! are plain host words, and instances live as long as their handles, importers and running calls.

use super::core::{Core, core_of};
use super::engine::Engine;
use super::exnref::ExnRef;
use super::handles::Handles;
use super::instance::Instance;
use super::limits::Limits;
use crate::base::{Error, ErrorKind, Result};
use crate::vm::gc::{ExternTable, Heap};
use crate::vm::{self, Exec, ExnTable, Thread};
use crate::wasm::{RefFamily, ValType};
use parking_lot::{Mutex, MutexGuard};
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

#[derive(Clone)]
pub struct Store(pub(super) Arc<StoreInner>);

/// Whether one thread or many may run guests of a store at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreKind {
    Exclusive,
    Shared,
}

pub(super) struct StoreInner {
    /// Copies of what calls ask for.
    id: u64,
    kind: StoreKind,
    core: Arc<Core>,
    /// Runs calls on the caller's own stack; home of fuel and deadline in exclusive stores.
    primary: Primary,
    /// Address of the exec that is running; 0 when none. Exclusive stores only.
    running: AtomicUsize,
    /// Spare execs of a shared store.
    #[allow(clippy::vec_box)] // an exec's address is known to machine code
    spare: Mutex<Vec<Box<Exec>>>,
    state: Mutex<State>,
}

/// The store's own exec, reachable from a shared handle.
struct Primary(Box<Exec>);

// SAFETY: an exec is used by one thread at a time. Calls go through `Store::claim`, which admits one thread;
// outside of calls only fuel, deadline and the interrupt handle are touched, which are single aligned words.
unsafe impl Sync for Primary {}

/// Address of an exec that unregisters before it goes.
struct GuestAddress(*const Exec);

// SAFETY: the pointer is followed only by `each_exec` of an exclusive store, whose guests do not run meanwhile.
unsafe impl Send for GuestAddress {}

/// What the store keeps alive and what by-value handles of the C ABI index.
#[derive(Default)]
pub(super) struct State {
    pub(super) handles: Handles,
    /// Host functions and whatever else machine code of this store may point to, by address.
    pinned: HashMap<usize, Arc<dyn Any + Send + Sync>>,
    extensions: Vec<Arc<dyn Any + Send + Sync>>,
    /// Execs of guests on private stacks, by address: their frames hold references while they are suspended.
    guests: Vec<GuestAddress>,
    /// Tables and globals of the host's that hold references which move.
    host_tables: Vec<Weak<vm::Table>>,
    host_globals: Vec<vm::WeakGlobal>,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Store {
    /// An exclusive store.
    pub fn new(engine: &Engine) -> Store {
        Store::with_kind(engine, StoreKind::Exclusive)
    }

    /// A store whose instances many threads may enter at once.
    pub fn new_shared(engine: &Engine) -> Store {
        Store::with_kind(engine, StoreKind::Shared)
    }

    fn with_kind(engine: &Engine, kind: StoreKind) -> Store {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Store(Arc::new_cyclic(|weak| {
            let core = Core::new(id, kind, engine, weak.clone());
            StoreInner {
                id,
                kind,
                primary: Primary(core.new_exec()),
                core,
                running: AtomicUsize::new(0),
                spare: Mutex::default(),
                state: Mutex::default(),
            }
        }))
    }

    /// Unique in the process; never 0.
    #[inline]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    #[inline]
    pub fn kind(&self) -> StoreKind {
        self.0.kind
    }

    pub fn engine(&self) -> &Engine {
        &self.0.core.engine
    }

    pub fn same(&self, other: &Store) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A handle that does not keep the store alive.
    pub fn downgrade(&self) -> WeakStore {
        WeakStore(Arc::downgrade(&self.0))
    }

    /// Limits for later creation and growth; what exists already stays.
    pub fn set_limits(&self, limits: Limits) {
        *self.0.core.limits.lock() = limits;
    }

    /// A limiter that is asked in addition to [`Limits`].
    pub fn set_limiter(&self, limiter: Option<Box<dyn super::limits::Limiter>>) {
        *self.0.core.limiter.lock() = limiter;
    }

    /// Sets the fuel left. An error unless the engine was configured with fuel.
    pub fn set_fuel(&self, fuel: u64) -> Result<()> {
        self.0.core.check_fuel()?;
        self.with_home(|exec| self.0.core.fuel.set(exec, fuel));
        Ok(())
    }

    /// The fuel left. An error unless the engine was configured with fuel.
    pub fn fuel(&self) -> Result<u64> {
        self.0.core.check_fuel()?;
        Ok(self.with_home(|exec| self.0.core.fuel.left(exec)))
    }

    /// Suspends guests of a [`GuestExec`](super::GuestExec) each time they have used so much fuel: their call comes to
    /// [`Step::Paused`](super::Step::Paused). 0 ends that. Calls on the caller's own stack, where no guest can be suspended, are
    /// refused from the first interval on. An error without fuel, and in stores that many threads enter.
    pub fn set_fuel_yield_interval(&self, interval: u64) -> Result<()> {
        self.0.core.check_fuel()?;
        if self.kind() == StoreKind::Shared {
            return Err(Error::usage("a store that many threads enter has no fuel interval: its calls have fuel of their own"));
        }
        self.with_home(|exec| self.0.core.fuel.set_portion(exec, interval));
        if interval > 0 {
            self.0.core.set_pausing();
        }
        Ok(())
    }

    /// Suspends guests of a [`GuestExec`](super::GuestExec) when the epoch deadline has passed, which is then `ticks`
    /// beyond. Calls on the caller's own stack are refused from now on.
    pub fn set_epoch_yield(&self, ticks: u64) {
        self.set_epoch_callback(Some(Box::new(move |_| Ok(super::core::EpochUpdate::Yield(ticks)))));
        self.0.core.set_pausing();
    }

    /// The next epoch check traps (or calls the callback) once the epoch is `ticks` beyond the present one.
    pub fn set_epoch_deadline(&self, ticks: u64) {
        let deadline = self.engine().epoch().saturating_add(ticks);
        self.0.core.default_deadline.store(deadline, Ordering::Relaxed);
        self.with_home(|exec| exec.set_epoch_deadline(deadline));
    }

    /// What to do when the deadline has passed; without a callback the guest traps.
    pub fn set_epoch_callback(&self, callback: Option<Box<super::core::EpochCallback>>) {
        *self.0.core.epoch_callback.lock() = callback;
    }

    /// Shows `hook` every passage between host and guests, in both directions; an error that it returns ends the call at hand.
    /// Suspensions by fuel and epochs are no passages. Costs nothing while none was ever set.
    pub fn set_call_hook(&self, hook: Option<Arc<super::core::CallHook>>) {
        let set = hook.is_some();
        self.0.core.set_hook(hook);
        if set {
            let state = self.0.state.lock();
            state.pinned.values().filter_map(|p| p.downcast_ref::<vm::HostFunc>()).for_each(vm::HostFunc::watch);
        }
    }

    /// A handle by which any thread stops the call that runs on its caller's own stack, or the next one. Calls of a
    /// [`GuestExec`](super::GuestExec) have handles of their own. Needs code compiled with epoch checks.
    pub fn interrupt_handle(&self) -> Arc<vm::Interrupt> {
        self.0.primary.0.interrupt_handle()
    }

    /// Frees what no guest and no host root reaches; finalizers run before this returns.
    pub fn gc(&self) -> Result<()> {
        if self.kind() == StoreKind::Shared {
            return Ok(());
        }
        self.with_heap(|heap| heap.collect())
    }

    /// Shows every reference that guests of this exclusive store can reach, outside of the heap.
    pub(super) fn gc_roots(&self, visit: &mut dyn FnMut(&mut u32)) {
        let (instances, tables, globals) = {
            let mut state = self.0.state.lock();
            state.host_tables.retain(|t| t.strong_count() > 0);
            state.host_globals.retain(|g| g.upgrade().is_some());
            let tables: Vec<_> = state.host_tables.iter().filter_map(Weak::upgrade).collect();
            let globals: Vec<_> = state.host_globals.iter().filter_map(vm::WeakGlobal::upgrade).collect();
            (state.handles.instances.iter().cloned().collect::<Vec<_>>(), tables, globals)
        };
        instances.iter().for_each(|i| i.vm().gc_roots(visit));
        tables.iter().for_each(|t| t.gc_roots(visit));
        globals.iter().for_each(|g| g.gc_roots(visit));
        self.each_exec(|exec| exec.gc_roots(visit));
    }

    /// Runs `f` on the heap while no other thread is in the store.
    pub(super) fn with_heap<R>(&self, f: impl FnOnce(&Heap) -> Result<R>) -> Result<R> {
        if self.kind() == StoreKind::Shared {
            return Err(no_shared_heap());
        }
        let _busy = self.alone()?;
        f(&self.0.core.heap)
    }

    /// Keeps other threads out of an exclusive store; nothing to do inside of a call.
    pub(super) fn alone(&self) -> Result<Option<Claim<'_>>> {
        match self.current().or_else(|| self.outer()) {
            Some(_) => Ok(None),
            None => self.claim(&self.0.primary.0).map(Some),
        }
    }

    /// The collector has to know of this table as long as it lives.
    pub(super) fn register_table(&self, table: &Arc<vm::Table>) {
        if self.kind() == StoreKind::Exclusive && ValType::Ref(table.ty().element).is_gc_ref() {
            self.0.state.lock().host_tables.push(Arc::downgrade(table));
        }
    }

    /// The collector has to know of this global as long as it lives.
    pub(super) fn register_global(&self, global: &vm::Global) {
        if self.kind() == StoreKind::Exclusive && global.ty.content.is_gc_ref() {
            self.0.state.lock().host_globals.push(global.downgrade());
        }
    }

    /// Visits every exec that may have guest frames: the store's own and those of its [`GuestExec`](super::GuestExec)s.
    fn each_exec(&self, mut visit: impl FnMut(&Exec)) {
        visit(&self.0.primary.0);
        for guest in &self.0.state.lock().guests {
            // SAFETY: a guest exec unregisters, under this lock, before it is freed; the store being exclusive, it is
            // suspended or idle, or it is the one that runs on this thread.
            visit(unsafe { &*guest.0 });
        }
    }

    pub(super) fn register_guest(&self, exec: &Exec) {
        self.0.state.lock().guests.push(GuestAddress(exec));
    }

    pub(super) fn unregister_guest(&self, exec: &Exec) {
        self.0.state.lock().guests.retain(|g| !core::ptr::eq(g.0, exec));
    }

    /// The guest frames that run on this thread right now, innermost first; to be asked by a host function.
    pub fn backtrace(&self) -> Option<Arc<dyn crate::base::Trace>> {
        self.current().map(Exec::trace)
    }

    /// All guest frames that run on this thread, however many, for profiles.
    pub(super) fn whole_backtrace(&self) -> Option<Arc<dyn crate::base::Trace>> {
        self.current().map(Exec::whole_trace)
    }

    /// The exec of this store that runs on this thread right now.
    fn current(&self) -> Option<&Exec> {
        Exec::current().filter(|e| core_of(e).is_some_and(|core| core.id == self.id()))
    }

    /// The exec of this exclusive store that runs on this thread further out: a guest of another store is in between.
    fn outer(&self) -> Option<&Exec> {
        if self.0.running.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut found: *const Exec = core::ptr::null();
        self.each_exec(|exec| {
            if exec.is_on_this_thread() {
                found = exec;
            }
        });
        // SAFETY: an exec lives as long as a call on it, and the frames of this one's call are below ours.
        unsafe { found.as_ref() }
    }

    /// Refuses a thread that is not the one which runs this exclusive store right now. For changes that a running guest
    /// would not survive.
    pub(super) fn check_thread(&self) -> Result<()> {
        let idle = self.0.running.load(Ordering::Acquire) == 0;
        if idle || self.current().or_else(|| self.outer()).is_some() { Ok(()) } else { Err(in_use()) }
    }

    /// Whether a call of this store is running, on this thread or, in an exclusive store, on any.
    pub fn is_running(&self) -> bool {
        self.0.running.load(Ordering::Relaxed) != 0 || self.current().is_some()
    }

    /// Attaches a value that host functions find by type with [`Store::extension`]; replaces one of the same type.
    pub fn set_extension<T: Any + Send + Sync>(&self, value: Arc<T>) {
        let mut state = self.0.state.lock();
        state.extensions.retain(|e| !e.is::<T>());
        state.extensions.push(value);
        drop(state);
        self.0.core.extension_changes.fetch_add(1, Ordering::Release);
        self.forget_kept();
    }

    /// Idle execs let go of the extension that they keep; busy ones find out at their next call.
    fn forget_kept(&self) {
        let mut dropped = Vec::new();
        if self.kind() == StoreKind::Exclusive {
            let primary = &self.0.primary.0;
            dropped.extend(self.claim(primary).ok().and_then(|_claim| primary.take_kept()));
        }
        dropped.extend(self.0.spare.lock().iter().filter_map(|exec| exec.take_kept()));
        // Only here: what a host attached may call back into the store when it goes.
        drop(dropped);
    }

    pub fn extension<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let state = self.0.state.lock();
        let found = state.extensions.iter().find(|e| e.is::<T>())?.clone();
        found.downcast::<T>().ok()
    }

    /// A word for whoever wraps stores, found without a lock: the C ABI keeps the address of its context here.
    pub fn host_word(&self) -> usize {
        self.0.core.host_word()
    }

    pub fn set_host_word(&self, word: usize) {
        self.0.core.host_word.store(word, Ordering::Relaxed);
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    pub(super) fn externs(&self) -> &Arc<ExternTable> {
        &self.0.core.externs
    }

    pub(super) fn exceptions(&self) -> &Arc<ExnTable> {
        &self.0.core.exceptions
    }

    /// Leaves an exception with the store and gives the error that throws it when a host function returns it.
    pub fn set_pending_exception(&self, exception: ExnRef) -> Result<Error> {
        exception.check_store(self)?;
        *self.0.core.pending.lock() = Some(exception.clone());
        Ok(exception.into_error())
    }

    /// The exception that was left with the store, once.
    pub fn take_pending_exception(&self) -> Option<ExnRef> {
        self.0.core.pending.lock().take()
    }

    pub fn has_pending_exception(&self) -> bool {
        self.0.core.pending.lock().is_some()
    }

    /// The error of a host function as the engine understands it: one that says "exception" and brings none means the
    /// pending one; one that brings an exception settles what is pending.
    pub(super) fn host_error(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::Exception {
            return error;
        }
        match (self.take_pending_exception(), error.payload()) {
            (Some(pending), None) => pending.into_error(),
            _ => error,
        }
    }

    /// Values of this type can be where no exec sees them from now on.
    pub(super) fn note_place(&self, ty: ValType) {
        if matches!(ty, ValType::Ref(r) if r.heap.family() == RefFamily::Exn) {
            self.exceptions().spread();
        }
    }

    /// Home of fuel and deadline.
    pub(super) fn primary(&self) -> &Exec {
        &self.0.primary.0
    }

    /// Runs `f` on the exec that a call of this thread has to use: the one that is already running here, the
    /// store's own, or a spare one.
    pub(super) fn with_exec<R>(&self, f: impl FnOnce(&Exec, Thread) -> Result<R>) -> Result<R> {
        let thread = Thread::this()?;
        if let Some(current) = self.current() {
            return f(current, thread);
        }
        match self.kind() {
            StoreKind::Exclusive => match self.claim(&self.0.primary.0) {
                Ok(_busy) => f(&self.0.primary.0, thread),
                Err(busy) => f(self.outer().ok_or(busy)?, thread),
            },
            StoreKind::Shared => {
                let exec = self.0.spare.lock().pop().unwrap_or_else(|| self.0.core.new_exec());
                exec.set_epoch_deadline(self.0.core.default_deadline.load(Ordering::Relaxed));
                let result = f(&exec, thread);
                self.0.spare.lock().push(exec);
                result
            }
        }
    }

    /// The store's own exec for a call of a thread that runs no guest yet; `None` if [`Store::with_exec`] has to look closer.
    /// There is no atomic exchange here: a second thread is refused unless it comes in the same instant.
    ///
    /// # Safety
    /// - One thread at a time calls into the store, if it is exclusive.
    #[inline]
    pub(super) unsafe fn claim_home(&self, thread: Thread) -> Option<(&Exec, Claim<'_>)> {
        let inner = &*self.0;
        if !thread.is_idle() || inner.kind == StoreKind::Shared || inner.running.load(Ordering::Acquire) != 0 {
            return None;
        }
        let exec = &*inner.primary.0;
        inner.running.store(core::ptr::from_ref(exec).addr(), Ordering::Relaxed);
        Some((exec, Claim { running: Some(&inner.running) }))
    }

    /// Marks an exclusive store as running `exec`, or says that another thread is in it.
    pub(super) fn claim(&self, exec: &Exec) -> Result<Claim<'_>> {
        if self.kind() == StoreKind::Shared {
            return Ok(Claim { running: None });
        }
        let me = core::ptr::from_ref(exec).addr();
        match self.0.running.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => Ok(Claim { running: Some(&self.0.running) }),
            Err(_) => Err(in_use()),
        }
    }

    /// [`Store::claim`] without an atomic exchange, so that a race goes unnoticed.
    ///
    /// # Safety
    /// - The store is exclusive, and one thread at a time calls into it.
    #[inline(always)]
    pub(super) unsafe fn claim_alone(&self, exec: &Exec) -> Result<Claim<'_>> {
        debug_assert!(self.kind() == StoreKind::Exclusive);
        if self.0.running.load(Ordering::Acquire) != 0 {
            return Err(in_use());
        }
        self.0.running.store(core::ptr::from_ref(exec).addr(), Ordering::Relaxed);
        Ok(Claim { running: Some(&self.0.running) })
    }

    /// The exec whose fuel and deadline stand for the store right now.
    fn with_home<R>(&self, f: impl FnOnce(&Exec) -> R) -> R {
        f(self.current().unwrap_or(&self.0.primary.0))
    }

    /// Keeps `owner` alive as long as the store.
    pub(super) fn pin(&self, owner: Arc<dyn Any + Send + Sync>) {
        let address = Arc::as_ptr(&owner).addr();
        self.0.state.lock().pinned.entry(address).or_insert(owner);
    }

    /// Takes a new instance into the store's care. A shared store lets it go with its last handle, unless
    /// references to its functions can be where no count follows them.
    pub(super) fn adopt(&self, instance: &Instance) {
        if self.kind() == StoreKind::Exclusive || instance.leaks_references() {
            self.state().handles.instances.intern(instance);
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock()
    }
}

#[cold]
fn in_use() -> Error {
    Error::usage("the store is in use by another thread: an exclusive store runs one call at a time")
}

#[cold]
pub(super) fn no_shared_heap() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "structs and arrays (the gc proposal) need a garbage-collected heap, which a shared store does not have",
    )
}

/// A store handle that does not keep the store alive.
#[derive(Clone)]
pub struct WeakStore(Weak<StoreInner>);

impl WeakStore {
    pub fn upgrade(&self) -> Option<Store> {
        self.0.upgrade().map(Store)
    }
}

/// While it lives, its exclusive store counts as running.
pub(super) struct Claim<'a> {
    running: Option<&'a AtomicUsize>,
}

impl Drop for Claim<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(running) = self.running {
            running.store(0, Ordering::Release);
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({}, {:?})", self.id(), self.kind())
    }
}
