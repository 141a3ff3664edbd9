//! Garbage collection as the host sees it: roots, finalizers, objects made and read by the host, collections while guests
//! wait.

use crate::common::{Guest, engine, engine_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tenon::base::ErrorKind;
use tenon::layout::ValRaw;
use tenon::runtime::{AnyRef, ArrayRef, Engine, ExternRef, Global, GuestExec, Linker, Step, Store, StructRef, Table, Val};
use tenon::wasm::*;

/// Counts how often it is dropped.
struct Finalizer(Arc<AtomicU32>);

impl Drop for Finalizer {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

const HOLDER: &str = r#"(module
  (type $s (struct (field (mut externref)) (field (mut (ref null $s)))))
  (global $g (mut (ref null $s)) (ref.null $s))
  (func (export "hold") (param externref)
    (global.set $g (struct.new $s (local.get 0) (ref.null $s)))
    (struct.set $s 1 (global.get $g) (global.get $g)))
  (func (export "get") (result externref) (struct.get $s 0 (struct.get $s 1 (global.get $g))))
  (func (export "drop") (global.set $g (ref.null $s))))"#;

#[test]
fn finalizers_run_when_a_cycle_lets_go() {
    for stress in [false, true] {
        let guest = Guest::on(&engine_with(|c| c.gc_stress = stress), HOLDER);
        let count = Arc::new(AtomicU32::new(0));
        let reference = ExternRef::new(&guest.store, 5, Some(Arc::new(Finalizer(count.clone())))).expect("room");
        guest.func("hold").call(&guest.store, &[Val::ExternRef(Some(reference))], &mut []).expect("no trap");
        guest.store.gc().expect("a collection");
        let got = guest.call("get", &[]).expect("no trap");
        assert!(matches!(&got[0], Val::ExternRef(Some(r)) if r.word() == 5));
        drop(got);
        guest.store.gc().expect("a collection");
        assert_eq!(count.load(Ordering::Relaxed), 0);
        guest.call("drop", &[]).expect("no trap");
        guest.store.gc().expect("a collection");
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}

fn field(storage: StorageType) -> FieldType {
    FieldType { storage, mutable: true }
}

fn final_type(composite: CompositeType) -> SubType {
    SubType { is_final: true, supertype: None, composite }
}

/// A struct of an i8, an i64 and a reference, and an array of such references.
fn host_types(engine: &Engine) -> (TypeId, TypeId) {
    let any = StorageType::Val(ValType::Ref(RefType::ANYREF));
    let fields = [field(StorageType::I8), field(StorageType::Val(ValType::I64)), field(any)];
    let pair = final_type(CompositeType::Struct(StructType { fields: fields.into() }));
    let array = final_type(CompositeType::Array(field(any)));
    (engine.intern_type(&pair).expect("a struct type"), engine.intern_type(&array).expect("an array type"))
}

#[test]
fn the_host_makes_reads_and_keeps_objects() {
    for stress in [false, true] {
        let engine = engine_with(|c| c.gc_stress = stress);
        let store = Store::new(&engine);
        let (pair, array) = host_types(&engine);
        let inner = StructRef::new(&store, pair, &[Val::I32(-1), Val::I64(7), Val::AnyRef(None)]).expect("a struct");
        let seven = Val::AnyRef(Some(AnyRef::i31(&store, -7)));
        let list = [seven.clone(), Val::AnyRef(Some(inner.as_any().clone())), Val::AnyRef(None)];
        let list = ArrayRef::new_fixed(&store, array, &list).expect("an array");
        drop(inner);
        let before = list.as_any().raw();
        store.gc().expect("a collection");
        assert_ne!(list.as_any().raw(), before, "the object did not move");
        assert_eq!(list.len(&store).expect("an array"), 3);
        let Val::AnyRef(Some(first)) = list.get(&store, 0).expect("in bounds") else { panic!("no reference") };
        assert_eq!(first.as_i31(), Some(-7));
        let Val::AnyRef(Some(second)) = list.get(&store, 1).expect("in bounds") else { panic!("no reference") };
        let second = second.as_struct(&store).expect("this store's").expect("a struct");
        assert_eq!(second.get(&store, 0).expect("a field").i32(), Some(255));
        assert_eq!(second.get(&store, 1).expect("a field").i64(), Some(7));
        second.set(&store, 2, &Val::AnyRef(Some(list.as_any().clone()))).expect("a mutable field");
        store.gc().expect("a collection");
        let Val::AnyRef(Some(back)) = second.get(&store, 2).expect("a field") else { panic!("no reference") };
        assert!(back.same(list.as_any()) && back.is_array(&store).expect("this store's"));
        assert!(list.get(&store, 3).is_err() && second.get(&store, 3).is_err());
        assert!(second.set(&store, 1, &seven).is_err());
    }
}

#[test]
fn host_tables_and_globals_are_roots() {
    let engine = engine();
    let store = Store::new(&engine);
    let (pair, _) = host_types(&engine);
    let object = |n| {
        let made = StructRef::new(&store, pair, &[Val::I32(0), Val::I64(n), Val::AnyRef(None)]).expect("a struct");
        Val::AnyRef(Some(made.into_any()))
    };
    let ty = TableType { element: RefType::ANYREF, table64: false, min: 2, max: None };
    let table = Table::new(&store, &ty, &object(1)).expect("a table");
    let ty = GlobalType { content: ValType::Ref(RefType::ANYREF), mutable: true };
    let global = Global::new(&store, &ty, &object(2)).expect("a global");
    store.gc().expect("a collection");
    drop(object(3));
    store.gc().expect("a collection");
    let number = |v: Val| match v {
        Val::AnyRef(Some(a)) => a.as_struct(&store).ok().flatten().and_then(|s| s.get(&store, 1).ok()?.i64()),
        _ => None,
    };
    assert_eq!(number(table.get(&store, 1).expect("in bounds")), Some(1));
    assert_eq!(number(global.get(&store)), Some(2));
}

/// Holds an object in a local and on the operand stack while the host function `h` runs.
const WAITS: &str = r#"(module
  (type $box (struct (field (mut i32))))
  (import "host" "h" (func $h (param anyref) (result anyref)))
  (func (export "run") (param i32) (result i32) (local $b (ref null $box))
    (local.set $b (struct.new $box (local.get 0)))
    (i32.add
      (struct.get $box 0 (ref.cast (ref $box) (call $h (local.get $b))))
      (struct.get $box 0 (local.get $b)))))"#;

fn any_to_any() -> FuncType {
    FuncType::new([ValType::Ref(RefType::ANYREF)], [ValType::Ref(RefType::ANYREF)])
}

#[test]
fn a_host_function_may_collect() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let moved = Arc::new(AtomicBool::new(false));
    let seen = moved.clone();
    let defined = linker.func("host", "h", any_to_any(), move |caller, slots| {
        let held = AnyRef::from_raw(caller.store(), slots[0].u32());
        caller.store().gc()?;
        let raw = held.as_ref().map_or(0, AnyRef::raw);
        seen.store(raw != slots[0].u32(), Ordering::Relaxed);
        slots[0] = ValRaw::from_u32(raw);
        Ok(())
    });
    defined.expect("a definition");
    let guest = Guest::linked(&store, &linker, WAITS).expect("an instance");
    assert_eq!(guest.i32("run", &[21]), 42);
    assert!(moved.load(Ordering::Relaxed));
}

#[test]
fn a_suspended_guest_keeps_its_objects() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    linker.func_yield("host", "h", any_to_any(), 1).expect("a definition");
    let guest = Guest::linked(&store, &linker, WAITS).expect("an instance");
    let run = guest.func("run");
    let mut waiting: Vec<_> = (0..4).map(|i| (GuestExec::new(&store).expect("an exec"), [ValRaw::from_i32(i)])).collect();
    let mut held = Vec::new();
    for (exec, slots) in &mut waiting {
        // SAFETY: the slots fit the function and stay where they are.
        let step = unsafe { exec.call(&run, slots.as_mut_ptr(), 1) }.expect("no trap");
        let Step::HostCall { slots, .. } = step else { panic!("no host call") };
        // SAFETY: the guest put its argument there.
        held.push((AnyRef::from_raw(&store, unsafe { (*slots).u32() }), slots));
        store.gc().expect("a collection");
    }
    for ((exec, slots), (object, out)) in waiting.iter_mut().zip(held) {
        store.gc().expect("a collection");
        let raw = object.as_ref().map_or(0, AnyRef::raw);
        // SAFETY: the guest waits for its result there.
        unsafe { *out = ValRaw::from_u32(raw) };
        assert!(matches!(exec.resume(Ok(())).expect("no trap"), Step::Done));
        assert_eq!(slots[0].i32() % 2, 0);
    }
    let sums: Vec<i32> = waiting.iter().map(|(_, slots)| slots[0].i32()).collect();
    assert_eq!(sums, [0, 2, 4, 6]);
}

/// The half that becomes the current one must be as usable as the other was.
#[test]
fn guests_go_on_allocating_after_the_host_collected() {
    let wat = r#"(module (type $list (struct (field (ref null $list)) (field i64)))
      (func (export "churn") (param $n i32) (result i32)
        (loop $next
          (drop (struct.new $list (struct.new $list (ref.null $list) (i64.const 2)) (i64.const 1)))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $n)))"#;
    let guest = Guest::new(wat);
    for n in [1, 50_000, 50_000, 300_000] {
        assert_eq!(guest.i32("churn", &[n]), 0);
        guest.store.gc().expect("a collection");
    }
}

/// Allows everything, and collects each time it is asked.
struct Collecting(tenon::runtime::WeakStore, Arc<AtomicU32>);

impl Collecting {
    fn ask(&self) -> tenon::base::Result<bool> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.upgrade().map_or(Ok(()), |store| store.gc())?;
        Ok(true)
    }
}

impl tenon::runtime::Limiter for Collecting {
    fn memory_growing(&mut self, _: u64, _: u64, _: Option<u64>) -> tenon::base::Result<bool> {
        self.ask()
    }

    fn table_growing(&mut self, _: u64, _: u64, _: Option<u64>) -> tenon::base::Result<bool> {
        self.ask()
    }
}

#[test]
fn a_limiter_may_collect() {
    let wat = r#"(module
      (type $box (struct (field i32))) (type $list (struct (field (ref null $list)) (field i64)))
      (table $t 0 (ref null $box))
      (func (export "table") (result i32)
        (drop (table.grow $t (struct.new $box (i32.const 5)) (i32.const 2)))
        (struct.get $box 0 (table.get $t (i32.const 1))))
      (func (export "heap") (param $n i32) (result i32) (local $l (ref null $list)) (local $len i32)
        (loop $next
          (local.set $l (struct.new $list (local.get $l) (i64.const 1)))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (loop $next
          (local.set $len (i32.add (local.get $len) (i32.wrap_i64 (struct.get $list 1 (local.get $l)))))
          (br_if $next (i32.eqz (ref.is_null (local.tee $l (struct.get $list 0 (local.get $l)))))))
        (local.get $len)))"#;
    let guest = Guest::new(wat);
    let asked = Arc::new(AtomicU32::new(0));
    let limiter = Collecting(guest.store.downgrade(), asked.clone());
    guest.store.set_limiter(Some(Box::new(limiter)));
    assert_eq!(guest.i32("table", &[]), 5);
    assert_eq!(guest.i32("heap", &[1_000_000]), 1_000_000);
    assert!(asked.load(Ordering::Relaxed) >= 3);
}

#[test]
fn values_are_checked_against_concrete_types() {
    let wat = r#"(module
      (type $a (sub (struct (field i32)))) (type $b (sub $a (struct (field i32) (field i32)))) (type $c (array i8))
      (func (export "make") (param i32) (result anyref)
        (if (i32.eqz (local.get 0)) (then (return (struct.new_default $a))))
        (if (i32.eq (local.get 0) (i32.const 1)) (then (return (struct.new_default $b))))
        (array.new_default $c (i32.const 1)))
      (func (export "want a") (param (ref null $a)))
      (func (export "want b") (param (ref $b)))
      (func (export "want eq") (param eqref)))"#;
    let guest = Guest::new(wat);
    let made: Vec<Val> = (0..3).map(|i| guest.call("make", &[i]).expect("no trap").remove(0)).collect();
    let fits = |name: &str, value: &Val| match guest.func(name).call(&guest.store, core::slice::from_ref(value), &mut []) {
        Ok(()) => true,
        Err(e) => {
            assert_eq!(e.kind(), ErrorKind::Type);
            false
        }
    };
    for (name, expected) in [("want a", [true, true, false]), ("want b", [false, true, false]), ("want eq", [true; 3])] {
        assert_eq!(made.iter().map(|v| fits(name, v)).collect::<Vec<_>>(), expected, "{name}");
    }
    assert!(fits("want a", &Val::AnyRef(None)) && !fits("want b", &Val::AnyRef(None)));
    assert!(!fits("want a", &Val::AnyRef(Some(AnyRef::i31(&guest.store, 1)))));
    let foreign = Val::AnyRef(Some(AnyRef::i31(&Store::new(guest.store.engine()), 1)));
    assert!(guest.func("want eq").call(&guest.store, &[foreign], &mut []).is_err());
}

#[test]
fn references_go_between_the_families() {
    let store = Store::new(&engine());
    let (pair, _) = host_types(store.engine());
    let object = StructRef::new(&store, pair, &[Val::I32(0), Val::I64(3), Val::AnyRef(None)]).expect("a struct");
    let outside = object.as_any().clone().into_extern();
    store.gc().expect("a collection");
    assert!(outside.owner().is_none() && outside.word() == 0);
    assert!(outside.into_any().same(object.as_any()));
    let host = ExternRef::new(&store, 9, None).expect("room").into_any();
    assert_eq!(host.heap_type(&store).expect("this store's"), HeapType::Any);
    assert!(!host.is_eq(&store).expect("this store's"));
    assert_eq!(host.into_extern().word(), 9);
    assert_eq!(AnyRef::i31(&store, -1).into_extern().into_any().as_i31(), Some(-1));
}

#[test]
fn a_shared_store_refuses_modules_that_need_a_heap() {
    let engine = engine();
    let store = Store::new_shared(&engine);
    let e = Guest::linked(&store, &Linker::new(&engine), HOLDER).err().expect("no heap");
    assert_eq!(e.kind(), ErrorKind::Unsupported);
    assert!(e.to_string().contains("shared store"), "{e}");
    let i31 = r#"(module (func (export "f") (result i32) (i31.get_s (ref.i31 (i32.const -5)))))"#;
    let guest = Guest::linked(&store, &Linker::new(&engine), i31).expect("i31 needs none");
    assert_eq!(guest.i32("f", &[]), -5);
}

/// Objects that elements of segments refer to are made once per instance, and live until the segment is dropped.
#[test]
fn segments_keep_objects() {
    let wat = r#"(module
      (type $box (struct (field i32)))
      (type $boxes (array (mut (ref null $box))))
      (elem $e (ref null $box) (item (struct.new $box (i32.const 1))) (item (struct.new $box (i32.const 2))))
      (global $first (ref $box) (struct.new $box (i32.const 40)))
      (global $list (ref $boxes) (array.new_fixed $boxes 2 (global.get $first) (struct.new $box (i32.const 50))))
      (table $t 4 (ref null $box) (struct.new $box (i32.const 9)))
      (func (export "run") (result i32) (local $a (ref null $boxes)) (local $b (ref null $boxes))
        (local.set $a (array.new_elem $boxes $e (i32.const 0) (i32.const 2)))
        (local.set $b (array.new_elem $boxes $e (i32.const 0) (i32.const 2)))
        (table.init $t $e (i32.const 1) (i32.const 1) (i32.const 1))
        (if (i32.eqz (ref.eq (array.get $boxes (local.get $a) (i32.const 1)) (array.get $boxes (local.get $b) (i32.const 1))))
          (then (return (i32.const -1))))
        (if (i32.eqz (ref.eq (table.get $t (i32.const 1)) (array.get $boxes (local.get $b) (i32.const 1))))
          (then (return (i32.const -2))))
        (i32.add (struct.get $box 0 (array.get $boxes (global.get $list) (i32.const 1)))
          (i32.add (struct.get $box 0 (array.get $boxes (global.get $list) (i32.const 0)))
            (i32.add (struct.get $box 0 (table.get $t (i32.const 3))) (struct.get $box 0 (table.get $t (i32.const 1))))))))"#;
    for stress in [false, true] {
        let guest = Guest::on(&engine_with(|c| c.gc_stress = stress), wat);
        guest.store.gc().expect("a collection");
        assert_eq!(guest.i32("run", &[]), 50 + 40 + 9 + 2);
    }
}
