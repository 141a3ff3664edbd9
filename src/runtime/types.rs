//! The engine's function types: equal types get equal numbers, so that an indirect call compares two words.
//!
//! Types live as long as their engine. That bounds memory by the number of distinct types ever seen, and lets
//! machine code, host functions and tables keep plain numbers.

use super::engine::Engine;
use crate::base::index::TypeIndex;
use crate::base::Result;
use crate::vm::code::{TrampolineCode, publish_trampolines};
use crate::wasm::{FuncType, HeapType, ModuleInfo, RefType, TypeId, ValType};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

#[derive(Default)]
pub(super) struct TypeRegistry {
    by_type: RwLock<HashMap<Arc<FuncType>, TypeId>>,
    entries: Entries,
}

/// The entries by number, in chunks of doubling size that never move: every checked call looks its type up,
/// which must not take a lock.
#[derive(Default)]
struct Entries {
    chunks: [OnceLock<Box<[OnceLock<Arc<Entry>>]>>; 27],
}

impl Entries {
    const FIRST: usize = 32;

    /// Chunk, size of the chunk, place in it.
    fn locate(id: TypeId) -> (usize, usize, usize) {
        let n = id.0 as usize + Self::FIRST;
        let chunk = (n / Self::FIRST).ilog2() as usize;
        let size = Self::FIRST << chunk;
        (chunk, size, n - size)
    }

    fn get(&self, id: TypeId) -> Option<&Arc<Entry>> {
        let (chunk, _, at) = Self::locate(id);
        self.chunks.get(chunk)?.get()?.get(at)?.get()
    }

    /// Numbers are given out in order, by one thread at a time.
    fn put(&self, id: TypeId, entry: Arc<Entry>) {
        let (chunk, size, at) = Self::locate(id);
        let made = || (0..size).map(|_| OnceLock::new()).collect();
        let _ = self.chunks[chunk].get_or_init(made)[at].set(entry);
    }
}

/// One canonical type.
pub(super) struct Entry {
    pub(super) ty: Arc<FuncType>,
    trampolines: OnceLock<Arc<TrampolineCode>>,
}

impl TypeRegistry {
    /// The number of `ty`, whose concrete heap types are engine numbers already.
    pub(super) fn intern(&self, ty: &FuncType) -> TypeId {
        if let Some(id) = self.by_type.read().get(ty) {
            return *id;
        }
        let mut by_type = self.by_type.write();
        if let Some(id) = by_type.get(ty) {
            return *id;
        }
        let id = TypeId(by_type.len() as u32);
        let ty = Arc::new(ty.clone());
        self.entries.put(id, Arc::new(Entry { ty: ty.clone(), trampolines: OnceLock::new() }));
        by_type.insert(ty, id);
        id
    }

    /// Numbers for all types of a module, in order. A module's type may refer to earlier types only.
    pub(super) fn intern_module(&self, info: &ModuleInfo) -> Arc<[TypeId]> {
        let mut ids: Vec<TypeId> = Vec::with_capacity(info.types.len());
        for ty in info.types.values() {
            let id = self.intern(&canonical_func(ty, &ids));
            ids.push(id);
        }
        ids.into()
    }

    /// The entry of a number that this registry gave out.
    pub(super) fn entry(&self, id: TypeId) -> &Arc<Entry> {
        self.entries.get(id).expect("a type's number comes from its engine")
    }

    pub(super) fn find(&self, id: TypeId) -> Option<&Arc<FuncType>> {
        self.entries.get(id).map(|e| &e.ty)
    }

    pub(super) fn get(&self, id: TypeId) -> &Arc<FuncType> {
        &self.entry(id).ty
    }
}

impl Entry {
    /// Trampolines of this type that belong to no module; compiled when first asked for.
    pub(super) fn trampolines(&self, engine: &Engine) -> Result<Arc<TrampolineCode>> {
        if let Some(t) = self.trampolines.get() {
            return Ok(t.clone());
        }
        let made = engine.compiler().trampolines(&self.ty)?;
        let made = publish_trampolines(&made.text, made.entry, made.host, &made.traps, &made.libcalls)?;
        Ok(self.trampolines.get_or_init(|| made).clone())
    }
}

/// A module's type with its concrete heap types turned into engine numbers.
pub(super) fn canonical_func(ty: &FuncType, ids: &[TypeId]) -> FuncType {
    let all = |types: &[ValType]| types.iter().map(|t| canonical_val(*t, ids)).collect::<Box<[_]>>();
    FuncType { params: all(&ty.params), results: all(&ty.results) }
}

pub(super) fn canonical_val(ty: ValType, ids: &[TypeId]) -> ValType {
    match ty {
        ValType::Ref(r) => ValType::Ref(canonical_ref(r, ids)),
        other => other,
    }
}

pub(super) fn canonical_ref(ty: RefType, ids: &[TypeId]) -> RefType {
    let heap = match ty.heap {
        HeapType::ConcreteFunc(i) => match ids.get(TypeIndex(i).0 as usize) {
            Some(id) => HeapType::ConcreteFunc(id.0),
            // A type may refer to itself or to a later one of its rec group only with the GC proposal.
            None => HeapType::Func,
        },
        other => other,
    };
    RefType { nullable: ty.nullable, heap }
}
