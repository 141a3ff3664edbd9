//! Global variables.

use crate::layout::{ValRaw, VmGlobal};
use crate::wasm::GlobalType;
use std::any::Any;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::Arc;

/// A global variable: where it is and what keeps it there. Clones are the same variable.
#[derive(Clone)]
pub struct Global {
    pub ty: GlobalType,
    pub cell: NonNull<VmGlobal>,
    /// The instance or box that the cell is part of.
    pub keep: Arc<dyn Any + Send + Sync>,
}

// SAFETY: `keep`, which is Send and Sync, owns the cell; accesses go through `get` and `set`, word by word.
unsafe impl Send for Global {}
// SAFETY: as above; racing accesses are the guest's business and tear at worst between words.
unsafe impl Sync for Global {}

struct HostCell(UnsafeCell<VmGlobal>);
// SAFETY: only reached through `Global`, see there.
unsafe impl Sync for HostCell {}

impl Global {
    /// A variable that belongs to no instance.
    pub fn host(ty: GlobalType, value: ValRaw) -> Global {
        let keep = Arc::new(HostCell(UnsafeCell::new(VmGlobal { value })));
        // `UnsafeCell::get` is never null.
        let cell = NonNull::new(keep.0.get()).unwrap_or(NonNull::dangling());
        Global { ty, cell, keep }
    }

    pub fn get(&self) -> ValRaw {
        // SAFETY: `keep` keeps the cell.
        unsafe { read(self.cell.as_ptr()) }
    }

    /// Calls `visit` with the handle in it, if it can hold one.
    pub fn gc_roots(&self, visit: &mut dyn FnMut(u32)) {
        if self.ty.content.is_gc_ref() && self.get().u32() != 0 {
            visit(self.get().u32());
        }
    }

    /// Writes, whatever the type's mutability says: the caller has checked type and mutability.
    pub fn set(&self, value: ValRaw) {
        // SAFETY: `keep` keeps the cell.
        unsafe { write(self.cell.as_ptr(), value) }
    }
}

/// # Safety
/// - `cell` points to a live global.
pub(super) unsafe fn read(cell: *const VmGlobal) -> ValRaw {
    // SAFETY: the caller's; volatile because machine code writes behind the compiler's back.
    let words = unsafe { cell.cast::<[u64; 2]>().read_volatile() };
    ValRaw { words }
}

/// # Safety
/// - As [`read`].
pub(super) unsafe fn write(cell: *mut VmGlobal, value: ValRaw) {
    // SAFETY: as in `read`.
    unsafe { cell.cast::<[u64; 2]>().write_volatile(value.words) }
}
