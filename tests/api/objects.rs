//! The objects of `wasm.h`, each of which holds a count on its store: deleted in any order.

use crate::guests;
use crate::vectors;
use crate::names::*;
use crate::world::*;
use std::ptr::null_mut;

extern "C" fn add_one(env: P, args: *const Vector, results: *mut Vector) -> P {
    // SAFETY: one argument and one result, by the type.
    unsafe {
        let given = (*args).data.cast::<OldVal>().read();
        (*results).data.cast::<OldVal>().write(OldVal { kind: I32, of: (given.of as i32).wrapping_add(1) as u32 as u64 });
    }
    let _ = env;
    null_mut()
}

/// A small life of a store, with everything deleted at random.
pub fn objects(w: W) -> Option<()> {
    let kit = w.below(w.kits.len());
    if w.kits[kit].fuel || kit == 2 {
        return None; // this interface has no way to give fuel or time
    }
    let store = wasm_store_new(w.kits[kit].engine);
    let mut own: Vec<(P, fn(P))> = vec![(store, wasm_store_delete as fn(P))];
    let (ty, env) = (functype(&[I32], &[I32]), w.token(Does::Nothing));
    let function = wasm_func_new_with_env(store, ty, Some(add_one), env, Some(finalize));
    wasm_functype_delete(ty);
    own.push((function, wasm_func_delete));
    own.push((wasm_func_copy(function), wasm_func_delete));
    w.check(wasm_func_param_arity(function) == 1 && wasm_func_result_arity(function) == 1, || "arity".into());
    call(w, function, 1);
    call(w, function, 2);
    global(w, store, &mut own);
    memory(w, store, &mut own);
    table(w, store, function, &mut own);
    instance(w, store, function, &mut own);
    let foreign = wasm_foreign_new(store);
    vectors::foreign(w, foreign);
    vectors::func(w, function);
    own.push((foreign, wasm_foreign_delete));
    own.push((wasm_ref_copy(wasm_foreign_as_ref(foreign)), wasm_ref_delete));
    while !own.is_empty() {
        let at = w.below(own.len());
        let (it, delete) = own.swap_remove(at);
        delete(it);
    }
    Some(())
}

/// With one argument it answers, with two it is refused.
fn call(w: W, function: P, n: usize) {
    let mut given = [OldVal { kind: I32, of: 41 }; 2];
    let mut result = [OldVal::default()];
    let args = Vector { size: n, data: given.as_mut_ptr().cast() };
    let mut results = Vector { size: 1, data: result.as_mut_ptr().cast() };
    let trap = wasm_func_call(function, &args, &mut results);
    w.check(trap.is_null() == (n == 1), || format!("call with {n} arguments"));
    w.check(n != 1 || result[0].of as i32 == 42, || format!("result {:?}", result[0]));
    if !trap.is_null() {
        let mut text = Vector::default();
        wasm_trap_message(trap, &mut text);
        wasm_byte_vec_delete(&mut text);
        vectors::trap(w, trap);
        let copy = wasm_trap_copy(trap);
        wasm_trap_delete(trap);
        wasm_trap_delete(copy);
    }
}

fn global(w: W, store: P, own: &mut Vec<(P, fn(P))>) {
    let ty = wasm_globaltype_new(valtype(I32), 1);
    let (value, mut seen) = (OldVal { kind: I32, of: 5 }, OldVal::default());
    let global = wasm_global_new(store, ty, &value);
    wasm_globaltype_delete(ty);
    wasm_global_set(global, &OldVal { kind: I64, of: 6 });
    wasm_global_get(global, &mut seen);
    w.check(seen.kind == I32 && seen.of as i32 == 5, || format!("global {seen:?}"));
    wasm_global_set(global, &OldVal { kind: I32, of: 7 });
    wasm_global_get(global, &mut seen);
    w.check(seen.of as i32 == 7, || format!("global {seen:?}"));
    let copy = wasm_global_copy(global);
    w.check(wasm_global_same(copy, global), || "a copy is another".into());
    vectors::global(w, global);
    own.push((global, wasm_global_delete));
    own.push((copy, wasm_global_delete));
}

fn memory(w: W, store: P, own: &mut Vec<(P, fn(P))>) {
    let ty = wasm_memorytype_new(&Limits { min: 1, max: 2 });
    let memory = wasm_memory_new(store, ty);
    wasm_memorytype_delete(ty);
    w.check(wasm_memory_grow(memory, 1) && !wasm_memory_grow(memory, 1), || "growth".into());
    w.check(wasm_memory_size(memory) == 2 && wasm_memory_data_size(memory) == 131_072, || "size".into());
    vectors::memory(w, memory);
    own.push((wasm_extern_copy(wasm_memory_as_extern(memory)), wasm_extern_delete));
    own.push((memory, wasm_memory_delete));
}

fn table(w: W, store: P, function: P, own: &mut Vec<(P, fn(P))>) {
    let ty = wasm_tabletype_new(valtype(FUNCREF), &Limits { min: 2, max: 3 });
    let table = wasm_table_new(store, ty, null_mut());
    wasm_tabletype_delete(ty);
    let reference = wasm_func_as_ref(function);
    w.check(wasm_table_set(table, 0, reference) && !wasm_table_set(table, 5, reference), || "setting elements".into());
    w.check(wasm_table_get(table, 1).is_null(), || "an element that nobody set".into());
    let element = wasm_table_get(table, 0);
    w.check(!element.is_null() && !wasm_ref_as_func(element).is_null(), || "element 0".into());
    w.check(wasm_table_grow(table, 1, null_mut()) && wasm_table_size(table) == 3, || "growth".into());
    vectors::table(w, table);
    own.push((element, wasm_ref_delete));
    own.push((table, wasm_table_delete));
}

fn instance(w: W, store: P, function: P, own: &mut Vec<(P, fn(P))>) {
    let binary = guests::binary(guests::CALLING);
    let bytes = Vector { size: binary.len(), data: binary.as_ptr().cast_mut().cast() };
    if !w.one_in(8) {
        return; // compiling takes time
    }
    let module = wasm_module_new(store, &bytes);
    w.check(!module.is_null(), || "no module".into());
    vectors::module(w, module);
    let shared = wasm_module_share(module);
    wasm_module_delete(module);
    let module = wasm_module_obtain(store, shared);
    wasm_shared_module_delete(shared);
    let mut import = wasm_func_as_extern(function);
    let right = w.one_in(2);
    let imports = Vector { size: right.into(), data: (&raw mut import).cast() };
    let (mut trap, mut exports) = (null_mut(), Vector::default());
    let instance = wasm_instance_new(store, module, &imports, &mut trap);
    w.check(instance.is_null() != right, || "an instance".into());
    wasm_trap_delete(trap);
    wasm_module_delete(module);
    if right {
        wasm_instance_exports(instance, &mut exports);
        w.check(exports.size == 2, || format!("{} exports", exports.size));
        let exported = wasm_extern_as_func(pointers(&exports)[1]);
        call(w, exported, 1);
        own.push((wasm_func_copy(exported), wasm_func_delete));
        wasm_extern_vec_delete(&mut exports);
        vectors::instance(w, instance);
        own.push((instance, wasm_instance_delete));
    }
}
