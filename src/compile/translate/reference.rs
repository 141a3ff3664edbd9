//! References as values.

use super::*;
use crate::base::TrapCode;
use cranelift_codegen::ir::condcodes::IntCC;

impl Translator<'_, '_> {
    pub(super) fn ref_is_null(&mut self) {
        let v = self.pop();
        let is_null = self.b.ins().icmp_imm_s(IntCC::Equal, v, 0);
        self.push_bool(is_null);
    }

    pub(super) fn ref_func(&mut self, f: u32) {
        let f = self.iconst(I32, f.into());
        let v = self.builtin_value(Builtin::RefFunc, &[f]);
        self.push(v);
    }

    pub(super) fn ref_as_non_null(&mut self) {
        let v = self.pop();
        let is_null = self.b.ins().icmp_imm_s(IntCC::Equal, v, 0);
        self.trap_if(is_null, TrapCode::NullReference);
        self.push(v);
    }
}
