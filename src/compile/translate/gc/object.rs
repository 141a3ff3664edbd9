//! Structs and `i31`.

use super::*;

impl Translator<'_, '_> {
    pub(in crate::compile::translate) fn struct_new(&mut self, ty: TypeIndex, default: bool) {
        let m = self.m;
        let (fields, Some(layout)) = (m.info.types[ty].fields(), m.structs[ty.index()].as_ref()) else { return };
        let made = self.alloc_fixed(layout.size);
        let object = self.object(made);
        let id = self.type_id(ty);
        self.store_record(Region::GcHeader, id, object.address, OBJECT_TYPE);
        let first = self.stack.len() - if default { 0 } else { fields.len() };
        for (i, (field, &offset)) in fields.iter().zip(&layout.offsets).enumerate() {
            let value = if default { self.zero(field.storage.unpacked()) } else { self.stack[first + i] };
            let flags = self.field_flags(field, false, false);
            self.store_field(field, flags, value, object.address, offset as i32);
        }
        self.stack.truncate(first);
        self.push(made);
    }

    /// A field, its offset and the flags for accessing it in an object that may be null; traps here if the guard does
    /// not reach so far.
    fn struct_field(&mut self, ty: TypeIndex, field: u32, object: Value) -> (FieldType, i32, MemFlagsData) {
        let m = self.m;
        let decl = m.info.types[ty].fields()[field as usize];
        let offset = m.structs[ty.index()].as_ref().map_or(0, |l| l.offsets[field as usize]);
        let mut null = self.operand_nullable();
        if null && offset + 16 > GC_NULL_GUARD {
            self.trap_if_null(object);
            null = false;
        }
        (decl, offset as i32, self.field_flags(&decl, false, null))
    }

    pub(in crate::compile::translate) fn struct_get(&mut self, ty: u32, field: u32, signed: bool) {
        let reference = self.pop();
        let (field, offset, flags) = self.struct_field(TypeIndex(ty), field, reference);
        let object = self.object(reference);
        self.load_field(&field, flags, object.address, offset, signed);
    }

    pub(in crate::compile::translate) fn struct_set(&mut self, ty: u32, field: u32) {
        let (reference, value) = self.pop2();
        let (field, offset, flags) = self.struct_field(TypeIndex(ty), field, reference);
        let object = self.object(reference);
        self.store_field(&field, flags, value, object.address, offset);
    }

    /// Not an object: the collector need not know of it.
    pub(in crate::compile::translate) fn ref_i31(&mut self) {
        let v = self.pop();
        let v = self.b.ins().ishl_imm_u(v, 1);
        let v = self.b.ins().bor_imm_s(v, i64::from(REF_I31_BIT));
        self.push(v);
    }

    pub(in crate::compile::translate) fn i31_get(&mut self, signed: bool) {
        let v = self.pop();
        if self.operand_nullable() {
            self.trap_if_null(v);
        }
        let v = if signed { self.b.ins().sshr_imm_u(v, 1) } else { self.b.ins().ushr_imm_u(v, 1) };
        self.push(v);
    }
}
