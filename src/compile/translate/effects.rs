//! Operators that only move or test values.

use super::*;
use crate::base::TrapCode;
use wasmparser::Ieee32;

impl Translator<'_, '_> {
    pub(super) fn drop_value(&mut self) {
        self.pop();
    }

    /// `select`; `ty` is known for references.
    pub(super) fn select(&mut self, ty: Option<ValType>) {
        let (a, b, condition) = self.pop3();
        let v = self.b.ins().select(condition, a, b);
        match ty {
            Some(ty) => self.push_typed(v, ty),
            None => self.push(v),
        }
    }

    pub(super) fn const_int(&mut self, ty: cranelift_codegen::ir::Type, value: i64) {
        let v = self.b.ins().iconst(ty, value);
        self.push(v);
    }

    pub(super) fn const_f32(&mut self, value: Ieee32) {
        let v = self.b.ins().f32const(cranelift_codegen::ir::immediates::Ieee32::with_bits(value.bits()));
        self.push(v);
    }

    pub(super) fn const_f64(&mut self, value: wasmparser::Ieee64) {
        let v = self.b.ins().f64const(cranelift_codegen::ir::immediates::Ieee64::with_bits(value.bits()));
        self.push(v);
    }

    pub(super) fn trap(&mut self, code: TrapCode) {
        self.raise(code);
        self.reachable = false;
    }
}
