//! What a call on a private stack comes to, and who called.

use crate::layout::ValRaw;
use crate::vm::instance::Instance;
use std::ptr::NonNull;

/// What a call on a private stack came to.
#[derive(Debug)]
pub enum Step {
    /// It returned; results are in the slots given at the start.
    Done,
    /// The guest waits for a host function: read parameters from `slots`, write results there, then resume.
    HostCall {
        /// The function's.
        id: u64,
        /// The calling instance; `None` when the function called was itself the host function.
        caller: Option<CallingInstance>,
        /// Valid until the guest is resumed or abandoned.
        slots: *mut ValRaw,
        num_slots: usize,
    },
    /// The guest's time or fuel interval is over: resuming goes on.
    Paused,
}

/// Who called a host function, without counting a reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallingInstance(pub(super) NonNull<Instance>);

impl CallingInstance {
    #[inline]
    pub fn is(self, instance: &Instance) -> bool {
        core::ptr::eq(instance, self.0.as_ptr())
    }
}
