//! Building vectors from scalars, taking them apart, and moving lanes.

use super::*;
use wasmparser::V128;

impl Translator<'_, '_> {
    pub(super) fn vconst(&mut self, value: V128) {
        let v = self.vector_const(value.bytes());
        self.push(v);
    }

    /// A scalar in the operand's type, cut to the lane.
    fn lane_value(&mut self, ty: Type) -> Value {
        let v = self.pop();
        let lane = ty.lane_type();
        if self.type_of(v) == lane { v } else { self.b.ins().ireduce(lane, v) }
    }

    pub(super) fn splat(&mut self, ty: Type) {
        let v = self.lane_value(ty);
        let v = self.b.ins().splat(ty, v);
        self.vpush(v);
    }

    /// `extend` widens lanes that are narrower than their scalar.
    pub(super) fn extract_lane(&mut self, ty: Type, lane: u8, extend: Option<Opcode>) {
        let a = self.vpop(ty);
        let v = self.b.ins().extractlane(a, lane);
        let v = match extend {
            Some(op) => self.ins_unary(op, I32, v),
            None => v,
        };
        self.push(v);
    }

    pub(super) fn replace_lane(&mut self, ty: Type, lane: u8) {
        let v = self.lane_value(ty);
        let a = self.vpop(ty);
        let v = self.b.ins().insertlane(a, v, lane);
        self.vpush(v);
    }

    pub(super) fn shuffle(&mut self, lanes: &[u8; 16]) {
        let (a, b) = self.pop2();
        let mask = self.b.func.dfg.immediates.push(lanes.to_vec().into());
        let v = self.b.ins().shuffle(a, b, mask);
        self.push(v);
    }

    /// The two halves of a vector of `ty`, with lanes of twice the width.
    pub(super) fn halves(&mut self, a: Value, ty: Type, signed: bool) -> (Value, Value) {
        let (low, high) = match signed {
            true => (Opcode::SwidenLow, Opcode::SwidenHigh),
            false => (Opcode::UwidenLow, Opcode::UwidenHigh),
        };
        (self.ins_unary(low, ty, a), self.ins_unary(high, ty, a))
    }

    /// Sums of neighbours, in lanes of twice the width.
    pub(super) fn extadd_pairwise(&mut self, ty: Type, signed: bool) {
        let a = self.vpop(ty);
        let v = self.pairwise_sums(a, ty, signed);
        self.vpush(v);
    }

    pub(super) fn pairwise_sums(&mut self, a: Value, ty: Type, signed: bool) -> Value {
        let (low, high) = self.halves(a, ty, signed);
        self.b.ins().iadd_pairwise(low, high)
    }

    /// Products of one half of the lanes, in lanes of twice the width; `widen` chooses the half.
    pub(super) fn extmul(&mut self, widen: Opcode, ty: Type) {
        let (a, b) = self.vpop2(ty);
        let (a, b) = (self.ins_unary(widen, ty, a), self.ins_unary(widen, ty, b));
        let v = self.b.ins().imul(a, b);
        self.vpush(v);
    }

    /// Products of signed lanes, neighbours added.
    pub(super) fn dot(&mut self, ty: Type) {
        let (a, b) = self.vpop2(ty);
        let v = self.dot_of(a, b, ty);
        self.vpush(v);
    }

    pub(super) fn dot_of(&mut self, a: Value, b: Value, ty: Type) -> Value {
        let (a_low, a_high) = self.halves(a, ty, true);
        let (b_low, b_high) = self.halves(b, ty, true);
        let low = self.b.ins().imul(a_low, b_low);
        let high = self.b.ins().imul(a_high, b_high);
        self.b.ins().iadd_pairwise(low, high)
    }
}
