//! Tags and exceptions.
//!
//! What confuses: an exception need not be an object that anybody holds. One that is thrown and caught by its values
//! (`catch`) never shows itself to a guest and is gone when its values are read; only `catch_ref`, `catch_all_ref` and the
//! host make it *shown*: a handle that guests may keep wherever references go. Shown exceptions are freed by
//! collections of the store's heap, the others with their last root. Stores that many threads enter are never collected; there
//! each exec looks through what it has shown from time to time, see [`ExnTable::confine`].

use super::gc::OuterObjects;
use super::handles::{HandleKind, Handles};
use crate::base::{Error, ErrorKind, Result};
use crate::layout::ValRaw;
use crate::wasm::{FuncType, TypeId, ValType};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A tag instance: two are the same if they are at the same address.
pub struct Tag {
    ty: FuncType,
    type_id: TypeId,
}

impl Tag {
    /// A tag of this type, whose concrete heap types are the engine's numbers, as is `type_id`.
    pub fn new(ty: FuncType, type_id: TypeId) -> Arc<Tag> {
        Arc::new(Tag { ty, type_id })
    }

    /// The parameters are the values that an exception carries.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }

    pub fn type_id(&self) -> TypeId {
        self.type_id
    }
}

struct Exception {
    tag: Arc<Tag>,
    /// One per parameter of the tag.
    slots: Box<[ValRaw]>,
    shown: bool,
    /// Address of the exec whose guests have seen it; 0: none.
    owner: usize,
    /// Shown by the host or to guests of several execs: any thread's guest may have it.
    shared: bool,
}

impl Exception {
    /// Whether value `i` is a reference that a collector has to see.
    fn carries(&self, i: usize) -> bool {
        self.tag.ty.params.get(i).is_some_and(|ty| ty.is_gc_ref())
    }
}

/// Exceptions that a store without collections may have.
const MAX_UNCOLLECTED: usize = 1 << 20;

/// The exceptions of one store.
pub struct ExnTable {
    inner: Mutex<Handles<Exception>>,
    /// Reached by a collection and not traced yet.
    todo: Mutex<Vec<u32>>,
    collected: bool,
    confined: AtomicBool,
    stress: bool,
}

impl Default for ExnTable {
    fn default() -> Self {
        ExnTable::new()
    }
}

impl ExnTable {
    /// A table that is collected; with `stress`, whenever something is thrown.
    pub fn collected(stress: bool) -> ExnTable {
        ExnTable { stress, ..ExnTable::new() }
    }

    /// A table that is collected when it grows.
    pub fn new() -> ExnTable {
        ExnTable {
            inner: Mutex::new(Handles::new(HandleKind::Exception)),
            todo: Mutex::default(),
            collected: true,
            confined: AtomicBool::new(true),
            stress: false,
        }
    }

    /// A table that is never collected.
    pub fn uncollected() -> ExnTable {
        ExnTable { collected: false, ..ExnTable::new() }
    }

    /// A new exception; `slots` are of the types of the tag's parameters.
    pub fn alloc(self: &Arc<Self>, tag: &Arc<Tag>, slots: Box<[ValRaw]>) -> Result<ExnRoot> {
        if slots.len() != tag.ty.params.len() {
            return Err(Error::internal("an exception with the wrong number of values"));
        }
        let mut inner = self.inner.lock();
        if !self.collected && inner.len() >= MAX_UNCOLLECTED {
            return Err(Error::new(ErrorKind::Limit, "too many exceptions are referred to in a store that many threads enter"));
        }
        let handle = inner.add(Exception { tag: tag.clone(), slots, shown: false, owner: 0, shared: false })?;
        Ok(ExnRoot { table: self.clone(), handle })
    }

    /// A root of an exception that a guest has; `None` for null or a handle that means nothing.
    pub fn root(self: &Arc<Self>, handle: u32) -> Option<ExnRoot> {
        let mut inner = self.inner.lock();
        inner.get(handle)?;
        inner.root(handle);
        Some(ExnRoot { table: self.clone(), handle })
    }

    /// Whether enough was allocated since the last collection to make another worthwhile.
    pub fn wants_collection(&self) -> bool {
        self.stress || self.collected && self.inner.lock().wants_collection()
    }

    /// Exceptions in use.
    pub fn len(&self) -> usize {
        self.inner.lock().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// References to exceptions can be outside of stacks from now on: in a table, a global or another exception.
    pub fn spread(&self) {
        self.confined.store(false, Ordering::Relaxed);
    }

    /// Whether an exec has to note what it shows its guests, for [`ExnTable::confine`].
    pub(super) fn is_noted(&self) -> bool {
        !self.collected && self.confined.load(Ordering::Relaxed)
    }

    /// Lets go of exceptions that one exec showed to its guests and that are not in their frames (`live`): nobody else can
    /// have them but the host, which has roots, or shared them. Those that are in frames stay in `shown`.
    pub(super) fn confine(&self, shown: &mut Vec<u32>, live: &HashSet<u32>) {
        let mut gone = Vec::new();
        let mut inner = self.inner.lock();
        let confined = self.is_noted();
        shown.retain(|&handle| {
            if !confined || inner.get(handle).is_none_or(|e| e.shared) {
                return false;
            }
            if live.contains(&handle) {
                return true;
            }
            match (inner.roots(handle), inner.get(handle)) {
                (0, _) => gone.push(inner.remove(handle)),
                // The host still has it, and is the only one: it goes with the last root.
                (_, Some(e)) => (e.shown, e.owner) = (false, 0),
                _ => {}
            }
            false
        });
        drop(inner);
        drop(gone);
    }

}

impl OuterObjects for ExnTable {
    fn begin(&self) {
        let mut todo = self.todo.lock();
        todo.clear();
        self.inner.lock().mark_roots(|handle| todo.push(handle));
    }

    fn reach(&self, handle: u32) {
        if self.inner.lock().mark(handle) {
            self.todo.lock().push(handle);
        }
    }

    fn trace(&self, visit: &mut dyn FnMut(&mut u32)) -> bool {
        let todo = core::mem::take(&mut *self.todo.lock());
        for &handle in &todo {
            self.trace_one(handle, visit);
        }
        !todo.is_empty()
    }

    fn finish(&self) {
        if self.collected {
            let gone = self.inner.lock().sweep();
            drop(gone);
        }
    }
}

impl ExnTable {
    /// The lock is not held while `visit` runs, which may come back with exceptions.
    fn trace_one(&self, handle: u32, visit: &mut dyn FnMut(&mut u32)) {
        for i in 0.. {
            let carried = self.inner.lock().get(handle).and_then(|e| Some((e.slots.get(i)?.u32(), e.carries(i))));
            match carried {
                Some((before, true)) => {
                    let mut reference = before;
                    visit(&mut reference);
                    if let (true, Some(e)) = (reference != before, self.inner.lock().get(handle)) {
                        e.slots[i] = ValRaw::from_u32(reference);
                    }
                }
                Some(_) => {}
                None => return,
            }
        }
    }
}

/// A rooted exception: it lives at least as long as this root. What an [`Error`] of kind
/// [`ErrorKind::Exception`] carries.
pub struct ExnRoot {
    table: Arc<ExnTable>,
    handle: u32,
}

impl ExnRoot {
    /// The exception of an error, if it has one.
    pub fn of(error: &Error) -> Option<&ExnRoot> {
        error.payload()?.downcast_ref()
    }

    /// The handle as machine code sees it; never 0. It goes to a guest only after [`ExnRoot::show`].
    pub fn handle(&self) -> u32 {
        self.handle
    }

    pub fn table(&self) -> &Arc<ExnTable> {
        &self.table
    }

    /// The host gives the handle to a guest.
    pub fn show(&self) {
        if let Some(e) = self.table.inner.lock().get(self.handle) {
            (e.shown, e.shared) = (true, true);
        }
    }

    pub fn tag(&self) -> Option<Arc<Tag>> {
        self.table.inner.lock().get(self.handle).map(|e| e.tag.clone())
    }

    /// A value that it carries, with its type.
    pub fn field(&self, index: usize) -> Option<(ValRaw, ValType)> {
        let mut inner = self.table.inner.lock();
        let e = inner.get(self.handle)?;
        Some((*e.slots.get(index)?, *e.tag.ty.params.get(index)?))
    }

    /// Handle and table, for by-value handles of the C ABI. The root lives on until [`ExnRoot::from_parts`] takes it back.
    pub fn into_parts(self) -> (u32, Arc<ExnTable>) {
        self.table.inner.lock().root(self.handle); // pays for the root that the drop of `self` takes away
        (self.handle, self.table.clone())
    }

    /// The inverse of [`ExnRoot::into_parts`].
    pub fn from_parts(handle: u32, table: Arc<ExnTable>) -> ExnRoot {
        ExnRoot { table, handle }
    }

    /// For a handler that takes the values only: what it reads. An exception that nobody else has is used up by this.
    pub(super) fn into_slots(self) -> Box<[ValRaw]> {
        let mut inner = self.table.inner.lock();
        let alone = inner.roots(self.handle) == 1;
        let Some(e) = inner.get(self.handle) else { return Box::default() };
        if alone && !e.shown { core::mem::take(&mut e.slots) } else { e.slots.clone() }
    }

    /// For a handler that takes the exception itself: the address of its values, which lives with it, and whether the exec
    /// that runs the handler has to note it.
    pub(super) fn show_to(&self, exec: usize) -> (*const ValRaw, bool) {
        let noted = self.table.is_noted();
        let mut inner = self.table.inner.lock();
        let Some(e) = inner.get(self.handle) else { return (core::ptr::null(), false) };
        let first = !core::mem::replace(&mut e.shown, true);
        if first {
            e.owner = exec;
        }
        e.shared |= e.owner != exec;
        (e.slots.as_ptr(), noted && first)
    }
}

impl Clone for ExnRoot {
    fn clone(&self) -> Self {
        self.table.inner.lock().root(self.handle);
        ExnRoot { table: self.table.clone(), handle: self.handle }
    }
}

impl Drop for ExnRoot {
    fn drop(&mut self) {
        let gone = {
            let mut inner = self.table.inner.lock();
            let last = inner.unroot(self.handle) == 0 && inner.get(self.handle).is_some_and(|e| !e.shown);
            if last { inner.remove(self.handle) } else { None }
        };
        drop(gone);
    }
}

impl std::fmt::Debug for ExnRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExnRoot({:#x})", self.handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(x: &ExnTable) -> Vec<u32> {
        let mut seen = Vec::new();
        x.begin();
        while x.trace(&mut |r| {
            seen.push(*r);
            x.reach(*r);
        }) {}
        x.finish();
        seen
    }

    #[test]
    fn exceptions_keep_what_they_carry() {
        let x = Arc::new(ExnTable::new());
        let exn = Tag::new(FuncType::new([ValType::EXNREF, ValType::I32], []), TypeId(0));
        let ext = Tag::new(FuncType::new([ValType::EXTERNREF], []), TypeId(1));
        let inner = x.alloc(&ext, Box::new([ValRaw::from_u32(0b1010)])).unwrap();
        inner.show();
        let slots = [ValRaw::from_u32(inner.handle()), ValRaw::from_u32(0b1010)];
        let outer = x.alloc(&exn, Box::new(slots)).unwrap();
        let handle = inner.handle();
        drop(inner);
        assert_eq!(collect(&x), [handle, 0b1010]);
        assert_eq!(x.len(), 2);
        drop(outer);
        assert_eq!(x.len(), 1, "what no guest has seen goes with its last root");
        assert!(collect(&x).is_empty());
        assert!(x.is_empty());
    }

    #[test]
    fn references_that_move_are_followed() {
        let x = Arc::new(ExnTable::new());
        let any = Tag::new(FuncType::new([ValType::EXTERNREF], []), TypeId(0));
        let root = x.alloc(&any, Box::new([ValRaw::from_u32(64)])).unwrap();
        x.begin();
        x.trace(&mut |r| *r += 8);
        x.finish();
        assert_eq!(root.field(0).map(|f| f.0.u32()), Some(72));
    }
}
