//! Global variables.

use crate::layout::{ValRaw, VmGlobal};
use crate::wasm::GlobalType;
use std::any::Any;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::{Arc, Weak};

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

    /// Calls `visit` with the reference in it, which may be changed, if it can hold one.
    pub fn gc_roots(&self, visit: &mut dyn FnMut(&mut u32)) {
        if self.ty.content.is_gc_ref() {
            // SAFETY: as in `get`.
            unsafe { self::visit(self.cell.as_ptr(), visit) }
        }
    }

    /// The same variable without keeping it.
    pub fn downgrade(&self) -> WeakGlobal {
        WeakGlobal { ty: self.ty, cell: self.cell, keep: Arc::downgrade(&self.keep) }
    }

    /// Writes, whatever the type's mutability says: the caller has checked type and mutability.
    pub fn set(&self, value: ValRaw) {
        // SAFETY: `keep` keeps the cell.
        unsafe { write(self.cell.as_ptr(), value) }
    }
}

/// A global variable that may be gone.
pub struct WeakGlobal {
    ty: GlobalType,
    cell: NonNull<VmGlobal>,
    keep: Weak<dyn Any + Send + Sync>,
}

// SAFETY: as for `Global`, which is the only way to the cell.
unsafe impl Send for WeakGlobal {}

impl WeakGlobal {
    pub fn upgrade(&self) -> Option<Global> {
        Some(Global { ty: self.ty, cell: self.cell, keep: self.keep.upgrade()? })
    }
}

/// Shows the 32-bit reference in a global and writes it back if it was changed.
///
/// # Safety
/// - `cell` points to a live global of a type that the collector looks at.
pub(super) unsafe fn visit(cell: *mut VmGlobal, visit: &mut dyn FnMut(&mut u32)) {
    // SAFETY: the caller's.
    unsafe {
        let before = read(cell).u32();
        let mut handle = before;
        visit(&mut handle);
        if handle != before {
            write(cell, ValRaw::from_u32(handle));
        }
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
