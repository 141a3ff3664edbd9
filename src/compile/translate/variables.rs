//! Locals and globals.

use super::support::Region;
use super::*;
use crate::wasm::{ConstOp, GlobalDecl};

/// Where a global's value is.
struct Place {
    base: Value,
    offset: i32,
    region: Region,
}

impl Translator<'_, '_> {
    pub(super) fn local_get(&mut self, i: u32) {
        let v = self.b.use_var(self.locals[i as usize].0);
        self.push(v);
    }

    pub(super) fn local_set(&mut self, i: u32) {
        let v = self.pop();
        self.b.def_var(self.locals[i as usize].0, v);
    }

    pub(super) fn local_tee(&mut self, i: u32) {
        let v = self.pop();
        self.b.def_var(self.locals[i as usize].0, v);
        self.push(v);
    }

    fn place(&mut self, g: GlobalIndex) -> Place {
        match self.m.layout.global(g) {
            Ok(offset) => Place { base: self.vmctx, offset, region: Region::DefinedGlobal(g.0) },
            Err(pointer) => {
                let base = self.load_constant(I64, self.vmctx, pointer);
                Place { base, offset: 0, region: Region::ImportedGlobal }
            }
        }
    }

    pub(super) fn global_get(&mut self, g: GlobalIndex) {
        let decl = &self.info().globals[g];
        if let Some(v) = self.known_global(decl) {
            return self.push(v);
        }
        let ty = decl.ty.content;
        let at = self.place(g);
        // What a reference leads to may move, and the collector changes immutable globals, too.
        let v = if decl.ty.mutable || ty.is_gc_ref() {
            self.load_record(at.region, clif_type(ty), at.base, at.offset)
        } else {
            self.load_constant(clif_type(ty), at.base, at.offset)
        };
        self.push_typed(v, ty);
    }

    /// The value of an immutable global that is a plain number.
    fn known_global(&mut self, decl: &GlobalDecl) -> Option<Value> {
        use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
        let init = decl.init.as_ref().filter(|_| !decl.ty.mutable)?;
        Some(match init.0[..] {
            [ConstOp::I32(n)] => self.b.ins().iconst(I32, i64::from(n)),
            [ConstOp::I64(n)] => self.b.ins().iconst(I64, n),
            [ConstOp::F32(bits)] => self.b.ins().f32const(Ieee32::with_bits(bits)),
            [ConstOp::F64(bits)] => self.b.ins().f64const(Ieee64::with_bits(bits)),
            _ => return None,
        })
    }

    pub(super) fn global_set(&mut self, g: GlobalIndex) {
        let v = self.pop();
        let at = self.place(g);
        self.store_record(at.region, v, at.base, at.offset);
    }
}
