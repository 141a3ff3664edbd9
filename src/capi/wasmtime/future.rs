//! Asynchronous calls: the guest runs on a private stack while it is polled, and is suspended while an
//! asynchronous host function is not done.

use super::super::ffi::{ContextPtr, Finalizer, guard, guard_err, guard_some, need, slice, slots};
use super::super::wasm::engine::wasm_config_t;
use super::super::wasm::trap::wasm_trap_t;
use super::error::wasmtime_error_t;
use super::externs::wasmtime_func_t;
use super::func::check_count;
use super::hostasync::{AsyncHost, Waiting};
use super::instance::{wasmtime_instance_pre_t, wasmtime_instance_t};
use super::linker::wasmtime_linker_t;
use super::module::wasmtime_module_t;
use super::store::wasmtime_context_t;
use super::val::wasmtime_val_t;
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{Func, GuestExec, Instance, Linker, Module, Step, ValRaw};
use crate::wasm::FuncType;
use std::ffi::c_void;
use std::ptr;

/// A call in progress; owned by the caller, and everything that the call was given has to outlive it. One
/// thread at a time. Deleting it gives up a call that is not done.
pub struct wasmtime_call_future_t {
    task: Option<Task>,
}

/// Where a private stack that the host made lies, with its size in bytes.
pub type wasmtime_stack_memory_get_callback_t =
    Option<unsafe extern "C" fn(env: *mut c_void, out_len: *mut usize) -> *mut u8>;

/// A private stack that the host made.
#[repr(C)]
pub struct wasmtime_stack_memory_t {
    pub env: *mut c_void,
    pub get_stack_memory: wasmtime_stack_memory_get_callback_t,
    pub finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// Makes a private stack of at least `size` bytes. An owned error refuses.
pub type wasmtime_new_stack_memory_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        size: usize,
        zeroed: bool,
        stack_ret: *mut wasmtime_stack_memory_t,
    ) -> Option<Box<wasmtime_error_t>>,
>;

/// How the host provides private stacks.
#[repr(C)]
pub struct wasmtime_stack_creator_t {
    pub env: *mut c_void,
    pub new_stack: wasmtime_new_stack_memory_callback_t,
    pub finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// What there is to do.
struct Task {
    /// The host function that the guest waits for. Goes first: its continuation may look at the rest.
    waiting: Option<Waiting>,
    exec: GuestExec,
    ctx: *const wasmtime_context_t,
    begin: Option<Begin>,
    /// Where the suspended guest wants the host function's results.
    guest: (*mut ValRaw, usize),
    finish: Finish,
    trap_ret: *mut Option<Box<wasm_trap_t>>,
    error_ret: *mut Option<Box<wasmtime_error_t>>,
}

/// How the guest is entered at the first poll.
enum Begin {
    Call(Func),
    Link(Box<Linker>, Module),
}

/// What is written in the end.
enum Finish {
    Values { ty: FuncType, slots: Box<[ValRaw]>, _args: Vec<wasmtime_val_t>, results: *mut wasmtime_val_t },
    Instance { made: Option<Instance>, out: *mut wasmtime_instance_t },
}

impl wasmtime_call_future_t {
    /// A future with nothing to do.
    pub(super) fn ready() -> Box<wasmtime_call_future_t> {
        Box::new(wasmtime_call_future_t { task: None })
    }

    /// The task's future; a failure to make one is written where the task would have.
    fn of(
        task: Result<Task>,
        error_ret: *mut Option<Box<wasmtime_error_t>>,
    ) -> Option<Box<wasmtime_call_future_t>> {
        let task = match task {
            Ok(task) => Some(task),
            Err(error) => {
                // SAFETY: NULL or the caller's place for an error, written blind.
                unsafe { write(error_ret, Some(wasmtime_error_t::boxed(error))) };
                None
            }
        };
        Some(Box::new(wasmtime_call_future_t { task }))
    }
}

/// # Safety
/// - `out` is NULL or points to memory for a `T`.
unsafe fn write<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: the caller's promise.
        unsafe { out.write(value) }
    }
}

impl Task {
    fn new(ctx: &wasmtime_context_t, begin: Begin, finish: Finish) -> Result<Task> {
        Ok(Task {
            waiting: None,
            exec: GuestExec::new(ctx.store())?,
            ctx,
            begin: Some(begin),
            guest: (ptr::null_mut(), 0),
            finish,
            trap_ret: ptr::null_mut(),
            error_ret: ptr::null_mut(),
        })
    }

    /// Goes on as far as possible; `None`: a host function is not done.
    fn poll(&mut self) -> Option<Result<()>> {
        let mut step = match self.begin.take() {
            Some(begin) => self.enter(begin),
            None => self.resume()?,
        };
        loop {
            match step {
                Err(e) => return Some(Err(e)),
                Ok(Step::Done) => return Some(Ok(())),
                Ok(Step::HostCall { id, slots, num_slots, .. }) => {
                    self.guest = (slots, num_slots);
                    if let Err(e) = self.wait(id) {
                        step = self.exec.resume(Err(e));
                        continue;
                    }
                    step = self.resume()?;
                }
            }
        }
    }

    fn enter(&mut self, begin: Begin) -> Result<Step> {
        match (begin, &mut self.finish) {
            (Begin::Call(func), Finish::Values { slots, .. }) => {
                // SAFETY: as many slots as the type asks for, filled with checked values, in a box.
                unsafe { self.exec.call(&func, slots.as_mut_ptr(), slots.len()) }
            }
            (Begin::Link(linker, module), Finish::Instance { made, .. }) => {
                let (instance, step) = self.exec.link(&linker, &module)?;
                *made = Some(instance);
                Ok(step)
            }
            _ => Err(Error::internal("a call that ends as an instantiation")),
        }
    }

    fn wait(&mut self, id: u64) -> Result<()> {
        let (host, caller) = (AsyncHost::find(id)?, self.exec.caller());
        // SAFETY: the guest's slots are valid until it goes on; the context outlives the future.
        self.waiting = Some(unsafe { Waiting::begin(host, self.ctx, caller, slice(self.guest.0, self.guest.1)?)? });
        Ok(())
    }

    /// Resumes the guest if the host function is done.
    fn resume(&mut self) -> Option<Result<Step>> {
        if !self.waiting.as_mut()?.poll() {
            return None;
        }
        let waiting = self.waiting.take()?;
        // SAFETY: the guest's slots are valid until it goes on; the context outlives the future.
        let outcome = unsafe {
            std::slice::from_raw_parts_mut(self.guest.0, if self.guest.0.is_null() { 0 } else { self.guest.1 })
        };
        // SAFETY: the context outlives the future.
        let outcome = waiting.finish(unsafe { &*self.ctx }, outcome);
        Some(self.exec.resume(outcome))
    }

    /// Writes what came of it.
    fn report(mut self, outcome: Result<()>) {
        // SAFETY: everything that the call was given outlives the future; out parameters are written blind.
        unsafe {
            match outcome {
                Ok(()) => self.write_results(),
                Err(e) if e.kind() == ErrorKind::Trap && !self.trap_ret.is_null() => {
                    write(self.trap_ret, Some(wasm_trap_t::boxed(e)));
                }
                Err(e) => write(self.error_ret, Some(wasmtime_error_t::boxed(e))),
            }
        }
    }

    /// # Safety
    /// - The context and the places for results are still there.
    unsafe fn write_results(&mut self) {
        // SAFETY: the caller's promise.
        let ctx = unsafe { &*self.ctx };
        match &mut self.finish {
            Finish::Values { ty, slots, results, .. } => {
                for (i, (slot, ty)) in slots.iter().zip(&ty.results).enumerate() {
                    // SAFETY: the caller gave as many places as the type has results.
                    unsafe { results.add(i).write(wasmtime_val_t::from_slot(ctx, *slot, *ty)) };
                }
            }
            Finish::Instance { made, out } => {
                if let Some(made) = made {
                    // SAFETY: the caller's promise.
                    unsafe { write(*out, ctx.instance_handle(made)) };
                }
            }
        }
    }
}

/// Starts a call; nothing runs before the first poll. When the future is done `results` are written, or `*trap_ret`
/// or `*error_ret`, which are owned by the caller and otherwise untouched. The future is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_func_call_async(
    context: ContextPtr<'_>,
    func: Option<&wasmtime_func_t>,
    args: *const wasmtime_val_t,
    nargs: usize,
    results: *mut wasmtime_val_t,
    nresults: usize,
    trap_ret: *mut Option<Box<wasm_trap_t>>,
    error_ret: *mut Option<Box<wasmtime_error_t>>,
) -> Option<Box<wasmtime_call_future_t>> {
    guard(|| {
        let start = || {
            let ctx = need(context, "context")?;
            let func = ctx.func(need(func, "func")?)?;
            // SAFETY: the caller gives arrays of these lengths; results are only written.
            let (args, places) = unsafe { (slice(args, nargs)?, slots(results, nresults)?) };
            let ty = func.ty_ref(ctx.store()).clone();
            check_count("arguments", ty.params.len(), args.len())?;
            check_count("results", ty.results.len(), places.len())?;
            let mut words = vec![ValRaw::ZERO; ty.slots()].into_boxed_slice();
            for ((slot, arg), ty) in words.iter_mut().zip(args).zip(&ty.params) {
                *slot = arg.to_slot(ctx, *ty).map_err(|e| e.context("argument type mismatch"))?;
            }
            let finish = Finish::Values { ty, slots: words, _args: args.to_vec(), results };
            Ok(Task { trap_ret, error_ret, ..Task::new(ctx, Begin::Call(func), finish)? })
        };
        wasmtime_call_future_t::of(start(), error_ret)
    })
}

/// Starts an instantiation with a linker's definitions; otherwise as `wasmtime_func_call_async`.
/// The future is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_linker_instantiate_async(
    linker: Option<&wasmtime_linker_t>,
    store: ContextPtr<'_>,
    module: Option<&wasmtime_module_t>,
    instance: *mut wasmtime_instance_t,
    trap_ret: *mut Option<Box<wasm_trap_t>>,
    error_ret: *mut Option<Box<wasmtime_error_t>>,
) -> Option<Box<wasmtime_call_future_t>> {
    guard(|| {
        let start = || {
            let linker = Box::new(need(linker, "linker")?.linker().clone());
            let begin = Begin::Link(linker, need(module, "module")?.module().clone());
            let finish = Finish::Instance { made: None, out: instance };
            Ok(Task { trap_ret, error_ret, ..Task::new(need(store, "store")?, begin, finish)? })
        };
        wasmtime_call_future_t::of(start(), error_ret)
    })
}

/// Starts an instantiation; otherwise as `wasmtime_func_call_async`. The future is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_instance_pre_instantiate_async(
    instance_pre: Option<&wasmtime_instance_pre_t>,
    store: ContextPtr<'_>,
    instance: *mut wasmtime_instance_t,
    trap_ret: *mut Option<Box<wasm_trap_t>>,
    error_ret: *mut Option<Box<wasmtime_error_t>>,
) -> Option<Box<wasmtime_call_future_t>> {
    guard(|| {
        let start = || {
            let pre = need(instance_pre, "instance_pre")?.pre();
            let begin = Begin::Link(Box::new(pre.linker().clone()), pre.module().clone());
            let finish = Finish::Instance { made: None, out: instance };
            Ok(Task { trap_ret, error_ret, ..Task::new(need(store, "store")?, begin, finish)? })
        };
        wasmtime_call_future_t::of(start(), error_ret)
    })
}

/// Runs the guest until it waits for an asynchronous host function or is done: true once it is done. Polling a
/// future that is done gives true again and does nothing; NULL is done.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_call_future_poll(future: Option<&mut wasmtime_call_future_t>) -> bool {
    guard_some(|| {
        let Some(future) = future else { return Some(true) };
        let Some(task) = &mut future.task else { return Some(true) };
        let Some(outcome) = task.poll() else { return Some(false) };
        if let Some(task) = future.task.take() {
            task.report(outcome);
        }
        Some(true)
    })
}

/// Frees the future; a call that is not done is given up. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_call_future_delete(future: Option<Box<wasmtime_call_future_t>>) {
    guard(|| drop(future));
}

/// Bytes of address space of each private stack. Default 256 MiB; memory is used as it is touched.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_async_stack_size_set(config: Option<&mut wasm_config_t>, size: usize) {
    guard(|| config.map(|c| c.config.private_stack = size).unwrap_or_default());
}

/// Lets the host provide private stacks: not supported, so no engine can be made of this. The creator's
/// finalizer runs when the settings are gone.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_host_stack_creator_set(
    config: Option<&mut wasm_config_t>,
    creator: Option<&mut wasmtime_stack_creator_t>,
) {
    guard_some(|| {
        let (config, creator) = (config?, creator?);
        config.stack_creator = Some(Finalizer::new(creator.env, creator.finalizer));
        config.refused = Some("stacks made by the host are not supported".to_owned());
        Some(())
    });
}

/// How much fuel a guest uses between suspensions for the host's sake. Guests are suspended only while they
/// wait for a host function, so this changes neither results nor fuel. An error without fuel, and if
/// `interval` is 0.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_fuel_async_yield_interval(
    context: ContextPtr<'_>,
    interval: u64,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        need(context, "context")?.store().fuel()?;
        if interval == 0 {
            return Err(Error::usage("fuel_async_yield_interval must not be 0"));
        }
        Ok(())
    })
}

/// When the epoch deadline has passed the guest goes on for another `delta` ticks instead of being stopped. It
/// is not suspended in between. Always NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_context_epoch_deadline_async_yield_and_update(
    context: ContextPtr<'_>,
    delta: u64,
) -> Option<Box<wasmtime_error_t>> {
    guard_some(|| {
        context?.store().set_epoch_callback(Some(Box::new(move |_| Ok(delta))));
        Some(None)
    })
}
