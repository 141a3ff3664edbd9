//! Functions: made by the host, exported by guests, and called in every way there is.

use crate::names::*;
use crate::world::*;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;

/// The token that a callback was given.
fn token(env: P) -> &'static Token {
    // SAFETY: a token lives longer than the sequence's last call.
    unsafe { &*env.cast::<Token>() }
}

/// What a host function comes to: `Ok` with the result for an argument, or the trap.
fn act(env: P, caller: P, argument: i32) -> Result<i32, P> {
    let (does, w) = (token(env).does, token(env).world);
    match does {
        Does::TrapText => Err(wasmtime_trap_new(b"no".as_ptr(), 2)),
        Does::TrapCode => Err(wasmtime_trap_new_code(7)),
        Does::Throws => throw(caller, argument).map_or(Ok(0), Err),
        Does::Nested => {
            crate::operations::nested(w);
            Ok(argument.wrapping_add(1))
        }
        Does::Looks => {
            let mut found = Extern::default();
            if wasmtime_caller_export_get(caller, b"m".as_ptr(), 1, &mut found) {
                w.check(found.kind == 3, || format!("export m is of kind {}", found.kind));
            }
            w.check(!wasmtime_caller_export_get(caller, b"nothing".as_ptr(), 7, &mut found), || "found nothing".into());
            Ok(argument.wrapping_add(1))
        }
        _ => Ok(argument.wrapping_add(1)),
    }
}

/// Throws an exception with a tag of its own.
fn throw(caller: P, argument: i32) -> Option<P> {
    let ctx = wasmtime_caller_context(caller);
    let (ty, mut tag, mut exn) = (wasm_tagtype_new(functype(&[I32], &[])), Item::default(), Ref::default());
    let error = wasmtime_tag_new(ctx, ty, &mut tag);
    wasm_tagtype_delete(ty);
    if error_text(error).is_some() {
        return None;
    }
    let field = Val::number(I32, argument as u32 as u64);
    if error_text(wasmtime_exnref_new(ctx, &tag, &field, 1, &mut exn)).is_some() {
        return None;
    }
    let trap = wasmtime_context_set_exception(ctx, &exn);
    wasmtime_exnref_unroot(&mut exn);
    Some(trap)
}

pub extern "C" fn checked(env: P, caller: P, args: *const Val, nargs: usize, results: *mut Val, nresults: usize) -> P {
    // SAFETY: the library gives so many of each.
    let (args, results) = unsafe { (std::slice::from_raw_parts(args, nargs), std::slice::from_raw_parts_mut(results, nresults)) };
    match act(env, caller, args[0].i32()) {
        Err(trap) => trap,
        Ok(_) if token(env).does == Does::WrongKind => {
            results[0] = Val::number(I64, 1);
            null_mut()
        }
        Ok(result) => {
            results[0] = Val::number(I32, result as u32 as u64);
            null_mut()
        }
    }
}

pub extern "C" fn unchecked(env: P, caller: P, slots: *mut Raw, count: usize) -> P {
    // SAFETY: the library gives so many.
    let slots = unsafe { std::slice::from_raw_parts_mut(slots, count) };
    match act(env, caller, slots[0].of[0] as i32) {
        Err(trap) => trap,
        Ok(result) => {
            slots[0].of[0] = result as u32 as u64;
            null_mut()
        }
    }
}

/// A host function of any kind with a parameter and a result.
pub fn make(mut w: W) -> Option<()> {
    let s = w.store()?;
    let does = some_deed(w);
    let raw = does != Does::WrongKind && w.one_in(2);
    let (ty, env, mut handle) = (functype(&[I32], &[I32]), w.token(does), Func::default());
    let ctx = w.stores[s].ctx;
    if raw {
        wasmtime_func_new_unchecked(ctx, ty, Some(unchecked), env, Some(finalize), &mut handle);
    } else {
        wasmtime_func_new(ctx, ty, Some(checked), env, Some(finalize), &mut handle);
    }
    wasm_functype_delete(ty);
    w.check(handle.of[0] != 0, || "a function of the host is null".into());
    w.stores[s].functions.push(Function { handle, params: &[I32], results: &[I32], act: Act::Host(does) });
    Some(())
}

pub fn some_deed(w: W) -> Does {
    let deeds = [
        Does::AddOne, Does::AddOne, Does::TrapText, Does::TrapCode, Does::WrongKind, Does::Nested, Does::Nested, Does::Looks,
        Does::Throws, Does::Nothing,
    ];
    deeds[w.below(deeds.len())]
}

/// What a call is to come to.
#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Outcome {
    Value(u64),
    Nothing,
    Trap(u8),
    Error,
    /// An exception that nobody caught: a trap without a code, an error where the interface says so.
    Thrown,
    /// The model does not say.
    Any,
}

fn host_outcome(does: Does, argument: i32) -> Outcome {
    match does {
        Does::TrapText | Does::WrongKind => Outcome::Error,
        Does::TrapCode => Outcome::Trap(7),
        Does::Throws => Outcome::Thrown,
        _ => Outcome::Value(argument.wrapping_add(1) as u32 as u64),
    }
}

/// What the call does to the model, and what comes of it.
fn foresee(mut w: W, s: usize, act: Act, args: &[Val]) -> Outcome {
    let first = args.first().map_or(0, |v| v.i32());
    let value = |v: i32| Outcome::Value(v as u32 as u64);
    match act {
        Act::Host(does) | Act::CallHost(does) => host_outcome(does, first),
        Act::Catch(Does::Throws) => value(-77),
        Act::Catch(does) => host_outcome(does, first),
        Act::Throw => Outcome::Thrown,
        Act::Add => value(first.wrapping_add(args[1].i32())),
        Act::Div if args[1].i32() == 0 => Outcome::Trap(7),
        Act::Div if first == i32::MIN && args[1].i32() == -1 => Outcome::Trap(6),
        Act::Div => value(first.wrapping_div(args[1].i32())),
        Act::Unreachable => Outcome::Trap(9),
        Act::Recurse => Outcome::Trap(0),
        Act::Load(m) => w.stores[s].memories[m].load(first as u32 as u64).map_or(Outcome::Trap(1), |b| Outcome::Value(b.into())),
        Act::Put(m) => {
            let done = w.stores[s].memories[m].put(first as u32 as u64, args[1].i32() as u8);
            if done { Outcome::Nothing } else { Outcome::Trap(1) }
        }
        Act::Grow(m) => w.stores[s].grow_memory(m, first as u32 as u64).map_or(value(-1), Outcome::Value),
        Act::SetGlobal(g) => {
            w.stores[s].globals[g].value = args[0].of[0] & 0xffff_ffff;
            Outcome::Nothing
        }
        Act::GetGlobal(g) => Outcome::Value(w.stores[s].globals[g].value),
        Act::TableGrow(t) => w.stores[s].tables[t].grow(first as u32 as u64, 0).map_or(value(-1), Outcome::Value),
        Act::CallTable(t) => indirect(w, s, t, first as u32 as usize),
        Act::Keep(t) => crate::references::keep(w, s, t, first as u32 as usize, args[1]),
        Act::Yield => Outcome::Error,
    }
}

fn indirect(w: W, s: usize, table: usize, index: usize) -> Outcome {
    let store = &w.stores[s];
    let Some(raw) = store.tables[table].elements.get(index) else { return Outcome::Trap(3) };
    if *raw == 0 {
        return Outcome::Trap(4);
    }
    let known = store.functions.iter().find(|f| wasmtime_func_to_raw(store.ctx, &f.handle).addr() as u64 == *raw);
    match known.map(|f| f.act) {
        Some(Act::Add) => Outcome::Value(42),
        Some(Act::Div) => Outcome::Value(20),
        Some(_) => Outcome::Trap(5),
        None => Outcome::Any,
    }
}

/// Whether the model's answer needs to be known before the call: what the guest itself changes.
fn before(act: Act) -> bool {
    !matches!(act, Act::Host(_) | Act::CallHost(_) | Act::Catch(_))
}

/// Calls any function in any way.
pub fn call(mut w: W) -> Option<()> {
    let s = w.store()?;
    let f = w.any(w.stores[s].functions.len())?;
    let function = w.stores[s].functions[f];
    if w.depth > 0 && (w.depth > 2 || matches!(function.act, Act::Recurse)) {
        return None;
    }
    let args = crate::references::arguments(w, s, function.params)?;
    if w.one_in(8) {
        return wrong(w, s, &function, &args);
    }
    refuel(w, s);
    let early = if before(function.act) { Some(foresee(w, s, function.act, &args)) } else { None };
    w.stores[s].busy += 1;
    // Inside of a call, an exclusive store takes nested calls only, no executions or futures.
    // Private stacks are deep, which takes its time to use up.
    let plainly = w.stores[s].busy > 1 || (function.act == Act::Recurse && !w.one_in(50));
    let ways = if plainly { [0, 3, 3, 3] } else { [0, 1, 2, 3] };
    let seen = match ways[w.below(4)] {
        0 if !function.params.contains(&FUNCREF) && !function.params.contains(&EXTERNREF) => raw_call(w, s, &function, &args),
        1 => future(w, s, &function, &args),
        2 if function.act != Act::Yield && !function.params.contains(&EXTERNREF) => exec_call(w, s, &function, &args),
        _ => plain(w, s, &function, &args, function.results.len()),
    };
    w.stores[s].busy -= 1;
    let expected = early.unwrap_or_else(|| foresee(w, s, function.act, &args));
    let thrown = expected == Outcome::Thrown && matches!(seen, Outcome::Trap(255) | Outcome::Error);
    let deep = function.act == Act::Recurse && seen == Outcome::Trap(11);
    let right = seen == expected || expected == Outcome::Any || thrown || deep;
    w.check(right, || format!("{:?} of {args:?}: {seen:?} and not {expected:?}", function.act));
    take_exception(w, s, expected);
    Some(())
}

/// An exception that nobody caught is left with the store.
fn take_exception(w: W, s: usize, expected: Outcome) {
    if expected == Outcome::Thrown {
        let mut exn = Ref::default();
        let ctx = w.stores[s].ctx;
        if wasmtime_context_has_exception(ctx) {
            w.check(wasmtime_context_take_exception(ctx, &mut exn), || "an exception is there and cannot be taken".into());
            wasmtime_exnref_unroot(&mut exn);
        }
    }
}

/// Fuel enough for any call.
pub fn refuel(w: W, s: usize) {
    if w.kits[w.stores[s].kit].fuel {
        w.outcome("set_fuel", wasmtime_context_set_fuel(w.stores[s].ctx, 10_000_000), false);
    }
}

fn judge(error: P, trap: P, results: &mut [Val], count: usize) -> Outcome {
    if let Some(code) = trap_code(trap) {
        assert!(error.is_null(), "both a trap and an error");
        return Outcome::Trap(code);
    }
    if let Some(text) = error_text(error) {
        if crate::campaign::setting("TENON_FUZZ_VERBOSE").is_some() {
            eprintln!("{text}");
        }
        assert!(!text.contains("panic"), "{text}");
        return Outcome::Error;
    }
    match count {
        0 => Outcome::Nothing,
        _ => {
            let value = results[0];
            for result in results.iter_mut().take(count) {
                wasmtime_val_unroot(result);
            }
            Outcome::Value(value.of[0] & 0xffff_ffff)
        }
    }
}

fn plain(w: W, s: usize, function: &Function, args: &[Val], nresults: usize) -> Outcome {
    let (mut results, mut trap) = ([Val::default(); 3], null_mut());
    let ctx = w.stores[s].ctx;
    let error = wasmtime_func_call(ctx, &function.handle, args.as_ptr(), args.len(), results.as_mut_ptr(), nresults, &mut trap);
    judge(error, trap, &mut results, nresults)
}

fn slots(args: &[Val]) -> [Raw; 4] {
    let mut slots = [Raw::default(); 4];
    for (slot, arg) in slots.iter_mut().zip(args) {
        slot.of[0] = arg.of[0];
    }
    slots
}

fn raw_call(w: W, s: usize, function: &Function, args: &[Val]) -> Outcome {
    let (mut slots, mut trap) = (slots(args), null_mut());
    let error = wasmtime_func_call_unchecked(w.stores[s].ctx, &function.handle, slots.as_mut_ptr(), 4, &mut trap);
    judge(error, trap, &mut [Val::number(I32, slots[0].of[0])], function.results.len())
}

fn future(w: W, s: usize, function: &Function, args: &[Val]) -> Outcome {
    let (mut results, mut trap, mut error) = ([Val::default(); 3], null_mut(), null_mut());
    let (ctx, n) = (w.stores[s].ctx, function.results.len());
    let future = wasmtime_func_call_async(ctx, &function.handle, args.as_ptr(), args.len(), results.as_mut_ptr(), n, &mut trap, &mut error);
    let mut polls = 0;
    while !wasmtime_call_future_poll(future) && polls < 100 {
        polls += 1;
    }
    w.check(polls < 100, || "a future is never done".into());
    wasmtime_call_future_delete(future);
    judge(error, trap, &mut results, n)
}

fn exec_call(w: W, s: usize, function: &Function, args: &[Val]) -> Outcome {
    let (mut exec, mut step, mut slots) = (null_mut(), Step::default(), slots(args));
    let ctx = w.stores[s].ctx;
    for (slot, arg) in slots.iter_mut().zip(args) {
        if arg.kind == FUNCREF {
            slot.of[0] = wasmtime_func_to_raw(ctx, &arg.as_func()).addr() as u64;
        }
    }
    w.outcome("exec_new", tenon_exec_new(ctx, &mut exec), false);
    tenon_exec_call(exec, &function.handle, slots.as_mut_ptr(), 4, &mut step);
    w.check(step.kind != 1, || "a guest waits for a host function that never yields".into());
    let brief = tenon_func_is_brief(ctx, &function.handle);
    let never = matches!(function.act, Act::Host(_) | Act::Recurse | Act::Grow(_) | Act::CallHost(_) | Act::CallTable(_) | Act::TableGrow(_));
    w.check(!(brief && never), || format!("{:?} is brief", function.act));
    tenon_exec_delete(exec);
    let trap = if step.kind == 2 { step.trap } else { null_mut() };
    let error = if step.kind == 3 { step.error } else { null_mut() };
    judge(error, trap, &mut [Val::number(I32, slots[0].of[0])], function.results.len())
}

/// A call that cannot be right: arity, kinds, or the store.
fn wrong(mut w: W, s: usize, function: &Function, args: &[Val]) -> Option<()> {
    let mut args = args.to_vec();
    let mut n = function.results.len();
    match w.below(4) {
        0 => args.push(Val::number(I32, 1)),
        1 if !args.is_empty() => args[0].kind = if args[0].kind == I32 { I64 } else { I32 },
        2 => n += 1,
        3 => return foreign(w, s, function),
        _ => return None,
    }
    w.stores[s].busy += 1;
    let seen = plain(w, s, function, &args, n);
    w.stores[s].busy -= 1;
    w.check(seen == Outcome::Error, || format!("wrong call of {:?}: {seen:?}", function.act));
    Some(())
}

/// A function where another store is meant, also of a store that is gone.
fn foreign(w: W, s: usize, function: &Function) -> Option<()> {
    let other = w.store().filter(|o| *o != s)?;
    let ctx = w.stores[other].ctx;
    let mut trap = null_mut();
    let error = wasmtime_func_call(ctx, &function.handle, null(), 0, null_mut(), 0, &mut trap);
    w.check(trap.is_null(), || "a function of another store traps".into());
    w.outcome("call in another store", error, true);
    w.check(wasmtime_func_type(ctx, &function.handle).is_null(), || "type of another store's function".into());
    w.check(!tenon_func_is_brief(ctx, &function.handle), || "another store's function is brief".into());
    w.check(wasmtime_func_to_raw(ctx, &function.handle).is_null(), || "raw value of another store's function".into());
    Some(())
}

/// Whether every token was finalized once; `early` asks only that none was finalized twice.
pub fn tokens_right(w: W, early: bool) {
    for token in &w.tokens {
        // SAFETY: boxed by `W::token`, freed with the world.
        let count = unsafe { &**token }.finalized.load(Ordering::Relaxed);
        let right = count == 1 || (early && count == 0);
        // SAFETY: as above.
        w.check(right, || format!("finalized {count} times: {:?}", unsafe { &**token }.does));
    }
}
