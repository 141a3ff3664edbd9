//! Which published code a program counter belongs to. Read by the fault handler, hence without locks.

use super::code::{CodeMap, TrampolineCode};
use crate::base::TrapCode;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

#[derive(Clone)]
pub(super) enum Owner {
    Module(Weak<CodeMap>),
    Trampolines(Weak<TrampolineCode>),
}

/// One published range of text.
#[derive(Clone)]
struct Entry {
    start: usize,
    end: usize,
    owner: Owner,
}

/// Sorted by address; replaced as a whole, never changed.
static TABLE: AtomicPtr<Vec<Entry>> = AtomicPtr::new(core::ptr::null_mut());
/// Threads that may be looking at what `TABLE` pointed to.
static READERS: AtomicUsize = AtomicUsize::new(0);
static WRITER: Mutex<()> = Mutex::new(());

fn read<R>(f: impl FnOnce(&[Entry]) -> R) -> R {
    READERS.fetch_add(1, Ordering::SeqCst);
    let table = TABLE.load(Ordering::SeqCst);
    // SAFETY: a writer frees a table only after taking it out of `TABLE` and then seeing no reader: this reader was
    // counted before it loaded the pointer.
    let r = f(unsafe { table.as_ref() }.map_or(&[], Vec::as_slice));
    READERS.fetch_sub(1, Ordering::SeqCst);
    r
}

fn replace(change: impl FnOnce(&mut Vec<Entry>)) {
    let _writer = WRITER.lock();
    let mut next = read(<[Entry]>::to_vec);
    change(&mut next);
    let old = TABLE.swap(Box::into_raw(Box::new(next)), Ordering::SeqCst);
    while READERS.load(Ordering::SeqCst) != 0 {
        std::thread::yield_now();
    }
    if !old.is_null() {
        // SAFETY: made by `Box::into_raw` above, out of reach since the swap, and no reader is left.
        drop(unsafe { Box::from_raw(old) });
    }
}

/// Makes a range of text known.
pub(super) fn insert(start: usize, len: usize, owner: Owner) {
    replace(|table| {
        let at = table.partition_point(|e| e.start < start);
        table.insert(at, Entry { start, end: start + len, owner });
    });
}

/// Forgets the range that begins at `start`.
pub(super) fn remove(start: usize) {
    replace(|table| table.retain(|e| e.start != start));
}

fn find(table: &[Entry], pc: usize) -> Option<&Entry> {
    let at = table.partition_point(|e| e.start <= pc).checked_sub(1)?;
    table.get(at).filter(|e| pc < e.end)
}

/// What a fault at `pc` means; `None` if it is not published code or must not fault there. Async-signal-safe.
pub(super) fn trap_at(pc: usize) -> Option<TrapCode> {
    read(|table| {
        let entry = find(table, pc)?;
        let offset = (pc - entry.start) as u32;
        // SAFETY: the text is unregistered before its owner goes, and the thread that faulted is running in it.
        unsafe {
            match &entry.owner {
                Owner::Module(code) => (*code.as_ptr()).image().trap_at(offset),
                Owner::Trampolines(code) => (*code.as_ptr()).trap_at(offset),
            }
        }
    })
}

/// Whether `pc` is inside a guest's function, not in a trampoline, that does not look for interrupts itself. Where it
/// does, its next check stops it with a whole trace. Async-signal-safe.
pub(super) fn is_unwatched_guest(pc: usize) -> bool {
    let known = read(|table| {
        let entry = find(table, pc)?;
        let offset = (pc - entry.start) as u32;
        match &entry.owner {
            Owner::Module(code) => {
                // SAFETY: as in `trap_at`.
                let image = unsafe { (*code.as_ptr()).image() };
                if image.tunables().epochs { None } else { image.func_at(offset).map(|_| ()) }
            }
            Owner::Trampolines(_) => None,
        }
    });
    known.is_some()
}

/// The module that `pc` belongs to.
pub(super) fn module_at(pc: usize) -> Option<Arc<CodeMap>> {
    read(|table| match &find(table, pc)?.owner {
        Owner::Module(code) => code.upgrade(),
        Owner::Trampolines(_) => None,
    })
}
