//! Bulk operators on tables and segments: all are builtins. Those on memories are in `fill.rs`.

use super::*;

impl Translator<'_, '_> {
    fn index(&mut self, i: u32) -> Value {
        self.iconst(I32, i.into())
    }

    /// `memory.copy` of shared memories, `table.copy`: `(dst object, src object, dst, src, len)`.
    pub(super) fn bulk_copy(&mut self, builtin: Builtin, dst: u32, src: u32) {
        let (to, from, len) = self.pop3();
        let (to, from, len) = (self.widen(to), self.widen(from), self.widen(len));
        let (dst, src) = (self.index(dst), self.index(src));
        self.call_builtin(builtin, &[dst, src, to, from, len]);
    }

    /// `memory.init`, `table.init`: `(object, segment, dst, src, len)`.
    pub(super) fn bulk_init(&mut self, builtin: Builtin, object: u32, segment: u32) {
        let (to, from, len) = self.pop3();
        let to = self.widen(to);
        let (object, segment) = (self.index(object), self.index(segment));
        self.call_builtin(builtin, &[object, segment, to, from, len]);
    }

    /// `data.drop`, `elem.drop`.
    pub(super) fn segment_drop(&mut self, builtin: Builtin, segment: u32) {
        let segment = self.index(segment);
        self.call_builtin(builtin, &[segment]);
    }

    pub(super) fn table_fill(&mut self, table: u32) {
        let (to, value, len) = self.pop3();
        let (to, value, len) = (self.widen(to), self.widen(value), self.widen(len));
        let table = self.index(table);
        self.call_builtin(Builtin::TableFill, &[table, to, value, len]);
    }

    pub(super) fn table_grow(&mut self, table: u32) {
        let (value, delta) = self.pop2();
        let (value, delta) = (self.widen(value), self.widen(delta));
        let index = self.index(table);
        let before = self.builtin_value(Builtin::TableGrow, &[index, delta, value]);
        let v = self.narrow(before, self.info().tables[TableIndex(table)].ty.table64);
        self.push(v);
    }
}
