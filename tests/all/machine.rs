//! What only shows when compiled code, stacks and memory work together: live references in frames, waiting, contents that
//! must not leak from one instance to the next, deep and suspended stacks.

use crate::common::{Guest, assert_trap, engine, engine_with, module};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tenon::base::TrapCode;
use tenon::layout::ValRaw;
use tenon::runtime::{Engine, ExternRef, GuestExec, Instance, Linker, Step, Store};
use tenon::wasm::{FuncType, ValType};

/// Counts how often it is dropped.
struct Counted(Arc<AtomicU64>);
impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn references_in_frames_survive_a_collection() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let dropped = Arc::new(AtomicU64::new(0));
    let (next, counter) = (AtomicU64::new(1), dropped.clone());
    let make = FuncType::new([], [ValType::EXTERNREF]);
    let made = linker.func("h", "make", make, move |caller, slots| {
        let word = next.fetch_add(1, Ordering::SeqCst);
        let r = ExternRef::new(caller.store(), word, Some(Arc::new(Counted(counter.clone()))))?;
        slots[0] = ValRaw::from_u32(r.handle());
        Ok(())
    });
    made.unwrap();
    linker.func("h", "gc", FuncType::new([], []), |caller, _| caller.store().gc()).unwrap();
    let word = FuncType::new([ValType::EXTERNREF], [ValType::I32]);
    let read = linker.func("h", "word", word, |caller, slots| {
        let r = ExternRef::from_handle(caller.store(), slots[0].u32()).expect("a live reference");
        slots[0] = ValRaw::from_i32(r.word() as i32);
        Ok(())
    });
    read.unwrap();
    let wat = r#"(module
      (import "h" "make" (func $make (result externref)))
      (import "h" "gc" (func $gc))
      (import "h" "word" (func $word (param externref) (result i32)))
      (global $g (mut externref) (ref.null extern))
      (table $t 4 externref)
      (func $deep (param externref i32) (result i32)
        (if (result i32) (local.get 1)
          (then (i32.add (call $deep (call $make) (i32.sub (local.get 1) (i32.const 1))) (call $word (local.get 0))))
          (else (call $gc) (call $gc) (call $word (local.get 0)))))
      (func (export "run") (result i32)
        (global.set $g (call $make))
        (table.set $t (i32.const 2) (call $make))
        (drop (call $make))
        (i32.add (call $deep (call $make) (i32.const 10))
          (i32.add (call $word (global.get $g)) (call $word (table.get $t (i32.const 2)))))))"#;
    let guest = Guest::linked(&store, &linker, wat).unwrap();
    let sum: i32 = (4..=14).sum::<i32>() + 1 + 2;
    assert_eq!(guest.i32("run", &[]), sum);
    assert_eq!(dropped.load(Ordering::SeqCst), 1, "only the reference that nobody holds goes");
    store.gc().unwrap();
    assert_eq!(dropped.load(Ordering::SeqCst), 12, "all but what global and table hold");
}

#[test]
fn a_waiting_guest_is_interrupted() {
    let engine = engine();
    let wat = r#"(module (memory 1 1 shared)
      (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1)))
      (func (export "short") (result i32) (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 1000)))
      (func (export "other") (result i32) (memory.atomic.wait32 (i32.const 8) (i32.const 1) (i64.const -1))))"#;
    let guest = Guest::on(&engine, wat);
    assert_eq!((guest.i32("short", &[]), guest.i32("other", &[])), (2, 1));
    let handle = guest.store.interrupt_handle();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        handle.trigger();
    });
    assert_trap(&guest.trap("wait", &[]), TrapCode::Interrupt);
    stop.join().unwrap();
    assert_eq!(guest.i32("short", &[]), 2);
}

const PAGES: &str = r#"(module (memory (export "m") 2 10)
  (data (i32.const 100) "DATA") (data (i32.const 70000) "MORE")
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "soil") (memory.fill (i32.const 0) (i32.const 0xee) (i32.const 131072))
    (drop (memory.grow (i32.const 3))) (memory.fill (i32.const 131072) (i32.const 0xdd) (i32.const 196608))))"#;

/// Two kibibytes more data, which make an image worthwhile.
fn with_image(wat: &str) -> String {
    wat.replace("(data (i32.const 100)", &format!("(data (i32.const 4096) \"{}\") (data (i32.const 100)", "x".repeat(3000)))
}

#[test]
fn instances_see_nothing_of_earlier_ones() {
    for engine in [engine(), engine_with(|c| c.tunables.memory_mode = tenon::layout::MemoryMode::Explicit)] {
        for wat in [PAGES.to_owned(), with_image(PAGES)] {
            let module = module(&engine, &wat);
            for _ in 0..20 {
                let store = Store::new(&engine);
                let instance = Linker::new(&engine).instantiate(&store, &module).unwrap();
                let guest = Guest { store, instance };
                let seen = [99, 100, 103, 104, 70000, 70003, 70004, 131071].map(|a| guest.i32("peek", &[a]));
                assert_eq!(seen, [0, b'D', b'A', 0, b'M', b'E', 0, 0].map(i32::from));
                assert_eq!(guest.instance.memory("m").unwrap().size(), 2);
                guest.call("soil", &[]).unwrap();
                assert_eq!(guest.i32("peek", &[131072]), 0xdd);
                assert_trap(&guest.trap("peek", &[5 << 16]), TrapCode::MemoryOutOfBounds);
            }
        }
    }
}

#[test]
fn private_stacks_are_deep_and_are_given_back() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    linker.func_yield("h", "bottom", FuncType::new([], []), 5).unwrap();
    let wat = r#"(module (import "h" "bottom" (func $bottom))
      (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
          (else (call $bottom) (i32.const 0)))))"#;
    let guest = Guest::linked(&store, &linker, wat).unwrap();
    let f = guest.func("f");
    let mut exec = GuestExec::new(&store).unwrap();
    for depth in [500_000, 3, 500_000] {
        let mut slot = ValRaw::from_i32(depth);
        // SAFETY: one parameter, one result; the slot outlives the call.
        let step = unsafe { exec.call(&f, &mut slot, 1) }.unwrap();
        assert!(matches!(step, Step::HostCall { id: 5, caller: Some(_), .. }));
        assert_eq!(exec.trace().frames().len(), 20.min(depth as usize + 1));
        exec = std::thread::spawn(move || {
            assert!(matches!(exec.resume(Ok(())).unwrap(), Step::Done));
            exec
        })
        .join()
        .unwrap();
        assert_eq!(slot.i32(), depth);
    }
}

#[test]
fn hammer_traps_on_many_threads() {
    let engine = engine();
    let wat = r#"(module (memory 1)
      (func (export "go") (param i32) (result i32)
        (if (i32.and (local.get 0) (i32.const 1)) (then unreachable))
        (i32.load (i32.shl (local.get 0) (i32.const 14)))))"#;
    let module = module(&engine, wat);
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for _ in 0..100 {
                    let store = Store::new(&engine);
                    let instance = Instance::new(&store, &module, &[]).unwrap();
                    let guest = Guest { store, instance };
                    assert_trap(&guest.trap("go", &[1]), TrapCode::Unreachable);
                    assert_trap(&guest.trap("go", &[4]), TrapCode::MemoryOutOfBounds);
                    assert_eq!(guest.i32("go", &[2]), 0);
                }
            });
        }
        // Publishing and dropping code meanwhile moves the table that faults are looked up in.
        s.spawn(|| {
            for i in 0..100 {
                crate::common::module(&engine, &format!("(module (func (export \"f{i}\")))"));
            }
        });
    });
}

#[test]
fn hammer_instances_in_a_shared_store() {
    let engine = engine();
    let store = Store::new_shared(&engine);
    let wat = r#"(module (memory 1) (table 2 10 funcref) (elem (i32.const 0) $a)
      (type $t (func (result i32)))
      (func $a (type $t) (i32.const 7))
      (func (export "go") (param i32) (result i32)
        (drop (table.grow (ref.func $a) (i32.const 1)))
        (call_indirect (type $t) (i32.const 2))))"#;
    let module = module(&engine, wat);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for _ in 0..300 {
                    let instance = Instance::new(&store, &module, &[]).unwrap();
                    let guest = Guest { store: store.clone(), instance };
                    let got = guest.i32("go", &[0]);
                    if got != 7 {
                        failures.lock().unwrap().push(got);
                    }
                }
            });
        }
    });
    assert!(failures.into_inner().unwrap().is_empty());
}

fn measure(what: &str, times: u32, mut f: impl FnMut()) {
    for _ in 0..times / 10 {
        f();
    }
    let start = Instant::now();
    for _ in 0..times {
        f();
    }
    println!("{what}: {:.0} ns", start.elapsed().as_nanos() as f64 / f64::from(times));
}

#[test]
#[ignore = "prints figures"]
fn figures() {
    let engine: Engine = engine();
    let small = module(&engine, "(module (func (export \"f\")))");
    let plain = module(&engine, PAGES);
    let image = module(&engine, &with_image(PAGES));
    let run = |what: &str, module| {
        measure(what, 20_000, || {
            let store = Store::new(&engine);
            Instance::new(&store, module, &[]).unwrap();
        });
    };
    measure("store alone", 20_000, || drop(Store::new(&engine)));
    run("store and instance without memory", &small);
    run("store and instance, 2 segments copied", &plain);
    run("store and instance, image", &image);
}
