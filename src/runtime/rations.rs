//! Fuel in portions: a guest that has used one up is suspended before it gets the next.

use crate::vm::Exec;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an exclusive store keeps back of its fuel. The rest is in the exec that runs, or in the store's own.
#[derive(Default)]
pub(super) struct Rations {
    /// Fuel of a portion; 0: all at once.
    portion: AtomicU64,
    kept: AtomicU64,
}

impl Rations {
    /// Gives `exec` the first portion of `fuel` and keeps the rest.
    pub(super) fn set(&self, exec: &Exec, fuel: u64) {
        let portion = match self.portion.load(Ordering::Relaxed) {
            0 => fuel,
            portion => fuel.min(portion),
        };
        exec.set_fuel(portion);
        self.kept.store(fuel - portion, Ordering::Relaxed);
    }

    /// All that is left.
    pub(super) fn left(&self, exec: &Exec) -> u64 {
        self.kept.load(Ordering::Relaxed).saturating_add_signed(exec.fuel_balance())
    }

    /// Changes the size of portions, from the next moment on.
    pub(super) fn set_portion(&self, exec: &Exec, portion: u64) {
        let left = self.left(exec);
        self.portion.store(portion, Ordering::Relaxed);
        self.set(exec, left);
    }

    /// Gives `exec` its next portion; false if nothing was kept. What it used beyond the last one is accounted for.
    pub(super) fn refill(&self, exec: &Exec) -> bool {
        if self.kept.load(Ordering::Relaxed) == 0 {
            return false;
        }
        self.set(exec, self.left(exec));
        true
    }
}
