//! A collection. Objects that are reached are copied to the free half, in the order in which they are found; the copies are
//! then searched for further references (Cheney's algorithm). What is left behind is garbage, cycles included.

use super::externs::{External, Marking};
use super::heap::GcHost;
use super::{ExternTable, TypeTable};
use crate::layout::*;
use core::ops::Range;
use std::sync::Arc;

/// Objects outside of the heap that guests hold by handles of kind [`REF_KIND_EXN`] and that hold references themselves:
/// exceptions. Called during a collection only; the implementer owns the objects.
pub trait OuterObjects: Send + Sync {
    /// A collection begins: objects that the host holds count as reached, the others do not.
    fn begin(&self);
    /// A guest or another object has this handle.
    fn reach(&self, handle: u32);
    /// Shows the references in objects that were reached since the last call, each of which may be changed. Returns whether
    /// there were any such objects.
    fn trace(&self, visit: &mut dyn FnMut(&mut u32)) -> bool;
    /// The collection is over: what was not reached is free.
    fn finish(&self);
}

pub(super) struct Collector<'a> {
    base: *mut u8,
    /// Where objects are copied from.
    from: Range<u32>,
    /// Where the next copy goes.
    free: u32,
    types: &'a TypeTable,
    marking: Marking<'a>,
    outer: &'a [Arc<dyn OuterObjects>],
}

impl<'a> Collector<'a> {
    /// # Safety
    /// - `from` holds whole objects of the heap at `base`, and at `to` there is writable room for as many bytes.
    /// - Until the collector is done, nobody else uses the heap.
    pub(super) unsafe fn new(
        base: *mut u8,
        from: Range<u32>,
        to: u32,
        types: &'a TypeTable,
        externs: &'a ExternTable,
        outer: &'a [Arc<dyn OuterObjects>],
    ) -> Collector<'a> {
        outer.iter().for_each(|o| o.begin());
        Collector { base, from, free: to, types, marking: externs.mark(), outer }
    }

    /// Copies everything that can be reached. Returns where the copies end, and what to drop once all locks are released.
    pub(super) fn run(mut self, host: &dyn GcHost) -> (u32, Vec<External>) {
        let mut scanned = self.free;
        host.roots(&mut |slot| self.visit(slot));
        self.object_roots();
        loop {
            scanned = self.scan(scanned);
            let outer = self.outer;
            let mut more = false;
            for o in outer {
                more |= o.trace(&mut |slot| self.visit(slot));
            }
            if !more && scanned == self.free {
                break;
            }
        }
        self.outer.iter().for_each(|o| o.finish());
        (self.free, self.marking.finish())
    }

    fn object_roots(&mut self) {
        let mut n = 0;
        while let Some(root) = self.marking.object_root(n).map(|r| r.map(|r| &*r)) {
            if let Some(mut raw) = root.copied() {
                self.visit(&mut raw);
                if let Some(Some(root)) = self.marking.object_root(n) {
                    *root = raw;
                }
            }
            n += 1;
        }
    }

    #[inline]
    fn visit(&mut self, slot: &mut u32) {
        let v = *slot;
        if v == 0 || v & REF_I31_BIT != 0 {
            return;
        }
        match v & REF_KIND_MASK {
            // A slot may be visited twice: what is in the other half already has been copied.
            REF_KIND_OBJECT if self.from.contains(&v) => *slot = self.copy(v),
            REF_KIND_EXTERN => self.marking.reach(v),
            REF_KIND_EXN => self.outer.iter().for_each(|o| o.reach(v)),
            _ => {}
        }
    }

    fn word(&self, offset: u32) -> *mut u32 {
        self.base.wrapping_add(offset as usize).cast()
    }

    /// Copies the object at `v`, unless that has been done, and returns where the copy is.
    #[inline]
    fn copy(&mut self, v: u32) -> u32 {
        let old = self.word(v);
        // SAFETY: a reference into `from` is the offset of a whole object, of at least eight bytes; the room for copies is
        // as large as all objects together, each of which is copied once.
        unsafe {
            let ty = old.read();
            if ty == OBJECT_MOVED {
                return old.add(1).read();
            }
            let size = object_size(&self.types.get(ty), old);
            let new = self.free;
            copy_words(old.cast(), self.word(new).cast(), size as usize / 8);
            self.free += size;
            old.write(OBJECT_MOVED);
            old.add(1).write(new);
            new
        }
    }

    /// Visits the references of all copies from `at` on; returns where they end.
    fn scan(&mut self, mut at: u32) -> u32 {
        while at < self.free {
            let object = self.word(at);
            // SAFETY: `at` is the offset of a copy.
            let id = unsafe { object.read() };
            let ty = self.types.get(id);
            // SAFETY: as above.
            at += unsafe { object_size(&ty, object) };
            match ty.kind {
                KIND_STRUCT => {
                    let mut bits = ty.refs;
                    while bits != 0 {
                        self.field(object.wrapping_add(bits.trailing_zeros() as usize));
                        bits &= bits - 1;
                    }
                }
                KIND_ARRAY if ty.refs != 0 => {
                    // SAFETY: an array's second word is its length.
                    let len = unsafe { object.add(1).read() };
                    (0..len as usize).for_each(|i| self.field(object.wrapping_add(2 + i)));
                }
                KIND_LARGE_STRUCT => {
                    let types = self.types;
                    types.large_refs(id, |offset| self.field(object.wrapping_byte_add(offset as usize)));
                }
                _ => {}
            }
        }
        at
    }

    #[inline]
    fn field(&mut self, at: *mut u32) {
        // SAFETY: the type says that there is a reference in the object.
        unsafe {
            let mut v = at.read();
            let before = v;
            self.visit(&mut v);
            if v != before {
                at.write(v);
            }
        }
    }
}

/// Bytes of an object.
///
/// # Safety
/// - `object` is an object of type `ty`.
#[inline]
unsafe fn object_size(ty: &VmType, object: *const u32) -> u32 {
    if ty.kind & KIND_STRUCT_BIT != 0 {
        return ty.size;
    }
    // SAFETY: the caller's; an array's second word is its length. The whole fits into a half of the heap.
    let len = unsafe { object.add(1).read() };
    (len * ty.size + ARRAY_DATA as u32 + 7) & !7
}

/// # Safety
/// - Both places have `words` words of eight bytes and do not overlap.
#[inline]
unsafe fn copy_words(from: *const u64, to: *mut u64, words: usize) {
    // SAFETY: the caller's. Most objects are so small that a call of the C library would cost more than the copy.
    unsafe {
        if words <= 8 {
            for i in 0..words {
                to.add(i).write(from.add(i).read());
            }
        } else {
            core::ptr::copy_nonoverlapping(from, to, words);
        }
    }
}
