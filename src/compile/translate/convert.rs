//! Conversions between scalar types.

use super::*;
use cranelift_codegen::ir::{MemFlagsData, Opcode, Type};

impl Translator<'_, '_> {
    /// An instruction whose result type is chosen freely.
    pub(super) fn convert(&mut self, op: Opcode, to: Type) {
        let a = self.pop();
        let v = self.ins_unary(op, to, a);
        self.push(v);
    }

    /// Sign-extends the low part of a value in place.
    pub(super) fn extend_low(&mut self, part: Type) {
        let a = self.pop();
        let ty = self.type_of(a);
        let low = self.b.ins().ireduce(part, a);
        let v = self.b.ins().sextend(ty, low);
        self.push(v);
    }

    pub(super) fn reinterpret(&mut self, to: Type) {
        let a = self.pop();
        let v = self.b.ins().bitcast(to, MemFlagsData::new(), a);
        self.push(v);
    }
}
