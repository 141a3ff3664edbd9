//! Modules.

use super::super::ffi::{CVec, EnginePtr, c_text, guard, guard_err, need, put, slice};
use super::super::wasm::Home;
use super::super::wasm::bytes::wasm_byte_vec_t;
use super::super::wasm::importtype::{
    wasm_exporttype_t, wasm_exporttype_vec_t, wasm_importtype_t, wasm_importtype_vec_t,
};
use super::error::wasmtime_error_t;
use crate::runtime::Module;
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr;

/// A compiled module. Immutable, usable from all threads; may be deleted while instances live.
pub struct wasmtime_module_t {
    module: Module,
}

impl wasmtime_module_t {
    pub(super) fn boxed(module: Module) -> Box<wasmtime_module_t> {
        Box::new(wasmtime_module_t { module })
    }

    pub(in crate::capi) fn module(&self) -> &Module {
        &self.module
    }
}

/// What the module imports, as a vector that the caller owns.
pub(in crate::capi) fn imports_of(module: &Module) -> wasm_importtype_vec_t {
    let home = Home::of(module.engine());
    let all = module.imports().map(|i| wasm_importtype_t::new(i.module, i.name, i.ty, &home));
    wasm_importtype_vec_t::from_items(all.map(|i| Some(Box::new(i))).collect())
}

/// What the module exports, as a vector that the caller owns.
pub(in crate::capi) fn exports_of(module: &Module) -> wasm_exporttype_vec_t {
    let home = Home::of(module.engine());
    let all = module.exports().map(|e| wasm_exporttype_t::new(e.name, e.ty, &home));
    wasm_exporttype_vec_t::from_items(all.map(|e| Some(Box::new(e))).collect())
}

/// Validates and compiles a binary module, written to `ret` and owned by the caller. Text is refused: see
/// `wasmtime_wat2wasm`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_module_new(
    engine: EnginePtr<'_>,
    wasm: *const u8,
    wasm_len: usize,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_module_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        // SAFETY: the caller gives `wasm_len` bytes.
        let bytes = unsafe { slice(wasm, wasm_len)? };
        let module = Module::new(need(engine, "engine")?.engine(), bytes)?;
        put(ret, Some(wasmtime_module_t::boxed(module)));
        Ok(())
    })
}

/// Frees the handle; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_delete(m: Option<Box<wasmtime_module_t>>) {
    guard(|| drop(m));
}

/// Another handle of the same module, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_clone(m: Option<&wasmtime_module_t>) -> Option<Box<wasmtime_module_t>> {
    guard(|| Some(wasmtime_module_t::boxed(m?.module.clone())))
}

/// Writes what the module imports, in order of declaration, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_imports(
    module: Option<&wasmtime_module_t>,
    out: Option<&mut MaybeUninit<wasm_importtype_vec_t>>,
) {
    guard(|| put(out, module.map_or_else(CVec::null, |m| imports_of(&m.module))));
}

/// Writes what the module exports, in order of declaration, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_exports(
    module: Option<&wasmtime_module_t>,
    out: Option<&mut MaybeUninit<wasm_exporttype_vec_t>>,
) {
    guard(|| put(out, module.map_or_else(CVec::null, |m| exports_of(&m.module))));
}

/// Checks a binary module without compiling it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_module_validate(
    engine: EnginePtr<'_>,
    wasm: *const u8,
    wasm_len: usize,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        // SAFETY: the caller gives `wasm_len` bytes.
        let bytes = unsafe { slice(wasm, wasm_len)? };
        need(engine, "engine")?.engine().validate(bytes)
    })
}

/// Writes the compiled module as bytes to `ret`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_serialize(
    module: Option<&wasmtime_module_t>,
    ret: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        put(ret, wasm_byte_vec_t::from_items(need(module, "module")?.module.serialize()));
        Ok(())
    })
}

/// A module from what `wasmtime_module_serialize` wrote in an equal engine on an equal machine, written to
/// `ret` and owned by the caller. Damaged, truncated or foreign bytes are refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_module_deserialize(
    engine: EnginePtr<'_>,
    bytes: *const u8,
    bytes_len: usize,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_module_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        // SAFETY: the caller gives `bytes_len` bytes.
        let bytes = unsafe { slice(bytes, bytes_len)? };
        let module = Module::deserialize(need(engine, "engine")?.engine(), bytes)?;
        put(ret, Some(wasmtime_module_t::boxed(module)));
        Ok(())
    })
}

/// A module from a file with what `wasmtime_module_serialize` wrote; otherwise as `wasmtime_module_deserialize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_module_deserialize_file(
    engine: EnginePtr<'_>,
    path: *const c_char,
    ret: Option<&mut MaybeUninit<Option<Box<wasmtime_module_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        // SAFETY: NULL or NUL-terminated.
        let path = unsafe { c_text(path, "path")? };
        let module = Module::deserialize_file(need(engine, "engine")?.engine(), Path::new(path))?;
        put(ret, Some(wasmtime_module_t::boxed(module)));
        Ok(())
    })
}

/// Writes where the machine code begins and ends, borrowed from the module.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_module_image_range(
    module: Option<&wasmtime_module_t>,
    start: Option<&mut MaybeUninit<*mut c_void>>,
    end: Option<&mut MaybeUninit<*mut c_void>>,
) {
    guard(|| {
        let (from, len) = module.map_or((0, 0), |m| m.module.code_range());
        put(start, ptr::without_provenance_mut(from));
        put(end, ptr::without_provenance_mut(from + len));
    });
}
