//! Machine functions for tests. Their convention: `(vmctx: rdi, exec: rsi, x: rdx) -> rax`, no register preserved but
//! `rsp` and `rbp`, like Cranelift's tail convention.

use crate::base::{Result, TrapCode};
use crate::layout::off::*;
use crate::layout::*;
use crate::vm::*;
use crate::wasm::{FuncType, TypeId, ValType};
use core::arch::naked_asm;
use core::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Entry trampoline of `(i64) -> i64`.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn entry(_: *mut c_void, _: *mut VmExec, _: *const u8, _: *mut ValRaw) {
    naked_asm!(
        "push rbp", "mov rbp, rsp", "mov [rsi + {entry_fp}], rbp",
        "push rbx", "push r12", "push r13", "push r14", "push r15", "push rcx",
        "mov rax, rdx", "mov rdx, [rcx]", "call rax",
        "pop rcx", "mov [rcx], rax",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbx", "pop rbp", "ret",
        entry_fp = const EXEC_ENTRY_FP,
    )
}

/// Host trampoline of `(i64) -> i64`.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn host() {
    naked_asm!(
        "push rbp", "mov rbp, rsp", "sub rsp, 32", "mov [rsp], rdx",
        "mov rcx, rdi", "mov rdi, rsi", "mov rsi, rcx", "mov rdx, rsp",
        "call [rcx + {native}]", "mov rax, [rsp]", "leave", "ret",
        native = const HOSTFUNC_NATIVE,
    )
}

/// `x + 1`, spoiling what it may.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn add_one() {
    naked_asm!(
        "push rbp", "mov rbp, rsp", "xor ebx, ebx", "xor r12d, r12d", "xor r13d, r13d", "xor r14d, r14d",
        "xor r15d, r15d", "lea rax, [rdx + 1]", "pop rbp", "ret",
    )
}

/// Calls the function whose record is its vmctx with `x`, and adds `x` to the result.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn call_and_add() {
    naked_asm!(
        "push rbp", "mov rbp, rsp", "push rdx", "push rsi",
        "mov rbx, 11", "mov r12, 12", "mov r15, 15",
        "mov rax, [rdi + {code}]", "mov rdi, [rdi + {vmctx}]", "call rax",
        "pop rsi", "pop rdx", "add rax, rdx", "pop rbp", "ret",
        code = const FUNCREF_CODE,
        vmctx = const FUNCREF_VMCTX,
    )
}

/// Bytes of a function that spoils registers and then traps at offset 12; unpublished until a test does so.
pub(super) const TRAPPING: [u8; 14] = [
    0x55, // push rbp
    0x48, 0x89, 0xe5, // mov rbp, rsp
    0x31, 0xdb, // xor ebx, ebx
    0x4d, 0x31, 0xe4, // xor r12, r12
    0x4d, 0x31, 0xff, // xor r15, r15
    0x0f, 0x0b, // ud2
];

/// Calls itself without end, with the prologue check that compiled functions have; traps at offset 9.
pub(super) const ENDLESS: [u8; 18] = [
    0x55, 0x48, 0x89, 0xe5, // push rbp; mov rbp, rsp
    0x48, 0x3b, 0x26, // cmp rsp, [rsi]
    0x77, 0x02, // ja +2
    0x0f, 0x0b, // ud2
    0xe8, 0xf0, 0xff, 0xff, 0xff, // call self
    0x5d, 0xc3, // pop rbp; ret
];

/// Loads from address `x`; faults at offset 4.
pub(super) const LOADING: [u8; 9] = [0x55, 0x48, 0x89, 0xe5, 0x48, 0x8b, 0x02, 0x5d, 0xc3];

pub(super) fn publish(text: &[u8], trap: u32, code: TrapCode) -> Arc<TrampolineCode> {
    publish_trampolines(text, 0, 0, &[(trap, code)], &[]).unwrap()
}

/// A record of a machine function, kept for ever.
pub(super) fn func(code: *const u8, vmctx: *const c_void) -> FuncRefPtr {
    let record = VmFuncRef { code, vmctx: vmctx.cast_mut(), type_id: TypeId(0), func_index: 0, entry };
    // SAFETY: filled and leaked.
    unsafe { FuncRefPtr::from_raw(Box::leak(Box::new(record))).unwrap() }
}

/// A machine function that calls `f`.
pub(super) fn caller_of(f: FuncRefPtr) -> FuncRefPtr {
    func(call_and_add as *const u8, f.as_ptr().cast())
}

fn ty() -> FuncType {
    FuncType::new([ValType::I64], [ValType::I64])
}

pub(super) fn callback(f: impl Fn(&mut HostCall<'_>) -> Result<()> + Send + Sync + 'static) -> Arc<HostFunc> {
    HostFunc::callback(TypeId(0), &ty(), host as *const u8, entry, Arc::new(()), Arc::new(f))
}

pub(super) fn raw(body: RawBody) -> Arc<HostFunc> {
    HostFunc::raw(TypeId(0), &ty(), host as *const u8, entry, Arc::new(()), Arc::new(body))
}

pub(super) fn yielding(id: u64) -> Arc<HostFunc> {
    HostFunc::yielding(TypeId(0), &ty(), host as *const u8, entry, Arc::new(()), id)
}

pub(super) struct Refusing;

/// What the exec of [`exec`] has for the host.
pub(super) static HOST_WORD: AtomicUsize = AtomicUsize::new(77);

impl Upcalls for Refusing {
    fn host_word(&self) -> &AtomicUsize {
        &HOST_WORD
    }
    fn memory_growing(&self, _: u64, _: u64, _: Option<u64>) -> Result<bool> {
        Ok(true)
    }
    fn table_growing(&self, _: u64, _: u64, _: Option<u64>) -> Result<bool> {
        Ok(true)
    }
    fn out_of_fuel(&self, _: &Exec) -> Result<Next> {
        Err(crate::base::Error::trap(TrapCode::OutOfFuel))
    }
    fn new_epoch(&self, _: &Exec) -> Result<Next> {
        Err(crate::base::Error::trap(TrapCode::Interrupt))
    }
}

pub(super) fn exec() -> Box<Exec> {
    init().unwrap();
    Exec::new(Arc::new(Refusing), None)
}

pub(super) const STACK: usize = 512 << 10;

pub(super) fn call(exec: &Exec, f: FuncRefPtr, x: u64) -> Result<u64> {
    let mut slot = ValRaw::from_u64(x);
    // SAFETY: the functions of this file take one slot, and what they point to is kept by the tests.
    unsafe { exec.call(Thread::this().unwrap(), f, &mut slot, STACK) }.map(|()| slot.u64())
}
