//! Where a module's items stand in its vmctx: after the [`VmCtx`] head, in this order, function imports,
//! memories, tables, pointers to imported globals, defined globals (16-byte aligned), function records.

use super::records::*;
use crate::base::index::*;
use crate::wasm::ModuleInfo;

/// Byte offsets from the start of the vmctx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VmCtxLayout {
    func_imports: u32,
    memories: u32,
    tables: u32,
    imported_globals: u32,
    globals: u32,
    func_refs: u32,
    size: u32,
    num_imported_globals: u32,
}

impl VmCtxLayout {
    pub fn new(info: &ModuleInfo) -> VmCtxLayout {
        let mut at = size_of::<VmCtx>();
        let mut take = |count: usize, size: usize, align: usize| {
            at = (at + align - 1) & !(align - 1);
            let here = at as u32;
            at += count * size;
            here
        };
        let func_imports = take(info.num_imported_funcs as usize, size_of::<VmFuncImport>(), 8);
        let memories = take(info.memories.len(), size_of::<VmMemoryRef>(), 8);
        let tables = take(info.tables.len(), 8, 8);
        let imported_globals = take(info.num_imported_globals as usize, 8, 8);
        let defined = info.globals.len() - info.num_imported_globals as usize;
        let globals = take(defined, size_of::<VmGlobal>(), 16);
        let func_refs = take(info.num_func_refs as usize, size_of::<VmFuncRef>(), 8);
        VmCtxLayout {
            func_imports,
            memories,
            tables,
            imported_globals,
            globals,
            func_refs,
            size: at as u32,
            num_imported_globals: info.num_imported_globals,
        }
    }

    /// Bytes to allocate, zeroed, 16-byte aligned.
    pub fn size(&self) -> usize {
        self.size as usize
    }
    /// A [`VmFuncImport`].
    pub fn func_import(&self, f: FuncIndex) -> i32 {
        (self.func_imports + f.0 * size_of::<VmFuncImport>() as u32) as i32
    }
    /// A [`VmMemoryRef`].
    pub fn memory(&self, m: MemoryIndex) -> i32 {
        (self.memories + m.0 * size_of::<VmMemoryRef>() as u32) as i32
    }
    /// A `*const VmTable`.
    pub fn table(&self, t: TableIndex) -> i32 {
        (self.tables + t.0 * 8) as i32
    }
    /// `Err` gives where the pointer to an imported global is, `Ok` where a defined global itself is.
    pub fn global(&self, g: GlobalIndex) -> Result<i32, i32> {
        match g.0.checked_sub(self.num_imported_globals) {
            None => Err((self.imported_globals + g.0 * 8) as i32),
            Some(defined) => Ok((self.globals + defined * size_of::<VmGlobal>() as u32) as i32),
        }
    }
    /// A [`VmFuncRef`].
    pub fn func_ref(&self, f: FuncRefIndex) -> i32 {
        (self.func_refs + f.0 * size_of::<VmFuncRef>() as u32) as i32
    }
}
