//! Records that machine code reads and writes.

use super::abi::EntryTrampoline;
use super::gc::{VmHeap, VmType};
use crate::wasm::TypeId;
use core::ffi::c_void;
use core::mem::offset_of;
use core::sync::atomic::{AtomicU32, AtomicUsize};

/// One argument or result between host and machine code: 16 bytes, the C ABI's `wasmtime_val_raw_t`.
/// i32/f32/references in the low bytes, little endian; funcref is a `*const VmFuncRef`; other references
/// are 32-bit handles, 0 being null.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C)]
pub struct ValRaw {
    /// Little endian; the second word matters to v128 only.
    pub words: [u64; 2],
}

impl ValRaw {
    pub const ZERO: ValRaw = ValRaw { words: [0, 0] };

    pub const fn from_u64(v: u64) -> ValRaw {
        ValRaw { words: [v, 0] }
    }
    pub const fn from_i32(v: i32) -> ValRaw {
        ValRaw::from_u64(v as u32 as u64)
    }
    pub const fn from_u32(v: u32) -> ValRaw {
        ValRaw::from_u64(v as u64)
    }
    pub const fn from_i64(v: i64) -> ValRaw {
        ValRaw::from_u64(v as u64)
    }
    pub const fn from_v128(v: u128) -> ValRaw {
        ValRaw { words: [v as u64, (v >> 64) as u64] }
    }
    /// Machine code writes only the low bytes of a slot: what is above an i32 is not zero but unspecified.
    pub const fn i32(self) -> i32 {
        self.words[0] as i32
    }
    /// Also the bits of an f32 and a 32-bit handle.
    pub const fn u32(self) -> u32 {
        self.words[0] as u32
    }
    pub const fn i64(self) -> i64 {
        self.words[0] as i64
    }
    /// Also the bits of an f64 and the address of a `VmFuncRef`.
    pub const fn u64(self) -> u64 {
        self.words[0]
    }
    pub const fn v128(self) -> u128 {
        self.words[0] as u128 | (self.words[1] as u128) << 64
    }
}

/// State of one thread of guest execution; machine code gets it as its second argument.
///
/// *Running*: the guest side owns it and `sp`s are meaningless to others. *Suspended*: the guest waits in a
/// yielded host call, `guest_sp` is where to resume. Only `interrupt` and `due` may be touched by
/// other threads, at any time.
#[repr(C)]
pub struct VmExec {
    /// Lowest stack address a function prologue may reach.
    pub stack_limit: usize,
    /// Minus the fuel left: machine code counts up and calls `Builtin::OutOfFuel` at zero or above.
    pub fuel: i64,
    /// [`DUE`] asks for a call of `LibCall::NewEpoch` at the next check, [`DUE_NOT`] for none.
    pub due: AtomicU32,
    /// Instance that made the host call in progress; null when the host called the host function itself.
    /// Machine code stores it before every call that may leave the module (import, table, reference).
    pub caller: *mut VmCtx,
    /// Frame pointer and return address of the innermost guest frame, recorded by builtin thunks on the way out.
    pub exit_fp: usize,
    pub exit_pc: usize,
    /// Frame pointer of the innermost entry trampoline: where a stack walk of this activation ends.
    pub entry_fp: usize,
    /// Stack pointer of the host side of the innermost activation: where traps and yields go.
    pub host_sp: usize,
    /// Stack pointer of a suspended guest.
    pub guest_sp: usize,
    /// Not [`RAISED_NOT`]: what to do instead of going on once the current builtin body has returned.
    pub raised: u32,
    /// Non-zero: somebody asked this execution to stop; the value says why (1 = interrupt).
    pub interrupt: AtomicU32,
    /// The host call a suspended guest waits for.
    pub call_func: *const VmHostFunc,
    pub call_slots: *mut ValRaw,
    /// Where an exception goes on if `raised` is [`RAISED_CATCH`]: the handler and its frame, and what the handler finds
    /// in Cranelift's payload registers: the exception and the address of its slots.
    pub catch_pc: usize,
    pub catch_sp: usize,
    pub catch_fp: usize,
    pub catch_exception: u64,
    pub catch_slots: *const ValRaw,
    /// Owner of this record (`vm::exec::Exec`), for builtins and the fault handler.
    pub owner: *mut c_void,
}

/// Value of [`VmExec::due`]: nothing is.
pub const DUE_NOT: u32 = 0;
/// Something is; machine code takes everything but [`DUE_NOT`] for this.
pub const DUE: u32 = 1;

/// Values of [`VmExec::raised`]: go on.
pub const RAISED_NOT: u32 = 0;
/// Leave machine code by the landing pad.
pub const RAISED_LEAVE: u32 = 1;
/// Go on in the handler of an exception, which the `catch_*` fields tell.
pub const RAISED_CATCH: u32 = 2;
/// Suspend the guest where it is; builtins that meter it only.
pub const RAISED_PAUSE: u32 = 3;

/// A linear memory as machine code sees it.
#[repr(C)]
pub struct VmMemory {
    pub base: AtomicUsize,
    /// Accessible bytes.
    pub len: AtomicUsize,
}

/// A table as machine code sees it. Elements are 8 bytes. In tables of function references an element is a
/// `*const VmFuncRef` with [`FUNCREF_INIT_BIT`] set; 0 means "not initialised yet, ask
/// `Builtin::TableGetFuncRef`". In tables of other references an element is a 32-bit handle, zero extended.
#[repr(C)]
pub struct VmTable {
    pub base: AtomicUsize,
    /// Elements.
    pub len: AtomicUsize,
}

/// Set in every initialised element of a table of function references, also in null ones.
pub const FUNCREF_INIT_BIT: usize = 1;

/// Storage of one global; references to functions as pointers, other references as 32-bit handles.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct VmGlobal {
    pub value: ValRaw,
}

/// What a function reference points to. Address-stable for the life of its owner.
#[repr(C)]
pub struct VmFuncRef {
    /// Machine code in the guest's convention: a wasm function or a host trampoline.
    pub code: *const u8,
    /// First argument of `code`: `*mut VmCtx`, or `*const VmHostFunc` for host functions.
    pub vmctx: *mut c_void,
    pub type_id: TypeId,
    /// Function index in its module; [`HOST_FUNC_INDEX`] for host functions.
    pub func_index: u32,
    /// The trampoline by which the host calls functions of this type.
    pub entry: EntryTrampoline,
}

/// [`VmFuncRef::func_index`] of host functions.
pub const HOST_FUNC_INDEX: u32 = u32::MAX;

/// A host function as its trampoline sees it. The owner's own fields follow it in memory.
#[repr(C)]
pub struct VmHostFunc {
    pub func_ref: VmFuncRef,
    /// Address of the [`HostNative`](super::HostNative) that the host trampoline calls with `(exec, this, slots)`. May be exchanged at any time.
    pub native: AtomicUsize,
    /// Chosen by the owner; yielded host calls report it.
    pub id: u64,
}

/// One imported function in a vmctx.
#[repr(C)]
pub struct VmFuncImport {
    pub code: *const u8,
    pub vmctx: *mut c_void,
    /// The record the function came from, so that its reference keeps its identity.
    pub func_ref: *const VmFuncRef,
}

/// One memory in a vmctx, imported or defined alike.
#[repr(C)]
pub struct VmMemoryRef {
    /// Copy of the base for memories that never move (guard pages); immutable after instantiation.
    pub base: *mut u8,
    pub record: *const VmMemory,
}

/// Head of every vmctx; the arrays that follow are placed by [`VmCtxLayout`](super::VmCtxLayout).
#[repr(C)]
pub struct VmCtx {
    /// [`VMCTX_MAGIC`], so that debuggers and assertions can tell a vmctx from a host function.
    pub magic: u64,
    /// Addresses of the builtin thunks, indexed by `Builtin as usize`.
    pub builtins: *const usize,
    /// Engine-wide type ids, indexed by the module's type index.
    pub type_ids: *const TypeId,
    /// The `vm::Instance` that owns this record.
    pub instance: *mut c_void,
    /// The engine's types, indexed by id.
    pub types: *const VmType,
    /// The store's heap; null unless the module needs one.
    pub gc_heap: *const VmHeap,
    /// Where the heap's objects are counted from; never moves.
    pub gc_base: *mut u8,
    pub unused: u64,
}

pub const VMCTX_MAGIC: u64 = 0x7874_636d_766e_6574; // "tenvmctx"

/// Offsets that machine code needs, computed by the compiler that laid the records out.
pub mod off {
    use super::*;
    pub const EXEC_STACK_LIMIT: i32 = offset_of!(VmExec, stack_limit) as i32;
    pub const EXEC_FUEL: i32 = offset_of!(VmExec, fuel) as i32;
    pub const EXEC_DUE: i32 = offset_of!(VmExec, due) as i32;
    pub const EXEC_CALLER: i32 = offset_of!(VmExec, caller) as i32;
    pub const EXEC_EXIT_FP: i32 = offset_of!(VmExec, exit_fp) as i32;
    pub const EXEC_EXIT_PC: i32 = offset_of!(VmExec, exit_pc) as i32;
    pub const EXEC_ENTRY_FP: i32 = offset_of!(VmExec, entry_fp) as i32;
    pub const EXEC_HOST_SP: i32 = offset_of!(VmExec, host_sp) as i32;
    pub const EXEC_GUEST_SP: i32 = offset_of!(VmExec, guest_sp) as i32;
    pub const EXEC_RAISED: i32 = offset_of!(VmExec, raised) as i32;
    pub const EXEC_CATCH_PC: i32 = offset_of!(VmExec, catch_pc) as i32;
    pub const EXEC_CATCH_SP: i32 = offset_of!(VmExec, catch_sp) as i32;
    pub const EXEC_CATCH_FP: i32 = offset_of!(VmExec, catch_fp) as i32;
    pub const EXEC_CATCH_EXCEPTION: i32 = offset_of!(VmExec, catch_exception) as i32;
    pub const EXEC_CATCH_SLOTS: i32 = offset_of!(VmExec, catch_slots) as i32;
    pub const EXEC_CALL_FUNC: i32 = offset_of!(VmExec, call_func) as i32;
    pub const EXEC_CALL_SLOTS: i32 = offset_of!(VmExec, call_slots) as i32;
    pub const MEMORY_BASE: i32 = offset_of!(VmMemory, base) as i32;
    pub const MEMORY_LEN: i32 = offset_of!(VmMemory, len) as i32;
    pub const TABLE_BASE: i32 = offset_of!(VmTable, base) as i32;
    pub const TABLE_LEN: i32 = offset_of!(VmTable, len) as i32;
    pub const FUNCREF_CODE: i32 = offset_of!(VmFuncRef, code) as i32;
    pub const FUNCREF_VMCTX: i32 = offset_of!(VmFuncRef, vmctx) as i32;
    pub const FUNCREF_TYPE: i32 = offset_of!(VmFuncRef, type_id) as i32;
    pub const HOSTFUNC_NATIVE: i32 = offset_of!(VmHostFunc, native) as i32;
    pub const FUNC_IMPORT_CODE: i32 = offset_of!(VmFuncImport, code) as i32;
    pub const FUNC_IMPORT_VMCTX: i32 = offset_of!(VmFuncImport, vmctx) as i32;
    pub const MEMREF_BASE: i32 = offset_of!(VmMemoryRef, base) as i32;
    pub const MEMREF_RECORD: i32 = offset_of!(VmMemoryRef, record) as i32;
    pub const VMCTX_MAGIC: i32 = offset_of!(VmCtx, magic) as i32;
    pub const VMCTX_BUILTINS: i32 = offset_of!(VmCtx, builtins) as i32;
    pub const VMCTX_TYPE_IDS: i32 = offset_of!(VmCtx, type_ids) as i32;
    pub const VMCTX_TYPES: i32 = offset_of!(VmCtx, types) as i32;
    pub const VMCTX_GC_HEAP: i32 = offset_of!(VmCtx, gc_heap) as i32;
    pub const VMCTX_GC_BASE: i32 = offset_of!(VmCtx, gc_base) as i32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_documented_sizes() {
        assert_eq!(size_of::<ValRaw>(), 16);
        assert_eq!(size_of::<VmGlobal>(), 16);
        assert_eq!(size_of::<VmFuncRef>(), 32);
        assert_eq!(size_of::<VmFuncImport>(), 24);
        assert_eq!(size_of::<VmMemoryRef>(), 16);
        assert_eq!(size_of::<VmCtx>(), 64);
        assert_eq!(off::EXEC_STACK_LIMIT, 0);
        assert_eq!(offset_of!(VmHostFunc, func_ref), 0);
        // What every loop reads is reached with an offset of one byte.
        assert!(off::EXEC_DUE < 128);
    }
}
