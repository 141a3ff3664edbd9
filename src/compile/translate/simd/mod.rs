//! Vectors. On the operand stack every vector is `I8X16`; operators see the lanes they want through bitcasts,
//! which cost nothing.

mod convert;
mod dispatch;
mod lanes;
mod memory;
mod relaxed;

use super::*;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Endianness, MemFlagsData, Opcode, Type};
pub(super) use dispatch::operator;

impl Translator<'_, '_> {
    fn cast(&mut self, v: Value, ty: Type) -> Value {
        if self.type_of(v) == ty {
            return v;
        }
        self.b.ins().bitcast(ty, MemFlagsData::new().with_endianness(Endianness::Little), v)
    }

    fn vpop(&mut self, ty: Type) -> Value {
        let v = self.pop();
        self.cast(v, ty)
    }

    fn vpop2(&mut self, ty: Type) -> (Value, Value) {
        let b = self.vpop(ty);
        (self.vpop(ty), b)
    }

    fn vpop3(&mut self, ty: Type) -> (Value, Value, Value) {
        let c = self.vpop(ty);
        let (a, b) = self.vpop2(ty);
        (a, b, c)
    }

    fn vpush(&mut self, v: Value) {
        let v = self.cast(v, I8X16);
        self.push(v);
    }

    /// An instruction from one vector to another of the same lanes.
    fn vunary(&mut self, op: Opcode, ty: Type) {
        let a = self.vpop(ty);
        let v = self.ins_unary(op, ty, a);
        self.vpush(v);
    }

    /// An instruction from two vectors of the same lanes.
    fn vbinary(&mut self, op: Opcode, ty: Type) {
        let (a, b) = self.vpop2(ty);
        let v = self.ins_binary(op, a, b);
        self.vpush(v);
    }

    fn vicmp(&mut self, condition: IntCC, ty: Type) {
        let (a, b) = self.vpop2(ty);
        let v = self.b.ins().icmp(condition, a, b);
        self.vpush(v);
    }

    fn vfcmp(&mut self, condition: FloatCC, ty: Type) {
        let (a, b) = self.vpop2(ty);
        let v = self.b.ins().fcmp(condition, a, b);
        self.vpush(v);
    }

    /// The amount is a scalar, taken modulo the lanes' width by the instruction.
    fn vshift(&mut self, op: Opcode, ty: Type) {
        let amount = self.pop();
        let a = self.vpop(ty);
        let (inst, dfg) = self.b.ins().Binary(op, ty, a, amount);
        let v = dfg.first_result(inst);
        self.vpush(v);
    }

    /// A test of a whole vector: `vany_true`, `vall_true`.
    fn vtest(&mut self, op: Opcode, ty: Type) {
        let a = self.vpop(ty);
        let v = self.ins_unary(op, ty, a);
        self.push_bool(v);
    }

    fn bitmask(&mut self, ty: Type) {
        let a = self.vpop(ty);
        let v = self.b.ins().vhigh_bits(I32, a);
        self.push(v);
    }

    fn bitselect(&mut self) {
        let (a, b, mask) = self.pop3();
        let v = self.b.ins().bitselect(mask, a, b);
        self.push(v);
    }

    fn and_not(&mut self) {
        let (a, b) = self.pop2();
        let v = self.b.ins().band_not(a, b);
        self.push(v);
    }

    /// `pmin`: b if b < a, else a; `pmax`: b if a < b, else a.
    fn pseudo_min_max(&mut self, ty: Type, min: bool) {
        let (a, b) = self.vpop2(ty);
        let (x, y) = if min { (b, a) } else { (a, b) };
        let b_wins = self.b.ins().fcmp(FloatCC::LessThan, x, y);
        let mask = self.cast(b_wins, ty);
        let v = self.b.ins().bitselect(mask, b, a);
        self.vpush(v);
    }
}
