//! Calls in both directions: values, host errors, panics, nesting, yields, threads.

use crate::common::{Guest, assert_trap, engine, module};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tenon::base::{Error, ErrorKind, TrapCode};
use tenon::layout::ValRaw;
use tenon::runtime::{Func, GuestExec, Linker, Step, Store, Val};
use tenon::wasm::{FuncType, ValType};

#[test]
fn values_of_every_type_go_through() {
    let wat = r#"(module
      (func (export "all") (param i32 i64 f32 f64 v128 funcref externref)
        (result externref funcref v128 f64 f32 i64 i32)
        (local.get 6) (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))"#;
    let guest = Guest::new(wat);
    let all = guest.func("all");
    let bits = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10;
    let reference = tenon::runtime::ExternRef::new(&guest.store, 77, None).expect("a reference");
    let args = [
        Val::I32(-1),
        Val::I64(i64::MIN),
        Val::F32(0x7fa0_0001),
        Val::F64(0x7ff4_0000_0000_0001),
        Val::V128(bits),
        Val::FuncRef(Some(all.clone())),
        Val::ExternRef(Some(reference)),
    ];
    let mut results = vec![Val::I32(0); 7];
    all.call(&guest.store, &args, &mut results).expect("no trap");
    assert!(matches!(&results[0], Val::ExternRef(Some(r)) if r.word() == 77));
    assert!(matches!(&results[1], Val::FuncRef(Some(f)) if f.addr() == all.addr()));
    assert!(matches!(results[2], Val::V128(v) if v == bits));
    assert!(matches!(results[3], Val::F64(0x7ff4_0000_0000_0001)));
    assert!(matches!(results[4], Val::F32(0x7fa0_0001)));
    assert!(matches!(results[5], Val::I64(i64::MIN)));
    assert!(matches!(results[6], Val::I32(-1)));
}

/// A guest that passes its argument to the host function `host.f` and returns what comes back.
fn caller_of(body: impl Fn(i32) -> tenon::base::Result<i32> + Send + Sync + 'static) -> Guest {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let ty = FuncType::new([ValType::I32], [ValType::I32]);
    let defined = linker.func("host", "f", ty, move |_, slots| {
        slots[0] = ValRaw::from_i32(body(slots[0].i32())?);
        Ok(())
    });
    defined.expect("a definition");
    let wat = r#"(module (import "host" "f" (func $f (param i32) (result i32)))
        (func (export "go") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))"#;
    Guest::linked(&store, &linker, wat).expect("an instance")
}

#[test]
fn host_functions_compute() {
    assert_eq!(caller_of(|x| Ok(x * 10)).i32("go", &[4]), 41);
}

#[test]
fn a_host_error_reaches_the_host_with_frames_and_payload() {
    let guest = caller_of(|_| Err(Error::host("no more tickets").with_payload(Box::new(17u8))));
    let mut error = guest.trap("go", &[0]);
    assert_eq!(error.kind(), ErrorKind::Host);
    assert!(error.to_string().contains("no more tickets"), "{error}");
    assert!(!error.frames().is_empty());
    let payload = error.take_payload().and_then(|p| p.downcast::<u8>().ok());
    assert_eq!(payload.as_deref(), Some(&17));
}

#[test]
fn a_panicking_host_function_does_not_end_the_process() {
    let guest = caller_of(|x| if x == 0 { panic!("host function gave up") } else { Ok(x) });
    let outcome = catch_unwind(AssertUnwindSafe(|| guest.call("go", &[0])));
    match outcome {
        Ok(Err(e)) => assert!(e.to_string().contains("gave up"), "{e}"),
        Ok(Ok(_)) => panic!("the panic was lost"),
        Err(payload) => assert_eq!(payload.downcast_ref::<&str>(), Some(&"host function gave up")),
    }
    assert_eq!(guest.i32("go", &[5]), 6);
}

#[test]
fn exits_carry_their_status() {
    let error = caller_of(|x| Err(Error::exit(x))).trap("go", &[3]);
    assert_eq!((error.kind(), error.exit_status()), (ErrorKind::Exit, Some(3)));
}

#[test]
fn guest_and_host_nest() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let ty = FuncType::new([ValType::I32], [ValType::I32]);
    let defined = linker.func("host", "down", ty, |caller, slots| {
        let store = caller.store().clone();
        let func = caller.instance().and_then(|i| i.func(&store, "go")).expect("the caller exports go");
        let mut result = [Val::I32(0)];
        let below = func.call(&store, &[Val::I32(slots[0].i32() - 1)], &mut result);
        // A trap below is seen here and need not go further up.
        let value = below.map_or(1000, |()| result[0].i32().unwrap_or(0));
        slots[0] = ValRaw::from_i32(value);
        Ok(())
    });
    defined.expect("a definition");
    let wat = r#"(module (import "host" "down" (func $down (param i32) (result i32)))
        (func (export "go") (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then unreachable))
          (i32.add (i32.const 1) (call $down (local.get 0)))))"#;
    let guest = Guest::linked(&store, &linker, wat).expect("an instance");
    assert_eq!(guest.i32("go", &[10]), 1010);
    assert_trap(&guest.trap("go", &[0]), TrapCode::Unreachable);
}

const YIELDING: &str = r#"(module (import "host" "ask" (func $ask (param i32) (result i32)))
    (func (export "go") (param i32) (result i32)
      (local $sum i32)
      (loop $l
        (local.set $sum (i32.add (local.get $sum) (call $ask (local.get 0))))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $l (local.get 0)))
      (local.get $sum)))"#;

fn yielding(store: &Store) -> Func {
    let mut linker = Linker::new(store.engine());
    let ty = FuncType::new([ValType::I32], [ValType::I32]);
    linker.func_yield("host", "ask", ty, 9).expect("a definition");
    let guest = Guest::linked(store, &linker, YIELDING).expect("an instance");
    guest.func("go")
}

/// Runs `go(n)` with a host that squares.
fn run_yielding(exec: &mut GuestExec, func: &Func, n: i32) -> tenon::base::Result<i32> {
    let mut slots = [ValRaw::from_i32(n)];
    // SAFETY: one parameter, one result, one slot, which outlives the loop.
    let mut step = unsafe { exec.call(func, slots.as_mut_ptr(), 1) }?;
    while let Step::HostCall { id, slots, num_slots, .. } = step {
        assert_eq!((id, num_slots), (9, 1));
        // SAFETY: valid until the next resume.
        let slots = unsafe { std::slice::from_raw_parts_mut(slots, num_slots) };
        slots[0] = ValRaw::from_i32(slots[0].i32() * slots[0].i32());
        step = exec.resume(Ok(()))?;
    }
    Ok(slots[0].i32())
}

#[test]
fn host_calls_can_yield() {
    let store = Store::new(&engine());
    let func = yielding(&store);
    let mut exec = GuestExec::new(&store).expect("an exec");
    for n in 1..50 {
        let expected = (1..=n).map(|i| i * i).sum::<i32>();
        assert_eq!(run_yielding(&mut exec, &func, n).expect("no trap"), expected);
    }
}

/// A guest that three times gives `x`, `x + 1` and so on to a host function of `n` parameters and as many results, and adds up the
/// results, each times its place, and `x`.
fn many_values(n: usize) -> String {
    let (types, places) = ("i64 ".repeat(n), 0..n);
    let locals: String = places.clone().map(|i| format!("(local $r{i} i64)")).collect();
    let give: String = places.clone().map(|i| format!("(i64.add (local.get $x) (i64.const {i}))")).collect();
    let take: String = places.clone().rev().map(|i| format!("(local.set $r{i})")).collect();
    let sum = |i| format!("(local.set $s (i64.add (local.get $s) (i64.mul (local.get $r{i}) (i64.const {}))))", i + 1);
    let sum: String = places.map(sum).collect();
    format!(
        r#"(module (import "host" "ask" (func $ask (param {types}) (result {types})))
        (func (export "go") (param $x i64) (result i64) (local $s i64) (local $round i32) {locals}
          (loop $l {give} (call $ask) {take} {sum}
            (local.set $s (i64.add (local.get $s) (local.get $x)))
            (br_if $l (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 3))))
          (local.get $s)))"#
    )
}

/// Trampolines of small frames are left by a return, those of large ones are not; values are in registers or on the stack.
#[test]
fn yields_carry_any_number_of_values() {
    for n in 0..20 {
        let store = Store::new(&engine());
        let mut linker = Linker::new(store.engine());
        let types = vec![ValType::I64; n];
        linker.func_yield("host", "ask", FuncType::new(types.clone(), types), 9).expect("a definition");
        let go = Guest::linked(&store, &linker, &many_values(n)).expect("an instance").func("go");
        let mut exec = GuestExec::new(&store).expect("an exec");
        let mut result = [ValRaw::from_i64(1000)];
        // SAFETY: one parameter, one result, one slot, which outlives the loop.
        let mut step = unsafe { exec.call(&go, result.as_mut_ptr(), 1) }.expect("no trap");
        while let Step::HostCall { slots, num_slots, .. } = step {
            assert_eq!(num_slots, n);
            for i in 0..n {
                // SAFETY: valid until the next resume.
                let slot = unsafe { &mut *slots.add(i) };
                *slot = ValRaw::from_i64(slot.i64() * 3 + i as i64);
            }
            step = exec.resume(Ok(())).expect("no trap");
        }
        let round: i64 = (0..n as i64).map(|i| (i + 1) * ((1000 + i) * 3 + i)).sum();
        assert_eq!(result[0].i64(), 3 * (round + 1000), "{n} values");
    }
}

#[test]
fn a_suspended_guest_can_be_failed_or_abandoned() {
    let store = Store::new(&engine());
    let func = yielding(&store);
    let mut exec = GuestExec::new(&store).expect("an exec");
    let mut slots = [ValRaw::from_i32(3)];
    // SAFETY: one parameter, one result, one slot.
    let step = unsafe { exec.call(&func, slots.as_mut_ptr(), 1) }.expect("no trap");
    assert!(matches!(step, Step::HostCall { id: 9, .. }) && exec.is_suspended());
    let error = exec.resume(Err(Error::host("refused"))).err().expect("the host's error");
    assert_eq!(error.kind(), ErrorKind::Host);
    assert!(exec.resume(Ok(())).is_err(), "nothing to resume");

    slots[0] = ValRaw::from_i32(3);
    // SAFETY: as above.
    let step = unsafe { exec.call(&func, slots.as_mut_ptr(), 1) }.expect("no trap");
    assert!(matches!(step, Step::HostCall { .. }));
    exec.abandon();
    assert!(!exec.is_suspended());
    assert_eq!(run_yielding(&mut exec, &func, 2).expect("no trap"), 5);
}

#[test]
fn many_threads_enter_a_shared_store() {
    let store = Store::new_shared(&engine());
    let linker = Linker::new(store.engine());
    let wat = r#"(module (memory 1)
        (func $fib (export "fib") (param i32) (result i32)
          (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func (export "trap") (drop (i32.load (i32.const -1)))))"#;
    let guest = Arc::new(Guest::linked(&store, &linker, wat).expect("an instance"));
    let done = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (guest, done) = (guest.clone(), done.clone());
            std::thread::spawn(move || {
                for _ in 0..50 {
                    assert_eq!(guest.i32("fib", &[15]), 610);
                    assert_trap(&guest.trap("trap", &[]), TrapCode::MemoryOutOfBounds);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().expect("no panic"));
    assert_eq!(done.load(Ordering::Relaxed), 400);
}

#[test]
fn an_exclusive_store_refuses_a_second_thread() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let defined = linker.func("host", "f", FuncType::new([], []), |caller, _| {
        let store = caller.store().clone();
        let func = caller.instance().and_then(|i| i.func(&store, "other")).expect("the caller exports other");
        let elsewhere = std::thread::scope(|s| s.spawn(|| func.call(&store, &[], &mut [])).join());
        let error = elsewhere.expect("no panic").expect_err("two threads in one exclusive store");
        assert_eq!(error.kind(), ErrorKind::Usage);
        Ok(())
    });
    defined.expect("a definition");
    let wat = r#"(module (import "host" "f" (func $f)) (func (export "other")) (func (export "go") (call $f)))"#;
    let guest = Guest::linked(&store, &linker, wat).expect("an instance");
    guest.call("go", &[]).expect("the host function's checks hold");
}

#[test]
fn modules_outlive_their_engine_handle_and_instances_their_module() {
    let store = {
        let engine = engine();
        Store::new(&engine)
    };
    let instance = {
        let module = module(store.engine(), r#"(module (func (export "f") (result i32) (i32.const 5)))"#);
        Linker::new(store.engine()).instantiate(&store, &module).expect("an instance")
    };
    let guest = Guest { store, instance };
    assert_eq!(guest.i32("f", &[]), 5);
}
