//! Executions on stacks of their own: guests that wait for the host, and go on, or do not.

use crate::names::*;
use crate::world::*;
use std::ptr::null_mut;

/// Done at the second question.
pub extern "C" fn asynchronous(
    _env: P,
    _caller: P,
    args: *const Val,
    _nargs: usize,
    results: *mut Val,
    _nresults: usize,
    _trap: *mut P,
    rest: *mut Continuation,
) {
    // SAFETY: the library gives one argument and one result, and a place for the rest.
    unsafe {
        *results = Val::number(I32, (*args).i32().wrapping_add(1) as u32 as u64);
        let asked = Box::into_raw(Box::new(0u32)).cast();
        *rest = Continuation { callback: Some(ask), env: asked, finalizer: Some(forget) };
    }
}

extern "C" fn ask(env: P) -> bool {
    // SAFETY: `asynchronous` made it.
    let asked = unsafe { &mut *env.cast::<u32>() };
    *asked += 1;
    *asked > 1
}

extern "C" fn forget(env: P) {
    // SAFETY: `asynchronous` made it, and this is called once.
    drop(unsafe { Box::from_raw(env.cast::<u32>()) });
}

/// A guest that calls a function which yields, left waiting.
pub fn suspend(mut w: W) -> Option<()> {
    let s = w.store()?;
    if w.depth > 0 || w.stores[s].suspended.len() > 3 {
        return None;
    }
    let (ctx, ty, mut function, mut exec) = (w.stores[s].ctx, functype(&[I32], &[I32]), Func::default(), null_mut());
    tenon_func_new_yield(ctx, ty, 99, &mut function);
    wasm_functype_delete(ty);
    let import = Extern { kind: 0, of: [function.of[0], function.of[1], 0] };
    let (mut instance, mut trap, mut call) = (Instance::default(), null_mut(), Extern::default());
    let module = w.kits[w.stores[s].kit].modules[crate::guests::CATCHING];
    crate::calls::refuel(w, s);
    w.outcome("instance_new", wasmtime_instance_new(ctx, module, &import, 1, &mut instance, &mut trap), false);
    w.check(wasmtime_instance_export_get(ctx, &instance, b"catch".as_ptr(), 5, &mut call), || "no export".into());
    w.outcome("exec_new", tenon_exec_new(ctx, &mut exec), false);
    let argument = w.word() as i32;
    let mut slots = Box::new([Raw { of: [argument as u32 as u64, 0] }, Raw::default()]);
    let (mut step, f) = (Step::default(), Func { of: [call.of[0], call.of[1]] });
    tenon_exec_call(exec, &f, slots.as_mut_ptr(), 2, &mut step);
    w.check(step.kind == 1 && step.func_id == 99, || format!("a step of kind {}", step.kind));
    if step.kind == 1 {
        give(w, &step, argument);
        w.stores[s].suspended.push(Suspended { exec, slots, argument });
    } else {
        tenon_exec_delete(exec);
    }
    Some(())
}

/// Writes the result that the host function has.
fn give(w: W, step: &Step, argument: i32) {
    w.check(step.num_slots >= 1 && !step.slots.is_null(), || "no slots".into());
    // SAFETY: there is at least one slot.
    let slot = unsafe { &mut *step.slots };
    let seen = slot.of[0] as i32;
    w.check(seen == argument, || format!("argument {seen} and not {argument}"));
    slot.of[0] = argument.wrapping_add(1) as u32 as u64;
}

/// A waiting guest goes on, is stopped, or is given up.
pub fn resume(mut w: W) -> Option<()> {
    let s = w.store()?;
    if w.depth > 0 {
        return None;
    }
    let i = w.any(w.stores[s].suspended.len())?;
    let waiting = w.stores[s].suspended.swap_remove(i);
    let mut frames = Vector::default();
    tenon_exec_backtrace(waiting.exec, &mut frames);
    w.check(frames.size == 1, || format!("{} frames of a waiting guest", frames.size));
    wasm_frame_vec_delete(&mut frames);
    let mut step = Step::default();
    crate::calls::refuel(w, s);
    match w.below(4) {
        0 => tenon_exec_abandon(waiting.exec),
        1 => {
            tenon_exec_resume(waiting.exec, wasmtime_trap_new_code(7), &mut step);
            w.check(step.kind == 2 && trap_code(step.trap) == Some(7), || format!("a stopped guest: {}", step.kind));
        }
        2 => {}
        _ => {
            tenon_exec_resume(waiting.exec, null_mut(), &mut step);
            let expected = waiting.argument.wrapping_add(1);
            w.check(step.kind == 0 && waiting.slots[0].of[0] as i32 == expected, || format!("a guest that went on: {step:?}"));
        }
    }
    tenon_exec_delete(waiting.exec);
    Some(())
}

/// Interrupts by handles, which outlive what they stop.
pub fn interrupts(mut w: W) -> Option<()> {
    let s = w.store()?;
    let (ctx, mut exec) = (w.stores[s].ctx, null_mut());
    let handle = tenon_store_interrupt_handle(ctx);
    w.stores[s].interrupts.push(handle);
    w.outcome("exec_new", tenon_exec_new(ctx, &mut exec), false);
    let handle = tenon_exec_interrupt_handle(exec);
    tenon_interrupt_trigger(handle);
    w.stores[s].interrupts.push(handle);
    tenon_exec_delete(exec);
    Some(())
}

/// Before a store is deleted.
pub fn end(mut w: W, s: usize) {
    for waiting in std::mem::take(&mut w.stores[s].suspended) {
        tenon_exec_delete(waiting.exec);
    }
    for handle in std::mem::take(&mut w.stores[s].interrupts) {
        tenon_interrupt_delete(handle);
    }
}
