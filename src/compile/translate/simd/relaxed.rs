//! Operators whose result may depend on the machine. `Tunables::relaxed_simd_deterministic` chooses the
//! specification's deterministic results instead of the fastest instruction.

use super::*;

impl Translator<'_, '_> {
    fn may_relax(&self) -> bool {
        !self.m.tunables.relaxed_simd_deterministic
    }

    pub(super) fn relaxed_swizzle(&mut self) {
        let fast = self.may_relax() && self.m.isa.has_x86_pshufb_lowering();
        self.vbinary(if fast { Opcode::X86Pshufb } else { Opcode::Swizzle }, I8X16);
    }

    /// Out of range and NaN give `0x80000000` when relaxed on x86.
    pub(super) fn relaxed_trunc(&mut self) {
        let fast = self.may_relax() && cfg!(target_arch = "x86_64");
        self.vconvert(if fast { Opcode::X86Cvtt2dq } else { Opcode::FcvtToSintSat }, F32X4, I32X4);
    }

    /// `a * b + c`, or `-(a * b) + c`; fused where that is one instruction.
    pub(super) fn relaxed_madd(&mut self, ty: Type, negate: bool) {
        let (a, b, c) = self.vpop3(ty);
        let a = if negate { self.b.ins().fneg(a) } else { a };
        let v = if self.may_relax() && !self.m.isa.has_native_fma() {
            let product = self.b.ins().fmul(a, b);
            self.b.ins().fadd(product, c)
        } else {
            self.b.ins().fma(a, b, c)
        };
        self.vpush(v);
    }

    /// Relaxed: only the highest bit of a mask's lane counts.
    pub(super) fn relaxed_laneselect(&mut self, ty: Type) {
        let (a, b, mask) = self.vpop3(ty);
        let v = if self.may_relax() && self.m.isa.has_blendv_lowering(ty) {
            self.b.ins().blendv(mask, a, b)
        } else {
            self.b.ins().bitselect(mask, a, b)
        };
        self.vpush(v);
    }

    pub(super) fn relaxed_min_max(&mut self, ty: Type, min: bool) {
        if self.may_relax() && cfg!(target_arch = "x86_64") {
            self.pseudo_min_max(ty, min);
        } else {
            self.vbinary(if min { Opcode::Fmin } else { Opcode::Fmax }, ty);
        }
    }

    pub(super) fn relaxed_q15mulr(&mut self) {
        let fast = self.may_relax() && self.m.isa.has_x86_pmulhrsw_lowering();
        self.vbinary(if fast { Opcode::X86Pmulhrsw } else { Opcode::SqmulRoundSat }, I16X8);
    }

    /// Signed bytes of `a` times 7-bit bytes of `b`, neighbours added to 16-bit lanes.
    fn relaxed_dot_of(&mut self, a: Value, b: Value) -> Value {
        if self.may_relax() && self.m.isa.has_x86_pmaddubsw_lowering() {
            // Signed first, unsigned second: seven bits are the same either way.
            return self.b.ins().x86_pmaddubsw(a, b);
        }
        self.dot_of(a, b, I8X16)
    }

    pub(super) fn relaxed_dot(&mut self) {
        let (a, b) = self.pop2();
        let v = self.relaxed_dot_of(a, b);
        self.vpush(v);
    }

    pub(super) fn relaxed_dot_add(&mut self) {
        let c = self.vpop(I32X4);
        let (a, b) = self.pop2();
        let products = self.relaxed_dot_of(a, b);
        let sums = self.pairwise_sums(products, I16X8, true);
        let v = self.b.ins().iadd(sums, c);
        self.vpush(v);
    }
}
