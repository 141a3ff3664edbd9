//! Exceptions inside of guests: which handler is found, what it finds, what is refused.

use crate::common::{Guest, engine, engine_with, module};
use tenon::base::ErrorKind;
use tenon::runtime::{ExnRef, Extern, ExternRef, FuncType, Instance, Module, Store, Tag, Val, ValType};

#[test]
fn ten_thousand_frames_unwind() {
    let g = Guest::on(
        &engine_with(|c| c.max_wasm_stack = 16 << 20),
        r#"(module (tag $e (param i64))
          (func $down (param i32) (result i64)
            (local $x i64)
            (local.set $x (i64.extend_i32_u (local.get 0)))
            (if (i32.eqz (local.get 0)) (then (throw $e (i64.const 41))))
            (i64.add (call $down (i32.sub (local.get 0) (i32.const 1))) (local.get $x)))
          (func (export "run") (param i32) (result i32)
            (local $kept i64)
            (local.set $kept (i64.extend_i32_u (i32.div_u (local.get 0) (local.get 0))))
            (block $h (result i64)
              (try_table (result i64) (catch $e $h) (call $down (local.get 0)))
              (return (i32.wrap_i64)))
            (i32.wrap_i64 (i64.add (local.get $kept)))))"#,
    );
    for depth in [1, 10_000, 10_000] {
        assert_eq!(g.i32("run", &[depth]), 42);
    }
}

/// Every kind of value, more than registers hold, and locals that the handler needs.
#[test]
fn values_and_locals_arrive() {
    const WAT: &str = r#"(module
      (tag $all (param i32 i64 f32 f64 v128 externref funcref i32 i32 i32 i32 i32))
      (func $f (export "f"))
      (func $throw (param externref i32)
        (throw $all (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (v128.const i32x4 5 6 7 8)
          (local.get 0) (ref.func $f) (i32.const 9) (i32.const 10) (i32.const 11) (i32.const 12) (local.get 1)))
      (elem declare func $f)
      (func (export "call") (param externref i32)
          (result i32 i64 f32 f64 v128 externref funcref i32 i32 i32 i32 i32 i32)
        (local $a i32) (local $b i32) (local $c i32)
        (local.set $a (i32.mul (local.get 1) (i32.const 3)))
        (local.set $b (i32.mul (local.get $a) (i32.const 5)))
        (block $h (result i32 i64 f32 f64 v128 externref funcref i32 i32 i32 i32 i32)
          (try_table (catch $all $h)
            (local.set $c (i32.add (local.get $a) (local.get $b)))
            (call $throw (local.get 0) (local.get 1)))
          (unreachable))
        (i32.add (i32.add (local.get $a) (local.get $b)) (local.get $c)))
      (func (export "here") (param externref i32)
          (result i32 i64 f32 f64 v128 externref funcref i32 i32 i32 i32 i32 i32)
        (local $a i32) (local $b i32) (local $c i32)
        (local.set $a (i32.mul (local.get 1) (i32.const 3)))
        (local.set $b (i32.mul (local.get $a) (i32.const 5)))
        (local.set $c (i32.add (local.get $a) (local.get $b)))
        (block $h (result i32 i64 f32 f64 v128 externref funcref i32 i32 i32 i32 i32)
          (try_table (catch $all $h)
            (throw $all (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (v128.const i32x4 5 6 7 8)
              (local.get 0) (ref.func $f) (i32.const 9) (i32.const 10) (i32.const 11) (i32.const 12) (local.get 1)))
          (unreachable))
        (i32.add (i32.add (local.get $a) (local.get $b)) (local.get $c))))"#;
    for opt_level in [0, 1] {
        let g = Guest::on(&engine_with(|c| c.tunables.opt_level = opt_level), WAT);
        let e = ExternRef::new(&g.store, 77, None).expect("a reference");
        for name in ["call", "here"] {
            let mut r = vec![Val::I32(0); 13];
            g.func(name).call(&g.store, &[Val::ExternRef(Some(e.clone())), Val::I32(2)], &mut r).expect(name);
            let Val::ExternRef(Some(out)) = &r[5] else { panic!("{r:?}") };
            let Val::FuncRef(Some(f)) = &r[6] else { panic!("{r:?}") };
            assert_eq!((out.word(), f.addr()), (77, g.func("f").addr()));
            let lanes = 5 | 6 << 32 | 7 << 64 | 8u128 << 96;
            assert!(matches!(r[..5], [Val::I32(1), Val::I64(2), Val::F32(_), Val::F64(_), Val::V128(v)] if v == lanes), "{r:?}");
            assert!(matches!((&r[2], &r[3]), (Val::F32(a), Val::F64(b)) if *a == 3f32.to_bits() && *b == 4f64.to_bits()));
            let rest: Vec<_> = r[7..].iter().filter_map(Val::i32).collect();
            assert_eq!(rest, [9, 10, 11, 12, 2, 72], "{name}");
        }
    }
}

#[test]
fn tail_calls_leave_their_handlers() {
    let g = Guest::new(
        r#"(module (tag $e)
          (func $throw (result i32) (throw $e))
          (func $tail (result i32)
            (block $h (try_table (result i32) (catch $e $h) (return_call $throw)) (return)) (i32.const 1))
          (func $plain (result i32)
            (block $h (try_table (result i32) (catch $e $h) (call $throw)) (return)) (i32.const 2))
          (func (export "run") (param i32) (result i32)
            (block $h
              (try_table (result i32) (catch_all $h)
                (if (result i32) (local.get 0) (then (call $tail)) (else (call $plain))))
              (return))
            (i32.const 3)))"#,
    );
    assert_eq!((g.i32("run", &[1]), g.i32("run", &[0])), (3, 2));
}

/// Tags of two instances of one module differ; an imported one is the same everywhere.
#[test]
fn tags_are_told_apart_by_instance() {
    let engine = engine();
    let store = Store::new(&engine);
    let thrower = module(&engine, r#"(module (tag $e (export "e") (param i32)) (func (export "f") (throw $e (i32.const 4))))"#);
    let catcher = module(
        &engine,
        r#"(module (import "m" "e" (tag $e (param i32))) (import "m" "f" (func $f))
          (func (export "run") (result i32) (block $h (result i32) (try_table (catch $e $h) (call $f)) (i32.const -1))))"#,
    );
    let (a, b) = (Instance::new(&store, &thrower, &[]).unwrap(), Instance::new(&store, &thrower, &[]).unwrap());
    let export = |i: &Instance, name| i.export(&store, name).expect("exported");
    let run = |tag, f| {
        let instance = Instance::new(&store, &catcher, &[tag, f]).expect("linked");
        let mut results = [Val::I32(0)];
        instance.func(&store, "run").unwrap().call(&store, &[], &mut results).map(|()| results[0].i32())
    };
    assert_eq!(run(export(&a, "e"), export(&a, "f")).expect("caught"), Some(4));
    assert_eq!(run(export(&a, "e"), export(&b, "f")).expect_err("another tag").kind(), ErrorKind::Exception);
    let wrong = Tag::new(&store, &FuncType::new([ValType::I64], [])).unwrap();
    let linked = Instance::new(&store, &catcher, &[Extern::Tag(wrong), export(&a, "f")]);
    assert_eq!(linked.err().expect("wrong type").kind(), ErrorKind::Link);
}

#[test]
fn fuel_is_exact_after_a_catch() {
    let engine = engine_with(|c| c.tunables.fuel = true);
    let g = Guest::on(
        &engine,
        r#"(module (tag $e)
          (func $f nop i32.const 1 drop throw $e)
          (func (export "run") (param i32) (result i32)
            (block $h (try_table (catch_all $h) (call $f))) (i32.const 1)))"#,
    );
    g.store.set_fuel(1000).expect("fuel is configured");
    g.i32("run", &[0]);
    // Two entries; try_table, call, const; const, throw.
    assert_eq!(g.store.fuel().expect("fuel is configured"), 1000 - 7);
}

#[test]
fn what_is_refused() {
    let engine = engine();
    let legacy = [0, b'a', b's', b'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 6, 0x40, 0x19, 0x0b, 0x0b];
    let e = Module::new(&engine, &legacy).err().expect("legacy exceptions");
    assert_eq!(e.kind(), ErrorKind::Unsupported, "{e}");
    assert!(e.to_string().contains("legacy"), "{e}");
    let off = engine_with(|c| c.features.set(tenon::wasm::Proposal::Exceptions, false));
    let bytes = tenon::wasm::text::parse(b"(module (tag))").expect("text");
    let e = Module::new(&off, &bytes).err().expect("switched off");
    assert!(e.kind() == ErrorKind::Unsupported && e.to_string().contains("exceptions"), "{e:?}");
    // Calls times handlers: a small module that asks for a table without end.
    let mut wat = String::from("(module (tag $e) (func $f) (func ");
    for _ in 0..900 {
        wat.push_str("(block (try_table (catch $e 0) (catch $e 0) ");
    }
    wat.push_str(&"call $f ".repeat(2000));
    wat.push_str(&"))".repeat(900));
    wat.push_str("))");
    let bytes = tenon::wasm::text::parse(wat.as_bytes()).expect("text");
    let e = Module::new(&engine, &bytes).err().expect("too many handlers");
    assert_eq!(e.kind(), ErrorKind::Limit, "{e}");
}

/// Nested handlers in loops with many live values, in functions small enough to be inlined and not.
#[test]
fn nested_handlers_take_turns() {
    const WAT: &str = r#"(module (tag $a (param i32)) (tag $b (param i32)) (tag $c)
      (func $pick (param i32) (result i32)
        (if (i32.eq (i32.rem_u (local.get 0) (i32.const 4)) (i32.const 0)) (then (throw $a (local.get 0))))
        (if (i32.eq (i32.rem_u (local.get 0) (i32.const 4)) (i32.const 1)) (then (throw $b (local.get 0))))
        (if (i32.eq (i32.rem_u (local.get 0) (i32.const 4)) (i32.const 2)) (then (throw $c)))
        (i32.const 1000))
      (func $inner (param i32) (result i32)
        (block $h (result i32)
          (try_table (result i32) (catch $b $h) (call $pick (local.get 0)))))
      (func (export "run") (param $n i32) (result i32)
        (local $i i32) (local $sum i32) (local $x i64) (local $f f64)
        (loop $l
          (local.set $x (i64.add (local.get $x) (i64.extend_i32_u (local.get $i))))
          (local.set $f (f64.add (local.get $f) (f64.const 0.5)))
          (block $done
            (block $all
              (block $h (result i32)
                (try_table (catch_all $all)
                  (try_table (catch $a $h)
                    (local.set $sum (i32.add (local.get $sum) (call $inner (local.get $i))))))
                (br $done))
              (local.set $sum (i32.add (i32.mul (i32.const 3)) (local.get $sum))) (br $done))
            (local.set $sum (i32.add (local.get $sum) (i32.const 7))))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (i32.add (local.get $sum)
          (i32.add (i32.wrap_i64 (local.get $x)) (i32.trunc_f64_s (local.get $f))))))"#;
    let n = 4000;
    let of = |i: i32| match i % 4 {
        0 => 3 * i,
        1 => i,
        2 => 7,
        _ => 1000,
    };
    let expected = (0..n).map(of).sum::<i32>() + n * (n - 1) / 2 + n / 2;
    for (opt_level, inlining) in [(0, false), (1, false), (1, true)] {
        let e = engine_with(|c| (c.tunables.opt_level, c.tunables.inlining) = (opt_level, inlining));
        assert_eq!(Guest::on(&e, WAT).i32("run", &[n]), expected, "level {opt_level}, inlining {inlining}");
    }
}

/// Objects that an exception carries move with every collection, and objects hold exceptions.
#[test]
fn exceptions_and_objects_hold_each_other() {
    const WAT: &str = r#"(module
      (type $box (struct (field (mut i32)) (field (mut exnref))))
      (tag $e (param (ref null $box) i32))
      (func $throw (param i32)
        (throw $e (struct.new $box (local.get 0) (ref.null exn)) (local.get 0)))
      (func $catch (param i32) (result exnref)
        (block $h (result (ref null $box) i32 exnref)
          (try_table (catch_ref $e $h) (call $throw (local.get 0))) (unreachable))
        (return (call $tie)))
      (func $tie (param $b (ref null $box)) (param i32) (param $x exnref) (result exnref)
        (struct.set $box 1 (local.get $b) (local.get $x))
        (local.get $x))
      (func $read (param exnref) (result i32)
        (local $b (ref null $box))
        (block $h (result (ref null $box) i32)
          (try_table (catch $e $h) (throw_ref (local.get 0))) (unreachable))
        (drop) (local.set $b)
        (drop (struct.new $box (i32.const 1) (ref.null exn)))
        (struct.get $box 0 (local.get $b)))
      (func (export "run") (param i32) (result i32)
        (local $sum i32) (local $x exnref)
        (loop $l
          (local.set $x (call $catch (local.get 0)))
          (drop (struct.new $box (i32.const 2) (local.get $x)))
          (local.set $sum (i32.add (local.get $sum) (call $read (local.get $x))))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum)))"#;
    for (stress, n) in [(true, 100), (false, 20_000)] {
        let g = Guest::on(&engine_with(|c| c.gc_stress = stress), WAT);
        let tag = Tag::new(&g.store, &FuncType::default()).expect("a tag");
        let (_, _, table) = ExnRef::new(&g.store, &tag, &[]).expect("an exception").into_parts();
        assert_eq!(g.i32("run", &[n]), n * (n + 1) / 2);
        g.store.gc().expect("collected");
        assert_eq!(table.len(), 1, "cycles of exceptions and objects go");
    }
}
