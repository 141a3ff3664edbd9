//! Guests that recurse, loop or grow without end: stopped with the right trap, and the host goes on.

use crate::common::{Guest, assert_trap, engine, engine_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tenon::base::{Error, ErrorKind, TrapCode};
use tenon::runtime::{
    Engine, EpochUpdate, Func, GuestExec, Limits, Linker, Memory, Step, Store, Table, Val, ValRaw,
};
use tenon::wasm::{FuncType, MemoryType, RefType, TableType, ValType};

const RUNAWAY: &str = r#"(module
  (memory (export "memory") 1)
  (table $t 1 funcref)
  (func $recurse (export "recurse") (param i32) (result i32)
    (i32.add (i32.const 1) (call $recurse (i32.add (local.get 0) (i32.const 1)))))
  (func $wide (export "wide") (param i64 i64 i64 i64 i64 i64) (result i64)
    (i64.add (local.get 0) (call $wide (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))))
  (func $indirect (export "indirect") (call_indirect (i32.const 0)))
  (elem (i32.const 0) $indirect)
  (func (export "spin") (loop $l (br $l)))
  (func (export "grow") (result i32)
    (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))
  (func (export "grow_table") (result i32)
    (loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
    (table.size $t))
  (func (export "answer") (result i32) (i32.const 42)))"#;

#[test]
fn endless_recursion_is_a_stack_overflow() {
    let guest = Guest::new(RUNAWAY);
    for _ in 0..20 {
        assert_trap(&guest.trap("recurse", &[0]), TrapCode::StackOverflow);
        assert_eq!(guest.i32("answer", &[]), 42);
    }
    assert_trap(&guest.trap("indirect", &[]), TrapCode::StackOverflow);
    let wide = guest.func("wide");
    let args = vec![tenon::runtime::Val::I64(1); 6];
    let error = wide.call(&guest.store, &args, &mut [tenon::runtime::Val::I64(0)]).expect_err("endless");
    assert_trap(&error, TrapCode::StackOverflow);
}

#[test]
fn endless_recursion_on_a_small_thread() {
    // The configured limit does not fit: the thread's own end has to be respected.
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
        let guest = Guest::new(RUNAWAY);
        assert_trap(&guest.trap("recurse", &[0]), TrapCode::StackOverflow);
        guest.i32("answer", &[])
    });
    assert_eq!(thread.expect("a thread").join().expect("no panic"), 42);
}

#[test]
fn endless_recursion_through_the_host_is_a_stack_overflow() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    linker
        .func("host", "again", FuncType::new([], []), |caller, _| {
            let store = caller.store().clone();
            let again = caller.instance().and_then(|i| i.func(&store, "f")).expect("the caller exports f");
            again.call(&store, &[], &mut [])
        })
        .expect("a definition");
    let wat = r#"(module (import "host" "again" (func $again)) (func (export "f") (call $again))
        (func (export "answer") (result i32) (i32.const 42)))"#;
    let guest = Guest::linked(&store, &linker, wat).expect("an instance");
    assert_trap(&guest.trap("f", &[]), TrapCode::StackOverflow);
    assert_eq!(guest.i32("answer", &[]), 42);
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let guest = Guest::on(&engine_with(|c| c.tunables.fuel = true), RUNAWAY);
    guest.store.set_fuel(100_000).expect("fuel is configured");
    assert_trap(&guest.trap("spin", &[]), TrapCode::OutOfFuel);
    assert_eq!(guest.store.fuel().ok(), Some(0));
    assert_trap(&guest.trap("answer", &[]), TrapCode::OutOfFuel);
    guest.store.set_fuel(100).expect("fuel is configured");
    assert_eq!(guest.i32("answer", &[]), 42);
}

#[test]
fn an_endless_loop_meets_its_epoch() {
    let engine = engine_with(|c| c.tunables.epochs = true);
    let guest = Guest::on(&engine, RUNAWAY);
    guest.store.set_epoch_deadline(1);
    let ticker = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        engine.increment_epoch();
    });
    let start = Instant::now();
    assert_trap(&guest.trap("spin", &[]), TrapCode::Interrupt);
    assert!(start.elapsed() < Duration::from_secs(20));
    ticker.join().expect("no panic");
    guest.store.set_epoch_deadline(1);
    assert_eq!(guest.i32("answer", &[]), 42);
}

#[test]
fn an_endless_loop_is_interrupted_by_another_thread() {
    let engine = engine_with(|c| {
        c.tunables.epochs = true;
        c.no_initial_deadline = true;
    });
    let guest = Guest::on(&engine, RUNAWAY);
    assert_eq!(guest.i32("answer", &[]), 42);
    let handle = guest.store.interrupt_handle();
    let trigger = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        handle.trigger();
    });
    assert_trap(&guest.trap("spin", &[]), TrapCode::Interrupt);
    trigger.join().expect("no panic");
    assert_eq!(guest.i32("answer", &[]), 42, "an interrupt stops one call, not the next");
}

const LEAVES: &str = r#"(module
  (func $leaf (export "leaf") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $far (export "far") (param externref) (result externref) (local.get 0))
  (table funcref (elem $leaf))
  (func (export "spin") (param i32)
    (loop $l
      (local.set 0 (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
      (local.set 0 (call $leaf (local.get 0)))
      (br $l))))"#;

/// The functions have no check of their own, but who calls them has one.
#[test]
fn brief_functions_do_not_begin_after_the_deadline() {
    for inlining in [true, false] {
        let engine = engine_with(|c| (c.tunables.epochs, c.tunables.inlining) = (true, inlining));
        let guest = Guest::on(&engine, LEAVES);
        let null = [Val::ExternRef(None)];
        // A store's first deadline is the present epoch.
        let error = guest.trap("leaf", &[1]);
        assert_trap(&error, TrapCode::Interrupt);
        let frame = |e: &Error| e.frames().iter().map(|f| (f.func_name.as_deref().unwrap_or("").to_owned(), f.func_offset)).collect::<Vec<_>>();
        assert_eq!(frame(&error), [("leaf".to_owned(), Some(0))]);
        let error = guest.func("far").call(&guest.store, &null, &mut [Val::ExternRef(None)]).expect_err("it is late");
        assert_eq!(frame(&error), [("far".to_owned(), Some(0))]);
        guest.store.set_epoch_deadline(1);
        assert_eq!(guest.i32("leaf", &[1]), 2);
        engine.increment_epoch();
        assert_trap(&guest.trap("leaf", &[1]), TrapCode::Interrupt);
        guest.store.set_epoch_deadline(1);
        guest.store.interrupt_handle().trigger();
        assert_trap(&guest.trap("leaf", &[1]), TrapCode::Interrupt);
        assert_eq!(guest.i32("leaf", &[1]), 2);
    }
}

#[test]
fn a_late_call_asks_the_callback_once() {
    let engine = engine_with(|c| c.tunables.epochs = true);
    let asked = Arc::new(AtomicU32::new(0));
    // The second has a check of its own.
    for (wat, name) in [(LEAVES, "leaf"), (RUNAWAY, "grow")] {
        let guest = Guest::linked(&limited(&engine), &Linker::new(&engine), wat).expect("an instance");
        let asked_here = asked.clone();
        guest.store.set_epoch_callback(Some(Box::new(move |_| {
            asked_here.fetch_add(1, Ordering::Relaxed);
            Ok(EpochUpdate::Continue(1))
        })));
        for _ in 0..3 {
            let args = vec![1; guest.func(name).ty(&guest.store).params.len()];
            guest.i32(name, &args);
            assert_eq!(asked.swap(0, Ordering::Relaxed), 1, "{name}");
            guest.i32(name, &args);
            assert_eq!(asked.load(Ordering::Relaxed), 0, "{name}");
            engine.increment_epoch();
        }
    }
}

/// A store whose memories are small.
fn limited(engine: &Engine) -> Store {
    let store = Store::new(engine);
    store.set_limits(Limits { memory_size: Some(10 << 16), ..Limits::default() });
    store
}

/// The guest is suspended before its function begins, with the parameters still in the slots.
#[test]
fn a_late_call_can_be_suspended_before_it_begins() {
    let engine = engine_with(|c| c.tunables.epochs = true);
    let guest = Guest::on(&engine, LEAVES);
    guest.store.set_epoch_yield(1);
    let mut exec = GuestExec::new(&guest.store).expect("an exec");
    let leaf = guest.func("leaf");
    for x in 0..3 {
        let mut slot = Box::new(ValRaw::from_i32(x));
        // SAFETY: one parameter, one result, one slot, which outlives the call.
        let step = unsafe { exec.call(&leaf, &mut *slot, 1) }.expect("no trap");
        assert!(matches!(step, Step::Paused));
        assert_eq!(exec.trace().frames()[0].func_name.as_deref(), Some("leaf"));
        assert!(matches!(exec.resume(Ok(())).expect("no trap"), Step::Done));
        assert_eq!(slot.i32(), x + 1);
        engine.increment_epoch();
        // What is given up there is gone.
        // SAFETY: as above.
        let step = unsafe { exec.call(&leaf, &mut *slot, 1) }.expect("no trap");
        assert!(matches!(step, Step::Paused));
        exec.abandon();
        engine.increment_epoch();
    }
}

/// A function that the host calls may be a host function, which has no check either.
#[test]
fn late_calls_of_host_functions_go_on() {
    let engine = engine_with(|c| c.tunables.epochs = true);
    let store = Store::new(&engine);
    let func = Func::new(&store, &FuncType::new([ValType::I32], [ValType::I32]), |_, slots| {
        slots[0] = ValRaw::from_i32(slots[0].i32() + 1);
        Ok(())
    })
    .expect("a function");
    let mut results = [Val::I32(0)];
    func.call(&store, &[Val::I32(41)], &mut results).expect("no guest has been late");
    assert_eq!(results[0].i32(), Some(42));
}

#[test]
fn a_loop_that_calls_a_brief_function_meets_its_epoch() {
    let engine = engine_with(|c| (c.tunables.epochs, c.tunables.inlining) = (true, false));
    let guest = Guest::on(&engine, LEAVES);
    guest.store.set_epoch_deadline(1);
    let ticker = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        engine.increment_epoch();
    });
    let error = guest.trap("spin", &[0]);
    assert_trap(&error, TrapCode::Interrupt);
    assert!(error.frames()[0].func_name.is_none(), "{:?}", error.frames());
    ticker.join().expect("no panic");
}

#[test]
fn hammer_ticks_stop_many_stores() {
    let engine = engine_with(|c| c.tunables.epochs = true);
    let over = AtomicBool::new(false);
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    engine.increment_epoch();
                }
            });
        }
        let guests: Vec<_> = (0..3)
            .map(|_| {
                s.spawn(|| {
                    for ahead in 0..100 {
                        let guest = Guest::on(&engine, RUNAWAY);
                        for more in 0..20 {
                            guest.store.set_epoch_deadline(ahead + more);
                            assert_trap(&guest.trap("spin", &[]), TrapCode::Interrupt);
                        }
                    }
                })
            })
            .collect();
        let ends: Vec<_> = guests.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        over.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(std::result::Result::is_ok));
    });
}

#[test]
fn endless_growth_stops_at_the_limit() {
    let engine = engine();
    let store = Store::new(&engine);
    store.set_limits(Limits { memory_size: Some(10 << 16), table_elements: Some(5_500), ..Limits::default() });
    let guest = Guest::linked(&store, &Linker::new(&engine), RUNAWAY).expect("an instance");
    assert_eq!(guest.i32("grow", &[]), 10);
    assert_eq!(guest.i32("grow_table", &[]), 5_001);
    assert_eq!(guest.i32("answer", &[]), 42);
}

/// A limit that was lowered below the present size once refused to add nothing.
#[test]
fn growth_by_nothing_succeeds_beyond_a_lowered_limit() {
    let engine = engine();
    let store = Store::new(&engine);
    let memory = Memory::new(&store, &MemoryType::new(2, None)).expect("a memory");
    let table = Table::new(&store, &TableType { element: RefType::FUNCREF, table64: false, min: 3, max: None }, &Val::FuncRef(None)).expect("a table");
    store.set_limits(Limits { memory_size: Some(0), table_elements: Some(0), ..Limits::default() });
    assert_eq!(memory.grow(&store, 0).expect("nothing is added"), 2);
    assert_eq!(table.grow(&store, 0, &Val::FuncRef(None)).expect("nothing is added"), 3);
    assert!(memory.grow(&store, 1).is_err() && table.grow(&store, 1, &Val::FuncRef(None)).is_err());
}

#[test]
fn endless_growth_ends_without_a_limit_too() {
    let guest = Guest::new(RUNAWAY);
    // Untouched pages cost address space only, so this may well reach 4 GiB.
    assert!(guest.i32("grow", &[]) <= 65_536);
    assert_eq!(guest.i32("answer", &[]), 42);
}

#[test]
fn limits_on_numbers_of_things_hold() {
    let engine = engine();
    let store = Store::new(&engine);
    store.set_limits(Limits { instances: Some(2), memories: Some(1), ..Limits::default() });
    let linker = Linker::new(&engine);
    assert!(Guest::linked(&store, &linker, "(module (memory 1))").is_ok());
    let error = Guest::linked(&store, &linker, "(module (memory 1))").err().expect("a second memory");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert!(Guest::linked(&store, &linker, "(module)").is_ok());
    assert!(Guest::linked(&store, &linker, "(module)").is_err(), "a third instance");
}

#[test]
fn a_memory_larger_than_the_machine_is_an_error() {
    let engine = engine();
    let store = Store::new(&engine);
    let linker = Linker::new(&engine);
    let wat = "(module (memory i64 0x800000000000))";
    assert!(Guest::linked(&store, &linker, wat).is_err());
    assert!(Guest::linked(&store, &linker, "(module (table 0xffffffff funcref))").is_err());
}
