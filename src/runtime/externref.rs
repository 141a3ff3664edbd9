//! References to host data that guests hold without looking inside.

use super::anyref::AnyRef;
use super::func::wrong_store;
use super::store::Store;
use crate::base::Result;
use crate::vm::gc::{ExternTable, Owner};
use std::any::Any;
use std::sync::Arc;

/// A rooted reference to host data: the data lives at least as long as this root.
pub struct ExternRef {
    handle: u32,
    store_id: u64,
    table: Arc<ExternTable>,
}

impl ExternRef {
    /// A reference whose `owner` is dropped once neither a guest nor a root reaches it. In a shared store equal
    /// words give equal references that live as long as the store.
    /// `word` is a number for the host's own use.
    pub fn new(store: &Store, word: u64, owner: Option<Arc<dyn Any + Send + Sync>>) -> Result<ExternRef> {
        if store.externs().wants_collection() {
            store.gc()?;
        }
        let table = store.externs().clone();
        let handle = table.alloc(word, owner)?;
        Ok(ExternRef { handle, store_id: store.id(), table })
    }

    /// Makes a root for a reference that machine code gave; `None` for null or one that means nothing. What a guest
    /// externalised with `extern.convert_any` becomes a root, too, though it has neither word nor owner.
    pub fn from_handle(store: &Store, raw: u32) -> Option<ExternRef> {
        let table = store.externs();
        let handle = table.hold(raw).ok()??;
        Some(ExternRef { handle, store_id: store.id(), table: table.clone() })
    }

    /// The reference as machine code sees it; valid until the next collection. Never 0.
    pub fn raw(&self) -> u32 {
        self.table.raw(self.handle)
    }

    /// Handle, store and table, for by-value handles of the C ABI. The root lives on until
    /// [`ExternRef::from_parts`] takes it back.
    pub fn into_parts(self) -> (u32, u64, Arc<ExternTable>) {
        self.table.root(self.handle); // pays for the root that the drop of `self` takes away
        (self.handle, self.store_id, self.table.clone())
    }

    /// The inverse of [`ExternRef::into_parts`].
    pub fn from_parts(handle: u32, store_id: u64, table: Arc<ExternTable>) -> ExternRef {
        ExternRef { handle, store_id, table }
    }

    /// The same reference in the `any` family, as `any.convert_extern` makes it.
    pub fn into_any(self) -> AnyRef {
        let (handle, store_id, table) = self.into_parts();
        AnyRef::from_parts(handle, store_id, table)
    }

    /// The handle by which the store knows this root; never 0. See [`ExternRef::raw`] for what guests have.
    pub fn handle(&self) -> u32 {
        self.handle
    }

    /// The owner given to [`ExternRef::new`].
    pub fn owner(&self) -> Owner {
        self.table.owner(self.handle)
    }

    /// The word given to [`ExternRef::new`].
    pub fn word(&self) -> u64 {
        self.table.word(self.handle).unwrap_or_default()
    }

    pub(super) fn check_store(&self, store: &Store) -> Result<()> {
        if self.store_id == store.id() { Ok(()) } else { Err(wrong_store("externref")) }
    }

    pub fn store_id(&self) -> u64 {
        self.store_id
    }
}

impl Clone for ExternRef {
    fn clone(&self) -> Self {
        self.table.root(self.handle);
        ExternRef { handle: self.handle, store_id: self.store_id, table: self.table.clone() }
    }
}

impl Drop for ExternRef {
    fn drop(&mut self) {
        self.table.unroot(self.handle);
    }
}

impl std::fmt::Debug for ExternRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExternRef({} of store {})", self.handle, self.store_id)
    }
}
