//! By-value handles of a store's parts, and the value that is any of them.

use super::super::ffi::{ContextPtr, guard, put};
use super::super::wasm::Home;
use super::super::wasm::externtype::wasm_externtype_t;
use super::sharedmemory::{self, wasmtime_sharedmemory_t};
use super::store::wasmtime_context_t;
use crate::base::{Error, Result};
use crate::runtime::{Extern, Func, Global, Instance, Memory, Table};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// A function of a store. A `store_id` of 0 makes it the null function reference.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_func_t {
    pub store_id: u64,
    pub __private: *mut c_void,
}

/// A table of a store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_table_t {
    pub store_id: u64,
    pub __private1: u32,
    pub __padding: u32,
    pub __private2: u32,
}

/// A memory of a store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_memory_t {
    pub store_id: u64,
    pub __private1: u32,
    pub __padding: u32,
    pub __private2: u32,
}

/// A global of a store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_global_t {
    pub store_id: u64,
    pub __private1: u32,
    pub __private2: u32,
    pub __private3: u32,
}

/// What a `wasmtime_extern_t` holds: one of the `WASMTIME_EXTERN_` numbers.
pub type wasmtime_extern_kind_t = u8;

/// A `wasmtime_func_t`.
pub const WASMTIME_EXTERN_FUNC: u8 = 0;
/// A `wasmtime_global_t`.
pub const WASMTIME_EXTERN_GLOBAL: u8 = 1;
/// A `wasmtime_table_t`.
pub const WASMTIME_EXTERN_TABLE: u8 = 2;
/// A `wasmtime_memory_t`.
pub const WASMTIME_EXTERN_MEMORY: u8 = 3;
/// A `wasmtime_sharedmemory_t *`, owned.
pub const WASMTIME_EXTERN_SHAREDMEMORY: u8 = 4;
/// A `wasmtime_tag_t`.
pub const WASMTIME_EXTERN_TAG: u8 = 5;

/// Anything that can be imported or exported. The header spells the union out; its words are the same.
#[repr(C)]
pub struct wasmtime_extern_t {
    kind: wasmtime_extern_kind_t,
    of: [u64; 3],
}

impl wasmtime_context_t {
    /// The function behind a handle of this store.
    #[inline]
    pub(in crate::capi) fn func(&self, func: &wasmtime_func_t) -> Result<Func> {
        self.check(func.store_id, "function")?;
        self.store().func(func.__private.addr()).ok_or_else(|| Error::usage("function handle is null"))
    }

    pub(in crate::capi) fn memory(&self, memory: &wasmtime_memory_t) -> Result<Memory> {
        self.check(memory.store_id, "memory")?;
        self.store().memory(number(memory.__private1, memory.__private2)).ok_or_else(|| no_such("memory"))
    }

    pub(in crate::capi) fn table(&self, table: &wasmtime_table_t) -> Result<Table> {
        self.check(table.store_id, "table")?;
        self.store().table(number(table.__private1, table.__private2)).ok_or_else(|| no_such("table"))
    }

    pub(in crate::capi) fn global(&self, global: &wasmtime_global_t) -> Result<Global> {
        self.check(global.store_id, "global")?;
        self.store().global(number(global.__private1, global.__private2)).ok_or_else(|| no_such("global"))
    }

    pub(in crate::capi) fn func_handle(&self, func: &Func) -> wasmtime_func_t {
        let address = self.store().intern_func(func);
        wasmtime_func_t { store_id: func.store_id(), __private: ptr::without_provenance_mut(address) }
    }

    pub(in crate::capi) fn memory_handle(&self, memory: &Memory) -> wasmtime_memory_t {
        let (__private1, __private2) = halves(self.store().intern_memory(memory));
        wasmtime_memory_t { store_id: self.store().id(), __private1, __padding: 0, __private2 }
    }

    pub(in crate::capi) fn table_handle(&self, table: &Table) -> wasmtime_table_t {
        let (__private1, __private2) = halves(self.store().intern_table(table));
        wasmtime_table_t { store_id: self.store().id(), __private1, __padding: 0, __private2 }
    }

    pub(in crate::capi) fn global_handle(&self, global: &Global) -> wasmtime_global_t {
        let (__private1, __private2) = halves(self.store().intern_global(global));
        wasmtime_global_t { store_id: self.store().id(), __private1, __private2, __private3: 0 }
    }

    /// The item in the form C holds it.
    pub(in crate::capi) fn extern_handle(&self, item: &Extern) -> wasmtime_extern_t {
        let id = self.store().id();
        // The places of the parts of a number in the structs that the header has here.
        let split = |n: u64| [id, n & u64::from(u32::MAX), n >> 32];
        let (kind, of) = match item {
            Extern::Func(f) => (WASMTIME_EXTERN_FUNC, [id, self.func_handle(f).__private.addr() as u64, 0]),
            Extern::Global(g) => (WASMTIME_EXTERN_GLOBAL, [id, self.store().intern_global(g), 0]),
            Extern::Tag(t) => (WASMTIME_EXTERN_TAG, split(self.store().intern_tag(t))),
            Extern::Table(t) => (WASMTIME_EXTERN_TABLE, split(self.store().intern_table(t))),
            Extern::Memory(m) if m.ty().shared => {
                let shared = sharedmemory::wasmtime_sharedmemory_t::into_word(m.clone());
                (WASMTIME_EXTERN_SHAREDMEMORY, [shared, 0, 0])
            }
            Extern::Memory(m) => (WASMTIME_EXTERN_MEMORY, split(self.store().intern_memory(m))),
        };
        wasmtime_extern_t { kind, of }
    }

    /// The item behind what C holds.
    pub(in crate::capi) fn item(&self, it: &wasmtime_extern_t) -> Result<Extern> {
        let [id, word, last] = it.of;
        let split = number(word as u32, last as u32);
        Ok(match it.kind {
            WASMTIME_EXTERN_FUNC => {
                let __private = ptr::without_provenance_mut(word as usize);
                Extern::Func(self.func(&wasmtime_func_t { store_id: id, __private })?)
            }
            WASMTIME_EXTERN_GLOBAL => {
                self.check(id, "global")?;
                Extern::Global(self.store().global(word).ok_or_else(|| no_such("global"))?)
            }
            WASMTIME_EXTERN_TABLE => {
                self.check(id, "table")?;
                Extern::Table(self.store().table(split).ok_or_else(|| no_such("table"))?)
            }
            WASMTIME_EXTERN_TAG => {
                self.check(id, "tag")?;
                Extern::Tag(self.store().tag(split).ok_or_else(|| no_such("tag"))?)
            }
            WASMTIME_EXTERN_MEMORY => {
                self.check(id, "memory")?;
                Extern::Memory(self.store().memory(split).ok_or_else(|| no_such("memory"))?)
            }
            WASMTIME_EXTERN_SHAREDMEMORY => Extern::Memory(wasmtime_sharedmemory_t::of_word(id)?.clone()),
            kind => return Err(Error::usage(format!("unknown extern kind {kind}"))),
        })
    }
}

/// A store's number from the two words that C holds.
pub(super) fn number(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// A store's number as two words.
pub(super) fn halves(number: u64) -> (u32, u32) {
    (number as u32, (number >> 32) as u32)
}

#[cold]
fn no_such(what: &str) -> Error {
    Error::usage(format!("the store has no such {what}"))
}

/// Writes the item to `out` in the form C holds it.
pub(in crate::capi) fn put_item(
    ctx: &wasmtime_context_t,
    item: &Extern,
    out: Option<&mut MaybeUninit<wasmtime_extern_t>>,
) {
    if out.is_some() {
        put(out, ctx.extern_handle(item));
    }
}

/// The instance's number as C holds it.
pub(in crate::capi) fn instance_number(ctx: &wasmtime_context_t, instance: &Instance) -> usize {
    ctx.store().intern_instance(instance) as usize
}

/// Frees what the value owns (a shared memory), not the value itself; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_extern_delete(val: Option<&mut wasmtime_extern_t>) {
    guard(|| {
        let Some(val) = val else { return };
        if val.kind == WASMTIME_EXTERN_SHAREDMEMORY {
            wasmtime_sharedmemory_t::drop_word(std::mem::take(&mut val.of[0]));
        }
    });
}

/// The type, owned by the caller; NULL if the value is of another store.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_extern_type(
    context: ContextPtr<'_>,
    val: Option<&wasmtime_extern_t>,
) -> Option<Box<wasm_externtype_t>> {
    guard(|| {
        let ctx = context?;
        let ty = ctx.item(val?).ok()?.ty(ctx.store());
        Some(Box::new(wasm_externtype_t::new(ty, &Home::of(ctx.store().engine()))))
    })
}

// What the header spells out by hand has the same size here.
const _: () = assert!(size_of::<wasmtime_extern_t>() == 32);
