//! What a compilation tells about itself.

use crate::common::{engine, engine_with};
use std::sync::Mutex;
use tenon::runtime::Module;
use tenon::wasm::{Features, sections, text};

#[test]
fn every_function_is_counted_once() {
    // Few functions are compiled by one thread, many by all.
    for count in [0, 1, 3, 5000] {
        let wasm = text::parse(format!("(module {})", "(func (drop (i32.const 1)))".repeat(count)).as_bytes()).expect("text");
        let told = Mutex::new(Vec::new());
        Module::new_watched(&engine(), &wasm, &|done, total| told.lock().expect("the lock").push((done, total))).expect("a module");
        let mut told = told.into_inner().expect("the lock");
        told.sort_unstable();
        assert_eq!(told, (1..=count).map(|done| (done, count)).collect::<Vec<_>>());
    }
}

#[test]
fn sections_are_where_the_bytes_say() {
    let text = "(module $m (import \"a\" \"b\" (func)) (memory 1) (func) (data (i32.const 0) \"xyz\") (@custom \"own\" \"123\"))";
    let wasm = text::parse(text.as_bytes()).expect("text");
    let found = sections(&wasm).expect("sections");
    let names: Vec<&str> = found.iter().map(|s| s.name).collect();
    assert_eq!(names, ["type", "import", "function", "memory", "code", "data", "own", "name"]);
    let own = found.iter().find(|s| s.custom && s.name == "own").expect("the custom section");
    assert!(wasm[own.range.clone()].ends_with(b"123"));
    assert_eq!(found.iter().find(|s| s.name == "data").and_then(|s| s.entries), Some(1));
    // Cut short it is an error or, between two sections, a shorter list.
    assert!((0..wasm.len()).all(|end| sections(&wasm[..end]).map_or(true, |s| s.len() < found.len())));
    assert_eq!(tenon::wasm::declarations(&wasm, &Features::default()).expect("declarations").imports.len(), 1);
}

/// The setting was taken and never read.
#[test]
fn without_parallel_compilation_one_thread_does_it_all() {
    let body = "(i32.add (i32.const 70000) (local.get 0)) drop ".repeat(300);
    let wat = format!("(module {})", format!("(func (param i32) {body})").repeat(40));
    let wasm = text::parse(wat.as_bytes()).expect("the text");
    let one = engine_with(|c| c.parallel_compilation = false);
    let me = std::thread::current().id();
    let elsewhere = Mutex::new(0);
    let note = |_, _| *elsewhere.lock().expect("the lock") += usize::from(std::thread::current().id() != me);
    Module::new_watched(&one, &wasm, &note).expect("a module");
    assert_eq!(*elsewhere.lock().expect("the lock"), 0);
    Module::new_watched(&engine(), &wasm, &note).expect("a module");
    assert!(*elsewhere.lock().expect("the lock") > 0, "by default other threads compile");
}
