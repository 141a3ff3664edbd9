//! Fuel: the documented figures, exact also where a guest is stopped.

use crate::common::{Guest, assert_trap, engine_with};
use tenon::base::TrapCode;

const BUDGET: u64 = 100_000;

fn guest(wat: &str) -> Guest {
    let guest = Guest::on(&engine_with(|c| c.tunables.fuel = true), wat);
    guest.store.set_fuel(BUDGET).expect("fuel is configured");
    guest
}

/// What a call costs.
fn cost(guest: &Guest, name: &str, args: &[i32]) -> u64 {
    let before = guest.store.fuel().expect("fuel is configured");
    let _ = guest.call(name, args);
    before - guest.store.fuel().expect("fuel is configured")
}

/// The module of the documented example.
const FIBONACCI: &str = r#"(module
  (func $fibonacci (export "fibonacci") (param $n i32) (result i32)
    (if (i32.lt_s (local.get $n) (i32.const 2)) (then (return (local.get $n))))
    (i32.add
      (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
      (call $fibonacci (i32.sub (local.get $n) (i32.const 2))))))"#;

#[test]
fn fibonacci_costs_what_is_documented() {
    let guest = guest(FIBONACCI);
    let costs: Vec<u64> = (0..14).map(|n| cost(&guest, "fibonacci", &[n])).collect();
    assert_eq!(costs, [6, 6, 26, 46, 86, 146, 246, 406, 666, 1086, 1766, 2866, 4646, 7526]);
}

#[test]
fn operators_cost_one_and_structure_costs_nothing() {
    let guest = guest(
        r#"(module (memory 1) (table 10 funcref)
        (func (export "empty"))
        (func (export "structure") (block (loop (nop))) (drop (i32.const 1)))
        (func (export "branch") (param i32) (block (br_if 0 (local.get 0)) (nop) (drop (i32.const 1))))
        (func (export "bulk") (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)))
        (func (export "dead") (return) (drop (i32.const 1)) (drop (i32.const 1)))
        (func (export "unreachable") (drop (i32.const 1)) (drop (i32.const 1)) unreachable)
        (func $div (drop (i32.div_u (i32.const 1) (i32.const 0))))
        (func (export "trap") (drop (i32.const 1)) (call $div)))"#,
    );
    assert_eq!(cost(&guest, "empty", &[]), 1);
    assert_eq!(cost(&guest, "structure", &[]), 2);
    assert_eq!(cost(&guest, "branch", &[1]), 3);
    assert_eq!(cost(&guest, "branch", &[0]), 4);
    assert_eq!(cost(&guest, "bulk", &[]), 5);
    assert_eq!(cost(&guest, "dead", &[]), 1);
    assert_eq!(cost(&guest, "unreachable", &[]), 3);
    // A fault cannot save what its function has counted since the last call; callers have saved theirs.
    assert!((3..=6).contains(&cost(&guest, "trap", &[])));
}

#[test]
fn a_guest_stops_when_its_fuel_is_gone_and_not_before() {
    let guest = guest(FIBONACCI);
    guest.store.set_fuel(7_526 + 1).expect("fuel is configured");
    assert_eq!(guest.i32("fibonacci", &[13]), 233);
    assert_eq!(guest.store.fuel().ok(), Some(1));
    guest.store.set_fuel(3_000).expect("fuel is configured");
    assert_trap(&guest.trap("fibonacci", &[13]), TrapCode::OutOfFuel);
    assert_eq!(guest.store.fuel().ok(), Some(0));
}

#[test]
fn fuel_needs_an_engine_that_counts() {
    let guest = Guest::new("(module)");
    assert!(guest.store.set_fuel(1).is_err());
    assert!(guest.store.fuel().is_err());
}

#[test]
fn inlining_and_optimising_change_no_figure() {
    let wat = r#"(module (memory 1)
        (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func $early (param i32) (result i32)
          (if (local.get 0) (then (return (i32.const 1)))) (call $add (i32.const 2) (i32.const 3)))
        (func $store (param i32) (i32.store (local.get 0) (call $early (local.get 0))))
        (func (export "go") (param i32) (result i32)
          (local $i i32) (local $sum i32)
          (loop $l
            (call $store (local.get $i))
            (local.set $sum (call $add (local.get $sum) (i32.load (local.get $i))))
            (local.set $i (call $add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (local.get 0))))
          (local.get $sum)))"#;
    let costs: Vec<(i32, u64)> = [(true, 1), (false, 1), (true, 0), (false, 0)]
        .map(|(inlining, opt_level)| {
            let engine = engine_with(|c| {
                c.tunables.fuel = true;
                c.tunables.inlining = inlining;
                c.tunables.opt_level = opt_level;
            });
            let guest = Guest::on(&engine, wat);
            guest.store.set_fuel(BUDGET).expect("fuel is configured");
            let cost = cost(&guest, "go", &[20]);
            (guest.i32("go", &[20]), cost)
        })
        .into();
    assert!(costs.windows(2).all(|w| w[0] == w[1]), "{costs:?}");
}
