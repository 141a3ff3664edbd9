//! One thread of guest execution: entering, leaving, suspending.
//!
//! A *level* is one entry into guest code that has not returned. Levels nest: a callback may call guest code again, on
//! its own thread's stack (`call`) or on a private one (`start`). The fields of [`VmExec`] always describe the
//! innermost level; entering saves them in the new [`Level`] and leaving puts them back.
//!
//! Who owns what while a level on a private stack is suspended: its stack holds machine frames only, no Rust frame, since
//! only a level on a private stack can yield whose innermost frame is a host trampoline, or guest code whose meter has run. So it can be
//! abandoned by forgetting it, or resumed by whatever thread holds the exec then.

mod owner;
mod step;

pub use step::{CallingInstance, Step};

use super::asm;
use super::epoch::{EpochBoard, Seat};
use super::exception::ExnTable;
use super::fault::Fault;
use super::func::{FuncRefPtr, HostFunc};
use super::instance::Instance;
use super::interrupt::Interrupt;
use super::level::{self, Level, Saved};
use super::stack::{Stack, StackLimits, StackSource};
use super::trace::{self, Witness};
use super::unwind::Caught;
use crate::base::{Error, Result, Trace};
use crate::layout::*;
use crate::sys::thread;
use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};

/// What the engine asks of whoever owns an exec.
pub trait Upcalls: Send + Sync {
    /// A memory wants to grow; sizes in bytes. `Ok(false)` refuses, `Err` stops the guest.
    fn memory_growing(&self, current: u64, desired: u64, max: Option<u64>) -> Result<bool>;
    /// A table wants to grow; sizes in elements.
    fn table_growing(&self, current: u64, desired: u64, max: Option<u64>) -> Result<bool>;
    /// The fuel is used up: sets more and says how to go on, or stops the guest.
    fn out_of_fuel(&self, exec: &Exec) -> Result<Next>;
    /// The epoch reached the deadline: moves the deadline and says how to go on, or stops the guest.
    fn new_epoch(&self, exec: &Exec) -> Result<Next>;
    /// Whether the exec's epoch deadline has passed; `None` if guests have no epochs.
    fn epoch_passed(&self, _exec: &Exec) -> Option<bool> {
        None
    }
    /// Where the store keeps its exceptions; `None` if guests cannot throw.
    fn exceptions(&self) -> Option<&Arc<ExnTable>> {
        None
    }
    /// Remembers which instances there are now, for a trace.
    fn witness(&self) -> Option<Box<dyn Witness>> {
        None
    }
    /// Frees the references that nobody holds any more.
    fn collect(&self) {}
    /// A guest calls a host function that is watched; `Err` is the call's outcome.
    fn calling_host(&self) -> Result<()> {
        Ok(())
    }
    /// A host function that is watched has returned; `Err` takes the place of its outcome.
    fn returning_from_host(&self) -> Result<()> {
        Ok(())
    }
    /// A word of the host's that a host function in C's convention is given; those are not called while it is 0.
    fn host_word(&self) -> &AtomicUsize {
        static NONE: AtomicUsize = AtomicUsize::new(0);
        &NONE
    }
    /// A growth that had been allowed did not happen.
    fn grow_failed(&self, _why: &str) {}
}

/// How a guest goes on whose fuel or time was up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    GoOn,
    /// After its host has resumed it; only if [`Exec::can_pause`].
    Pause,
}

/// Something of the owner's, and a number that tells the owner whether it still holds.
pub type Kept = (u64, Arc<dyn Any + Send + Sync>);

/// `Send`, not `Sync`: one thread at a time, any thread. Never moves.
#[repr(C)]
pub struct Exec {
    pub(super) vm: UnsafeCell<VmExec>,
    /// Non-zero while the innermost level runs on a private stack.
    can_yield: Cell<u32>,
    /// Innermost level; null when idle.
    level: Cell<*const Level>,
    suspended: Cell<bool>,
    /// Why `raised` is set.
    reason: Cell<Option<Error>>,
    pub(super) fault: Fault,
    max_frames: Cell<usize>,
    deadline: Cell<u64>,
    stack_size: Cell<usize>,
    /// Where private stacks come from; `None`: they are the library's own.
    stacks: Option<Arc<StackSource>>,
    /// See [`Exec::keep`].
    kept: Cell<Option<Kept>>,
    pub(super) caught: Caught,
    /// The outermost level of a `call`: there is nothing to remember in it.
    home: Level,
    /// A level with its stack, kept from the last `start`.
    spare: Cell<Option<Box<Level>>>,
    upcalls: Arc<dyn Upcalls>,
    /// See [`Exec::set_host_word`].
    host_word: Cell<usize>,
    /// Where [`Upcalls::host_word`] is, which lives as long as `upcalls`.
    owner_word: *const AtomicUsize,
    interrupt: Arc<Interrupt>,
    /// The thread that runs the guest now, by the system's number; 0: none. Read by other threads.
    thread: AtomicI32,
    /// Where ticks find the exec; `None` if its guests have no epochs.
    seat: Option<Seat>,
}

/// For [`asm::yield_thunk`].
pub(super) const CAN_YIELD: usize = core::mem::offset_of!(Exec, can_yield);
/// For [`asm::raw_call_thunk`].
pub(super) const SUSPENDED: usize = core::mem::offset_of!(Exec, suspended);
pub(super) const OWNER_WORD: usize = core::mem::offset_of!(Exec, owner_word);

// SAFETY: the raw pointers lead to levels and guest frames that belong to the exec alone; a level of a `call` is left before
// the call returns, so no other thread's stack is referred to when the exec is handed over.
unsafe impl Send for Exec {}

/// The thread that asks, fit to run guests.
#[derive(Clone, Copy)]
pub struct Thread(&'static thread::Here);

impl Thread {
    /// The calling thread. Fails if faults cannot be handled on it.
    #[inline]
    pub fn this() -> Result<Thread> {
        let here = thread::here();
        here.prepare()?;
        Ok(Thread(here))
    }

    /// Whether no guest code runs on this thread, nor a host function that guest code called.
    #[inline]
    pub fn is_idle(self) -> bool {
        self.0.current.get().is_null()
    }
}

/// The exec whose guest side runs on this thread. Async-signal-safe once a thread has entered guest code.
pub(super) fn current_ptr() -> *const Exec {
    thread::here().current.get().cast()
}

impl Exec {
    /// An idle exec with no fuel and no epoch deadline. `epochs` is for guests that look for what is due.
    pub fn new(upcalls: Arc<dyn Upcalls>, epochs: Option<&Arc<EpochBoard>>) -> Box<Exec> {
        let vm = VmExec {
            stack_limit: usize::MAX,
            fuel: 0,
            due: AtomicU32::new(DUE_NOT),
            caller: core::ptr::null_mut(),
            exit_fp: 0,
            exit_pc: 0,
            entry_fp: 0,
            host_sp: 0,
            guest_sp: 0,
            raised: 0,
            interrupt: AtomicU32::new(0),
            call_func: core::ptr::null(),
            call_slots: core::ptr::null_mut(),
            catch_pc: 0,
            catch_sp: 0,
            catch_fp: 0,
            catch_exception: 0,
            catch_slots: core::ptr::null(),
            owner: core::ptr::null_mut(),
        };
        let mut exec = Box::new(Exec {
            vm: UnsafeCell::new(vm),
            can_yield: Cell::new(0),
            level: Cell::new(core::ptr::null()),
            suspended: Cell::new(false),
            reason: Cell::new(None),
            fault: Fault::new(),
            max_frames: Cell::new(trace::DEFAULT_FRAMES),
            deadline: Cell::new(u64::MAX),
            stack_size: Cell::new(StackLimits::DEFAULT_SIZE),
            stacks: None,
            kept: Cell::new(None),
            caught: Caught::default(),
            home: Level::home(),
            spare: Cell::new(None),
            owner_word: upcalls.host_word(),
            upcalls,
            host_word: Cell::new(0),
            interrupt: Interrupt::new(),
            thread: AtomicI32::new(0),
            seat: None,
        });
        exec.vm.get_mut().owner = (&raw mut *exec).cast();
        exec.interrupt.attach(exec.vm.get());
        // SAFETY: the record stays where it is until the exec, and the seat with it, is gone.
        exec.seat = epochs.map(|board| unsafe { Seat::take(board, exec.vm.get()) });
        exec
    }

    /// # Safety
    /// - `vm` is the head of a live exec that this thread may use.
    pub(super) unsafe fn from_vm<'a>(vm: *mut VmExec) -> &'a Exec {
        // SAFETY: the caller's; an `Exec` begins with its `VmExec`.
        unsafe { &*vm.cast_const().cast::<Exec>() }
    }

    fn vm(&self) -> *mut VmExec {
        self.vm.get()
    }

    fn save(&self) -> Saved {
        let vm = self.vm();
        // SAFETY: the record lives with the exec; guest code that writes it is not running while a host method is.
        unsafe {
            Saved {
                stack_limit: (*vm).stack_limit,
                caller: (*vm).caller,
                exit_fp: (*vm).exit_fp,
                exit_pc: (*vm).exit_pc,
                entry_fp: (*vm).entry_fp,
                host_sp: (*vm).host_sp,
                guest_sp: (*vm).guest_sp,
                call_func: (*vm).call_func,
                call_slots: (*vm).call_slots,
                can_yield: self.can_yield.get(),
            }
        }
    }

    /// Makes `level` the innermost one, with nothing entered yet.
    #[inline]
    fn push(&self, level: *const Level, stack_limit: usize, can_yield: bool) {
        let vm = self.vm();
        // SAFETY: as in `save`. The other fields of a level are written by machine code before anybody reads them.
        unsafe {
            (*vm).stack_limit = stack_limit;
            (*vm).caller = core::ptr::null_mut();
        }
        self.can_yield.set(u32::from(can_yield));
        self.suspended.set(false);
        self.level.set(level);
    }

    /// Back to the level that was innermost before `level` was pushed.
    #[inline]
    fn pop(&self, level: &Level) {
        self.suspended.set(level.was_suspended);
        self.level.set(level.outer);
        self.restore(&level.saved);
    }

    fn restore(&self, s: &Saved) {
        let vm = self.vm();
        // SAFETY: as in `save`.
        unsafe {
            (*vm).stack_limit = s.stack_limit;
            (*vm).caller = s.caller;
            (*vm).exit_fp = s.exit_fp;
            (*vm).exit_pc = s.exit_pc;
            (*vm).entry_fp = s.entry_fp;
            (*vm).host_sp = s.host_sp;
            (*vm).guest_sp = s.guest_sp;
            (*vm).call_func = s.call_func;
            (*vm).call_slots = s.call_slots;
        }
        self.can_yield.set(s.can_yield);
    }

    /// Calls a function on the calling thread's stack, of which the guest may use `max_stack` bytes. Nests. Host functions
    /// that yield cannot be called.
    ///
    /// # Safety
    /// - `f`'s owner, and everything it can reach, lives through the call.
    /// - `slots` has room for the slots of `f`'s type and holds its parameters.
    #[inline]
    pub unsafe fn call(&self, thread: Thread, f: FuncRefPtr, slots: *mut ValRaw, max_stack: usize) -> Result<()> {
        let limit = self.limit_at(thread, max_stack);
        if self.is_busy() {
            // SAFETY: the caller's.
            return unsafe { self.call_nested(thread, f, slots, limit) };
        }
        self.forget_shown();
        let vm = self.vm();
        // SAFETY: as in `save`. Whatever else belongs to a level is written before it is read.
        unsafe {
            (*vm).stack_limit = limit;
            (*vm).caller = core::ptr::null_mut();
        }
        self.level.set(&self.home);
        // SAFETY: the caller's; the level was just prepared.
        let status = unsafe { self.enter(thread, f, slots, 0) };
        self.level.set(core::ptr::null());
        self.outcome(status)
    }

    /// [`Exec::call`] from a host function, or while another call is suspended.
    ///
    /// # Safety
    /// - As there.
    #[cold]
    unsafe fn call_nested(&self, thread: Thread, f: FuncRefPtr, slots: *mut ValRaw, limit: usize) -> Result<()> {
        let level = Level {
            outer: self.level.get(),
            saved: self.save(),
            was_suspended: self.suspended.get(),
            bounds: self.bounds_at(thread, thread::stack_pointer()),
            ..Level::home()
        };
        self.push(&level, limit, false);
        // SAFETY: the caller's; the level was just prepared.
        let status = unsafe { self.enter(thread, f, slots, 0) };
        let result = self.outcome(status);
        self.pop(&level);
        result
    }

    /// # Safety
    /// - As [`asm::enter`].
    #[inline]
    unsafe fn enter(&self, thread: Thread, f: FuncRefPtr, slots: *mut ValRaw, stack_top: usize) -> u32 {
        let r = f.record();
        // SAFETY: the caller's; a record's fields belong together.
        self.on(thread, || unsafe { asm::enter(r.vmctx, self.vm(), r.code, slots, r.entry, stack_top) })
    }

    /// Makes this the exec that runs on the thread while `side` does, which cannot unwind.
    #[inline]
    fn on(&self, thread: Thread, side: impl FnOnce() -> u32) -> u32 {
        let before = thread.0.current.replace(core::ptr::from_ref(self).cast());
        let thread_before = self.thread.load(Ordering::Relaxed);
        self.thread.store(thread.0.number(), Ordering::Relaxed);
        let status = side();
        self.thread.store(thread_before, Ordering::Relaxed);
        thread.0.current.set(before);
        status
    }

    /// How far down a guest may go that is entered from here on the thread's own stack.
    #[inline]
    fn limit_at(&self, thread: Thread, max_stack: usize) -> usize {
        let sp = thread::stack_pointer();
        let bounds = self.bounds_at(thread, sp);
        sp.saturating_sub(max_stack).max(bounds.low + level::reserve(bounds))
    }

    /// Bounds of the stack that `sp` is on: the thread's own, or a private one whose guest called the host.
    #[inline]
    fn bounds_at(&self, thread: Thread, sp: usize) -> thread::Bounds {
        let own = thread.0.bounds();
        if own.contains(sp) { own } else { self.foreign_bounds(sp) }
    }

    #[cold]
    fn foreign_bounds(&self, sp: usize) -> thread::Bounds {
        // SAFETY: the current exec, if any, is live, and its innermost level is running on this thread.
        let private = unsafe { current_ptr().as_ref().and_then(|e| e.level.get().as_ref()) }.map(|l| l.bounds);
        match private {
            Some(bounds) if bounds.contains(sp) => bounds,
            // A stack that somebody else made: nothing is known of it, so the configured size has to do.
            _ => level::UNKNOWN,
        }
    }

    #[inline]
    fn outcome(&self, status: u32) -> Result<()> {
        // SAFETY: as in `save`.
        let raised = unsafe { (*self.vm()).raised };
        if status == asm::DONE && raised == 0 { Ok(()) } else { Err(self.take_error(status)) }
    }

    #[cold]
    fn take_error(&self, status: u32) -> Error {
        // SAFETY: as in `save`.
        unsafe { (*self.vm()).raised = 0 };
        if let Some(e) = self.reason.take() {
            return e;
        }
        match self.fault.take() {
            Some(fault) => fault.into_error(self.max_frames.get(), self.upcalls.witness()),
            None => Error::internal(format!("guest code was left without a reason, status {status}")),
        }
    }

    /// Starts a function on a private stack; an exec that runs or is suspended already begins a nested level.
    ///
    /// # Safety
    /// - As [`Exec::call`], until the outcome is `Done` or an error, or the call is abandoned.
    /// - `slots` points to `n` slots and stays valid and unused as long.
    #[inline(always)]
    pub unsafe fn start(&self, f: FuncRefPtr, slots: *mut ValRaw, n: usize) -> Result<Step> {
        debug_assert!(n == 0 || !slots.is_null());
        let thread = Thread::this()?;
        self.forget_shown();
        let mut level = self.take_spare()?;
        // The outermost level has nothing to put back: it keeps what a spare level has.
        if self.is_busy() {
            self.nest(&mut level);
        }
        let (limit, top) = (level.limit, level.bounds.high);
        self.push(Box::into_raw(level), limit, true);
        // SAFETY: the caller's; the stack is unused and the level was just prepared.
        let status = unsafe { self.enter(thread, f, slots, top) };
        self.step(status)
    }

    /// Has a level put back what is now when it ends.
    #[cold]
    fn nest(&self, level: &mut Level) {
        level.outer = self.level.get();
        level.was_suspended = self.suspended.get();
        level.saved = self.save();
    }

    /// A level on a private stack of the size asked for, the rest to be filled in.
    #[inline]
    fn take_spare(&self) -> Result<Box<Level>> {
        match self.spare.take() {
            Some(level) => Ok(level),
            None => self.new_level(),
        }
    }

    #[cold]
    fn new_level(&self) -> Result<Box<Level>> {
        Ok(Box::new(Level::on(Stack::acquire(self.stack_size.get(), self.stacks.as_ref())?)))
    }

    /// Goes on after [`Step::HostCall`] or [`Step::Paused`]. With `Err` the host call raises: the guest is left and the error comes back, unless it
    /// is an exception that a guest frame catches.
    #[inline(always)]
    pub fn resume(&self, outcome: Result<()>) -> Result<Step> {
        if !self.suspended.get() {
            return Err(Error::usage("this execution does not wait for a host call"));
        }
        let thread = Thread::this()?;
        if let Err(e) = outcome {
            self.fail(e);
        }
        self.suspended.set(false);
        // SAFETY: `suspended` says that the innermost level is, and that its guest side was not used since.
        let status = self.on(thread, || unsafe { asm::resume(self.vm()) });
        self.step(status)
    }

    #[inline(always)]
    fn step(&self, status: u32) -> Result<Step> {
        if status == asm::YIELDED {
            self.suspended.set(true);
            let vm = self.vm();
            // SAFETY: as in `save`.
            if unsafe { (*vm).call_func.is_null() } {
                return Ok(Step::Paused);
            }
            // SAFETY: the yield thunk has just stored the call; a host function's record is the head of a `HostFunc`
            // that its callers keep alive.
            return Ok(unsafe {
                let func = &*(*vm).call_func.cast::<HostFunc>();
                let caller = self.caller_instance().map(|i| CallingInstance(NonNull::from(i)));
                Step::HostCall { id: func.id(), caller, slots: (*vm).call_slots, num_slots: func.slots() }
            });
        }
        let result = self.outcome(status);
        self.leave_private();
        result.map(|()| Step::Done)
    }

    /// Pops the innermost level, which is on a private stack, and keeps its stack for the next.
    #[inline(always)]
    fn leave_private(&self) {
        // SAFETY: `start` made the innermost level from a box, and nobody else points to it.
        let mut level = unsafe { Box::from_raw(self.level.get().cast_mut()) };
        if level.outer.is_null() {
            self.suspended.set(false);
            self.level.set(core::ptr::null());
            self.can_yield.set(0);
        } else {
            self.unnest(&mut level);
        }
        let Some(stack) = &level.stack else { return };
        stack.trim();
        // An outer level's stack may come back later; one spare is enough.
        if stack.size() == self.stack_size.get() {
            self.spare.set(Some(level));
        }
    }

    /// Undoes [`Exec::nest`].
    #[cold]
    fn unnest(&self, level: &mut Level) {
        self.pop(level);
        level.outer = core::ptr::null();
        level.was_suspended = false;
        level.saved = Saved::NOTHING;
    }

    /// Suspended, and not by a host call.
    pub fn is_paused(&self) -> bool {
        // SAFETY: as in `save`.
        self.suspended.get() && unsafe { (*self.vm()).call_func.is_null() }
    }

    /// Whether the guest can be suspended where it is.
    pub fn can_pause(&self) -> bool {
        self.can_yield.get() != 0
    }

    /// Suspends the guest when the running builtin, one with a thunk that can, has returned.
    pub(super) fn pause(&self) -> Result<()> {
        if !self.can_pause() {
            return Err(Error::usage("a call that is not on a private stack cannot be suspended"));
        }
        let vm = self.vm();
        // SAFETY: as in `save`. The caller of an earlier host call may be gone when somebody asks.
        unsafe {
            (*vm).call_func = core::ptr::null();
            (*vm).caller = core::ptr::null_mut();
            (*vm).raised = RAISED_PAUSE;
        }
        Ok(())
    }

    /// Whether the innermost level waits for a host call's result.
    pub fn is_suspended(&self) -> bool {
        self.suspended.get()
    }

    /// Whether its guest, or a host function that the guest called, runs on the thread that asks.
    pub fn is_on_this_thread(&self) -> bool {
        self.thread.load(Ordering::Relaxed) == thread::number()
    }

    /// In a call, running or suspended.
    pub fn is_busy(&self) -> bool {
        !self.level.get().is_null()
    }

    /// Gives up the innermost level if it is suspended; its frames are forgotten.
    pub fn abandon(&self) {
        if self.suspended.get() {
            self.leave_private();
        }
    }

    /// Gives up levels that a host function started and left suspended when it returned. The level that called it is
    /// running, hence not suspended itself.
    pub(super) fn abandon_suspended(&self) {
        while self.suspended.get() {
            self.leave_private();
        }
    }

    /// Stops the guest when the current builtin or host function has returned.
    #[cold]
    pub(super) fn raise(&self, error: Error) {
        let error = if self.max_frames.get() > 0 && !error.has_trace() { error.with_trace(self.trace()) } else { error };
        self.refuse(error);
    }

    /// [`Exec::raise`] without a trace.
    pub(super) fn refuse(&self, error: Error) {
        self.reason.set(Some(error));
        // SAFETY: as in `save`.
        unsafe { (*self.vm()).raised = RAISED_LEAVE };
    }
}

impl Drop for Exec {
    fn drop(&mut self) {
        self.interrupt.detach();
        while self.suspended.get() {
            self.leave_private();
        }
        self.forget_shown();
        debug_assert!(!self.is_busy(), "an exec was dropped while its guest was running");
    }
}
