//! The pooling allocator's limits, and what is said when one is reached.

use tenon::base::{Error, Result};
use tenon::runtime::{Config, Engine, Instance, Module, Pool, Store};

fn engine(change: impl FnOnce(&mut Pool)) -> Engine {
    let mut pool = Pool::default();
    change(&mut pool);
    let mut config = Config::new();
    config.pool = Some(pool);
    Engine::new(&config).expect("an engine with a pool")
}

fn module(engine: &Engine, wat: &str) -> Result<Module> {
    Module::new(engine, &tenon::wasm::text::parse(wat.as_bytes()).expect("the test's text"))
}

fn instance(store: &Store, wat: &str) -> Result<Instance> {
    Instance::new(store, &module(store.engine(), wat)?, &[])
}

#[track_caller]
fn refused<T>(result: Result<T>) -> Vec<String> {
    result.err().as_ref().map(Error::chain).expect("beyond a limit").to_vec()
}

/// One fits, a second does not until the first one's store is gone.
#[track_caller]
fn one_at_a_time(engine: &Engine, wat: &str, text: &str) {
    let first = Store::new(engine);
    instance(&first, wat).expect("the first");
    let second = Store::new(engine);
    assert_eq!(refused(instance(&second, wat)), [text]);
    drop(first);
    instance(&second, wat).expect("there is room again");
}

#[test]
fn what_stores_hold_together_is_limited() {
    let one = engine(|p| p.total_instances = 1);
    one_at_a_time(&one, "(module)", "maximum concurrent limit of 1 for core instances reached");
    let one = engine(|p| p.total_memories = 1);
    one_at_a_time(&one, "(module (memory 1))", "maximum concurrent limit of 1 for memories reached");
    let one = engine(|p| p.total_tables = 1);
    one_at_a_time(&one, "(module (table 1 funcref))", "maximum concurrent limit of 1 for tables reached");
}

#[test]
fn heaps_are_counted_once_per_store() {
    const WAT: &str = "(module (type $s (struct)) (func (drop (struct.new $s))))";
    let one = engine(|p| p.total_heaps = 1);
    let store = Store::new(&one);
    for _ in 0..3 {
        instance(&store, WAT).expect("the same heap");
    }
    drop(store);
    one_at_a_time(&one, WAT, "maximum concurrent limit of 1 for GC heaps reached");
}

#[test]
fn modules_that_do_not_fit_are_refused_before_they_run() {
    let cases: [(fn(&mut Pool), &str, &[&str]); 5] = [
        (
            |p| p.memories_per_module = 1,
            "(module (memory 1) (memory 1))",
            &["module memory does not fit in pooling allocator requirements", "defined memories count of 2 exceeds the per-instance limit of 1"],
        ),
        (
            |p| p.tables_per_module = 1,
            "(module (table 1 funcref) (table 1 funcref))",
            &["module table does not fit in pooling allocator requirements", "defined tables count of 2 exceeds the per-instance limit of 1"],
        ),
        (
            |p| p.memory_size = 65536,
            "(module (memory 2))",
            &[
                "module memory does not fit in pooling allocator requirements",
                "memory index 0 is unsupported in this pooling allocator configuration",
                "memory has a minimum byte size of 131072 which exceeds the limit of 0x10000 bytes",
            ],
        ),
        (
            |p| p.table_elements = 4,
            "(module (import \"a\" \"t\" (table 9 funcref)) (table 5 funcref))",
            &[
                "module table does not fit in pooling allocator requirements",
                "table index 1 has a minimum element size of 5 which exceeds the limit of 4",
            ],
        ),
        (
            |p| p.memories_per_module = 0,
            "(module (memory 1))",
            &["module memory does not fit in pooling allocator requirements", "defined memories count of 1 exceeds the per-instance limit of 0"],
        ),
    ];
    for (change, wat, chain) in cases {
        assert_eq!(refused(module(&engine(change), wat)), chain, "{wat}");
    }
    let small = engine(|p| p.instance_size = 16);
    let chain = refused(module(&small, "(module (global i32 (i32.const 1)) (memory 1))"));
    assert_eq!(chain[0], "module instance size does not fit in pooling allocator requirements");
    assert!(chain[1].ends_with("bytes which exceeds the configured maximum of 16 bytes"), "{chain:?}");
}

#[test]
fn growth_stops_at_the_pools_sizes() {
    let engine = engine(|p| (p.memory_size, p.table_elements) = (2 << 16, 5));
    let guest = crate::common::Guest::on(
        &engine,
        r#"(module (memory 1) (table 4 funcref)
            (func (export "m") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "t") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#,
    );
    assert_eq!((guest.i32("m", &[2]), guest.i32("m", &[1]), guest.i32("m", &[1])), (-1, 1, -1));
    assert_eq!((guest.i32("t", &[2]), guest.i32("t", &[1]), guest.i32("t", &[1])), (-1, 4, -1));
}
