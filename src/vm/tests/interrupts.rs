//! Interruptions that come at an unfortunate moment.

use crate::base::{Error, Result, TrapCode};
use crate::vm::*;
use parking_lot::Mutex;
use std::sync::Arc;

/// A store whose guests are interrupted just when somebody looks at their deadline, if there is a handle.
struct Unfortunate(Arc<Mutex<Option<Arc<Interrupt>>>>);

impl Upcalls for Unfortunate {
    fn memory_growing(&self, _: u64, _: u64, _: Option<u64>) -> Result<bool> {
        Ok(true)
    }
    fn table_growing(&self, _: u64, _: u64, _: Option<u64>) -> Result<bool> {
        Ok(true)
    }
    fn out_of_fuel(&self, _: &Exec) -> Result<Next> {
        Err(Error::trap(TrapCode::OutOfFuel))
    }
    fn new_epoch(&self, _: &Exec) -> Result<Next> {
        Err(Error::host("the epoch is over"))
    }
    fn epoch_passed(&self, exec: &Exec) -> Option<bool> {
        if let Some(handle) = &*self.0.lock() {
            handle.trigger();
        }
        Some(exec.epoch_deadline() == 0)
    }
}

/// Who waited asked for interruptions first and for the deadline, which they move, then.
#[test]
fn an_interruption_while_the_deadline_is_looked_at_is_not_taken_for_it() {
    init().unwrap();
    let handle = Arc::new(Mutex::new(None));
    let exec = Exec::new(Arc::new(Unfortunate(handle.clone())), None);
    exec.set_epoch_deadline(9);
    assert!(!exec.deadline_passed());
    *handle.lock() = Some(exec.interrupt_handle());
    assert!(!exec.deadline_passed() && exec.interrupted());
    *handle.lock() = None;
    // Spent, it leaves the deadline where it was; a real one is noticed.
    assert!(exec.take_interrupt() && !exec.deadline_passed());
    exec.set_epoch_deadline(0);
    assert!(exec.deadline_passed());
}
