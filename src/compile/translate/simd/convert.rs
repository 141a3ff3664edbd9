//! Conversions between lane types.

use super::*;

impl Translator<'_, '_> {
    /// An instruction from lanes of `from` to lanes of another type of its choosing.
    pub(super) fn vwiden(&mut self, op: Opcode, from: Type) {
        self.vunary(op, from);
    }

    /// An instruction from lanes of `from` to lanes of `to`.
    pub(super) fn vconvert(&mut self, op: Opcode, from: Type, to: Type) {
        let a = self.vpop(from);
        let v = self.ins_unary(op, to, a);
        self.vpush(v);
    }

    /// `f64x2` to two `i32` lanes, the other two zero. `narrow` saturates.
    pub(super) fn trunc_sat_zero(&mut self, convert: Opcode, narrow: Opcode) {
        let a = self.vpop(F64X2);
        let wide = self.ins_unary(convert, I64X2, a);
        let zero = self.typed_vector_const(I64X2, &[0; 16]);
        let v = self.ins_binary(narrow, wide, zero);
        self.vpush(v);
    }

    /// The two low `i32` lanes to `f64x2`.
    pub(super) fn convert_low(&mut self, widen: Opcode, convert: Opcode) {
        let a = self.vpop(I32X4);
        let wide = self.ins_unary(widen, I32X4, a);
        let v = self.ins_unary(convert, F64X2, wide);
        self.vpush(v);
    }

    /// `f64x2` to two `f32` lanes, the other two zero.
    pub(super) fn demote(&mut self) {
        let a = self.vpop(F64X2);
        let v = self.b.ins().fvdemote(a);
        self.vpush(v);
    }

    pub(super) fn promote_low(&mut self) {
        let a = self.vpop(F32X4);
        let v = self.b.ins().fvpromote_low(a);
        self.vpush(v);
    }
}
