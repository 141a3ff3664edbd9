//! References: host objects, guest objects, exceptions; roots, and what a collection may take.

use crate::calls::Outcome;
use crate::names::*;
use crate::world::*;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

/// Arguments of these kinds; references stay the store's.
pub fn arguments(w: W, s: usize, kinds: &[u8]) -> Option<Vec<Val>> {
    let some = [0, 1, 2, 3, 7, 42, 65535, 65536, 131071, 131072, -1, i32::MIN];
    let mut args = Vec::new();
    for kind in kinds {
        args.push(match *kind {
            FUNCREF => match w.any(w.stores[s].functions.len()) {
                Some(f) if !w.one_in(4) => Val::func(w.stores[s].functions[f].handle),
                _ => Val { kind: FUNCREF, of: [0; 3] },
            },
            EXTERNREF => {
                let hosts: Vec<Val> = w.stores[s].roots.iter().map(|r| r.0).filter(|v| v.kind == EXTERNREF).collect();
                w.pick(&hosts).unwrap_or(Val { kind: EXTERNREF, of: [0; 3] })
            }
            kind => Val::number(kind, some[w.below(some.len())] as u32 as u64),
        });
    }
    Some(args)
}

/// A guest puts a reference into a table.
pub fn keep(mut w: W, s: usize, t: usize, index: usize, value: Val) -> Outcome {
    let name = crate::items::name(w.stores[s].ctx, &value);
    match w.stores[s].tables[t].elements.get_mut(index) {
        Some(element) => {
            *element = name;
            Outcome::Nothing
        }
        None => Outcome::Trap(3),
    }
}

pub fn externref(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (ctx, token, mut made) = (w.stores[s].ctx, w.token(Does::Nothing), Ref::default());
    w.check(wasmtime_externref_new(ctx, token, Some(finalize), &mut made), || "no room for a host object".into());
    let name = token.expose_provenance() as u64;
    w.stores[s].roots.push((Val { kind: EXTERNREF, of: made.of }, name));
    w.check(wasmtime_externref_data(ctx, &made) == token, || "another host object".into());
    let mut again = Ref::default();
    match w.below(3) {
        0 => {
            wasmtime_externref_clone(&made, &mut again);
            w.stores[s].roots.push((Val { kind: EXTERNREF, of: again.of }, name));
        }
        1 => {
            let raw = wasmtime_externref_to_raw(ctx, &made);
            wasmtime_externref_from_raw(ctx, raw, &mut again);
            w.check(wasmtime_externref_data(ctx, &again) == token, || "another host object from raw".into());
            wasmtime_externref_unroot(&mut again);
            w.check(again.of[0] == 0, || "a root that was given up is not null".into());
        }
        _ => {}
    }
    Some(())
}

/// Gives a root up, or makes another.
pub fn roots(mut w: W) -> Option<()> {
    let s = w.store()?;
    let r = w.any(w.stores[s].roots.len())?;
    if w.one_in(3) {
        let (value, name) = w.stores[s].roots[r];
        let mut copy = Val::default();
        wasmtime_val_clone(&value, &mut copy);
        w.stores[s].roots.push((copy, name));
    } else {
        let (mut value, _) = w.stores[s].roots.swap_remove(r);
        wasmtime_val_unroot(&mut value);
        w.check(value.of[0] == 0, || "a value that was given up is not null".into());
    }
    Some(())
}

/// After a collection those host objects are gone that nothing holds, and no others.
pub fn collect(w: W) -> Option<()> {
    let s = w.store()?;
    let held = |name: u64| {
        let store = &w.stores[s];
        store.roots.iter().any(|r| r.1 == name)
            || store.tables.iter().any(|t| t.elements.contains(&name))
            || store.globals.iter().any(|g| g.kind == EXTERNREF && g.value == name)
    };
    let names = tokens_of(w, s);
    w.outcome("gc", wasmtime_context_gc(w.stores[s].ctx), false);
    for name in names {
        // SAFETY: the number is the address of a token, which lives as long as the world.
        let gone = unsafe { &*std::ptr::with_exposed_provenance::<Token>(name as usize) }.finalized.load(Ordering::Relaxed) > 0;
        w.check(!gone || !held(name), || "a host object that is held is gone".into());
    }
    Some(())
}

/// The host objects that the store is known to hold.
fn tokens_of(w: W, s: usize) -> Vec<u64> {
    let store = &w.stores[s];
    let externs = store.tables.iter().filter(|t| t.kind == EXTERNREF).flat_map(|t| t.elements.iter().copied());
    let globals = store.globals.iter().filter(|g| g.kind == EXTERNREF).map(|g| g.value);
    let roots = store.roots.iter().filter(|r| r.0.kind == EXTERNREF).map(|r| r.1);
    externs.chain(globals).chain(roots).filter(|n| *n != 0).collect()
}

fn field_type(kind: u8) -> FieldType {
    FieldType { mutable: true, storage: StorageType { kind: 2, valtype: valtype(kind) } }
}

pub fn structs(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (ctx, engine) = (w.stores[s].ctx, w.engine(s));
    let mut fields = [field_type(I32), field_type(ANYREF)];
    let ty = wasmtime_struct_type_new(engine, fields.as_ptr(), 2);
    fields.iter_mut().for_each(|f| wasmtime_field_type_delete(f));
    w.check(wasmtime_struct_type_num_fields(ty) == 2, || "fields of a struct type".into());
    let copy = wasmtime_struct_type_copy(ty);
    wasmtime_struct_type_delete(ty);
    let pre = wasmtime_struct_ref_pre_new(ctx, copy);
    let mut field = FieldType::default();
    w.check(wasmtime_struct_type_field(copy, 1, &mut field) && !wasmtime_struct_type_field(copy, 2, &mut FieldType::default()), || "field".into());
    wasmtime_field_type_delete(&mut field);
    wasmtime_struct_type_delete(copy);
    let (mut made, mut any) = (Ref::default(), Ref::default());
    let held = w.stores[s].roots.iter().map(|r| r.0).find(|v| v.kind == ANYREF).unwrap_or(Val { kind: ANYREF, of: [0; 3] });
    let values = [Val::number(I32, 5), held];
    let n = if w.one_in(5) { 1 } else { 2 };
    let done = w.outcome("structref_new", wasmtime_structref_new(ctx, pre, values.as_ptr(), n, &mut made), n == 1);
    wasmtime_struct_ref_pre_delete(pre);
    if !done {
        return Some(());
    }
    if w.one_in(3) {
        w.outcome("gc", wasmtime_context_gc(ctx), false);
    }
    struct_fields(w, ctx, &made);
    wasmtime_structref_to_anyref(&made, &mut any);
    wasmtime_structref_unroot(&mut made);
    w.check(wasmtime_anyref_is_struct(ctx, &any) && !wasmtime_anyref_is_i31(ctx, &any), || "kind of a struct".into());
    w.check(wasmtime_anyref_as_struct(ctx, &any, &mut made), || "a struct is none".into());
    struct_fields(w, ctx, &made);
    wasmtime_structref_unroot(&mut made);
    w.stores[s].roots.push((Val { kind: ANYREF, of: any.of }, 0));
    Some(())
}

fn struct_fields(w: W, ctx: P, made: &Ref) {
    let mut value = Val::default();
    w.outcome("field", wasmtime_structref_field(ctx, made, 0, &mut value), false);
    w.check(value.kind == I32 && value.i32() == 5, || format!("field 0 is {value:?}"));
    w.outcome("set_field", wasmtime_structref_set_field(ctx, made, 0, &Val::number(I32, 5)), false);
    w.outcome("set_field of another kind", wasmtime_structref_set_field(ctx, made, 0, &Val::number(I64, 5)), true);
    w.outcome("field 2", wasmtime_structref_field(ctx, made, 2, &mut value), true);
    w.outcome("field 1", wasmtime_structref_field(ctx, made, 1, &mut value), false);
    wasmtime_val_unroot(&mut value);
    let ty = wasmtime_structref_type(ctx, made);
    w.check(wasmtime_struct_type_num_fields(ty) == 2, || "type of a struct".into());
    wasmtime_struct_type_delete(ty);
}

pub fn arrays(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (ctx, engine) = (w.stores[s].ctx, w.engine(s));
    let mut field = field_type(I64);
    let ty = wasmtime_array_type_new(engine, &field);
    wasmtime_field_type_delete(&mut field);
    let pre = wasmtime_array_ref_pre_new(ctx, ty);
    wasmtime_array_type_delete(ty);
    let len = [0, 1, 5, 1000][w.below(4)];
    let (mut made, mut any, mut seen, mut value) = (Ref::default(), Ref::default(), 0, Val::default());
    let done = w.outcome("arrayref_new", wasmtime_arrayref_new(ctx, pre, &Val::number(I64, 9), len, &mut made), false);
    wasmtime_array_ref_pre_delete(pre);
    if !done {
        return Some(());
    }
    w.outcome("len", wasmtime_arrayref_len(ctx, &made, &mut seen), false);
    w.check(seen == len, || format!("array of {seen} and not {len}"));
    w.outcome("set", wasmtime_arrayref_set(ctx, &made, len, &Val::number(I64, 1)), true);
    if len > 0 {
        w.outcome("set", wasmtime_arrayref_set(ctx, &made, len - 1, &Val::number(I64, 11)), false);
        w.outcome("get", wasmtime_arrayref_get(ctx, &made, len - 1, &mut value), false);
        w.check(value.kind == I64 && value.of[0] == 11, || format!("element is {value:?}"));
    }
    wasmtime_arrayref_to_anyref(&made, &mut any);
    wasmtime_arrayref_unroot(&mut made);
    w.check(wasmtime_anyref_is_array(ctx, &any) && wasmtime_anyref_is_eqref(ctx, &any), || "kind of an array".into());
    w.stores[s].roots.push((Val { kind: ANYREF, of: any.of }, 0));
    Some(())
}

pub fn integers(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (ctx, number) = (w.stores[s].ctx, w.word() as u32);
    let (mut any, mut eq, mut signed, mut plain) = (Ref::default(), Ref::default(), 0, 0);
    wasmtime_anyref_from_i31(ctx, number, &mut any);
    w.check(wasmtime_anyref_is_i31(ctx, &any), || "an integer is none".into());
    w.check(wasmtime_anyref_i31_get_u(ctx, &any, &mut plain) && plain == number & 0x7fff_ffff, || format!("integer {plain}"));
    w.check(wasmtime_anyref_i31_get_s(ctx, &any, &mut signed) && signed == (number << 1) as i32 >> 1, || format!("integer {signed}"));
    w.check(wasmtime_anyref_as_eqref(ctx, &any, &mut eq), || "an integer cannot be compared".into());
    w.check(wasmtime_eqref_i31_get_u(ctx, &eq, &mut plain) && plain == number & 0x7fff_ffff, || format!("integer {plain}"));
    wasmtime_eqref_unroot(&mut eq);
    w.check(!wasmtime_anyref_as_struct(ctx, &any, &mut eq) && eq.of[0] == 0, || "an integer is a struct".into());
    let mut heap = HeapType::default();
    w.check(wasmtime_anyref_type(ctx, &any, &mut heap) && heap.kind == 8, || format!("heap type {}", heap.kind));
    wasmtime_heaptype_delete(&mut heap);
    w.stores[s].roots.push((Val { kind: ANYREF, of: any.of }, 0));
    Some(())
}

pub fn exceptions(mut w: W) -> Option<()> {
    let s = w.store()?;
    let tag = w.pick(&w.stores[s].tags)?;
    let (ctx, mut exn, mut value, mut found) = (w.stores[s].ctx, Ref::default(), Val::default(), Item::default());
    let n = if w.one_in(4) { 0 } else { 1 };
    if !w.outcome("exnref_new", wasmtime_exnref_new(ctx, &tag, &Val::number(I32, 3), n, &mut exn), n == 0) {
        return Some(());
    }
    w.check(wasmtime_exnref_field_count(ctx, &exn) == 1, || "fields of an exception".into());
    w.outcome("exnref_field", wasmtime_exnref_field(ctx, &exn, 0, &mut value), false);
    w.check(value.kind == I32 && value.i32() == 3, || format!("exception's field {value:?}"));
    w.outcome("exnref_field", wasmtime_exnref_field(ctx, &exn, 1, &mut value), true);
    w.outcome("exnref_tag", wasmtime_exnref_tag(ctx, &exn, &mut found), false);
    w.check(wasmtime_tag_eq(ctx, &found, &tag), || "another tag".into());
    if w.depth == 0 && w.one_in(2) {
        let trap = wasmtime_context_set_exception(ctx, &exn);
        w.check(!trap.is_null() && wasmtime_context_has_exception(ctx), || "an exception is not there".into());
        wasm_trap_delete(trap);
        let mut taken = Ref::default();
        w.check(wasmtime_context_take_exception(ctx, &mut taken), || "an exception cannot be taken".into());
        w.check(!wasmtime_context_has_exception(ctx), || "an exception was taken and is there".into());
        wasmtime_exnref_unroot(&mut taken);
    }
    w.stores[s].roots.push((Val { kind: EXNREF, of: exn.of }, 0));
    Some(())
}

/// Roots that belong to another store are refused.
pub fn strangers(w: W) -> Option<()> {
    let s = w.store()?;
    let o = w.store().filter(|o| *o != s)?;
    let (value, _) = *w.stores[o].roots.first()?;
    let ctx = w.stores[s].ctx;
    if value.kind == EXTERNREF {
        w.check(wasmtime_externref_to_raw(ctx, &value.as_ref()) == 0, || "raw value of a stranger".into());
        if let Some(global) = w.stores[s].globals.iter().find(|g| g.kind == EXTERNREF && g.mutable) {
            w.outcome("a stranger's reference", wasmtime_global_set(ctx, &global.handle, &value), true);
        }
    } else if value.kind == ANYREF {
        w.check(wasmtime_anyref_to_raw(ctx, &value.as_ref()) == 0, || "raw value of a stranger".into());
    } else if value.kind == EXNREF {
        w.check(wasmtime_context_set_exception(ctx, &value.as_ref()) == null_mut(), || "a stranger's exception".into());
    }
    Some(())
}
