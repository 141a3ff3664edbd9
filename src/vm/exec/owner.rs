//! What an exec keeps for its owner: fuel, the epoch deadline, limits, words of the host; and what it shows of its frames.

use super::*;

impl Exec {
    /// Bytes of address space of the stacks of later `start`s.
    pub fn set_stack_size(&self, bytes: usize) {
        self.stack_size.set(Stack::whole(bytes));
        self.spare.set(None);
    }

    /// Where the stacks of later `start`s come from.
    pub fn set_stack_source(&mut self, source: Option<Arc<StackSource>>) {
        self.stacks = source;
    }

    /// What was left by [`Exec::keep`], which is gone then.
    #[inline]
    pub fn take_kept(&self) -> Option<Kept> {
        self.kept.take()
    }

    /// Holds on to what a host function would else look up at every call.
    #[inline]
    pub fn keep(&self, kept: Kept) {
        self.kept.set(Some(kept));
    }

    pub fn upcalls(&self) -> &Arc<dyn Upcalls> {
        &self.upcalls
    }

    /// A word for whoever made the exec, 0 at first.
    #[inline]
    pub fn host_word(&self) -> usize {
        self.host_word.get()
    }

    pub fn set_host_word(&self, word: usize) {
        self.host_word.set(word);
    }

    /// [`Upcalls::host_word`] as it is now.
    pub(in crate::vm) fn owner_word(&self) -> usize {
        self.upcalls.host_word().load(Ordering::Relaxed)
    }

    /// Fuel left.
    pub fn fuel(&self) -> u64 {
        // SAFETY: as in `save`.
        let counter = unsafe { (*self.vm()).fuel };
        counter.min(0).unsigned_abs()
    }

    /// Sets the fuel left; more than `i64::MAX` counts as that.
    pub fn set_fuel(&self, fuel: u64) {
        // SAFETY: as in `save`.
        unsafe { (*self.vm()).fuel = -i64::try_from(fuel).unwrap_or(i64::MAX) };
    }

    /// Fuel left, or minus what was used beyond: guests look at it now and then only.
    pub fn fuel_balance(&self) -> i64 {
        // SAFETY: as in `save`.
        unsafe { (*self.vm()).fuel }.saturating_neg()
    }

    /// Makes the balance that of `other`.
    #[inline]
    pub fn set_fuel_as(&self, other: &Exec) {
        // SAFETY: as in `save`, for both.
        unsafe { (*self.vm()).fuel = (*other.vm()).fuel };
    }

    /// What machine code looks at.
    fn due_cell(&self) -> &AtomicU32 {
        // SAFETY: an atomic field of a record that lives with the exec.
        unsafe { &(*self.vm()).due }
    }

    fn interrupt_cell(&self) -> &AtomicU32 {
        // SAFETY: as in `due_cell`.
        unsafe { &(*self.vm()).interrupt }
    }

    /// Sets the epoch at which `Upcalls::new_epoch` is called; `u64::MAX` is never.
    #[inline]
    pub fn set_epoch_deadline(&self, epoch: u64) {
        // Else ticks know it already, and what is due because of it has to stay.
        if self.deadline.get() != epoch {
            self.deadline.set(epoch);
            self.is_overdue();
        }
    }

    /// Whether the deadline has passed. Afterwards that, or a pending interrupt, is due, and nothing else: what a tick made due that
    /// had seen an earlier deadline is not.
    ///
    /// First nothing is due, then ticks and interrupts are looked for: one that is missed comes later and makes it due itself.
    pub(in crate::vm) fn is_overdue(&self) -> bool {
        self.due_cell().store(DUE_NOT, Ordering::SeqCst);
        let passed = self.seat.as_ref().is_some_and(|seat| seat.set_deadline(self.deadline.get()));
        if passed || self.interrupted() {
            self.due_cell().store(DUE, Ordering::SeqCst);
        }
        passed
    }

    pub fn epoch_deadline(&self) -> u64 {
        self.deadline.get()
    }

    /// Takes a pending interrupt, so that it stops one call.
    pub fn take_interrupt(&self) -> bool {
        let pending = self.interrupt_cell().swap(0, Ordering::SeqCst) != 0;
        if pending {
            // Another interrupt may come in just now: this looks for it again.
            self.is_overdue();
        }
        pending
    }

    /// Whether an interrupt waits to be noticed; a host function that takes long may ask and give up.
    pub fn interrupted(&self) -> bool {
        self.interrupt_cell().load(Ordering::SeqCst) != 0
    }

    /// What machine code does when the epoch has reached the deadline, for a host function that waits. Such a function
    /// cannot be suspended: who is told to pause goes on until the new deadline.
    pub fn new_epoch(&self) -> Result<()> {
        self.upcalls().new_epoch(self).map(drop)
    }

    /// Whether the epoch deadline has passed, and there is no interruption, which comes first.
    pub fn deadline_passed(&self) -> bool {
        // In this order, so that an interruption that comes in between is seen.
        self.upcalls().epoch_passed(self) == Some(true) && !self.interrupted()
    }

    pub fn interrupt_handle(&self) -> Arc<Interrupt> {
        self.interrupt.clone()
    }

    /// The thread that the exec whose head `vm` is runs on, 0 if on none. Any thread.
    ///
    /// # Safety
    /// - `vm` is the head of a live exec.
    pub(in crate::vm) unsafe fn thread_of(vm: *mut VmExec) -> i32 {
        // SAFETY: the caller's; the field is atomic, and no reference to the rest is made.
        unsafe { (*(&raw const (*vm.cast_const().cast::<Exec>()).thread)).load(Ordering::Relaxed) }
    }

    /// Frames kept in traces, at most 64; 0 switches traces off. Default 20.
    pub fn set_max_frames(&self, max: usize) {
        self.max_frames.set(max.min(trace::CAPACITY));
    }

    /// The exec whose guest code or host call runs on this thread, innermost.
    pub fn current<'a>() -> Option<&'a Exec> {
        // SAFETY: set only while a method of that exec is on this thread's stack, which borrows it.
        unsafe { current_ptr().as_ref() }
    }

    /// The instance that made the host call in progress; `None` if the host itself did.
    pub fn caller_instance(&self) -> Option<&Instance> {
        // SAFETY: machine code stores its own vmctx there before it leaves the module, and calls in progress keep their
        // instances.
        unsafe {
            let caller = (*self.vm()).caller;
            (!caller.is_null()).then(|| Instance::from_vmctx(caller))
        }
    }

    /// Where the innermost frame is left, and the levels around it.
    pub(in crate::vm) fn walk_state(&self) -> (Saved, *const Level) {
        let level = self.level.get();
        (if level.is_null() { Saved::NOTHING } else { self.save() }, level)
    }

    /// Program counters for look-up, innermost first (return addresses less one); inside a host call or suspended.
    pub fn walk(&self, max: usize) -> Vec<usize> {
        let mut pcs = Vec::new();
        trace::walk(self, None, &mut |frame| {
            if pcs.len() < max {
                pcs.push(frame.lookup_pc());
            }
            pcs.len() < max
        });
        pcs
    }

    /// The stack as it is now (inside a host call, or suspended), symbols looked up when read.
    pub fn trace(&self) -> Arc<dyn Trace> {
        trace::capture(&self.walk(self.max_frames.get()), self.max_frames.get(), self.upcalls.witness())
    }

    /// [`Exec::trace`] without the embedder's limit on frames, for profiles: a stack without its outer end would not be
    /// found again.
    pub fn whole_trace(&self) -> Arc<dyn Trace> {
        trace::capture(&self.walk(usize::MAX), usize::MAX, None)
    }

    /// Calls `visit` with the live references in the frames of this exec, all levels; each may be changed.
    pub fn gc_roots(&self, visit: &mut dyn FnMut(&mut u32)) {
        trace::gc_roots(self, visit);
    }
}
