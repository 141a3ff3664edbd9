//! What several threads use at once: stores made for that, linkers, prepared modules, shared memories, engines.

use crate::guests;
use crate::names::*;
use crate::world::*;
use std::ptr::null_mut;

/// A pointer that threads share as the headers allow.
#[derive(Clone, Copy)]
struct Shared(P);

// SAFETY: only for what the headers call usable from all threads.
unsafe impl Send for Shared {}

impl Shared {
    fn get(self) -> P {
        self.0
    }
}

extern "C" fn plus_one(_env: P, _caller: P, slots: *mut Raw, _count: usize) -> P {
    // SAFETY: one parameter and one result.
    unsafe { (*slots).of[0] = ((*slots).of[0] as i32).wrapping_add(1) as u32 as u64 };
    null_mut()
}

extern "C" fn hook(_ctx: P, env: P, _event: u8) -> P {
    // SAFETY: the token lives as long as the sequence.
    let token = unsafe { &*env.cast::<Token>() };
    assert_eq!(token.finalized.load(std::sync::atomic::Ordering::Relaxed), 0, "a hook is called after its end");
    null_mut()
}

/// Threads instantiate, call and release in one store, out of one linker.
pub fn shared_store(w: W) -> Option<()> {
    if w.depth > 0 {
        return None;
    }
    let kit = [0, 3, 4][w.below(3)];
    let engine = w.kits[kit].engine;
    let store = tenon_store_new_shared(engine, w.token(Does::Nothing), Some(finalize));
    let (ctx, linker, ty) = (wasmtime_store_context(store), wasmtime_linker_new(engine), functype(&[I32], &[I32]));
    if w.one_in(3) {
        tenon_store_call_hook(ctx, Some(hook), w.token(Does::Nothing), Some(finalize));
    }
    let env = w.token(Does::AddOne);
    let error = wasmtime_linker_define_func_unchecked(linker, b"host".as_ptr(), 4, b"f".as_ptr(), 1, ty, Some(plus_one), env, Some(finalize));
    w.outcome("defining", error, false);
    wasm_functype_delete(ty);
    let (shared, definitions) = (Shared(ctx), Shared(linker));
    let module = Shared(w.kits[kit].modules[guests::CALLING]);
    let numbers = [w.word() as i32, w.word() as i32];
    let right: Vec<bool> = std::thread::scope(|scope| {
        let one = |number: i32| {
            let work = move || enter(shared.get(), definitions.get(), module.get(), number);
            scope.spawn(work)
        };
        let threads = numbers.map(one);
        threads.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    w.check(right.iter().all(|r| *r), || format!("threads in a shared store: {right:?}"));
    wasmtime_linker_delete(linker);
    wasmtime_store_delete(store);
    Some(())
}

/// What one thread does in the store.
fn enter(ctx: P, linker: P, module: P, number: i32) -> bool {
    let (mut exec, mut step, mut instance, mut call) = (null_mut(), Step::default(), Instance::default(), Extern::default());
    let mut right = error_text(tenon_exec_new(ctx, &mut exec)).is_none();
    right &= error_text(tenon_linker_instantiate(ctx, exec, linker, module, &mut instance, &mut step)).is_none() && step.kind == 0;
    right &= wasmtime_instance_export_get(ctx, &instance, b"call".as_ptr(), 4, &mut call);
    let mut slots = [Raw { of: [number as u32 as u64, 0] }];
    tenon_exec_call(exec, &Func { of: [call.of[0], call.of[1]] }, slots.as_mut_ptr(), 1, &mut step);
    right &= step.kind == 0 && slots[0].of[0] as i32 == number.wrapping_add(1);
    tenon_exec_delete(exec);
    right && error_text(tenon_instance_release(ctx, &instance)).is_none()
}

/// Threads look at one module, one prepared module and one shared memory, and instantiate each in a store of its own.
pub fn everywhere(w: W) -> Option<()> {
    if w.depth > 0 {
        return None;
    }
    let kit = [0, 3, 4][w.below(3)];
    let engine = wasmtime_engine_clone(w.kits[kit].engine);
    let (linker, mut pre, mut ty, mut memory) = (wasmtime_linker_new(engine), null_mut(), null_mut(), null_mut());
    w.outcome("prepare", wasmtime_linker_instantiate_pre(linker, w.kits[kit].modules[guests::PLAIN], &mut pre), false);
    wasmtime_linker_delete(linker);
    w.outcome("memorytype_new", wasmtime_memorytype_new(1, true, 9, false, true, 16, &mut ty), false);
    w.outcome("sharedmemory_new", wasmtime_sharedmemory_new(engine, ty, &mut memory), false);
    wasm_memorytype_delete(ty);
    let all = (Shared(engine), Shared(pre), Shared(memory));
    let right: Vec<bool> = std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(move || use_all(all.0.get(), all.1.get(), all.2.get())));
        threads.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    w.check(right.iter().all(|r| *r), || format!("threads that share: {right:?}"));
    w.check(wasmtime_sharedmemory_size(memory) == 5, || "a shared memory grew by something else".into());
    wasmtime_instance_pre_delete(pre);
    wasmtime_sharedmemory_delete(memory);
    wasm_engine_delete(engine);
    Some(())
}

fn use_all(engine: P, pre: P, memory: P) -> bool {
    let store = wasmtime_store_new(engine, null_mut(), None);
    let (ctx, mut instance, mut trap, mut before) = (wasmtime_store_context(store), Instance::default(), null_mut(), 0);
    let mut right = error_text(wasmtime_instance_pre_instantiate(pre, ctx, &mut instance, &mut trap)).is_none() && trap.is_null();
    for _ in 0..2 {
        right &= error_text(wasmtime_sharedmemory_grow(memory, 1, &mut before)).is_none();
    }
    let mine = wasmtime_sharedmemory_clone(memory);
    wasmtime_engine_increment_epoch(engine);
    wasmtime_sharedmemory_delete(mine);
    wasmtime_module_delete(wasmtime_instance_pre_module(pre));
    wasmtime_store_delete(store);
    right
}

/// Samples of a guest that nobody runs, and of none.
pub fn profile(w: W) -> Option<()> {
    let s = w.store()?;
    let kit = w.stores[s].kit;
    let (mut name, mut out) = (Vector::default(), Vector::default());
    wasm_byte_vec_new(&mut name, 1, b"p".as_ptr());
    let module = ProfiledModule { name: &name, module: w.kits[kit].modules[guests::PLAIN] };
    let profiler = wasmtime_guestprofiler_new(w.kits[kit].engine, &name, 1000, &module, 1);
    wasm_byte_vec_delete(&mut name);
    wasmtime_guestprofiler_sample(profiler, w.stores[s].ptr, 5);
    if w.one_in(2) {
        w.outcome("finish", wasmtime_guestprofiler_finish(profiler, &mut out), false);
        w.check(bytes(&out).starts_with(b"{"), || "a profile is no JSON".into());
        wasm_byte_vec_delete(&mut out);
    } else {
        wasmtime_guestprofiler_delete(profiler);
    }
    Some(())
}

/// Roots by every way there is between them, all given up again.
pub fn conversions(w: W) -> Option<()> {
    let s = w.store()?;
    let (value, _) = w.stores[s].roots.iter().find(|r| r.0.kind == ANYREF).copied()?;
    let (ctx, any) = (w.stores[s].ctx, value.as_ref());
    let (mut copy, mut eq, mut other, mut back) = (Ref::default(), Ref::default(), Ref::default(), Ref::default());
    wasmtime_anyref_clone(&any, &mut copy);
    let raw = wasmtime_anyref_to_raw(ctx, &any);
    wasmtime_anyref_from_raw(ctx, raw, &mut other);
    w.check(wasmtime_anyref_to_raw(ctx, &other) == raw, || "raw value of the same object".into());
    w.check(wasmtime_anyref_as_eqref(ctx, &copy, &mut eq), || "an object cannot be compared".into());
    wasmtime_eqref_clone(&eq, &mut back);
    wasmtime_eqref_unroot(&mut back);
    wasmtime_eqref_to_anyref(&eq, &mut back);
    let kinds = [wasmtime_eqref_is_i31(ctx, &eq), wasmtime_eqref_is_struct(ctx, &eq), wasmtime_eqref_is_array(ctx, &eq)];
    w.check(kinds.iter().filter(|k| **k).count() == 1, || format!("kinds of an object: {kinds:?}"));
    down(w, ctx, &eq, kinds);
    let mut heap = HeapType::default();
    w.check(wasmtime_eqref_type(ctx, &eq, &mut heap), || "no type of an object".into());
    let mut twin = HeapType::default();
    wasmtime_heaptype_clone(&heap, &mut twin);
    wasmtime_heaptype_delete(&mut heap);
    wasmtime_heaptype_delete(&mut twin);
    wasmtime_eqref_unroot(&mut eq);
    wasmtime_anyref_unroot(&mut copy);
    wasmtime_anyref_unroot(&mut other);
    wasmtime_anyref_unroot(&mut back);
    Some(())
}

fn down(w: W, ctx: P, eq: &Ref, kinds: [bool; 3]) {
    let (mut it, mut copy, mut eq2) = (Ref::default(), Ref::default(), Ref::default());
    w.check(wasmtime_eqref_as_struct(ctx, eq, &mut it) == kinds[1], || "as a struct".into());
    wasmtime_structref_clone(&it, &mut copy);
    wasmtime_structref_to_eqref(&copy, &mut eq2);
    wasmtime_eqref_unroot(&mut eq2);
    wasmtime_structref_unroot(&mut copy);
    wasmtime_structref_unroot(&mut it);
    w.check(wasmtime_eqref_as_array(ctx, eq, &mut it) == kinds[2], || "as an array".into());
    wasmtime_arrayref_clone(&it, &mut copy);
    wasmtime_arrayref_to_eqref(&copy, &mut eq2);
    let ty = wasmtime_arrayref_type(ctx, &it);
    w.check(ty.is_null() != kinds[2], || "type of an array".into());
    wasmtime_array_type_delete(ty);
    wasmtime_eqref_unroot(&mut eq2);
    wasmtime_arrayref_unroot(&mut copy);
    wasmtime_arrayref_unroot(&mut it);
}
