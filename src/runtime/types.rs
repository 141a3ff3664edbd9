//! The engine's types: equal types get equal numbers, so that an indirect call compares two words.
//!
//! Types are equal if their whole recursion groups are: a group is looked up in the form in which references inside of it are
//! relative and references out of it are engine numbers already. Types live as long as their engine. That bounds
//! memory by the number of distinct types ever seen, and lets machine code, host functions, tables and objects
//! keep plain numbers.

use super::engine::Engine;
use crate::base::index::TypeIndex;
use crate::base::{Error, ErrorKind, Result};
use crate::vm::code::{TrampolineCode, publish_trampolines};
use crate::vm::gc::TypeTable;
use crate::wasm::{FuncType, HeapType, ModuleInfo, RefType, SubType, TypeId, ValType};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

pub(super) struct TypeRegistry {
    groups: RwLock<Groups>,
    entries: Entries,
    table: Arc<TypeTable>,
}

struct Groups {
    /// First number of each group by its canonical form.
    by_form: HashMap<Arc<[SubType]>, TypeId>,
    /// The next number. 0 is no type's: type records use it for "none".
    next: u32,
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

/// Marks a number in a group's canonical form as relative to the group's first type.
const RELATIVE: u32 = 1 << 31;

/// One canonical type, its numbers the engine's.
pub(super) struct Entry {
    pub(super) ty: SubType,
    func: Arc<FuncType>,
    /// Its ancestors from the root on, and itself.
    line: Box<[TypeId]>,
    trampolines: OnceLock<Arc<TrampolineCode>>,
}

impl Entry {
    fn new(ty: SubType, line: Box<[TypeId]>) -> Arc<Entry> {
        let func = Arc::new(ty.func().clone());
        Arc::new(Entry { ty, func, line, trampolines: OnceLock::new() })
    }
}

impl TypeRegistry {
    pub(super) fn new() -> Result<TypeRegistry> {
        let groups = RwLock::new(Groups { by_form: HashMap::new(), next: 1 });
        Ok(TypeRegistry { groups, entries: Entries::default(), table: Arc::new(TypeTable::new()?) })
    }

    /// The types as machine code sees them.
    pub(super) fn table(&self) -> &Arc<TypeTable> {
        &self.table
    }

    /// The number of a final function type, whose concrete heap types are engine numbers already.
    pub(super) fn intern(&self, ty: &FuncType) -> Result<TypeId> {
        self.intern_group(&[ty.clone().into()])
    }

    /// The first number of a group in canonical form.
    pub(super) fn intern_group(&self, group: &[SubType]) -> Result<TypeId> {
        if let Some(id) = self.groups.read().by_form.get(group) {
            return Ok(*id);
        }
        let mut groups = self.groups.write();
        if let Some(id) = groups.by_form.get(group) {
            return Ok(*id);
        }
        let first = groups.next;
        for ty in group {
            let id = TypeId(groups.next);
            self.add(id, absolute(ty, first))?;
            groups.next += 1;
        }
        groups.by_form.insert(group.into(), TypeId(first));
        Ok(TypeId(first))
    }

    fn add(&self, id: TypeId, ty: SubType) -> Result<()> {
        let mut line = match ty.supertype {
            None => Vec::new(),
            Some(sup) => self.find(TypeId(sup)).map(|e| e.line.to_vec()).ok_or_else(|| unknown(sup))?,
        };
        line.push(id);
        self.table.insert(id, &ty, &line)?;
        self.entries.put(id, Entry::new(ty, line.into()));
        Ok(())
    }

    /// Numbers for all types of a module, in order.
    pub(super) fn intern_module(&self, info: &ModuleInfo) -> Result<Arc<[TypeId]>> {
        let mut ids: Vec<TypeId> = Vec::with_capacity(info.types.len());
        let mut groups = info.rec_groups.iter().filter(|g| !g.is_empty()).peekable();
        while ids.len() < info.types.len() {
            let start = ids.len() as u32;
            let end = match groups.next_if(|g| g.start <= start) {
                Some(g) => g.end,
                None => start + 1,
            };
            let group: Vec<SubType> =
                (start..end).map(|i| relative(&info.types[TypeIndex(i)], &ids, start)).collect();
            let first = self.intern_group(&group)?;
            ids.extend((0..end - start).map(|i| TypeId(first.0 + i)));
        }
        Ok(ids.into())
    }

    /// The entry of a number that this registry gave out.
    pub(super) fn entry(&self, id: TypeId) -> &Arc<Entry> {
        self.entries.get(id).expect("a type's number comes from its engine")
    }

    /// The type with this number; `None` if there is none.
    pub(super) fn find(&self, id: TypeId) -> Option<&Arc<Entry>> {
        self.entries.get(id)
    }

    /// The function type with this number; of an empty function if it is another kind of type.
    pub(super) fn get(&self, id: TypeId) -> &Arc<FuncType> {
        &self.entry(id).func
    }

    /// Whether the types are equal or the first is declared to extend the second.
    pub(super) fn is_subtype(&self, sub: TypeId, sup: TypeId) -> bool {
        sub == sup || (self.find(sub).is_some() && self.find(sup).is_some() && self.table.is_subtype(sub, sup))
    }

    pub(super) fn heap_matches(&self, sub: HeapType, sup: HeapType) -> bool {
        sub.matches_with(sup, &|a, b| self.is_subtype(TypeId(a), TypeId(b)))
    }

    pub(super) fn val_matches(&self, sub: ValType, sup: ValType) -> bool {
        sub.matches_with(sup, &|a, b| self.is_subtype(TypeId(a), TypeId(b)))
    }
}

impl Entry {
    /// Trampolines of this type that belong to no module; compiled when first asked for.
    pub(super) fn trampolines(&self, engine: &Engine) -> Result<Arc<TrampolineCode>> {
        if let Some(t) = self.trampolines.get() {
            return Ok(t.clone());
        }
        let made = engine.compiler().trampolines(self.ty.func())?;
        let made = publish_trampolines(&made.text, made.entry, made.host, &made.traps, &made.libcalls)?;
        Ok(self.trampolines.get_or_init(|| made).clone())
    }

    /// The function type; `None` for structs and arrays.
    pub(super) fn func(&self) -> Option<&Arc<FuncType>> {
        self.ty.as_func().map(|_| &self.func)
    }
}

#[cold]
fn unknown(number: u32) -> Error {
    Error::new(ErrorKind::Type, format!("type number {number} is not known to this engine"))
}

/// A module's type in canonical form: `ids` are the numbers of the types before its group, which begins at `start`.
fn relative(ty: &SubType, ids: &[TypeId], start: u32) -> SubType {
    let number = |i: u32| ids.get(i as usize).map_or(RELATIVE | i.wrapping_sub(start), |id| id.0);
    ty.map(&mut |v| renumbered(v, &number), &mut |i| number(i))
}

/// From canonical form to engine numbers.
fn absolute(ty: &SubType, first: u32) -> SubType {
    let number = |i: u32| if i & RELATIVE != 0 { first.wrapping_add(i & !RELATIVE) } else { i };
    ty.map(&mut |v| renumbered(v, &number), &mut |i| number(i))
}

fn renumbered(ty: ValType, number: &dyn Fn(u32) -> u32) -> ValType {
    match ty {
        ValType::Ref(RefType { nullable, heap }) => {
            let heap = heap.concrete().map_or(heap, |i| heap.with_number(number(i)));
            ValType::Ref(RefType { nullable, heap })
        }
        other => other,
    }
}

/// A module's type with its concrete heap types turned into engine numbers.
pub(super) fn canonical_func(ty: &FuncType, ids: &[TypeId]) -> FuncType {
    let all = |types: &[ValType]| types.iter().map(|t| canonical_val(*t, ids)).collect::<Box<[_]>>();
    FuncType { params: all(&ty.params), results: all(&ty.results) }
}

pub(super) fn canonical_val(ty: ValType, ids: &[TypeId]) -> ValType {
    renumbered(ty, &|i| ids.get(i as usize).map_or(0, |id| id.0))
}

pub(super) fn canonical_ref(ty: RefType, ids: &[TypeId]) -> RefType {
    match canonical_val(ValType::Ref(ty), ids) {
        ValType::Ref(r) => r,
        _ => ty,
    }
}
