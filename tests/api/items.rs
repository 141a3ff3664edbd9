//! Memories, tables, globals and tags that the host makes, reads and changes.

use crate::names::*;
use crate::world::*;
use std::collections::BTreeMap;
use std::ptr::null_mut;

const PAGE: u64 = 65536;

impl Memory {
    pub fn load(&self, at: u64) -> Option<u8> {
        (at < self.pages * PAGE).then(|| self.bytes.get(&at).copied().unwrap_or(0))
    }

    pub fn put(&mut self, at: u64, byte: u8) -> bool {
        let inside = at < self.pages * PAGE;
        if inside {
            self.bytes.insert(at, byte);
        }
        inside
    }
}

impl Store {
    /// The size before, in pages, if the memory may grow so far.
    pub fn grow_memory(&mut self, m: usize, delta: u64) -> Option<u64> {
        let limit = self.memory_limit;
        let memory = &mut self.memories[m];
        let new = memory.pages.checked_add(delta)?;
        if new > memory.max || (delta != 0 && new * PAGE > limit) {
            return None;
        }
        memory.pages = new;
        Some(new - delta)
    }
}

impl Table {
    pub fn grow(&mut self, delta: u64, with: u64) -> Option<u64> {
        let (old, new) = (self.elements.len() as u64, (self.elements.len() as u64).checked_add(delta)?);
        if new > self.max {
            return None;
        }
        self.elements.resize(new as usize, with);
        Some(old)
    }
}

pub fn memory_new(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (min, max) = (w.below(4) as u64, w.below(5) as u64);
    let (mut ty, mut handle) = (null_mut(), Item::default());
    if !w.outcome("memorytype_new", wasmtime_memorytype_new(min, true, max, false, false, 16, &mut ty), max < min) {
        return Some(());
    }
    let error = wasmtime_memory_new(w.stores[s].ctx, ty, &mut handle);
    wasm_memorytype_delete(ty);
    if w.outcome("memory_new", error, min * PAGE > w.stores[s].memory_limit) {
        w.stores[s].memories.push(Memory { handle, pages: min, max, bytes: BTreeMap::new() });
    }
    Some(())
}

pub fn memory_use(mut w: W) -> Option<()> {
    let s = w.store()?;
    let m = w.any(w.stores[s].memories.len())?;
    let (ctx, handle) = (w.stores[s].ctx, w.stores[s].memories[m].handle);
    if w.one_in(2) {
        let delta = [0, 1, 1, 2, 5, 65536, u64::MAX][w.below(7)];
        let mut before = 77;
        let expected = w.stores[s].grow_memory(m, delta);
        let done = w.outcome("memory_grow", wasmtime_memory_grow(ctx, &handle, delta, &mut before), expected.is_none());
        w.check(!done || Some(before) == expected, || format!("memory grew from {before} and not {expected:?}"));
    }
    let pages = w.stores[s].memories[m].pages;
    let size = wasmtime_memory_size(ctx, &handle);
    w.check(size == pages, || format!("memory of {size} pages and not {pages}"));
    w.check(wasmtime_memory_data_size(ctx, &handle) as u64 == pages * PAGE, || "size in bytes".into());
    w.check(wasmtime_memory_page_size(ctx, &handle) == PAGE && wasmtime_memory_page_size_log2(ctx, &handle) == 16, || "page".into());
    bytes(w, s, m);
    let ty = wasmtime_memory_type(ctx, &handle);
    let mut max = 0;
    let right = wasmtime_memorytype_minimum(ty) <= pages && wasmtime_memorytype_maximum(ty, &mut max) && max == w.stores[s].memories[m].max;
    w.check(right, || format!("type of a memory: at most {max}"));
    w.check(!wasmtime_memorytype_is64(ty) && !wasmtime_memorytype_isshared(ty), || "kind of a memory".into());
    w.check(wasmtime_memorytype_page_size(ty) == PAGE && wasmtime_memorytype_page_size_log2(ty) == 16, || "page of a type".into());
    wasm_memorytype_delete(ty);
    Some(())
}

/// Writes a byte, and compares all that is known.
fn bytes(mut w: W, s: usize, m: usize) {
    let pages = w.stores[s].memories[m].pages;
    if pages == 0 {
        return;
    }
    let data = wasmtime_memory_data(w.stores[s].ctx, &w.stores[s].memories[m].handle);
    let (at, byte) = (w.word() % (pages * PAGE), w.word() as u8);
    // SAFETY: within the size that was just asked for.
    unsafe { data.add(at as usize).write(byte) };
    w.stores[s].memories[m].bytes.insert(at, byte);
    for (at, byte) in &w.stores[s].memories[m].bytes {
        // SAFETY: memories do not shrink.
        let seen = unsafe { data.add(*at as usize).read() };
        w.check(seen == *byte, || format!("byte {at} of a memory is {seen} and not {byte}"));
    }
}

pub fn table_new(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (min, max) = (w.below(4) as u32, 3 + w.below(4) as u32);
    let kind = if w.one_in(3) { EXTERNREF } else { FUNCREF };
    let (limits, mut handle) = (Limits { min, max }, Item::default());
    let ty = wasm_tabletype_new(valtype(kind), &limits);
    let wrong = w.one_in(6);
    let init = if wrong { Val::number(I32, 0) } else { Val { kind, of: [0; 3] } };
    let error = wasmtime_table_new(w.stores[s].ctx, ty, &init, &mut handle);
    wasm_tabletype_delete(ty);
    if w.outcome("table_new", error, wrong) {
        w.stores[s].tables.push(Table { handle, kind, max: max.into(), elements: vec![0; min as usize] });
    }
    Some(())
}

/// A value for an element, what the model calls it, and whether it may be one.
fn element(w: W, s: usize, kind: u8) -> (Val, u64, bool) {
    if w.one_in(6) {
        return (Val::number(I32, 1), 0, false);
    }
    if kind == EXTERNREF {
        let (value, token) = w.any(w.stores[s].roots.len()).map_or((Val { kind, of: [0; 3] }, 0), |r| w.stores[s].roots[r]);
        return if value.kind == EXTERNREF { (value, token, true) } else { (Val { kind, of: [0; 3] }, 0, true) };
    }
    let Some(f) = w.any(w.stores[s].functions.len()) else { return (Val { kind, of: [0; 3] }, 0, true) };
    let handle = w.stores[s].functions[f].handle;
    if w.one_in(8)
        && let Some(other) = w.foreign(s)
        && let Some(f) = w.any(w.stores[other].functions.len())
    {
        return (Val::func(w.stores[other].functions[f].handle), 0, false);
    }
    (Val::func(handle), wasmtime_func_to_raw(w.stores[s].ctx, &handle).addr() as u64, true)
}

pub fn table_use(mut w: W) -> Option<()> {
    let s = w.store()?;
    let t = w.any(w.stores[s].tables.len())?;
    let (ctx, handle, kind) = (w.stores[s].ctx, w.stores[s].tables[t].handle, w.stores[s].tables[t].kind);
    let (value, name, fits) = element(w, s, kind);
    let size = w.stores[s].tables[t].elements.len();
    if w.one_in(2) {
        let index = w.below(size + 2);
        let right = fits && index < size;
        if w.outcome("table_set", wasmtime_table_set(ctx, &handle, index as u64, &value), !right) {
            w.stores[s].tables[t].elements[index] = name;
        }
    } else {
        let (delta, mut before) = ([0, 1, 2, 30, u64::MAX][w.below(5)], 0);
        let expected = if fits { w.stores[s].tables[t].grow(delta, name) } else { None };
        let done = w.outcome("table_grow", wasmtime_table_grow(ctx, &handle, delta, &value, &mut before), expected.is_none());
        w.check(!done || Some(before) == expected, || format!("table grew from {before} and not {expected:?}"));
    }
    compare_table(w, s, t);
    Some(())
}

fn compare_table(w: W, s: usize, t: usize) {
    let (ctx, handle) = (w.stores[s].ctx, w.stores[s].tables[t].handle);
    let elements = w.stores[s].tables[t].elements.clone();
    let size = wasmtime_table_size(ctx, &handle);
    w.check(size == elements.len() as u64, || format!("table of {size} elements and not {}", elements.len()));
    let mut value = Val::default();
    w.check(!wasmtime_table_get(ctx, &handle, size, &mut value), || "an element beyond the table".into());
    for (i, expected) in elements.iter().enumerate() {
        w.check(wasmtime_table_get(ctx, &handle, i as u64, &mut value), || format!("no element {i}"));
        let seen = name(ctx, &value);
        w.check(seen == *expected, || format!("element {i} is {seen:#x} and not {expected:#x}"));
        wasmtime_val_unroot(&mut value);
    }
    let ty = wasmtime_table_type(ctx, &handle);
    w.check(!ty.is_null(), || "no type of a table".into());
    wasm_tabletype_delete(ty);
}

/// What the model calls a value.
pub fn name(ctx: P, value: &Val) -> u64 {
    match value.kind {
        FUNCREF => wasmtime_func_to_raw(ctx, &value.as_func()).addr() as u64,
        EXTERNREF => wasmtime_externref_data(ctx, &value.as_ref()).addr() as u64,
        I32 => value.of[0] & 0xffff_ffff,
        _ => value.of[0],
    }
}

pub fn global_new(mut w: W) -> Option<()> {
    let s = w.store()?;
    let kind = [I32, I64, EXTERNREF][w.below(3)];
    let mutable = w.one_in(2);
    let (ty, mut handle) = (wasm_globaltype_new(valtype(kind), mutable.into()), Item::default());
    let mut value = Val { kind, of: [0; 3] };
    if kind != EXTERNREF {
        value.of[0] = w.word() & 0x7fff_ffff;
    }
    let wrong = w.one_in(6);
    if wrong {
        value.kind = 3;
    }
    let error = wasmtime_global_new(w.stores[s].ctx, ty, &value, &mut handle);
    wasm_globaltype_delete(ty);
    if w.outcome("global_new", error, wrong) {
        w.stores[s].globals.push(Global { handle, kind, mutable, value: value.of[0] });
    }
    Some(())
}

pub fn global_use(mut w: W) -> Option<()> {
    let s = w.store()?;
    let g = w.any(w.stores[s].globals.len())?;
    let global = w.stores[s].globals[g];
    let (value, name, fits) = match global.kind {
        EXTERNREF => element(w, s, EXTERNREF),
        _ if w.one_in(6) => (Val::number(2, 1), 0, false),
        kind => {
            let number = w.word() & 0x7fff_ffff;
            (Val::number(kind, number), number, true)
        }
    };
    let ctx = w.stores[s].ctx;
    if w.outcome("global_set", wasmtime_global_set(ctx, &global.handle, &value), !(fits && global.mutable)) {
        w.stores[s].globals[g].value = name;
    }
    let mut seen = Val::default();
    wasmtime_global_get(ctx, &global.handle, &mut seen);
    let (found, expected) = (self::name(ctx, &seen), w.stores[s].globals[g].value);
    w.check(seen.kind == global.kind && found == expected, || format!("global is {found} and not {expected}"));
    wasmtime_val_unroot(&mut seen);
    let ty = wasmtime_global_type(ctx, &global.handle);
    w.check(wasm_globaltype_mutability(ty) == u8::from(global.mutable), || "mutability".into());
    wasm_globaltype_delete(ty);
    Some(())
}

pub fn tag_use(mut w: W) -> Option<()> {
    let s = w.store()?;
    let ctx = w.stores[s].ctx;
    let (ty, mut tag) = (wasm_tagtype_new(functype(&[I32], &[])), Item::default());
    let done = w.outcome("tag_new", wasmtime_tag_new(ctx, ty, &mut tag), false);
    wasm_tagtype_delete(ty);
    if done {
        w.stores[s].tags.push(tag);
        let first = w.stores[s].tags[0];
        let same = wasmtime_tag_eq(ctx, &first, &tag);
        w.check(same == (w.stores[s].tags.len() == 1), || "equality of tags".into());
        let ty = wasmtime_tag_type(ctx, &tag);
        w.check(!ty.is_null(), || "no type of a tag".into());
        wasm_tagtype_delete(ty);
    }
    Some(())
}

/// Handles of another store, alive or gone: refused, and nothing happens to either.
pub fn strangers(w: W) -> Option<()> {
    let s = w.store()?;
    let o = w.foreign(s)?;
    let (ctx, other) = (w.stores[s].ctx, &w.stores[o]);
    let mut number = 0;
    let (mut value, null) = (Val::default(), Val { kind: FUNCREF, of: [0; 3] });
    if let Some(memory) = other.memories.first() {
        let h = memory.handle;
        w.outcome("growing a stranger", wasmtime_memory_grow(ctx, &h, 1, &mut number), true);
        w.check(wasmtime_memory_data(ctx, &h).is_null() && wasmtime_memory_size(ctx, &h) == 0, || "stranger's memory".into());
        w.check(wasmtime_memory_data_size(ctx, &h) == 0 && wasmtime_memory_type(ctx, &h).is_null(), || "stranger's memory".into());
    }
    if let Some(table) = other.tables.first() {
        let h = table.handle;
        w.outcome("setting a stranger", wasmtime_table_set(ctx, &h, 0, &null), true);
        w.outcome("growing a stranger", wasmtime_table_grow(ctx, &h, 1, &null, &mut number), true);
        w.check(!wasmtime_table_get(ctx, &h, 0, &mut value) && wasmtime_table_size(ctx, &h) == 0, || "stranger's table".into());
        w.check(wasmtime_table_type(ctx, &h).is_null(), || "stranger's table".into());
    }
    if let Some(global) = other.globals.first() {
        w.outcome("setting a stranger", wasmtime_global_set(ctx, &global.handle, &Val::number(global.kind, 0)), true);
        wasmtime_global_get(ctx, &global.handle, &mut value);
        w.check(value.kind == I32 && value.i32() == 0, || format!("stranger's global: {value:?}"));
        w.check(wasmtime_global_type(ctx, &global.handle).is_null(), || "stranger's global".into());
    }
    if let Some(tag) = other.tags.first() {
        w.check(wasmtime_tag_type(ctx, tag).is_null(), || "stranger's tag".into());
    }
    if let Some(instance) = other.instances.first() {
        let mut found = Extern::default();
        w.check(!wasmtime_instance_export_get(ctx, &instance.handle, b"m".as_ptr(), 1, &mut found), || "stranger's export".into());
    }
    Some(())
}

pub fn shared_memory(mut w: W) -> Option<()> {
    if w.shared.is_empty() || w.one_in(3) {
        let (kit, mut ty, mut ptr) = (w.below(w.kits.len()), null_mut(), null_mut());
        w.outcome("memorytype_new", wasmtime_memorytype_new(1, true, 3, false, true, 16, &mut ty), false);
        let done = w.outcome("sharedmemory_new", wasmtime_sharedmemory_new(w.kits[kit].engine, ty, &mut ptr), false);
        wasm_memorytype_delete(ty);
        if done {
            w.shared.push(SharedMemory { ptr });
        }
        return Some(());
    }
    let m = w.any(w.shared.len())?;
    let memory = w.shared[m].ptr;
    let (size, mut before) = (wasmtime_sharedmemory_size(memory), 0);
    w.outcome("sharedmemory_grow", wasmtime_sharedmemory_grow(memory, 1, &mut before), size == 3);
    let now = wasmtime_sharedmemory_size(memory);
    w.check(now == (size + 1).min(3) && wasmtime_sharedmemory_data_size(memory) as u64 == now * PAGE, || "size of a shared memory".into());
    w.check(!wasmtime_sharedmemory_data(memory).is_null(), || "no data of a shared memory".into());
    let ty = wasmtime_sharedmemory_type(memory);
    w.check(wasmtime_memorytype_isshared(ty), || "a shared memory's type".into());
    wasm_memorytype_delete(ty);
    let clone = wasmtime_sharedmemory_clone(memory);
    let mut item = Extern { kind: 4, of: [clone.addr() as u64, 0, 0] };
    item.of[0] = clone.expose_provenance() as u64;
    if let Some(s) = w.store() {
        let ty = wasmtime_extern_type(w.stores[s].ctx, &item);
        wasm_externtype_delete(ty);
    }
    wasmtime_extern_delete(&mut item);
    if w.one_in(2) {
        let gone = w.shared.swap_remove(m);
        wasmtime_sharedmemory_delete(gone.ptr);
    }
    Some(())
}
