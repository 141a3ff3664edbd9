//! Functions, whether a guest's or the host's, and calling them from the host.

use super::caller::Caller;
use super::core::{CallEvent, core_of};
use super::engine::Engine;
use super::store::Store;
use super::value::Val;
use crate::base::{Error, ErrorKind, Result};
use crate::base::index::TypeIndex;
use crate::layout::{EntryTrampoline, ValRaw};
use crate::vm::code::CodeMap;
use crate::vm::{Exec, FuncRefPtr, HostBody, HostCall, HostFunc, RawBody, RawFn, Thread};
use crate::wasm::{FuncType, TypeId};
use smallvec::SmallVec;
use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

/// Slots that fit on the stack; more parameters or results than this are rare and cost an allocation.
type Slots = SmallVec<[ValRaw; 8]>;

/// A reference to a function of one store. Cheap to clone.
#[derive(Clone)]
pub struct Func {
    ptr: FuncRefPtr,
    store_id: u64,
    /// In a shared store, what has to live for the function to be callable.
    keep: Option<Arc<dyn Any + Send + Sync>>,
}

impl Func {
    /// A host function as callback. Its parameters come in the slots, its results go there. The number of slots is the
    /// larger of both counts; results overwrite parameters from slot 0 on.
    pub fn new(
        store: &Store,
        ty: &FuncType,
        body: impl Fn(&mut Caller<'_>, &mut [ValRaw]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Func> {
        let func = host_callback(store.engine(), ty, host_body(body), None)?;
        Ok(Func::adopt_host(store, func))
    }

    /// A host function in C's convention.
    pub fn new_raw(store: &Store, ty: &FuncType, body: RawBody) -> Result<Func> {
        let func = host_raw(store.engine(), ty, Arc::new(body), None)?;
        Ok(Func::adopt_host(store, func))
    }

    /// A host function whose calls suspend the guest: see [`GuestExec`](super::GuestExec). `id` comes back
    /// in [`Step::HostCall`](super::Step::HostCall).
    pub fn new_yield(store: &Store, ty: &FuncType, id: u64) -> Result<Func> {
        let func = host_yield(store.engine(), ty, id, None, None)?;
        Ok(Func::adopt_host(store, func))
    }

    pub(super) fn adopt_host(store: &Store, func: Arc<HostFunc>) -> Func {
        let ptr = func.func_ref();
        if store.core().may_watch() && store.core().has_hook() {
            func.watch();
        }
        store.pin(func);
        Func { ptr, store_id: store.id(), keep: None }
    }

    pub(super) fn from_ptr(store: &Store, ptr: FuncRefPtr, keep: Option<Arc<dyn Any + Send + Sync>>) -> Func {
        Func { ptr, store_id: store.id(), keep }
    }

    /// A function reference as a word: the address of its record, 0 for null.
    pub(super) fn from_word(store: &Store, word: u64) -> Option<Func> {
        let ptr = from_addr(word as usize)?;
        Some(Func { ptr, store_id: store.id(), keep: None })
    }

    pub fn store_id(&self) -> u64 {
        self.store_id
    }

    /// The address of the function's record: its value in a slot, and its identity.
    pub fn addr(&self) -> usize {
        self.ptr.as_ptr().addr()
    }

    pub(super) fn ptr(&self) -> FuncRefPtr {
        self.ptr
    }

    /// The number of its type in the engine.
    pub fn type_id(&self) -> TypeId {
        self.ptr.type_id()
    }

    #[inline]
    pub(super) fn check_store(&self, store: &Store) -> Result<()> {
        if self.store_id == store.id() {
            return Ok(());
        }
        Err(wrong_store("function"))
    }

    pub fn ty(&self, store: &Store) -> Arc<FuncType> {
        store.engine().types().get(self.type_id()).clone()
    }

    /// Whether every call is over soon, without waiting for anything and without the host: the function runs a thousand operators
    /// at most, callees included, none of them in a loop.
    pub fn is_brief(&self) -> bool {
        self.ptr.is_brief()
    }

    /// [`Func::ty`] without a count.
    pub fn ty_ref<'s>(&self, store: &'s Store) -> &'s FuncType {
        store.engine().types().get(self.type_id())
    }

    /// Calls with checked arguments; `results` is overwritten on success.
    pub fn call(&self, store: &Store, args: &[Val], results: &mut [Val]) -> Result<()> {
        self.check_store(store)?;
        let ty = self.ty(store);
        check_arity(&ty, args.len(), results.len())?;
        let mut slots = Slots::from_elem(ValRaw::ZERO, ty.slots());
        for ((slot, arg), ty) in slots.iter_mut().zip(args).zip(&ty.params) {
            arg.check(store, *ty).map_err(|e| e.context("argument type mismatch"))?;
            *slot = arg.to_raw();
        }
        self.call_slots(store, &mut slots)?;
        for ((result, slot), ty) in results.iter_mut().zip(&slots).zip(&ty.results) {
            *result = Val::from_raw(store, *slot, *ty);
        }
        Ok(())
    }

    /// Calls with raw slots: parameters in, results out.
    ///
    /// # Safety
    /// - `slots` holds at least as many slots as the type has parameters, and as it has results;
    /// - references among the parameters belong to `store` and are of the type's kind;
    /// - one thread at a time calls into `store`, if it is exclusive.
    #[inline]
    pub unsafe fn call_unchecked(&self, store: &Store, slots: &mut [ValRaw]) -> Result<()> {
        self.check_store(store)?;
        // SAFETY: the caller's.
        unsafe { Func::call_ptr(store, self.ptr, slots.as_mut_ptr()) }
    }

    /// [`Func::call_unchecked`] of the function with this [`Func::addr`]; `None` if that is 0.
    ///
    /// # Safety
    /// - As there, but too few slots are refused;
    /// - `addr` is that of a function of `store`, or 0.
    #[inline]
    pub unsafe fn call_addr(store: &Store, addr: usize, slots: &mut [ValRaw]) -> Option<Result<()>> {
        from_addr(addr).map(|ptr| {
            check_slots(store, ptr.type_id(), slots.len())?;
            // SAFETY: the caller's.
            unsafe { Func::call_ptr(store, ptr, slots.as_mut_ptr()) }
        })
    }

    /// Whether `given` raw slots are as many as the function needs.
    #[inline]
    pub fn check_slots(&self, store: &Store, given: usize) -> Result<()> {
        check_slots(store, self.type_id(), given)
    }

    /// # Safety
    /// - As [`Func::call_unchecked`].
    #[inline]
    unsafe fn call_ptr(store: &Store, ptr: FuncRefPtr, slots: *mut ValRaw) -> Result<()> {
        let max_stack = store.core().max_stack();
        if max_stack == 0 {
            // SAFETY: the caller's.
            return unsafe { Func::call_watched(store, ptr, slots) };
        }
        let thread = Thread::this()?;
        // SAFETY: as in `call_slots`, and the caller's.
        unsafe {
            match store.claim_home(thread) {
                Some((exec, _busy)) => exec.call(thread, ptr, slots, max_stack),
                None => Func::call_elsewhere(store, ptr, slots, max_stack),
            }
        }
    }

    /// [`Func::call_ptr`] from a host function, in a shared store, or in a store that another thread is in.
    ///
    /// # Safety
    /// - As [`Func::call_unchecked`].
    #[inline(never)]
    unsafe fn call_elsewhere(store: &Store, ptr: FuncRefPtr, slots: *mut ValRaw, max_stack: usize) -> Result<()> {
        // SAFETY: as in `call_slots`, and the caller's.
        store.with_exec(|exec, thread| unsafe { exec.call(thread, ptr, slots, max_stack) })
    }

    /// A call in a store that has more to look at.
    ///
    /// # Safety
    /// - As [`Func::call_unchecked`].
    #[cold]
    unsafe fn call_watched(store: &Store, ptr: FuncRefPtr, slots: *mut ValRaw) -> Result<()> {
        let max_stack = store.core().look_closer()?;
        store.core().watch(CallEvent::CallingGuest)?;
        // SAFETY: the caller's.
        let outcome = unsafe { Func::call_elsewhere(store, ptr, slots, max_stack) };
        store.core().watch(CallEvent::ReturningFromGuest)?;
        outcome
    }

    /// The slots are known to fit.
    pub(super) fn call_slots(&self, store: &Store, slots: &mut [ValRaw]) -> Result<()> {
        let slots = slots.as_mut_ptr();
        // SAFETY: the record belongs to `store`, which is alive and owns or keeps what the record points to;
        // the slots fit the function's type (checked by `call`, promised to `call_unchecked`).
        unsafe {
            match store.core().max_stack() {
                0 => Func::call_watched(store, self.ptr, slots),
                max_stack => Func::call_elsewhere(store, self.ptr, slots, max_stack),
            }
        }
    }

    /// A reference that goes where no count follows it (a table, a global, an argument) pins what it points to.
    pub fn pin(&self, store: &Store) {
        if let Some(keep) = &self.keep {
            store.pin(keep.clone());
        }
    }

    /// Keeps what the function needs alive for as long as the clone lives.
    pub(super) fn keep(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.keep.as_ref()
    }
}

/// What a host function runs, seen from below: one indirect call.
pub(super) fn host_body(
    body: impl Fn(&mut Caller<'_>, &mut [ValRaw]) -> Result<()> + Send + Sync + 'static,
) -> HostBody {
    Arc::new(move |call: &mut HostCall<'_>| {
        let mut caller = Caller::new(call)?;
        body(&mut caller, call.slots()).map_err(|e| caller.store().host_error(e))
    })
}

/// A function in C's convention, called directly by guests with `env`, the slots and how many there are. An answer other than null
/// stops the guest: `answered` makes the error, also of null, for stores without a [`Store::host_word`], in which nothing is
/// called. What `answered` owns lives as long as the function.
///
/// # Safety
/// - `call` may be called with `env` by any thread, as long as `answered` lives, and does not unwind;
/// - it leaves results of the function's type in the slots if it answers null.
pub unsafe fn raw_body(
    call: RawFn,
    env: *mut c_void,
    answered: impl Fn(*mut c_void) -> Error + Send + Sync + 'static,
) -> RawBody {
    let error = move |exec: &Exec, answer| {
        let error = answered(answer);
        match core_of(exec) {
            Some(core) => core.borrow_store().host_error(error),
            None => error,
        }
    };
    // SAFETY: the caller's.
    unsafe { RawBody::new(call, env, error) }
}

/// A host function in C's convention.
pub(super) fn host_raw(engine: &Engine, ty: &FuncType, body: Arc<RawBody>, code: Option<HostCode>) -> Result<Arc<HostFunc>> {
    let id = engine.types().intern(ty)?;
    let code = HostCode::resolve(engine, id, code)?;
    Ok(HostFunc::raw(id, ty, code.host, code.entry, code.keep, body))
}

/// A host function of callback form.
pub(super) fn host_callback(
    engine: &Engine,
    ty: &FuncType,
    body: HostBody,
    code: Option<HostCode>,
) -> Result<Arc<HostFunc>> {
    let id = engine.types().intern(ty)?;
    let code = HostCode::resolve(engine, id, code)?;
    Ok(HostFunc::callback(id, ty, code.host, code.entry, code.keep, body))
}

/// A host function of yield form.
pub(super) fn host_yield(
    engine: &Engine,
    ty: &FuncType,
    id: u64,
    code: Option<HostCode>,
    keep: Option<Arc<dyn Any + Send + Sync>>,
) -> Result<Arc<HostFunc>> {
    let type_id = engine.types().intern(ty)?;
    let code = HostCode::resolve(engine, type_id, code)?;
    let keep = match keep {
        Some(more) => Arc::new((code.keep, more)),
        None => code.keep,
    };
    Ok(HostFunc::yielding(type_id, ty, code.host, code.entry, keep, id))
}

/// The two trampolines of a host function's type, and what owns them.
pub(super) struct HostCode {
    host: *const u8,
    entry: EntryTrampoline,
    keep: Arc<dyn Any + Send + Sync>,
}

impl HostCode {
    /// What a module that imports functions of this type brings along.
    pub(super) fn of_module(code: &Arc<CodeMap>, ty: TypeIndex) -> Option<HostCode> {
        Some(HostCode { host: code.host(ty)?, entry: code.entry(ty)?, keep: code.clone() })
    }

    /// `code`, or the engine's own trampolines, compiled when a type first needs them.
    fn resolve(engine: &Engine, ty: TypeId, code: Option<HostCode>) -> Result<HostCode> {
        if let Some(code) = code {
            return Ok(code);
        }
        let made = engine.types().entry(ty).trampolines(engine)?;
        Ok(HostCode { host: made.host(), entry: made.entry(), keep: made })
    }
}

/// The record at this address; `None` for 0.
#[inline]
fn from_addr(addr: usize) -> Option<FuncRefPtr> {
    // SAFETY: addresses of records come from machine code of the store at hand or from `Func::addr`, whose
    // users promise to hand back only what they were given while the store lives.
    unsafe { FuncRefPtr::from_raw(core::ptr::with_exposed_provenance(addr)) }
}

#[inline]
fn check_slots(store: &Store, ty: TypeId, given: usize) -> Result<()> {
    let needed = store.engine().types().get(ty).slots();
    if given >= needed { Ok(()) } else { Err(few_slots(needed, given)) }
}

#[cold]
fn few_slots(needed: usize, given: usize) -> Error {
    Error::usage(format!("expected {needed} slots for arguments and results, got {given}"))
}

fn check_arity(ty: &FuncType, args: usize, results: usize) -> Result<()> {
    if args != ty.params.len() {
        let message = format!("expected {} arguments, got {args}", ty.params.len());
        return Err(Error::new(ErrorKind::Type, message));
    }
    if results != ty.results.len() {
        let message = format!("expected {} results, got {results}", ty.results.len());
        return Err(Error::new(ErrorKind::Type, message));
    }
    Ok(())
}

#[cold]
pub(super) fn wrong_store(what: &str) -> Error {
    Error::usage(format!("{what} used with the wrong store"))
}

impl std::fmt::Debug for Func {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Func({:#x} of store {})", self.addr(), self.store_id)
    }
}
