//! Functions.

use super::super::ffi::{CVec, Finalizer, StorePtr, guard, guard_some, need, slots};
use super::super::wasmtime::store::wasmtime_context_t;
use super::Home;
use super::engine::wasm_store_t;
use super::externs::wasm_extern_t;
use super::functype::wasm_functype_t;
use super::reference::{self, Class, Object, extern_object, wasm_ref_t};
use super::trap::wasm_trap_t;
use super::val::{wasm_val_t, wasm_val_vec_t};
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{Caller, Extern, Func, Val, ValRaw};
use crate::wasm::FuncType;
use smallvec::SmallVec;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Arc, Weak};

/// A function of a store.
#[cfg_attr(all(), repr(transparent))]
pub struct wasm_func_t(wasm_ref_t);
extern_object!(wasm_func_t, Func, Func);

/// A host function: reads `args`, writes `results`, and returns NULL, or a trap (consumed) that stops the guest.
pub type wasm_func_callback_t = Option<
    unsafe extern "C" fn(args: *const wasm_val_vec_t, results: *mut wasm_val_vec_t) -> Option<Box<wasm_trap_t>>,
>;

/// A host function with a pointer of the host's own; otherwise as `wasm_func_callback_t`.
pub type wasm_func_callback_with_env_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> Option<Box<wasm_trap_t>>,
>;

/// Makes a host function out of the C function that `call` calls.
fn make(
    store: Option<&wasm_store_t>,
    ty: Option<&wasm_functype_t>,
    call: impl Fn(&wasm_val_vec_t, &mut wasm_val_vec_t) -> Option<Box<wasm_trap_t>> + Send + Sync + 'static,
) -> Option<Box<wasm_func_t>> {
    let (ctx, object) = (store?.ctx(), ty?);
    object.home().check(ctx.store().engine()).ok()?;
    let ty = object.ty()?.clone();
    // The store owns the function, so the function must not keep the store alive.
    let (home, own_ty) = (Arc::downgrade(ctx), ty.clone());
    let body = move |_: &mut Caller<'_>, slots: &mut [ValRaw]| serve(&home, &own_ty, &call, slots);
    let func = Func::new(ctx.store(), &ty, body).ok()?;
    Some(Box::new(wasm_func_t::new(ctx, func)))
}

/// One call of a host function.
fn serve(
    home: &Weak<wasmtime_context_t>,
    ty: &FuncType,
    call: &impl Fn(&wasm_val_vec_t, &mut wasm_val_vec_t) -> Option<Box<wasm_trap_t>>,
    slots: &mut [ValRaw],
) -> Result<()> {
    let ctx = home.upgrade().ok_or_else(|| Error::internal("a host function outlived its store"))?;
    let mut args = Vec::with_capacity(ty.params.len());
    for (slot, ty) in slots.iter().zip(&ty.params) {
        args.push(wasm_val_t::from_val(&ctx, Val::from_raw(ctx.store(), *slot, *ty))?);
    }
    let mut args = wasm_val_vec_t::from_items(args);
    let mut results = wasm_val_vec_t::from_items(vec![wasm_val_t::default(); ty.results.len()]);
    let trap = call(&args, &mut results);
    drop(args.take());
    let results = results.take();
    if let Some(trap) = trap {
        return Err(trap.into_error());
    }
    if results.len() != ty.results.len() {
        return Err(incompatible());
    }
    for ((slot, result), ty) in slots.iter_mut().zip(&results).zip(&ty.results) {
        let val = result.to_val(&ctx, *ty).map_err(|_| incompatible())?;
        val.check(ctx.store(), *ty).map_err(|_| incompatible())?;
        *slot = val.to_raw();
    }
    Ok(())
}

#[cold]
fn incompatible() -> Error {
    Error::new(ErrorKind::Type, "function attempted to return an incompatible value")
}

/// Makes a host function of the store, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_new(
    store: StorePtr<'_>,
    ty: Option<&wasm_functype_t>,
    callback: wasm_func_callback_t,
) -> Option<Box<wasm_func_t>> {
    guard(|| {
        let callback = callback?;
        // SAFETY: a C function for this purpose; both vectors live through the call.
        make(store, ty, move |args, results| unsafe { callback(args, results) })
    })
}

/// Makes a host function with a pointer of the host's own; `finalizer`, if given, is called with it when the
/// store and all its objects are gone.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_new_with_env(
    store: StorePtr<'_>,
    ty: Option<&wasm_functype_t>,
    callback: wasm_func_callback_with_env_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<wasm_func_t>> {
    guard(|| {
        let env = Finalizer::new(env, finalizer);
        let callback = callback?;
        // SAFETY: function and pointer were given to be used together; both vectors live through the call.
        make(store, ty, move |args, results| unsafe { callback(env.env(), args, results) })
    })
}

/// The type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_type(func: Option<&wasm_func_t>) -> Option<Box<wasm_functype_t>> {
    guard(|| {
        let (ctx, func) = func?.parts()?;
        wasm_functype_t::boxed((*func.ty(ctx.store())).clone(), &Home::of(ctx.store().engine()))
    })
}

/// How many parameters the function takes.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_param_arity(func: Option<&wasm_func_t>) -> usize {
    guard_some(|| {
        let (ctx, func) = func?.parts()?;
        Some(func.ty(ctx.store()).params.len())
    })
}

/// How many results the function gives.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_result_arity(func: Option<&wasm_func_t>) -> usize {
    guard_some(|| {
        let (ctx, func) = func?.parts()?;
        Some(func.ty(ctx.store()).results.len())
    })
}

fn call(
    func: Option<&wasm_func_t>,
    args: &[wasm_val_t],
    results: &mut [MaybeUninit<wasm_val_t>],
) -> Result<()> {
    let (ctx, func) = need(func.and_then(wasm_func_t::parts), "func")?;
    let ty = func.ty(ctx.store());
    let count = |what: &str, expected: usize, got: usize| {
        Error::new(ErrorKind::Type, format!("expected {expected} {what}, got {got}"))
    };
    if args.len() != ty.params.len() {
        return Err(count("arguments", ty.params.len(), args.len()));
    }
    if results.len() < ty.results.len() {
        return Err(count("results", ty.results.len(), results.len()));
    }
    let args = args.iter().zip(&ty.params).map(|(arg, ty)| arg.to_val(ctx, *ty));
    let args: SmallVec<[Val; 4]> = args.collect::<Result<_>>()?;
    let mut out: SmallVec<[Val; 2]> = ty.results.iter().map(|_| Val::I32(0)).collect();
    func.call(ctx.store(), &args, &mut out)?;
    let out = out.into_iter().map(|v| wasm_val_t::from_val(ctx, v)).collect::<Result<Vec<_>>>()?;
    for (slot, value) in results.iter_mut().zip(out) {
        slot.write(value);
    }
    Ok(())
}

/// Calls the function. NULL, and `results` overwritten; or the reason, whatever it is, as a trap owned by the
/// caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_call(
    func: Option<&wasm_func_t>,
    args: Option<&wasm_val_vec_t>,
    results: Option<&mut wasm_val_vec_t>,
) -> Option<Box<wasm_trap_t>> {
    guard(|| {
        let args = args.map_or(&[][..], CVec::as_slice);
        let (size, data) = results.map_or((0, ptr::null_mut()), |r| r.parts());
        // SAFETY: a vector of the caller's whose elements are only written.
        let result = unsafe { slots(data, size) }.and_then(|results| call(func, args, results));
        let home = || func.and_then(wasm_func_t::parts).map(|(ctx, _)| Arc::downgrade(ctx)).unwrap_or_default();
        result.err().map(|error| wasm_trap_t::of_call(error, home()))
    })
}

/// Frees the handle; the function lives on while anything else uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_delete(it: Option<Box<wasm_func_t>>) {
    guard(|| drop(it));
}

/// Another handle of the same function, owned by the caller; host info is shared.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_copy(it: Option<&wasm_func_t>) -> Option<Box<wasm_func_t>> {
    guard(|| Some(Box::new(wasm_func_t(it?.0.clone()))))
}

/// Whether both handles are of the same function.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_same(a: Option<&wasm_func_t>, b: Option<&wasm_func_t>) -> bool {
    guard_some(|| Some(a?.0.same(&b?.0)))
}

/// The host's own pointer; NULL if none was set.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_get_host_info(it: Option<&wasm_func_t>) -> *mut c_void {
    guard_some(|| Some(it?.0.host_info()))
}

/// Sets the host's own pointer, shared by all copies of the handle.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_set_host_info(it: Option<&mut wasm_func_t>, info: *mut c_void) {
    guard(|| it.map(|it| it.0.set_host_info(info, None)).unwrap_or_default());
}

/// Sets the host's own pointer and what is called with it when the last copy of the handle is gone, or when
/// the pointer is replaced.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_set_host_info_with_finalizer(
    it: Option<&mut wasm_func_t>,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard(|| it.map(|it| it.0.set_host_info(info, finalizer)).unwrap_or_default());
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_as_ref(it: Option<&mut wasm_func_t>) -> *mut wasm_ref_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0)))
}

/// The same object as a reference: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_as_ref_const(it: Option<&wasm_func_t>) -> *const wasm_ref_t {
    guard_some(|| Some(ptr::from_ref(&it?.0)))
}

/// The reference as a function, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_func(it: Option<&mut wasm_ref_t>) -> *mut wasm_func_t {
    reference::view_mut(it, Class::Func)
}

/// The reference as a function, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_as_func_const(it: Option<&wasm_ref_t>) -> *const wasm_func_t {
    reference::view(it, Class::Func)
}


/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_as_extern(it: Option<&mut wasm_func_t>) -> *mut wasm_extern_t {
    guard_some(|| Some(ptr::from_mut(&mut it?.0).cast()))
}

/// The same object as an extern: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_as_extern_const(it: Option<&wasm_func_t>) -> *const wasm_extern_t {
    guard_some(|| Some(ptr::from_ref(&it?.0).cast()))
}

/// The extern as a func, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_func(it: Option<&mut wasm_extern_t>) -> *mut wasm_func_t {
    guard_some(|| Some(reference::view_mut(Some(it?.reference_mut()), Class::Func)))
}

/// The extern as a func, or NULL if it is something else; not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_extern_as_func_const(it: Option<&wasm_extern_t>) -> *const wasm_func_t {
    guard_some(|| Some(reference::view(Some(it?.reference()), Class::Func)))
}

