//! References that guests hold for the host: alive while anybody reaches them, dropped afterwards.

use crate::common::Guest;
use std::any::Any;
use std::sync::Arc;
use tenon::runtime::{ExternRef, Val};

const HOLDER: &str = r#"(module
  (table $t (export "table") 4 externref)
  (global $g (mut externref) (ref.null extern))
  (func (export "put") (param i32 externref) (table.set $t (local.get 0) (local.get 1)))
  (func (export "get") (param i32) (result externref) (table.get $t (local.get 0)))
  (func (export "set_global") (param externref) (global.set $g (local.get 0)))
  (func (export "copy") (table.copy $t $t (i32.const 2) (i32.const 0) (i32.const 2)))
  (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "clear") (table.fill $t (i32.const 0) (ref.null extern) (i32.const 4))))"#;

/// A reference and a sign of whether its owner still lives.
fn reference(guest: &Guest, word: u64) -> (Val, std::sync::Weak<dyn Any + Send + Sync>) {
    let owner: Arc<dyn Any + Send + Sync> = Arc::new(word);
    let sign = Arc::downgrade(&owner);
    let made = ExternRef::new(&guest.store, word, Some(owner)).expect("a reference");
    (Val::ExternRef(Some(made)), sign)
}

fn word_of(value: &Val) -> Option<u64> {
    match value {
        Val::ExternRef(r) => r.as_ref().map(ExternRef::word),
        other => panic!("expected an externref, found {other:?}"),
    }
}

#[test]
fn a_reference_lives_as_long_as_a_guest_holds_it() {
    let guest = Guest::new(HOLDER);
    let (first, first_lives) = reference(&guest, 11);
    let (second, second_lives) = reference(&guest, 22);
    let call = |name: &str, args: &[Val], results: usize| {
        let mut out = vec![Val::I32(0); results];
        guest.func(name).call(&guest.store, args, &mut out).expect("no trap");
        out
    };
    call("put", &[Val::I32(0), first], 0);
    call("set_global", &[second], 0);
    call("copy", &[], 0);
    guest.store.gc().expect("a collection");
    assert!(first_lives.upgrade().is_some() && second_lives.upgrade().is_some());
    assert_eq!(word_of(&call("get", &[Val::I32(2)], 1)[0]), Some(11));
    assert_eq!(word_of(&call("get", &[Val::I32(1)], 1)[0]), None);

    call("clear", &[], 0);
    guest.store.gc().expect("a collection");
    assert!(first_lives.upgrade().is_none(), "nobody reaches the first");
    assert!(second_lives.upgrade().is_some(), "a global reaches the second");
    call("set_global", &[Val::ExternRef(None)], 0);
    guest.store.gc().expect("a collection");
    assert!(second_lives.upgrade().is_none());
}

#[test]
fn a_hosts_root_keeps_a_reference() {
    let guest = Guest::new(HOLDER);
    let (root, lives) = reference(&guest, 5);
    let copy = root.clone();
    drop(root);
    guest.store.gc().expect("a collection");
    assert!(lives.upgrade().is_some());
    drop(copy);
    guest.store.gc().expect("a collection");
    assert!(lives.upgrade().is_none());
}

#[test]
fn references_go_with_their_store() {
    let guest = Guest::new(HOLDER);
    let (value, lives) = reference(&guest, 5);
    guest.func("put").call(&guest.store, &[Val::I32(3), value], &mut []).expect("no trap");
    assert!(lives.upgrade().is_some());
    drop(guest);
    assert!(lives.upgrade().is_none());
}

#[test]
fn many_short_lived_references_do_not_pile_up() {
    let guest = Guest::new(HOLDER);
    let is_null = guest.func("is_null");
    let alive = Arc::new(());
    for i in 0..200_000u64 {
        let made = ExternRef::new(&guest.store, i, Some(alive.clone())).expect("a reference");
        let mut result = [Val::I32(1)];
        is_null.call(&guest.store, &[Val::ExternRef(Some(made))], &mut result).expect("no trap");
        assert_eq!(result[0].i32(), Some(0));
    }
    let left = Arc::strong_count(&alive);
    assert!(left < 150_000, "{left} references alive although nobody holds one: collections have to happen by themselves");
}

#[test]
fn references_of_another_store_are_refused() {
    let (here, there) = (Guest::new(HOLDER), Guest::new(HOLDER));
    let (value, _) = reference(&here, 1);
    let error = there.func("put").call(&there.store, &[Val::I32(0), value], &mut []).expect_err("another store");
    assert!(error.to_string().contains("store"), "{error}");
}
