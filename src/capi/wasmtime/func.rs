//! Functions: the host's own, and calling any.

use super::super::ffi::{ContextPtr, Finalizer, guard, guard_call, guard_some, need, put, slice, slots, text};
use super::super::wasm::Home;
use super::super::wasm::functype::wasm_functype_t;
use super::super::wasm::trap::wasm_trap_t;
use super::error::wasmtime_error_t;
use super::externs::{put_item, wasmtime_extern_t, wasmtime_func_t};
use super::room::Room;
use super::split_call;
use super::store::{no_context, wasmtime_context_t};
use super::val::{wasmtime_val_raw_t, wasmtime_val_t, wasmtime_valkind_t};
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{Extern, Func, Instance, RawBody, RawCaller, RawFn, ValRaw, raw_body};
use crate::wasm::{FuncType, ValType};
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// Who calls a host function; valid until that returns.
#[cfg_attr(all(), repr(transparent))]
pub struct wasmtime_caller_t<'a>(RawCaller<'a>);

impl<'a> wasmtime_caller_t<'a> {
    /// The caller of a function that runs while its guest is suspended: the instance, if there is one.
    pub(super) fn suspended(instance: Option<&'a Instance>, ctx: &'a wasmtime_context_t) -> wasmtime_caller_t<'a> {
        let instance = instance.map_or(0, |i| ptr::from_ref(i).expose_provenance());
        wasmtime_caller_t(RawCaller::stand_in(ctx.word(), instance))
    }

    fn ctx(&self) -> &'a wasmtime_context_t {
        wasmtime_context_t::of_caller(&self.0)
    }

    fn export(&self, name: &str) -> Option<Extern> {
        let store = self.ctx().store();
        if self.0.exec().is_some() {
            return self.0.export(store, name);
        }
        // SAFETY: `suspended` was given this instance for as long as the caller lives; 0 if none.
        unsafe { ptr::with_exposed_provenance::<Instance>(self.0.extra()).as_ref() }?.export(store, name)
    }
}

/// A host function with checked values: reads `args`, writes `results`, and returns NULL, or a trap (consumed)
/// that stops the guest.
pub type wasmtime_func_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        caller: *mut wasmtime_caller_t,
        args: *const wasmtime_val_t,
        nargs: usize,
        results: *mut wasmtime_val_t,
        nresults: usize,
    ) -> Option<Box<wasm_trap_t>>,
>;

type CheckedFn = unsafe extern "C" fn(
    *mut c_void,
    *mut wasmtime_caller_t,
    *const wasmtime_val_t,
    usize,
    *mut wasmtime_val_t,
    usize,
) -> Option<Box<wasm_trap_t>>;

/// A host function with raw slots: parameters come in `args_and_results`, results overwrite them from the
/// first slot on. Returns NULL, or a trap (consumed) that stops the guest.
pub type wasmtime_func_unchecked_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        caller: *mut wasmtime_caller_t,
        args_and_results: *mut wasmtime_val_raw_t,
        num_args_and_results: usize,
    ) -> Option<Box<wasm_trap_t>>,
>;

type UncheckedFn =
    unsafe extern "C" fn(*mut c_void, *mut wasmtime_caller_t, *mut wasmtime_val_raw_t, usize) -> Option<Box<wasm_trap_t>>;

/// The function type, if it means something in the context's engine.
pub(in crate::capi) fn type_for<'t>(engine: &crate::runtime::Engine, ty: Option<&'t wasm_functype_t>) -> Result<&'t FuncType> {
    let object = need(ty, "type")?;
    object.home().check(engine)?;
    object.ty().ok_or_else(|| Error::internal("not a function type"))
}

/// A checked callback, and what it needs; the environment of [`serve`] and [`serve_numbers`].
struct Checked {
    ty: FuncType,
    callback: CheckedFn,
    env: Finalizer,
    /// Of functions of a few plain numbers.
    numbers: Option<Numbers>,
}

/// The kinds of a function's values, all of them plain numbers.
struct Numbers {
    params: Box<[wasmtime_valkind_t]>,
    results: Box<[wasmtime_valkind_t]>,
}

/// Up to so many parameters, and as many results, are served by [`serve_numbers`].
const FEW: usize = 8;

impl Numbers {
    fn of(ty: &FuncType) -> Option<Numbers> {
        let kinds = |types: &[ValType]| types.iter().map(wasmtime_val_t::number_kind).collect::<Option<Box<[_]>>>();
        let few = |kinds: &Box<[_]>| kinds.len() <= FEW;
        Some(Numbers { params: kinds(&ty.params).filter(few)?, results: kinds(&ty.results).filter(few)? })
    }
}

impl Checked {
    /// Values are made where C reads them: no more is copied than the slots.
    #[inline(always)]
    fn call(&self, caller: &mut wasmtime_caller_t<'_>, slots: &mut [ValRaw]) -> Result<()> {
        let ctx = caller.ctx();
        let (params, results) = (&*self.ty.params, &*self.ty.results);
        let mut vals = Room::new();
        vals.fill(params.len() + results.len(), |i, place| match (params.get(i), slots.get(i)) {
            (Some(ty), Some(slot)) => wasmtime_val_t::put(place, ctx, slot, *ty),
            _ => _ = place.write(wasmtime_val_t::ZERO),
        });
        let (args, answers) = vals.items().split_at_mut(params.len());
        // SAFETY: the caller gave function and environment to be used together; the arrays live through the
        // call and have the lengths given.
        let trap = unsafe {
            (self.callback)(self.env.env(), caller, args.as_ptr(), args.len(), answers.as_mut_ptr(), answers.len())
        };
        if let Some(trap) = trap {
            return Err(trap.into_error());
        }
        for ((slot, answer), ty) in slots.iter_mut().zip(answers).zip(results) {
            *slot = answer.to_slot(ctx, *ty).map_err(|_| incompatible())?;
        }
        Ok(())
    }
}

/// Serves guests that call a checked callback; an answer other than null is an owned `wasmtime_error_t`.
///
/// # Safety
/// - `env` is a live [`Checked`], `slots` are `count` and hold its parameters.
unsafe extern "C" fn serve(env: *mut c_void, caller: *mut RawCaller<'_>, slots: *mut ValRaw, count: usize) -> *mut c_void {
    let error = guard_call(|| {
        // SAFETY: the caller's; a `wasmtime_caller_t` is a `RawCaller`.
        let (checked, caller, slots) = unsafe {
            (&*env.cast::<Checked>(), &mut *caller.cast::<wasmtime_caller_t>(), std::slice::from_raw_parts_mut(slots, count))
        };
        checked.call(caller, slots)
    });
    error.map_or(ptr::null_mut(), |e| Box::into_raw(e).cast())
}

/// [`serve`] of functions of a few plain numbers: nothing has to be rooted or given up, and nothing here can panic.
///
/// # Safety
/// - As [`serve`]; `env` has its numbers.
unsafe extern "C" fn serve_numbers(
    env: *mut c_void,
    caller: *mut RawCaller<'_>,
    slots: *mut ValRaw,
    count: usize,
) -> *mut c_void {
    // SAFETY: the caller's.
    let (checked, slots) = unsafe { (&*env.cast::<Checked>(), std::slice::from_raw_parts_mut(slots, count)) };
    let Some(Numbers { params, results }) = &checked.numbers else { return ended(None, &mut []) };
    let mut args = [const { MaybeUninit::<wasmtime_val_t>::uninit() }; FEW];
    let mut answers = [const { MaybeUninit::<wasmtime_val_t>::uninit() }; FEW];
    for ((place, slot), kind) in args.iter_mut().zip(&*slots).zip(params) {
        place.write(wasmtime_val_t::number(*kind, slot));
    }
    let Some(answers) = answers.get_mut(..results.len()) else { return ended(None, &mut []) };
    answers.iter_mut().for_each(|place| _ = place.write(wasmtime_val_t::ZERO));
    // SAFETY: the caller gave function and environment to be used together; as many values as said are filled and live
    // through the call. A `wasmtime_caller_t` is a `RawCaller`.
    let (trap, answers) = unsafe {
        let (given, places) = (args.as_ptr().cast(), answers.as_mut_ptr().cast());
        let trap = (checked.callback)(checked.env.env(), caller.cast(), given, params.len(), places, results.len());
        (trap, answers.assume_init_mut())
    };
    if trap.is_some() {
        return ended(trap, answers);
    }
    for ((slot, answer), kind) in slots.iter_mut().zip(&*answers).zip(results) {
        match answer.number_slot(*kind) {
            Some(number) => *slot = number,
            None => return ended(None, answers),
        }
    }
    ptr::null_mut()
}

/// The answer of a call that brought a trap, or a result of the wrong kind. Gives up what C left in the results.
#[cold]
fn ended(trap: Option<Box<wasm_trap_t>>, answers: &mut [wasmtime_val_t]) -> *mut c_void {
    let error = guard_call(|| {
        answers.fill_with(|| wasmtime_val_t::ZERO);
        Err(trap.map_or_else(incompatible, |trap| trap.into_error()))
    });
    error.map_or(ptr::null_mut(), |e| Box::into_raw(e).cast())
}

/// A checked callback as guests call it.
pub(super) fn checked(ty: FuncType, callback: wasmtime_func_callback_t, env: Finalizer) -> Result<RawBody> {
    let numbers = Numbers::of(&ty);
    let call: RawFn = if numbers.is_some() { serve_numbers } else { serve };
    let checked = Arc::new(Checked { ty, callback: need(callback, "callback")?, env, numbers });
    let env = Arc::as_ptr(&checked).cast_mut().cast();
    let answered = move |answer: *mut c_void| {
        let _kept = &checked;
        // SAFETY: `serve` has just given it, or it is null.
        match unsafe { owned::<wasmtime_error_t>(answer) } {
            Some(error) => error.into_error(),
            None => no_context(),
        }
    };
    // SAFETY: `answered` owns the environment, which is never changed; neither function unwinds, both fill the results.
    Ok(unsafe { raw_body(call, env, answered) })
}

/// The object that an answer of a host function is, if it is not null.
///
/// # Safety
/// - `answer` is null or an owned `T`.
unsafe fn owned<T>(answer: *mut c_void) -> Option<Box<T>> {
    // SAFETY: the caller's.
    (!answer.is_null()).then(|| unsafe { Box::from_raw(answer.cast()) })
}

#[cold]
pub(super) fn incompatible() -> Error {
    Error::new(ErrorKind::Type, "function attempted to return an incompatible value")
}

/// An unchecked callback as guests call it: with nothing in between.
pub(super) fn unchecked(callback: wasmtime_func_unchecked_callback_t, env: Finalizer) -> Result<RawBody> {
    let callback = need(callback, "callback")?;
    let word = env.env();
    let answered = move |answer: *mut c_void| {
        let _kept = &env;
        // SAFETY: the callback has just given it, or it is null.
        match unsafe { owned::<wasm_trap_t>(answer) } {
            Some(trap) => trap.into_error(),
            None => no_context(),
        }
    };
    // SAFETY: one convention: a `wasmtime_caller_t` is a `RawCaller`, and an optional box is a pointer. The caller gave function and
    // environment to be used together, for results of the function's type, and `answered` owns the environment.
    unsafe {
        let call = std::mem::transmute::<UncheckedFn, RawFn>(callback);
        Ok(raw_body(call, word, answered))
    }
}

#[cold]
fn null_func() -> Result<()> {
    Err(Error::usage("function handle is null"))
}

/// A null handle, for functions that could not be made.
const NO_FUNC: wasmtime_func_t = wasmtime_func_t { store_id: 0, __private: ptr::null_mut() };

/// Makes a host function of the store and writes it to `ret`. `finalizer`, if given, is called with `env` when
/// the store is deleted. If `type` belongs to another engine the function is null. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_func_new(
    store: ContextPtr<'_>,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_callback_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ret: Option<&mut MaybeUninit<wasmtime_func_t>>,
) {
    guard(|| {
        let env = Finalizer::new(env, finalizer);
        let make = || -> Result<wasmtime_func_t> {
            let ctx = need(store, "store")?;
            let ty = type_for(ctx.store().engine(), ty)?;
            let func = Func::new_raw(ctx.store(), ty, checked(ty.clone(), callback, env)?)?;
            Ok(ctx.func_handle(&func))
        };
        put(ret, make().unwrap_or(NO_FUNC));
    });
}

/// Makes a host function with raw slots and writes it to `ret`; otherwise as `wasmtime_func_new`. That the callback
/// writes references which are not the store's, or of another type, is undefined behaviour. `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_func_new_unchecked(
    store: ContextPtr<'_>,
    ty: Option<&wasm_functype_t>,
    callback: wasmtime_func_unchecked_callback_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ret: Option<&mut MaybeUninit<wasmtime_func_t>>,
) {
    guard(|| {
        let env = Finalizer::new(env, finalizer);
        let make = || -> Result<wasmtime_func_t> {
            let ctx = need(store, "store")?;
            let ty = type_for(ctx.store().engine(), ty)?;
            let func = Func::new_raw(ctx.store(), ty, unchecked(callback, env)?)?;
            Ok(ctx.func_handle(&func))
        };
        put(ret, make().unwrap_or(NO_FUNC));
    });
}

/// The function's type, owned by the caller; NULL if the function is of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_func_type(
    store: Option<&wasmtime_context_t>,
    func: Option<&wasmtime_func_t>,
) -> Option<Box<wasm_functype_t>> {
    guard(|| {
        let ctx = store?;
        let ty = ctx.func(func?).ok()?.ty(ctx.store());
        wasm_functype_t::boxed((*ty).clone(), &Home::of(ctx.store().engine()))
    })
}

/// Checks arguments and result count, calls, and writes the results.
fn call(
    ctx: &wasmtime_context_t,
    func: &Func,
    args: &[wasmtime_val_t],
    results: &mut [MaybeUninit<wasmtime_val_t>],
) -> Result<()> {
    let ty = func.ty_ref(ctx.store());
    check_count("arguments", ty.params.len(), args.len())?;
    check_count("results", ty.results.len(), results.len())?;
    let mut slots = Room::new();
    slots.fill(ty.slots(), |_, place| _ = place.write(ValRaw::ZERO));
    let slots = slots.items();
    for ((slot, arg), ty) in slots.iter_mut().zip(args).zip(&ty.params) {
        *slot = arg.to_slot(ctx, *ty).map_err(|e| e.context("argument type mismatch"))?;
    }
    // SAFETY: as many slots as the type asks for, filled with checked values; one thread at a time is the C API's rule.
    unsafe { func.call_unchecked(ctx.store(), slots)? };
    for ((result, slot), ty) in results.iter_mut().zip(&*slots).zip(&ty.results) {
        wasmtime_val_t::put(result, ctx, slot, *ty);
    }
    Ok(())
}

#[inline]
pub(super) fn check_count(what: &str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Type, format!("expected {expected} {what}, got {got}")))
}

/// Calls a function. Three outcomes: an owned error returned; an owned trap in `*trap`; neither, and `results`
/// written. `*trap` is NULL in the other two. Arguments stay the caller's, results become the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_func_call(
    store: ContextPtr<'_>,
    func: Option<&wasmtime_func_t>,
    args: *const wasmtime_val_t,
    nargs: usize,
    results: *mut wasmtime_val_t,
    nresults: usize,
    trap: Option<&mut MaybeUninit<Option<Box<wasm_trap_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_call(move || {
        let run = move || {
            let ctx = need(store, "store")?;
            let func = ctx.func(need(func, "func")?)?;
            // SAFETY: the caller gives arrays of these lengths; results are only written.
            let (args, results) = unsafe { (slice(args, nargs)?, slots(results, nresults)?) };
            call(ctx, &func, args, results)
        };
        split_call(store, run(), trap)
    })
}

/// Whether there are as many raw slots as the function needs.
#[inline]
pub(in crate::capi) fn check_slots(func: &Func, ctx: &wasmtime_context_t, given: usize) -> Result<()> {
    func.check_slots(ctx.store(), given)
}

/// Calls a function with raw slots: parameters from the first slot on, results overwrite them. An array that is
/// shorter than the larger of both counts is refused; references among the values that are not the store's are undefined
/// behaviour. Outcomes as for `wasmtime_func_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_func_call_unchecked(
    store: ContextPtr<'_>,
    func: Option<&wasmtime_func_t>,
    args_and_results: *mut wasmtime_val_raw_t,
    args_and_results_len: usize,
    trap: Option<&mut MaybeUninit<Option<Box<wasm_trap_t>>>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_call(move || {
        let run = move || {
            let ctx = need(store, "store")?;
            let func = need(func, "func")?;
            ctx.check(func.store_id, "function")?;
            // SAFETY: the caller gives an array of this length, as long as the type asks for, with values of
            // its types, and a handle that this library made. One thread at a time is the C API's rule.
            unsafe {
                let raw = slots(args_and_results, args_and_results_len)?;
                Func::call_addr(ctx.store(), func.__private.addr(), raw.assume_init_mut()).unwrap_or_else(null_func)
            }
        };
        split_call(store, run(), trap)
    })
}

/// Makes a handle from a raw value that machine code of the store gave, or that `wasmtime_func_to_raw` did, and writes
/// it to `ret`. NULL makes the null function; using a handle made from anything else is undefined behaviour.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_func_from_raw(
    context: ContextPtr<'_>,
    raw: *mut c_void,
    ret: Option<&mut MaybeUninit<wasmtime_func_t>>,
) {
    guard(|| {
        let func = context.filter(|_| !raw.is_null());
        put(ret, func.map_or(NO_FUNC, |ctx| wasmtime_func_t { store_id: ctx.store().id(), __private: raw }));
    });
}

/// The raw value of a function; NULL for the null function and for one of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_func_to_raw(context: ContextPtr<'_>, func: Option<&wasmtime_func_t>) -> *mut c_void {
    guard_some(|| {
        let func = func?;
        context?.check(func.store_id, "function").ok()?;
        Some(func.__private)
    })
}

/// Looks up an export of the calling instance, of any kind: true and `item` written, or false, also when the
/// host called the function itself. Once the host function returned the caller's use is undefined behaviour.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_caller_export_get(
    caller: Option<&mut wasmtime_caller_t>,
    name: *const c_char,
    name_len: usize,
    item: Option<&mut MaybeUninit<wasmtime_extern_t>>,
) -> bool {
    guard_some(|| {
        let caller = caller?;
        // SAFETY: the caller gives `name_len` bytes.
        let found = caller.export(unsafe { text(name, name_len) }.ok()?)?;
        put_item(caller.ctx(), &found, item);
        Some(true)
    })
}

/// The context of the store, borrowed until the host function returns; then the caller's use is undefined behaviour.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_caller_context(caller: Option<&mut wasmtime_caller_t>) -> *mut wasmtime_context_t {
    guard_some(|| Some(ptr::from_ref(caller?.ctx()).cast_mut()))
}
