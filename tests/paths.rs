//! Paths and descriptors against a model, a sample of it in every run. For more: `TENON_FUZZ_OPS` says how many
//! operations, `TENON_FUZZ_SEED` from which seed, `TENON_FUZZ_DIR` where.

#[path = "support/paths/mod.rs"]
mod paths;

use paths::{causes, race, run};
use std::process::Command;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |v| v.parse().unwrap_or_else(|_| panic!("{name} is no number: {v}")))
}

fn seed() -> u64 {
    setting("TENON_FUZZ_SEED", 1)
}

fn count() -> usize {
    setting("TENON_FUZZ_OPS", 50_000) as usize
}

/// In the environment of a test that has to live without `openat2`.
const OLD_KERNEL: &str = "TENON_FUZZ_OLD_KERNEL";

#[test]
fn paths_and_descriptors_agree_with_the_model() {
    if std::env::var_os(OLD_KERNEL).is_some() {
        forget_openat2();
        run::WALKED_BY_HAND.store(true, std::sync::atomic::Ordering::Relaxed);
    }
    causes::replay_all();
    let tally = run::run(seed(), count());
    println!("{} operations, how often each came to which error (0: none):\n{tally}", count());
    if count() >= 10_000 {
        tally.assert_balanced();
    }
}

#[test]
fn they_agree_on_kernels_without_openat2() {
    let me = std::env::current_exe().expect("this program");
    let test = ["--exact", "paths_and_descriptors_agree_with_the_model"];
    let out = Command::new(me).args(test).env(OLD_KERNEL, "1").output().expect("a second process");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

#[test]
fn two_guests_on_one_tree_stay_inside() {
    let well = race::any_operations(seed(), count() / 5);
    assert!(well > count() / 20, "hardly anything succeeded: {well}");
}

#[test]
fn a_link_that_appears_under_way_leads_nowhere() {
    let (inside, refused) = race::through_a_moving_link(seed(), count() / 2);
    println!("{inside} ways inside, {refused} outside");
    assert!(inside > 0 && refused > 0, "the link was always or never there: {inside} {refused}");
}

/// Lets the kernel deny this thread that it knows `openat2`, as old ones do.
fn forget_openat2() {
    let statement = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let (load, equal, answer) = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, libc::BPF_RET | libc::BPF_K);
    let mut program = [
        statement(load, 0, 0, 0),
        statement(equal, 0, 1, libc::SYS_openat2 as u32),
        statement(answer, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        statement(answer, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the program outlives the calls, which copy it; it changes how one system call answers and nothing else.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &filter) == 0
    };
    assert!(done, "no filter: {}", std::io::Error::last_os_error());
    // SAFETY: no pointer of the call is read before the number is looked at.
    let answer = unsafe { libc::syscall(libc::SYS_openat2, 0, 0, 0, 0) };
    assert!(answer == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS), "openat2 is still there");
}
