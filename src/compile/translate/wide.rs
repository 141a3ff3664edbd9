//! 128-bit arithmetic on pairs of `i64`.

use super::*;
use cranelift_codegen::ir::Opcode;

impl Translator<'_, '_> {
    /// `(a low, a high, b low, b high) -> (low, high)`.
    pub(super) fn wide_binary(&mut self, op: Opcode) {
        let (b_low, b_high) = self.pop2();
        let (a_low, a_high) = self.pop2();
        let a = self.b.ins().iconcat(a_low, a_high);
        let b = self.b.ins().iconcat(b_low, b_high);
        self.push_wide(op, a, b);
    }

    /// `(a, b) -> (low, high)` of the whole product.
    pub(super) fn wide_multiply(&mut self, extend: Opcode) {
        let (a, b) = self.pop2();
        let a = self.ins_unary(extend, I128, a);
        let b = self.ins_unary(extend, I128, b);
        self.push_wide(Opcode::Imul, a, b);
    }

    fn push_wide(&mut self, op: Opcode, a: Value, b: Value) {
        let v = self.ins_binary(op, a, b);
        let (low, high) = self.b.ins().isplit(v);
        self.push(low);
        self.push(high);
    }
}
