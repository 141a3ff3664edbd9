//! Bodies of the builtin table, one per row of [`Builtin`]. A body never unwinds into its thunk; on failure it leaves the
//! reason with the exec and returns anything.

use super::asm::{builtin_thunk, preserving_thunk};
use super::exception::ExnRoot;
use super::exec::{self, Exec, Next};
use super::func::guarded;
use super::instance::Instance;
use super::memory::Memory;
use super::parking::{self, Wait};
use super::table::Table;
use crate::base::index::*;
use crate::base::{Error, Result, TrapCode};
use crate::layout::{Builtin, ValRaw, VmCtx, VmExec};
use crate::wasm::{TypeId, ValType};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// What `vmctx.builtins` points to: the row's position is its index.
pub(super) static THUNKS: [unsafe extern "C" fn(); Builtin::COUNT] = [
    builtin_thunk!(memory_grow),
    builtin_thunk!(memory_size),
    builtin_thunk!(memory_copy),
    builtin_thunk!(memory_fill),
    builtin_thunk!(memory_init),
    builtin_thunk!(data_drop),
    builtin_thunk!(table_grow),
    builtin_thunk!(table_fill),
    builtin_thunk!(table_copy),
    builtin_thunk!(table_init),
    builtin_thunk!(elem_drop),
    builtin_thunk!(table_get_func_ref),
    builtin_thunk!(ref_func),
    preserving_thunk!(out_of_fuel),
    preserving_thunk!(new_epoch, ahead),
    builtin_thunk!(atomic_wait32),
    builtin_thunk!(atomic_wait64),
    builtin_thunk!(atomic_notify),
    builtin_thunk!(throw),
    builtin_thunk!(throw_ref),
    builtin_thunk!(gc_alloc),
    builtin_thunk!(gc_is_subtype),
    builtin_thunk!(array_fill),
    builtin_thunk!(array_copy),
    builtin_thunk!(array_new_data),
    builtin_thunk!(array_new_elem),
    builtin_thunk!(array_init_data),
    builtin_thunk!(array_init_elem),
];

/// Runs a body; panics and errors end the guest.
///
/// # Safety
/// - `vmctx` and `exec` are what machine code was given: both live, the exec running on this thread.
unsafe fn run<R: Default>(
    vmctx: *mut VmCtx,
    exec: *mut VmExec,
    body: impl FnOnce(&Exec, &Instance) -> Result<R>,
) -> R {
    // SAFETY: the caller's.
    let (exec, instance) = unsafe { (Exec::from_vm(exec), Instance::from_vmctx(vmctx)) };
    match guarded(|| body(exec, instance)) {
        Ok(r) => r,
        Err(e) => {
            exec.raise(e);
            R::default()
        }
    }
}

/// Stops the guest that runs on this thread, and gives its exec for the way out. `pc` and `fp` are where machine code left.
///
/// # Safety
/// - Called by its thunk only, for machine code that runs on this thread.
pub(super) unsafe extern "C" fn raise_trap(code: u32, pc: usize, fp: usize) -> *mut VmExec {
    // SAFETY: the caller's.
    let exec = unsafe { leaving(pc, fp) };
    exec.raise(trap_by_number(code));
    exec.vm.get()
}

/// Where `LibCall::NewEpoch` is.
pub(super) fn epoch_thunk() -> usize {
    preserving_thunk!(epoch_check, alone) as *const () as usize
}

/// Looks what is due for the guest that runs on this thread, and gives its exec.
///
/// # Safety
/// - As [`raise_trap`].
unsafe extern "C" fn epoch_check(pc: usize, fp: usize) -> *mut VmExec {
    // SAFETY: the caller's.
    let exec = unsafe { leaving(pc, fp) };
    if let Err(e) = guarded(|| what_is_due(exec)) {
        exec.raise(e);
    }
    exec.vm.get()
}

/// The exec of this thread, whose machine code has left at `pc` with the frame `fp`.
///
/// # Safety
/// - Called for machine code that runs on this thread.
unsafe fn leaving<'a>(pc: usize, fp: usize) -> &'a Exec {
    // SAFETY: published code runs only inside a method of the current exec, on its thread.
    let exec = unsafe { &*exec::current_ptr() };
    let vm = exec.vm.get();
    // SAFETY: machine code, which writes the record, has left.
    unsafe {
        (*vm).exit_pc = pc;
        (*vm).exit_fp = fp;
    }
    exec
}

/// Defines bodies: `name(args) -> result = |exec, instance| expression`.
macro_rules! bodies {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// - Called by its thunk only, with machine code's own vmctx and exec.
        unsafe extern "C" fn $name(vmctx: *mut VmCtx, exec: *mut VmExec $(, $arg: $ty)*) -> $ret {
            // SAFETY: the caller's.
            unsafe { run(vmctx, exec, $body) }
        }
    )*};
}

bodies! {
    fn memory_grow(memory: u32, delta: u64) -> u64 = |e, i| grow_memory(e, i.memory(MemoryIndex(memory)), delta);
    fn memory_size(memory: u32) -> u64 = |_, i| Ok(i.memory(MemoryIndex(memory)).pages());
    fn memory_copy(dst: u32, src: u32, to: u64, from: u64, len: u64) -> () =
        |_, i| trapped(Memory::copy(i.memory(MemoryIndex(dst)), to, i.memory(MemoryIndex(src)), from, len));
    fn memory_fill(memory: u32, at: u64, byte: u32, len: u64) -> () =
        |_, i| trapped(i.memory(MemoryIndex(memory)).fill(at, byte as u8, len));
    fn memory_init(memory: u32, segment: u32, to: u64, from: u32, len: u32) -> () =
        |_, i| trapped(i.memory_init(MemoryIndex(memory), DataIndex(segment), to, from.into(), len.into()));
    fn data_drop(segment: u32) -> () = |_, i| {
        i.data_drop(DataIndex(segment));
        Ok(())
    };
    fn table_grow(table: u32, delta: u64, init: u64) -> u64 = |e, i| grow_table(e, i, i.table(TableIndex(table)), delta, init);
    fn table_fill(table: u32, at: u64, init: u64, len: u64) -> () =
        |_, i| trapped(i.table(TableIndex(table)).fill(at, init, len));
    fn table_copy(dst: u32, src: u32, to: u64, from: u64, len: u64) -> () =
        |_, i| trapped(Table::copy(i.table(TableIndex(dst)), to, i.table(TableIndex(src)), from, len));
    fn table_init(table: u32, segment: u32, to: u64, from: u32, len: u32) -> () =
        |_, i| trapped(i.table_init(TableIndex(table), ElemIndex(segment), to, from.into(), len.into()));
    fn elem_drop(segment: u32) -> () = |_, i| {
        i.elem_drop(ElemIndex(segment));
        Ok(())
    };
    fn table_get_func_ref(table: u32, index: u64) -> u64 =
        |_, i| trapped(i.table(TableIndex(table)).get(index).ok_or(TrapCode::TableOutOfBounds));
    fn ref_func(func: u32) -> u64 = |_, i| Ok(i.func(FuncIndex(func)).to_raw());
    fn out_of_fuel() -> () = |e, _| go_on(e, e.upcalls().out_of_fuel(e)?);
    fn new_epoch(_code: *const u8) -> () = |e, _| what_is_due(e);
    fn atomic_wait32(memory: u32, address: u64, expected: u32, timeout: i64) -> u32 = |e, i| {
        let memory = i.memory(MemoryIndex(memory));
        let cell = Cell::find(memory, address, 4)?;
        wait(e, memory, cell, timeout, || cell.load32() == expected)
    };
    fn atomic_wait64(memory: u32, address: u64, expected: u64, timeout: i64) -> u32 = |e, i| {
        let memory = i.memory(MemoryIndex(memory));
        let cell = Cell::find(memory, address, 8)?;
        wait(e, memory, cell, timeout, || cell.load64() == expected)
    };
    fn atomic_notify(memory: u32, address: u64, count: u32) -> u32 = |_, i| {
        let memory = i.memory(MemoryIndex(memory));
        let cell = Cell::find(memory, address, 4)?;
        // Nobody can wait on a memory that is not shared.
        Ok(if memory.ty().shared { parking::notify(cell.0 as usize, count) } else { 0 })
    };
    fn throw(tag: u32, slots: *const ValRaw) -> () = |e, i| {
        e.throw(new_exception(e, i, TagIndex(tag), slots)?, i);
        Ok(())
    };
    fn throw_ref(exception: u32) -> () = |e, i| {
        let root = e.exceptions().and_then(|table| table.root(exception));
        e.throw(root.ok_or_else(|| not_an_exception(exception))?, i);
        Ok(())
    };
    fn gc_alloc(bytes: u64) -> u32 = |_, i| i.heap()?.alloc(bytes);
    fn gc_is_subtype(sub: u32, sup: u32) -> u32 = |_, i| Ok(i.types().is_subtype(TypeId(sub), TypeId(sup)).into());
    fn array_fill(array: u32, at: u32, len: u32, low: u64, high: u64) -> () =
        |_, i| trapped(i.heap()?.array_fill(array, at, len, u128::from(low) | u128::from(high) << 64));
    fn array_copy(dst: u32, to: u32, src: u32, from: u32, len: u32) -> () =
        |_, i| trapped(i.heap()?.array_copy(dst, to, src, from, len));
    fn array_new_data(ty: u32, segment: u32, from: u32, len: u32) -> u32 =
        |_, i| i.array_new_data(TypeIndex(ty), DataIndex(segment), from, len);
    fn array_new_elem(ty: u32, segment: u32, from: u32, len: u32) -> u32 =
        |_, i| i.array_new_elem(TypeIndex(ty), ElemIndex(segment), from, len);
    fn array_init_data(array: u32, at: u32, segment: u32, from: u32, len: u32) -> () =
        |_, i| i.array_init_data(array, at, DataIndex(segment), from, len);
    fn array_init_elem(array: u32, at: u32, segment: u32, from: u32, len: u32) -> () =
        |_, i| i.array_init_elem(array, at, ElemIndex(segment), from, len);
}

/// It may be nothing: a tick that had seen the deadline before the present one.
pub(super) fn what_is_due(exec: &Exec) -> Result<()> {
    if exec.take_interrupt() {
        return Err(Error::trap(TrapCode::Interrupt));
    }
    if exec.is_overdue() { go_on(exec, exec.upcalls().new_epoch(exec)?) } else { Ok(()) }
}

fn go_on(exec: &Exec, next: Next) -> Result<()> {
    match next {
        Next::GoOn => Ok(()),
        Next::Pause => exec.pause(),
    }
}

fn new_exception(exec: &Exec, instance: &Instance, tag: TagIndex, slots: *const ValRaw) -> Result<ExnRoot> {
    let tag = instance.tag(tag);
    // SAFETY: machine code gives as many slots as the tag has parameters, on its own stack.
    let slots = unsafe { core::slice::from_raw_parts(slots, tag.ty().params.len()) };
    let table = exec.exceptions().ok_or_else(|| Error::internal("a store without exceptions"))?;
    let root = table.alloc(tag, slots.into())?;
    // Now that the values are in the exception the collector sees them.
    if table.wants_collection() {
        exec.upcalls().collect();
    }
    Ok(root)
}

#[cold]
fn not_an_exception(handle: u32) -> Error {
    Error::internal(format!("machine code threw {handle:#x}, which is no exception"))
}

fn trapped<R>(r: Result<R, TrapCode>) -> Result<R> {
    r.map_err(Error::trap)
}

#[cold]
fn trap_by_number(code: u32) -> Error {
    let known = u8::try_from(code).ok().and_then(Error::trap_from_number);
    known.unwrap_or_else(|| Error::internal(format!("machine code raised trap number {code}, which does not exist")))
}

const REFUSED: u64 = u64::MAX;

/// `memory.grow` with the limiter's consent; pages before, or -1.
fn grow_memory(exec: &Exec, memory: &Memory, delta: u64) -> Result<u64> {
    if delta == 0 {
        return Ok(memory.pages());
    }
    let current = memory.len() as u64;
    let Some(desired) = delta.checked_mul(memory.ty().page_size()).and_then(|d| d.checked_add(current)) else {
        return Ok(REFUSED);
    };
    if !exec.upcalls().memory_growing(current, desired, memory.max_len())? {
        return Ok(REFUSED);
    }
    Ok(memory.grow(delta).unwrap_or_else(|| {
        exec.upcalls().grow_failed("failed to grow memory");
        REFUSED
    }))
}

/// `table.grow` with the limiter's consent; elements before, or -1.
fn grow_table(exec: &Exec, instance: &Instance, table: &Table, delta: u64, init: u64) -> Result<u64> {
    let current = table.len();
    if delta == 0 {
        return Ok(current);
    }
    let Some(desired) = current.checked_add(delta) else { return Ok(REFUSED) };
    // The limiter may collect: a reference has to be held meanwhile.
    let held = match instance.heap() {
        Ok(heap) if ValType::Ref(table.ty().element).is_gc_ref() => {
            heap.externs().hold(init as u32)?.map(|handle| (heap.externs(), handle))
        }
        _ => None,
    };
    let allowed = exec.upcalls().table_growing(current, desired, table.ty().max);
    let init = held.map_or(init, |(externs, handle)| {
        let raw = externs.raw(handle);
        externs.unroot(handle);
        raw.into()
    });
    if !allowed? {
        return Ok(REFUSED);
    }
    Ok(table.grow(delta, init).unwrap_or_else(|| {
        exec.upcalls().grow_failed("failed to grow table");
        REFUSED
    }))
}

/// An aligned cell inside a memory that is alive.
#[derive(Clone, Copy)]
struct Cell(*mut u8);

impl Cell {
    /// `size` is 4 or 8 bytes.
    fn find(memory: &Memory, address: u64, size: u64) -> Result<Cell> {
        if !address.is_multiple_of(size) {
            return Err(Error::trap(TrapCode::HeapMisaligned));
        }
        trapped(memory.span(address, size)).map(Cell)
    }

    fn load32(self) -> u32 {
        // SAFETY: `find` checked bounds and alignment; memories never shrink, and the instance keeps this one.
        unsafe { AtomicU32::from_ptr(self.0.cast()) }.load(Ordering::SeqCst)
    }

    /// Of a cell of 8 bytes.
    fn load64(self) -> u64 {
        // SAFETY: as in `load32`.
        unsafe { AtomicU64::from_ptr(self.0.cast()) }.load(Ordering::SeqCst)
    }
}

/// `timeout` in nanoseconds; negative waits for ever.
fn wait(exec: &Exec, memory: &Memory, cell: Cell, timeout: i64, holds: impl FnOnce() -> bool) -> Result<u32> {
    if !memory.ty().shared {
        return Err(Error::trap(TrapCode::AtomicWaitNonShared));
    }
    let timeout = u64::try_from(timeout).ok().map(Duration::from_nanos);
    // Code without epoch checks has no deadline to look for.
    let epochs = exec.upcalls().epoch_passed(exec).is_some();
    let mut look = || if exec.deadline_passed() { exec.new_epoch() } else { Ok(()) };
    let look: Option<parking::Look<'_>> = if epochs { Some(&mut look) } else { None };
    match parking::wait(cell.0 as usize, holds, timeout, &exec.interrupt_handle(), look)? {
        Wait::Interrupted => {
            exec.take_interrupt();
            Err(Error::trap(TrapCode::Interrupt))
        }
        ended => Ok(ended as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_where_the_table_says() {
        let names = [
            "MemoryGrow", "MemorySize", "MemoryCopy", "MemoryFill", "MemoryInit", "DataDrop",
            "TableGrow", "TableFill", "TableCopy", "TableInit", "ElemDrop", "TableGetFuncRef", "RefFunc", "OutOfFuel",
            "NewEpoch", "AtomicWait32", "AtomicWait64", "AtomicNotify", "Throw", "ThrowRef", "GcAlloc", "GcIsSubtype",
            "ArrayFill", "ArrayCopy", "ArrayNewData", "ArrayNewElem", "ArrayInitData", "ArrayInitElem",
        ];
        assert_eq!(Builtin::ALL.map(Builtin::name), names);
    }
}
