//! Every trap: its code, its text, and the frames that lead there.

use crate::common::{Guest, assert_trap, engine};
use tenon::base::TrapCode;
use tenon::runtime::{Linker, Store};

const TRAPS: &str = r#"(module $shop
  (memory 1)
  (table $t 3 funcref)
  (type $none (func))
  (func $other (param i32))
  (elem (i32.const 1) $other)
  (func (export "load") (drop (i32.load (i32.const 65533))))
  (func (export "load_far") (drop (i64.load offset=4294967295 (i32.const -1))))
  (func (export "store") (v128.store (i32.const 65521) (v128.const i64x2 0 0)))
  (func (export "fill") (memory.fill (i32.const 1) (i32.const 0) (i32.const 65536)))
  (func (export "table") (call_indirect (type $none) (i32.const 3)))
  (func (export "null") (call_indirect (type $none) (i32.const 2)))
  (func (export "type") (call_indirect (type $none) (i32.const 1)))
  (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
  (func (export "zero") (drop (i64.rem_u (i64.const 1) (i64.const 0))))
  (func (export "nan") (drop (i32.trunc_f32_s (f32.const nan))))
  (func (export "large") (drop (i32.trunc_f64_u (f64.const 4294967296))))
  (func (export "unreachable") (unreachable))
  (func $inner (param i32) (if (i32.eqz (local.get 0)) (then (unreachable))) (call $middle (i32.sub (local.get 0) (i32.const 1))))
  (func $middle (param i32) (call $inner (local.get 0)))
  (func (export "chain") (param i32) (call $middle (local.get 0)))
  (func (export "ok") (result i32) (i32.const 1)))"#;

#[test]
fn each_trap_has_its_code_and_text() {
    let guest = Guest::new(TRAPS);
    let cases = [
        ("load", TrapCode::MemoryOutOfBounds, "out of bounds memory access"),
        ("load_far", TrapCode::MemoryOutOfBounds, "out of bounds memory access"),
        ("store", TrapCode::MemoryOutOfBounds, "out of bounds memory access"),
        ("fill", TrapCode::MemoryOutOfBounds, "out of bounds memory access"),
        ("table", TrapCode::TableOutOfBounds, "undefined element: out of bounds table access"),
        ("null", TrapCode::IndirectCallToNull, "uninitialized element"),
        ("type", TrapCode::BadSignature, "indirect call type mismatch"),
        ("overflow", TrapCode::IntegerOverflow, "integer overflow"),
        ("zero", TrapCode::IntegerDivisionByZero, "integer divide by zero"),
        ("nan", TrapCode::BadConversionToInteger, "invalid conversion to integer"),
        ("large", TrapCode::IntegerOverflow, "integer overflow"),
        ("unreachable", TrapCode::Unreachable, "wasm `unreachable` instruction executed"),
    ];
    for (name, code, text) in cases {
        let error = guest.trap(name, &[]);
        assert_trap(&error, code);
        assert!(error.to_string().ends_with(&format!("wasm trap: {text}")), "{name}: {error}");
        assert_eq!(guest.i32("ok", &[]), 1, "after {name}");
    }
}

#[test]
fn a_trace_names_the_way_there() {
    let guest = Guest::new(TRAPS);
    let error = guest.trap("chain", &[2]);
    let names: Vec<_> = error.frames().iter().map(|f| f.func_name.as_deref()).collect();
    let (inner, middle) = (Some("inner"), Some("middle"));
    assert_eq!(names, [inner, middle, inner, middle, inner, middle, None]);
    for frame in error.frames() {
        assert_eq!(frame.module_name.as_deref(), Some("shop"));
        assert!(frame.module_offset.is_some() && frame.func_offset.is_some(), "{frame:?}");
    }
    let first = &error.frames()[0];
    assert!(first.module_offset > first.func_offset);
}

#[test]
fn a_trace_ends_after_twenty_frames() {
    let error = Guest::new(TRAPS).trap("chain", &[100]);
    assert_eq!(error.frames().len(), 20);
}

#[test]
fn traps_in_a_start_function_fail_the_instance() {
    let engine = engine();
    let store = Store::new(&engine);
    let wat = "(module (func $boom unreachable) (start $boom))";
    let error = Guest::linked(&store, &Linker::new(&engine), wat).err().expect("a trap");
    assert_trap(&error, TrapCode::Unreachable);
    assert_eq!(error.frames().first().and_then(|f| f.func_name.as_deref()), Some("boom"));
}

#[test]
fn a_segment_out_of_bounds_keeps_what_came_before() {
    let engine = engine();
    let store = Store::new(&engine);
    let mut linker = Linker::new(&engine);
    let owner = Guest::linked(&store, &linker, r#"(module (memory (export "m") 1))"#).expect("an instance");
    linker.instance(&store, "owner", &owner.instance).expect("definitions");
    let wat = r#"(module (import "owner" "m" (memory 1)) (data (i32.const 4) "kept") (data (i32.const 65535) "too long"))"#;
    let error = Guest::linked(&store, &linker, wat).err().expect("a trap");
    assert_trap(&error, TrapCode::MemoryOutOfBounds);
    let memory = owner.instance.memory("m").expect("a memory");
    let mut bytes = [0; 4];
    memory.read(4, &mut bytes).expect("in bounds");
    assert_eq!(&bytes, b"kept");
}
