//! The functions as host functions of the runtime.

use super::abi::{functions, Function, Module};
use super::ctx::Ctx;
use super::fail::Fail;
use super::guest::Guest;
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{Caller, FuncType, Linker, Store, ValRaw};
use crate::sys::fs::{Errno, Fault, GuestMemory};
use std::cell::Cell;
use std::sync::Arc;

/// Exit statuses from here on are for hosts to use: a guest that asks for one has made a mistake.
const EXIT_LIMIT: u32 = 126;

/// The name under which a guest exports the memory that pointers are in.
const MEMORY: &str = "memory";

/// Defines all functions of both versions. They serve whatever store their caller is in.
pub fn add_to_linker(linker: &mut Linker) -> Result<()> {
    for module in Module::ALL {
        for function in functions(module) {
            let ty = FuncType { params: function.params.into(), results: function.results().into() };
            linker.func(module.name(), function.name, ty, move |caller, slots| serve(function, caller, slots))?;
        }
    }
    Ok(())
}

/// Gives the guests in `store` their world, in place of the one they had.
pub fn attach(store: &Store, ctx: Arc<Ctx>) {
    store.set_extension(ctx);
}

fn serve(function: &Function, caller: &mut Caller<'_>, slots: &mut [ValRaw]) -> Result<()> {
    caller.with_extension(|ctx| serve_in(ctx, function, caller, slots)).unwrap_or_else(|| Err(no_context(function)))
}

fn serve_in(ctx: &Ctx, function: &Function, caller: &Caller<'_>, slots: &mut [ValRaw]) -> Result<()> {
    let memory = caller.memory_view(MEMORY);
    let mem = memory.as_ref().map_or_else(GuestMemory::empty, |m| m.memory());
    // Kept for the end of the call, should it end by this.
    let stopped = Cell::new(None);
    let interrupted = || caller.stop().is_some_and(|why| {
        stopped.set(Some(why));
        true
    });
    let guest = Guest { ctx, mem, interrupted: &interrupted };
    let errno = match (function.call)(&guest, slots) {
        Ok(()) => 0,
        Err(Fail::Errno(e)) => e.number(),
        Err(Fail::Fault(_)) if ctx.faults_as_errno() => Errno::Fault.number(),
        Err(Fail::Fault(fault)) => return Err(bad_pointer(function, fault, memory.is_some())),
        Err(Fail::Interrupted) => return Err(stopped.take().unwrap_or_else(|| caller.interruption())),
        Err(Fail::Exit(status)) => return Err(exit(status)),
    };
    // `proc_exit` has no result, but does not get here.
    if let Some(slot) = slots.first_mut() {
        *slot = ValRaw::from_u32(errno.into());
    }
    Ok(())
}

#[cold]
fn no_context(function: &Function) -> Error {
    Error::usage(format!("the guest called `{}`, but its store has no wasi context", function.name))
}

#[cold]
fn bad_pointer(function: &Function, fault: Fault, has_memory: bool) -> Error {
    if !has_memory {
        return Error::host(format!("missing required memory export: `{}` needs `{MEMORY}`", function.name));
    }
    Error::host(fault.to_string()).context(format!("invalid argument of `{}`", function.name))
}

#[cold]
fn exit(status: u32) -> Error {
    if status < EXIT_LIMIT {
        // Below 126, so the conversion keeps the value.
        return Error::exit(status as i32);
    }
    Error::new(ErrorKind::Exit, "exit with invalid exit status outside of [0..126)")
}
