//! Makes system calls of this process fail, one at a time: a seccomp filter turns each into a signal, whose handler
//! either answers with an error or does the call itself, from an address that the filter lets pass.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst};

/// A system call, the errors that it may answer with, and whether only calls by the library itself count: the others of
/// these are the C library's own, and what becomes of its `malloc` is not the subject.
pub struct Call {
    pub name: &'static str,
    pub number: i64,
    pub errors: &'static [c_int],
    own: bool,
}

const fn own(name: &'static str, number: i64, errors: &'static [c_int]) -> Call {
    Call { name, number, errors, own: true }
}

const fn any(name: &'static str, number: i64, errors: &'static [c_int]) -> Call {
    Call { name, number, errors, own: false }
}

use libc::*;

/// Errors of transfers.
const IO: &[c_int] = &[EINTR, EIO];
const OUT: &[c_int] = &[EINTR, ENOSPC, EIO, EDQUOT];
const OPEN: &[c_int] = &[EMFILE, EINTR, ENFILE, ENOMEM, EIO];
const CHANGE: &[c_int] = &[ENOSPC, EIO, EROFS];

/// Those that the scenarios make, and no others.
pub const CALLS: &[Call] = &[
    own("mmap", SYS_mmap, &[ENOMEM, EAGAIN]),
    own("mprotect", SYS_mprotect, &[ENOMEM, EACCES]),
    own("munmap", SYS_munmap, &[ENOMEM]),
    own("madvise", SYS_madvise, &[ENOMEM, EAGAIN]),
    any("mincore", SYS_mincore, &[ENOMEM, EAGAIN]),
    any("memfd_create", SYS_memfd_create, &[EMFILE, ENOMEM, ENFILE]),
    any("ftruncate", SYS_ftruncate, &[ENOSPC, EINTR, EFBIG]),
    any("pwrite64", SYS_pwrite64, OUT),
    any("read", SYS_read, IO),
    any("write", SYS_write, OUT),
    any("readv", SYS_readv, IO),
    any("writev", SYS_writev, OUT),
    any("preadv", SYS_preadv, IO),
    any("pwritev", SYS_pwritev, OUT),
    any("fcntl", SYS_fcntl, &[EINVAL]),
    any("openat", SYS_openat, OPEN),
    any("openat2", SYS_openat2, OPEN),
    any("statx", SYS_statx, &[EIO, ENOMEM]),
    any("newfstatat", SYS_newfstatat, &[EIO, ENOMEM]),
    any("fstat", SYS_fstat, &[EIO]),
    // Not ENOENT: of a removed directory that is the end.
    any("getdents64", SYS_getdents64, &[EIO]),
    any("fsync", SYS_fsync, &[EIO, ENOSPC]),
    any("fdatasync", SYS_fdatasync, &[EIO, ENOSPC]),
    any("renameat", SYS_renameat, CHANGE),
    any("rename", SYS_rename, CHANGE),
    any("mkdirat", SYS_mkdirat, CHANGE),
    any("unlinkat", SYS_unlinkat, CHANGE),
    any("linkat", SYS_linkat, CHANGE),
    any("symlinkat", SYS_symlinkat, CHANGE),
    any("readlinkat", SYS_readlinkat, &[EIO]),
    any("utimensat", SYS_utimensat, &[EIO, EPERM]),
    any("fallocate", SYS_fallocate, &[ENOSPC, EINTR]),
    any("lseek", SYS_lseek, &[EIO]),
    any("sigaltstack", SYS_sigaltstack, &[ENOMEM]),
    any("ppoll", SYS_ppoll, &[EINTR, ENOMEM]),
    any("getrandom", SYS_getrandom, &[EINTR]),
    any("sched_getaffinity", SYS_sched_getaffinity, &[EPERM]),
    any("accept4", SYS_accept4, &[EMFILE, EINTR, ECONNABORTED]),
    any("recvmsg", SYS_recvmsg, &[EINTR, ECONNRESET]),
    any("sendmsg", SYS_sendmsg, &[EINTR, ECONNRESET]),
    any("recvfrom", SYS_recvfrom, &[EINTR, ECONNRESET]),
    any("sendto", SYS_sendto, &[EINTR, ECONNRESET]),
    any("shutdown", SYS_shutdown, &[ENOTCONN]),
];

/// What is to fail.
#[derive(Clone, Copy, Debug)]
pub enum Plan {
    /// Nothing; calls are counted.
    Nothing,
    /// The nth call (from 1) of one kind, a row of [`CALLS`]; with `onwards` those after it, too.
    Nth { row: usize, nth: u64, error: c_int, onwards: bool },
    /// Every second call that a signal may break off is broken off.
    BrokenOff,
    /// One in `among` of all calls, as chance has it.
    Chance { seed: u64, among: u64 },
}

/// The row of [`Plan::BrokenOff`]: all that may be.
const EACH: usize = usize::MAX - 1;

static ARMED: AtomicBool = AtomicBool::new(false);
static ROW: AtomicUsize = AtomicUsize::new(usize::MAX);
static NTH: AtomicU64 = AtomicU64::new(0);
static ERROR: AtomicI32 = AtomicI32::new(0);
static ONWARDS: AtomicBool = AtomicBool::new(false);
static AMONG: AtomicU64 = AtomicU64::new(0);
static STATE: AtomicU64 = AtomicU64::new(0);
static SEEN: [AtomicU32; CALLS.len()] = [const { AtomicU32::new(0) }; CALLS.len()];
static FAILED: [AtomicU32; CALLS.len()] = [const { AtomicU32::new(0) }; CALLS.len()];

impl Plan {
    /// Whether nothing may come of it: a call that was broken off is to be made again.
    pub fn is_harmless(self) -> bool {
        matches!(self, Plan::Nothing | Plan::BrokenOff | Plan::Nth { error: EINTR, onwards: false, .. })
    }
}

/// What happened while a plan was in force, by rows of [`CALLS`].
pub struct Seen {
    pub calls: Vec<u32>,
    pub failed: Vec<u32>,
}

/// Does `work` under a plan.
pub fn under<T>(plan: Plan, work: impl FnOnce() -> T) -> (T, Seen) {
    SEEN.iter().chain(&FAILED).for_each(|n| n.store(0, SeqCst));
    let (row, nth, error, onwards, seed, among) = match plan {
        Plan::Nothing => (usize::MAX, 0, 0, false, 0, 0),
        Plan::BrokenOff => (EACH, 0, EINTR, false, 0, 0),
        Plan::Nth { row, nth, error, onwards } => (row, nth, error, onwards, 0, 0),
        Plan::Chance { seed, among } => (usize::MAX, 0, 0, false, seed, among),
    };
    (ROW.store(row, SeqCst), NTH.store(nth, SeqCst), ERROR.store(error, SeqCst));
    (ONWARDS.store(onwards, SeqCst), STATE.store(seed | 1, SeqCst), AMONG.store(among, SeqCst));
    ARMED.store(true, SeqCst);
    let done = work();
    ARMED.store(false, SeqCst);
    let all = |counts: &[AtomicU32]| counts.iter().map(|n| n.load(SeqCst)).collect();
    (done, Seen { calls: all(&SEEN), failed: all(&FAILED) })
}

/// The error to answer with, if this call is to fail. Runs in a signal handler.
fn verdict(number: i64) -> Option<c_int> {
    let row = CALLS.iter().position(|c| c.number == number).filter(|_| ARMED.load(SeqCst))?;
    let nth = u64::from(SEEN[row].fetch_add(1, SeqCst)) + 1;
    let among = AMONG.load(SeqCst);
    let error = if among > 0 {
        let mut x = STATE.load(SeqCst);
        (x ^= x << 13, x ^= x >> 7, x ^= x << 17);
        STATE.store(x, SeqCst);
        let errors = CALLS[row].errors;
        x.is_multiple_of(among).then(|| errors[(x / among) as usize % errors.len()])
    } else if ROW.load(SeqCst) == EACH {
        (nth % 2 == 1 && CALLS[row].errors.contains(&EINTR)).then_some(EINTR)
    } else {
        let wanted = NTH.load(SeqCst);
        let hit = row == ROW.load(SeqCst) && (nth == wanted || nth > wanted && ONWARDS.load(SeqCst));
        hit.then(|| ERROR.load(SeqCst))
    }?;
    FAILED[row].fetch_add(1, SeqCst);
    Some(error)
}

core::arch::global_asm!(
    ".globl tenon_test_call, tenon_test_called",
    // (number, six arguments): the answer of the kernel.
    "tenon_test_call:",
    "mov rax, rdi",
    "mov rcx, rsi",
    "mov rdi, [rcx]",
    "mov rsi, [rcx + 8]",
    "mov rdx, [rcx + 16]",
    "mov r10, [rcx + 24]",
    "mov r8, [rcx + 32]",
    "mov r9, [rcx + 40]",
    "syscall",
    "tenon_test_called:",
    "ret",
);

unsafe extern "C" {
    fn tenon_test_call(number: i64, args: *const i64) -> i64;
    safe fn tenon_test_called();
    static __executable_start: u8;
    static etext: u8;
}

extern "C" fn on_call(_: c_int, _: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel's own context of the call, whose registers hold its arguments; the call is done as it was asked for.
    unsafe {
        let regs = &mut (*context.cast::<ucontext_t>()).uc_mcontext.gregs;
        let at = |r: c_int| regs[r as usize];
        let number = at(REG_RAX);
        let args = [at(REG_RDI), at(REG_RSI), at(REG_RDX), at(REG_R10), at(REG_R8), at(REG_R9)];
        regs[REG_RAX as usize] = match verdict(number) {
            Some(error) => -i64::from(error),
            None => tenon_test_call(number, args.as_ptr()),
        };
    }
}

fn statement(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

/// Where the fields of a call are, in what a filter looks at.
const NUMBER: u32 = 0;
const ADDRESS: u32 = 8;

fn load(at: u32) -> sock_filter {
    statement(BPF_LD | BPF_W | BPF_ABS, 0, 0, at)
}

fn answer(how: u32) -> sock_filter {
    statement(BPF_RET | BPF_K, 0, 0, how)
}

fn equal(k: u32, jt: u8, jf: u8) -> sock_filter {
    statement(BPF_JMP | BPF_JEQ | BPF_K, jt, jf, k)
}

fn at_least(k: u32, jt: u8, jf: u8) -> sock_filter {
    statement(BPF_JMP | BPF_JGE | BPF_K, jt, jf, k)
}

/// Lets calls from `from..to` go on behind, and allows all others; both in one span of 4 GiB.
fn only_from(from: u64, to: u64) -> [sock_filter; 6] {
    [
        load(ADDRESS + 4),
        equal((from >> 32) as u32, 0, 3),
        load(ADDRESS),
        at_least(from as u32, 0, 1),
        at_least(to as u32, 0, 1),
        answer(SECCOMP_RET_ALLOW),
    ]
}

fn filter() -> Vec<sock_filter> {
    let gate = tenon_test_called as *const () as u64;
    // The gate's own calls pass.
    let mut all = vec![load(ADDRESS), equal(gate as u32, 0, 3), load(ADDRESS + 4), equal((gate >> 32) as u32, 0, 1), answer(SECCOMP_RET_ALLOW)];
    let here = |one: &'static u8| std::ptr::from_ref(one) as u64;
    // SAFETY: only the addresses of the linker's marks are asked for.
    let (start, end) = unsafe { (here(&__executable_start), here(&etext)) };
    // The program may lie across a border of 4 GiB.
    let border = (end >> 32) << 32;
    let parts = if start >> 32 == end >> 32 { vec![(start, end)] } else { vec![(start, border - 1), (border, end)] };
    for call in CALLS {
        let mut body = Vec::new();
        if call.own {
            // A call from the first of two parts skips the test for the second.
            for (i, (from, to)) in parts.iter().enumerate() {
                let mut test = only_from(*from, *to);
                if i + 1 < parts.len() {
                    let rest = test.len() as u8;
                    test[4] = at_least(*to as u32, 0, 1 + rest);
                    test[5] = statement(BPF_JMP | BPF_JA, 0, 0, 0);
                }
                body.extend(test);
            }
        }
        body.push(answer(SECCOMP_RET_TRAP));
        all.extend([load(NUMBER), equal(call.number as u32, 0, body.len() as u8)]);
        all.extend(body);
    }
    all.push(answer(SECCOMP_RET_ALLOW));
    all
}

/// From now on calls of this thread, and of those that it starts, can fail.
pub fn install() {
    let mut program = filter();
    let filter = sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the handler is a function of the kind that the flags promise; the program outlives the calls, which copy it.
    let done = unsafe {
        let mut action: sigaction = core::mem::zeroed();
        action.sa_sigaction = on_call as *const () as usize;
        action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
        sigaction(SIGSYS, &action, core::ptr::null_mut()) == 0
            && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0
    };
    assert!(done, "no filter: {}", std::io::Error::last_os_error());
}
