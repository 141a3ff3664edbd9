//! Typed indices and the map they index, so that a function index cannot reach into the tables.

use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use serde::{Deserialize, Serialize};

/// An index type over `u32`.
pub trait Idx: Copy + Eq + 'static {
    fn from_u32(raw: u32) -> Self;
    fn as_u32(self) -> u32;
    fn index(self) -> usize {
        self.as_u32() as usize
    }
}

macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl Idx for $name {
            fn from_u32(raw: u32) -> Self { $name(raw) }
            fn as_u32(self) -> u32 { self.0 }
        }
    )*};
}

index_types! {
    /// Index into a module's type section, rec groups flattened.
    TypeIndex,
    /// Index into a module's function index space, imports first.
    FuncIndex,
    /// Position of a function among those the module defines itself.
    DefinedFunc,
    /// Index into a module's table index space, imports first.
    TableIndex,
    /// Index into a module's memory index space, imports first.
    MemoryIndex,
    /// Index into a module's global index space, imports first.
    GlobalIndex,
    /// Index into a module's tag index space, imports first.
    TagIndex,
    /// Index of an element segment.
    ElemIndex,
    /// Index of a data segment.
    DataIndex,
    /// Slot of a function whose reference can leave direct calls (`ref.func`, element segment, export).
    FuncRefIndex,
}

/// A `Vec` that is indexed by one index type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map<K, V> {
    items: Vec<V>,
    #[serde(skip)]
    key: PhantomData<fn(K)>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map { items: Vec::new(), key: PhantomData }
    }
}

impl<K: Idx, V> Map<K, V> {
    pub fn new() -> Self {
        Self::default()
    }
    /// Appends and returns the new item's index. Modules are limited to far fewer than `u32::MAX` items
    /// of a kind by the validator.
    pub fn push(&mut self, value: V) -> K {
        let key = K::from_u32(self.items.len() as u32);
        self.items.push(value);
        key
    }
    pub fn len(&self) -> usize {
        self.items.len()
    }
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    pub fn get(&self, key: K) -> Option<&V> {
        self.items.get(key.index())
    }
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (K, &V)> + DoubleEndedIterator {
        self.items.iter().enumerate().map(|(i, v)| (K::from_u32(i as u32), v))
    }
    pub fn values(&self) -> core::slice::Iter<'_, V> {
        self.items.iter()
    }
    pub fn keys(&self) -> impl ExactSizeIterator<Item = K> + use<K, V> {
        (0..self.items.len() as u32).map(K::from_u32)
    }
    pub fn as_slice(&self) -> &[V] {
        &self.items
    }
}

impl<K: Idx, V> Index<K> for Map<K, V> {
    type Output = V;
    fn index(&self, key: K) -> &V {
        &self.items[key.index()]
    }
}

impl<K: Idx, V> IndexMut<K> for Map<K, V> {
    fn index_mut(&mut self, key: K) -> &mut V {
        &mut self.items[key.index()]
    }
}

impl<K: Idx, V> FromIterator<V> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> Self {
        Map { items: iter.into_iter().collect(), key: PhantomData }
    }
}
