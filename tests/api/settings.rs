//! Handles without a store: types, configurations, WASI configurations.

use crate::guests;
use crate::names::*;
use crate::world::*;
use std::ptr::null_mut;

pub fn types(w: W) -> Option<()> {
    let ty = functype(&[I32, EXTERNREF], &[I64]);
    let copy = wasm_functype_copy(ty);
    // SAFETY: both vectors are the type's and live as long as it does.
    let counts = unsafe { ((*wasm_functype_params(copy)).size, (*wasm_functype_results(copy)).size) };
    w.check(counts == (2, 1), || format!("type with {counts:?}"));
    let as_extern = wasm_functype_as_externtype(ty);
    w.check(wasm_externtype_kind(as_extern) == 0 && wasm_externtype_as_functype(as_extern) == ty, || "extern type".into());
    w.check(wasm_externtype_as_memorytype(as_extern).is_null(), || "a function is a memory".into());
    let other = wasm_externtype_copy(as_extern);
    wasm_functype_delete(ty);
    wasm_functype_delete(copy);
    let mut name = Vector::default();
    wasm_byte_vec_new(&mut name, 1, b"x".as_ptr());
    let export = wasm_exporttype_new(&mut name, other);
    let copy = wasm_exporttype_copy(export);
    wasm_exporttype_delete(export);
    // SAFETY: the name is the export type's.
    w.check(bytes(unsafe { &*wasm_exporttype_name(copy) }) == b"x", || "name of an export type".into());
    wasm_exporttype_delete(copy);
    let limits = Limits { min: 3, max: w.below(6) as u32 };
    let memory = wasm_memorytype_new(&limits);
    if !memory.is_null() {
        // SAFETY: the limits are the type's.
        let seen = unsafe { *wasm_memorytype_limits(memory) };
        w.check(seen.min == 3 && seen.max == limits.max, || format!("limits {seen:?}"));
    }
    wasm_memorytype_delete(memory);
    w.check(wasm_globaltype_new(valtype(I32), 9).is_null(), || "mutability 9".into());
    w.check(wasm_tabletype_new(valtype(I32), &limits).is_null(), || "a table of numbers".into());
    Some(())
}

pub fn config(w: W) -> Option<()> {
    let config = wasm_config_new();
    wasmtime_config_cranelift_nan_canonicalization_set(config, true);
    wasmtime_config_wasm_simd_set(config, w.one_in(2));
    wasmtime_config_max_wasm_stack_set(config, 1 << 17);
    if w.one_in(2) {
        wasm_config_delete(config);
        return Some(());
    }
    let engine = wasm_engine_new_with_config(config);
    if engine.is_null() {
        return Some(()); // a setting needs another
    }
    let store = wasmtime_store_new(engine, null_mut(), None);
    wasm_engine_delete(engine);
    let mut module = null_mut();
    let other = w.kits[0].modules[guests::PLAIN];
    let (mut instance, mut trap) = (Instance::default(), null_mut());
    let ctx = wasmtime_store_context(store);
    w.outcome("a module of another engine", wasmtime_instance_new(ctx, other, std::ptr::null(), 0, &mut instance, &mut trap), true);
    let bad = b"\0asm\x01\0\0\0\x20";
    w.outcome("module_new", wasmtime_module_new(w.kits[0].engine, bad.as_ptr(), bad.len(), &mut module), true);
    w.outcome("module_validate", wasmtime_module_validate(w.kits[0].engine, bad.as_ptr(), 8), false);
    wasmtime_store_delete(store);
    Some(())
}

extern "C" fn take(_env: P, _data: *const u8, size: usize) -> isize {
    size as isize
}

extern "C" fn give(_env: P, _data: *mut u8, _size: usize) -> isize {
    0
}

extern "C" fn fill(_env: P, _data: *mut u8, _size: usize) -> i32 {
    0
}

extern "C" fn clock(_env: P, _which: u32) -> u64 {
    1
}

/// A configuration, deleted, given away, or used by a program.
pub fn wasi(w: W) -> Option<()> {
    let config = wasi_config_new();
    let args = [c"a".as_ptr().cast::<u8>(), c"b".as_ptr().cast()];
    w.check(wasi_config_set_argv(config, 2, args.as_ptr()), || "arguments".into());
    w.check(wasi_config_set_env(config, 2, args.as_ptr(), args.as_ptr()), || "environment".into());
    w.check(!wasi_config_preopen_dir(config, c"/no/such".as_ptr().cast(), args[0], false), || "no directory".into());
    let output = match w.below(3) {
        0 => tenon_wasi_config_keep_stdout(config, 100),
        1 => {
            wasi_config_set_stdout_custom(config, Some(take), w.token(Does::Nothing), Some(finalize));
            null_mut()
        }
        _ => null_mut(),
    };
    if w.one_in(2) {
        wasi_config_set_stderr_custom(config, Some(take), w.token(Does::Nothing), Some(finalize));
        tenon_wasi_config_set_stdin_custom(config, Some(give), w.token(Does::Nothing), Some(finalize));
        tenon_wasi_config_set_random_custom(config, Some(fill), w.token(Does::Nothing), Some(finalize));
        tenon_wasi_config_set_clock_custom(config, Some(clock), 1, w.token(Does::Nothing), Some(finalize));
    } else {
        let mut text = Vector::default();
        wasm_byte_vec_new(&mut text, 2, b"in".as_ptr());
        wasi_config_set_stdin_bytes(config, &mut text);
        tenon_wasi_config_set_random_seed(config, 3);
        tenon_wasi_config_set_clock_fixed(config, 1, 2);
        w.check(wasi_config_preopen_dir(config, c"/".as_ptr().cast(), c"/".as_ptr().cast(), false), || "the root".into());
    }
    match w.store() {
        Some(s) if w.one_in(2) => {
            w.outcome("set_wasi", wasmtime_context_set_wasi(w.stores[s].ctx, config), false);
            if w.depth == 0 {
                program(w, s, output);
            }
        }
        _ => wasi_config_delete(config),
    }
    tenon_wasi_output_delete(output);
    Some(())
}

/// Runs the program, which leaves with a status of 3.
fn program(w: W, s: usize, output: P) {
    let linker = wasmtime_linker_new(w.engine(s));
    w.outcome("define_wasi", wasmtime_linker_define_wasi(linker), false);
    let (mut instance, mut trap, mut start) = (Instance::default(), null_mut(), Extern::default());
    let (ctx, module) = (w.stores[s].ctx, w.kits[w.stores[s].kit].modules[guests::PROGRAM]);
    let error = wasmtime_linker_instantiate(linker, ctx, module, &mut instance, &mut trap);
    wasmtime_linker_delete(linker);
    if !w.outcome("a program", error, w.stores[s].memory_limit < 65536) {
        return;
    }
    crate::calls::refuel(w, s);
    w.check(wasmtime_instance_export_get(ctx, &instance, b"_start".as_ptr(), 6, &mut start), || "no _start".into());
    let f = Func { of: [start.of[0], start.of[1]] };
    let error = wasmtime_func_call(ctx, &f, std::ptr::null(), 0, null_mut(), 0, &mut trap);
    let mut status = 0;
    let left = !error.is_null() && wasmtime_error_exit_status(error, &mut status);
    w.check(left && status == 3 && trap.is_null(), || format!("status {status}"));
    wasmtime_error_delete(error);
    if !output.is_null() {
        let mut text = Vector::default();
        tenon_wasi_output_take(output, &mut text);
        let text = take_text(&mut text);
        w.check(text == "hi\n", || format!("output {text:?}"));
    }
}
