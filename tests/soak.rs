//! What drives the machines that hunt for faults: a driver that loses a finding would make all of them worthless.

use std::process::Command;

#[test]
fn the_driver_tells_and_keeps_whatever_becomes_of_a_machine() {
    let mut tests = Command::new("python3");
    tests.args(["-B", "test_driver.py"]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak"));
    let output = tests.output().expect("python3");
    let said = String::from_utf8_lossy(&output.stderr);
    let ran = said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok()).unwrap_or(0_u32);
    assert!(output.status.success() && ran > 0, "{said}");
}
