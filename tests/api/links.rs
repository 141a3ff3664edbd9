//! Stores, instances, linkers and modules.

use crate::calls::some_deed;
use crate::guests::{self, exports, signature};
use crate::names::*;
use crate::world::*;
use std::collections::BTreeMap;
use std::ptr::null_mut;

type Name = (&'static str, &'static str);
type Names = BTreeMap<Name, Definition>;

const F: Name = ("host", "f");
const M: Name = ("host", "m");
const T: Name = ("host", "t");
const G: Name = ("host", "g");

pub fn store_new(mut w: W) -> Option<()> {
    if w.stores.iter().filter(|s| s.alive).count() > 4 {
        return None;
    }
    // Mostly engines that are there already, so that stores have something to share.
    let kit = match w.stores.first() {
        Some(first) if !w.one_in(3) => first.kit,
        _ => w.below(w.kits.len()),
    };
    let data = w.token(Does::Nothing);
    let ptr = wasmtime_store_new(w.kits[kit].engine, data, Some(finalize));
    w.check(!ptr.is_null(), || "no store".into());
    let ctx = wasmtime_store_context(ptr);
    w.check(wasmtime_context_get_data(ctx) == data, || "another store's data".into());
    wasmtime_context_set_epoch_deadline(ctx, 1 << 40);
    w.stores.push(Store {
        ptr,
        ctx,
        kit,
        alive: true,
        busy: 0,
        memory_limit: u64::MAX,
        data,
        memories: Vec::new(),
        tables: Vec::new(),
        globals: Vec::new(),
        functions: Vec::new(),
        tags: Vec::new(),
        instances: Vec::new(),
        roots: Vec::new(),
        suspended: Vec::new(),
        interrupts: Vec::new(),
    });
    Some(())
}

pub fn store_delete(w: W) -> Option<()> {
    let s = w.store()?;
    if w.stores[s].busy > 0 {
        // In one of its own host functions it is left as it is.
        wasmtime_store_delete(w.stores[s].ptr);
        w.check(wasmtime_context_get_data(w.stores[s].ctx) == w.stores[s].data, || "a busy store is gone".into());
        return Some(());
    }
    end_store(w, s);
    Some(())
}

/// Deletes a store with everything in it. Some roots are left to it.
pub fn end_store(mut w: W, s: usize) {
    crate::execution::end(w, s);
    w.stores[s].alive = false;
    let mut roots = std::mem::take(&mut w.stores[s].roots);
    for (value, _) in roots.iter_mut() {
        if w.one_in(2) {
            wasmtime_val_unroot(value);
        }
    }
    wasmtime_store_delete(w.stores[s].ptr);
    // Roots outlive their store by right: giving one up later does nothing.
    for (value, _) in roots.iter_mut() {
        wasmtime_val_unroot(value);
    }
}

pub fn store_settings(mut w: W) -> Option<()> {
    let s = w.store()?;
    let ctx = w.stores[s].ctx;
    match w.below(4) {
        0 => {
            let limit = [-1, 131_072, 262_144][w.below(3)];
            wasmtime_store_limiter(w.stores[s].ptr, limit, -1, -1, -1, -1);
            w.stores[s].memory_limit = if limit < 0 { u64::MAX } else { limit as u64 };
        }
        1 => {
            let data = w.stores[s].data;
            wasmtime_context_set_data(ctx, null_mut());
            w.check(wasmtime_context_get_data(ctx).is_null(), || "data that was replaced".into());
            wasmtime_context_set_data(ctx, data);
        }
        2 => fuel(w, s),
        _ => {
            wasmtime_context_set_epoch_deadline(ctx, 1 << 30);
            wasm_engine_increment(w, s);
        }
    }
    Some(())
}

fn wasm_engine_increment(w: W, s: usize) {
    wasmtime_engine_increment_epoch(w.engine(s));
}

fn fuel(w: W, s: usize) {
    let (ctx, has, mut left) = (w.stores[s].ctx, w.kits[w.stores[s].kit].fuel, 0);
    w.outcome("set_fuel", wasmtime_context_set_fuel(ctx, 777_777), !has);
    w.outcome("get_fuel", wasmtime_context_get_fuel(ctx, &mut left), !has);
    w.check(!has || left == 777_777, || format!("fuel {left}"));
    w.check(wasmtime_context_fuel_remaining(ctx, &mut left) == has, || "fuel_remaining".into());
    w.outcome("add_fuel", wasmtime_context_add_fuel(ctx, 23), !has);
    w.outcome("consume_fuel", wasmtime_context_consume_fuel(ctx, 100, &mut left), !has);
    w.check(!has || left == 777_700, || format!("fuel {left}"));
    w.outcome("consume_fuel", wasmtime_context_consume_fuel(ctx, 1 << 40, &mut left), true);
    w.check(wasmtime_context_fuel_consumed(ctx, &mut left) == has, || "fuel_consumed".into());
}

/// Takes a fresh instance's exports into the model. What is imported is known by its number, the rest is new.
pub fn adopt(mut w: W, s: usize, guest: usize, handle: Instance, host: Does, imported: Option<[usize; 3]>) {
    let ctx = w.stores[s].ctx;
    let mut at = imported.unwrap_or([usize::MAX; 3]);
    let mut functions = Vec::new();
    for (name, kind) in exports(guest) {
        let mut item = Extern::default();
        let found = wasmtime_instance_export_get(ctx, &handle, name.as_ptr(), name.len(), &mut item);
        w.check(found && item.kind == *kind, || format!("export {name} is of kind {} and not {kind}", item.kind));
        let handle = Item { of: item.of };
        let store = &mut w.stores[s];
        match kind {
            0 => functions.push((*name, Func { of: [item.of[0], item.of[1]] })),
            1 if guest == guests::LINKED => {}
            1 => {
                let (kind, mutable, value) = match (guest, *name) {
                    (guests::REFERENCES, _) => (EXTERNREF, true, 0),
                    (_, "c") => (I64, false, 9),
                    _ => (I32, true, 7),
                };
                store.globals.push(Global { handle, kind, mutable, value });
                if *name == "g" {
                    at[2] = store.globals.len() - 1;
                }
            }
            2 | 3 if guest == guests::LINKED => {}
            2 => {
                let (kind, size, max) = if guest == guests::PLAIN { (FUNCREF, 4, 10) } else { (EXTERNREF, 3, 8) };
                at[1] = store.tables.len();
                store.tables.push(Table { handle, kind, max, elements: vec![0; size] });
            }
            3 => {
                let max = match guest {
                    guests::PLAIN => 4,
                    guests::CALLING => 3,
                    _ => 65536,
                };
                at[0] = store.memories.len();
                store.memories.push(Memory { handle, pages: 1, max, bytes: BTreeMap::new() });
            }
            _ => store.tags.push(handle),
        }
    }
    for (name, handle) in functions {
        let (params, results, act) = signature(name, guest, host, at);
        w.stores[s].functions.push(Function { handle, params, results, act });
    }
    w.stores[s].instances.push(Instance2 { handle, exports: exports(guest).to_vec() });
}

/// The export at every position is what its name says, and there is none beyond.
pub fn look_up(w: W) -> Option<()> {
    let s = w.store()?;
    let i = w.any(w.stores[s].instances.len())?;
    let (ctx, handle, exports) = (w.stores[s].ctx, w.stores[s].instances[i].handle, w.stores[s].instances[i].exports.clone());
    let (mut name, mut len, mut item) = (null_mut(), 0, Extern::default());
    for (n, (expected, kind)) in exports.iter().enumerate() {
        let found = wasmtime_instance_export_nth(ctx, &handle, n, &mut name, &mut len, &mut item);
        w.check(found && item.kind == *kind && len == expected.len(), || format!("export {n} is not {expected}"));
        let ty = wasmtime_extern_type(ctx, &item);
        w.check(!ty.is_null(), || format!("no type of {expected}"));
        wasm_externtype_delete(ty);
    }
    w.check(!wasmtime_instance_export_nth(ctx, &handle, exports.len(), &mut name, &mut len, &mut item), || "one more export".into());
    w.check(!wasmtime_instance_export_get(ctx, &handle, b"m\xff".as_ptr(), 2, &mut item), || "an export of no name".into());
    Some(())
}

/// Whether a guest that has a memory of a page of its own can be made.
fn room(w: W, s: usize, guest: usize) -> bool {
    matches!(guest, guests::LINKED | guests::REFERENCES | guests::CATCHING) || w.stores[s].memory_limit >= 65536
}

/// Instantiates with imports given one by one.
pub fn instantiate(w: W) -> Option<()> {
    let s = w.store()?;
    if w.depth > 1 {
        return None;
    }
    let guest = [guests::PLAIN, guests::PLAIN, guests::REFERENCES, guests::LINKED, guests::CALLING, guests::CATCHING, guests::STOPPING]
        [w.below(7)];
    let (mut imports, mut right, mut does, mut at) = (Vec::new(), true, Does::AddOne, None);
    if matches!(guest, guests::LINKED | guests::CALLING | guests::CATCHING) {
        let (function, deed) = import_function(w, s)?;
        does = deed;
        imports.push(function);
        if guest == guests::LINKED {
            at = Some(import_items(w, s, &mut imports, &mut right)?);
        }
    }
    match w.below(8) {
        0 => {
            imports.push(Extern::default());
            right = false;
        }
        1 if !imports.is_empty() => {
            imports.pop();
            right = false;
        }
        2 if !imports.is_empty() => {
            // A function of another store.
            let o = w.foreign(s)?;
            let stranger = w.stores[o].functions.first()?.handle;
            imports[0] = Extern { kind: 0, of: [stranger.of[0], stranger.of[1], 0] };
            right = false;
        }
        _ => {}
    }
    make_instance(w, s, guest, &imports, right && room(w, s, guest), does, at);
    Some(())
}

fn make_instance(mut w: W, s: usize, guest: usize, imports: &[Extern], right: bool, does: Does, at: Option<[usize; 3]>) {
    let (mut instance, mut trap) = (Instance::default(), null_mut());
    let module = wasmtime_module_clone(w.kits[w.stores[s].kit].modules[guest]);
    crate::calls::refuel(w, s);
    w.stores[s].busy += 1;
    let error = wasmtime_instance_new(w.stores[s].ctx, module, imports.as_ptr(), imports.len(), &mut instance, &mut trap);
    w.stores[s].busy -= 1;
    wasmtime_module_delete(module);
    if trap_code(trap).is_some() {
        w.check(right && guest == guests::STOPPING, || format!("guest {guest} stops when it is made"));
    } else if w.outcome("instance_new", error, !right) {
        w.check(guest != guests::STOPPING, || "a guest does not stop when it is made".into());
        adopt(w, s, guest, instance, does, at);
    }
}

/// Any function with the right type, and what it does.
fn import_function(w: W, s: usize) -> Option<(Extern, Does)> {
    let hosts: Vec<Function> = w.stores[s].functions.iter().filter(|f| matches!(f.act, Act::Host(_))).copied().collect();
    let function = hosts.get(w.any(hosts.len())?)?;
    let Act::Host(does) = function.act else { return None };
    Some((Extern { kind: 0, of: [function.handle.of[0], function.handle.of[1], 0] }, does))
}

/// A memory, a table and a global, right or wrong.
fn import_items(w: W, s: usize, imports: &mut Vec<Extern>, right: &mut bool) -> Option<[usize; 3]> {
    let store = &w.stores[s];
    let at = [w.any(store.memories.len())?, w.any(store.tables.len())?, w.any(store.globals.len())?];
    let (memory, table, global) = (&store.memories[at[0]], &store.tables[at[1]], &store.globals[at[2]]);
    *right &= fits(w, s, Thing::Memory(at[0])) && fits(w, s, Thing::Table(at[1])) && fits(w, s, Thing::Global(at[2]));
    imports.push(Extern { kind: 3, of: memory.handle.of });
    imports.push(Extern { kind: 2, of: table.handle.of });
    imports.push(Extern { kind: 1, of: global.handle.of });
    Some(at)
}

/// Whether the linked guest takes it.
fn fits(w: W, s: usize, thing: Thing) -> bool {
    let store = &w.stores[s];
    match thing {
        Thing::Memory(m) => store.memories[m].pages >= 1,
        Thing::Table(t) => store.tables[t].kind == FUNCREF && !store.tables[t].elements.is_empty(),
        Thing::Global(g) => store.globals[g].kind == I32 && store.globals[g].mutable,
        _ => false,
    }
}

pub fn linker_new(mut w: W) -> Option<()> {
    if let Some(l) = w.linker()
        && w.one_in(2)
    {
        let ptr = wasmtime_linker_clone(w.linkers[l].ptr);
        let (kit, shadowing, names) = (w.linkers[l].kit, w.linkers[l].shadowing, w.linkers[l].names.clone());
        w.linkers.push(Linker { ptr, kit, alive: true, busy: 0, shadowing, names });
        return Some(());
    }
    let kit = w.stores[w.store()?].kit;
    let ptr = wasmtime_linker_new(w.kits[kit].engine);
    w.linkers.push(Linker { ptr, kit, alive: true, busy: 0, shadowing: false, names: BTreeMap::new() });
    Some(())
}

pub fn linker_delete(mut w: W) -> Option<()> {
    let l = w.linker().filter(|l| w.linkers[*l].busy == 0)?;
    w.linkers[l].alive = false;
    wasmtime_linker_delete(w.linkers[l].ptr);
    Some(())
}

/// Notes a definition that went as it should: refused if there is one, unless later ones may replace it.
fn defined(mut w: W, l: usize, name: Name, as_what: Definition, error: P, possible: bool) {
    let free = w.linkers[l].shadowing || !w.linkers[l].names.contains_key(&name);
    if w.outcome("defining", error, !(free && possible)) {
        w.linkers[l].names.insert(name, as_what);
    }
}

pub fn define(mut w: W) -> Option<()> {
    let l = w.linker().filter(|l| w.linkers[*l].busy == 0)?;
    let linker = w.linkers[l].ptr;
    match w.below(8) {
        0 => {
            let on = w.one_in(2);
            wasmtime_linker_allow_shadowing(linker, on);
            w.linkers[l].shadowing = on;
        }
        1 | 2 => define_host(w, l, linker),
        3 => define_special(w, l, linker),
        _ => return define_item(w, l, linker),
    }
    Some(())
}

fn define_host(w: W, l: usize, linker: P) {
    let mut does = some_deed(w);
    let (ty, raw, bad) = (functype(&[I32], &[I32]), w.one_in(2), w.one_in(10));
    if raw && does == Does::WrongKind {
        does = Does::AddOne;
    }
    let (env, name) = (w.token(does), if bad { &b"\xff"[..] } else { b"f" });
    let (m, n) = (b"host".as_ptr(), name.as_ptr());
    let error = if raw {
        wasmtime_linker_define_func_unchecked(linker, m, 4, n, 1, ty, Some(crate::calls::unchecked), env, Some(finalize))
    } else {
        wasmtime_linker_define_func(linker, m, 4, n, 1, ty, Some(crate::calls::checked), env, Some(finalize))
    };
    wasm_functype_delete(ty);
    defined(w, l, F, Definition::Host(does), error, !bad);
}

fn define_special(w: W, l: usize, linker: P) {
    let ty = functype(&[I32], &[I32]);
    if w.one_in(2) {
        let env = w.token(Does::AddOne);
        let cb = Some(crate::execution::asynchronous as _);
        let error = wasmtime_linker_define_async_func(linker, F.0.as_ptr(), 4, F.1.as_ptr(), 1, ty, cb, env, Some(finalize));
        defined(w, l, F, Definition::Async, error, true);
    } else {
        let error = tenon_linker_define_yield(linker, F.0.as_ptr(), 4, F.1.as_ptr(), 1, ty, 5);
        defined(w, l, F, Definition::Yield, error, true);
    }
    wasm_functype_delete(ty);
}

fn define_item(w: W, l: usize, linker: P) -> Option<()> {
    let s = w.store()?;
    let store = &w.stores[s];
    let (name, thing, item) = match w.below(4) {
        0 => {
            let i = w.any(store.functions.len())?;
            let of = store.functions[i].handle.of;
            (F, Thing::Function(i), Extern { kind: 0, of: [of[0], of[1], 0] })
        }
        1 => w.any(store.memories.len()).map(|i| (M, Thing::Memory(i), Extern { kind: 3, of: store.memories[i].handle.of }))?,
        2 => w.any(store.tables.len()).map(|i| (T, Thing::Table(i), Extern { kind: 2, of: store.tables[i].handle.of }))?,
        _ => w.any(store.globals.len()).map(|i| (G, Thing::Global(i), Extern { kind: 1, of: store.globals[i].handle.of }))?,
    };
    let same = w.linkers[l].kit == store.kit;
    let stranger = w.one_in(8).then(|| w.store().filter(|o| *o != s)).flatten();
    let ctx = w.stores[stranger.unwrap_or(s)].ctx;
    let (m, n) = (name.0.as_ptr(), name.1.as_ptr());
    let error = wasmtime_linker_define(linker, ctx, m, 4, n, 1, &item);
    defined(w, l, name, Definition::Item(s, thing), error, same && stranger.is_none());
    Some(())
}

/// What a definition is when it is imported into a store: whether it fits, and what a function does.
fn resolves(w: W, names: &Names, s: usize, name: Name) -> Option<Definition> {
    let found = *names.get(&name)?;
    match found {
        Definition::Item(of, _) if of != s => None,
        Definition::Item(_, Thing::Function(f)) => {
            let function = w.stores[s].functions[f];
            (function.params == [I32] && function.results == [I32]).then_some(found)
        }
        Definition::Item(_, thing) => fits(w, s, thing).then_some(found),
        other => Some(other),
    }
}

/// What the imported function does, if the model can tell: `None` if a guest with it is not to be called.
fn deed(w: W, s: usize, found: Definition) -> Option<Does> {
    match found {
        Definition::Host(does) => Some(does),
        Definition::Item(_, Thing::Function(f)) => match w.stores[s].functions[f].act {
            Act::Host(does) => Some(does),
            _ => None,
        },
        _ => None,
    }
}

/// Whether these definitions fit what the guest imports, what its function does, and which items it shares.
fn imports_fit(w: W, names: &Names, s: usize, guest: usize) -> (bool, Option<Does>, Option<[usize; 3]>) {
    let (mut right, mut does, mut at) = (true, Some(Does::AddOne), None);
    if guest != guests::PLAIN {
        let function = resolves(w, names, s, F);
        right &= function.is_some();
        does = function.and_then(|f| deed(w, s, f));
    }
    if guest == guests::LINKED {
        let found = [M, T, G].map(|name| resolves(w, names, s, name));
        right &= found.iter().all(Option::is_some);
        at = Some(found.map(|f| match f {
            Some(Definition::Item(_, Thing::Memory(i) | Thing::Table(i) | Thing::Global(i))) => i,
            _ => usize::MAX,
        }));
    }
    (right, does, at)
}

pub fn link(w: W) -> Option<()> {
    let (l, s) = (w.linker()?, w.store()?);
    if w.depth > 1 {
        return None;
    }
    let guest = [guests::LINKED, guests::CALLING, guests::CATCHING, guests::PLAIN][w.below(4)];
    let (fit, does, at) = imports_fit(w, &w.linkers[l].names.clone(), s, guest);
    let right = w.linkers[l].kit == w.stores[s].kit && room(w, s, guest) && fit;
    let (mut instance, mut trap) = (Instance::default(), null_mut());
    let module = w.kits[w.stores[s].kit].modules[guest];
    crate::calls::refuel(w, s);
    let error = match w.below(2) {
        0 => wasmtime_linker_instantiate(w.linkers[l].ptr, w.stores[s].ctx, module, &mut instance, &mut trap),
        _ => link_async(w, l, s, module, &mut instance, &mut trap),
    };
    w.check(trap_code(trap).is_none(), || "a guest without a start function stops when it is made".into());
    if w.outcome(&format!("linking guest {guest}, engines {} {}", w.linkers[l].kit, w.stores[s].kit), error, !right) {
        // A function whose effect is not known leaves an instance that nobody calls.
        if let Some(does) = does {
            adopt(w, s, guest, instance, does, at);
        }
    }
    Some(())
}

fn link_async(w: W, l: usize, s: usize, module: P, instance: &mut Instance, trap: &mut P) -> P {
    let mut error = null_mut();
    let future = wasmtime_linker_instantiate_async(w.linkers[l].ptr, w.stores[s].ctx, module, instance, trap, &mut error);
    w.check(wasmtime_call_future_poll(future), || "a guest without a start function waits".into());
    wasmtime_call_future_delete(future);
    error
}

pub fn linker_get(w: W) -> Option<()> {
    let (l, s) = (w.linker()?, w.store()?);
    let name = [F, M, T, G][w.below(4)];
    let mut item = Extern::default();
    let (m, n) = (name.0.as_ptr(), name.1.as_ptr());
    let found = wasmtime_linker_get(w.linkers[l].ptr, w.stores[s].ctx, m, 4, n, 1, &mut item);
    let expected = match w.linkers[l].names.get(&name) {
        None => false,
        Some(Definition::Item(of, _)) => *of == s,
        Some(_) => w.linkers[l].kit == w.stores[s].kit,
    };
    w.check(found == expected, || format!("definition {name:?}: {found}"));
    let mut none = Func::default();
    let same = w.linkers[l].kit == w.stores[s].kit;
    let error = wasmtime_linker_get_default(w.linkers[l].ptr, w.stores[s].ctx, b"none".as_ptr(), 4, &mut none);
    w.outcome("get_default", error, !same);
    Some(())
}

/// Imports looked up once, for stores that come later and for linkers that are gone.
pub fn prepare(mut w: W) -> Option<()> {
    let l = w.linker()?;
    let kit = w.linkers[l].kit;
    let guest = [guests::CALLING, guests::CATCHING, guests::PLAIN, guests::LINKED][w.below(4)];
    let (names, mut pre) = (w.linkers[l].names.clone(), null_mut());
    // Items of stores are looked at when there is a store.
    let needed: &[Name] = match guest {
        guests::PLAIN => &[],
        guests::LINKED => &[F, M, T, G],
        _ => &[F],
    };
    let right = needed.iter().all(|name| names.contains_key(name));
    let error = wasmtime_linker_instantiate_pre(w.linkers[l].ptr, w.kits[kit].modules[guest], &mut pre);
    if w.outcome(&format!("preparing guest {guest}"), error, !right) {
        w.pres.push((pre, kit, guest, names));
    }
    Some(())
}

pub fn use_prepared(mut w: W) -> Option<()> {
    let (p, s) = (w.any(w.pres.len())?, w.store()?);
    let (pre, kit, guest) = (w.pres[p].0, w.pres[p].1, w.pres[p].2);
    let (fit, does, at) = imports_fit(w, &w.pres[p].3.clone(), s, guest);
    let module = wasmtime_instance_pre_module(pre);
    wasmtime_module_delete(module);
    let (mut instance, mut trap) = (Instance::default(), null_mut());
    crate::calls::refuel(w, s);
    let error = wasmtime_instance_pre_instantiate(pre, w.stores[s].ctx, &mut instance, &mut trap);
    let right = kit == w.stores[s].kit && room(w, s, guest) && fit;
    if w.outcome("pre_instantiate", error, !right)
        && let Some(does) = does
    {
        adopt(w, s, guest, instance, does, at);
    }
    if w.one_in(3) {
        let (pre, ..) = w.pres.swap_remove(p);
        wasmtime_instance_pre_delete(pre);
    }
    Some(())
}

/// Modules that are loaded from their image, damaged or not, in an engine that is equal or not.
pub fn modules(w: W) -> Option<()> {
    let (kit, from, guest) = (w.below(w.kits.len()), w.below(w.kits.len()), w.below(guests::TEXTS.len()));
    let (mut image, mut module) = (w.kits[from].images[guest].clone(), null_mut());
    let damaged = w.one_in(3);
    if damaged {
        let at = w.below(image.len());
        image[at] ^= 1 << w.below(8);
    }
    let engine = w.kits[kit].engine;
    let error = wasmtime_module_deserialize(engine, image.as_ptr(), image.len(), &mut module);
    let done = if kit != from && !damaged {
        error_text(error).is_none() // settings that change nothing of the code may be equal
    } else {
        w.outcome("deserialize", error, damaged)
    };
    if done {
        let (mut imports, mut exports) = (Vector::default(), Vector::default());
        wasmtime_module_imports(module, &mut imports);
        wasmtime_module_exports(module, &mut exports);
        let expected = guests::exports(guest).len();
        w.check(exports.size == expected, || format!("{} exports and not {expected}", exports.size));
        wasm_importtype_vec_delete(&mut imports);
        wasm_exporttype_vec_delete(&mut exports);
        wasmtime_module_delete(module);
    }
    Some(())
}
