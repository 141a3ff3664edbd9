//! Tags: what kinds of exceptions there are.

use super::store::Store;
use crate::base::{Error, ErrorKind, Result};
use crate::vm;
use crate::wasm::FuncType;
use std::sync::Arc;

/// A tag of one store; clones are the same tag. Handlers match by tag, not by type.
#[derive(Clone)]
pub struct Tag {
    tag: Arc<vm::Tag>,
    store_id: u64,
}

impl Tag {
    /// A tag that no module defined; its exceptions carry values of `ty`'s parameters. `ty` has no results, and its
    /// concrete types are the engine's numbers.
    pub fn new(store: &Store, ty: &FuncType) -> Result<Tag> {
        if !ty.results.is_empty() {
            return Err(Error::new(ErrorKind::Type, format!("a tag's type has no results, found `{ty}`")));
        }
        note_type(store, ty);
        let id = store.engine().types().intern(ty)?;
        Ok(Tag { tag: vm::Tag::new(ty.clone(), id), store_id: store.id() })
    }

    /// The type, concrete types as engine numbers.
    pub fn ty(&self) -> &FuncType {
        self.tag.ty()
    }

    pub fn same(&self, other: &Tag) -> bool {
        Arc::ptr_eq(&self.tag, &other.tag)
    }

    pub fn store_id(&self) -> u64 {
        self.store_id
    }

    pub(super) fn vm(&self) -> &Arc<vm::Tag> {
        &self.tag
    }

    pub(super) fn from_vm(store: &Store, tag: Arc<vm::Tag>) -> Tag {
        Tag { tag, store_id: store.id() }
    }
}

/// An exception may carry others away.
pub(super) fn note_type(store: &Store, ty: &FuncType) {
    ty.params.iter().for_each(|p| store.note_place(*p));
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tag({} of store {})", self.ty(), self.store_id)
    }
}
