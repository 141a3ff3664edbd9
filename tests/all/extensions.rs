//! What hosts attach to a store: found by host functions at each call, and gone when it is replaced.

use crate::common::{engine, Guest};
use std::sync::{Arc, Weak};
use tenon::runtime::{Caller, FuncType, Linker, Store, ValRaw, ValType};

struct World(u32);

const ASKING: &str = r#"(module
  (import "host" "world" (func $world (result i32)))
  (import "host" "replace" (func $replace (param i32) (result i32)))
  (func (export "ask") (result i32) (call $world))
  (func (export "ask_twice") (result i32) (i32.add (i32.mul (call $world) (i32.const 100)) (call $world)))
  (func (export "replace") (param i32) (result i32)
    (i32.add (i32.mul (call $replace (local.get 0)) (i32.const 100)) (call $world))))"#;

fn world(caller: &Caller<'_>) -> u32 {
    caller.with_extension(|w: &World| w.0).unwrap_or(99)
}

/// Answers with what it found before, during and after the change, which has to be the same thing.
fn replace(caller: &Caller<'_>, with: u32) -> u32 {
    let found = caller.with_extension(|w: &World| {
        caller.store().set_extension(Arc::new(World(with)));
        let inner = caller.with_extension(|w: &World| w.0);
        assert_eq!(inner, Some(with), "a call in a call finds the new one");
        w.0
    });
    found.unwrap_or(99)
}

fn guest() -> Guest {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let ty = |params: &[ValType]| FuncType { params: params.into(), results: [ValType::I32].into() };
    let answer = |slots: &mut [ValRaw], value: u32| slots[0] = ValRaw::from_u32(value);
    linker.func("host", "world", ty(&[]), move |caller, slots| Ok(answer(slots, world(caller)))).expect("a function");
    linker
        .func("host", "replace", ty(&[ValType::I32]), move |caller, slots| {
            let with = slots[0].u32();
            Ok(answer(slots, replace(caller, with)))
        })
        .expect("a function");
    Guest::linked(&store, &linker, ASKING).expect("the guest")
}

fn attach(guest: &Guest, number: u32) -> Weak<World> {
    let world = Arc::new(World(number));
    guest.store.set_extension(world.clone());
    Arc::downgrade(&world)
}

#[test]
fn host_functions_find_what_is_attached_now() {
    let guest = guest();
    assert_eq!(guest.i32("ask", &[]), 99, "nothing is attached yet");
    attach(&guest, 1);
    assert_eq!(guest.i32("ask_twice", &[]), 101);
    attach(&guest, 2);
    assert_eq!(guest.i32("ask_twice", &[]), 202);
    assert_eq!(guest.i32("replace", &[3]), 203);
    assert_eq!(guest.i32("ask", &[]), 3);
}

#[test]
fn what_was_attached_goes_at_once() {
    let guest = guest();
    let first = attach(&guest, 1);
    assert_eq!(guest.i32("ask", &[]), 1);
    let second = attach(&guest, 2);
    assert!(first.upgrade().is_none(), "replaced, and no call is running");
    assert_eq!(guest.i32("replace", &[3]), 203);
    assert!(second.upgrade().is_none(), "replaced during a call");
    let third = attach(&guest, 4);
    assert_eq!(guest.i32("ask", &[]), 4);
    drop(guest);
    assert!(third.upgrade().is_none(), "the store is gone");
}
