//! Modules near the limits of the web embedding: each compiles, or is refused by an error that says why.

use std::fmt::Write;
use tenon::runtime::{Config, Engine, Instance, Module, Store, Val};

fn compile(text: &str) -> tenon::base::Result<(Engine, Module)> {
    let engine = Engine::new(&Config::new()).expect("an engine");
    let module = Module::new(&engine, &wat::parse_str(text).expect("well-formed text"))?;
    Ok((engine, module))
}

fn run(text: &str, arg: i32) -> i32 {
    let (engine, module) = compile(text).expect("within the limits");
    let store = Store::new(&engine);
    let instance = Instance::new(&store, &module, &[]).expect("no imports");
    let mut result = [Val::I32(0)];
    let func = instance.func(&store, "f").expect("an export");
    func.call(&store, &[Val::I32(arg)], &mut result).expect("it returns");
    result[0].i32().expect("an i32")
}

#[test]
fn fifty_thousand_locals() {
    let text = |n: usize| {
        format!(
            "(module (func (export \"f\") (param i32) (result i32) (local {}) (local.set {n} (local.get 0)) (local.get {n})))",
            "i32 ".repeat(n)
        )
    };
    assert_eq!(run(&text(49_000), 7), 7);
    let error = compile(&text(60_000)).map(drop).expect_err("too many").to_string();
    assert!(error.contains("local"), "{error}");
}

#[test]
fn deep_nesting() {
    let depth = 20_000;
    let text = format!(
        "(module (func (export \"f\") (param i32) (result i32) {} br_table {} 0 {} i32.const 0))",
        "block ".repeat(depth) + "local.get 0",
        (0..depth).map(|i| format!("{i} ")).collect::<String>(),
        "end ".repeat(depth) + "local.get 0 return",
    );
    assert_eq!(run(&text, 19_999), 19_999);
}

#[test]
fn a_long_chain_of_operators() {
    let mut body = String::from("local.get 0 ");
    for i in 0..200_000 {
        write!(body, "i32.const {} i32.xor ", i % 100).expect("memory");
    }
    let expected = (0..200_000).fold(5, |v, i| v ^ (i % 100));
    assert_eq!(run(&format!("(module (func (export \"f\") (param i32) (result i32) {body}))"), 5), expected);
}

#[test]
fn a_thousand_parameters_and_results() {
    let types = "i32 ".repeat(999);
    let gets: String = (0..999).map(|i| format!("local.get {i} ")).collect();
    let text = format!(
        "(module (func $g (param {types}) (result {types}) {gets})
           (func (export \"f\") (param i32) (result i32) {} call $g {}))",
        "local.get 0 ".repeat(999),
        "i32.add ".repeat(998),
    );
    assert_eq!(run(&text, 3), 999 * 3);
    let many = "i32 ".repeat(1001);
    assert!(compile(&format!("(module (func (param {many})))")).is_err());
}

#[test]
fn many_functions_types_and_exports() {
    let mut text = String::from("(module (func (export \"f\") (param i32) (result i32) local.get 0 call 20000)");
    for i in 1..20_000 {
        write!(text, "(func (export \"e{i}\") (param i32) (result i32) local.get 0)").expect("memory");
    }
    text.push_str("(func (param i32) (result i32) local.get 0 i32.const 1 i32.add))");
    assert_eq!(run(&text, 1), 2);
}

#[test]
fn every_value_is_live_at_once() {
    let n = 5_000;
    let pushes: String = (0..n).map(|i| format!("local.get 0 i32.const {i} i32.mul ")).collect();
    let text = format!(
        "(module (func $clobber) (func (export \"f\") (param i32) (result i32) {pushes} call $clobber {}))",
        "i32.add ".repeat(n - 1)
    );
    assert_eq!(run(&text, 1), (n * (n - 1) / 2) as i32);
}

#[test]
fn sizes_beyond_the_limits_are_refused() {
    for text in [
        "(module (memory 65537))",
        "(module (table 10000001 funcref))",
        "(module (memory i64 0x1000000000000))",
    ] {
        let wasm = wat::parse_str(text).expect("well-formed text");
        let engine = Engine::new(&Config::new()).expect("an engine");
        let store = Store::new(&engine);
        let made = Module::new(&engine, &wasm).and_then(|m| Instance::new(&store, &m, &[]).map(drop));
        assert!(made.is_err(), "{text}");
    }
}
