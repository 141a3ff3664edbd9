//! Exceptions where hosts take part: across callbacks and yields, past traps, through collections.

use crate::common::{Guest, assert_trap, engine};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tenon::base::{Error, ErrorKind, Result, TrapCode};
use tenon::runtime::{
    ExnRef, Extern, ExternRef, Func, FuncType, GuestExec, Linker, Step, Store, Tag, Val, ValRaw, ValType,
};

/// A guest that throws, catches, and calls the host in between.
const GUEST: &str = r#"(module
  (type $pass (func (param i32)))
  (import "host" "call" (func $call (param i32)))
  (tag $e (export "e") (param i32 i64))
  (tag $other (export "other"))
  (func $throw (export "throw") (param i32)
    (throw $e (local.get 0) (i64.const 7)))
  (func $through (export "through") (param i32)
    (call $call (local.get 0)))
  (func (export "catch") (param i32) (result i32)
    (block $none
      (block $h (result i32 i64)
        (try_table (catch $other $none) (catch $e $h) (call $through (local.get 0)))
        (return (i32.const -1)))
      (i32.wrap_i64) (i32.add) (return))
    (i32.const -2))
  (func (export "catch_all") (param i32) (result i32)
    (block $h
      (try_table (catch_all $h) (call $through (local.get 0)))
      (return (i32.const -1)))
    (i32.const 1))
  (func (export "rethrow") (param i32)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (call $through (local.get 0)))
      (return))
    (throw_ref)))"#;

/// The guest linked to a host function that does `body`.
fn guest(body: impl Fn(&mut tenon::runtime::Caller<'_>, i32) -> Result<()> + Send + Sync + 'static) -> Guest {
    let engine = engine();
    let mut linker = Linker::new(&engine);
    let ty = FuncType::new([ValType::I32], []);
    linker.func("host", "call", ty, move |c, slots| body(c, slots[0].i32())).expect("a fresh linker");
    Guest::linked(&Store::new(&engine), &linker, GUEST).expect("the guest")
}

/// Calls the guest's own `throw` from the host.
fn throw_from_host(caller: &tenon::runtime::Caller<'_>, n: i32) -> Result<()> {
    let Some(Extern::Func(throw)) = caller.export("throw") else { return Err(Error::host("no throw")) };
    throw.call(caller.store(), &[Val::I32(n)], &mut [])
}

#[test]
fn exceptions_pass_through_callbacks() {
    let g = guest(|c, n| throw_from_host(c, n));
    assert_eq!(g.i32("catch", &[35]), 42);
    assert_eq!(g.i32("catch_all", &[35]), 1);
    // Where it was thrown the last time.
    for (name, thrower) in [("through", 1), ("rethrow", 5)] {
        let e = g.call(name, &[5]).expect_err("nobody catches");
        assert_eq!((e.kind(), e.to_string().as_str()), (ErrorKind::Exception, "thrown Wasm exception"));
        assert_eq!(e.frames().first().map(|f| f.func_index), Some(thrower), "{:?}", e.frames());
        let exn = ExnRef::of(&g.store, &e).expect("the error brings the exception");
        let Some(Extern::Tag(tag)) = g.instance.export(&g.store, "e") else { panic!("no tag") };
        assert!(exn.tag(&g.store).expect("of this store").same(&tag));
        assert_eq!(exn.num_fields(), 2);
        assert_eq!((exn.field(&g.store, 0).and_then(|v| v.i32()), exn.field(&g.store, 1).and_then(|v| v.i64())), (Some(5), Some(7)));
        assert!(exn.field(&g.store, 2).is_none());
    }
}

#[test]
fn host_functions_throw() {
    let g = guest(|c, n| {
        let Some(Extern::Tag(tag)) = c.export("e") else { return Err(Error::host("no tag")) };
        let exn = ExnRef::new(c.store(), &tag, &[Val::I32(n), Val::I64(2)])?;
        Err(c.throw(exn)?)
    });
    assert_eq!(g.i32("catch", &[40]), 42);
    let g = guest(|c, n| {
        let Some(Extern::Tag(tag)) = c.export("e") else { return Err(Error::host("no tag")) };
        let exn = ExnRef::new(c.store(), &tag, &[Val::I32(n), Val::I64(2)])?;
        // As the C interface does: the exception in the store, the error without it.
        c.store().set_pending_exception(exn)?;
        Err(Error::new(ErrorKind::Exception, "thrown"))
    });
    assert_eq!(g.i32("catch", &[40]), 42);
    assert!(!g.store.has_pending_exception());
}

#[test]
fn fields_are_checked() {
    let (engine, other) = (engine(), engine());
    let (store, stranger) = (Store::new(&engine), Store::new(&other));
    let tag = Tag::new(&store, &FuncType::new([ValType::I32], [])).expect("a tag");
    assert!(ExnRef::new(&store, &tag, &[]).is_err());
    assert!(ExnRef::new(&store, &tag, &[Val::I64(1)]).is_err());
    assert_eq!(ExnRef::new(&stranger, &tag, &[Val::I32(1)]).expect_err("wrong store").kind(), ErrorKind::Usage);
    assert!(Tag::new(&store, &FuncType::new([], [ValType::I32])).is_err());
    let exn = ExnRef::new(&store, &tag, &[Val::I32(1)]).expect("an exception");
    assert!(exn.tag(&stranger).is_err() && exn.field(&stranger, 0).is_none());
    assert!(Val::ExnRef(Some(exn)).check(&stranger, ValType::EXNREF).is_err());
}

#[test]
fn an_exception_of_another_store_passes_by() {
    let engine = engine();
    let away = Store::new(&engine);
    let tag = Tag::new(&away, &FuncType::default()).expect("a tag");
    let exn = ExnRef::new(&away, &tag, &[]).expect("an exception");
    let g = guest(move |_, _| Err(exn.clone().into_error()));
    assert_eq!(g.call("catch_all", &[1]).expect_err("not ours").kind(), ErrorKind::Exception);
}

#[test]
fn traps_and_failures_are_not_caught() {
    let g = guest(|_, n| match n {
        0 => Err(Error::trap(TrapCode::Unreachable)),
        1 => Err(Error::host("no")),
        2 => panic!("host panics"),
        _ => Ok(()),
    });
    for name in ["catch", "catch_all", "rethrow"] {
        assert_trap(&g.trap(name, &[0]), TrapCode::Unreachable);
        assert_eq!(g.trap(name, &[1]).kind(), ErrorKind::Host);
        assert_eq!(g.trap(name, &[2]).kind(), ErrorKind::Internal);
    }
    assert_eq!(g.i32("catch_all", &[3]), -1);
    let g = Guest::new(
        r#"(module
          (func $deep (result i32) (i32.add (call $deep) (i32.const 1)))
          (func $run (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (return (i32.div_u (i32.const 1) (local.get 0)))))
            (if (i32.eq (local.get 0) (i32.const 1)) (then (return (call $deep))))
            (ref.null exn) (throw_ref))
          (func (export "run") (param i32) (result i32)
            (block $h (try_table (result i32) (catch_all $h) (call $run (local.get 0))) (return))
            (i32.const 99)))"#,
    );
    for (n, code) in [(0, TrapCode::IntegerDivisionByZero), (1, TrapCode::StackOverflow), (2, TrapCode::NullReference)] {
        assert_trap(&g.trap("run", &[n]), code);
    }
}

#[test]
fn rethrowing_keeps_identity() {
    let seen: Arc<parking::Slot> = Arc::default();
    let inner = seen.clone();
    let g = guest(move |c, n| {
        let thrown = throw_from_host(c, n).expect_err("it throws");
        *inner.0.lock().expect("no panic") = ExnRef::of(c.store(), &thrown);
        Err(thrown)
    });
    let e = g.call("rethrow", &[1]).expect_err("thrown again");
    let out = ExnRef::of(&g.store, &e).expect("an exception");
    let first = seen.0.lock().expect("no panic").take().expect("seen inside");
    assert!(first.same(&out));
    let other = ExnRef::of(&g.store, &g.call("rethrow", &[1]).expect_err("again")).expect("an exception");
    assert!(!first.same(&other));
}

mod parking {
    #[derive(Default)]
    pub struct Slot(pub std::sync::Mutex<Option<tenon::runtime::ExnRef>>);
}

fn i64_slots() -> Vec<ValRaw> {
    vec![ValRaw::default(); 2]
}

fn yielding(store: &Store) -> Guest {
    let mut linker = Linker::new(store.engine());
    linker.func_yield("host", "call", FuncType::new([ValType::I32], []), 9).expect("a fresh linker");
    Guest::linked(store, &linker, GUEST).expect("the guest")
}

/// Starts `name(n)` on a private stack and resumes its one host call with `outcome`.
fn resume_with(exec: &mut GuestExec, g: &Guest, name: &str, n: i32, outcome: Result<()>) -> Result<i32> {
    let mut slots = i64_slots();
    slots[0] = ValRaw::from_i32(n);
    // SAFETY: one parameter, at most one result, both i32.
    let step = unsafe { exec.call(&g.func(name), slots.as_mut_ptr(), slots.len()) }?;
    assert!(matches!(step, Step::HostCall { id: 9, .. }));
    match exec.resume(outcome)? {
        Step::Done => Ok(slots[0].i32()),
        Step::HostCall { .. } | Step::Paused => panic!("one host call expected"),
    }
}

#[test]
fn exceptions_pass_through_yields() {
    for store in [Store::new(&engine()), Store::new_shared(&engine())] {
        let g = yielding(&store);
        let Some(Extern::Tag(tag)) = g.instance.export(&store, "e") else { panic!("no tag") };
        let exn = || ExnRef::new(&store, &tag, &[Val::I32(30), Val::I64(12)]).expect("an exception");
        let mut exec = GuestExec::new(&store).expect("an exec");
        for _ in 0..3 {
            assert_eq!(resume_with(&mut exec, &g, "catch", 1, Err(exn().into_error())).expect("caught"), 42);
            assert_eq!(resume_with(&mut exec, &g, "catch_all", 1, Err(exn().into_error())).expect("caught"), 1);
            assert_eq!(resume_with(&mut exec, &g, "catch_all", 1, Ok(())).expect("returned"), -1);
            let sent = exn();
            let e = resume_with(&mut exec, &g, "rethrow", 1, Err(sent.clone().into_error())).expect_err("uncaught");
            assert!(ExnRef::of(&store, &e).expect("an exception").same(&sent));
            let e = resume_with(&mut exec, &g, "catch_all", 1, Err(Error::trap(TrapCode::Unreachable))).expect_err("a trap");
            assert_trap(&e, TrapCode::Unreachable);
        }
        // A guest that the host runs on another stack while the first one waits.
        let mut slots = i64_slots();
        // SAFETY: as in `resume_with`.
        let step = unsafe { exec.call(&g.func("catch"), slots.as_mut_ptr(), 2) }.expect("started");
        assert!(matches!(step, Step::HostCall { .. }));
        let thrown = g.call("throw", &[35]).expect_err("thrown");
        assert!(matches!(exec.resume(Err(thrown)), Ok(Step::Done)));
        assert_eq!(slots[0].i32(), 42);
    }
}

/// Sets a counter when the data of an external reference is given up.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted(store: &Store, drops: &Arc<AtomicUsize>, word: u64) -> ExternRef {
    ExternRef::new(store, word, Some(Arc::new(Counted(drops.clone())))).expect("a reference")
}

#[test]
fn what_exceptions_carry_survives_collections() {
    let engine = engine();
    let mut linker = Linker::new(&engine);
    linker.func("host", "gc", FuncType::default(), |c, _| c.store().gc()).expect("a fresh linker");
    let store = Store::new(&engine);
    let g = Guest::linked(
        &store,
        &linker,
        r#"(module
          (import "host" "gc" (func $gc))
          (tag $e (param externref))
          (tag $nest (param exnref externref))
          (global $g (export "g") (mut exnref) (ref.null exn))
          (table $t (export "t") 2 exnref)
          (func $throw (param externref) (throw $e (local.get 0)))
          (func $only (param externref) (result exnref)
            (block $h (result exnref)
              (try_table (catch_all_ref $h) (call $throw (local.get 0))) (unreachable)))
          (func $value (param exnref) (result externref)
            (call $gc)
            (block $h (result externref)
              (try_table (catch $e $h) (throw_ref (local.get 0))) (unreachable)))
          (func (export "local") (param externref) (result externref)
            (call $value (call $only (local.get 0))))
          (func (export "keep") (param externref)
            (global.set $g (call $only (local.get 0))))
          (func (export "kept") (result externref) (call $value (global.get $g)))
          (func (export "nest") (param externref)
            (local exnref)
            (block $h (result exnref)
              (try_table (catch_all_ref $h) (throw $nest (call $only (local.get 0)) (local.get 0))) (unreachable))
            (local.set 1) (call $gc)
            (table.set $t (i32.const 1) (local.get 1)))
          (func (export "nested") (result externref)
            (block $h (result exnref externref)
              (try_table (catch $nest $h) (throw_ref (table.get $t (i32.const 1)))) (unreachable))
            (drop) (call $value))
          (func (export "clear") (global.set $g (ref.null exn)) (table.set $t (i32.const 1) (ref.null exn))))"#,
    )
    .expect("the guest");
    let drops = Arc::new(AtomicUsize::new(0));
    let call = |name: &str, args: &[Val]| {
        let f = g.func(name);
        let mut results = vec![Val::I32(0); f.ty(&store).results.len()];
        f.call(&store, args, &mut results).unwrap_or_else(|e| panic!("{name}: {e}"));
        results.into_iter().next()
    };
    let give = |word| vec![Val::ExternRef(Some(counted(&store, &drops, word)))];
    let word = |v: Option<Val>| match v {
        Some(Val::ExternRef(Some(e))) => e.word(),
        other => panic!("{other:?}"),
    };
    assert_eq!(word(call("local", &give(1))), 1);
    call("keep", &give(2));
    call("nest", &give(3));
    store.gc().expect("collected");
    assert_eq!(drops.load(Ordering::Relaxed), 1, "only the first is given up");
    assert_eq!((word(call("kept", &[])), word(call("nested", &[]))), (2, 3));
    // A host root keeps what the global gives up.
    let Some(Extern::Global(global)) = g.instance.export(&store, "g") else { panic!("no global") };
    let held = global.get(&store);
    call("clear", &[]);
    store.gc().expect("collected");
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    let Val::ExnRef(Some(exn)) = &held else { panic!("{held:?}") };
    assert_eq!(word(exn.field(&store, 0)), 2);
    drop(held);
    store.gc().expect("collected");
    assert_eq!(drops.load(Ordering::Relaxed), 3);
}

/// Catches a reference a million times over: what nobody holds has to go without being asked.
#[test]
fn exceptions_do_not_pile_up() {
    const WAT: &str = r#"(module (tag $e (param i32))
      (func $again (param exnref) (throw_ref (local.get 0)))
      (func $throw (param i32)
        (block $h (result exnref)
          (try_table (catch_all_ref $h) (throw $e (local.get 0))) (unreachable))
        (call $again))
      (func $once (param i32) (result i32)
        (block $h (result i32) (try_table (catch $e $h) (call $throw (local.get 0))) (unreachable)))
      (func (export "run") (param i32) (result i32)
        (local $sum i32)
        (loop $l
          (local.set $sum (i32.add (local.get $sum) (i32.rem_u (call $once (local.get 0)) (i32.const 2))))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum)))"#;
    let engine = engine();
    for store in [Store::new(&engine), Store::new_shared(&engine)] {
        let g = Guest::linked(&store, &Linker::new(&engine), WAT).expect("the guest");
        let tag = Tag::new(&store, &FuncType::default()).expect("a tag");
        let (_, _, table) = ExnRef::new(&store, &tag, &[]).expect("an exception").into_parts();
        assert_eq!(g.i32("run", &[50_000]), 25_000);
        assert!(table.len() < 5_000, "{} exceptions are left in a store of kind {:?}", table.len(), store.kind());
        for _ in 0..3 {
            assert_eq!(g.i32("run", &[10]), 5);
        }
    }
}

/// The host drops an uncaught exception: nothing of it is left.
#[test]
fn uncaught_exceptions_go_with_their_error() {
    let g = guest(|c, n| throw_from_host(c, n));
    let e = g.call("through", &[1]).expect_err("uncaught");
    let (handle, id, table) = ExnRef::of(&g.store, &e).expect("an exception").into_parts();
    drop(e);
    assert_eq!(table.len(), 1);
    drop(ExnRef::from_parts(handle, id, table.clone()));
    assert_eq!(table.len(), 0);
}

/// A host function that is a guest's export of another instance: no host frame, one level.
#[test]
fn functions_made_by_the_host_throw_when_called_by_it() {
    let store = Store::new(&engine());
    let tag = Tag::new(&store, &FuncType::default()).expect("a tag");
    let thrown = tag.clone();
    let f = Func::new(&store, &FuncType::default(), move |c, _| {
        Err(ExnRef::new(c.store(), &thrown, &[])?.into_error())
    })
    .expect("a function");
    let e = f.call(&store, &[], &mut []).expect_err("thrown");
    assert!(ExnRef::of(&store, &e).expect("an exception").tag(&store).expect("ours").same(&tag));
}

/// References to exceptions go through the host's hands as any other value.
#[test]
fn references_pass_between_host_and_guest() {
    let g = Guest::new(
        r#"(module (tag $e (export "e") (param i32))
          (global (export "g") (mut exnref) (ref.null exn))
          (table (export "t") 3 exnref)
          (func (export "same") (param exnref) (result exnref) (local.get 0))
          (func (export "throw") (param exnref) (throw_ref (local.get 0)))
          (func (export "read") (param exnref) (result i32)
            (block $h (result i32) (try_table (catch $e $h) (throw_ref (local.get 0))) (unreachable))))"#,
    );
    let store = &g.store;
    let export = |name| g.instance.export(store, name).expect("exported");
    let tag = export("e").tag().expect("a tag").clone();
    let exn = ExnRef::new(store, &tag, &[Val::I32(6)]).expect("an exception");
    let val = Val::ExnRef(Some(exn.clone()));
    let same = |v: &Val| matches!(v, Val::ExnRef(Some(e)) if e.same(&exn));
    let mut result = [Val::I32(0)];
    g.func("same").call(store, std::slice::from_ref(&val), &mut result).expect("returned");
    assert!(same(&result[0]));
    g.func("same").call(store, &[Val::ExnRef(None)], &mut result).expect("returned");
    assert!(matches!(result[0], Val::ExnRef(None)));
    g.func("read").call(store, std::slice::from_ref(&val), &mut result).expect("caught");
    assert_eq!(result[0].i32(), Some(6));
    let global = export("g").global().expect("a global").clone();
    let table = export("t").table().expect("a table").clone();
    global.set(store, &val).expect("set");
    table.set(store, 2, &val).expect("set");
    drop((val, result));
    store.gc().expect("collected");
    assert!(same(&global.get(store)) && same(&table.get(store, 2).expect("in bounds")));
    let e = g.func("throw").call(store, &[global.get(store)], &mut []).expect_err("thrown");
    assert!(ExnRef::of(store, &e).expect("an exception").same(&exn));
    assert_trap(&g.func("throw").call(store, &[Val::ExnRef(None)], &mut []).expect_err("null"), TrapCode::NullReference);
    assert!(g.func("throw").call(store, &[Val::ExternRef(None)], &mut []).is_err());
}

/// A suspended guest holds an exception in a local while the host collects.
#[test]
fn suspended_guests_keep_their_exceptions() {
    let store = Store::new(&engine());
    let mut linker = Linker::new(store.engine());
    linker.func_yield("host", "call", FuncType::new([ValType::I32], []), 9).expect("a fresh linker");
    let g = Guest::linked(
        &store,
        &linker,
        r#"(module (import "host" "call" (func $call (param i32)))
          (tag $e (param externref))
          (func (export "run") (param externref) (result externref)
            (local $x exnref)
            (block $h (result exnref)
              (try_table (catch_all_ref $h) (throw $e (local.get 0))) (unreachable))
            (local.set $x)
            (local.set 0 (ref.null extern))
            (call $call (i32.const 1))
            (block $v (result externref) (try_table (catch $e $v) (throw_ref (local.get $x))) (unreachable))))"#,
    )
    .expect("the guest");
    let drops = Arc::new(AtomicUsize::new(0));
    let mut slots = i64_slots();
    let given = Val::ExternRef(Some(counted(&store, &drops, 5)));
    slots[0] = given.to_raw();
    let mut exec = GuestExec::new(&store).expect("an exec");
    // SAFETY: one parameter and one result, both externrefs of this store.
    let step = unsafe { exec.call(&g.func("run"), slots.as_mut_ptr(), 2) }.expect("started");
    assert!(matches!(step, Step::HostCall { .. }));
    drop(given);
    store.gc().expect("collected");
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    assert!(matches!(exec.resume(Ok(())), Ok(Step::Done)));
    let Val::ExternRef(Some(out)) = Val::from_raw(&store, slots[0], ValType::EXTERNREF) else { panic!("null") };
    assert_eq!(out.word(), 5);
    drop(out);
    store.gc().expect("collected");
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

/// Threads throw in one shared store; every exception comes back to who threw it.
#[test]
fn hammer_a_shared_store() {
    const WAT: &str = r#"(module (tag $e (param i32))
      (func $throw (param i32) (throw $e (local.get 0)))
      (func $cleanup (param i32)
        (block $h (result exnref)
          (try_table (catch_all_ref $h) (call $throw (local.get 0))) (unreachable))
        (throw_ref))
      (func (export "run") (param i32) (result i32)
        (block $h (result i32) (try_table (catch $e $h) (call $cleanup (local.get 0))) (unreachable))))"#;
    let engine = engine();
    let store = Store::new_shared(&engine);
    let g = Guest::linked(&store, &Linker::new(&engine), WAT).expect("the guest");
    std::thread::scope(|s| {
        for thread in 0..4 {
            let g = &g;
            s.spawn(move || (0..3000).for_each(|i| assert_eq!(g.i32("run", &[thread * 10_000 + i]), thread * 10_000 + i)));
        }
    });
}
