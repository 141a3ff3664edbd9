//! Crossing between host and machine code, x86-64 System V.
//!
//! What confuses: there are two sides, not two functions. The *host side* is the frame of `enter` or `resume`, at
//! `exec.host_sp`; whoever jumps to it makes that very `enter` or `resume` return. The *guest side* is whatever runs
//! inside, on the same stack or on a private one. There are three ways back to the host side: the entry
//! trampoline returns (status 0), something goes to the landing pad (status 1), a host call or a meter yields (status 2). A yield
//! leaves its registers on the guest's stack at `exec.guest_sp`; `resume` makes a new host side, perhaps on another
//! thread, and picks them up.
//!
//! Frames, so that frame pointers can be walked:
//! ```text
//! host side:   return address | rbp | rbx r12 r13 r14 r15 | mxcsr   <- host_sp
//! guest side:  return address | rbp | rbx r12 r13 r14 r15 | (pad)   <- guest_sp
//! ```
//!
//! Floating point control: guest code needs round-to-nearest, no flushing of denormals and masked exceptions, so a
//! host with other settings in mxcsr gets them replaced on the way in and put back on the way out. The x87 control
//! word is not touched: guest code has no x87 instruction.

use super::exec::{CAN_YIELD, Exec, OWNER_WORD, SUSPENDED};
use super::func::{RAW_ENV, RAW_FUNCTION, RAW_SLOTS};
use crate::layout::off::*;
use crate::layout::{EntryTrampoline, RAISED_CATCH, RAISED_NOT, ValRaw, VmExec, VmHostFunc};
use core::arch::naked_asm;
use core::ffi::c_void;

/// How the guest side came back.
pub(super) const DONE: u32 = 0;
pub(super) const RAISED: u32 = 1;
pub(super) const YIELDED: u32 = 2;

/// mxcsr at reset, and its bits that are settings rather than flags.
const MXCSR_DEFAULT: u32 = 0x1f80;
const MXCSR_SETTINGS: u32 = 0xffc0;

/// Bytes below the stack pointer that signal handlers leave alone.
const RED_ZONE: usize = 128;

/// Bytes that `put_guest_aside` uses of the guest's stack.
const ASIDE: usize = 56;

/// Saves the guest's registers on its stack and notes where; the exec is in `rdi`.
macro_rules! put_guest_aside {
    () => {
        "push rbp
         push rbx
         push r12
         push r13
         push r14
         push r15
         sub rsp, 8
         mov [rdi + {guest_sp}], rsp"
    };
}

/// Makes the host side of the exec in a register.
macro_rules! save_host {
    ($exec:literal) => {
        concat!("push rbp
         mov rbp, rsp
         push rbx
         push r12
         push r13
         push r14
         push r15
         sub rsp, 8
         stmxcsr [rsp]
         mov eax, [rsp]
         and eax, {settings}
         cmp eax, {default}
         je 2f
         mov dword ptr [rsp + 4], {default}
         ldmxcsr [rsp + 4]
         2:
         mov [", $exec, " + {host_sp}], rsp")
    };
}

/// Expects `rsp` at the host side and the status in `eax`. A way back that skips calls (`across`) ends in a jump: the CPU's
/// stack of return addresses would mispredict a return here, and then every one after it.
macro_rules! leave_to_host {
    () => {
        leave_to_host!(@ "ret")
    };
    (across) => {
        leave_to_host!(@ "pop rcx\njmp rcx")
    };
    // A yield leaves two calls unreturned. Two returns that mispredict set the CPU's stack right for this one and all the callers'.
    (yielding) => {
        leave_to_host!(@ "lea rcx, [rip + 5f]\npush rcx\nret\n5:\nlea rcx, [rip + 6f]\npush rcx\nret\n6:\nret")
    };
    (@ $last:literal) => {
        concat!(
        "mov ecx, [rsp]
         and ecx, {settings}
         cmp ecx, {default}
         je 3f
         ldmxcsr [rsp]
         3:
         add rsp, 8
         pop r15
         pop r14
         pop r13
         pop r12
         pop rbx
         pop rbp
         ",
            $last
        )
    };
}

/// Calls a guest function through its entry trampoline; returns [`DONE`], [`RAISED`] or [`YIELDED`].
///
/// # Safety
/// - `exec` is a live exec, prepared for this level (limit, entry state) and used by nobody else.
/// - `entry`, `vmctx`, `code` belong to one function; `slots` has room for its type's slots.
/// - `stack_top` is 0 (stay on this stack) or the 16-byte aligned top of an unused private stack.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn enter(
    vmctx: *mut c_void,
    exec: *mut VmExec,
    code: *const u8,
    slots: *mut ValRaw,
    entry: EntryTrampoline,
    stack_top: usize,
) -> u32 {
    naked_asm!(
        save_host!("rsi"),
        "mov rbx, rsi",
        "test r9, r9",
        "cmovnz rsp, r9",
        "call r8", // whose parameters are in place
        // The host side may be another one than at entry: a resume on another thread makes a new one.
        "mov rsp, [rbx + {host_sp}]",
        "xor eax, eax",
        leave_to_host!(),
        host_sp = const EXEC_HOST_SP,
        settings = const MXCSR_SETTINGS,
        default = const MXCSR_DEFAULT,
    )
}

/// Goes on with a suspended guest; returns as [`enter`] does. If `exec.raised` is set the guest goes on in a handler or is
/// left by the landing pad.
///
/// The host trampoline below a host call was called before the yield, so its return to the guest would be mispredicted, and use up what
/// the CPU remembers for the return from here. Hence it is made to return to a place here that the CPU has just seen a call in front
/// of, with the exec for its frame pointer; from there an indirect jump, which the CPU predicts, goes to where the guest left. Nobody
/// walks the frames meanwhile: trampolines do not fault, and interrupts leave them alone.
///
/// # Safety
/// - `exec` is suspended: `guest_sp` was written by [`yield_thunk`] or [`suspend`] and not used since.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn resume(exec: *mut VmExec) -> u32 {
    naked_asm!(
        save_host!("rdi"),
        "cmp dword ptr [rdi + {raised}], 0",
        "jne {leave}",
        "mov rsp, [rdi + {guest_sp}]",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "cmp qword ptr [rdi + {call_func}], 0",
        "je 4f", // paused: not below a host trampoline
        "call 5f",
        "mov r11, [rbp + {exit_pc}]", // no result is in this register
        "mov rbp, [rbp + {exit_fp}]",
        "jmp r11",
        "5:",
        "pop rax",
        "mov [rbp + 8], rax",
        "mov [rbp], rdi",
        "4:",
        "pop rcx",
        "jmp rcx",
        host_sp = const EXEC_HOST_SP,
        guest_sp = const EXEC_GUEST_SP,
        call_func = const EXEC_CALL_FUNC,
        exit_pc = const EXEC_EXIT_PC,
        exit_fp = const EXEC_EXIT_FP,
        raised = const EXEC_RAISED,
        leave = sym leave_pad,
        settings = const MXCSR_SETTINGS,
        default = const MXCSR_DEFAULT,
    )
}

/// Where a trap continues: leaves the guest side for good. Jumped to with the exec in `rdi`.
///
/// # Safety
/// - Never called; jumped to while a level of the exec is active and no Rust frame lies above its host side.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn landing_pad() {
    naked_asm!(
        "mov rsp, [rdi + {host_sp}]",
        "mov eax, {raised}",
        leave_to_host!(across),
        host_sp = const EXEC_HOST_SP,
        raised = const RAISED,
        settings = const MXCSR_SETTINGS,
        default = const MXCSR_DEFAULT,
    )
}

/// Where a builtin or host call that raised continues: in the handler of an exception, or at the landing pad. Jumped to
/// with the exec in `rdi` and, if the handler belongs to the caller of a builtin, that caller's registers.
///
/// # Safety
/// - Never called; jumped to with `raised` set, on the guest's side or with no Rust frame on it.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn leave_pad() {
    naked_asm!(
        "cmp dword ptr [rdi + {raised}], {catch}",
        "jne {landing}",
        "mov dword ptr [rdi + {raised}], {not}",
        "mov rax, [rdi + {exception}]",
        "mov rdx, [rdi + {slots}]",
        "mov rsp, [rdi + {sp}]",
        "mov rbp, [rdi + {fp}]",
        "jmp [rdi + {pc}]",
        raised = const EXEC_RAISED,
        catch = const RAISED_CATCH,
        not = const RAISED_NOT,
        exception = const EXEC_CATCH_EXCEPTION,
        slots = const EXEC_CATCH_SLOTS,
        sp = const EXEC_CATCH_SP,
        fp = const EXEC_CATCH_FP,
        pc = const EXEC_CATCH_PC,
        landing = sym landing_pad,
    )
}

/// Text of a thunk that runs `body` on this stack.
///
/// The way out that it records is the host trampoline's caller, so that traces begin with the guest's own frame.
macro_rules! call_host {
    ($body:path) => {
        naked_asm!(
            "mov rax, [rbp + 8]",
            "mov [rdi + {exit_pc}], rax",
            "mov rax, [rbp]",
            "mov [rdi + {exit_fp}], rax",
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "sub rsp, 8",
            "mov rbx, rdi",
            "call {body}",
            "cmp dword ptr [rbx + {raised}], 0",
            "jne 4f",
            "mov rbx, [rbp - 8]",
            "leave",
            "ret",
            "4:",
            "mov rdi, rbx",
            "jmp {leave}",
            exit_pc = const EXEC_EXIT_PC,
            exit_fp = const EXEC_EXIT_FP,
            raised = const EXEC_RAISED,
            body = sym $body,
            leave = sym leave_pad,
        )
    };
}

/// `VmHostFunc::native` of callbacks.
///
/// # Safety
/// - Called by a host trampoline, whose frame pointer is in `rbp`.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn host_call_thunk(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw) {
    call_host!(super::func::host_call_body)
}

/// `VmHostFunc::native` of callbacks in stores that watch their calls.
///
/// # Safety
/// - As [`host_call_thunk`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn watched_call_thunk(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw) {
    call_host!(super::func::watched_call_body)
}

/// `VmHostFunc::native` of host functions in C's convention: calls the function, with a `RawCaller` on the stack, and is done if
/// it answered null and left nothing suspended.
///
/// # Safety
/// - As [`host_call_thunk`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn raw_call_thunk(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw) {
    naked_asm!(
        "mov rax, [rdi + {owner_word}]",
        "mov rax, [rax]",
        "test rax, rax",
        "je {refused}", // whose body says why
        "mov rcx, [rbp + 8]",
        "mov [rdi + {exit_pc}], rcx",
        "mov rcx, [rbp]",
        "mov [rdi + {exit_fp}], rcx",
        "push rbp",
        "mov rbp, rsp",
        "push rsi",
        // The caller: exec, the host's word, nothing more.
        "push 0",
        "push rax",
        "push rdi",
        "mov rax, rsi",
        "mov rdi, [rax + {env}]",
        "mov rsi, rsp",
        "mov rcx, [rax + {count}]",
        "call [rax + {function}]",
        "mov rdi, [rbp - 32]",
        "test rax, rax",
        "jne 4f",
        "cmp byte ptr [rdi + {suspended}], 0",
        "jne 4f",
        "leave",
        "ret",
        "4:",
        "mov rsi, [rbp - 8]",
        "mov rdx, rax",
        "call {ended}",
        "mov rdi, [rbp - 32]",
        "cmp dword ptr [rdi + {raised}], 0",
        "jne {leave}",
        "leave",
        "ret",
        owner_word = const OWNER_WORD,
        suspended = const SUSPENDED,
        exit_pc = const EXEC_EXIT_PC,
        exit_fp = const EXEC_EXIT_FP,
        raised = const EXEC_RAISED,
        env = const RAW_ENV,
        count = const RAW_SLOTS,
        function = const RAW_FUNCTION,
        refused = sym host_call_thunk,
        ended = sym super::rawcall::raw_call_ended,
        leave = sym leave_pad,
    )
}

/// `VmHostFunc::native` of yielding host functions: leaves the guest where it is and returns to the host.
///
/// Two calls are open then, the guest's and the trampoline's, and each return that does not lead where its call came from is mispredicted. So
/// this returns to the trampoline as if the host function were done, with a frame pointer that leads its epilogue to a return into `5`
/// below, on the host's side: the results that it loads on the way are lost, and it loads them again when the guest is resumed. Between
/// that return and the change of stacks what was put aside lies below the stack pointer, where signal handlers leave 128 bytes alone:
/// hence the limit to the trampoline's frame, beyond which it is left without a return.
///
/// # Safety
/// - As [`host_call_thunk`]; the trampoline's epilogue takes the stack pointer from its frame pointer.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn yield_thunk(exec: *mut VmExec, func: *const VmHostFunc, slots: *mut ValRaw) {
    naked_asm!(
        "cmp dword ptr [rdi + {can_yield}], 0",
        "je {callback}", // whose body refuses, since the function has none
        "mov rax, [rbp + 8]",
        "mov [rdi + {exit_pc}], rax",
        "mov rax, [rbp]",
        "mov [rdi + {exit_fp}], rax",
        "mov [rdi + {call_func}], rsi",
        "mov [rdi + {call_slots}], rdx",
        "lea rcx, [rsp + 8 + {frame}]",
        put_guest_aside!(),
        "cmp rcx, rbp",
        "jb 7f",
        // The host's stack is free from its side downwards while the guest has another.
        "mov rbp, [rdi + {host_sp}]",
        "sub rbp, 16",
        "lea rax, [rip + 5f]",
        "mov [rbp + 8], rax",
        "mov [rbp], rdi",
        "add rsp, {aside}",
        "ret",
        "5:",
        "mov rsp, [rbp + {host_sp}]", // parameters on the stack were taken off
        "mov eax, {yielded}",
        leave_to_host!(),
        "7:",
        "mov rsp, [rdi + {host_sp}]",
        "mov eax, {yielded}",
        leave_to_host!(yielding),
        can_yield = const CAN_YIELD,
        callback = sym host_call_thunk,
        exit_pc = const EXEC_EXIT_PC,
        exit_fp = const EXEC_EXIT_FP,
        call_func = const EXEC_CALL_FUNC,
        call_slots = const EXEC_CALL_SLOTS,
        guest_sp = const EXEC_GUEST_SP,
        host_sp = const EXEC_HOST_SP,
        aside = const ASIDE,
        frame = const RED_ZONE - ASIDE - 8,
        yielded = const YIELDED,
        settings = const MXCSR_SETTINGS,
        default = const MXCSR_DEFAULT,
    )
}

/// Makes the thunk of one builtin: records the way out, runs the body, goes to [`leave_pad`] if the body
/// raised. Up to seven arguments: six in registers, and the seventh, if there is one, copied.
macro_rules! builtin_thunk {
    ($body:path) => {{
        #[unsafe(naked)]
        unsafe extern "C" fn thunk() {
            core::arch::naked_asm!(
                "mov rax, [rsp]",
                "mov [rsi + {exit_pc}], rax",
                "mov [rsi + {exit_fp}], rbp",
                "push rbp",
                "mov rbp, rsp",
                "push rbx",
                "mov rbx, rsi",
                // The seventh argument; without one, whatever the caller's frame has there.
                "push qword ptr [rbp + 16]",
                "call {body}",
                "cmp dword ptr [rbx + {raised}], 0",
                "jne 4f",
                "mov rbx, [rbp - 8]",
                "leave",
                "ret",
                "4:",
                "mov rdi, rbx",
                // A handler in the caller finds its callee-saved registers.
                "mov rbx, [rbp - 8]",
                "jmp {leave}",
                exit_pc = const crate::layout::off::EXEC_EXIT_PC,
                exit_fp = const crate::layout::off::EXEC_EXIT_FP,
                raised = const crate::layout::off::EXEC_RAISED,
                body = sym $body,
                leave = sym crate::vm::asm::leave_pad,
            )
        }
        thunk
    }};
}
pub(super) use builtin_thunk;

/// Makes the thunk of something without result after which every register is as it was (see `Builtin::preserves_registers`), and
/// whose body may also suspend the guest. Of vector registers machine code uses the lower 128 bits.
///
/// A builtin's takes vmctx and exec. `ahead`: an entry trampoline calls before it calls the function whose code is a third
/// argument; the frame of the thunk passes for the function's. `alone`: there are no arguments, the body gets the
/// way out and returns the exec.
macro_rules! preserving_thunk {
    ($body:path) => {
        preserving_thunk!(@ $body, "mov rax, [rbp + 8]", "mov rcx, [rbp]", "mov [rsi + {pc}], rax
            mov [rsi + {fp}], rcx
            mov rbx, rsi", "", pc = EXEC_EXIT_PC, fp = EXEC_EXIT_FP)
    };
    ($body:path, ahead) => {
        preserving_thunk!(@ $body, "lea rax, [rdx + 1]", "mov rcx, rbp", "mov [rsi + {pc}], rax
            mov [rsi + {fp}], rcx
            mov rbx, rsi", "", pc = EXEC_EXIT_PC, fp = EXEC_EXIT_FP)
    };
    ($body:path, alone) => {
        preserving_thunk!(@ $body, "mov rdi, [rbp + 8]", "mov rsi, [rbp]", "", "mov rbx, rax",)
    };
    (@ $body:path, $pc:literal, $fp:literal, $before:literal, $after:literal, $($name:ident = $offset:ident),*) => {{
        #[unsafe(naked)]
        unsafe extern "C" fn thunk() {
            core::arch::naked_asm!(
                "push rbp",
                "mov rbp, rsp",
                "push rbx",
                "push rax",
                "push rcx",
                "push rdx",
                "push rsi",
                "push rdi",
                "push r8",
                "push r9",
                "push r10",
                "push r11",
                $pc,
                $fp,
                $before,
                "sub rsp, 256",
                ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
                "movups [rsp + 16 * \\n], xmm\\n",
                ".endr",
                "call {body}",
                $after,
                "cmp dword ptr [rbx + {raised}], 0",
                "jne 4f",
                "3:",
                ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
                "movups xmm\\n, [rsp + 16 * \\n]",
                ".endr",
                "add rsp, 256",
                "pop r11",
                "pop r10",
                "pop r9",
                "pop r8",
                "pop rdi",
                "pop rsi",
                "pop rdx",
                "pop rcx",
                "pop rax",
                "pop rbx",
                "pop rbp",
                "ret",
                "4:",
                "mov rdi, rbx",
                "cmp dword ptr [rbx + {raised}], {pause}",
                "jne 5f",
                "call {suspend}",
                "jmp 3b",
                "5:",
                "mov rbx, [rbp - 8]",
                "jmp {leave}",
                $($name = const crate::layout::off::$offset,)*
                raised = const crate::layout::off::EXEC_RAISED,
                pause = const crate::layout::RAISED_PAUSE,
                body = sym $body,
                leave = sym crate::vm::asm::leave_pad,
                suspend = sym crate::vm::asm::suspend,
            )
        }
        thunk
    }};
}
pub(super) use preserving_thunk;

/// `LibCall::RaiseTrap`: stops the guest with the trap whose number is in `edi`. Machine code tells neither vmctx nor exec, so that
/// these need not live up to each of its traps; the thread knows its exec.
///
/// # Safety
/// - Jumped to by a module's raise stub, which a guest function called.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn raise_thunk() {
    naked_asm!(
        "mov rsi, [rsp]",
        "mov rdx, rbp",
        "push rbp",
        "mov rbp, rsp",
        "call {body}",
        "mov rdi, rax",
        "jmp {leave}",
        body = sym super::builtins::raise_trap,
        leave = sym leave_pad,
    )
}

/// Leaves the guest where it is, in the thunk that calls this, and returns to the host. Called with the exec in `rdi`; returns when the
/// guest is resumed.
///
/// # Safety
/// - Called by thunks only, on a private stack with no Rust frame on it; they have saved what the guest expects to find again. The
///   way out was recorded.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn suspend() {
    naked_asm!(
        "mov dword ptr [rdi + {raised}], {not}",
        put_guest_aside!(),
        "mov rsp, [rdi + {host_sp}]",
        "mov eax, {yielded}",
        leave_to_host!(yielding),
        raised = const EXEC_RAISED,
        not = const RAISED_NOT,
        guest_sp = const EXEC_GUEST_SP,
        host_sp = const EXEC_HOST_SP,
        yielded = const YIELDED,
        settings = const MXCSR_SETTINGS,
        default = const MXCSR_DEFAULT,
    )
}

// `Exec` begins with its `VmExec`: the offsets above are also offsets in `Exec`.
const _: () = assert!(core::mem::offset_of!(Exec, vm) == 0);
