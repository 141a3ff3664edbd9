//! Vector loads and stores.

use super::*;
use wasmparser::MemArg;

impl Translator<'_, '_> {
    /// Eight bytes, each part widened to a lane twice its size.
    pub(super) fn load_widened(&mut self, memarg: &MemArg, op: Opcode) {
        let index = self.pop();
        let at = self.address(memarg, index, 8);
        let v = self.ins_load(op, I64, at);
        self.vpush(v);
    }

    fn load_lane_value(&mut self, memarg: &MemArg, ty: Type) -> Value {
        let index = self.pop();
        let lane = ty.lane_type();
        let at = self.address(memarg, index, lane.bytes().into());
        self.ins_load(Opcode::Load, lane, at)
    }

    pub(super) fn load_splat(&mut self, memarg: &MemArg, ty: Type) {
        let v = self.load_lane_value(memarg, ty);
        let v = self.b.ins().splat(ty, v);
        self.vpush(v);
    }

    /// One lane, the others zero.
    pub(super) fn load_zero(&mut self, memarg: &MemArg, ty: Type) {
        let v = self.load_lane_value(memarg, ty);
        let v = self.b.ins().scalar_to_vector(ty, v);
        self.vpush(v);
    }

    pub(super) fn load_lane(&mut self, memarg: &MemArg, ty: Type, lane: u8) {
        let a = self.vpop(ty);
        let v = self.load_lane_value(memarg, ty);
        let v = self.b.ins().insertlane(a, v, lane);
        self.vpush(v);
    }

    pub(super) fn store_lane(&mut self, memarg: &MemArg, ty: Type, lane: u8) {
        let a = self.vpop(ty);
        let index = self.pop();
        let at = self.address(memarg, index, ty.lane_type().bytes().into());
        let v = self.b.ins().extractlane(a, lane);
        self.ins_store(Opcode::Store, v, at);
    }
}
