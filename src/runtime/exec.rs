//! Calls whose host functions are served by yielding: the guest runs on a private stack, and a host call comes
//! back to the caller as a [`Step`] instead of a callback. So a host language whose code must not run on a
//! foreign stack (Go), or that wants to wait without holding a thread, serves host functions as ordinary code.

use super::core::CallEvent;
use super::externs::Extern;
use super::func::Func;
use super::instance::Instance;
use super::linker::Linker;
use super::module::Module;
use super::store::{Claim, Store, StoreKind};
use crate::base::{Error, Result, Trace};
use crate::layout::ValRaw;
use crate::vm::{Exec, Interrupt};
use std::sync::Arc;

pub use crate::vm::{CallingInstance, Step};

/// One thread of guest execution on a private stack. May move between threads, also while suspended; one thread
/// uses it at a time.
pub struct GuestExec {
    store: Store,
    exec: Box<Exec>,
    /// What the call in progress needs alive.
    callee: Option<Func>,
    /// See [`GuestExec::trust_one_thread`].
    one_thread: bool,
    /// Whether fuel and deadline have to be fetched from an exclusive store, and brought back.
    metered: bool,
}

impl Instance {
    /// Whether this is the instance that called a host function.
    #[inline]
    pub fn is_calling(&self, caller: CallingInstance) -> bool {
        caller.is(self.as_vm())
    }
}

impl GuestExec {
    pub fn new(store: &Store) -> Result<GuestExec> {
        let exec = store.core().new_exec();
        store.register_guest(&exec);
        let tunables = &store.engine().config().tunables;
        let metered = store.kind() == StoreKind::Exclusive && (tunables.fuel || tunables.epochs);
        Ok(GuestExec { store: store.clone(), exec, callee: None, one_thread: false, metered })
    }

    /// Makes calls cheaper by not guarding an exclusive store against a second thread.
    ///
    /// # Safety
    /// - From now on one thread at a time calls into the store, as the C API asks of its callers.
    pub unsafe fn trust_one_thread(&mut self) {
        self.one_thread = self.store.kind() == StoreKind::Exclusive;
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Starts a call. The slots must stay where they are until the call is done, failed or abandoned.
    ///
    /// # Safety
    /// - `slots` points to at least as many slots as the function's type has parameters, and as it has results;
    /// - references among the parameters belong to this exec's store and are of the type's kind.
    #[inline(always)]
    pub unsafe fn call(&mut self, func: &Func, slots: *mut ValRaw, num_slots: usize) -> Result<Step> {
        func.check_store(&self.store)?;
        if self.exec.is_busy() {
            return Err(Error::usage("exec is busy: its suspended call has to be resumed or abandoned first"));
        }
        let step = if self.store.core().may_watch() {
            // SAFETY: the caller's.
            unsafe { self.watched_call(func, slots, num_slots) }
        } else {
            // SAFETY: the caller's.
            unsafe { self.plain_call(func, slots, num_slots) }
        };
        if let Ok(Step::HostCall { .. } | Step::Paused) = step {
            self.callee = Some(func.clone());
        }
        step
    }

    /// Goes on after a [`Step::HostCall`] or [`Step::Paused`]; an error stops the guest and comes back from this call or from a
    /// guest frame that handles it.
    #[inline(always)]
    pub fn resume(&mut self, outcome: Result<()>) -> Result<Step> {
        if !self.exec.is_suspended() {
            return Err(Error::usage("exec is not suspended in a host call"));
        }
        let outcome = outcome.map_err(|e| self.store.host_error(e));
        let step = if self.store.core().may_watch() {
            self.watched_resume(outcome)
        } else {
            self.plain_resume(outcome)
        };
        match step {
            Ok(Step::HostCall { .. } | Step::Paused) => {}
            _ => self.callee = None,
        }
        step
    }

    /// Shows the store's hook, if there is one, where control passes to.
    fn watch(&self, event: CallEvent) -> Result<()> {
        self.store.core().watch(event)
    }

    /// [`GuestExec::call`] in a store that may have a hook. It is apart so that a step need not be in memory on the usual way.
    ///
    /// # Safety
    /// - As there.
    #[cold]
    unsafe fn watched_call(&self, func: &Func, slots: *mut ValRaw, num_slots: usize) -> Result<Step> {
        self.watch(CallEvent::CallingGuest)?;
        // SAFETY: the caller's.
        self.watched_step(unsafe { self.plain_call(func, slots, num_slots) })
    }

    #[cold]
    fn watched_resume(&self, outcome: Result<()>) -> Result<Step> {
        let outcome = if self.exec.is_paused() { outcome } else { self.watch(CallEvent::ReturningFromHost).and(outcome) };
        self.watched_step(self.plain_resume(outcome))
    }

    /// Shows the hook what a step means. If it refuses a host call, the guest goes on with that as the call's outcome.
    fn watched_step(&self, mut step: Result<Step>) -> Result<Step> {
        loop {
            match step {
                Ok(Step::Paused) => return step,
                Ok(Step::HostCall { .. }) => match self.watch(CallEvent::CallingHost) {
                    Ok(()) => return step,
                    Err(e) => step = self.plain_resume(Err(e)),
                },
                Ok(Step::Done) | Err(_) => return self.watch(CallEvent::ReturningFromGuest).and(step),
            }
        }
    }

    /// Gives up a suspended call; its guest frames are gone.
    pub fn abandon(&mut self) {
        self.exec.abandon();
        self.callee = None;
    }

    /// Instantiates with imports in the module's order; [`Step::Done`] also when there is no start function.
    pub fn instantiate(&mut self, module: &Module, imports: &[Extern]) -> Result<(Instance, Step)> {
        let instance = Instance::prepare(&self.store, module, imports)?;
        let Some(start) = instance.start_func(&self.store) else { return Ok((instance, Step::Done)) };
        // SAFETY: a start function has neither parameters nor results.
        let step = unsafe { self.call(&start, core::ptr::null_mut(), 0) }?;
        Ok((instance, step))
    }

    /// [`GuestExec::instantiate`] with imports from a linker.
    pub fn link(&mut self, linker: &Linker, module: &Module) -> Result<(Instance, Step)> {
        let imports = linker.resolve(&self.store, module)?;
        self.instantiate(module, &imports)
    }

    pub fn interrupt_handle(&self) -> Arc<Interrupt> {
        self.exec.interrupt_handle()
    }

    /// The instance that called the host function for which the guest waits.
    pub fn caller(&self) -> Option<Instance> {
        let caller = self.exec.is_suspended().then(|| self.exec.caller_instance()).flatten()?;
        Some(Instance::from_vm(caller.to_arc()))
    }

    pub fn is_suspended(&self) -> bool {
        self.exec.is_suspended()
    }

    /// The guest frames of the suspended call, innermost first.
    pub fn trace(&self) -> Arc<dyn Trace> {
        self.exec.trace()
    }

    pub fn set_fuel(&self, fuel: u64) {
        self.exec.set_fuel(fuel);
    }

    pub fn fuel(&self) -> u64 {
        self.exec.fuel()
    }

    /// [`GuestExec::call`] without showing it to a hook. Here and below closures are avoided, which the compiler would rather
    /// call than put in place, with a step through memory.
    ///
    /// # Safety
    /// - As there.
    #[inline(always)]
    unsafe fn plain_call(&self, func: &Func, slots: *mut ValRaw, num_slots: usize) -> Result<Step> {
        let _claim = self.claim()?;
        // SAFETY: the slots are the caller's promise; the callee stays alive in `self.callee` or by the store.
        self.left(unsafe { self.exec.start(func.ptr(), slots, num_slots) })
    }

    #[inline(always)]
    fn plain_resume(&self, outcome: Result<()>) -> Result<Step> {
        let _claim = self.claim()?;
        self.left(self.exec.resume(outcome))
    }

    /// Takes the store for a guest. An exclusive store's fuel and deadline travel with the call and back.
    #[inline(always)]
    fn claim(&self) -> Result<Claim<'_>> {
        let claim = if self.one_thread {
            // SAFETY: promised to `trust_one_thread`, which has looked at the kind.
            unsafe { self.store.claim_alone(&self.exec) }?
        } else {
            self.store.claim(&self.exec)?
        };
        if self.metered {
            self.fetch();
        }
        Ok(claim)
    }

    /// Undoes what [`GuestExec::claim`] did for fuel and deadline.
    #[inline(always)]
    fn left(&self, step: Result<Step>) -> Result<Step> {
        if self.metered {
            self.bring_back();
        }
        step
    }
}

impl GuestExec {
    #[inline(never)]
    fn fetch(&self) {
        let home = self.store.primary();
        self.exec.set_fuel_as(home);
        self.exec.set_epoch_deadline(home.epoch_deadline());
    }

    #[inline(never)]
    fn bring_back(&self) {
        let home = self.store.primary();
        home.set_fuel_as(&self.exec);
        home.set_epoch_deadline(self.exec.epoch_deadline());
    }
}

impl Drop for GuestExec {
    fn drop(&mut self) {
        self.store.unregister_guest(&self.exec);
    }
}
