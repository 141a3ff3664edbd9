//! What this library has beyond libwasmtime: execution on private stacks with host calls that yield, stores
//! that many threads enter, interruption.

use super::ffi::{CBool, ContextPtr, EnginePtr, Entered, Entry, ExecPtr, Finalizer, InterruptPtr, guard, guard_call, guard_err, guard_some, need, null, put, slice, text, truth};
use super::wasm::engine::wasm_config_t;
use super::wasm::frame::{self, wasm_frame_vec_t};
use super::wasm::functype::wasm_functype_t;
use super::wasm::trap::wasm_trap_t;
use super::wasmtime::error::wasmtime_error_t;
use super::wasmtime::externs::{wasmtime_extern_t, wasmtime_func_t};
use super::wasmtime::func::{check_slots, type_for};
use super::wasmtime::instance::wasmtime_instance_t;
use super::wasmtime::linker::wasmtime_linker_t;
use super::wasmtime::module::wasmtime_module_t;
use super::wasmtime::store::{self, wasmtime_context_t, wasmtime_store_t};
use super::wasmtime::val::wasmtime_val_raw_t;
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{CallEvent, CallingInstance, Func, GuestExec, Instance, Interrupt, Step, Store, StoreKind};
use crate::wasm::{Features, ModuleLimits, Proposal};
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// One thread of guest execution on a private stack. One thread at a time; may move between threads, also while
/// a call is suspended.
pub struct tenon_exec_t {
    state: Entry<State>,
    interrupt: Arc<Interrupt>,
}

struct State {
    exec: GuestExec,
    /// The last calling instance and its handle: usually the next one, too.
    last_caller: Option<(Instance, wasmtime_instance_t)>,
    /// The address of a function called before and a number of slots that is enough for it. Only in exclusive stores, where
    /// functions stay.
    last_func: (usize, usize),
}

/// Stops an execution from any thread. Outlives what it stops.
pub struct tenon_interrupt_t {
    interrupt: Arc<Interrupt>,
}

/// What a call came to.
#[repr(C)]
pub enum tenon_step_kind {
    /// Results are in the slots given to `tenon_exec_call`.
    TENON_STEP_DONE,
    /// The guest waits for a host function: read parameters from `slots`, write results there, and resume.
    TENON_STEP_HOST_CALL,
    /// The guest was stopped; `trap` says why.
    TENON_STEP_TRAP,
    /// The call failed; `error` says why.
    TENON_STEP_ERROR,
    /// The guest's fuel or epoch interval is over: resume, when it suits, without a trap.
    TENON_STEP_PAUSED,
}

/// What a call came to, in full. Fields that `kind` does not mention are left as they were.
#[repr(C)]
pub struct tenon_step_t {
    /// One of `tenon_step_kind`.
    pub kind: u8,
    /// HOST_CALL: the number given to `tenon_func_new_yield`.
    pub func_id: u64,
    /// HOST_CALL: the calling instance; its `store_id` is 0 when the host called the function itself.
    pub caller: wasmtime_instance_t,
    /// HOST_CALL: parameters in, results out; valid until the call goes on.
    pub slots: *mut wasmtime_val_raw_t,
    /// HOST_CALL: how many slots there are.
    pub num_slots: usize,
    /// TRAP: owned by the caller.
    pub trap: Option<Box<wasm_trap_t>>,
    /// ERROR: owned by the caller.
    pub error: Option<Box<wasmtime_error_t>>,
}

const NO_INSTANCE: wasmtime_instance_t = wasmtime_instance_t { store_id: 0, __private: 0 };

impl tenon_step_t {
    fn new(kind: tenon_step_kind) -> tenon_step_t {
        tenon_step_t {
            kind: kind as u8,
            func_id: 0,
            caller: NO_INSTANCE,
            slots: ptr::null_mut(),
            num_slots: 0,
            trap: None,
            error: None,
        }
    }

    #[cold]
    fn failed(error: Error) -> tenon_step_t {
        let mut step = tenon_step_t::new(tenon_step_kind::TENON_STEP_ERROR);
        // An exception is handed on by giving the trap to the next resume.
        if matches!(error.kind(), ErrorKind::Trap | ErrorKind::Exception) {
            step.kind = tenon_step_kind::TENON_STEP_TRAP as u8;
            step.trap = Some(wasm_trap_t::boxed(error));
        } else {
            step.error = Some(wasmtime_error_t::boxed(error));
        }
        step
    }
}

impl tenon_exec_t {
    /// The execution, unless it is running right now: on another thread, or below a host function that asks.
    #[inline]
    fn enter(&self) -> Result<Entered<'_, State>> {
        self.state.try_enter().ok_or_else(|| Error::usage("exec is running"))
    }
}

/// Where a step goes.
type Out<'o> = &'o mut MaybeUninit<tenon_step_t>;

impl State {
    /// The step in the form C holds it. It is written where C wants it and nowhere else: a copy would wait for the stores.
    #[inline]
    fn step(&mut self, step: Step, out: Out<'_>) -> Result<()> {
        let (call, kind) = match step {
            Step::Done => (None, tenon_step_kind::TENON_STEP_DONE),
            Step::Paused => (None, tenon_step_kind::TENON_STEP_PAUSED),
            Step::HostCall { id, caller, slots, num_slots } => {
                let caller = match caller {
                    Some(caller) => self.handle(caller)?,
                    None => NO_INSTANCE,
                };
                (Some((id, caller, slots, num_slots)), tenon_step_kind::TENON_STEP_HOST_CALL)
            }
        };
        let out = out.as_mut_ptr();
        // SAFETY: places in the record that C gave, written and not read; what is not mentioned stays.
        unsafe {
            (*out).kind = kind as u8;
            if let Some(call) = call {
                ((*out).func_id, (*out).caller, (*out).slots, (*out).num_slots) = call;
            }
        }
        Ok(())
    }

    /// [`check_slots`], for which a function that was called just now is not looked at again.
    #[inline]
    fn check_slots(&mut self, handle: &wasmtime_func_t, func: &Func, num_slots: usize) -> Result<()> {
        let (last, enough) = self.last_func;
        if last == handle.__private.addr() && num_slots >= enough { Ok(()) } else { self.check_other(handle, func, num_slots) }
    }

    #[cold]
    fn check_other(&mut self, handle: &wasmtime_func_t, func: &Func, num_slots: usize) -> Result<()> {
        let ctx = wasmtime_context_t::of_store(self.exec.store())?;
        check_slots(func, ctx, num_slots)?;
        if ctx.store().kind() == StoreKind::Exclusive {
            self.last_func = (handle.__private.addr(), num_slots);
        }
        Ok(())
    }

    #[inline]
    fn handle(&mut self, caller: CallingInstance) -> Result<wasmtime_instance_t> {
        match &self.last_caller {
            Some((last, handle)) if last.is_calling(caller) => Ok(*handle),
            _ => self.new_handle(),
        }
    }

    #[cold]
    fn new_handle(&mut self) -> Result<wasmtime_instance_t> {
        let Some(instance) = self.exec.caller() else { return Ok(NO_INSTANCE) };
        let handle = wasmtime_context_t::of_store(self.exec.store())?.instance_handle(&instance);
        self.last_caller = Some((instance, handle));
        Ok(handle)
    }
}

/// Has `run` write what came of it, or writes its failure.
#[inline(always)]
fn report(out: Option<Out<'_>>, run: impl FnOnce(Out<'_>) -> Result<()>) {
    let (mut nowhere, wanted) = (MaybeUninit::uninit(), out.is_some());
    let out = out.unwrap_or(&mut nowhere);
    if let Some(error) = guard_call(|| run(out))
        && wanted
    {
        out.write(tenon_step_t::failed(error.into_error()));
    }
}

/// Makes an execution for calls into the store, written to `out` and owned by the caller. The stack is taken
/// from a pool when a call starts.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_exec_new(
    ctx: ContextPtr<'_>,
    out: Option<&mut MaybeUninit<Option<Box<tenon_exec_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let mut exec = GuestExec::new(need(ctx, "ctx")?.store())?;
        // SAFETY: that one thread at a time uses an exclusive store is what the C API says of stores.
        unsafe { exec.trust_one_thread() };
        let interrupt = exec.interrupt_handle();
        let state = Entry::new(State { exec, last_caller: None, last_func: (0, 0) });
        put(out, Some(Box::new(tenon_exec_t { state, interrupt })));
        Ok(())
    })
}

/// Frees an execution; a suspended call is abandoned. NULL is ignored, and so is an execution that is running.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_exec_delete(exec: Option<Box<tenon_exec_t>>) {
    guard(|| match exec {
        // Freed by a host function that runs on it: better leaked than gone under the guest's feet.
        Some(exec) if exec.state.is_entered() => std::mem::forget(exec),
        other => drop(other),
    });
}

/// Starts a call with raw slots: parameters from the first slot on, results overwrite them. Fewer than the larger
/// of both counts are refused; they must stay where they are until the call is over. References among the values that
/// are not the store's are undefined behaviour. What came of it is written to `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_exec_call(
    exec: ExecPtr<'_>,
    func: Option<&wasmtime_func_t>,
    slots: *mut wasmtime_val_raw_t,
    num_slots: usize,
    out: Option<&mut MaybeUninit<tenon_step_t>>,
) {
    report(out, move |out| {
        let mut state = need(exec, "exec")?.enter()?;
        let ctx = wasmtime_context_t::of_store(state.exec.store())?;
        let handle = need(func, "func")?;
        let func = ctx.func(handle)?;
        state.check_slots(handle, &func, num_slots)?;
        if slots.is_null() && num_slots > 0 {
            return Err(null("slots"));
        }
        // SAFETY: the slots are the caller's, who promises their number, types and stay.
        let step = unsafe { state.exec.call(&func, slots, num_slots) }?;
        state.step(step, out)
    });
}

/// Goes on after a host call, whose results are in the slots; a `trap` (consumed) stops the guest instead. What
/// came of it is written to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_exec_resume(
    exec: ExecPtr<'_>,
    trap: Option<Box<wasm_trap_t>>,
    out: Option<&mut MaybeUninit<tenon_step_t>>,
) {
    report(out, move |out| {
        let mut state = need(exec, "exec")?.enter()?;
        let step = state.exec.resume(trap.map_or(Ok(()), |t| Err(t.into_error())))?;
        state.step(step, out)
    });
}

/// Gives up a suspended call: its guest frames are gone. Nothing happens if none is suspended.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_exec_abandon(exec: ExecPtr<'_>) {
    guard_some(|| Some(exec?.enter().ok()?.exec.abandon()));
}

/// Writes the guest frames of the suspended call, innermost first, to `out`, which the caller frees.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_exec_backtrace(
    exec: ExecPtr<'_>,
    out: Option<&mut MaybeUninit<wasm_frame_vec_t>>,
) {
    guard(|| {
        let state = exec.and_then(|e| e.enter().ok()).filter(|s| s.exec.is_suspended());
        let trace = state.map(|s| s.exec.trace());
        put(out, frame::trace(trace.as_ref()));
    });
}

/// A handle by which any thread stops what this execution runs now or next; owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_exec_interrupt_handle(exec: ExecPtr<'_>) -> Option<Box<tenon_interrupt_t>> {
    guard(|| Some(Box::new(tenon_interrupt_t { interrupt: exec?.interrupt.clone() })))
}

/// A handle by which any thread stops what the store runs, now or next, by `wasmtime_func_call` and its kin;
/// owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_store_interrupt_handle(
    ctx: ContextPtr<'_>,
) -> Option<Box<tenon_interrupt_t>> {
    guard(|| Some(Box::new(tenon_interrupt_t { interrupt: ctx?.store().interrupt_handle() })))
}

/// Stops the execution at its next check with the trap `WASMTIME_TRAP_CODE_INTERRUPT`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_interrupt_trigger(interrupt: InterruptPtr<'_>) {
    guard(|| interrupt.map(|i| i.interrupt.trigger()).unwrap_or_default());
}

/// Frees the handle; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_interrupt_delete(interrupt: Option<Box<tenon_interrupt_t>>) {
    guard(|| drop(interrupt));
}

/// Whether every call of `func` is over soon, whatever its arguments: it runs a thousand operators at most, those of the functions
/// of its module that it calls included, none of them in a loop; it calls no other function and takes no part in fuel, epochs
/// or collections. A host may call such a function where it must not stay long. False for functions of other stores.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_func_is_brief(ctx: ContextPtr<'_>, func: Option<&wasmtime_func_t>) -> bool {
    guard_some(|| Some(ctx?.func(func?).ok()?.is_brief()))
}

/// Makes a host function of the store whose calls yield, and writes it to `out`: a guest that calls it on a
/// `tenon_exec_t` is suspended, and the step reports `id`. Called any other way it fails. If `type` belongs to
/// another engine the function is null.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_func_new_yield(
    ctx: ContextPtr<'_>,
    ty: Option<&wasm_functype_t>,
    id: u64,
    out: Option<&mut MaybeUninit<wasmtime_func_t>>,
) {
    guard(|| {
        let make = || -> Result<wasmtime_func_t> {
            let ctx = need(ctx, "ctx")?;
            let func = Func::new_yield(ctx.store(), type_for(ctx.store().engine(), ty)?, id)?;
            Ok(ctx.func_handle(&func))
        };
        let null = wasmtime_func_t { store_id: 0, __private: ptr::null_mut() };
        put(out, make().unwrap_or(null));
    });
}

/// Defines a host function whose calls yield, for any store of the linker's engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_linker_define_yield(
    linker: Option<&mut wasmtime_linker_t>,
    module: *const c_char,
    module_len: usize,
    name: *const c_char,
    name_len: usize,
    ty: Option<&wasm_functype_t>,
    id: u64,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let linker = need(linker, "linker")?.linker_mut();
        // SAFETY: the caller gives names of these lengths.
        let (module, name) = unsafe { (text(module, module_len)?, text(name, name_len)?) };
        let ty = type_for(linker.engine(), ty)?.clone();
        linker.func_yield(module, name, ty, id)
    })
}

/// Runs an instantiation on `exec` and splits its outcome.
fn instantiate(
    ctx: &wasmtime_context_t,
    exec: ExecPtr<'_>,
    instance: Option<&mut MaybeUninit<wasmtime_instance_t>>,
    out: Out<'_>,
    run: impl FnOnce(&mut GuestExec) -> Result<(Instance, Step)>,
) -> Result<()> {
    let mut state = need(exec, "exec")?.enter()?;
    ctx.check(state.exec.store().id(), "exec")?;
    let (made, step) = run(&mut state.exec)?;
    put(instance, ctx.instance_handle(&made));
    state.step(step, out)
}

/// Instantiates with `imports` in the module's order on `exec`, so that the start function may yield. `instance`
/// is written before the start function ends; what came of that is written to `out`. The error returned is for
/// NULL arguments only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_instance_new(
    ctx: ContextPtr<'_>,
    exec: ExecPtr<'_>,
    module: Option<&wasmtime_module_t>,
    imports: *const wasmtime_extern_t,
    nimports: usize,
    instance: Option<&mut MaybeUninit<wasmtime_instance_t>>,
    out: Option<&mut MaybeUninit<tenon_step_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (ctx, module) = (need(ctx, "ctx")?, need(module, "module")?.module());
        report(Some(need(out, "out")?), |out| {
            // SAFETY: the caller gives an array of this length.
            let imports = ctx.items(unsafe { slice(imports, nimports)? })?;
            instantiate(ctx, exec, instance, out, |exec| exec.instantiate(module, &imports))
        });
        Ok(())
    })
}

/// Instantiates with definitions of `linker` on `exec`; otherwise as `tenon_instance_new`.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_linker_instantiate(
    ctx: ContextPtr<'_>,
    exec: ExecPtr<'_>,
    linker: Option<&wasmtime_linker_t>,
    module: Option<&wasmtime_module_t>,
    instance: Option<&mut MaybeUninit<wasmtime_instance_t>>,
    out: Option<&mut MaybeUninit<tenon_step_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let (ctx, module) = (need(ctx, "ctx")?, need(module, "module")?.module());
        let linker = need(linker, "linker")?.linker();
        report(Some(need(out, "out")?), |out| {
            instantiate(ctx, exec, instance, out, |exec| exec.link(linker, module))
        });
        Ok(())
    })
}

/// Ends the handles of an instance of a shared store, which otherwise keep it for the store's life: this one, those of
/// memories, tables, globals and tags that it defines, and those of its functions, which must not be used any more (of the
/// others it is noticed). The instance is freed when no call, importer or other instance needs it. One whose functions can be
/// in tables, globals or values of others stays. An error in other stores, and for handles that are not of `ctx`.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_instance_release(
    ctx: ContextPtr<'_>,
    instance: Option<&wasmtime_instance_t>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let ctx = need(ctx, "ctx")?;
        ctx.store().release_instance(&ctx.instance(need(instance, "instance")?)?)
    })
}

/// A store that many threads may enter at once, each call with an execution of its own; owned by the caller.
/// Host references in it are plain pointers that live as long as the store. `finalizer`, if given, is called with
/// `data` when the store is deleted.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_store_new_shared(
    engine: EnginePtr<'_>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasmtime_store_t>> {
    guard(|| Some(store::new_shared(engine?.engine(), data, finalizer)))
}

/// Where control passes to.
#[repr(C)]
pub enum tenon_call_event {
    /// The host calls a guest.
    TENON_CALLING_WASM,
    /// A guest that the host called has returned, or was stopped.
    TENON_RETURNING_FROM_WASM,
    /// A guest calls a function of the host.
    TENON_CALLING_HOST,
    /// A function of the host has returned to its guest.
    TENON_RETURNING_FROM_HOST,
}

/// Told of every passage between host and guests: `event` is one of `tenon_call_event`. A trap that it returns, which is
/// consumed, ends the call at hand. It may use the store as a host function may.
pub type tenon_call_hook_t =
    Option<unsafe extern "C" fn(ctx: *mut wasmtime_context_t, data: *mut c_void, event: u8) -> Option<Box<wasm_trap_t>>>;

/// Has `hook` told of every passage between host and guests of the store, in place of the hook before; NULL ends that. Where a
/// guest is suspended, host calls that yield count, fuel and epochs do not. `finalizer`, if given, is called with `data` when
/// the hook is replaced or the store deleted. A store that never had a hook pays nothing for there being hooks.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_store_call_hook(
    ctx: ContextPtr<'_>,
    hook: tenon_call_hook_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| {
        let data = Finalizer::new(data, finalizer);
        let Some(ctx) = ctx else { return };
        let Some(hook) = hook else { return ctx.store().set_call_hook(None) };
        ctx.store().set_call_hook(Some(Arc::new(move |store: &Store, event: CallEvent| {
            let ctx = ptr::from_ref(wasmtime_context_t::of_store(store)?).cast_mut();
            // SAFETY: the caller gave function and data to be used together; the context lives through the call.
            let trap = unsafe { hook(ctx, data.env(), event_number(event) as u8) };
            trap.map_or(Ok(()), |trap| Err(trap.into_error()))
        })));
    });
}

fn event_number(event: CallEvent) -> tenon_call_event {
    match event {
        CallEvent::CallingGuest => tenon_call_event::TENON_CALLING_WASM,
        CallEvent::ReturningFromGuest => tenon_call_event::TENON_RETURNING_FROM_WASM,
        CallEvent::CallingHost => tenon_call_event::TENON_CALLING_HOST,
        CallEvent::ReturningFromHost => tenon_call_event::TENON_RETURNING_FROM_HOST,
    }
}

/// Bounds on what modules may have, for hosts that compile what strangers send; `SIZE_MAX` means no more than the web's
/// own bounds. `tenon_module_limits_init` sets all fields to that.
#[repr(C)]
pub struct tenon_module_limits_t {
    /// Bytes of the whole module.
    pub module_size: usize,
    /// Functions that the module defines.
    pub functions: usize,
    /// Bytes of one function's body.
    pub function_size: usize,
    /// Locals of one function, parameters left out.
    pub locals: usize,
    pub types: usize,
    pub imports: usize,
    pub exports: usize,
    pub tables: usize,
    pub memories: usize,
    pub globals: usize,
    /// Element and data segments, each kind by itself.
    pub segments: usize,
}

/// Sets all limits to none.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_module_limits_init(limits: Option<&mut MaybeUninit<tenon_module_limits_t>>) {
    let none = usize::MAX;
    guard(|| {
        put(limits, tenon_module_limits_t {
            module_size: none,
            functions: none,
            function_size: none,
            locals: none,
            types: none,
            imports: none,
            exports: none,
            tables: none,
            memories: none,
            globals: none,
            segments: none,
        });
    });
}

/// Bounds the modules that an engine compiles and validates: others are refused with an error that names the limit. The
/// struct is copied. By default there are none.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_config_module_limits_set(
    config: Option<&mut wasm_config_t>,
    limits: Option<&tenon_module_limits_t>,
) {
    let max = |n: usize| (n != usize::MAX).then_some(n);
    guard_some(|| {
        let l = limits?;
        config?.config.module_limits = ModuleLimits {
            module_size: max(l.module_size),
            functions: max(l.functions),
            function_size: max(l.function_size),
            locals: max(l.locals),
            types: max(l.types),
            imports: max(l.imports),
            exports: max(l.exports),
            tables: max(l.tables),
            memories: max(l.memories),
            globals: max(l.globals),
            segments: max(l.segments),
        };
        Some(())
    });
}

/// Whether guests can be interrupted: checks as for the epoch are compiled in, with no deadline until one is
/// set. Off by default.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_config_interruptible_set(config: Option<&mut wasm_config_t>, enable: CBool) {
    guard(|| {
        let Some(config) = config else { return };
        config.config.tunables.epochs = truth(enable);
        config.config.no_initial_deadline = truth(enable);
    });
}

/// This library's version, for example "0.1.0"; static.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Whether this library has something, by name: "yield", "shared-store", "interrupt", or a WebAssembly proposal
/// such as "simd" or "threads" that is on by default or can be switched on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_feature(name: *const c_char, len: usize) -> bool {
    guard_some(|| {
        // SAFETY: the caller gives a name of this length.
        let name = unsafe { text(name, len) }.ok()?;
        let implemented = |p: &Proposal| Features::default().has(*p) || LATER.contains(p);
        let proposal = Proposal::ALL.iter().any(|p| p.name() == name && implemented(p));
        Some(proposal || ["yield", "shared-store", "interrupt"].contains(&name))
    })
}

/// Proposals that are implemented but off by default.
const LATER: [Proposal; 2] = [Proposal::CustomPageSizes, Proposal::WideArithmetic];

/// What kind of error it is, as a stable number: 1 malformed, 2 invalid, 3 unsupported, 4 link, 5 trap, 6 exit,
/// 7 host, 8 type, 9 limit, 10 artifact, 11 io, 12 usage, 13 internal, 14 exception; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_error_code(error: Option<&wasmtime_error_t>) -> u32 {
    guard_some(|| Some(error?.error().kind() as u32))
}
