//! Atomic accesses. All are sequentially consistent and trap when not naturally aligned.

use super::memory::memory_of;
use super::*;
use crate::base::TrapCode;
use cranelift_codegen::ir::{AtomicRmwOp, Type};
use wasmparser::MemArg;

impl Translator<'_, '_> {
    /// The address of an aligned access of `size` bytes, in one value.
    fn atomic_address(&mut self, memarg: &MemArg, index: Value, size: u64) -> Value {
        self.check_alignment(memarg, index, size);
        let at = self.address(memarg, index, size);
        if at.offset == 0 { at.base } else { self.b.ins().iadd_imm_s(at.base, i64::from(at.offset)) }
    }

    /// Memories are aligned to pages, so index and offset decide.
    fn check_alignment(&mut self, memarg: &MemArg, index: Value, size: u64) {
        if size == 1 {
            return;
        }
        let low = self.b.ins().iadd_imm_s(index, (memarg.offset & (size - 1)) as i64);
        let wrong = self.b.ins().band_imm_s(low, (size - 1) as i64);
        self.trap_if(wrong, TrapCode::HeapMisaligned);
    }

    fn extended(&mut self, v: Value, to: Type) -> Value {
        if self.type_of(v) == to { v } else { self.b.ins().uextend(to, v) }
    }

    fn reduced(&mut self, v: Value, to: Type) -> Value {
        if self.type_of(v) == to { v } else { self.b.ins().ireduce(to, v) }
    }

    /// Reads a `part` and zero-extends it to `ty`.
    pub(super) fn atomic_load(&mut self, memarg: &MemArg, ty: Type, part: Type) {
        let index = self.pop();
        let at = self.atomic_address(memarg, index, part.bytes().into());
        let flags = self.heap_flags_data();
        let v = self.b.ins().atomic_load(part, flags, at);
        let v = self.extended(v, ty);
        self.push(v);
    }

    pub(super) fn atomic_store(&mut self, memarg: &MemArg, part: Type) {
        let (index, value) = self.pop2();
        let at = self.atomic_address(memarg, index, part.bytes().into());
        let value = self.reduced(value, part);
        let flags = self.heap_flags_data();
        self.b.ins().atomic_store(flags, value, at);
    }

    pub(super) fn atomic_rmw(&mut self, memarg: &MemArg, op: AtomicRmwOp, ty: Type, part: Type) {
        let (index, operand) = self.pop2();
        let at = self.atomic_address(memarg, index, part.bytes().into());
        let operand = self.reduced(operand, part);
        let flags = self.heap_flags_data();
        let before = self.b.ins().atomic_rmw(part, flags, op, at, operand);
        let before = self.extended(before, ty);
        self.push(before);
    }

    /// The expected value is wrapped to the part before the comparison.
    pub(super) fn atomic_cmpxchg(&mut self, memarg: &MemArg, ty: Type, part: Type) {
        let (index, expected, replacement) = self.pop3();
        let at = self.atomic_address(memarg, index, part.bytes().into());
        let (expected, replacement) = (self.reduced(expected, part), self.reduced(replacement, part));
        let flags = self.heap_flags_data();
        let before = self.b.ins().atomic_cas(flags, at, expected, replacement);
        let before = self.extended(before, ty);
        self.push(before);
    }

    /// The guest's address with the offset added, as builtins want it.
    fn effective_index(&mut self, memarg: &MemArg, index: Value) -> Value {
        let index = self.widen(index);
        if memarg.offset == 0 {
            return index;
        }
        let offset = self.iconst(I64, memarg.offset as i64);
        self.b.ins().uadd_overflow_trap(index, offset, abi::trap_code(TrapCode::MemoryOutOfBounds))
    }

    pub(super) fn atomic_wait(&mut self, memarg: &MemArg, builtin: Builtin, size: u64) {
        let (index, expected, timeout) = self.pop3();
        self.check_alignment(memarg, index, size);
        let index = self.effective_index(memarg, index);
        let memory = self.iconst(I32, memory_of(memarg).0.into());
        let v = self.builtin_value(builtin, &[memory, index, expected, timeout]);
        self.push(v);
    }

    pub(super) fn atomic_notify(&mut self, memarg: &MemArg) {
        let (index, count) = self.pop2();
        self.check_alignment(memarg, index, 4);
        let index = self.effective_index(memarg, index);
        let memory = self.iconst(I32, memory_of(memarg).0.into());
        let v = self.builtin_value(Builtin::AtomicNotify, &[memory, index, count]);
        self.push(v);
    }

    pub(super) fn atomic_fence(&mut self) {
        self.b.ins().fence();
    }
}
