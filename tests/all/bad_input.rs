//! Malformed, truncated and invalid input: an error that says what, where and why; never a crash.

use crate::common::{Guest, engine};
use tenon::base::ErrorKind;
use tenon::runtime::{Extern, Instance, Linker, Module, Store, Val};
use tenon::wasm::text;

/// A module with every section of WebAssembly 2.0.
const RICH: &str = r#"(module $rich
  (type $t (func (param i32 i64) (result f64)))
  (import "host" "f" (func $f (param i32)))
  (table $tab 4 8 funcref)
  (memory $mem 1 3)
  (global $g (mut i32) (i32.const 7))
  (export "go" (func $go))
  (export "mem" (memory $mem))
  (start $init)
  (elem (i32.const 1) $go $init)
  (elem $passive funcref (ref.func $go) (ref.null func))
  (data (i32.const 8) "some bytes")
  (data $later "more bytes")
  (func $init (call $f (i32.const 3)))
  (func $go (type $t) (local $x f64)
    (memory.init $later (i32.const 0) (i32.const 1) (i32.const 4))
    (table.init $tab $passive (i32.const 0) (i32.const 0) (i32.const 1))
    (block $out (loop $again
      (br_if $out (i32.eqz (local.get 0)))
      (local.set $x (f64.add (local.get $x) (f64.convert_i64_s (local.get 1))))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $again)))
    (drop (i32x4.extract_lane 1 (v128.const i32x4 1 2 3 4)))
    (local.get $x)))"#;

fn rich() -> Vec<u8> {
    text::parse(RICH.as_bytes()).expect("the module's text")
}

/// Asserts that an error about a module's bytes is one the caller can act on.
#[track_caller]
fn assert_refusal(error: &tenon::base::Error, what: &str) {
    let kind = error.kind();
    assert!(matches!(kind, ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::Unsupported), "{what}: {error:?}");
    assert!(!error.to_string().is_empty(), "{what}");
}

#[test]
fn a_module_cut_at_any_byte_is_refused_or_smaller() {
    let engine = engine();
    let bytes = rich();
    let mut refused = 0;
    for end in 0..bytes.len() {
        // A cut between two sections may leave a module that is smaller but whole.
        match Module::new(&engine, &bytes[..end]) {
            Ok(_) => assert!(engine.validate(&bytes[..end]).is_ok(), "cut at {end}: compiled but not valid"),
            Err(e) => {
                assert_refusal(&e, &format!("cut at {end}"));
                refused += 1;
            }
        }
    }
    assert!(refused > bytes.len() * 9 / 10, "{refused} of {} cuts refused", bytes.len());
}

#[test]
fn a_module_with_any_byte_changed_never_crashes() {
    let engine = engine();
    let original = rich();
    for at in 0..original.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bytes = original.clone();
            bytes[at] ^= change;
            if let Err(e) = Module::new(&engine, &bytes) {
                assert_refusal(&e, &format!("byte {at} changed by {change:#x}"));
            }
        }
    }
}

#[test]
fn errors_about_bytes_say_where() {
    let engine = engine();
    let error = Module::new(&engine, b"\0asm\x01\0\0\0\x01\x05").err().expect("a section without its bytes");
    assert!(error.to_string().contains("offset"), "{error}");
    for not_wasm in [&b""[..], b"\0", b"hello, world", b"\0asm\x02\0\0\0", b"\0asm\x0d\0\x01\0"] {
        let error = Module::new(&engine, not_wasm).err().expect("not a module");
        assert_refusal(&error, &format!("{not_wasm:?}"));
    }
}

#[test]
fn errors_about_text_give_line_and_column() {
    let cases: &[(&str, &str)] = &[
        ("(module", "1:8"),
        ("(module\n  (func (result i32)\n    i32.cons 1))", "3:5"),
        ("(module (func $a) (func $a))", "1:25"),
        ("(module (func (call $missing)))", "1:21"),
        ("(module \"\\zz\")", "1:"),
        ("(module (func (i32.const 4294967296)))", "1:26"),
        ("\u{feff}(modul)", "1:"),
    ];
    for (source, place) in cases {
        let error = text::parse(source.as_bytes()).expect_err(source);
        assert_eq!(error.kind(), ErrorKind::Malformed, "{source}: {error}");
        assert!(error.to_string().contains(place), "{source}: expected {place} in {error}");
    }
    let error = text::parse(b"(module (;\xff;))").expect_err("not UTF-8");
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
}

#[test]
fn deeply_nested_text_and_code_end_in_an_error_or_a_module() {
    let engine = engine();
    let nested = |n: usize| format!("(module (func {}{}))", "(block ".repeat(n), ")".repeat(n));
    for depth in [10, 1_000, 200_000] {
        if let Ok(bytes) = text::parse(nested(depth).as_bytes())
            && let Err(e) = Module::new(&engine, &bytes)
        {
            assert_refusal(&e, &format!("{depth} blocks"));
        }
    }
}

#[test]
fn arguments_of_the_wrong_number_or_type_are_refused() {
    let guest = Guest::new(r#"(module (func (export "f") (param i32 f64) (result i64) (i64.const 5)))"#);
    let func = guest.func("f");
    let mut one = [Val::I64(0)];
    let good = [Val::I32(1), Val::F64(0)];
    let try_call = |args: &[Val], results: &mut [Val]| func.call(&guest.store, args, results);
    assert!(try_call(&good, &mut one).is_ok());
    for (args, results) in [(&good[..1], 1), (&good[..], 0), (&good[..], 2), (&[][..], 1)] {
        let error = try_call(args, &mut vec![Val::I32(0); results]).expect_err("wrong number");
        assert_eq!(error.kind(), ErrorKind::Type, "{error}");
        assert!(error.to_string().contains("expected"), "{error}");
    }
    let error = try_call(&[Val::F64(0), Val::I32(1)], &mut one).expect_err("wrong types");
    assert_eq!(error.kind(), ErrorKind::Type);
    assert!(error.to_string().contains("i32") && error.to_string().contains("f64"), "{error}");
}

#[test]
fn items_of_another_store_are_refused() {
    let engine = engine();
    let here = Guest::on(&engine, r#"(module (func (export "f")) (table (export "t") 1 funcref))"#);
    let there = Store::new(&engine);
    let func = here.func("f");
    let error = func.call(&there, &[], &mut []).expect_err("called in another store");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");

    let importer = crate::common::module(&engine, r#"(module (import "a" "f" (func)))"#);
    let error = Instance::new(&there, &importer, &[Extern::Func(func.clone())]).err().expect("linked across stores");
    assert_ne!(error.kind(), ErrorKind::Trap, "{error}");

    let other = Guest::on(&engine, r#"(module (table (export "t") 1 funcref))"#);
    let table = other.instance.export(&other.store, "t").and_then(|e| e.table().cloned()).expect("a table");
    let error = table.set(&other.store, 0, &Val::FuncRef(Some(func))).expect_err("stored across stores");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
}

#[test]
fn a_module_of_another_engine_is_refused() {
    let module = crate::common::module(&engine(), "(module)");
    let error = Instance::new(&Store::new(&engine()), &module, &[]).err().expect("another engine");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
}

/// No definition is looked up that would tell.
#[test]
fn a_linker_of_another_engine_is_refused_for_a_module_that_imports_nothing() {
    let ours = engine();
    let error = Linker::new(&engine()).instantiate(&Store::new(&ours), &crate::common::module(&ours, "(module)"));
    let error = error.err().expect("another engine");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
}

#[test]
fn wrong_imports_are_named() {
    let engine = engine();
    let store = Store::new(&engine);
    let module = crate::common::module(&engine, r#"(module (import "env" "get" (func (param i32))))"#);
    let error = Instance::new(&store, &module, &[]).err().expect("no imports given");
    assert_eq!(error.kind(), ErrorKind::Link, "{error}");

    let mut linker = Linker::new(&engine);
    let error = linker.instantiate(&store, &module).err().expect("nothing defined");
    assert!(error.to_string().contains("env::get"), "{error}");

    let ty = tenon::wasm::FuncType::new([], []);
    linker.func("env", "get", ty.clone(), |_, _| Ok(())).expect("a first definition");
    let error = linker.instantiate(&store, &module).err().expect("another type");
    assert_eq!(error.kind(), ErrorKind::Link, "{error}");
    assert!(error.to_string().contains("env::get"), "{error}");
    assert!(linker.func("env", "get", ty, |_, _| Ok(())).is_err(), "defined twice");
}

#[test]
fn host_side_accesses_out_of_bounds_are_refused() {
    let guest = Guest::new(
        r#"(module (memory (export "m") 1 2) (table (export "t") 2 3 funcref) (global (export "g") i32 (i32.const 1)))"#,
    );
    let export = |name: &str| guest.instance.export(&guest.store, name).expect("an export");
    let memory = export("m").memory().cloned().expect("a memory");
    let mut buffer = [0; 8];
    assert!(memory.read(65_528, &mut buffer).is_ok());
    for at in [65_529, 65_536, usize::MAX - 3, usize::MAX] {
        assert!(memory.read(at as _, &mut buffer).is_err(), "read at {at}");
        assert!(memory.write(at as _, &buffer).is_err(), "write at {at}");
    }
    assert!(memory.grow(&guest.store, 2).is_err());
    assert!(memory.grow(&guest.store, u64::MAX).is_err());
    assert_eq!(memory.grow(&guest.store, 1).ok(), Some(1));
    let table = export("t").table().cloned().expect("a table");
    assert!(table.get(&guest.store, 2).is_none());
    assert!(table.set(&guest.store, 2, &Val::FuncRef(None)).is_err());
    assert!(table.set(&guest.store, 0, &Val::I32(0)).is_err());
    assert!(table.grow(&guest.store, 2, &Val::FuncRef(None)).is_err());
    let global = export("g").global().cloned().expect("a global");
    assert!(global.set(&guest.store, &Val::I32(2)).is_err(), "an immutable global");
}
