//! The reasons for which a guest can be stopped, with the numbers and texts that the C ABI publishes.

/// Why execution stopped. The discriminants are the C ABI's `wasmtime_trap_code_t` and never change.
/// Codes 17 and above belong to the component model, which has no producer here; [`TrapCode::text_of`]
/// knows their texts because a host may create a trap from any code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum TrapCode {
    /// call stack exhausted
    StackOverflow = 0,
    /// out of bounds memory access
    MemoryOutOfBounds = 1,
    /// unaligned atomic
    HeapMisaligned = 2,
    /// undefined element: out of bounds table access
    TableOutOfBounds = 3,
    /// uninitialized element
    IndirectCallToNull = 4,
    /// indirect call type mismatch
    BadSignature = 5,
    /// integer overflow
    IntegerOverflow = 6,
    /// integer divide by zero
    IntegerDivisionByZero = 7,
    /// invalid conversion to integer
    BadConversionToInteger = 8,
    /// wasm `unreachable` instruction executed
    Unreachable = 9,
    /// interrupt
    Interrupt = 10,
    /// all fuel consumed by WebAssembly
    OutOfFuel = 11,
    /// atomic wait on non-shared memory
    AtomicWaitNonShared = 12,
    /// null reference
    NullReference = 13,
    /// out of bounds array access
    ArrayOutOfBounds = 14,
    /// allocation size too large
    AllocationTooLarge = 15,
    /// cast failure
    CastFailure = 16,
}

/// Texts by code, without the `wasm trap: ` that precedes them in messages.
const TEXTS: [&str; 54] = [
    "call stack exhausted",
    "out of bounds memory access",
    "unaligned atomic",
    "undefined element: out of bounds table access",
    "uninitialized element",
    "indirect call type mismatch",
    "integer overflow",
    "integer divide by zero",
    "invalid conversion to integer",
    "wasm `unreachable` instruction executed",
    "interrupt",
    "all fuel consumed by WebAssembly",
    "atomic wait on non-shared memory",
    "null reference",
    "out of bounds array access",
    "allocation size too large",
    "cast failure",
    "cannot enter component instance",
    "async-lifted export failed to produce a result",
    "unhandled tag",
    "continuation already consumed",
    "pulley opcode disabled at compile time was executed",
    "deadlock detected: event loop cannot make further progress",
    "cannot leave component instance",
    "cannot block a synchronous task before returning",
    "invalid `char` bit pattern",
    "should have finished string encoding",
    "code units should be equal",
    "pointer should be aligned",
    "upper bits should be unset",
    "string content out-of-bounds",
    "list content out-of-bounds",
    "invalid variant discriminant",
    "unaligned pointer",
    "`task.cancel` called by task which has not been cancelled",
    "`task.return` or `task.cancel` called more than once for current task",
    "`subtask.cancel` called after terminal status delivered",
    "invalid `task.return` signature and/or options for current task",
    "cannot drop waitable set with waiters",
    "cannot drop a subtask which has not yet resolved",
    "start function does not match expected type (currently only `(i32) -> ()` is supported)",
    "the start function index points to an uninitialized function",
    "backpressure counter overflow",
    "unsupported callback code",
    "cannot resume thread which is not suspended",
    "cannot have concurrent operations active on a future/stream",
    "reference count overflow",
    "stream read/write count too large",
    "waitable cannot be used synchronously while added to a waitable set",
    "uncaught exception propagated out of component",
    "cannot read from stream after being notified that the writable end dropped",
    "cannot write to stream after being notified that the readable end dropped",
    "cannot write to future after previous write succeeded or readable end dropped",
    "cannot lift stream after being notified that the writable end dropped",
];

const ALL: [TrapCode; 17] = [
    TrapCode::StackOverflow,
    TrapCode::MemoryOutOfBounds,
    TrapCode::HeapMisaligned,
    TrapCode::TableOutOfBounds,
    TrapCode::IndirectCallToNull,
    TrapCode::BadSignature,
    TrapCode::IntegerOverflow,
    TrapCode::IntegerDivisionByZero,
    TrapCode::BadConversionToInteger,
    TrapCode::Unreachable,
    TrapCode::Interrupt,
    TrapCode::OutOfFuel,
    TrapCode::AtomicWaitNonShared,
    TrapCode::NullReference,
    TrapCode::ArrayOutOfBounds,
    TrapCode::AllocationTooLarge,
    TrapCode::CastFailure,
];

impl TrapCode {
    /// The trap with this number, if it is one the engine can raise.
    pub fn from_u8(code: u8) -> Option<TrapCode> {
        ALL.get(usize::from(code)).copied()
    }

    /// The number in the C ABI.
    pub fn as_u8(self) -> u8 {
        self as u8
    }

    /// The text, without `wasm trap: ` in front.
    pub fn text(self) -> &'static str {
        TEXTS[self as usize]
    }

    /// The text of any published code, the component model's included; `None` beyond the last.
    pub fn text_of(code: u8) -> Option<&'static str> {
        TEXTS.get(usize::from(code)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_in_order() {
        for (i, code) in ALL.iter().enumerate() {
            assert_eq!(code.as_u8() as usize, i);
            assert_eq!(TrapCode::from_u8(code.as_u8()), Some(*code));
        }
        assert_eq!(TrapCode::from_u8(ALL.len() as u8), None);
    }
}
