//! Anything that can be imported or exported, and whether it fits an import.

use super::func::{Func, wrong_store};
use super::global::Global;
use super::memory::Memory;
use super::store::Store;
use super::table::Table;
use super::tag::Tag;
use super::types::TypeRegistry;
use crate::base::{Error, ErrorKind, Result};
use crate::wasm::*;

#[derive(Clone)]
pub enum Extern {
    Func(Func),
    Table(Table),
    Memory(Memory),
    Global(Global),
    Tag(Tag),
}

impl Extern {
    pub fn ty(&self, store: &Store) -> ExternType {
        match self {
            Extern::Func(f) => ExternType::Func((*f.ty(store)).clone()),
            Extern::Table(t) => ExternType::Table(t.ty()),
            Extern::Memory(m) => ExternType::Memory(m.ty()),
            Extern::Global(g) => ExternType::Global(g.ty()),
            Extern::Tag(t) => ExternType::Tag(t.ty().clone()),
        }
    }

    pub fn func(&self) -> Option<&Func> {
        if let Extern::Func(f) = self { Some(f) } else { None }
    }

    pub fn table(&self) -> Option<&Table> {
        if let Extern::Table(t) = self { Some(t) } else { None }
    }

    pub fn memory(&self) -> Option<&Memory> {
        if let Extern::Memory(m) = self { Some(m) } else { None }
    }

    pub fn global(&self) -> Option<&Global> {
        if let Extern::Global(g) = self { Some(g) } else { None }
    }

    pub fn tag(&self) -> Option<&Tag> {
        if let Extern::Tag(t) = self { Some(t) } else { None }
    }

    /// Whether this can stand for an import of type `expected` (concrete types as engine numbers), which for functions and
    /// tags has the number `id`.
    pub(super) fn check(&self, store: &Store, expected: &ExternType, id: Option<TypeId>) -> Result<()> {
        let types = store.engine().types();
        match (self, expected) {
            (Extern::Func(f), ExternType::Func(want)) => {
                if f.store_id() != store.id() {
                    return Err(wrong_store("function"));
                }
                match id {
                    Some(id) if types.is_subtype(f.type_id(), id) => Ok(()),
                    _ => Err(func_mismatch(want, &f.ty(store))),
                }
            }
            (Extern::Global(g), ExternType::Global(want)) => match_global(types, want, &g.ty()),
            (Extern::Table(t), ExternType::Table(want)) => match_table(want, &t.ty(), t.size()),
            (Extern::Memory(m), ExternType::Memory(want)) => match_memory(want, &m.ty(), m.size()),
            (Extern::Tag(t), ExternType::Tag(want)) => {
                if t.store_id() != store.id() {
                    return Err(wrong_store("tag"));
                }
                if id == Some(t.vm().type_id()) { Ok(()) } else { Err(func_mismatch(want, t.ty())) }
            }
            _ => Err(incompatible(format!("expected {}, found {}", kind(expected), self.kind()))),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Extern::Func(_) => "func",
            Extern::Table(_) => "table",
            Extern::Memory(_) => "memory",
            Extern::Global(_) => "global",
            Extern::Tag(_) => "tag",
        }
    }
}

fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "func",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Global(_) => "global",
        ExternType::Tag(_) => "tag",
    }
}

#[cold]
fn incompatible(detail: String) -> Error {
    Error::new(ErrorKind::Link, format!("types incompatible: {detail}"))
}

#[cold]
pub(super) fn func_mismatch(want: &FuncType, found: &FuncType) -> Error {
    if want == found {
        return incompatible(format!("expected type `{want}`, found another type of the same form"));
    }
    incompatible(format!("expected type `{want}`, found type `{found}`"))
}

fn match_global(types: &TypeRegistry, want: &GlobalType, found: &GlobalType) -> Result<()> {
    let word = |mutable: bool| if mutable { "mutable" } else { "immutable" };
    if want.mutable != found.mutable {
        return Err(incompatible(format!("expected {} global, found {}", word(want.mutable), word(found.mutable))));
    }
    let fits = if want.mutable { want.content == found.content } else { types.val_matches(found.content, want.content) };
    if fits {
        return Ok(());
    }
    Err(incompatible(format!("expected global of type `{}`, found global of type `{}`", want.content, found.content)))
}

fn match_table(want: &TableType, found: &TableType, size: u64) -> Result<()> {
    if want.element != found.element {
        let detail = format!("expected table of `{}`, found table of `{}`", want.element, found.element);
        return Err(incompatible(detail));
    }
    if want.table64 != found.table64 {
        return Err(incompatible("32-bit and 64-bit tables do not match".to_owned()));
    }
    match_limits("table", (want.min, want.max), (size, found.max))
}

fn match_memory(want: &MemoryType, found: &MemoryType, size: u64) -> Result<()> {
    let agree = |what: &str, same: bool| {
        if same { Ok(()) } else { Err(incompatible(format!("memories differ in {what}"))) }
    };
    agree("sharing", want.shared == found.shared)?;
    agree("index type", want.memory64 == found.memory64)?;
    agree("page size", want.page_size_log2 == found.page_size_log2)?;
    match_limits("memory", (want.min, want.max), (size, found.max))
}

fn match_limits(what: &str, want: (u64, Option<u64>), found: (u64, Option<u64>)) -> Result<()> {
    let show = |max: Option<u64>| max.map_or("none".to_owned(), |m| m.to_string());
    let max_fits = want.1.is_none_or(|want| found.1.is_some_and(|found| found <= want));
    if found.0 >= want.0 && max_fits {
        return Ok(());
    }
    Err(incompatible(format!(
        "{what} limits: expected min {}, max {}, found size {}, max {}",
        want.0,
        show(want.1),
        found.0,
        show(found.1)
    )))
}
