//! Faults that are not the engine's reach whoever handled them before. Signal handlers belong to the whole process,
//! so each case runs in a process of its own: the test starts itself again.

use super::guests::*;
use crate::base::TrapCode;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

const CASE: &str = "TENON_TEST_CHAIN";

/// Runs `case` in another process and gives how that ended: exit status or minus the signal.
fn child(test: &str, case: &str) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    let me = std::env::current_exe().unwrap();
    let mut command = Command::new(me);
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(CASE, case);
    let out = command.output().unwrap();
    out.status.code().unwrap_or_else(|| -out.status.signal().unwrap_or(0))
}

fn traps_work() {
    let e = exec();
    let code = publish(&TRAPPING, 12, TrapCode::Unreachable);
    let err = call(&e, func(code.at(0), core::ptr::null()), 0).unwrap_err();
    assert_eq!(err.trap_code(), Some(TrapCode::Unreachable));
}

fn fault() {
    // SAFETY: meant to fault: nothing is mapped there.
    unsafe { core::ptr::with_exposed_provenance::<u8>(8).read_volatile() };
}

static SEEN: AtomicUsize = AtomicUsize::new(0);

mod raw {
    //! The previous handlers of these tests.
    use crate::sys::signal::probe;
    use std::sync::atomic::Ordering;

    pub(super) extern "C" fn plain(signal: i32) {
        super::SEEN.store(signal as usize, Ordering::SeqCst);
        // Blocked as the kernel would have: no SA_NODEFER was asked for.
        probe::exit(if probe::is_blocked(signal) { 41 } else { 42 });
    }

    pub(super) extern "C" fn with_info(signal: i32, address: usize) {
        probe::exit(if signal == probe::SEGV && address == 8 { 43 } else { 44 });
    }
}

fn run(case: &str) {
    use crate::sys::signal::probe;
    match case {
        "plain" => probe::install_plain(raw::plain),
        "info" => probe::install_info(raw::with_info),
        "ignore" => probe::install_ignore(),
        _ => probe::install_default(),
    }
    traps_work();
    if case.ends_with("sent") {
        probe::send();
    } else {
        fault();
    }
    probe::exit(7);
}

#[test]
fn faults_of_others_reach_their_handlers() {
    if let Ok(case) = std::env::var(CASE) {
        return run(&case);
    }
    let test = "vm::tests::chain::faults_of_others_reach_their_handlers";
    let segv = -crate::sys::signal::probe::SEGV;
    let ended = ["plain", "info", "ignore", "default", "default-sent"].map(|case| (case, child(test, case)));
    let want = [("plain", 41), ("info", 43), ("ignore", segv), ("default", segv), ("default-sent", segv)];
    assert_eq!(ended, want);
    assert_eq!(SEEN.load(Ordering::SeqCst), 0);
}
