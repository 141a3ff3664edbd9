//! Loads, stores and sizes of linear memories.
//!
//! A guard-page memory is reserved so far that the index plus a small offset always falls into memory or
//! guard; the fault is the check. Everything else compares with the current length, and the access itself
//! goes through a conditional move to address 0, so that it cannot run ahead of the comparison.

use super::support::Region;
use super::*;
use crate::base::TrapCode;
use crate::layout::{MemoryMode, off};
use crate::wasm::MemoryType;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Endianness, MemFlagsData, Opcode, Type};
use wasmparser::{MemArg, MemArgTarget};

/// A checked address: access `base + offset`; faults are the guest's.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub(super) base: Value,
    pub(super) offset: i32,
}

pub(super) fn memory_of(memarg: &MemArg) -> MemoryIndex {
    match memarg.target {
        MemArgTarget::Memory(m) => MemoryIndex(m),
        MemArgTarget::Array(_) => unreachable!("the validator refuses array accesses"),
    }
}

impl Translator<'_, '_> {
    /// Flags of accesses to linear memory.
    pub(super) fn heap_flags(&mut self) -> MemFlags {
        if let Some(flags) = self.cache.heap_flags {
            return flags;
        }
        let data = self.heap_flags_data();
        let flags = self.b.func.dfg.mem_flags.insert_unchecked(data);
        self.cache.heap_flags = Some(flags);
        flags
    }

    pub(super) fn heap_flags_data(&mut self) -> MemFlagsData {
        let region = self.region(Region::Heap);
        MemFlagsData::new()
            .with_endianness(Endianness::Little)
            .with_trap_code(Some(abi::trap_code(TrapCode::MemoryOutOfBounds)))
            .with_alias_region(Some(region))
    }

    /// `op` reads `size` bytes and makes a `ty`.
    pub(super) fn load(&mut self, memarg: &MemArg, op: Opcode, ty: Type, size: u64) {
        let index = self.pop();
        let at = self.address(memarg, index, size);
        let v = self.ins_load(op, ty, at);
        self.push(v);
    }

    pub(super) fn ins_load(&mut self, op: Opcode, ty: Type, at: Address) -> Value {
        let flags = self.heap_flags();
        let (inst, dfg) = self.b.ins().Load(op, ty, flags, at.offset.into(), at.base);
        dfg.first_result(inst)
    }

    /// `op` writes the low `size` bytes.
    pub(super) fn store(&mut self, memarg: &MemArg, op: Opcode, size: u64) {
        let (index, value) = self.pop2();
        let at = self.address(memarg, index, size);
        self.ins_store(op, value, at);
    }

    pub(super) fn ins_store(&mut self, op: Opcode, value: Value, at: Address) {
        let flags = self.heap_flags();
        let ty = self.type_of(value);
        self.b.ins().Store(op, ty, flags, at.offset.into(), value, at.base);
    }

    /// Checks an access of `size` bytes and gives its address.
    pub(super) fn address(&mut self, memarg: &MemArg, index: Value, size: u64) -> Address {
        let m = memory_of(memarg);
        let ty = self.info().memories[m];
        let index = self.widen(index);
        match self.m.tunables.mode_of(&ty) {
            MemoryMode::GuardPages => self.guarded_address(m, index, memarg.offset, size),
            MemoryMode::Explicit => self.explicit_address(m, &ty, index, memarg.offset, size),
        }
    }

    fn guarded_address(&mut self, m: MemoryIndex, index: Value, offset: u64, size: u64) -> Address {
        let base = self.memory_base(m);
        let start = self.b.ins().iadd(base, index);
        let reserved = self.m.tunables.memory_reservation.saturating_add(self.m.tunables.memory_guard);
        // Validated: the offset of a 32-bit memory has 32 bits, so nothing overflows.
        let end = offset + size;
        match i32::try_from(offset) {
            Ok(offset) if u64::from(u32::MAX) + end <= reserved => Address { base: start, offset },
            _ => {
                let bound = self.iconst(I64, reserved.saturating_sub(end) as i64);
                let out = self.b.ins().icmp(IntCC::UnsignedGreaterThan, index, bound);
                self.bounded(out, start, offset)
            }
        }
    }

    fn explicit_address(&mut self, m: MemoryIndex, ty: &MemoryType, index: Value, offset: u64, size: u64) -> Address {
        let record = self.memory_record(m);
        // The length first: a memory that grows meanwhile publishes its new base before its new length.
        let len = self.load_record(Region::MemoryRecord, I64, record, off::MEMORY_LEN);
        let base = self.load_record(Region::MemoryRecord, I64, record, off::MEMORY_BASE);
        let Some(end) = offset.checked_add(size) else {
            // Beyond any memory, whatever the index.
            let out = self.iconst(I8, 1);
            return self.bounded(out, base, 0);
        };
        let end = self.iconst(I64, end as i64);
        let code = abi::trap_code(TrapCode::MemoryOutOfBounds);
        let last = if ty.memory64 {
            self.b.ins().uadd_overflow_trap(index, end, code)
        } else {
            self.b.ins().iadd(index, end)
        };
        let out = self.b.ins().icmp(IntCC::UnsignedGreaterThan, last, len);
        let start = self.b.ins().iadd(base, index);
        self.bounded(out, start, offset)
    }

    /// `start + offset`, unless `out` holds: then the access traps, also in speculation.
    fn bounded(&mut self, out: Value, start: Value, offset: u64) -> Address {
        let address = if offset == 0 { start } else { self.b.ins().iadd_imm_s(start, offset as i64) };
        if !self.m.isa.flags().enable_heap_access_spectre_mitigation() {
            self.trap_if(out, TrapCode::MemoryOutOfBounds);
            return Address { base: address, offset: 0 };
        }
        let null = self.iconst(I64, 0);
        let base = self.b.ins().select_spectre_guard(out, null, address);
        Address { base, offset: 0 }
    }

    /// Where a memory with guard pages begins.
    pub(super) fn memory_base(&mut self, m: MemoryIndex) -> Value {
        self.load_constant(I64, self.vmctx, self.m.layout.memory(m) + off::MEMREF_BASE)
    }

    /// The memory's `VmMemory`.
    pub(super) fn memory_record(&mut self, m: MemoryIndex) -> Value {
        self.load_constant(I64, self.vmctx, self.m.layout.memory(m) + off::MEMREF_RECORD)
    }

    pub(super) fn memory_size(&mut self, m: MemoryIndex) {
        let ty = self.info().memories[m];
        let pages = if ty.shared {
            let index = self.iconst(I32, m.0.into());
            self.builtin_value(Builtin::MemorySize, &[index])
        } else {
            let record = self.memory_record(m);
            let len = self.load_record(Region::MemoryRecord, I64, record, off::MEMORY_LEN);
            self.b.ins().ushr_imm_u(len, i64::from(ty.page_size_log2))
        };
        let v = self.narrow(pages, ty.memory64);
        self.push(v);
    }

    pub(super) fn memory_grow(&mut self, m: MemoryIndex) {
        let delta = self.pop();
        let delta = self.widen(delta);
        let index = self.iconst(I32, m.0.into());
        let before = self.builtin_value(Builtin::MemoryGrow, &[index, delta]);
        let v = self.narrow(before, self.info().memories[m].memory64);
        self.push(v);
    }
}
