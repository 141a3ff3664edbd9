//! Arithmetic and comparisons of scalars. Most operators are one instruction of the code generator.

use super::*;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Opcode, Type};

impl Translator<'_, '_> {
    /// An instruction from one value to one of the same type.
    pub(super) fn unary(&mut self, op: Opcode) {
        let a = self.pop();
        let v = self.ins_unary(op, self.type_of(a), a);
        self.push(v);
    }

    /// An instruction from two values of one type to another of it.
    pub(super) fn binary(&mut self, op: Opcode) {
        let (a, b) = self.pop2();
        let v = self.ins_binary(op, a, b);
        self.push(v);
    }

    pub(super) fn ins_unary(&mut self, op: Opcode, ty: Type, a: Value) -> Value {
        let (inst, dfg) = self.b.ins().Unary(op, ty, a);
        dfg.first_result(inst)
    }

    pub(super) fn ins_binary(&mut self, op: Opcode, a: Value, b: Value) -> Value {
        let ty = self.type_of(a);
        let (inst, dfg) = self.b.ins().Binary(op, ty, a, b);
        dfg.first_result(inst)
    }

    /// Counts come back in the operand's type.
    pub(super) fn eqz(&mut self) {
        let a = self.pop();
        let v = self.b.ins().icmp_imm_s(IntCC::Equal, a, 0);
        self.push_bool(v);
    }

    pub(super) fn icmp(&mut self, condition: IntCC) {
        let (a, b) = self.pop2();
        let v = self.b.ins().icmp(condition, a, b);
        self.push_bool(v);
    }

    pub(super) fn fcmp(&mut self, condition: FloatCC) {
        let (a, b) = self.pop2();
        let v = self.b.ins().fcmp(condition, a, b);
        self.push_bool(v);
    }

    /// Conditions are 8 bits wide in the IR and `i32` in wasm.
    pub(super) fn push_bool(&mut self, v: Value) {
        let v = self.b.ins().uextend(I32, v);
        self.push(v);
    }
}
