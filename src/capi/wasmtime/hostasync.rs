//! Asynchronous host functions.
//!
//! To the runtime such a function is one that yields: the guest is suspended on its private stack, and the
//! future that runs it gets a number. This file maps the number to the host's callback, and turns the
//! callback's answer, a continuation, into something to poll.

use super::super::ffi::{Finalizer, guard_err, need, text};
use super::super::wasm::functype::wasm_functype_t;
use super::super::wasm::trap::wasm_trap_t;
use super::error::wasmtime_error_t;
use super::func::{incompatible, type_for, wasmtime_caller_t};
use super::linker::wasmtime_linker_t;
use super::store::wasmtime_context_t;
use super::val::wasmtime_val_t;
use crate::base::{Error, Result};
use crate::runtime::{Instance, ValRaw};
use crate::wasm::FuncType;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// Asked whether an asynchronous host function is done: results or trap are written then.
pub type wasmtime_func_async_continuation_callback_t = Option<unsafe extern "C" fn(env: *mut c_void) -> bool>;

/// The rest of an asynchronous host function. `finalizer`, if given, is called once with `env` when the
/// continuation is no longer needed.
#[repr(C)]
pub struct wasmtime_async_continuation_t {
    pub callback: wasmtime_func_async_continuation_callback_t,
    pub env: *mut c_void,
    pub finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// An asynchronous host function: begins its work and writes `continuation_ret`, which is asked until it is
/// done. Arguments, results, trap and caller stay where they are until then.
pub type wasmtime_func_async_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        caller: *mut wasmtime_caller_t,
        args: *const wasmtime_val_t,
        nargs: usize,
        results: *mut wasmtime_val_t,
        nresults: usize,
        trap_ret: *mut Option<Box<wasm_trap_t>>,
        continuation_ret: *mut wasmtime_async_continuation_t,
    ),
>;

/// A definition.
pub(super) struct AsyncHost {
    id: u64,
    ty: FuncType,
    callback: wasmtime_func_async_callback_t,
    env: Finalizer,
}

/// Numbers of definitions start where those given to `tenon_func_new_yield` hardly reach.
static NEXT: AtomicU64 = AtomicU64::new(1 << 63);
static HOSTS: Mutex<BTreeMap<u64, Weak<AsyncHost>>> = Mutex::new(BTreeMap::new());

impl AsyncHost {
    fn register(ty: FuncType, callback: wasmtime_func_async_callback_t, env: Finalizer) -> Arc<AsyncHost> {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let host = Arc::new(AsyncHost { id, ty, callback, env });
        HOSTS.lock().insert(id, Arc::downgrade(&host));
        host
    }

    /// The definition with this number.
    pub(super) fn find(id: u64) -> Result<Arc<AsyncHost>> {
        let found = HOSTS.lock().get(&id).and_then(Weak::upgrade);
        found.ok_or_else(|| Error::usage(format!("host function {id} yields to somebody else than an async call")))
    }
}

impl Drop for AsyncHost {
    fn drop(&mut self) {
        HOSTS.lock().remove(&self.id);
    }
}

/// A call of an asynchronous host function in progress. What the callback was given stays at its address,
/// hence the boxes.
pub(super) struct Waiting {
    continuation: wasmtime_async_continuation_t,
    finalizer: Option<Finalizer>,
    host: Arc<AsyncHost>,
    _args: Box<[wasmtime_val_t]>,
    results: Box<[wasmtime_val_t]>,
    trap: Box<Option<Box<wasm_trap_t>>>,
    _instance: Option<Box<Instance>>,
    _caller: Box<wasmtime_caller_t<'static>>,
}

impl Waiting {
    /// Calls the callback with the parameters in `slots`.
    ///
    /// # Safety
    /// - `ctx` outlives the result.
    pub(super) unsafe fn begin(
        host: Arc<AsyncHost>,
        ctx: *const wasmtime_context_t,
        instance: Option<Instance>,
        slots: &[ValRaw],
    ) -> Result<Waiting> {
        // SAFETY: the caller's promise.
        let ctx: &'static wasmtime_context_t = unsafe { &*ctx };
        let instance = instance.map(Box::new);
        // SAFETY: the box is kept beside the caller and stays where it is.
        let seen: Option<&'static Instance> = instance.as_deref().map(|i| unsafe { &*ptr::from_ref(i) });
        let args = slots.iter().zip(&host.ty.params).map(|(slot, ty)| wasmtime_val_t::from_slot(ctx, *slot, *ty));
        let mut waiting = Waiting {
            continuation: wasmtime_async_continuation_t { callback: None, env: ptr::null_mut(), finalizer: None },
            finalizer: None,
            _args: args.collect(),
            results: host.ty.results.iter().map(|_| wasmtime_val_t::ZERO).collect(),
            trap: Box::default(),
            _instance: instance,
            _caller: Box::new(wasmtime_caller_t::suspended(seen, ctx)),
            host,
        };
        let callback = need(waiting.host.callback, "callback")?;
        let (nargs, nresults) = (waiting._args.len(), waiting.results.len());
        // SAFETY: the caller gave function and environment to be used together; everything else lives in boxes
        // that `waiting` keeps until the continuation is gone.
        unsafe {
            let args = waiting._args.as_ptr();
            let results = waiting.results.as_mut_ptr();
            let env = waiting.host.env.env();
            callback(env, &mut *waiting._caller, args, nargs, results, nresults, &mut *waiting.trap, &mut waiting.continuation);
        }
        let wasmtime_async_continuation_t { env, finalizer, .. } = waiting.continuation;
        waiting.finalizer = Some(Finalizer::new(env, finalizer));
        Ok(waiting)
    }

    /// Whether the host is done. A callback that set no continuation is done at once.
    pub(super) fn poll(&mut self) -> bool {
        match self.continuation.callback {
            // SAFETY: function and environment belong together, and the finalizer has not run yet.
            Some(callback) => unsafe { callback(self.continuation.env) },
            None => true,
        }
    }

    /// Ends the call: the trap, or results for the guest in `slots`.
    pub(super) fn finish(mut self, ctx: &wasmtime_context_t, slots: &mut [ValRaw]) -> Result<()> {
        drop(self.finalizer.take());
        if let Some(trap) = self.trap.take() {
            return Err(trap.into_error());
        }
        for ((slot, result), ty) in slots.iter_mut().zip(&self.results).zip(&self.host.ty.results) {
            *slot = result.to_slot(ctx, *ty).map_err(|_| incompatible())?;
        }
        Ok(())
    }
}

/// Defines an asynchronous host function for any store of the engine. Only calls that a call future runs reach
/// it; any other call of it fails. `finalizer`, if given, is called with `data` when the last linker and store
/// that use the definition are gone, or before this returns if defining fails. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_define_async_func(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const c_char,
    module_len: usize,
    name: *const c_char,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    cb: wasmtime_func_async_callback_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let data = Finalizer::new(data, finalizer);
        let linker = need(linker, "linker")?.linker_mut();
        // SAFETY: the caller gives names of these lengths.
        let (module, name) = unsafe { (text(module, module_len)?, text(name, name_len)?) };
        let ty = type_for(linker.engine(), ty)?.clone();
        need(cb, "callback")?;
        let host = AsyncHost::register(ty.clone(), cb, data);
        let id = host.id;
        linker.func_yield_keeping(module, name, ty, id, host)
    })
}
