//! Fuel and epochs.
//!
//! Fuel is counted at translation time and added to a variable at the edges of straight-line code. The
//! variable is written to `exec.fuel` before everything that may look at it: calls, builtins, returns,
//! `unreachable`; and read back after calls. Checks are at the function's entry and at loop heads.
//!
//! An epoch check looks at one word of the exec. A small function that calls nothing has none at its entry, since it is over soon or
//! meets one in a loop; when a host calls it, the entry trampoline has looked.

use super::support::Region;
use super::*;
use crate::image::LibCall;
use crate::layout::{Builtin, off};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, Inst, InstructionData, Opcode};
use wasmparser::Operator as Op;

/// A branch to a cold block, and otherwise to what follows.
pub(super) struct Check {
    branch: Inst,
    cold: Block,
}

pub(super) struct EntryCheck {
    check: Check,
    pub(super) operators: u32,
}

/// Operators of a function that needs no check at its entry. The largest function there can be, if it does nothing but
/// call such ones, runs for about as long then as the largest `memory.fill`.
const MOST_UNCHECKED: u32 = 250;

pub(super) struct Fuel {
    var: Variable,
    /// Consumed by operators since the variable was last updated.
    pending: i64,
}

impl Fuel {
    pub(super) fn pending(&self) -> i64 {
        self.pending
    }

    pub(super) fn set_pending(&mut self, pending: i64) {
        self.pending = pending;
    }
}

impl Translator<'_, '_> {
    /// At the function's first instruction. `handles`: the function has references among its parameters, of which entry
    /// trampolines know nothing.
    pub(super) fn meter_entry(&mut self, handles: bool) {
        if self.m.tunables.fuel {
            let var = self.b.declare_var(I64);
            self.fuel = Some(Fuel { var, pending: 1 });
            self.fuel_reload();
            self.fuel_check();
        }
        self.entry_check = self.epoch_check().filter(|_| !handles).map(|check| EntryCheck { check, operators: 0 });
    }

    /// Once the whole function is known: in one that calls nothing the check at the entry becomes a jump past it.
    pub(super) fn take_back_entry_check(&mut self) {
        let Some(EntryCheck { check, .. }) = self.entry_check.take_if(|e| e.operators <= MOST_UNCHECKED) else { return };
        let func = &mut *self.b.func;
        if let InstructionData::Brif { arg, blocks: [_, next], .. } = func.dfg.insts[check.branch] {
            func.dfg.insts[check.branch] = InstructionData::Jump { opcode: Opcode::Jump, destination: next };
            func.layout.remove_block_and_insts(check.cold);
            func.dfg.value_def(arg).inst().into_iter().for_each(|load| func.layout.remove_inst(load));
        }
    }

    /// At a loop's head, inside the loop.
    pub(super) fn meter_loop(&mut self) {
        self.fuel_check();
        self.epoch_check();
    }

    pub(super) fn meter_before(&mut self, op: &Op<'_>) {
        let Some(fuel) = &mut self.fuel else { return };
        fuel.pending += match op {
            Op::Nop | Op::Drop | Op::Block { .. } | Op::Loop { .. } => 0,
            Op::Unreachable | Op::Return | Op::Else | Op::End => 0,
            _ => 1,
        };
        match op {
            Op::Loop { .. } | Op::Block { .. } | Op::If { .. } | Op::Else | Op::End => self.fuel_settle(),
            Op::Br { .. } | Op::BrIf { .. } | Op::BrTable { .. } => self.fuel_settle(),
            Op::BrOnNull { .. } | Op::BrOnNonNull { .. } => self.fuel_settle(),
            Op::BrOnCast { .. } | Op::BrOnCastFail { .. } => self.fuel_settle(),
            Op::Unreachable | Op::Return | Op::Call { .. } | Op::CallIndirect { .. } | Op::CallRef { .. } => {
                self.fuel_flush();
            }
            Op::ReturnCall { .. } | Op::ReturnCallIndirect { .. } | Op::ReturnCallRef { .. } => self.fuel_flush(),
            Op::Throw { .. } | Op::ThrowRef => self.fuel_flush(),
            _ => {}
        }
    }

    pub(super) fn meter_after(&mut self, op: &Op<'_>) {
        if matches!(op, Op::Call { .. } | Op::CallIndirect { .. } | Op::CallRef { .. }) {
            self.fuel_reload();
        }
    }

    /// Adds what is pending to the variable.
    fn fuel_settle(&mut self) {
        let Some(fuel) = &mut self.fuel else { return };
        let pending = core::mem::take(&mut fuel.pending);
        let var = fuel.var;
        if pending != 0 {
            let now = self.b.use_var(var);
            let sum = self.b.ins().iadd_imm_s(now, pending);
            self.b.def_var(var, sum);
        }
    }

    /// Makes `exec.fuel` exact.
    pub(super) fn fuel_flush(&mut self) {
        self.fuel_settle();
        if let Some(var) = self.fuel.as_ref().map(|f| f.var) {
            let now = self.b.use_var(var);
            self.store_record(Region::Exec, now, self.exec, off::EXEC_FUEL);
        }
    }

    /// Reads back what a callee may have changed.
    pub(super) fn fuel_reload(&mut self) {
        if let Some(var) = self.fuel.as_ref().map(|f| f.var) {
            let now = self.load_record(Region::Exec, I64, self.exec, off::EXEC_FUEL);
            self.b.def_var(var, now);
        }
    }

    /// Leaves through `Builtin::OutOfFuel` if nothing is left.
    fn fuel_check(&mut self) {
        let Some(var) = self.fuel.as_ref().map(|f| f.var) else { return };
        let now = self.b.use_var(var);
        let out = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, now, 0);
        self.cold_call(out, |t| {
            t.call_builtin(Builtin::OutOfFuel, &[]);
        });
    }

    /// Other threads write the word that this reads, and yet the load is a plain one: an atomic one would be a fence, beyond which the
    /// optimiser knows nothing of what is in memory. No word is carried from one check to the next, since each may call the
    /// library, which is a fence as well.
    fn epoch_check(&mut self) -> Option<Check> {
        if !self.m.tunables.epochs {
            return None;
        }
        let due = self.load_record(Region::Epoch, I32, self.exec, off::EXEC_DUE);
        Some(self.cold_call(due, |t| t.call_bare(LibCall::NewEpoch)))
    }

    /// Makes a call if `condition` holds.
    fn cold_call(&mut self, condition: Value, call: impl FnOnce(&mut Self)) -> Check {
        let next = self.b.create_block();
        let check = self.cold_path(condition, next, &[]);
        self.side_call(call);
        self.b.ins().jump(next, &[]);
        self.b.seal_block(next);
        self.b.switch_to_block(next);
        check
    }

    /// Goes to a new cold block if `condition` holds and to `next` otherwise; continues in the cold block.
    pub(super) fn cold_path(&mut self, condition: Value, next: Block, args: &[BlockArg]) -> Check {
        let cold = self.b.create_block();
        self.b.set_cold_block(cold);
        let branch = self.b.ins().brif(condition, cold, &[], next, args);
        self.b.seal_block(cold);
        self.b.switch_to_block(cold);
        Check { branch, cold }
    }

    /// A call on one of two paths: what is pending concerns both, so it stays pending.
    pub(super) fn side_call<T>(&mut self, call: impl FnOnce(&mut Self) -> T) -> T {
        let pending = self.fuel.as_mut().map(|f| core::mem::take(&mut f.pending));
        let result = call(self);
        if let (Some(fuel), Some(pending)) = (&mut self.fuel, pending) {
            fuel.pending = pending;
        }
        result
    }
}
