//! Table elements.

use super::support::Region;
use super::*;
use crate::base::TrapCode;
use crate::layout::{FUNCREF_INIT_BIT, off};
use crate::wasm::TableType;
use cranelift_codegen::ir::BlockArg;
use cranelift_codegen::ir::condcodes::IntCC;

impl Translator<'_, '_> {
    fn table_record(&mut self, t: TableIndex) -> Value {
        self.load_constant(I64, self.vmctx, self.m.layout.table(t))
    }

    /// Elements, as 64 bits.
    fn table_len(&mut self, t: TableIndex, ty: &TableType) -> Value {
        if ty.max == Some(ty.min) {
            return self.iconst(I64, ty.min as i64);
        }
        let record = self.table_record(t);
        self.load_record(Region::TableRecord, I64, record, off::TABLE_LEN)
    }

    fn table_base(&mut self, t: TableIndex, ty: &TableType) -> Value {
        let record = self.table_record(t);
        if ty.max == Some(ty.min) {
            // It never grows, so it never moves.
            return self.load_constant(I64, record, off::TABLE_BASE);
        }
        self.load_record(Region::TableRecord, I64, record, off::TABLE_BASE)
    }

    /// Address of an element; traps if there is none. `index` has 64 bits.
    fn element(&mut self, t: TableIndex, ty: &TableType, index: Value) -> Value {
        let len = self.table_len(t, ty);
        let out = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.trap_if(out, TrapCode::TableOutOfBounds);
        let base = self.table_base(t, ty);
        let bytes = self.b.ins().ishl_imm_u(index, 3);
        let address = self.b.ins().iadd(base, bytes);
        if !self.m.isa.flags().enable_table_access_spectre_mitigation() {
            return address;
        }
        self.b.ins().select_spectre_guard(out, base, address)
    }

    pub(super) fn table_get(&mut self, t: TableIndex) {
        let index = self.pop();
        let v = self.table_load(t, index);
        self.push_typed(v, ValType::Ref(self.info().tables[t].ty.element));
    }

    /// An element as it appears on the operand stack.
    pub(super) fn table_load(&mut self, t: TableIndex, index: Value) -> Value {
        let ty = self.info().tables[t].ty;
        let index = self.widen(index);
        let at = self.element(t, &ty, index);
        if ValType::Ref(ty.element).is_funcref() {
            self.load_funcref(t, index, at)
        } else {
            self.load_record(Region::TableElements, I32, at, 0)
        }
    }

    /// Function references are made on first use: 0 means that this is the first.
    fn load_funcref(&mut self, t: TableIndex, index: Value, at: Value) -> Value {
        let raw = self.load_record(Region::TableElements, I64, at, 0);
        let pointer = self.b.ins().band_imm_s(raw, !(FUNCREF_INIT_BIT as i64));
        let next = self.b.create_block();
        let result = self.b.append_block_param(next, I64);
        let empty = self.b.ins().icmp_imm_s(IntCC::Equal, raw, 0);
        self.cold_path(empty, next, &[BlockArg::Value(pointer)]);
        let table = self.iconst(I32, t.0.into());
        let made = self.side_call(|s| s.builtin_value(Builtin::TableGetFuncRef, &[table, index]));
        self.b.ins().jump(next, &[BlockArg::Value(made)]);
        self.b.seal_block(next);
        self.b.switch_to_block(next);
        result
    }

    pub(super) fn table_set(&mut self, t: TableIndex) {
        let (index, value) = self.pop2();
        let ty = self.info().tables[t].ty;
        let index = self.widen(index);
        let at = self.element(t, &ty, index);
        let raw = if ValType::Ref(ty.element).is_funcref() {
            self.b.ins().bor_imm_s(value, FUNCREF_INIT_BIT as i64)
        } else {
            self.b.ins().uextend(I64, value)
        };
        self.store_record(Region::TableElements, raw, at, 0);
    }

    pub(super) fn table_size(&mut self, t: TableIndex) {
        let ty = self.info().tables[t].ty;
        let len = self.table_len(t, &ty);
        let v = self.narrow(len, ty.table64);
        self.push(v);
    }
}
