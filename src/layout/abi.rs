//! Conventions of the three kinds of machine code.
//!
//! - A **guest function** uses Cranelift's tail-call convention with `(vmctx, exec, params...) -> results...`.
//!   `exec` is the parameter with Cranelift's "vmctx" purpose, since prologues read the stack limit from it.
//!   Frame pointers are kept in every function.
//! - An **entry trampoline** ([`EntryTrampoline`]) leads from the host into a guest function of one type.
//! - A **host trampoline** is a guest function whose first argument is a `*const VmHostFunc`: it puts its
//!   parameters into slots, calls the thunk in the record's `native`, and takes the results from the slots.
//!
//! Machine code leaves only through thunks, of builtins and of host functions. A thunk records the way out (`exit_fp`, `exit_pc`),
//! calls its body and, if the body set `exec.raised`, jumps to the landing pad instead of returning. So every
//! builtin looks infallible to machine code.
//!
//! Exceptions use Cranelift's `try_call`: a call that may end in a handler of its own function. What a call site
//! catches is told by the image's handler tables; `vm::unwind` walks the frames, and the thunk jumps to the handler with the
//! exception in the first payload register and the address of its slots in the second, where the handler reads them at once.

use super::records::{ValRaw, VmExec, VmHostFunc};
use core::ffi::c_void;

/// Enters a guest function: `(callee_vmctx, exec, callee_code, slots)`, the platform's C convention. Stores
/// its frame pointer to `exec.entry_fp`, loads parameters from `slots`, calls, stores results to `slots`.
pub type EntryTrampoline =
    unsafe extern "C" fn(callee_vmctx: *mut c_void, exec: *mut VmExec, code: *const u8, slots: *mut ValRaw);

/// Body of a host function: reads parameters from `slots`, writes results there; on failure it leaves the
/// reason with the exec's owner and sets `exec.raised`.
pub type HostNative = unsafe extern "C" fn(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw);

/// Bytes that a prologue's stack check leaves free below the limit for builtins, host functions that run on
/// the guest's stack, and signal frames (an AVX-512 frame takes about 4 KiB).
pub const STACK_RESERVE: usize = 256 << 10;

