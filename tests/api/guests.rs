//! Engines with different settings and the guests compiled for each, shared by all sequences and threads.

use crate::names::*;
use crate::world::{Act, Does, EXTERNREF, FUNCREF, I32, error_text};
use std::ptr::null_mut;

pub const PLAIN: usize = 0;
pub const LINKED: usize = 1;
pub const REFERENCES: usize = 2;
pub const CALLING: usize = 3;
pub const CATCHING: usize = 4;
pub const STOPPING: usize = 5;
pub const PROGRAM: usize = 6;

/// The texts of the guests, in the order of the numbers above.
pub const TEXTS: [&str; 7] = [
    r#"(module (memory (export "m") 1 4) (table (export "t") 4 10 funcref) (global (export "g") (mut i32) (i32.const 7))
      (global (export "c") i64 (i64.const 9))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
      (func (export "stop") unreachable)
      (func $deep (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "put") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "set") (param i32) (global.set 0 (local.get 0)))
      (func (export "get") (result i32) (global.get 0))
      (type $binary (func (param i32 i32) (result i32)))
      (func (export "indirect") (param i32) (result i32)
        (call_indirect (type $binary) (i32.const 40) (i32.const 2) (local.get 0)))
      (func (export "tgrow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
      (func (export "elem") (param i32 funcref) (table.set 0 (local.get 0) (local.get 1))))"#,
    r#"(module (import "host" "f" (func $f (param i32) (result i32))) (import "host" "m" (memory 1))
      (import "host" "t" (table 1 funcref)) (import "host" "g" (global (mut i32)))
      (export "m" (memory 0)) (export "t" (table 0)) (export "g" (global 0))
      (func (export "call") (param i32) (result i32) (call $f (local.get 0)))
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "put") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "set") (param i32) (global.set 0 (local.get 0)))
      (func (export "get") (result i32) (global.get 0))
      (func (export "tgrow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
      (func (export "elem") (param i32 funcref) (table.set 0 (local.get 0) (local.get 1))))"#,
    r#"(module (table (export "t") 3 8 externref) (global (export "g") (mut externref) (ref.null extern))
      (func (export "elem") (param i32 externref) (table.set 0 (local.get 0) (local.get 1)))
      (func (export "tgrow") (param i32) (result i32) (table.grow 0 (ref.null extern) (local.get 0))))"#,
    r#"(module (import "host" "f" (func $f (param i32) (result i32))) (memory (export "m") 1 3)
      (func (export "call") (param i32) (result i32) (call $f (local.get 0))))"#,
    r#"(module (import "host" "f" (func $f (param i32) (result i32))) (tag $t (export "e") (param i32))
      (func (export "catch") (param i32) (result i32)
        (block $caught (result exnref)
          (return (try_table (result i32) (catch_all_ref $caught) (call $f (local.get 0)))))
        drop (i32.const -77))
      (func (export "throw") (param i32) (throw $t (local.get 0))))"#,
    r#"(module (memory (export "m") 1) (func $s unreachable) (start $s))"#,
    r#"(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get" (func $c (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $i (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $x (param i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\20\00\00\00\03\00\00\00")
      (data (i32.const 8) "\c8\00\00\00\08\00\00\00") (data (i32.const 32) "hi\n")
      (func (export "_start")
        (drop (call $r (i32.const 100) (i32.const 8)))
        (drop (call $c (i32.const 0) (i64.const 1) (i32.const 120)))
        (drop (call $i (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)))
        (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
        (drop (call $w (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))
        (call $x (i32.const 3))))"#,
];

/// What a module exports: name, kind, and which of its kind in the instance.
pub type Export = (&'static str, u8);

/// In the order of the text.
pub fn exports(guest: usize) -> &'static [Export] {
    match guest {
        PLAIN => &[
            ("m", 3), ("t", 2), ("g", 1), ("c", 1), ("add", 0), ("div", 0), ("stop", 0), ("deep", 0), ("load", 0), ("put", 0),
            ("grow", 0), ("set", 0), ("get", 0), ("indirect", 0), ("tgrow", 0), ("elem", 0),
        ],
        LINKED => &[
            ("m", 3), ("t", 2), ("g", 1), ("call", 0), ("load", 0), ("put", 0), ("grow", 0), ("set", 0), ("get", 0),
            ("tgrow", 0), ("elem", 0),
        ],
        REFERENCES => &[("t", 2), ("g", 1), ("elem", 0), ("tgrow", 0)],
        CALLING => &[("m", 3), ("call", 0)],
        CATCHING => &[("e", 5), ("catch", 0), ("throw", 0)],
        PROGRAM => &[("memory", 3), ("_start", 0)],
        _ => &[("m", 3)],
    }
}

/// Parameters, results and effect of an exported function; `host` is what the imported function does, and the numbers say
/// which memory, table and global of the store it uses.
pub fn signature(name: &str, guest: usize, host: Does, at: [usize; 3]) -> (&'static [u8], &'static [u8], Act) {
    let [memory, table, global] = at;
    match name {
        "add" => (&[I32, I32], &[I32], Act::Add),
        "div" => (&[I32, I32], &[I32], Act::Div),
        "stop" => (&[], &[], Act::Unreachable),
        "deep" => (&[I32], &[I32], Act::Recurse),
        "load" => (&[I32], &[I32], Act::Load(memory)),
        "put" => (&[I32, I32], &[], Act::Put(memory)),
        "grow" => (&[I32], &[I32], Act::Grow(memory)),
        "set" => (&[I32], &[], Act::SetGlobal(global)),
        "get" => (&[], &[I32], Act::GetGlobal(global)),
        "indirect" => (&[I32], &[I32], Act::CallTable(table)),
        "tgrow" => (&[I32], &[I32], Act::TableGrow(table)),
        "elem" if guest == REFERENCES => (&[I32, EXTERNREF], &[], Act::Keep(table)),
        "elem" => (&[I32, FUNCREF], &[], Act::Keep(table)),
        "call" => (&[I32], &[I32], Act::CallHost(host)),
        "catch" => (&[I32], &[I32], Act::Catch(host)),
        "throw" => (&[I32], &[], Act::Throw),
        other => panic!("no such export: {other}"),
    }
}

/// An engine with the guests.
pub struct Kit {
    pub engine: P,
    pub fuel: bool,
    pub modules: Vec<P>,
    pub images: Vec<Vec<u8>>,
}

// SAFETY: engines and modules may be used from all threads.
unsafe impl Sync for Kit {}
// SAFETY: as above.
unsafe impl Send for Kit {}

fn config(number: usize) -> P {
    let config = wasm_config_new();
    match number {
        1 => wasmtime_config_consume_fuel_set(config, true),
        2 => {
            wasmtime_config_epoch_interruption_set(config, true);
            tenon_config_interruptible_set(config, true);
        }
        3 => {
            wasmtime_config_memory_reservation_set(config, 0);
            wasmtime_config_memory_guard_size_set(config, 0);
            wasmtime_config_memory_may_move_set(config, true);
            wasmtime_config_signals_based_traps_set(config, false);
            wasmtime_config_cranelift_opt_level_set(config, 0);
        }
        4 => {
            let pool = wasmtime_pooling_allocation_config_new();
            wasmtime_pooling_allocation_config_total_memories_set(pool, 2000);
            wasmtime_pooling_allocation_strategy_set(config, pool);
            wasmtime_pooling_allocation_config_delete(pool);
        }
        _ => {}
    }
    config
}

pub fn wat(text: &str) -> Vec<u8> {
    let mut binary = Vector::default();
    let error = wasmtime_wat2wasm(text.as_ptr(), text.len(), &mut binary);
    assert_eq!(error_text(error), None, "{text}");
    let bytes = crate::world::bytes(&binary).to_vec();
    wasm_byte_vec_delete(&mut binary);
    bytes
}

fn kit(number: usize) -> Kit {
    let engine = wasm_engine_new_with_config(config(number));
    assert!(!engine.is_null());
    let (mut modules, mut images) = (Vec::new(), Vec::new());
    for text in TEXTS {
        let (binary, mut module, mut image) = (wat(text), null_mut(), Vector::default());
        let error = wasmtime_module_new(engine, binary.as_ptr(), binary.len(), &mut module);
        assert_eq!(error_text(error), None, "{text}");
        assert_eq!(error_text(wasmtime_module_serialize(module, &mut image)), None);
        images.push(crate::world::bytes(&image).to_vec());
        wasm_byte_vec_delete(&mut image);
        modules.push(module);
    }
    Kit { engine, fuel: number == 1, modules, images }
}

/// All engines; they live as long as the process.
pub fn kits() -> &'static [Kit] {
    static KITS: std::sync::OnceLock<Vec<Kit>> = std::sync::OnceLock::new();
    KITS.get_or_init(|| {
        fill_shelves();
        (0..5).map(kit).collect()
    })
}

/// The library keeps a few dozen of some kinds of objects after their end, so that what uses them then is told.
fn fill_shelves() {
    let all: Vec<(P, P)> = (0..100).map(|_| (wasm_config_new(), wasi_config_new())).collect();
    for (config, wasi) in all {
        wasm_config_delete(config);
        wasi_config_delete(wasi);
    }
}

/// The binary of a guest.
pub fn binary(guest: usize) -> &'static [u8] {
    static BINARIES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    &BINARIES.get_or_init(|| TEXTS.iter().map(|text| wat(text)).collect())[guest]
}
