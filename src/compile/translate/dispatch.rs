//! The table of scalar operators: one line per operator or per shape.

use super::*;
use crate::base::{Error, ErrorKind, TrapCode};
use crate::wasm::{Proposal, RefType, heap_type, ref_type, val_type};
use cranelift_codegen::ir::AtomicRmwOp;
use cranelift_codegen::ir::Opcode as C;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use wasmparser::Operator as Op;

#[rustfmt::skip]
pub(super) fn operator(t: &mut Translator<'_, '_>, op: &Op<'_>) -> Result<()> {
    match op {
        // control
        Op::Unreachable => t.trap(TrapCode::Unreachable),
        Op::Nop => {}
        Op::Block { blockty } => t.block(blockty)?,
        Op::Loop { blockty } => t.r#loop(blockty)?,
        Op::If { blockty } => t.r#if(blockty)?,
        Op::Else => t.r#else(),
        Op::End => t.end(),
        Op::Br { relative_depth } => t.br(*relative_depth),
        Op::BrIf { relative_depth } => t.br_if(*relative_depth),
        Op::BrTable { targets } => t.br_table(targets)?,
        Op::BrOnNull { relative_depth } => t.br_on_null(*relative_depth),
        Op::BrOnNonNull { relative_depth } => t.br_on_non_null(*relative_depth),
        Op::Return => t.r#return(),

        // calls
        Op::Call { function_index } => t.call(FuncIndex(*function_index), false),
        Op::ReturnCall { function_index } => t.call(FuncIndex(*function_index), true),
        Op::CallIndirect { type_index, table_index } => t.call_indirect(TypeIndex(*type_index), TableIndex(*table_index), false),
        Op::ReturnCallIndirect { type_index, table_index } => t.call_indirect(TypeIndex(*type_index), TableIndex(*table_index), true),
        Op::CallRef { type_index } => t.call_ref(TypeIndex(*type_index), false),
        Op::ReturnCallRef { type_index } => t.call_ref(TypeIndex(*type_index), true),

        // exceptions
        Op::TryTable { try_table } => t.try_table(try_table)?,
        Op::Throw { tag_index } => t.throw(TagIndex(*tag_index)),
        Op::ThrowRef => t.throw_ref(),

        // values
        Op::Drop => t.drop_value(),
        Op::Select => t.select(None),
        Op::TypedSelect { ty } => t.select(Some(val_type(&t.info().types, *ty)?)),
        Op::LocalGet { local_index } => t.local_get(*local_index),
        Op::LocalSet { local_index } => t.local_set(*local_index),
        Op::LocalTee { local_index } => t.local_tee(*local_index),
        Op::GlobalGet { global_index } => t.global_get(GlobalIndex(*global_index)),
        Op::GlobalSet { global_index } => t.global_set(GlobalIndex(*global_index)),
        Op::I32Const { value } => t.const_int(I32, i64::from(*value)),
        Op::I64Const { value } => t.const_int(I64, *value),
        Op::F32Const { value } => t.const_f32(*value),
        Op::F64Const { value } => t.const_f64(*value),

        // references and tables
        Op::RefNull { hty } => t.ref_null(*hty)?,
        Op::RefIsNull => t.ref_is_null(),
        Op::RefFunc { function_index } => t.ref_func(*function_index),
        Op::RefAsNonNull => t.ref_as_non_null(),
        Op::TableGet { table } => t.table_get(TableIndex(*table)),
        Op::TableSet { table } => t.table_set(TableIndex(*table)),
        Op::TableSize { table } => t.table_size(TableIndex(*table)),
        Op::TableGrow { table } => t.table_grow(*table),
        Op::TableFill { table } => t.table_fill(*table),
        Op::TableCopy { dst_table, src_table } => t.bulk_copy(Builtin::TableCopy, *dst_table, *src_table),
        Op::TableInit { elem_index, table } => t.bulk_init(Builtin::TableInit, *table, *elem_index),
        Op::ElemDrop { elem_index } => t.segment_drop(Builtin::ElemDrop, *elem_index),

        // structs and arrays
        Op::RefEq => t.ref_eq(),
        Op::RefI31 => t.ref_i31(),
        Op::I31GetS => t.i31_get(true),
        Op::I31GetU => t.i31_get(false),
        Op::StructNew { struct_type_index } => t.struct_new(TypeIndex(*struct_type_index), false),
        Op::StructNewDefault { struct_type_index } => t.struct_new(TypeIndex(*struct_type_index), true),
        Op::StructGet { struct_type_index, field_index } => t.struct_get(*struct_type_index, *field_index, false),
        Op::StructGetS { struct_type_index, field_index } => t.struct_get(*struct_type_index, *field_index, true),
        Op::StructGetU { struct_type_index, field_index } => t.struct_get(*struct_type_index, *field_index, false),
        Op::StructSet { struct_type_index, field_index } => t.struct_set(*struct_type_index, *field_index),
        Op::ArrayNew { array_type_index } => t.array_new(*array_type_index, false),
        Op::ArrayNewDefault { array_type_index } => t.array_new(*array_type_index, true),
        Op::ArrayNewFixed { array_type_index, array_size } => t.array_new_fixed(*array_type_index, *array_size),
        Op::ArrayNewData { array_type_index, array_data_index } => t.array_new_segment(Builtin::ArrayNewData, *array_type_index, *array_data_index),
        Op::ArrayNewElem { array_type_index, array_elem_index } => t.array_new_segment(Builtin::ArrayNewElem, *array_type_index, *array_elem_index),
        Op::ArrayGet { array_type_index } | Op::ArrayGetU { array_type_index } => t.array_get(*array_type_index, false),
        Op::ArrayGetS { array_type_index } => t.array_get(*array_type_index, true),
        Op::ArraySet { array_type_index } => t.array_set(*array_type_index),
        Op::ArrayLen => t.array_len(),
        Op::ArrayFill { .. } => t.array_fill(),
        Op::ArrayCopy { .. } => t.array_copy(),
        Op::ArrayInitData { array_data_index, .. } => t.array_init(Builtin::ArrayInitData, *array_data_index),
        Op::ArrayInitElem { array_elem_index, .. } => t.array_init(Builtin::ArrayInitElem, *array_elem_index),
        Op::RefTestNonNull { hty } => t.ref_test(RefType { nullable: false, heap: heap_type(t.types(), *hty)? }),
        Op::RefTestNullable { hty } => t.ref_test(RefType { nullable: true, heap: heap_type(t.types(), *hty)? }),
        Op::RefCastNonNull { hty } => t.ref_cast(RefType { nullable: false, heap: heap_type(t.types(), *hty)? }),
        Op::RefCastNullable { hty } => t.ref_cast(RefType { nullable: true, heap: heap_type(t.types(), *hty)? }),
        Op::BrOnCast { relative_depth, from_ref_type, to_ref_type } =>
            t.br_on_cast(*relative_depth, ref_type(t.types(), *from_ref_type)?, ref_type(t.types(), *to_ref_type)?, false),
        Op::BrOnCastFail { relative_depth, from_ref_type, to_ref_type } =>
            t.br_on_cast(*relative_depth, ref_type(t.types(), *from_ref_type)?, ref_type(t.types(), *to_ref_type)?, true),
        // The value stays what it is.
        Op::AnyConvertExtern | Op::ExternConvertAny => {}

        // memory
        Op::I32Load { memarg } => t.load(memarg, C::Load, I32, 4),
        Op::I64Load { memarg } => t.load(memarg, C::Load, I64, 8),
        Op::F32Load { memarg } => t.load(memarg, C::Load, F32, 4),
        Op::F64Load { memarg } => t.load(memarg, C::Load, F64, 8),
        Op::I32Load8S { memarg } => t.load(memarg, C::Sload8, I32, 1),
        Op::I32Load8U { memarg } => t.load(memarg, C::Uload8, I32, 1),
        Op::I32Load16S { memarg } => t.load(memarg, C::Sload16, I32, 2),
        Op::I32Load16U { memarg } => t.load(memarg, C::Uload16, I32, 2),
        Op::I64Load8S { memarg } => t.load(memarg, C::Sload8, I64, 1),
        Op::I64Load8U { memarg } => t.load(memarg, C::Uload8, I64, 1),
        Op::I64Load16S { memarg } => t.load(memarg, C::Sload16, I64, 2),
        Op::I64Load16U { memarg } => t.load(memarg, C::Uload16, I64, 2),
        Op::I64Load32S { memarg } => t.load(memarg, C::Sload32, I64, 4),
        Op::I64Load32U { memarg } => t.load(memarg, C::Uload32, I64, 4),
        Op::I32Store { memarg } | Op::F32Store { memarg } => t.store(memarg, C::Store, 4),
        Op::I64Store { memarg } | Op::F64Store { memarg } => t.store(memarg, C::Store, 8),
        Op::I32Store8 { memarg } | Op::I64Store8 { memarg } => t.store(memarg, C::Istore8, 1),
        Op::I32Store16 { memarg } | Op::I64Store16 { memarg } => t.store(memarg, C::Istore16, 2),
        Op::I64Store32 { memarg } => t.store(memarg, C::Istore32, 4),
        Op::MemorySize { mem } => t.memory_size(MemoryIndex(*mem)),
        Op::MemoryGrow { mem } => t.memory_grow(MemoryIndex(*mem)),
        Op::MemoryCopy { dst_mem, src_mem } => t.memory_copy(*dst_mem, *src_mem),
        Op::MemoryFill { mem } => t.memory_fill(*mem),
        Op::MemoryInit { data_index, mem } => t.bulk_init(Builtin::MemoryInit, *mem, *data_index),
        Op::DataDrop { data_index } => t.segment_drop(Builtin::DataDrop, *data_index),

        // integers
        Op::I32Eqz | Op::I64Eqz => t.eqz(),
        Op::I32Eq | Op::I64Eq => t.icmp(IntCC::Equal),
        Op::I32Ne | Op::I64Ne => t.icmp(IntCC::NotEqual),
        Op::I32LtS | Op::I64LtS => t.icmp(IntCC::SignedLessThan),
        Op::I32LtU | Op::I64LtU => t.icmp(IntCC::UnsignedLessThan),
        Op::I32GtS | Op::I64GtS => t.icmp(IntCC::SignedGreaterThan),
        Op::I32GtU | Op::I64GtU => t.icmp(IntCC::UnsignedGreaterThan),
        Op::I32LeS | Op::I64LeS => t.icmp(IntCC::SignedLessThanOrEqual),
        Op::I32LeU | Op::I64LeU => t.icmp(IntCC::UnsignedLessThanOrEqual),
        Op::I32GeS | Op::I64GeS => t.icmp(IntCC::SignedGreaterThanOrEqual),
        Op::I32GeU | Op::I64GeU => t.icmp(IntCC::UnsignedGreaterThanOrEqual),
        Op::I32Clz | Op::I64Clz => t.unary(C::Clz),
        Op::I32Ctz | Op::I64Ctz => t.unary(C::Ctz),
        Op::I32Popcnt | Op::I64Popcnt => t.unary(C::Popcnt),
        Op::I32Add | Op::I64Add => t.binary(C::Iadd),
        Op::I32Sub | Op::I64Sub => t.binary(C::Isub),
        Op::I32Mul | Op::I64Mul => t.binary(C::Imul),
        Op::I32DivS | Op::I64DivS => t.binary(C::Sdiv),
        Op::I32DivU | Op::I64DivU => t.binary(C::Udiv),
        Op::I32RemS | Op::I64RemS => t.binary(C::Srem),
        Op::I32RemU | Op::I64RemU => t.binary(C::Urem),
        Op::I32And | Op::I64And => t.binary(C::Band),
        Op::I32Or | Op::I64Or => t.binary(C::Bor),
        Op::I32Xor | Op::I64Xor => t.binary(C::Bxor),
        Op::I32Shl | Op::I64Shl => t.binary(C::Ishl),
        Op::I32ShrS | Op::I64ShrS => t.binary(C::Sshr),
        Op::I32ShrU | Op::I64ShrU => t.binary(C::Ushr),
        Op::I32Rotl | Op::I64Rotl => t.binary(C::Rotl),
        Op::I32Rotr | Op::I64Rotr => t.binary(C::Rotr),
        Op::I64Add128 => t.wide_binary(C::Iadd),
        Op::I64Sub128 => t.wide_binary(C::Isub),
        Op::I64MulWideS => t.wide_multiply(C::Sextend),
        Op::I64MulWideU => t.wide_multiply(C::Uextend),

        // floats
        Op::F32Eq | Op::F64Eq => t.fcmp(FloatCC::Equal),
        Op::F32Ne | Op::F64Ne => t.fcmp(FloatCC::NotEqual),
        Op::F32Lt | Op::F64Lt => t.fcmp(FloatCC::LessThan),
        Op::F32Gt | Op::F64Gt => t.fcmp(FloatCC::GreaterThan),
        Op::F32Le | Op::F64Le => t.fcmp(FloatCC::LessThanOrEqual),
        Op::F32Ge | Op::F64Ge => t.fcmp(FloatCC::GreaterThanOrEqual),
        Op::F32Abs | Op::F64Abs => t.unary(C::Fabs),
        Op::F32Neg | Op::F64Neg => t.unary(C::Fneg),
        Op::F32Ceil | Op::F64Ceil => t.unary(C::Ceil),
        Op::F32Floor | Op::F64Floor => t.unary(C::Floor),
        Op::F32Trunc | Op::F64Trunc => t.unary(C::Trunc),
        Op::F32Nearest | Op::F64Nearest => t.unary(C::Nearest),
        Op::F32Sqrt | Op::F64Sqrt => t.unary(C::Sqrt),
        Op::F32Add | Op::F64Add => t.binary(C::Fadd),
        Op::F32Sub | Op::F64Sub => t.binary(C::Fsub),
        Op::F32Mul | Op::F64Mul => t.binary(C::Fmul),
        Op::F32Div | Op::F64Div => t.binary(C::Fdiv),
        Op::F32Min | Op::F64Min => t.binary(C::Fmin),
        Op::F32Max | Op::F64Max => t.binary(C::Fmax),
        Op::F32Copysign | Op::F64Copysign => t.binary(C::Fcopysign),

        // conversions
        Op::I32WrapI64 => t.convert(C::Ireduce, I32),
        Op::I64ExtendI32S => t.convert(C::Sextend, I64),
        Op::I64ExtendI32U => t.convert(C::Uextend, I64),
        Op::I32Extend8S | Op::I64Extend8S => t.extend_low(I8),
        Op::I32Extend16S | Op::I64Extend16S => t.extend_low(I16),
        Op::I64Extend32S => t.extend_low(I32),
        Op::I32TruncF32S | Op::I32TruncF64S => t.convert(C::FcvtToSint, I32),
        Op::I32TruncF32U | Op::I32TruncF64U => t.convert(C::FcvtToUint, I32),
        Op::I64TruncF32S | Op::I64TruncF64S => t.convert(C::FcvtToSint, I64),
        Op::I64TruncF32U | Op::I64TruncF64U => t.convert(C::FcvtToUint, I64),
        Op::I32TruncSatF32S | Op::I32TruncSatF64S => t.convert(C::FcvtToSintSat, I32),
        Op::I32TruncSatF32U | Op::I32TruncSatF64U => t.convert(C::FcvtToUintSat, I32),
        Op::I64TruncSatF32S | Op::I64TruncSatF64S => t.convert(C::FcvtToSintSat, I64),
        Op::I64TruncSatF32U | Op::I64TruncSatF64U => t.convert(C::FcvtToUintSat, I64),
        Op::F32ConvertI32S | Op::F32ConvertI64S => t.convert(C::FcvtFromSint, F32),
        Op::F32ConvertI32U | Op::F32ConvertI64U => t.convert(C::FcvtFromUint, F32),
        Op::F64ConvertI32S | Op::F64ConvertI64S => t.convert(C::FcvtFromSint, F64),
        Op::F64ConvertI32U | Op::F64ConvertI64U => t.convert(C::FcvtFromUint, F64),
        Op::F32DemoteF64 => t.convert(C::Fdemote, F32),
        Op::F64PromoteF32 => t.convert(C::Fpromote, F64),
        Op::I32ReinterpretF32 => t.reinterpret(I32),
        Op::I64ReinterpretF64 => t.reinterpret(I64),
        Op::F32ReinterpretI32 => t.reinterpret(F32),
        Op::F64ReinterpretI64 => t.reinterpret(F64),

        // threads
        Op::MemoryAtomicNotify { memarg } => t.atomic_notify(memarg),
        Op::MemoryAtomicWait32 { memarg } => t.atomic_wait(memarg, Builtin::AtomicWait32, 4),
        Op::MemoryAtomicWait64 { memarg } => t.atomic_wait(memarg, Builtin::AtomicWait64, 8),
        Op::AtomicFence { .. } => t.atomic_fence(),
        Op::I32AtomicLoad { memarg } => t.atomic_load(memarg, I32, I32),
        Op::I32AtomicLoad8U { memarg } => t.atomic_load(memarg, I32, I8),
        Op::I32AtomicLoad16U { memarg } => t.atomic_load(memarg, I32, I16),
        Op::I64AtomicLoad { memarg } => t.atomic_load(memarg, I64, I64),
        Op::I64AtomicLoad8U { memarg } => t.atomic_load(memarg, I64, I8),
        Op::I64AtomicLoad16U { memarg } => t.atomic_load(memarg, I64, I16),
        Op::I64AtomicLoad32U { memarg } => t.atomic_load(memarg, I64, I32),
        Op::I32AtomicStore8 { memarg } | Op::I64AtomicStore8 { memarg } => t.atomic_store(memarg, I8),
        Op::I32AtomicStore16 { memarg } | Op::I64AtomicStore16 { memarg } => t.atomic_store(memarg, I16),
        Op::I32AtomicStore { memarg } | Op::I64AtomicStore32 { memarg } => t.atomic_store(memarg, I32),
        Op::I64AtomicStore { memarg } => t.atomic_store(memarg, I64),
        Op::I32AtomicRmwAdd { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I32, I32),
        Op::I32AtomicRmw8AddU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I32, I8),
        Op::I32AtomicRmw16AddU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I32, I16),
        Op::I64AtomicRmwAdd { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I64, I64),
        Op::I64AtomicRmw8AddU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I64, I8),
        Op::I64AtomicRmw16AddU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I64, I16),
        Op::I64AtomicRmw32AddU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Add, I64, I32),
        Op::I32AtomicRmwSub { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I32, I32),
        Op::I32AtomicRmw8SubU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I32, I8),
        Op::I32AtomicRmw16SubU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I32, I16),
        Op::I64AtomicRmwSub { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I64, I64),
        Op::I64AtomicRmw8SubU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I64, I8),
        Op::I64AtomicRmw16SubU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I64, I16),
        Op::I64AtomicRmw32SubU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Sub, I64, I32),
        Op::I32AtomicRmwAnd { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I32, I32),
        Op::I32AtomicRmw8AndU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I32, I8),
        Op::I32AtomicRmw16AndU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I32, I16),
        Op::I64AtomicRmwAnd { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I64, I64),
        Op::I64AtomicRmw8AndU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I64, I8),
        Op::I64AtomicRmw16AndU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I64, I16),
        Op::I64AtomicRmw32AndU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::And, I64, I32),
        Op::I32AtomicRmwOr { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I32, I32),
        Op::I32AtomicRmw8OrU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I32, I8),
        Op::I32AtomicRmw16OrU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I32, I16),
        Op::I64AtomicRmwOr { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I64, I64),
        Op::I64AtomicRmw8OrU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I64, I8),
        Op::I64AtomicRmw16OrU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I64, I16),
        Op::I64AtomicRmw32OrU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Or, I64, I32),
        Op::I32AtomicRmwXor { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I32, I32),
        Op::I32AtomicRmw8XorU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I32, I8),
        Op::I32AtomicRmw16XorU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I32, I16),
        Op::I64AtomicRmwXor { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I64, I64),
        Op::I64AtomicRmw8XorU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I64, I8),
        Op::I64AtomicRmw16XorU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I64, I16),
        Op::I64AtomicRmw32XorU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xor, I64, I32),
        Op::I32AtomicRmwXchg { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I32, I32),
        Op::I32AtomicRmw8XchgU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I32, I8),
        Op::I32AtomicRmw16XchgU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I32, I16),
        Op::I64AtomicRmwXchg { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I64, I64),
        Op::I64AtomicRmw8XchgU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I64, I8),
        Op::I64AtomicRmw16XchgU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I64, I16),
        Op::I64AtomicRmw32XchgU { memarg } => t.atomic_rmw(memarg, AtomicRmwOp::Xchg, I64, I32),
        Op::I32AtomicRmwCmpxchg { memarg } => t.atomic_cmpxchg(memarg, I32, I32),
        Op::I32AtomicRmw8CmpxchgU { memarg } => t.atomic_cmpxchg(memarg, I32, I8),
        Op::I32AtomicRmw16CmpxchgU { memarg } => t.atomic_cmpxchg(memarg, I32, I16),
        Op::I64AtomicRmwCmpxchg { memarg } => t.atomic_cmpxchg(memarg, I64, I64),
        Op::I64AtomicRmw8CmpxchgU { memarg } => t.atomic_cmpxchg(memarg, I64, I8),
        Op::I64AtomicRmw16CmpxchgU { memarg } => t.atomic_cmpxchg(memarg, I64, I16),
        Op::I64AtomicRmw32CmpxchgU { memarg } => t.atomic_cmpxchg(memarg, I64, I32),

        vector_or_unknown => return simd::operator(t, vector_or_unknown),
    }
    Ok(())
}

/// The error for an operator that no table has, naming its proposal.
#[cold]
pub(super) fn unsupported(op: &Op<'_>) -> Error {
    macro_rules! proposals {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match op {
                $(Op::$op $({ $($arg: _),* })? => (stringify!($proposal), stringify!($op)),)*
                _ => ("unknown", "unknown"),
            }
        };
    }
    let (proposal, name) = wasmparser::for_each_operator!(proposals);
    let known = match proposal {
        "gc" => Some(Proposal::Gc),
        "exceptions" => Some(Proposal::Exceptions),
        "legacy_exceptions" => Some(Proposal::LegacyExceptions),
        "stack_switching" => Some(Proposal::StackSwitching),
        "shared_everything_threads" => Some(Proposal::SharedEverythingThreads),
        _ => None,
    };
    match known {
        Some(p) => p.unsupported(format_args!("operator {name}")),
        None => {
            let proposal = proposal.replace('_', "-");
            let text = format!("operator {name}: the {proposal} proposal is not supported by this library");
            Error::new(ErrorKind::Unsupported, text)
        }
    }
}
