//! The calls that a sequence is made of.

use crate::world::W;
use crate::{calls, execution, items, links, objects, references, settings, sharing, vectors};

type Operation = fn(W) -> Option<()>;

/// Each with how often it comes.
const OPERATIONS: &[(&str, usize, Operation)] = &[
    ("store_new", 3, links::store_new),
    ("store_delete", 1, links::store_delete),
    ("store_settings", 1, links::store_settings),
    ("instantiate", 4, links::instantiate),
    ("look_up", 1, links::look_up),
    ("linker_new", 2, links::linker_new),
    ("linker_delete", 1, links::linker_delete),
    ("define", 5, links::define),
    ("link", 3, links::link),
    ("linker_get", 1, links::linker_get),
    ("prepare", 1, links::prepare),
    ("use_prepared", 1, links::use_prepared),
    ("modules", 1, links::modules),
    ("make", 3, calls::make),
    ("call", 9, calls::call),
    ("memory_new", 1, items::memory_new),
    ("memory_use", 3, items::memory_use),
    ("table_new", 1, items::table_new),
    ("table_use", 3, items::table_use),
    ("global_new", 1, items::global_new),
    ("global_use", 2, items::global_use),
    ("tag_use", 1, items::tag_use),
    ("strangers", 2, items::strangers),
    ("shared_memory", 1, items::shared_memory),
    ("externref", 2, references::externref),
    ("roots", 2, references::roots),
    ("collect", 2, references::collect),
    ("structs", 1, references::structs),
    ("arrays", 1, references::arrays),
    ("integers", 1, references::integers),
    ("exceptions", 1, references::exceptions),
    ("strange_roots", 1, references::strangers),
    ("suspend", 1, execution::suspend),
    ("resume", 1, execution::resume),
    ("interrupts", 1, execution::interrupts),
    ("types", 1, settings::types),
    ("wasi", 1, settings::wasi),
    ("config", 1, settings::config),
    ("shared_store", 1, sharing::shared_store),
    ("everywhere", 1, sharing::everywhere),
    ("profile", 1, sharing::profile),
    ("conversions", 2, sharing::conversions),
    ("vectors", 1, vectors::vectors),
    ("engine", 1, vectors::engine),
    ("objects", 2, objects::objects),
];

fn one(mut w: W) {
    let total = OPERATIONS.iter().map(|o| o.1).sum();
    let mut at = w.below(total);
    for (name, weight, operation) in OPERATIONS {
        if at < *weight {
            w.trail.push(name);
            if operation(w).is_none() {
                w.trail.pop();
            }
            return;
        }
        at -= weight;
    }
}

/// Some calls out of a host function.
pub fn nested(mut w: W) {
    if w.depth > 2 {
        return;
    }
    w.depth += 1;
    w.trail.push("(");
    for _ in 0..w.below(4) {
        one(w);
    }
    w.trail.push(")");
    w.depth -= 1;
}

/// One sequence, the handles being handed to other threads now and then; what was found.
pub fn sequence(w: W) {
    links::store_new(w);
    links::store_new(w);
    let calls = 20 + w.below(40);
    let mut done = 0;
    while done < calls && w.failures.is_empty() {
        let run = (1 + w.below(12)).min(calls - done);
        let steps = move || {
            let w = w;
            (0..run).for_each(|_| one(w));
        };
        if w.one_in(12) {
            std::thread::scope(|scope| scope.spawn(steps).join()).expect("no panic");
        } else {
            steps();
        }
        done += run;
    }
    end(w);
}

/// Deletes what lives, in any order, and counts.
fn end(mut w: W) {
    calls::tokens_right(w, true);
    let mut steps: Vec<(u8, usize)> = Vec::new();
    steps.extend((0..w.stores.len()).filter(|s| w.stores[*s].alive).map(|s| (0, s)));
    steps.extend((0..w.linkers.len()).filter(|l| w.linkers[*l].alive).map(|l| (1, l)));
    steps.extend((0..w.pres.len()).map(|p| (2, p)));
    steps.extend((0..w.shared.len()).map(|m| (3, m)));
    while !steps.is_empty() {
        let at = w.below(steps.len());
        match steps.swap_remove(at) {
            (0, s) => links::end_store(w, s),
            (1, l) => crate::names::wasmtime_linker_delete(w.linkers[l].ptr),
            (2, p) => crate::names::wasmtime_instance_pre_delete(w.pres[p].0),
            (_, m) => crate::names::wasmtime_sharedmemory_delete(w.shared[m].ptr),
        }
    }
    calls::tokens_right(w, false);
    for token in std::mem::take(&mut w.tokens) {
        // SAFETY: boxed by `W::token`; the library has finalized it, or the sequence is reported.
        drop(unsafe { Box::from_raw(token) });
    }
}
