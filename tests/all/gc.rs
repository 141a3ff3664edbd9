//! Garbage collection as guests see it: what is reachable stays what it was, the rest makes room.

use crate::common::{Guest, assert_trap, engine_with};
use tenon::base::TrapCode;
use tenon::runtime::{Config, Engine, Limits, Store};

/// Binary trees: a long-lived one, and many that are garbage at once.
const TREES: &str = r#"(module
  (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree)) (field $mark i64)))
  (global $kept (mut (ref null $tree)) (ref.null $tree))
  (func $make (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (i32.eqz (local.get $depth))
      (then (struct.new $tree (ref.null $tree) (ref.null $tree) (i64.const 1)))
      (else (struct.new $tree
        (call $make (i32.sub (local.get $depth) (i32.const 1)))
        (call $make (i32.sub (local.get $depth) (i32.const 1)))
        (i64.const 1)))))
  (func $count (param $t (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $t))
      (then (i32.const 0))
      (else (i32.add (i32.wrap_i64 (struct.get $tree $mark (local.get $t)))
        (i32.add (call $count (struct.get $tree $left (local.get $t))) (call $count (struct.get $tree $right (local.get $t))))))))
  ;; Sum of the counts of `n` trees; the kept one is counted with each.
  (func (export "run") (param $depth i32) (param $n i32) (result i32) (local $sum i32)
    (global.set $kept (call $make (local.get $depth)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $count (call $make (local.get $depth)))))
      (local.set $sum (i32.add (local.get $sum) (call $count (global.get $kept))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))"#;

/// A map of chained buckets with boxed values; old keys are taken out as new ones come in. Each cell knows its map, so that
/// everything is part of a cycle.
const MAP: &str = r#"(module
  (rec
    (type $box (struct (field $v (mut i32))))
    (type $cell (struct (field $key i32) (field $box (ref $box)) (field $next (mut (ref null $cell))) (field $map (ref $map))))
    (type $buckets (array (mut (ref null $cell))))
    (type $map (struct (field $buckets (ref $buckets)) (field $len (mut i32)))))
  (func $bucket (param $m (ref $map)) (param $key i32) (result i32)
    (i32.rem_u (i32.mul (local.get $key) (i32.const 0x9e3779b1)) (array.len (struct.get $map $buckets (local.get $m)))))
  (func $insert (param $m (ref $map)) (param $key i32) (param $v i32) (local $i i32)
    (local.set $i (call $bucket (local.get $m) (local.get $key)))
    (array.set $buckets (struct.get $map $buckets (local.get $m)) (local.get $i)
      (struct.new $cell (local.get $key) (struct.new $box (local.get $v))
        (array.get $buckets (struct.get $map $buckets (local.get $m)) (local.get $i)) (local.get $m)))
    (struct.set $map $len (local.get $m) (i32.add (struct.get $map $len (local.get $m)) (i32.const 1))))
  (func $find (param $m (ref $map)) (param $key i32) (result (ref null $cell)) (local $c (ref null $cell))
    (local.set $c (array.get $buckets (struct.get $map $buckets (local.get $m)) (call $bucket (local.get $m) (local.get $key))))
    (loop $next
      (if (ref.is_null (local.get $c)) (then (return (ref.null $cell))))
      (if (i32.eq (struct.get $cell $key (local.get $c)) (local.get $key)) (then (return (local.get $c))))
      (local.set $c (struct.get $cell $next (local.get $c)))
      (br $next))
    (unreachable))
  (func $remove (param $m (ref $map)) (param $key i32) (local $c (ref null $cell)) (local $prev (ref null $cell)) (local $i i32)
    (local.set $i (call $bucket (local.get $m) (local.get $key)))
    (local.set $c (array.get $buckets (struct.get $map $buckets (local.get $m)) (local.get $i)))
    (block $found
      (loop $next
        (br_if $found (i32.eq (struct.get $cell $key (local.get $c)) (local.get $key)))
        (local.set $prev (local.get $c))
        (local.set $c (struct.get $cell $next (local.get $c)))
        (br $next)))
    (if (ref.is_null (local.get $prev))
      (then (array.set $buckets (struct.get $map $buckets (local.get $m)) (local.get $i) (struct.get $cell $next (local.get $c))))
      (else (struct.set $cell $next (local.get $prev) (struct.get $cell $next (local.get $c)))))
    (struct.set $map $len (local.get $m) (i32.sub (struct.get $map $len (local.get $m)) (i32.const 1))))
  ;; Puts `n` keys in and keeps the last `keep`; returns the sum of the values that are left, minus what it should be.
  (func (export "run") (param $n i32) (param $keep i32) (result i32) (local $m (ref $map)) (local $i i32) (local $sum i32)
    (local.set $m (struct.new $map (array.new_default $buckets (i32.const 257)) (i32.const 0)))
    (loop $next
      (call $insert (local.get $m) (local.get $i) (i32.mul (local.get $i) (i32.const 3)))
      (if (i32.ge_s (local.get $i) (local.get $keep))
        (then (call $remove (local.get $m) (i32.sub (local.get $i) (local.get $keep)))))
      (br_if $next (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (if (i32.ne (struct.get $map $len (local.get $m)) (local.get $keep)) (then unreachable))
    (loop $next
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.sub
        (struct.get $box $v (struct.get $cell $box (call $find (local.get $m) (local.get $i))))
        (i32.mul (local.get $i) (i32.const 3)))))
      (br_if $next (i32.gt_s (local.get $i) (i32.sub (local.get $n) (local.get $keep)))))
    (local.get $sum)))"#;

/// Keeps everything.
const LEAK: &str = r#"(module
  (type $cell (struct (field (ref null $cell)) (field i64) (field i64)))
  (type $bytes (array (mut i8)))
  (global $all (mut (ref null $cell)) (ref.null $cell))
  (func (export "leak") (loop $l (global.set $all (struct.new $cell (global.get $all) (i64.const 1) (i64.const 2))) (br $l)))
  (func (export "forget") (global.set $all (ref.null $cell)))
  (func (export "bytes") (param i32) (result i32) (array.len (array.new_default $bytes (local.get 0)))))"#;

fn on(change: impl FnOnce(&mut Config)) -> Engine {
    engine_with(change)
}

#[test]
fn trees_fit_a_small_heap() {
    // A tree has 65,535 nodes of 24 bytes; two of them live at a time, 300 pass.
    let guest = Guest::on(&on(|c| c.gc_heap_max = 4 << 20), TREES);
    assert_eq!(guest.i32("run", &[15, 300]), 300 * 2 * 65535);
}

#[test]
fn map_with_churn_fits_a_small_heap() {
    let guest = Guest::on(&on(|c| c.gc_heap_max = 1 << 20), MAP);
    assert_eq!(guest.i32("run", &[1_000_000, 1000]), 0);
}

#[test]
fn every_setup_collects_the_same() {
    let setups: [fn(&mut Config); 5] = [
        |_| {},
        |c| c.gc_stress = true,
        |c| (c.gc_stress, c.tunables.opt_level) = (true, 0),
        |c| (c.gc_stress, c.tunables.fuel, c.tunables.epochs) = (true, true, true),
        |c| c.gc_heap_reservation = 32 << 20,
    ];
    for setup in setups {
        let engine = on(setup);
        for (wat, args, expected) in [(TREES, [6, 10], 10 * 2 * 127), (MAP, [2000, 100], 0)] {
            let store = Store::new(&engine);
            if engine.config().tunables.fuel {
                store.set_fuel(1 << 40).expect("fuel is configured");
            }
            store.set_epoch_deadline(1 << 40);
            let guest = Guest::linked(&store, &tenon::runtime::Linker::new(&engine), wat).expect("an instance");
            assert_eq!(guest.i32("run", &args), expected);
        }
    }
}

#[test]
fn a_full_heap_traps_and_can_be_used_again() {
    let guest = Guest::on(&on(|c| c.gc_heap_max = 1 << 20), LEAK);
    for _ in 0..3 {
        assert_trap(&guest.trap("leak", &[]), TrapCode::AllocationTooLarge);
        guest.call("forget", &[]).expect("no allocation");
        assert_eq!(guest.i32("bytes", &[900_000]), 900_000);
    }
    assert_trap(&guest.trap("bytes", &[2_000_000]), TrapCode::AllocationTooLarge);
    assert_trap(&guest.trap("bytes", &[-1]), TrapCode::AllocationTooLarge);
}

#[test]
fn the_store_limits_the_heap() {
    let guest = Guest::on(&on(|_| {}), LEAK);
    guest.store.set_limits(Limits { memory_size: Some(1 << 20), ..Limits::default() });
    assert_trap(&guest.trap("leak", &[]), TrapCode::AllocationTooLarge);
    guest.call("forget", &[]).expect("no allocation");
    assert_eq!(guest.i32("bytes", &[500_000]), 500_000);
}

/// A struct of 100 references, more than fit into a type record, with numbers between.
fn large_struct() -> String {
    let fields = "(field (mut (ref null $box))) (field (mut i64)) ".repeat(100);
    let mut body = String::new();
    for i in 0..100 {
        body += &format!("(struct.set $big {} (local.get $b) (struct.new $box (i32.const {i})))", i * 2);
        body += &format!("(struct.set $big {} (local.get $b) (i64.const -1))", i * 2 + 1);
    }
    for i in 0..100 {
        body += &format!(
            "(local.set $sum (i32.add (local.get $sum) (struct.get $box 0 (struct.get $big {} (local.get $b)))))",
            i * 2
        );
    }
    format!(
        "(module (type $box (struct (field i32))) (type $big (struct {fields}))
          (func (export \"run\") (result i32) (local $b (ref null $big)) (local $sum i32)
            (local.set $b (struct.new_default $big)) {body} (local.get $sum)))"
    )
}

#[test]
fn large_structs_are_searched() {
    for stress in [false, true] {
        let guest = Guest::on(&on(|c| c.gc_stress = stress), &large_struct());
        assert_eq!(guest.i32("run", &[]), 4950);
    }
}

/// A chain of 20 types, each extending the one before it.
#[test]
fn casts_find_every_ancestor_in_deep_hierarchies() {
    let mut types = "(type $t0 (sub (struct))) (type $other (sub $t0 (struct (field i64))))".to_owned();
    let mut tests = String::new();
    for i in 1..20 {
        types += &format!("(type $t{i} (sub $t{} (struct {})))", i - 1, "(field i32)".repeat(i));
    }
    for i in 0..20 {
        tests += &format!(
            "(local.set $n (i32.add (local.get $n) (ref.test (ref $t{i}) (local.get $a))))
             (local.set $n (i32.add (local.get $n) (ref.test (ref $t{i}) (local.get $o))))"
        );
    }
    let wat = format!(
        "(module {types} (func $test (param $a anyref) (param $o anyref) (result i32) (local $n i32) {tests} (local.get $n))
          (func (export \"deep\") (result i32) (call $test (struct.new_default $t19) (struct.new_default $t12)))
          (func (export \"other\") (result i32) (call $test (struct.new_default $other) (ref.i31 (i32.const 5)))))"
    );
    let guest = Guest::on(&on(|_| {}), &wat);
    assert_eq!((guest.i32("deep", &[]), guest.i32("other", &[])), (20 + 13, 1));
}

/// Every kind of field, in structs and arrays, across collections.
#[test]
fn fields_of_every_kind_survive() {
    let wat = r#"(module
      (type $f (func (result i32)))
      (type $all (struct (field i8) (field i16) (field i32) (field i64) (field f32) (field f64) (field v128)
        (field (ref $f)) (field (mut anyref)) (field externref) (field i8)))
      (type $vs (array (mut v128))) (type $fs (array (mut funcref))) (type $i16s (array (mut i16)))
      (func $seven (result i32) (i32.const 7))
      (elem declare func $seven)
      (func $check (param $s (ref $all)) (result i32)
        (if (i32.ne (struct.get_s $all 0 (local.get $s)) (i32.const -2)) (then (return (i32.const 1))))
        (if (i32.ne (struct.get_u $all 1 (local.get $s)) (i32.const 65533)) (then (return (i32.const 2))))
        (if (i32.ne (struct.get $all 2 (local.get $s)) (i32.const 3)) (then (return (i32.const 3))))
        (if (i64.ne (struct.get $all 3 (local.get $s)) (i64.const 4)) (then (return (i32.const 4))))
        (if (f32.ne (struct.get $all 4 (local.get $s)) (f32.const 5)) (then (return (i32.const 5))))
        (if (f64.ne (struct.get $all 5 (local.get $s)) (f64.const 6)) (then (return (i32.const 6))))
        (if (i32.ne (i32x4.extract_lane 2 (struct.get $all 6 (local.get $s))) (i32.const 30)) (then (return (i32.const 7))))
        (if (i32.ne (call_ref $f (struct.get $all 7 (local.get $s))) (i32.const 7)) (then (return (i32.const 8))))
        (if (i32.ne (i31.get_s (ref.cast (ref i31) (struct.get $all 8 (local.get $s)))) (i32.const -9)) (then (return (i32.const 9))))
        (if (i32.eqz (ref.is_null (struct.get $all 9 (local.get $s)))) (then (return (i32.const 10))))
        (if (i32.ne (struct.get_u $all 10 (local.get $s)) (i32.const 254)) (then (return (i32.const 11))))
        (i32.const 0))
      (func (export "run") (result i32) (local $s (ref null $all)) (local $vs (ref null $vs)) (local $fs (ref null $fs)) (local $h (ref null $i16s))
        (local.set $s (struct.new $all (i32.const -2) (i32.const -3) (i32.const 3) (i64.const 4) (f32.const 5) (f64.const 6)
          (v128.const i32x4 10 20 30 40) (ref.func $seven) (ref.i31 (i32.const -9)) (ref.null extern) (i32.const -2)))
        (local.set $vs (array.new $vs (v128.const i64x2 1 2) (i32.const 3)))
        (local.set $fs (array.new $fs (ref.func $seven) (i32.const 3)))
        (local.set $h (array.new_fixed $i16s 3 (i32.const 1) (i32.const -1) (i32.const 3)))
        (drop (array.new $i16s (i32.const 0x7fff) (i32.const 1000)))
        (if (i64.ne (i64x2.extract_lane 1 (array.get $vs (local.get $vs) (i32.const 2))) (i64.const 2)) (then (return (i32.const 20))))
        (if (i32.ne (call_ref $f (ref.cast (ref $f) (array.get $fs (local.get $fs) (i32.const 2)))) (i32.const 7)) (then (return (i32.const 21))))
        (if (i32.ne (array.get_s $i16s (local.get $h) (i32.const 1)) (i32.const -1)) (then (return (i32.const 22))))
        (call $check (ref.as_non_null (local.get $s)))))"#;
    for (stress, opt_level) in [(false, 1), (true, 1), (true, 0)] {
        let guest = Guest::on(&on(|c| (c.gc_stress, c.tunables.opt_level) = (stress, opt_level)), wat);
        assert_eq!(guest.i32("run", &[]), 0);
    }
}

/// Exceptions carry objects, and are carried by objects' neighbours; handlers allocate before they look.
#[test]
fn exceptions_carry_objects() {
    let wat = r#"(module
      (type $box (struct (field (mut i32))))
      (type $churn (array (mut i64)))
      (tag $t (param (ref $box) i32))
      (global $kept (mut exnref) (ref.null exn))
      (table $kept 1 anyref)
      (func $garbage (drop (array.new_default $churn (i32.const 1000))))
      (func $throw (param $n i32) (local $b (ref $box))
        (local.set $b (struct.new $box (local.get $n)))
        (call $garbage)
        (if (i32.eqz (local.get $n)) (then (return)))
        (throw $t (local.get $b) (i32.const 1000)))
      (func $caught (param $n i32) (result i32) (local $mine (ref $box)) (local $b (ref null $box))
        (local.set $mine (struct.new $box (i32.const 7)))
        (block $h (result (ref $box) i32)
          (try_table (catch $t $h) (call $throw (local.get $n)))
          (call $garbage)
          (return (struct.get $box 0 (local.get $mine))))
        (call $garbage)
        (drop)
        (local.set $b)
        (call $garbage)
        (i32.add (struct.get $box 0 (local.get $b)) (struct.get $box 0 (local.get $mine))))
      (func $keep (param $n i32) (local $e exnref) (local $k (ref null $box))
        (block $h (result (ref $box) i32 exnref)
          (try_table (catch_ref $t $h) (call $throw (local.get $n)))
          (return))
        (local.set $e)
        (call $garbage)
        (global.set $kept (local.get $e))
        (drop)
        (local.set $k)
        (table.set $kept (i32.const 0) (local.get $k)))
      (func $again (result i32)
        (block $h (result (ref $box) i32)
          (try_table (catch $t $h) (throw_ref (global.get $kept)))
          (unreachable))
        (drop)
        (call $garbage)
        (struct.get $box 0))
      (func (export "run") (result i32)
        (call $keep (i32.const 30))
        (call $garbage)
        (if (i32.ne (call $again) (i32.const 30)) (then (return (i32.const -1))))
        (struct.set $box 0 (ref.cast (ref $box) (table.get $kept (i32.const 0))) (i32.const 31))
        (call $garbage)
        (if (i32.ne (call $again) (i32.const 31)) (then (return (i32.const -2))))
        (i32.add (call $caught (i32.const 5)) (call $caught (i32.const 0)))))"#;
    for (stress, opt_level, inlining) in [(false, 1, true), (true, 1, true), (true, 1, false), (true, 0, false)] {
        let change = |c: &mut Config| (c.gc_stress, c.tunables.opt_level, c.tunables.inlining) = (stress, opt_level, inlining);
        let guest = Guest::on(&on(change), wat);
        for _ in 0..3 {
            assert_eq!(guest.i32("run", &[]), 5 + 7 + 7);
            guest.store.gc().expect("a collection");
        }
    }
}

/// Short arrays are filled in place, long ones by a call.
#[test]
fn arrays_of_every_length_are_filled() {
    let wat = r#"(module
      (type $b (array (mut i8))) (type $v (array (mut v128))) (type $box (struct (field i32))) (type $r (array (ref $box)))
      (func (export "sum") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (local $b (ref $b)) (local $v (ref $v)) (local $r (ref $r)) (local $z (ref $b))
        (local.set $b (array.new $b (i32.const 0x101) (local.get $n)))
        (local.set $v (array.new $v (v128.const i64x2 0 10) (local.get $n)))
        (local.set $r (array.new $r (struct.new $box (i32.const 100)) (local.get $n)))
        (local.set $z (array.new_default $b (local.get $n)))
        (block $done
          (loop $next
            (br_if $done (i32.eq (local.get $i) (local.get $n)))
            (local.set $sum (i32.add (local.get $sum) (array.get_s $b (local.get $b) (local.get $i))))
            (local.set $sum (i32.add (local.get $sum) (array.get_s $b (local.get $z) (local.get $i))))
            (local.set $sum (i32.add (local.get $sum) (i32x4.extract_lane 2 (array.get $v (local.get $v) (local.get $i)))))
            (local.set $sum (i32.add (local.get $sum) (struct.get $box 0 (array.get $r (local.get $r) (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next)))
        (local.get $sum)))"#;
    for (stress, fuel) in [(false, false), (true, false), (true, true)] {
        let engine = on(|c| (c.gc_stress, c.tunables.fuel) = (stress, fuel));
        let store = Store::new(&engine);
        if fuel {
            store.set_fuel(1 << 40).expect("fuel is configured");
        }
        let guest = Guest::linked(&store, &tenon::runtime::Linker::new(&engine), wat).expect("an instance");
        for n in [0, 1, 2, 31, 32, 33, 34, 1000] {
            assert_eq!(guest.i32("sum", &[n]), n * 111, "length {n}");
        }
    }
}

/// Immutable globals were read as what never changes, so that a second look found what had been there before a collection.
#[test]
fn immutable_globals_are_read_again_after_objects_have_moved() {
    let text = r#"(module
      (type $array (array i32)) (type $other (sub (array i8))) (type $box (struct (field i32)))
      (global $kept (ref $array) (array.new_fixed $array 2 (i32.const 20) (i32.const 22)))
      (global $any anyref (array.new_fixed $array 1 (i32.const 1)))
      (func (export "sum") (result i32)
        (array.get $array (global.get $kept) (i32.const 0))
        (drop (struct.new_default $box))
        (array.get $array (global.get $kept) (i32.const 1))
        (i32.add))
      (func (export "is_other") (result i32) (local $before (ref null $array))
        (local.set $before (ref.cast (ref $array) (global.get $any)))
        (drop (struct.new_default $box))
        (i32.add (ref.test (ref $other) (global.get $any)) (array.len (local.get $before)))))"#;
    let engine = engine_with(|c| c.gc_stress = true);
    let guest = Guest::on(&engine, text);
    for _ in 0..3 {
        assert_eq!((guest.i32("sum", &[]), guest.i32("is_other", &[])), (42, 1));
    }
}
