//! References that guests can hold but not look into, and what becomes of them when nobody holds them.

use super::exception::ExnTable;
use super::handles::{HandleKind, Handles};
use crate::base::{Error, Result};
use parking_lot::Mutex;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// What a handle keeps alive.
pub type Owner = Option<Arc<dyn Any + Send + Sync>>;

/// Calls what it is given with every handle that guests hold.
pub type Enumerate<'a> = &'a mut dyn FnMut(&mut dyn FnMut(u32));

/// The external references of one store.
pub struct ExternTable {
    inner: Mutex<Inner>,
    interning: bool,
}

struct Inner {
    handles: Handles<External>,
    /// Interning tables only.
    by_word: HashMap<u64, u32>,
}

struct External {
    word: u64,
    owner: Owner,
}

impl Default for ExternTable {
    fn default() -> Self {
        ExternTable::new()
    }
}

impl ExternTable {
    /// A table whose entries are freed by [`collect`].
    pub fn new() -> ExternTable {
        let inner = Inner { handles: Handles::new(HandleKind::Extern), by_word: HashMap::new() };
        ExternTable { inner: Mutex::new(inner), interning: false }
    }

    /// A table in which equal words share one handle for ever, for stores that many threads enter: they have no moment at which
    /// all stacks could be looked at.
    pub fn interning() -> ExternTable {
        ExternTable { interning: true, ..ExternTable::new() }
    }

    /// A handle for `word`, with one root. Interning tables take no owner.
    pub fn alloc(&self, word: u64, owner: Owner) -> Result<u32> {
        let mut inner = self.inner.lock();
        if self.interning {
            if owner.is_some() {
                return Err(Error::usage("references of a shared store are plain words and own nothing"));
            }
            if let Some(handle) = inner.by_word.get(&word) {
                return Ok(*handle);
            }
        }
        let handle = inner.handles.add(External { word, owner })?;
        if self.interning {
            inner.by_word.insert(word, handle);
        }
        Ok(handle)
    }

    /// The word; `None` if there is no such reference.
    pub fn word(&self, handle: u32) -> Option<u64> {
        self.inner.lock().handles.get(handle).map(|e| e.word)
    }

    pub fn owner(&self, handle: u32) -> Owner {
        self.inner.lock().handles.get(handle).and_then(|e| e.owner.clone())
    }

    /// Counts one more holder outside the guest.
    pub fn root(&self, handle: u32) {
        self.inner.lock().handles.root(handle);
    }

    pub fn unroot(&self, handle: u32) {
        self.inner.lock().handles.unroot(handle);
    }

    /// Whether enough was allocated since the last collection to make another worthwhile.
    pub fn wants_collection(&self) -> bool {
        !self.interning && self.inner.lock().handles.wants_collection()
    }

    /// References in use.
    pub fn len(&self) -> usize {
        self.inner.lock().handles.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Frees what has no root and is not in the guest's hands: `live` calls what it is given with every handle in stack
/// frames, globals and tables. What live exceptions carry lives with them. Returns how many references were freed; their owners
/// are dropped before it returns, after the tables' locks, since their finalizers may come back here. Does nothing in stores
/// that are never collected.
pub fn collect(
    externs: &ExternTable,
    exceptions: &ExnTable,
    live: Enumerate<'_>,
) -> usize {
    if externs.interning {
        return 0;
    }
    let (freed, gone) = {
        let mut externs = externs.inner.lock();
        externs.handles.mark_roots(|_| ());
        exceptions.begin();
        let mut visit = |handle: u32| match HandleKind::of(handle) {
            Some(HandleKind::Extern) => _ = externs.handles.mark(handle),
            Some(HandleKind::Exception) => exceptions.reach(handle),
            None => {}
        };
        live(&mut visit);
        while exceptions.trace(&mut |handle| visit(*handle)) {}
        (externs.handles.sweep(), exceptions.finish())
    };
    freed.len() + gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::ValRaw;
    use crate::vm::Tag;
    use crate::wasm::{FuncType, TypeId, ValType};

    #[test]
    fn roots_and_guest_keep_entries() {
        let (t, x) = (ExternTable::new(), ExnTable::new());
        let owner: Arc<dyn Any + Send + Sync> = Arc::new(());
        let (a, b, c) = (t.alloc(1, None).unwrap(), t.alloc(2, None).unwrap(), t.alloc(3, Some(owner.clone())).unwrap());
        t.unroot(b);
        t.unroot(c);
        assert_eq!(collect(&t, &x, &mut |visit| visit(b)), 1);
        assert_eq!((t.word(a), t.word(b), t.word(c)), (Some(1), Some(2), None));
        assert_eq!(Arc::strong_count(&owner), 1);
        assert_eq!(t.alloc(4, None).unwrap(), c);
        assert_eq!((t.word(0), t.word(a | 1), t.len()), (None, None, 3));
    }

    #[test]
    fn equal_words_share_a_handle() {
        let t = ExternTable::interning();
        let a = t.alloc(7, None).unwrap();
        assert_eq!(t.alloc(7, None).unwrap(), a);
        assert_ne!(t.alloc(8, None).unwrap(), a);
        assert_eq!(collect(&t, &ExnTable::new(), &mut |_| ()), 0);
    }

    #[test]
    fn exceptions_keep_what_they_carry() {
        let (t, x) = (ExternTable::new(), Arc::new(ExnTable::new()));
        let exn = Tag::new(FuncType::new([ValType::EXNREF], []), TypeId(0));
        let ext = Tag::new(FuncType::new([ValType::EXTERNREF], []), TypeId(1));
        let e = t.alloc(1, None).unwrap();
        let inner = x.alloc(&ext, Box::new([ValRaw::from_u32(e)])).unwrap();
        inner.show();
        let outer = x.alloc(&exn, Box::new([ValRaw::from_u32(inner.handle())])).unwrap();
        t.unroot(e);
        drop(inner);
        assert_eq!(collect(&t, &x, &mut |_| ()), 0);
        assert_eq!((t.len(), x.len()), (1, 2));
        drop(outer);
        assert_eq!((t.len(), x.len()), (1, 1));
        assert_eq!(collect(&t, &x, &mut |_| ()), 2);
    }
}
