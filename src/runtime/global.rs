//! Global variables.

use super::store::Store;
use super::value::Val;
use crate::base::{Error, ErrorKind, Result};
use crate::vm;
use crate::wasm::GlobalType;

/// A global; clones are the same global.
#[derive(Clone)]
pub struct Global(vm::Global);

impl Global {
    /// A global that no module defined.
    pub fn new(store: &Store, ty: &GlobalType, value: &Val) -> Result<Global> {
        value.check(store, ty.content)?;
        store.note_place(ty.content);
        let global = vm::Global::host(*ty, value.to_raw());
        store.register_global(&global);
        Ok(Global(global))
    }

    /// The type, concrete types as engine numbers.
    pub fn ty(&self) -> GlobalType {
        self.0.ty
    }

    pub fn get(&self, store: &Store) -> Val {
        Val::from_raw(store, self.0.get(), self.0.ty.content)
    }

    pub fn set(&self, store: &Store, value: &Val) -> Result<()> {
        if !self.0.ty.mutable {
            return Err(Error::new(ErrorKind::Usage, "immutable global cannot be set"));
        }
        value.check(store, self.0.ty.content)?;
        self.0.set(value.to_raw());
        Ok(())
    }

    pub fn same(&self, other: &Global) -> bool {
        self.0.cell == other.0.cell
    }

    pub(super) fn vm(&self) -> &vm::Global {
        &self.0
    }

    pub(super) fn from_vm(global: vm::Global) -> Global {
        Global(global)
    }
}
