//! Faults of machine code become traps.
//!
//! The handler decides by the program counter alone whether a fault is ours: only then does it touch thread-local state, which a
//! thread that runs guest code has set up, while on any other thread it might allocate.

use super::exec::{self, Exec};
use super::trace::{self, Witness};
use super::{asm, registry, reserve};
use crate::base::{Error, Result, TrapCode};
use crate::sys::signal::{self, Context};
use std::cell::{Cell, UnsafeCell};

/// What the handler saw, for the host side.
pub(super) struct Fault {
    code: Cell<Option<TrapCode>>,
    address: Cell<usize>,
    count: Cell<usize>,
    pcs: UnsafeCell<[usize; trace::CAPACITY]>,
}

impl Fault {
    pub(super) fn new() -> Fault {
        Fault {
            code: Cell::new(None),
            address: Cell::new(0),
            count: Cell::new(0),
            pcs: UnsafeCell::new([0; trace::CAPACITY]),
        }
    }

    /// In the handler: the frames have to be read now, since on the thread's own stack they are overwritten soon.
    fn record(&self, exec: &Exec, code: TrapCode, address: usize, pc: usize, fp: usize) {
        // SAFETY: the thread that owns the exec is in this handler, interrupted in guest code: nobody else uses the array.
        let pcs = unsafe { &mut *self.pcs.get() };
        let mut n = 0;
        trace::walk(exec, Some((pc, fp)), &mut |frame| {
            pcs[n] = frame.lookup_pc();
            n += 1;
            n < trace::CAPACITY
        });
        self.count.set(n);
        self.address.set(address);
        self.code.set(Some(code));
    }

    /// In the handler: a trap at `pc` of which no more is known.
    fn record_pc(&self, code: TrapCode, pc: usize) {
        // SAFETY: as in `record`.
        unsafe { (*self.pcs.get())[0] = pc };
        self.count.set(1);
        self.address.set(0);
        self.code.set(Some(code));
    }

    /// The fault, once.
    pub(super) fn take(&self) -> Option<Taken<'_>> {
        self.code.take().map(|code| Taken { code, fault: self })
    }
}

pub(super) struct Taken<'a> {
    code: TrapCode,
    fault: &'a Fault,
}

impl Taken<'_> {
    pub(super) fn into_error(self, max_frames: usize, witness: Option<Box<dyn Witness>>) -> Error {
        let error = Error::trap(self.code);
        let error = match reserve::locate(self.fault.address.get()) {
            Some((offset, len)) if self.code == TrapCode::MemoryOutOfBounds => {
                error.context(format!("memory fault at wasm address {offset:#x} in linear memory of size {len:#x}"))
            }
            _ => error,
        };
        if max_frames == 0 {
            return error;
        }
        // SAFETY: the handler that wrote the array has returned.
        let pcs = unsafe { &*self.fault.pcs.get() };
        error.with_trace(trace::capture(&pcs[..self.fault.count.get().min(max_frames)], max_frames, witness))
    }
}

fn claim(context: &mut Context, address: usize) -> bool {
    let Some(code) = registry::trap_at(context.pc()) else { return false };
    // SAFETY: published code runs only inside a method of the current exec, on its thread.
    let Some(exec) = (unsafe { exec::current_ptr().as_ref() }) else { return false };
    exec.fault.record(exec, code, address, context.pc(), context.fp());
    let vm = exec.vm.get();
    // SAFETY: as above; the host side of the innermost level is where the landing pad goes.
    let sp = unsafe { (*vm).host_sp };
    context.resume_at(asm::landing_pad as *const () as usize, sp, vm.expose_provenance());
    true
}

/// Leaves the guest at any instruction, if the thread is in guest code now and its exec is to be interrupted. Guest code can
/// be left anywhere, since whatever must not be torn is done by Rust code or by one instruction (an object that is half made
/// is not referred to yet, and collections copy what is referred to); trampolines and Rust code are left alone. The frame may be half made, so only the program counter is recorded.
fn stop(context: &mut Context) {
    if !registry::is_unwatched_guest(context.pc()) {
        return;
    }
    // SAFETY: published code runs only inside a method of the current exec, on its thread.
    let Some(exec) = (unsafe { exec::current_ptr().as_ref() }) else { return };
    if !exec.take_interrupt() {
        return;
    }
    exec.fault.record_pc(TrapCode::Interrupt, context.pc());
    let vm = exec.vm.get();
    // SAFETY: as above; the host side of the innermost level is where the landing pad goes.
    let sp = unsafe { (*vm).host_sp };
    context.resume_at(asm::landing_pad as *const () as usize, sp, vm.expose_provenance());
}

/// Has a thread that may be running a guest look whether that is to be interrupted.
pub(super) fn nudge(thread: i32) {
    signal::nudge(thread, stop);
}

/// Installs the process-wide handlers; repeated calls do nothing.
pub fn init() -> Result<()> {
    signal::install(claim)
}
