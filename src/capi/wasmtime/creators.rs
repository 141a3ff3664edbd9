//! What the host gave to make memories and private stacks with, as the engine asks for it.

use super::super::ffi::Finalizer;
use super::super::wasm::memorytype::wasm_memorytype_t;
use super::config::{wasmtime_linear_memory_t, wasmtime_memory_creator_t};
use super::error::wasmtime_error_t;
use super::future::{wasmtime_stack_creator_t, wasmtime_stack_memory_t};
use crate::base::{Error, Result};
use crate::runtime::{HostMemory, HostStack, MemoryCreator, MemoryPlace, MemoryRequest, StackCreator};
use std::ffi::c_void;
use std::fmt;
use std::ptr;

#[cold]
fn no_callback(name: &str) -> Error {
    Error::usage(format!("`{name}` is null"))
}

type NewMemory = unsafe extern "C" fn(
    *mut c_void,
    *const wasm_memorytype_t,
    usize,
    usize,
    usize,
    usize,
    *mut wasmtime_linear_memory_t,
) -> Option<Box<wasmtime_error_t>>;
type GetMemory = unsafe extern "C" fn(*mut c_void, *mut usize, *mut usize) -> *mut u8;
type GrowMemory = unsafe extern "C" fn(*mut c_void, usize) -> Option<Box<wasmtime_error_t>>;

/// A `wasmtime_memory_creator_t`; its finalizer runs when the last engine and memory are gone.
pub(super) struct CMemoryCreator {
    env: Finalizer,
    new_memory: Option<NewMemory>,
}

impl CMemoryCreator {
    pub(super) fn new(creator: &wasmtime_memory_creator_t) -> CMemoryCreator {
        CMemoryCreator { env: Finalizer::new(creator.env, creator.finalizer), new_memory: creator.new_memory }
    }
}

impl fmt::Debug for CMemoryCreator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CMemoryCreator({:?})", self.env.env())
    }
}

// SAFETY: the C interface asks its users for memories that keep the promises of `HostMemory`.
unsafe impl MemoryCreator for CMemoryCreator {
    fn create(&self, request: &MemoryRequest) -> Result<Box<dyn HostMemory>> {
        let new_memory = self.new_memory.ok_or_else(|| no_callback("new_memory"))?;
        let ty = wasm_memorytype_t::boxed(request.ty);
        let ty = ty.as_deref().map_or(ptr::null(), ptr::from_ref);
        let r = request;
        let mut made =
            wasmtime_linear_memory_t { env: ptr::null_mut(), get_memory: None, grow_memory: None, finalizer: None };
        // SAFETY: the caller gave function and environment to be used together; the type lives through the call.
        let refused = unsafe { new_memory(self.env.env(), ty, r.minimum, r.maximum, r.reserved, r.guard, &mut made) };
        if let Some(error) = refused {
            return Err(error.into_error());
        }
        // From here on the memory's finalizer runs, whatever happens.
        let env = Finalizer::new(made.env, made.finalizer);
        Ok(Box::new(CMemory {
            env,
            get: made.get_memory.ok_or_else(|| no_callback("get_memory"))?,
            grow: made.grow_memory.ok_or_else(|| no_callback("grow_memory"))?,
        }))
    }
}

/// A `wasmtime_linear_memory_t`.
struct CMemory {
    env: Finalizer,
    get: GetMemory,
    grow: GrowMemory,
}

// SAFETY: that the bytes are there and stay is what the C interface asks of its users.
unsafe impl HostMemory for CMemory {
    fn place(&self) -> MemoryPlace {
        let (mut size, mut capacity) = (0, 0);
        // SAFETY: function and environment belong together; both sizes live through the call.
        let base = unsafe { (self.get)(self.env.env(), &mut size, &mut capacity) };
        MemoryPlace { base, size, capacity }
    }

    fn grow(&mut self, size: usize) -> Result<()> {
        // SAFETY: as in `place`.
        match unsafe { (self.grow)(self.env.env(), size) } {
            Some(error) => Err(error.into_error()),
            None => Ok(()),
        }
    }
}

type NewStack =
    unsafe extern "C" fn(*mut c_void, usize, bool, *mut wasmtime_stack_memory_t) -> Option<Box<wasmtime_error_t>>;
type GetStack = unsafe extern "C" fn(*mut c_void, *mut usize) -> *mut u8;

/// A `wasmtime_stack_creator_t`; its finalizer runs when the last engine and stack are gone.
pub(super) struct CStackCreator {
    env: Finalizer,
    new_stack: Option<NewStack>,
}

impl CStackCreator {
    pub(super) fn new(creator: &wasmtime_stack_creator_t) -> CStackCreator {
        CStackCreator { env: Finalizer::new(creator.env, creator.finalizer), new_stack: creator.new_stack }
    }
}

impl fmt::Debug for CStackCreator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CStackCreator({:?})", self.env.env())
    }
}

// SAFETY: the C interface asks its users for stacks that keep the promise of `HostStack`.
unsafe impl StackCreator for CStackCreator {
    fn create(&self, size: usize, zeroed: bool) -> Result<Box<dyn HostStack>> {
        let new_stack = self.new_stack.ok_or_else(|| no_callback("new_stack"))?;
        let mut made = wasmtime_stack_memory_t { env: ptr::null_mut(), get_stack_memory: None, finalizer: None };
        // SAFETY: the caller gave function and environment to be used together.
        if let Some(error) = unsafe { new_stack(self.env.env(), size, zeroed, &mut made) } {
            return Err(error.into_error());
        }
        // From here on the stack's finalizer runs, whatever happens.
        let env = Finalizer::new(made.env, made.finalizer);
        let get: GetStack = made.get_stack_memory.ok_or_else(|| no_callback("get_stack_memory"))?;
        let mut len = 0;
        // SAFETY: function and environment belong together; the size lives through the call.
        let top = unsafe { get(env.env(), &mut len) }.expose_provenance();
        Ok(Box::new(CStack { _env: env, low: top.saturating_sub(len), high: top }))
    }
}

/// A `wasmtime_stack_memory_t`.
struct CStack {
    _env: Finalizer,
    low: usize,
    high: usize,
}

// SAFETY: that the bytes are there and stay is what the C interface asks of its users.
unsafe impl HostStack for CStack {
    fn bounds(&self) -> (usize, usize) {
        (self.low, self.high)
    }
}
