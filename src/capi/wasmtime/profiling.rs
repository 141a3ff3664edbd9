//! The guest profiler: samples of the guest's stack, taken by the host when it likes, as a profile that the
//! Firefox profiler reads.

use super::super::ffi::{CVec, guard, guard_err, guard_some, need, put, slice};
use super::super::wasm::bytes::{wasm_byte_vec_t, wasm_name_t};
use super::super::wasm::engine::wasm_engine_t;
use super::error::wasmtime_error_t;
use super::module::wasmtime_module_t;
use super::store::wasmtime_store_t;
use crate::runtime::GuestProfiler;
use std::mem::MaybeUninit;
use std::time::Duration;

/// Samples of one guest; one thread at a time.
pub struct wasmtime_guestprofiler_t {
    profiler: GuestProfiler,
}

/// A module whose frames belong to the guest, with the name to show. Both are borrowed.
#[repr(C)]
pub struct wasmtime_guestprofiler_modules_t {
    pub name: *const wasm_name_t,
    pub r#mod: *const wasmtime_module_t,
}

fn name(text: &wasm_name_t) -> String {
    String::from_utf8_lossy(text.as_slice()).into_owned()
}

/// A profiler for a guest of this name, owned by the caller; NULL if a pointer is NULL. `interval_nanos` is what the host
/// means to have between samples. Only frames of the `modules` are shown; names and modules are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_guestprofiler_new(
    engine: Option<&wasm_engine_t>,
    module_name: Option<&wasm_name_t>,
    interval_nanos: u64,
    modules: *const wasmtime_guestprofiler_modules_t,
    modules_len: usize,
) -> Option<Box<wasmtime_guestprofiler_t>> {
    guard(|| {
        engine?;
        // SAFETY: the caller gives an array of this length.
        let given = unsafe { slice(modules, modules_len) }.ok()?;
        let mut modules = Vec::with_capacity(given.len());
        for m in given {
            // SAFETY: each pointer is NULL or leads to a living object of its type, borrowed for this call.
            let (text, module) = unsafe { (m.name.as_ref()?, m.r#mod.as_ref()?) };
            modules.push((name(text), module.module().clone()));
        }
        let interval = Duration::from_nanos(interval_nanos);
        let profiler = GuestProfiler::new(&name(module_name?), interval, modules);
        Some(Box::new(wasmtime_guestprofiler_t { profiler }))
    })
}

/// Takes a sample of what the store runs on this thread: to be called by a host function or an epoch callback.
/// `delta_nanos` is the processor time since the last sample. At other times the sample is empty. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_guestprofiler_sample(
    guestprofiler: Option<&mut wasmtime_guestprofiler_t>,
    store: Option<&wasmtime_store_t>,
    delta_nanos: u64,
) {
    guard_some(|| {
        guestprofiler?.profiler.sample(store?.context().store(), Duration::from_nanos(delta_nanos));
        Some(())
    });
}

/// Writes the profile, JSON text, to `out`, which the caller frees; the profiler is consumed. Fails for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_guestprofiler_finish(
    guestprofiler: Option<Box<wasmtime_guestprofiler_t>>,
    out: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let profiler = need(guestprofiler, "guestprofiler")?;
        put(out, wasm_byte_vec_t::from_text(&profiler.profiler.finish()));
        Ok(())
    })
}

/// Frees a profiler; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_guestprofiler_delete(guestprofiler: Option<Box<wasmtime_guestprofiler_t>>) {
    guard(|| drop(guestprofiler));
}
