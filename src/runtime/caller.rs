//! What a host function sees of the call it serves.

use super::core::{Core, core_of};
use super::exnref::ExnRef;
use super::externs::Extern;
use super::instance::Instance;
use super::memory::Memory;
use super::store::Store;
use crate::base::{Error, Result, TrapCode};
use crate::vm::{Exec, HostCall, RawCaller, View};
use crate::wasm::EntityIndex;
use std::any::Any;
use std::cell::OnceCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Valid during one host call only. Costs nothing until it is asked for something.
pub struct Caller<'a> {
    /// Borrowed: the call in progress keeps the store alive.
    store: ManuallyDrop<Store>,
    core: &'a Core,
    instance: OnceCell<Option<Instance>>,
    exec: &'a Exec,
}

impl<'a> Caller<'a> {
    #[inline]
    pub(super) fn new(call: &HostCall<'a>) -> Result<Caller<'a>> {
        let exec = call.exec();
        let core = core_of(exec).ok_or_else(|| Error::internal("exec without store"))?;
        Ok(Caller { store: core.borrow_store(), core, instance: OnceCell::new(), exec })
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// [`Store::host_word`] of the store.
    #[inline]
    pub fn host_word(&self) -> usize {
        self.core.host_word()
    }

    /// The instance that made the call; `None` when the host called the function directly.
    pub fn instance(&self) -> Option<&Instance> {
        let found = || self.exec.caller_instance().map(|i| Instance::from_vm(i.to_arc()));
        self.instance.get_or_init(found).as_ref()
    }

    /// An export of the calling instance.
    pub fn export(&self, name: &str) -> Option<Extern> {
        self.instance()?.export(&self.store, name)
    }

    /// A memory exported by the calling instance.
    pub fn memory(&self, name: &str) -> Option<Memory> {
        self.instance()?.memory(name)
    }

    /// The bytes of a memory exported by the calling instance, as many as there are now; [`Caller::memory`] without a
    /// handle.
    pub fn memory_view(&self, name: &str) -> Option<View<'_>> {
        let instance = self.exec.caller_instance()?;
        match instance.info().exports.iter().find(|e| e.name == name)?.entity {
            EntityIndex::Memory(i) => Some(instance.memory(i).view()),
            _ => None,
        }
    }

    /// Runs `f` on what [`Store::set_extension`] attached to the store; `None` if there is no such value. Cheaper than
    /// [`Store::extension`] for a function that is called often.
    pub fn with_extension<T: Any + Send + Sync, R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        let changes = || self.store.core().extension_changes.load(Ordering::Acquire);
        let now = changes();
        // Taken out, so that a call in a call finds nothing rather than something that may be replaced under it.
        let kept = self.exec.take_kept().filter(|(then, value)| *then == now && value.is::<T>());
        let value = match kept {
            Some((_, value)) => value,
            None => self.store.extension::<T>()?,
        };
        let result = f(value.downcast_ref::<T>()?);
        if changes() == now {
            self.exec.keep((now, value));
        }
        Some(result)
    }

    /// The guest frames below this call, innermost first.
    pub fn backtrace(&self) -> Arc<dyn crate::base::Trace> {
        self.exec.trace()
    }

    /// The error by which a host function throws: what it returns goes on as an exception of the guest.
    pub fn throw(&self, exception: ExnRef) -> Result<Error> {
        exception.check_store(&self.store)?;
        Ok(exception.into_error())
    }

    /// Whether somebody asked this execution to stop: long host work should give up then.
    pub fn interrupted(&self) -> bool {
        self.exec.interrupted()
    }

    /// Whether host work that takes long has to end now, and with which error: somebody interrupted this execution, or
    /// its epoch deadline has passed and the store's callback, which is asked, grants no more time.
    pub fn stop(&self) -> Option<Error> {
        // Asked first: an interruption that comes later is seen below.
        let over = self.exec.deadline_passed();
        if self.interrupted() {
            return Some(self.interruption());
        }
        if over { self.exec.new_epoch().err() } else { None }
    }

    /// The trap of a call that gives up because of [`Caller::interrupted`]; the interruption is spent with it.
    pub fn interruption(&self) -> Error {
        self.exec.take_interrupt();
        Error::trap(TrapCode::Interrupt)
    }
}

impl RawCaller<'_> {
    /// An export of the calling instance, which is one of `store`.
    pub fn export(&self, store: &Store, name: &str) -> Option<Extern> {
        Instance::from_vm(self.instance()?.to_arc()).export(store, name)
    }
}
