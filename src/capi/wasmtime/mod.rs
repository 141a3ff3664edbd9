//! `wasmtime.h` and its parts: the interface of libwasmtime. Functions, memories, tables, globals and
//! instances are by-value handles here: a store's id and a number or address that the store understands.
#![allow(non_camel_case_types)]

pub mod anyref;
pub mod arrayref;
pub mod arraytype;
pub mod component;
pub mod config;
mod creators;
pub mod engine;
pub mod eqref;
pub mod error;
pub mod exception;
mod exnref;
pub mod exntype;
pub mod externref;
pub mod externs;
pub mod func;
pub mod future;
pub mod gctypes;
pub mod global;
pub mod hostasync;
pub mod instance;
pub mod legacy;
pub mod linker;
pub mod memory;
pub mod module;
pub mod pooling;
pub mod profiling;
mod room;
pub mod sharedmemory;
pub mod store;
pub mod structref;
pub mod table;
pub mod tag;
pub mod trap;
pub mod types;
pub mod val;
pub mod wat;

use super::ffi::{ContextPtr, put};
use crate::base::{Error, ErrorKind, Result};
use crate::capi::wasm::trap::wasm_trap_t;
use crate::runtime::ExnRef;
use std::mem::MaybeUninit;

/// Where a call reports a trap: set to NULL first, written if the guest was stopped by the engine's rules.
pub(super) type TrapOut<'a> = Option<&'a mut MaybeUninit<Option<Box<wasm_trap_t>>>>;

/// Splits a failure as the interface wants it: traps of the engine go to `trap`, everything else stays an
/// error. A caller that gives no place for traps gets them as errors.
pub(super) fn split_trap(result: Result<()>, trap: TrapOut<'_>) -> Result<()> {
    let Some(out) = trap else { return result };
    match result {
        Err(error) if error.kind() == ErrorKind::Trap => {
            out.write(Some(wasm_trap_t::boxed(error)));
            Ok(())
        }
        other => {
            out.write(None);
            other
        }
    }
}

/// [`split_trap`] for calls of functions, where an exception that nobody caught is a trap, too; the exception
/// itself is left with the store.
#[inline]
pub(super) fn split_call(context: ContextPtr<'_>, result: Result<()>, trap: TrapOut<'_>) -> Result<()> {
    match result {
        Ok(()) => {
            put(trap, None);
            Ok(())
        }
        Err(error) => split_failure(context, error, trap),
    }
}

#[cold]
fn split_failure(context: ContextPtr<'_>, error: Error, trap: TrapOut<'_>) -> Result<()> {
    let out = match trap {
        Some(out) if error.kind() == ErrorKind::Exception => out,
        trap => return split_trap(Err(error), trap),
    };
    if let Some(store) = context.map(|ctx| ctx.store())
        && let Some(exception) = ExnRef::of(store, &error)
    {
        store.set_pending_exception(exception)?;
    }
    out.write(Some(wasm_trap_t::boxed(error)));
    Ok(())
}
