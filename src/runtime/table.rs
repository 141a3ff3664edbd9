//! Tables of references.

use super::store::Store;
use super::value::Val;
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::vm::{self, Upcalls};
use crate::wasm::{TableType, ValType};
use std::sync::Arc;

/// A table; clones are the same table.
#[derive(Clone)]
pub struct Table(Arc<vm::Table>);

impl Table {
    /// A table that no module defined; every element is `init`.
    pub fn new(store: &Store, ty: &TableType, init: &Val) -> Result<Table> {
        init.check(store, ValType::Ref(ty.element)).map_err(|e| e.context("type mismatch: value does not match type"))?;
        store.core().admit(0, 0, 1)?;
        let table = Table::create(store, ty)?;
        if init.to_raw() != crate::layout::ValRaw::ZERO {
            let filled = table.0.fill(0, init.to_raw().u64(), ty.min);
            filled.map_err(Error::trap)?;
        }
        Ok(table)
    }

    /// All elements null.
    pub(super) fn create(store: &Store, ty: &TableType) -> Result<Table> {
        if !store.core().table_growing(0, ty.min, ty.max)? {
            let message = format!("table minimum size of {} elements exceeds table limits", ty.min);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        store.note_place(ValType::Ref(ty.element));
        let table = vm::Table::new(ty, 0)?;
        store.register_table(&table);
        Ok(Table(table))
    }

    /// The type as declared, concrete types as engine numbers.
    pub fn ty(&self) -> TableType {
        *self.0.ty()
    }

    /// Current size in elements.
    pub fn size(&self) -> u64 {
        self.0.len()
    }

    /// The element, or `None` out of bounds.
    pub fn get(&self, store: &Store, index: u64) -> Option<Val> {
        let word = self.0.get(index)?;
        Some(Val::ref_from_word(store, word, self.0.ty().element))
    }

    pub fn set(&self, store: &Store, index: u64, value: &Val) -> Result<()> {
        value.check(store, ValType::Ref(self.0.ty().element))?;
        self.0.set(index, value.to_raw().u64()).map_err(|_| Error::new(ErrorKind::Limit, format!("wasm trap: {}", TrapCode::TableOutOfBounds.text())))
    }

    /// Adds `delta` elements of value `init` and returns the size before. To add none succeeds whatever the limits.
    pub fn grow(&self, store: &Store, delta: u64, init: &Val) -> Result<u64> {
        init.check(store, ValType::Ref(self.0.ty().element))?;
        store.check_thread()?;
        let refused = || Error::new(ErrorKind::Limit, format!("failed to grow table by `{delta}`"));
        let now = self.0.len();
        if delta == 0 {
            return Ok(now);
        }
        let desired = now.checked_add(delta).ok_or_else(refused)?;
        if !store.core().table_growing(now, desired, self.0.ty().max)? {
            return Err(refused());
        }
        self.0.grow(delta, init.to_raw().u64()).ok_or_else(refused)
    }

    pub fn same(&self, other: &Table) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn vm(&self) -> &Arc<vm::Table> {
        &self.0
    }

    pub(super) fn from_vm(table: Arc<vm::Table>) -> Table {
        Table(table)
    }
}
