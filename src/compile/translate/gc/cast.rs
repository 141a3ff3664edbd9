//! Tests of a reference's type.
//!
//! A cast compares the object's type id first, which decides for final types and is the usual case for others; then one
//! entry of the type's display, which holds the ancestor at the depth of the type asked for.

use super::super::support::BlockArgs;
use super::*;
use crate::wasm::{HeapType, RefFamily};
use cranelift_codegen::ir::Block;

impl Translator<'_, '_> {
    /// Goes to `ok` if `v`, a `from`, is a `to`, and to `fail` otherwise. `object`: if not null, it is a struct or an array.
    fn test_ref(&mut self, v: Value, (from, object): (RefType, bool), to: RefType, ok: Block, fail: Block) {
        if from.nullable {
            let next = self.b.create_block();
            self.b.ins().brif(v, next, &[], if to.nullable { ok } else { fail }, &[]);
            self.continue_in(next);
        }
        let info = self.info();
        if from.heap.matches_with(to.heap, &|a, b| info.declared_subtype(a, b)) {
            self.b.ins().jump(ok, &[]);
            return;
        }
        match to.heap {
            HeapType::NoFunc | HeapType::None | HeapType::NoExtern | HeapType::NoExn => {
                self.b.ins().jump(fail, &[]);
            }
            HeapType::Any | HeapType::Func | HeapType::Extern | HeapType::Exn => {
                self.b.ins().jump(ok, &[]);
            }
            HeapType::ConcreteFunc(ty) => {
                let id = self.load_constant_after_check(v, off::FUNCREF_TYPE);
                self.test_type(id, TypeIndex(ty), ok, fail);
            }
            HeapType::I31 => {
                let bit = self.b.ins().band_imm_s(v, i64::from(REF_I31_BIT));
                self.b.ins().brif(bit, ok, &[], fail, &[]);
            }
            HeapType::Eq => {
                let kind = self.b.ins().band_imm_s(v, i64::from(REF_KIND_MASK));
                let external = self.b.ins().icmp_imm_s(IntCC::Equal, kind, i64::from(REF_KIND_EXTERN));
                self.b.ins().brif(external, fail, &[], ok, &[]);
            }
            HeapType::Struct | HeapType::Array | HeapType::ConcreteStruct(_) | HeapType::ConcreteArray(_) => {
                self.test_object(v, object, to.heap, ok, fail);
            }
        }
    }

    /// A field of a function record, which is known to be there.
    fn load_constant_after_check(&mut self, record: Value, offset: i32) -> Value {
        self.load_record(Region::Constant, I32, record, offset)
    }

    fn continue_in(&mut self, next: Block) {
        self.b.seal_block(next);
        self.b.switch_to_block(next);
    }

    fn test_object(&mut self, v: Value, object: bool, to: HeapType, ok: Block, fail: Block) {
        use HeapType::*;
        if !object {
            let next = self.b.create_block();
            let kind = self.b.ins().band_imm_s(v, i64::from(REF_KIND_MASK));
            self.b.ins().brif(kind, fail, &[], next, &[]);
            self.continue_in(next);
        }
        let object = self.object(v);
        let id = self.load_record(Region::GcHeader, I32, object.address, OBJECT_TYPE);
        match to {
            ConcreteStruct(ty) | ConcreteArray(ty) => self.test_type(id, TypeIndex(ty), ok, fail),
            _ => {
                let row = self.type_row(id);
                let kind = self.load_record(Region::Constant, I32, row, TYPE_KIND);
                let bit = if to == Struct { KIND_STRUCT_BIT } else { KIND_ARRAY };
                let bit = self.b.ins().band_imm_s(kind, i64::from(bit));
                self.b.ins().brif(bit, ok, &[], fail, &[]);
            }
        }
    }

    fn type_row(&mut self, id: Value) -> Value {
        let rows = self.load_constant(I64, self.vmctx, off::VMCTX_TYPES);
        let id = self.b.ins().uextend(I64, id);
        let offset = self.b.ins().ishl_imm_u(id, TYPE_SHIFT);
        self.b.ins().iadd(rows, offset)
    }

    /// Goes to `ok` if the type with this id is the module's type `ty` or a subtype of it.
    pub(in crate::compile::translate) fn test_type(&mut self, id: Value, ty: TypeIndex, ok: Block, fail: Block) {
        let expected = self.type_id(ty);
        let same = self.b.ins().icmp(IntCC::Equal, id, expected);
        if self.info().types[ty].is_final {
            self.b.ins().brif(same, ok, &[], fail, &[]);
            return;
        }
        let next = self.b.create_block();
        self.b.ins().brif(same, ok, &[], next, &[]);
        self.continue_in(next);
        let depth = self.info().type_depth(ty);
        let is_sub = if (depth as usize) < DISPLAY {
            let row = self.type_row(id);
            let ancestor = self.load_record(Region::Constant, I32, row, TYPE_DISPLAY + 4 * depth as i32);
            self.b.ins().icmp(IntCC::Equal, ancestor, expected)
        } else {
            self.side_call(|t| t.builtin_value(Builtin::GcIsSubtype, &[id, expected]))
        };
        self.b.ins().brif(is_sub, ok, &[], fail, &[]);
    }

    /// The type of the operand as far as it is known, and whether it is an object if it is not null.
    fn source(&self, to: RefType) -> (RefType, bool) {
        let heap = match to.heap.family() {
            RefFamily::Func => HeapType::Func,
            RefFamily::Extern => HeapType::Extern,
            RefFamily::Any => HeapType::Any,
            RefFamily::Exn => HeapType::Exn,
        };
        let known = self.operand.unwrap_or(Operand { nullable: true, concrete: false });
        (RefType { nullable: known.nullable, heap }, known.concrete)
    }

    pub(in crate::compile::translate) fn ref_test(&mut self, to: RefType) {
        let v = self.pop();
        let (ok, fail, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, I32);
        self.test_ref(v, self.source(to), to, ok, fail);
        for (block, answer) in [(ok, 1), (fail, 0)] {
            self.continue_in(block);
            let answer = self.iconst(I32, answer);
            self.b.ins().jump(done, &[BlockArg::Value(answer)]);
        }
        self.continue_in(done);
        self.push(result);
    }

    pub(in crate::compile::translate) fn ref_cast(&mut self, to: RefType) {
        let v = self.pop();
        let (ok, fail) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(fail);
        self.test_ref(v, self.source(to), to, ok, fail);
        self.continue_in(fail);
        self.raise_aside(TrapCode::CastFailure);
        self.continue_in(ok);
        self.push(v);
    }

    /// `br_on_cast`, and with `on_fail` `br_on_cast_fail`.
    pub(in crate::compile::translate) fn br_on_cast(&mut self, depth: u32, from: RefType, to: RefType, on_fail: bool) {
        let Some(&v) = self.stack.last() else { return };
        let (taken, next) = (self.b.create_block(), self.b.create_block());
        let (ok, fail) = if on_fail { (next, taken) } else { (taken, next) };
        let object = is_object(from.heap);
        self.test_ref(v, (from, object), to, ok, fail);
        self.continue_in(taken);
        let (target, n) = self.target(depth);
        let args: BlockArgs = self.top_args(n);
        self.b.ins().jump(target, &args);
        self.continue_in(next);
    }

    pub(in crate::compile::translate) fn ref_eq(&mut self) {
        let (a, b) = self.pop2();
        let same = self.b.ins().icmp(IntCC::Equal, a, b);
        self.push_bool(same);
    }
}

fn is_object(heap: HeapType) -> bool {
    matches!(heap, HeapType::Struct | HeapType::Array | HeapType::ConcreteStruct(_) | HeapType::ConcreteArray(_))
}
