//! Tables.
//!
//! Machine code reads `len`, compares, then reads `base`; growth stores `base`, then `len`, and keeps every old buffer until the
//! table dies: a reader on another thread never reaches past the buffer it sees.

use super::init::NULL;
use super::{FuncRefPtr, Instance};
use crate::base::index::FuncIndex;
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::layout::{FUNCREF_INIT_BIT, VmTable};
use crate::wasm::{RefFamily, TableType};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// Elements that a table may have, whatever its type says: what libwasmtime's validator allows as initial size.
const MAX_ELEMENTS: u64 = 10_000_000;
const INIT: u64 = FUNCREF_INIT_BIT as u64;
/// What counts of a raw handle; a slot's upper half is unspecified.
const HANDLE: u64 = u32::MAX as u64;

type Buffer = Box<[AtomicU64]>;

/// Elements are raw here: `*const VmFuncRef` (0 is null, without the mark of initialised elements) or a 32-bit handle.
pub struct Table {
    ty: TableType,
    /// Whether elements are function references and carry the mark.
    marked: bool,
    record: VmTable,
    /// The last one is in use.
    buffers: Mutex<Vec<Buffer>>,
    lazy: OnceLock<Lazy>,
}

/// What elements at the front stand for until they are initialised.
struct Lazy {
    owner: Weak<Instance>,
    funcs: Arc<[u32]>,
}

fn buffer(len: usize, value: u64) -> Result<Buffer> {
    let mut v = Vec::new();
    if v.try_reserve_exact(len).is_err() {
        return Err(Error::new(ErrorKind::Limit, format!("failed to allocate a table of {len} elements")));
    }
    v.resize_with(len, || AtomicU64::new(value));
    Ok(v.into_boxed_slice())
}

impl Table {
    /// `init` is the raw value of every element.
    pub fn new(ty: &TableType, init: u64) -> Result<Arc<Table>> {
        if ty.min > MAX_ELEMENTS {
            let text = format!("table minimum size of {} elements exceeds table limits", ty.min);
            return Err(Error::new(ErrorKind::Limit, text));
        }
        let marked = ty.element.heap.family() == RefFamily::Func;
        let value = match (marked, init) {
            (true, 0) => 0,
            (true, init) => init | INIT,
            (false, init) => init & HANDLE,
        };
        let first = buffer(ty.min as usize, value)?;
        let base = AtomicUsize::new(first.as_ptr().expose_provenance());
        let record = VmTable { base, len: AtomicUsize::new(first.len()) };
        Ok(Arc::new(Table { ty: *ty, marked, record, buffers: Mutex::new(vec![first]), lazy: OnceLock::new() }))
    }

    pub fn ty(&self) -> &TableType {
        &self.ty
    }

    /// Address-stable while the `Arc` lives.
    pub fn record(&self) -> *const VmTable {
        &self.record
    }

    /// Elements.
    pub fn len(&self) -> u64 {
        self.record.len.load(Ordering::Acquire) as u64
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes elements that are still zero stand for functions of `owner`.
    pub(super) fn set_lazy(&self, owner: Weak<Instance>, funcs: Arc<[u32]>) {
        let _ = self.lazy.set(Lazy { owner, funcs });
    }

    fn cell(&self, index: u64) -> Option<&AtomicU64> {
        if index >= self.len() {
            return None;
        }
        let base = core::ptr::with_exposed_provenance::<AtomicU64>(self.record.base.load(Ordering::Acquire));
        // SAFETY: the length was loaded before the base, so this buffer or a longer one is at the base; buffers live as long
        // as the table.
        Some(unsafe { &*base.add(index as usize) })
    }

    /// The element, initialised if need be; `None` out of bounds.
    pub fn get(&self, index: u64) -> Option<u64> {
        let cell = self.cell(index)?;
        let value = cell.load(Ordering::Acquire);
        if !self.marked {
            return Some(value);
        }
        if value != 0 {
            return Some(value & !INIT);
        }
        Some(self.initialise(cell, index))
    }

    #[cold]
    fn initialise(&self, cell: &AtomicU64, index: u64) -> u64 {
        let func = self.lazy.get().and_then(|lazy| {
            let func = lazy.funcs.get(index as usize).filter(|f| **f != NULL)?;
            Some(lazy.owner.upgrade()?.func(FuncIndex(*func)))
        });
        let raw = func.map_or(0, FuncRefPtr::to_raw);
        match cell.compare_exchange(0, raw | INIT, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => raw,
            Err(other) => other & !INIT,
        }
    }

    fn encode(&self, raw: u64) -> u64 {
        if self.marked { raw | INIT } else { raw & HANDLE }
    }

    pub fn set(&self, index: u64, raw: u64) -> Result<(), TrapCode> {
        let cell = self.cell(index).ok_or(TrapCode::TableOutOfBounds)?;
        cell.store(self.encode(raw), Ordering::Release);
        Ok(())
    }

    /// Elements before; `None` if over the maximum or out of memory. Does not ask the limiter. Any thread.
    pub fn grow(&self, delta: u64, init: u64) -> Option<u64> {
        let mut buffers = self.buffers.lock();
        let old = self.len();
        let max = self.ty.max.unwrap_or(u64::MAX).min(if self.ty.table64 { u64::MAX } else { u64::from(u32::MAX) });
        let new = old.checked_add(delta).filter(|n| *n <= max)?;
        let capacity = buffers.last().map_or(0, |b| b.len() as u64);
        if new > capacity {
            let roomy = (old.saturating_mul(2)).clamp(new, max.max(new));
            let next = buffer(usize::try_from(roomy).ok()?, 0).or_else(|_| buffer(new as usize, 0)).ok()?;
            for (i, to) in next.iter().enumerate().take(old as usize) {
                let value = self.cell(i as u64).map_or(0, |c| c.load(Ordering::Acquire));
                to.store(value, Ordering::Relaxed);
            }
            self.record.base.store(next.as_ptr().expose_provenance(), Ordering::Release);
            buffers.push(next);
        }
        let used = buffers.last()?;
        for cell in used.get(old as usize..new as usize)? {
            cell.store(self.encode(init), Ordering::Relaxed);
        }
        self.record.len.store(new as usize, Ordering::Release);
        Some(old)
    }

    /// Calls `visit` with the references in a table of references other than to functions; each may be changed.
    pub fn gc_roots(&self, visit: &mut dyn FnMut(&mut u32)) {
        if self.marked {
            return;
        }
        for cell in (0..self.len()).filter_map(|i| self.cell(i)) {
            let before = cell.load(Ordering::Acquire) as u32;
            let mut handle = before;
            visit(&mut handle);
            if handle != before {
                cell.store(handle.into(), Ordering::Release);
            }
        }
    }

    fn check(&self, at: u64, len: u64) -> Result<(), TrapCode> {
        let end = at.checked_add(len).filter(|end| *end <= self.len());
        end.map(drop).ok_or(TrapCode::TableOutOfBounds)
    }

    pub fn fill(&self, at: u64, raw: u64, len: u64) -> Result<(), TrapCode> {
        self.check(at, len)?;
        (at..at + len).try_for_each(|i| self.set(i, raw))
    }

    /// Within one table or between two; overlapping ranges are copied as if through a third place.
    pub fn copy(dst: &Table, dst_at: u64, src: &Table, src_at: u64, len: u64) -> Result<(), TrapCode> {
        src.check(src_at, len)?;
        dst.check(dst_at, len)?;
        let step = |i: u64| {
            let raw = src.get(src_at + i).ok_or(TrapCode::TableOutOfBounds)?;
            dst.set(dst_at + i, raw)
        };
        if dst_at <= src_at { (0..len).try_for_each(step) } else { (0..len).rev().try_for_each(step) }
    }

    /// Writes elements one after another; checks that all fit first.
    pub fn init(&self, at: u64, raws: impl ExactSizeIterator<Item = u64>) -> Result<(), TrapCode> {
        self.check(at, raws.len() as u64)?;
        (at..).zip(raws).try_for_each(|(i, raw)| self.set(i, raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::RefType;

    fn table(element: RefType, min: u64, max: Option<u64>) -> Arc<Table> {
        Table::new(&TableType { element, table64: false, min, max }, 0).unwrap()
    }

    #[test]
    fn elements_grow_fill_and_overlap() {
        let t = table(RefType::EXTERNREF, 2, Some(10));
        assert_eq!(t.grow(4, 9), Some(2));
        assert_eq!(t.grow(5, 9), None);
        t.fill(0, 1, 2).unwrap();
        Table::copy(&t, 1, &t, 0, 3).unwrap();
        let all: Vec<_> = (0..t.len()).map(|i| t.get(i).unwrap()).collect();
        assert_eq!(all, [1, 1, 1, 9, 9, 9]);
        assert_eq!((t.get(6), t.fill(5, 0, 2)), (None, Err(TrapCode::TableOutOfBounds)));
    }

    #[test]
    fn uninitialised_functions_without_a_plan_are_null() {
        let t = table(RefType::FUNCREF, 1, None);
        assert_eq!(t.get(0), Some(0));
        assert_eq!(t.cell(0).unwrap().load(Ordering::Relaxed), INIT);
    }

    #[test]
    fn hammer_readers_while_growing() {
        let t = table(RefType::EXTERNREF, 1, None);
        std::thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    while t.len() < 20_000 {
                        let last = t.len() - 1;
                        assert!(t.get(last).is_some_and(|v| v == 0 || v == 7));
                    }
                });
            }
            for _ in 0..20_000 {
                t.grow(1, 7).unwrap();
            }
        });
    }
}
