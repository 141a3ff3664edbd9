//! Traps beyond `wasm.h`: codes and names.

use super::super::ffi::{guard, guard_some, put, text};
use super::super::wasm::bytes::wasm_name_t;
use super::super::wasm::frame::wasm_frame_t;
use super::super::wasm::trap::wasm_trap_t;
use crate::base::Error;
use std::ffi::c_char;
use std::mem::MaybeUninit;

/// Why the guest was stopped: one of `wasmtime_trap_code_enum`.
pub type wasmtime_trap_code_t = u8;

/// Why the guest was stopped.
#[repr(C)]
pub enum wasmtime_trap_code_enum {
    WASMTIME_TRAP_CODE_STACK_OVERFLOW,
    WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS,
    WASMTIME_TRAP_CODE_HEAP_MISALIGNED,
    WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS,
    WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL,
    WASMTIME_TRAP_CODE_BAD_SIGNATURE,
    WASMTIME_TRAP_CODE_INTEGER_OVERFLOW,
    WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO,
    WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER,
    WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED,
    WASMTIME_TRAP_CODE_INTERRUPT,
    WASMTIME_TRAP_CODE_OUT_OF_FUEL,
    WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY,
    WASMTIME_TRAP_CODE_NULL_REFERENCE,
    WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS,
    WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE,
    WASMTIME_TRAP_CODE_CAST_FAILURE,
    WASMTIME_TRAP_CODE_CANNOT_ENTER_COMPONENT,
    WASMTIME_TRAP_CODE_NO_ASYNC_RESULT,
    WASMTIME_TRAP_CODE_UNHANDLED_TAG,
    WASMTIME_TRAP_CODE_CONTINUATION_ALREADY_CONSUMED,
    WASMTIME_TRAP_CODE_DISABLED_OPCODE,
    WASMTIME_TRAP_CODE_ASYNC_DEADLOCK,
    WASMTIME_TRAP_CODE_CANNOT_LEAVE_COMPONENT,
    WASMTIME_TRAP_CODE_CANNOT_BLOCK_SYNC_TASK,
    WASMTIME_TRAP_CODE_INVALID_CHAR,
    WASMTIME_TRAP_CODE_DEBUG_ASSERT_STRING_ENCODING_FINISHED,
    WASMTIME_TRAP_CODE_DEBUG_ASSERT_EQUAL_CODE_UNITS,
    WASMTIME_TRAP_CODE_DEBUG_ASSERT_POINTER_ALIGNED,
    WASMTIME_TRAP_CODE_DEBUG_ASSERT_UPPER_BITS_UNSET,
    WASMTIME_TRAP_CODE_STRING_OUT_OF_BOUNDS,
    WASMTIME_TRAP_CODE_LIST_OUT_OF_BOUNDS,
    WASMTIME_TRAP_CODE_INVALID_DISCRIMINANT,
    WASMTIME_TRAP_CODE_UNALIGNED_POINTER,
    WASMTIME_TRAP_CODE_TASK_CANCEL_NOT_CANCELLED,
    WASMTIME_TRAP_CODE_TASK_CANCEL_OR_RETURN_TWICE,
    WASMTIME_TRAP_CODE_SUBTASK_CANCEL_AFTER_TERMINAL,
    WASMTIME_TRAP_CODE_TASK_RETURN_INVALID,
    WASMTIME_TRAP_CODE_WAITABLE_SET_DROP_HAS_WAITERS,
    WASMTIME_TRAP_CODE_SUBTASK_DROP_NOT_RESOLVED,
    WASMTIME_TRAP_CODE_THREAD_NEW_INDIRECT_INVALID_TYPE,
    WASMTIME_TRAP_CODE_THREAD_NEW_INDIRECT_UNINITIALIZED,
    WASMTIME_TRAP_CODE_BACKPRESSURE_OVERFLOW,
    WASMTIME_TRAP_CODE_UNSUPPORTED_CALLBACK_CODE,
    WASMTIME_TRAP_CODE_CANNOT_RESUME_THREAD,
    WASMTIME_TRAP_CODE_CONCURRENT_FUTURE_STREAM_OP,
    WASMTIME_TRAP_CODE_REFERENCE_COUNT_OVERFLOW,
    WASMTIME_TRAP_CODE_STREAM_OP_TOO_BIG,
    WASMTIME_TRAP_CODE_WAITABLE_SYNC_AND_ASYNC,
    WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION,
    WASMTIME_TRAP_READ_FROM_DROPPED_STREAM,
    WASMTIME_TRAP_WRITE_TO_DROPPED_STREAM,
    WASMTIME_TRAP_WRITE_TO_DROPPED_FUTURE,
    WASMTIME_TRAP_LIFT_DROPPED_STREAM,
}

/// A trap with a text of `len` bytes. Handed to the guest by a host function, it comes out of the outermost
/// call as an error with that text. Owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_trap_new(msg: *const c_char, len: usize) -> Option<Box<wasm_trap_t>> {
    guard(|| {
        // SAFETY: the caller gives `len` bytes.
        let error = unsafe { text(msg, len) }.map_or_else(|e| e, Error::host);
        Some(wasm_trap_t::boxed(error))
    })
}

/// A trap with one of the codes above; a number beyond them gives a trap without a code. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_trap_new_code(code: wasmtime_trap_code_t) -> Option<Box<wasm_trap_t>> {
    guard(|| {
        let unknown = || Error::usage(format!("unknown trap code {code}"));
        Some(wasm_trap_t::boxed(Error::trap_from_number(code).unwrap_or_else(unknown)))
    })
}

/// The trap's code: true and `code` written, or false if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_trap_code(
    trap: Option<&wasm_trap_t>,
    code: Option<&mut MaybeUninit<wasmtime_trap_code_t>>,
) -> bool {
    guard_some(|| {
        put(code, trap?.error()?.trap_number()?);
        Some(true)
    })
}

/// The function's raw name, borrowed from the frame; NULL if unknown.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_frame_func_name(frame: Option<&wasm_frame_t>) -> *const wasm_name_t {
    guard_some(|| frame?.func_name())
}

/// The module's name, borrowed from the frame; NULL if unknown.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_frame_module_name(frame: Option<&wasm_frame_t>) -> *const wasm_name_t {
    guard_some(|| frame?.module_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::TrapCode;

    #[test]
    fn codes_agree_with_the_engine() {
        let engine = TrapCode::CastFailure.as_u8();
        assert_eq!(wasmtime_trap_code_enum::WASMTIME_TRAP_CODE_CAST_FAILURE as u8, engine);
        let last = wasmtime_trap_code_enum::WASMTIME_TRAP_LIFT_DROPPED_STREAM as u8;
        assert!(TrapCode::text_of(last).is_some() && TrapCode::text_of(last + 1).is_none());
    }
}
