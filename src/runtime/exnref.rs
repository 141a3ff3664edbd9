//! Exceptions as the host holds them.

use super::func::wrong_store;
use super::store::Store;
use super::tag::Tag;
use super::value::Val;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::ValRaw;
use crate::vm::{ExnRoot, ExnTable};
use smallvec::SmallVec;
use std::sync::Arc;

/// A rooted exception: it lives at least as long as this root.
#[derive(Clone)]
pub struct ExnRef {
    root: ExnRoot,
    store_id: u64,
}

impl ExnRef {
    /// An exception with this tag and its values. Nothing is thrown: see [`ExnRef::into_error`].
    pub fn new(store: &Store, tag: &Tag, fields: &[Val]) -> Result<ExnRef> {
        if tag.store_id() != store.id() {
            return Err(wrong_store("tag"));
        }
        let types = &tag.ty().params;
        if types.len() != fields.len() {
            let message = format!("expected {} exception fields, got {}", types.len(), fields.len());
            return Err(Error::new(ErrorKind::Type, message));
        }
        if store.exceptions().wants_collection() {
            store.gc()?;
        }
        let mut slots: SmallVec<[ValRaw; 8]> = SmallVec::new();
        for (field, ty) in fields.iter().zip(types) {
            field.check(store, *ty).map_err(|e| e.context("exception field type mismatch"))?;
            slots.push(field.to_raw());
        }
        let root = store.exceptions().alloc(tag.vm(), slots.as_slice().into())?;
        Ok(ExnRef { root, store_id: store.id() })
    }

    /// Makes a root for a handle that machine code gave; `None` for null or a handle that means nothing.
    pub fn from_handle(store: &Store, handle: u32) -> Option<ExnRef> {
        let root = store.exceptions().root(handle)?;
        Some(ExnRef { root, store_id: store.id() })
    }

    /// The exception that an error of kind [`ErrorKind::Exception`] carries, if it is one of `store`.
    pub fn of(store: &Store, error: &Error) -> Option<ExnRef> {
        let root = ExnRoot::of(error).filter(|root| Arc::ptr_eq(root.table(), store.exceptions()))?;
        Some(ExnRef { root: root.clone(), store_id: store.id() })
    }

    /// The error that throws this exception when a host function returns it, or a yielded host call is resumed with it.
    pub fn into_error(self) -> Error {
        Error::exception(Box::new(self.root))
    }

    /// Its tag. An error if the exception is of another store.
    pub fn tag(&self, store: &Store) -> Result<Tag> {
        self.check_store(store)?;
        let tag = self.root.tag().ok_or_else(|| Error::internal("a rooted exception is gone"))?;
        Ok(Tag::from_vm(store, tag))
    }

    /// How many values it carries.
    pub fn num_fields(&self) -> usize {
        self.root.tag().map_or(0, |tag| tag.ty().params.len())
    }

    /// One of its values; `None` past the last, or if the exception is of another store.
    pub fn field(&self, store: &Store, index: usize) -> Option<Val> {
        self.check_store(store).ok()?;
        let (raw, ty) = self.root.field(index)?;
        Some(Val::from_raw(store, raw, ty))
    }

    /// Whether both are one exception.
    pub fn same(&self, other: &ExnRef) -> bool {
        Arc::ptr_eq(self.root.table(), other.root.table()) && self.root.handle() == other.root.handle()
    }

    /// The handle as machine code sees it; never 0.
    pub fn handle(&self) -> u32 {
        self.root.show();
        self.root.handle()
    }

    /// Handle, store and table, for by-value handles of the C ABI. The root lives on until [`ExnRef::from_parts`]
    /// takes it back.
    pub fn into_parts(self) -> (u32, u64, Arc<ExnTable>) {
        let (handle, table) = self.root.into_parts();
        (handle, self.store_id, table)
    }

    /// The inverse of [`ExnRef::into_parts`].
    pub fn from_parts(handle: u32, store_id: u64, table: Arc<ExnTable>) -> ExnRef {
        ExnRef { root: ExnRoot::from_parts(handle, table), store_id }
    }

    pub fn store_id(&self) -> u64 {
        self.store_id
    }

    pub(super) fn check_store(&self, store: &Store) -> Result<()> {
        if self.store_id == store.id() { Ok(()) } else { Err(wrong_store("exnref")) }
    }
}

impl std::fmt::Debug for ExnRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExnRef({:#x} of store {})", self.root.handle(), self.store_id)
    }
}
