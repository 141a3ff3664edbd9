//! Fault signals. One handler for the whole process asks the engine first; a fault that is not the engine's goes
//! to whoever handled the signal before, exactly as if this library were not there.

use crate::base::{Error, ErrorKind, Result};
use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use parking_lot::Mutex;
use std::cell::UnsafeCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// Signals that machine code raises.
const SIGNALS: [c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// The interrupted thread's registers, to be read and changed.
pub(crate) struct Context(*mut libc::ucontext_t);

impl Context {
    fn reg(&self, which: c_int) -> usize {
        // SAFETY: the kernel gave the context to the running handler; the index is one of libc's.
        unsafe { (*self.0).uc_mcontext.gregs[which as usize] as usize }
    }
    fn set(&mut self, which: c_int, value: usize) {
        // SAFETY: as in `reg`; the handler alone uses the context.
        unsafe { (*self.0).uc_mcontext.gregs[which as usize] = value as i64 }
    }
    pub(crate) fn pc(&self) -> usize {
        self.reg(libc::REG_RIP)
    }
    pub(crate) fn fp(&self) -> usize {
        self.reg(libc::REG_RBP)
    }
    /// Makes the thread go on at `pc` with `sp` and a first argument, as if called there.
    pub(crate) fn resume_at(&mut self, pc: usize, sp: usize, arg: usize) {
        self.set(libc::REG_RIP, pc);
        self.set(libc::REG_RSP, sp);
        self.set(libc::REG_RDI, arg);
    }
}

/// Asked about every fault: the context and the faulting address (0 if the signal has none). Returns whether it took the
/// fault, having changed the context. Must be async-signal-safe.
pub(crate) type Claim = fn(context: &mut Context, address: usize) -> bool;

struct Previous(UnsafeCell<[MaybeUninit<libc::sigaction>; SIGNALS.len()]>);
// SAFETY: written before our handler for the signal is installed (under `INSTALLED`'s lock), read-only after that.
unsafe impl Sync for Previous {}

static PREVIOUS: Previous = Previous(UnsafeCell::new([const { MaybeUninit::zeroed() }; SIGNALS.len()]));
static CLAIM: AtomicUsize = AtomicUsize::new(0);
static INSTALLED: OnceLock<Result<(), c_int>> = OnceLock::new();

/// Installs the handler once per process.
pub(crate) fn install(claim: Claim) -> Result<()> {
    let done = INSTALLED.get_or_init(|| {
        CLAIM.store(claim as usize, Ordering::Release);
        SIGNALS.iter().enumerate().try_for_each(|(i, signal)| install_one(i, *signal))
    });
    done.map_err(|signal| Error::new(ErrorKind::Io, format!("failed to install a handler for signal {signal}")))
}

fn install_one(index: usize, signal: c_int) -> Result<(), c_int> {
    // SAFETY: `sigaction` is plain data for which zero is valid. The previous action is saved before ours can run: a
    // fault of another thread between the two calls still finds the old handler.
    unsafe {
        let mut old = MaybeUninit::<libc::sigaction>::zeroed();
        if libc::sigaction(signal, core::ptr::null(), old.as_mut_ptr()) != 0 {
            return Err(signal);
        }
        (*PREVIOUS.0.get())[index] = old;
        let mut new: libc::sigaction = core::mem::zeroed();
        new.sa_sigaction = handler as *const () as usize;
        // NODEFER: nothing is blocked but what the previous handler asks for, see `chain`.
        new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        libc::sigemptyset(&mut new.sa_mask);
        if libc::sigaction(signal, &new, null_mut()) != 0 {
            return Err(signal);
        }
    }
    Ok(())
}

extern "C" fn handler(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes valid pointers; `CLAIM` holds a `Claim` since before the handler was installed; errno is
    // the interrupted code's and must come back unchanged.
    unsafe {
        let errno = libc::__errno_location();
        let saved = *errno;
        let raised_by_cpu = (*info).si_code > 0;
        if raised_by_cpu {
            let claim: Claim = core::mem::transmute::<usize, Claim>(CLAIM.load(Ordering::Acquire));
            if claim(&mut Context(context.cast()), (*info).si_addr() as usize) {
                *errno = saved;
                return;
            }
        }
        let Some(index) = SIGNALS.iter().position(|s| *s == signal) else { return };
        let previous = (*PREVIOUS.0.get())[index].assume_init_ref();
        chain(previous, signal, info, context, raised_by_cpu);
        *errno = saved;
    }
}

/// Hands a signal on.
///
/// # Safety
/// - Runs inside the handler of `signal`, with the kernel's own arguments.
unsafe fn chain(
    previous: &libc::sigaction,
    signal: c_int,
    info: *mut libc::siginfo_t,
    context: *mut c_void,
    raised_by_cpu: bool,
) {
    match previous.sa_sigaction {
        libc::SIG_IGN if !raised_by_cpu => {}
        // The kernel never ignores a real fault: it treats "ignore" like the default action.
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: restores the action that was in force before this library; plain system calls.
            unsafe {
                let mut default: libc::sigaction = core::mem::zeroed();
                default.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &default, null_mut());
                // A fault happens again when the handler returns; a signal somebody sent has to be sent again.
                if !raised_by_cpu {
                    libc::raise(signal);
                }
            }
        }
        // SAFETY: the address is the handler that its owner gave to sigaction with these flags.
        action => unsafe { call_previous(previous, action, signal, info, context) },
    }
}

/// # Safety
/// - As [`chain`]; `action` is the handler in `previous`.
unsafe fn call_previous(
    previous: &libc::sigaction,
    action: usize,
    signal: c_int,
    info: *mut libc::siginfo_t,
    context: *mut c_void,
) {
    // SAFETY: the signal mask is what the kernel would have set up for that handler and is put back afterwards; the
    // handler is called with the signature that its flags promise.
    unsafe {
        let mut mask = previous.sa_mask;
        if previous.sa_flags & libc::SA_NODEFER == 0 {
            libc::sigaddset(&mut mask, signal);
        }
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        libc::pthread_sigmask(libc::SIG_BLOCK, &mask, before.as_mut_ptr());
        if previous.sa_flags & libc::SA_SIGINFO != 0 {
            type Action = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
            core::mem::transmute::<usize, Action>(action)(signal, info, context);
        } else {
            core::mem::transmute::<usize, extern "C" fn(c_int)>(action)(signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), null_mut());
    }
}

/// Asked by [`nudge`]: runs on the nudged thread, wherever that is. Must be async-signal-safe.
pub(crate) type Nudged = fn(context: &mut Context);

static NUDGED: AtomicUsize = AtomicUsize::new(0);
/// Serialises looking who has the signal, and holds who had it before us.
static NUDGE_OWNER: Mutex<()> = Mutex::new(());
static NUDGE_PREVIOUS: AtomicPtr<libc::sigaction> = AtomicPtr::new(null_mut());

/// A real-time signal that nothing else is known to use. It is taken when the first thread is nudged, not before.
fn nudge_signal() -> c_int {
    libc::SIGRTMAX() - 5
}

/// Runs `f` soon in a signal handler on a thread of this process, given by the system's number for it. A thread that is gone is
/// ignored, and so is a failure: who nudges looks whether it helped.
pub(crate) fn nudge(thread: i32, f: Nudged) {
    NUDGED.store(f as usize, Ordering::Release);
    if take_nudge_signal() {
        // SAFETY: plain system call; both numbers were given out by the system, and the handler is installed.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, nudge_signal()) };
    }
}

/// Installs our handler, unless it is; others, such as Go's `os/signal`, may have taken the signal in between.
fn take_nudge_signal() -> bool {
    let _lock = NUDGE_OWNER.lock();
    let ours = nudge_handler as *const () as usize;
    // SAFETY: as in `install_one`; the previous action is leaked, since a handler may be reading it, once per change of hands.
    unsafe {
        let mut old = MaybeUninit::<libc::sigaction>::zeroed();
        if libc::sigaction(nudge_signal(), core::ptr::null(), old.as_mut_ptr()) != 0 {
            return false;
        }
        let old = old.assume_init();
        if old.sa_sigaction == ours {
            return true;
        }
        NUDGE_PREVIOUS.store(Box::into_raw(Box::new(old)), Ordering::Release);
        let mut new: libc::sigaction = core::mem::zeroed();
        new.sa_sigaction = ours;
        new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigemptyset(&mut new.sa_mask);
        libc::sigaction(nudge_signal(), &new, null_mut()) == 0
    }
}

extern "C" fn nudge_handler(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes valid pointers; `NUDGED` holds a `Nudged` since before the handler was installed; errno
    // is the interrupted code's; the previous action, if any, was published whole.
    unsafe {
        let errno = libc::__errno_location();
        let saved = *errno;
        if (*info).si_code == libc::SI_TKILL && (*info).si_pid() == libc::getpid() {
            let nudged: Nudged = core::mem::transmute::<usize, Nudged>(NUDGED.load(Ordering::Acquire));
            nudged(&mut Context(context.cast()));
        } else if let Some(previous) = NUDGE_PREVIOUS.load(Ordering::Acquire).as_ref() {
            chain(previous, signal, info, context, false);
        }
        *errno = saved;
    }
}

/// Other owners of signals, for tests of chaining.
#[cfg(test)]
pub(crate) mod probe {
    use core::ffi::{c_int, c_void};

    pub(crate) const SEGV: c_int = libc::SIGSEGV;
    type WithInfo = extern "C" fn(c_int, usize);
    static WITH_INFO: std::sync::OnceLock<WithInfo> = std::sync::OnceLock::new();

    fn set(handler: usize, flags: c_int) {
        // SAFETY: plain system call; the handlers are functions of the kind that the flags promise.
        unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            action.sa_sigaction = handler;
            action.sa_flags = flags;
            assert_eq!(libc::sigaction(SEGV, &action, core::ptr::null_mut()), 0);
        }
    }

    pub(crate) fn install_plain(handler: extern "C" fn(c_int)) {
        set(handler as *const () as usize, 0);
    }

    pub(crate) fn install_info(handler: WithInfo) {
        extern "C" fn adapt(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
            // SAFETY: the kernel's own record of a fault.
            let address = unsafe { (*info).si_addr() } as usize;
            if let Some(handler) = WITH_INFO.get() {
                handler(signal, address);
            }
        }
        let _ = WITH_INFO.set(handler);
        set(adapt as *const () as usize, libc::SA_SIGINFO | libc::SA_ONSTACK);
    }

    pub(crate) fn install_ignore() {
        set(libc::SIG_IGN, 0);
    }

    pub(crate) fn install_default() {
        set(libc::SIG_DFL, 0);
    }

    pub(crate) fn is_blocked(signal: c_int) -> bool {
        // SAFETY: asks for the thread's mask.
        unsafe {
            let mut mask: libc::sigset_t = core::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, core::ptr::null(), &mut mask);
            libc::sigismember(&mask, signal) == 1
        }
    }

    pub(crate) fn send() {
        // SAFETY: sends a signal to this thread.
        unsafe { libc::raise(SEGV) };
    }

    pub(crate) fn exit(status: c_int) {
        // SAFETY: ends the process at once; async-signal-safe.
        unsafe { libc::_exit(status) }
    }
}
