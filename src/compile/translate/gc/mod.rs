//! Structs, arrays and casts. See `layout::gc` for what objects and references look like.
//!
//! Every allocation may move every object: references are reloaded after it from where the stack map told the
//! collector, which the frontend sees to, and no address made from a reference is used across one.

mod array;
mod cast;
mod object;

use super::support::Region;
use super::*;
use crate::base::TrapCode;
use crate::layout::*;
use crate::wasm::{FieldType, RefType, StorageType};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, Endianness, MemFlagsData, Opcode, Type};

/// An object of which the address is known.
#[derive(Clone, Copy)]
struct Object {
    address: Value,
}

impl Translator<'_, '_> {
    /// The validator's type of the operand that the next operator looks into, if it has one.
    pub(in crate::compile) fn note_operand(&mut self, ty: Option<Operand>) {
        self.operand = ty;
    }

    fn operand_nullable(&self) -> bool {
        self.operand.is_none_or(|t| t.nullable)
    }

    fn object(&mut self, reference: Value) -> Object {
        let base = self.load_constant(I64, self.vmctx, off::VMCTX_GC_BASE);
        let offset = self.b.ins().uextend(I64, reference);
        Object { address: self.b.ins().iadd(base, offset) }
    }

    fn trap_if_null(&mut self, reference: Value) {
        let is_null = self.b.ins().icmp_imm_s(IntCC::Equal, reference, 0);
        self.trap_if(is_null, TrapCode::NullReference);
    }

    /// The engine's number of a type of the module.
    pub(super) fn type_id(&mut self, ty: TypeIndex) -> Value {
        let ids = self.load_constant(I64, self.vmctx, off::VMCTX_TYPE_IDS);
        self.load_constant(I32, ids, (ty.0 as usize * size_of::<crate::wasm::TypeId>()) as i32)
    }

    /// Room for an object, its contents not initialised.
    fn alloc_fixed(&mut self, bytes: u32) -> Value {
        if bytes > GC_INLINE_MAX {
            let bytes = self.iconst(I64, bytes.into());
            return self.alloc_bytes(bytes);
        }
        let heap = self.load_constant(I64, self.vmctx, off::VMCTX_GC_HEAP);
        let here = self.load_record(Region::GcRecord, I32, heap, HEAP_BUMP);
        // The limit leaves room enough below 4 GiB.
        let end = self.b.ins().iadd_imm_s(here, i64::from(bytes));
        let limit = self.load_record(Region::GcRecord, I32, heap, HEAP_LIMIT);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.finish_alloc(full, heap, here, end, |t| t.iconst(I64, bytes.into()))
    }

    /// The same for a number of bytes, as 64 bits, that is known at run time.
    fn alloc_bytes(&mut self, bytes: Value) -> Value {
        let heap = self.load_constant(I64, self.vmctx, off::VMCTX_GC_HEAP);
        let here = self.load_record(Region::GcRecord, I32, heap, HEAP_BUMP);
        let limit = self.load_record(Region::GcRecord, I32, heap, HEAP_LIMIT);
        let start = self.b.ins().uextend(I64, here);
        let round = self.b.ins().iadd_imm_s(bytes, 7);
        let round = self.b.ins().band_imm_s(round, -8);
        let end = self.b.ins().iadd(start, round);
        let limit = self.b.ins().uextend(I64, limit);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        let end = self.b.ins().ireduce(I32, end);
        self.finish_alloc(full, heap, here, end, |_| bytes)
    }

    fn finish_alloc(
        &mut self,
        full: Value,
        heap: Value,
        here: Value,
        end: Value,
        bytes: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let (quick, next) = (self.b.create_block(), self.b.create_block());
        let made = self.b.append_block_param(next, I32);
        self.b.declare_value_needs_stack_map(made);
        self.cold_path(full, quick, &[]);
        let bytes = bytes(self);
        let slow = self.side_call(|t| t.builtin_value(Builtin::GcAlloc, &[bytes]));
        self.b.ins().jump(next, &[BlockArg::Value(slow)]);
        self.b.seal_block(quick);
        self.b.switch_to_block(quick);
        self.store_record(Region::GcRecord, end, heap, HEAP_BUMP);
        self.b.ins().jump(next, &[BlockArg::Value(here)]);
        self.b.seal_block(next);
        self.b.switch_to_block(next);
        made
    }

    fn region_of(&self, field: &FieldType, of_array: bool) -> Region {
        Region::GcField(storage_class(field.storage) | u32::from(of_array) << 4)
    }

    /// Flags of an access to a field; `null` is the trap if the object may be null.
    fn field_flags(&mut self, field: &FieldType, of_array: bool, null: bool) -> MemFlagsData {
        let region = self.region_of(field, of_array);
        let region = self.region(region);
        let flags = match field.storage {
            // Objects are aligned to eight bytes only.
            StorageType::Val(ValType::V128) => MemFlagsData::new().with_endianness(Endianness::Little).with_notrap(),
            _ => MemFlagsData::trusted(),
        };
        let flags = flags.with_alias_region(Some(region));
        if null { flags.with_trap_code(Some(abi::trap_code(TrapCode::NullReference))) } else { flags }
    }

    fn load_field(&mut self, field: &FieldType, flags: MemFlagsData, address: Value, offset: i32, signed: bool) {
        let (op, ty): (Opcode, Type) = match field.storage {
            StorageType::I8 => (if signed { Opcode::Sload8 } else { Opcode::Uload8 }, I32),
            StorageType::I16 => (if signed { Opcode::Sload16 } else { Opcode::Uload16 }, I32),
            StorageType::Val(ty) => (Opcode::Load, clif_type(ty)),
        };
        let flags = self.b.func.dfg.mem_flags.insert_unchecked(flags);
        let (inst, dfg) = self.b.ins().Load(op, ty, flags, offset.into(), address);
        let v = dfg.first_result(inst);
        self.push_typed(v, field.storage.unpacked());
    }

    fn store_field(&mut self, field: &FieldType, flags: MemFlagsData, value: Value, address: Value, offset: i32) {
        let op = match field.storage {
            StorageType::I8 => Opcode::Istore8,
            StorageType::I16 => Opcode::Istore16,
            StorageType::Val(_) => Opcode::Store,
        };
        let flags = self.b.func.dfg.mem_flags.insert_unchecked(flags);
        let ty = self.type_of(value);
        self.b.ins().Store(op, ty, flags, offset.into(), value, address);
    }
}

/// Fields of different classes are never at the same place.
fn storage_class(ty: StorageType) -> u32 {
    match ty {
        StorageType::I8 => 0,
        StorageType::I16 => 1,
        StorageType::Val(ValType::I32) => 2,
        StorageType::Val(ValType::I64) => 3,
        StorageType::Val(ValType::F32) => 4,
        StorageType::Val(ValType::F64) => 5,
        StorageType::Val(ValType::V128) => 6,
        StorageType::Val(ty) => if ty.is_funcref() { 7 } else { 8 },
    }
}
