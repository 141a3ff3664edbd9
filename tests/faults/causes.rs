//! Faults that there were, each by its cause.

use crate::child;
use crate::inject::{self, CALLS, Plan};
use crate::limits::{alone, call};
use crate::scenarios::SCENARIOS;
use std::collections::BTreeSet;
use tenon::runtime::{Config, Engine, Instance, Module, Store};

const MIB: u64 = 1 << 20;

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("procfs");
    text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number") * 4096
}

/// A heap of objects, which is given up with its store while the system does not unmap anything.
pub fn kept_mapping() {
    const WAT: &str = r#"(module (type $b (array (mut i8)))
      (func (export "fill") (param i32) (result i32) (array.len (array.new $b (i32.const 1) (local.get 0)))))"#;
    inject::install();
    let mut config = Config::new();
    config.gc_heap_reservation = 256 * MIB;
    let engine = Engine::new(&config).expect("an engine");
    let module = Module::new(&engine, &tenon::wasm::text::parse(WAT.as_bytes()).expect("text")).expect("it compiles");
    let run = || {
        let store = Store::new(&engine);
        let i = Instance::new(&store, &module, &[]).expect("an instance");
        assert_eq!(call(&store, &i, "fill", 64 * MIB as i32).expect("no trap"), 64 * MIB as i32);
        (store, i)
    };
    drop(run());
    let empty = resident();
    let full = run();
    assert!(resident() > empty + 48 * MIB, "the test fills nothing");
    let row = CALLS.iter().position(|c| c.name == "munmap").expect("a row");
    let ((), seen) = inject::under(Plan::Nth { row, nth: 1, error: libc::ENOMEM, onwards: true }, || drop(full));
    assert!(seen.failed[row] > 0, "nothing was to be unmapped");
    let kept = resident().saturating_sub(empty);
    assert!(kept < 16 * MIB, "{kept} bytes are kept");
    drop(run());
}

/// It was a panic where assertions are on, and elsewhere the memory was lost until the end.
#[test]
fn a_mapping_that_cannot_be_taken_out_gives_its_memory_back() {
    alone("kept-mapping");
}

/// Reading, opening, resizing and syncing files failed with EINTR, and files of initial contents could not be made.
#[test]
fn calls_that_signals_break_off_are_made_again() {
    if child::is_child() {
        return;
    }
    let mut reached = BTreeSet::new();
    for which in 0..SCENARIOS.len() {
        let case = format!("broken-off {which} 1");
        match child::run(&case) {
            Ok(report) => reached.extend(report.names),
            Err(what) => panic!("{case}: {what}"),
        }
    }
    println!("{reached:?}");
    for name in ["ftruncate", "read", "pwrite64", "openat", "openat2", "readv", "writev", "fallocate", "ppoll", "accept4"] {
        assert!(reached.contains(name), "{name} was never broken off, only {reached:?}");
    }
}
