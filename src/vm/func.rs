//! Function references and host functions.

use super::asm;
use super::exec::Exec;
use super::instance::Instance;
use super::rawcall::{Call, RawBody};
use crate::base::index::FuncIndex;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::*;
use crate::wasm::{FuncType, TypeId};
use core::ffi::c_void;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A function reference that is not null. Copies freely; the record lives as long as its owner, an instance or a host
/// function, which whoever keeps a reference must keep too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct FuncRefPtr(NonNull<VmFuncRef>);

// SAFETY: records are written before anybody else sees them and immutable afterwards.
unsafe impl Send for FuncRefPtr {}
// SAFETY: as above.
unsafe impl Sync for FuncRefPtr {}

impl FuncRefPtr {
    /// `None` for null.
    ///
    /// # Safety
    /// - `raw` is null or points to a filled function record, whose owner outlives the result's use.
    pub unsafe fn from_raw(raw: *const VmFuncRef) -> Option<FuncRefPtr> {
        NonNull::new(raw.cast_mut()).map(FuncRefPtr)
    }

    /// From a slot or table element.
    ///
    /// # Safety
    /// - As [`FuncRefPtr::from_raw`].
    pub unsafe fn from_u64(raw: u64) -> Option<FuncRefPtr> {
        // SAFETY: the caller's.
        unsafe { FuncRefPtr::from_raw(core::ptr::with_exposed_provenance(raw as usize)) }
    }

    pub fn as_ptr(self) -> *const VmFuncRef {
        self.0.as_ptr()
    }

    /// As a slot or table element.
    pub fn to_raw(self) -> u64 {
        self.0.as_ptr().expose_provenance() as u64
    }

    pub(super) fn record(&self) -> &VmFuncRef {
        // SAFETY: a `FuncRefPtr` is only made from filled records; whoever holds it keeps the owner.
        unsafe { self.0.as_ref() }
    }

    pub fn type_id(self) -> TypeId {
        self.record().type_id
    }

    /// Index in the defining module; `None` for host functions.
    pub fn func_index(self) -> Option<FuncIndex> {
        let index = self.record().func_index;
        (index != HOST_FUNC_INDEX).then_some(FuncIndex(index))
    }

    /// The instance that defines it; `None` for host functions.
    pub fn instance(&self) -> Option<&Instance> {
        self.func_index()?;
        // SAFETY: a wasm function's record holds the vmctx of its instance, which lives as long as the record.
        Some(unsafe { Instance::from_vmctx(self.record().vmctx.cast()) })
    }

    /// Whether it is a wasm function all of whose calls are over soon: see `Image::is_brief`.
    pub fn is_brief(&self) -> bool {
        let defined = |i: &Instance, f| i.info().defined_func(f).is_some_and(|f| i.code().image().is_brief(f));
        self.func_index().zip(self.instance()).is_some_and(|(f, i)| defined(i, f))
    }

    /// The host function; `None` for wasm functions.
    pub fn host_func(&self) -> Option<&HostFunc> {
        if self.func_index().is_some() {
            return None;
        }
        // SAFETY: a host function's record is the head of its `HostFunc`, and its vmctx points to that.
        Some(unsafe { &*self.record().vmctx.cast::<HostFunc>() })
    }
}

/// What a callback runs.
pub type HostBody = Arc<dyn Fn(&mut HostCall<'_>) -> Result<()> + Send + Sync>;

/// A function of the host as guests call it. Begins with the record that machine code sees.
#[repr(C)]
pub struct HostFunc {
    vm: VmHostFunc,
    slots: usize,
    call: Call,
    ty: FuncType,
    body: Body,
    /// Owner of the trampolines.
    _keep: Arc<dyn Any + Send + Sync>,
}

enum Body {
    Closure(HostBody),
    Raw(Arc<RawBody>),
    Yield,
}

/// For [`asm::raw_call_thunk`].
pub(super) const RAW_SLOTS: usize = core::mem::offset_of!(HostFunc, slots);
pub(super) const RAW_FUNCTION: usize = core::mem::offset_of!(HostFunc, call.function);
pub(super) const RAW_ENV: usize = core::mem::offset_of!(HostFunc, call.env);

// SAFETY: the pointers in `vm` and `call` lead to immutable code and to the value itself, or are the body's; it is Send and Sync.
unsafe impl Send for HostFunc {}
// SAFETY: as above.
unsafe impl Sync for HostFunc {}

impl std::fmt::Debug for HostFunc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HostFunc(id {}, {})", self.vm.id, self.ty)
    }
}

impl HostFunc {
    /// A function that runs `body` on the guest's stack. `code` and `entry` are the host and entry trampoline of `ty`,
    /// which `keep` owns.
    pub fn callback(
        ty_id: TypeId,
        ty: &FuncType,
        code: *const u8,
        entry: EntryTrampoline,
        keep: Arc<dyn Any + Send + Sync>,
        body: HostBody,
    ) -> Arc<HostFunc> {
        HostFunc::make(ty_id, ty, code, entry, keep, (Body::Closure(body), asm::host_call_thunk, 0))
    }

    /// [`HostFunc::callback`] of a function in C's convention.
    pub fn raw(
        ty_id: TypeId,
        ty: &FuncType,
        code: *const u8,
        entry: EntryTrampoline,
        keep: Arc<dyn Any + Send + Sync>,
        body: Arc<RawBody>,
    ) -> Arc<HostFunc> {
        HostFunc::make(ty_id, ty, code, entry, keep, (Body::Raw(body), asm::raw_call_thunk, 0))
    }

    /// A function whose calls suspend the guest and are reported by [`Step::HostCall`](super::Step) with `id`.
    pub fn yielding(
        ty_id: TypeId,
        ty: &FuncType,
        code: *const u8,
        entry: EntryTrampoline,
        keep: Arc<dyn Any + Send + Sync>,
        id: u64,
    ) -> Arc<HostFunc> {
        HostFunc::make(ty_id, ty, code, entry, keep, (Body::Yield, asm::yield_thunk, id))
    }

    fn make(
        type_id: TypeId,
        ty: &FuncType,
        code: *const u8,
        entry: EntryTrampoline,
        keep: Arc<dyn Any + Send + Sync>,
        (body, native, id): (Body, HostNative, u64),
    ) -> Arc<HostFunc> {
        Arc::new_cyclic(|this: &std::sync::Weak<HostFunc>| {
            let vmctx = this.as_ptr().cast_mut().cast::<c_void>();
            let func_ref = VmFuncRef { code, vmctx, type_id, func_index: HOST_FUNC_INDEX, entry };
            let call = if let Body::Raw(raw) = &body { raw.call() } else { Call::NONE };
            let vm = VmHostFunc { func_ref, native: AtomicUsize::new(native as usize), id };
            HostFunc { vm, slots: ty.slots(), call, ty: ty.clone(), body, _keep: keep }
        })
    }

    pub fn func_ref(&self) -> FuncRefPtr {
        FuncRefPtr(NonNull::from(&self.vm.func_ref))
    }

    /// The number given to [`HostFunc::yielding`]; 0 for callbacks.
    pub fn id(&self) -> u64 {
        self.vm.id
    }

    /// Slots of an argument array.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The type as it was given, concrete types by the giver's numbers.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }

    /// From now on calls of the function are shown to the stores that make them: [`Upcalls::calling_host`](super::Upcalls).
    /// Calls that yield are seen by whoever resumes them.
    pub fn watch(&self) {
        if !self.is_yielding() {
            self.vm.native.store(asm::watched_call_thunk as *const () as usize, Ordering::Relaxed);
        }
    }

    pub fn is_yielding(&self) -> bool {
        matches!(self.body, Body::Yield)
    }

    pub(super) fn raw_body(&self) -> Option<&RawBody> {
        if let Body::Raw(raw) = &self.body { Some(raw) } else { None }
    }
}

/// A host function's view of its call.
pub struct HostCall<'a> {
    exec: &'a Exec,
    func: &'a HostFunc,
    slots: &'a mut [ValRaw],
}

impl<'a> HostCall<'a> {
    pub fn exec(&self) -> &'a Exec {
        self.exec
    }

    /// Parameters on entry, results on return.
    pub fn slots(&mut self) -> &mut [ValRaw] {
        self.slots
    }

    /// `None` when the host called the function itself.
    pub fn caller_instance(&self) -> Option<&'a Instance> {
        self.exec.caller_instance()
    }

    pub fn id(&self) -> u64 {
        self.func.id()
    }

    pub fn func(&self) -> &'a HostFunc {
        self.func
    }
}

/// Body of [`asm::host_call_thunk`]. Never unwinds; on failure the reason is left with the exec.
///
/// # Safety
/// - `exec` is running on this thread; `func` is the head of a live [`HostFunc`]; `slots` has room for its type's slots.
pub(super) unsafe extern "C" fn host_call_body(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw) {
    // SAFETY: the caller's; slots are the trampoline's own, disjoint from everything else.
    let (exec, func, slots) = unsafe {
        let func = &*func.cast::<HostFunc>();
        (Exec::from_vm(exec), func, core::slice::from_raw_parts_mut(slots, func.slots))
    };
    let outcome = match &func.body {
        Body::Closure(body) => guarded(|| body(&mut HostCall { exec, func, slots })),
        Body::Raw(body) => guarded(|| body.run(exec, slots)),
        Body::Yield => Err(Error::usage(format!(
            "host function {} suspends its caller, which is only possible in a call on a private stack",
            func.id()
        ))),
    };
    exec.abandon_suspended();
    if let Err(e) = outcome {
        exec.fail(e);
    }
}

/// Body of [`asm::watched_call_thunk`]: [`host_call_body`] between two looks at the store's hook.
///
/// # Safety
/// - As [`host_call_body`].
pub(super) unsafe extern "C" fn watched_call_body(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw) {
    // SAFETY: the caller's.
    let e = unsafe { Exec::from_vm(exec) };
    if let Err(error) = guarded(|| e.upcalls().calling_host()) {
        return e.fail(error);
    }
    // SAFETY: the caller's.
    unsafe { host_call_body(exec, func, slots) };
    if let Err(error) = guarded(|| e.upcalls().returning_from_host()) {
        e.fail(error);
    }
}

/// What a panicking host function threw, in [`Error::payload`].
pub struct PanicPayload(parking_lot::Mutex<Option<Box<dyn Any + Send>>>);

impl PanicPayload {
    /// The payload, once: for `std::panic::resume_unwind`.
    pub fn take(&self) -> Option<Box<dyn Any + Send>> {
        self.0.lock().take()
    }
}

/// Runs `f`; a panic becomes an error of kind [`ErrorKind::Internal`] that carries a [`PanicPayload`].
pub(super) fn guarded<R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(r) => r,
        Err(payload) => Err(panic_error(payload)),
    }
}

#[cold]
fn panic_error(payload: Box<dyn Any + Send>) -> Error {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(s), _) => s,
        (_, Some(s)) => s.as_str(),
        _ => "a value that is not text",
    };
    let e = Error::new(ErrorKind::Internal, format!("panic in a host function: {text}"));
    e.with_payload(Box::new(PanicPayload(parking_lot::Mutex::new(Some(payload)))))
}
