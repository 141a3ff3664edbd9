//! What a host function sees of the call it serves.

use super::core::core_of;
use super::exnref::ExnRef;
use super::externs::Extern;
use super::instance::Instance;
use super::memory::Memory;
use super::store::Store;
use crate::base::{Error, Result, TrapCode};
use crate::vm::{Exec, HostCall};
use std::cell::OnceCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// Valid during one host call only. Costs nothing until it is asked for something.
pub struct Caller<'a> {
    /// Borrowed: the call in progress keeps the store alive.
    store: ManuallyDrop<Store>,
    instance: OnceCell<Option<Instance>>,
    exec: &'a Exec,
}

impl<'a> Caller<'a> {
    #[inline]
    pub(super) fn new(call: &HostCall<'a>) -> Result<Caller<'a>> {
        let exec = call.exec();
        let core = core_of(exec).ok_or_else(|| Error::internal("exec without store"))?;
        Ok(Caller { store: core.borrow_store(), instance: OnceCell::new(), exec })
    }

    pub fn store(&self) -> &Store {
        &self.store
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
        if self.interrupted() {
            return Some(self.interruption());
        }
        let engine = self.store.engine();
        let over = engine.config().tunables.epochs && self.exec.epoch_deadline() <= engine.epoch();
        if over { self.exec.new_epoch().err() } else { None }
    }

    /// The trap of a call that gives up because of [`Caller::interrupted`]; the interruption is spent with it.
    pub fn interruption(&self) -> Error {
        self.exec.take_interrupt();
        Error::trap(TrapCode::Interrupt)
    }
}
