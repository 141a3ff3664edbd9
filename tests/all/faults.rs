//! Faults outside of guests: they belong to whoever handled them before the library came.

use crate::native::{compile_c, program, root, run, scratch};

/// The program says `reached` from each of its own handlers, with guest traps in between.
#[test]
fn a_fault_of_the_host_reaches_the_hosts_handler() {
    let chain = scratch("faults").join("chain");
    compile_c(&root().join("tests/all/fault_chain.c"), &chain);
    let output = run(&mut program(&chain));
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.lines().last(), Some("all 4 signals reached, 400 traps caught"), "{text}");
}

/// Without a handler of the host's own, a fault of the host still ends the process by its signal.
#[test]
fn a_fault_nobody_handles_ends_the_process() {
    use std::os::unix::process::ExitStatusExt;
    let chain = scratch("faults-default").join("chain");
    compile_c(&root().join("tests/all/fault_chain.c"), &chain);
    let output = program(&chain).arg("unhandled").output().expect("the program runs");
    assert_eq!(output.status.signal(), Some(11), "{output:?}");
}
