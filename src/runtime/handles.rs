//! By-value handles: numbers by which hosts that cannot hold counts name a store's parts.

use super::func::Func;
use super::global::Global;
use super::instance::Instance;
use super::memory::Memory;
use super::store::{Store, StoreKind, WeakStore};
use super::table::Table;
use super::tag::Tag;
use crate::base::{Error, Result};
use crate::vm::code::CodeMap;
use crate::vm;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// Numbered places. A number is a place and how often that has been given up, so that stale ones name nothing.
pub(super) struct Slots<T> {
    places: Vec<Place<T>>,
    by_address: HashMap<usize, u32>,
    free: Vec<u32>,
}

struct Place<T> {
    item: Option<T>,
    /// How often the place was given up.
    uses: u32,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots { places: Vec::new(), by_address: HashMap::new(), free: Vec::new() }
    }
}

/// What has one address for its life.
pub(super) trait Address {
    fn address(&self) -> usize;
}

impl Address for Instance {
    fn address(&self) -> usize {
        Arc::as_ptr(self.vm()).addr()
    }
}
impl Address for Memory {
    fn address(&self) -> usize {
        Arc::as_ptr(self.vm()).addr()
    }
}
impl Address for Table {
    fn address(&self) -> usize {
        Arc::as_ptr(self.vm()).addr()
    }
}
impl Address for Tag {
    fn address(&self) -> usize {
        Arc::as_ptr(self.vm()).addr()
    }
}
impl Address for Global {
    fn address(&self) -> usize {
        self.vm().cell.addr().get()
    }
}

impl<T: Address + Clone> Slots<T> {
    /// The item's number, a new one if it has none yet.
    pub(super) fn intern(&mut self, item: &T) -> u64 {
        let at = match self.by_address.get(&item.address()) {
            Some(at) => *at,
            None => self.add(item),
        };
        u64::from(at) | u64::from(self.places[at as usize].uses) << 32
    }

    fn add(&mut self, item: &T) -> u32 {
        let at = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { item: None, uses: 0 });
            (self.places.len() - 1) as u32
        });
        self.places[at as usize].item = Some(item.clone());
        self.by_address.insert(item.address(), at);
        at
    }

    pub(super) fn get(&self, number: u64) -> Option<&T> {
        let place = self.places.get(number as u32 as usize)?;
        place.item.as_ref().filter(|_| u64::from(place.uses) == number >> 32)
    }

    /// Gives up the item at this address, if there is one.
    fn remove(&mut self, address: usize) -> Option<T> {
        let at = self.by_address.remove(&address)?;
        let place = self.places.get_mut(at as usize)?;
        place.uses = place.uses.wrapping_add(1);
        self.free.push(at);
        place.item.take()
    }

    /// How many places there are.
    fn len(&self) -> usize {
        self.places.len()
    }

    /// In order of their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|p| p.item.as_ref())
    }
}

/// What a store keeps alive for handles.
#[derive(Default)]
pub(super) struct Handles {
    pub(super) instances: Slots<Instance>,
    memories: Slots<Memory>,
    tables: Slots<Table>,
    globals: Slots<Global>,
    tags: Slots<Tag>,
    /// Owners of functions that have handles, by address.
    owners: HashMap<usize, Arc<dyn Any + Send + Sync>>,
}

/// What a release takes out, to be dropped when no lock is held.
type Released = (Option<Instance>, Vec<Memory>, Vec<Table>, Vec<Global>, Vec<Tag>, Option<Arc<dyn Any + Send + Sync>>);

impl Handles {
    fn release(&mut self, instance: &vm::Instance, address: usize) -> Released {
        let info = instance.info();
        let own = |imported: u32, i: usize| i >= imported as usize;
        let memories = instance.memories().iter().enumerate().filter(|(i, _)| own(info.num_imported_memories, *i));
        let tables = instance.tables().iter().enumerate().filter(|(i, _)| own(info.num_imported_tables, *i));
        let tags = instance.tags().iter().enumerate().filter(|(i, _)| own(info.num_imported_tags, *i));
        (
            self.instances.remove(address),
            memories.filter_map(|(_, m)| self.memories.remove(Arc::as_ptr(m).addr())).collect(),
            tables.filter_map(|(_, t)| self.tables.remove(Arc::as_ptr(t).addr())).collect(),
            instance.own_globals().filter_map(|at| self.globals.remove(at)).collect(),
            tags.filter_map(|(_, t)| self.tags.remove(Arc::as_ptr(t).addr())).collect(),
            self.owners.remove(&address),
        )
    }
}

/// Who was there when a trace was taken. In an exclusive store instances only come, so the first so many are they.
struct Present {
    store: WeakStore,
    instances: usize,
}

impl vm::Witness for Present {
    fn instance_of(&self, code: &Arc<CodeMap>) -> Option<u64> {
        let store = self.store.upgrade()?;
        let state = store.state();
        let present = state.handles.instances.iter().take(self.instances);
        let mut matching = present.enumerate().filter(|(_, i)| Arc::ptr_eq(i.vm().code(), code));
        match (matching.next(), matching.next()) {
            (Some((number, _)), None) => Some(number as u64),
            _ => None,
        }
    }

    fn owner(&self) -> Option<Box<dyn Any>> {
        Some(Box::new(self.store.upgrade()?))
    }
}

impl Store {
    /// For a trace; `None` in shared stores, whose instances come and go.
    pub(super) fn witness(&self) -> Option<Box<dyn vm::Witness>> {
        if self.kind() == StoreKind::Shared {
            return None;
        }
        Some(Box::new(Present { store: self.downgrade(), instances: self.state().handles.instances.len() }))
    }

    /// The number by which a by-value handle names `instance`; the store keeps it alive from now on.
    pub fn intern_instance(&self, instance: &Instance) -> u64 {
        self.state().handles.instances.intern(instance)
    }
    pub fn intern_memory(&self, memory: &Memory) -> u64 {
        self.state().handles.memories.intern(memory)
    }
    pub fn intern_table(&self, table: &Table) -> u64 {
        self.state().handles.tables.intern(table)
    }
    pub fn intern_global(&self, global: &Global) -> u64 {
        self.state().handles.globals.intern(global)
    }
    pub fn intern_tag(&self, tag: &Tag) -> u64 {
        self.state().handles.tags.intern(tag)
    }
    pub fn instance(&self, number: u64) -> Option<Instance> {
        self.state().handles.instances.get(number).cloned()
    }
    pub fn memory(&self, number: u64) -> Option<Memory> {
        self.state().handles.memories.get(number).cloned()
    }
    pub fn table(&self, number: u64) -> Option<Table> {
        self.state().handles.tables.get(number).cloned()
    }
    pub fn global(&self, number: u64) -> Option<Global> {
        self.state().handles.globals.get(number).cloned()
    }
    pub fn tag(&self, number: u64) -> Option<Tag> {
        self.state().handles.tags.get(number).cloned()
    }

    /// A function from the address that [`Func::addr`] gave; the caller vouches that it came from this store.
    pub fn func(&self, addr: usize) -> Option<Func> {
        Func::from_word(self, addr as u64)
    }

    /// The address by which a by-value handle names `func`; the store keeps what it needs alive from now on.
    pub fn intern_func(&self, func: &Func) -> usize {
        if let Some(owner) = func.keep() {
            let address = Arc::as_ptr(owner).addr();
            self.state().handles.owners.entry(address).or_insert_with(|| owner.clone());
        }
        func.addr()
    }

    /// Ends the handles of `instance` and of what it defines: the instance goes with the last call, importer or reference
    /// that needs it. Numbers of ended handles name nothing any more; addresses of its functions must not be used.
    ///
    /// Only in shared stores: an exclusive one owns what is made in it.
    pub fn release_instance(&self, instance: &Instance) -> Result<()> {
        if self.kind() == StoreKind::Exclusive {
            return Err(Error::usage("a store of one thread owns its instances until it is deleted: none can be released"));
        }
        if instance.leaks_references() {
            // Tables and globals may refer to its functions: the store keeps it.
            return Ok(());
        }
        let released = self.state().handles.release(instance.vm(), instance.address());
        drop(released);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Item(usize);
    impl Address for Item {
        fn address(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn a_number_names_nothing_once_its_item_was_given_up() {
        let mut slots = Slots::default();
        let (a, b) = (slots.intern(&Item(10)), slots.intern(&Item(20)));
        assert_eq!((slots.intern(&Item(10)), slots.get(a).map(|i| i.0)), (a, Some(10)));
        assert!(slots.remove(10).is_some() && slots.remove(10).is_none());
        let c = slots.intern(&Item(30));
        assert_eq!(c as u32, a as u32, "the place is used again");
        assert!(slots.get(a).is_none());
        let held: Vec<usize> = [b, c].into_iter().filter_map(|n| slots.get(n)).map(|i| i.0).collect();
        assert_eq!(held, [20, 30]);
        assert_eq!(slots.iter().count(), 2);
    }
}
