//! Instances: the vmctx that machine code sees and what it points to.

use super::builtins::THUNKS;
use super::code::CodeMap;
use super::func::FuncRefPtr;
use super::gc::{Heap, TypeTable};
use super::{Global, Memory, Table, Tag, global};
use crate::base::index::*;
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::layout::*;
use crate::wasm::*;
use core::ffi::c_void;
use parking_lot::Mutex;
use std::any::Any;
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// What an instance is made of. Types have been matched already.
pub struct InstanceParts {
    pub code: Arc<CodeMap>,
    /// Engine ids by the module's type index.
    pub type_ids: Arc<[TypeId]>,
    /// The engine's types.
    pub types: Arc<TypeTable>,
    /// The store's heap, prepared; modules that declare structs or arrays need it.
    pub heap: Option<Arc<Heap>>,
    pub func_imports: Vec<FuncRefPtr>,
    /// All tables in index order, imported ones first.
    pub tables: Vec<Arc<Table>>,
    /// All memories in index order, imported ones first. Each in the mode that the code was compiled for.
    pub memories: Vec<Arc<Memory>>,
    /// All tags in index order, imported ones first.
    pub tags: Vec<Arc<Tag>>,
    /// Imported ones only.
    pub global_imports: Vec<Global>,
    /// Owners of what the imports point to.
    pub keep: Vec<Arc<dyn Any + Send + Sync>>,
    pub host_data: Option<Arc<dyn Any + Send + Sync>>,
}

/// An instance. Released when the last `Arc` goes: running calls, importers and holders of its function references
/// must keep one.
pub struct Instance {
    vmctx: NonNull<VmCtx>,
    size: usize,
    code: Arc<CodeMap>,
    type_ids: Arc<[TypeId]>,
    types: Arc<TypeTable>,
    heap: Option<Arc<Heap>>,
    /// Elements of segments whose expressions make references to objects, once they are evaluated.
    elem_handles: Box<[OnceLock<Box<[AtomicU32]>>]>,
    tables: Box<[Arc<Table>]>,
    memories: Box<[Arc<Memory>]>,
    tags: Box<[Arc<Tag>]>,
    global_imports: Box<[Global]>,
    /// Bits of dropped segments: elements first, then data.
    dropped: Box<[AtomicU32]>,
    /// Records of functions that have no slot in the vmctx.
    extra: Mutex<HashMap<FuncIndex, Box<VmFuncRef>>>,
    _keep: Box<[Arc<dyn Any + Send + Sync>]>,
    host_data: Option<Arc<dyn Any + Send + Sync>>,
}

// SAFETY: the vmctx belongs to the instance and is freed with it; what changes in it after construction is function
// records (written through atomics, see `fill`) and globals (guest data, accessed word by word).
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

const VMCTX_ALIGN: usize = 16;

fn allocation(size: usize) -> Result<std::alloc::Layout> {
    std::alloc::Layout::from_size_align(size, VMCTX_ALIGN)
        .map_err(|_| Error::new(ErrorKind::Limit, format!("an instance of {size} bytes is too large")))
}

fn allocate(size: usize) -> Result<NonNull<VmCtx>> {
    // SAFETY: the size is not zero: a vmctx has a head.
    let at = unsafe { std::alloc::alloc_zeroed(allocation(size)?) };
    NonNull::new(at.cast())
        .ok_or_else(|| Error::new(ErrorKind::Limit, format!("failed to allocate an instance of {size} bytes")))
}

impl Instance {
    /// Makes the records that machine code needs. Globals and segments are still to be initialised, except elements
    /// that the code map calls lazy.
    pub fn new(parts: InstanceParts) -> Result<Arc<Instance>> {
        check(&parts)?;
        let size = parts.code.layout().size();
        let segments = parts.code.info().elems.len() + parts.code.info().datas.len();
        let elems = &parts.code.info().elems;
        let objects = elems.values().any(|e| e.items.is_evaluated_once(e.element));
        let elem_handles = elems.values().filter(|_| objects).map(|_| OnceLock::new()).collect();
        let instance = Arc::new(Instance {
            vmctx: allocate(size)?,
            size,
            code: parts.code,
            type_ids: parts.type_ids,
            types: parts.types,
            heap: parts.heap,
            elem_handles,
            tables: parts.tables.into(),
            memories: parts.memories.into(),
            tags: parts.tags.into(),
            global_imports: parts.global_imports.into(),
            dropped: (0..segments.div_ceil(32)).map(|_| AtomicU32::new(0)).collect(),
            extra: Mutex::new(HashMap::new()),
            _keep: parts.keep.into(),
            host_data: parts.host_data,
        });
        // SAFETY: the vmctx is fresh and nobody else has it yet.
        unsafe { instance.fill_vmctx(&parts.func_imports) };
        let info = instance.info();
        for t in (info.num_imported_tables..info.tables.len() as u32).map(TableIndex) {
            if let Some(funcs) = instance.code.init_plan().table(t) {
                instance.table(t).set_lazy(Arc::downgrade(&instance), funcs.clone());
            }
        }
        Ok(instance)
    }

    /// # Safety
    /// - The vmctx is zeroed and not shared yet; the instance does not move any more.
    unsafe fn fill_vmctx(&self, func_imports: &[FuncRefPtr]) {
        let layout = self.code.layout();
        let head = VmCtx {
            magic: VMCTX_MAGIC,
            builtins: THUNKS.as_ptr().cast(),
            type_ids: self.type_ids.as_ptr(),
            instance: core::ptr::from_ref(self).cast_mut().cast::<c_void>(),
            types: self.types.rows(),
            gc_heap: self.heap.as_ref().map_or(core::ptr::null(), |h| h.record()),
            gc_base: self.heap.as_ref().map_or(core::ptr::null_mut(), |h| h.base()),
            unused: 0,
        };
        // SAFETY: the layout was computed for this module and the counts were checked; offsets are aligned and inside.
        unsafe {
            self.vmctx.write(head);
            for (i, f) in func_imports.iter().enumerate() {
                let r = f.record();
                let import = VmFuncImport { code: r.code, vmctx: r.vmctx, func_ref: f.as_ptr() };
                self.at::<VmFuncImport>(layout.func_import(FuncIndex(i as u32))).write(import);
            }
            for (i, m) in self.memories.iter().enumerate() {
                let memory = VmMemoryRef { base: m.base(), record: m.record() };
                self.at::<VmMemoryRef>(layout.memory(MemoryIndex(i as u32))).write(memory);
            }
            for (i, t) in self.tables.iter().enumerate() {
                self.at::<*const VmTable>(layout.table(TableIndex(i as u32))).write(t.record());
            }
            for (i, g) in self.global_imports.iter().enumerate() {
                if let Err(at) = layout.global(GlobalIndex(i as u32)) {
                    self.at::<*mut VmGlobal>(at).write(g.cell.as_ptr());
                }
            }
        }
    }

    fn at<T>(&self, offset: i32) -> *mut T {
        debug_assert!(offset as usize + size_of::<T>() <= self.size);
        self.vmctx.as_ptr().wrapping_byte_add(offset as usize).cast()
    }

    /// # Safety
    /// - `vmctx` is the vmctx of an instance that outlives the result.
    pub(super) unsafe fn from_vmctx<'a>(vmctx: *const VmCtx) -> &'a Instance {
        // SAFETY: the caller's; the field is written once, in `fill_vmctx`.
        unsafe {
            debug_assert_eq!((*vmctx).magic, VMCTX_MAGIC);
            &*(*vmctx).instance.cast::<Instance>()
        }
    }

    /// One more owner, from a borrow: every instance lives in an `Arc`.
    pub fn to_arc(&self) -> Arc<Instance> {
        let this: *const Instance = core::ptr::from_ref(self);
        // SAFETY: `new` is the only constructor and returns an `Arc`; `self` borrows from it, so the count is not zero.
        unsafe {
            Arc::increment_strong_count(this);
            Arc::from_raw(this)
        }
    }

    /// Calls `visit` with the references in its globals, tables and segments, imported ones included; each may be changed.
    pub fn gc_roots(&self, visit: &mut dyn FnMut(&mut u32)) {
        for (g, _) in self.info().globals.iter().filter(|(_, decl)| decl.ty.content.is_gc_ref()) {
            // SAFETY: as in `get_global_raw`.
            unsafe { global::visit(self.global_cell(g).as_ptr(), visit) };
        }
        for cell in self.elem_handles.iter().filter_map(OnceLock::get).flatten() {
            let mut handle = cell.load(Ordering::Relaxed);
            visit(&mut handle);
            cell.store(handle, Ordering::Relaxed);
        }
        self.tables.iter().for_each(|t| t.gc_roots(visit));
    }

    /// The store's heap; an error in modules that declare neither structs nor arrays.
    pub fn heap(&self) -> Result<&Arc<Heap>> {
        self.heap.as_ref().ok_or_else(|| Error::internal("the instance has no heap"))
    }

    /// Evaluates the segments whose elements are references to objects, which happens once per instance.
    pub fn eval_elems(&self) -> Result<()> {
        if self.elem_handles.is_empty() {
            return Ok(());
        }
        for (e, segment) in self.info().elems.iter() {
            let ElemItems::Exprs(exprs) = &segment.items else { continue };
            if !segment.items.is_evaluated_once(segment.element) {
                continue;
            }
            let Some(cells) = self.elem_handles.get(e.index()) else { continue };
            // In place before they are filled, so that collections in between find those that are.
            let cells = cells.get_or_init(|| exprs.iter().map(|_| AtomicU32::new(0)).collect());
            for (cell, expr) in cells.iter().zip(exprs) {
                cell.store(self.eval(expr)?.u32(), Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Elements `from..from + len` of a segment as raw references; out of bounds if it has been dropped.
    fn elem_words(&self, e: ElemIndex, from: u64, len: u64) -> Result<Vec<u64>, TrapCode> {
        let segment = &self.info().elems[e];
        let present = if self.is_dropped(e.index()) { 0 } else { segment.items.len() as u64 };
        let end = from.checked_add(len).filter(|end| *end <= present).ok_or(TrapCode::TableOutOfBounds)?;
        let range = from as usize..end as usize;
        if let Some(cells) = self.elem_handles.get(e.index()).and_then(OnceLock::get) {
            return Ok(cells[range].iter().map(|c| c.load(Ordering::Relaxed).into()).collect());
        }
        Ok(match &segment.items {
            ElemItems::Funcs(f) => f[range].iter().map(|f| self.func(*f).to_raw()).collect(),
            // Expressions that failed to evaluate would not have passed validation; null is the safe answer.
            ElemItems::Exprs(x) => x[range].iter().map(|x| self.eval(x).map_or(0, |v| v.u64())).collect(),
        })
    }

    fn data_bytes(&self, d: DataIndex) -> &[u8] {
        let range = &self.info().datas[d].bytes;
        let bytes = self.code.image().data().get(range.start as usize..range.end as usize).unwrap_or(&[]);
        if self.is_dropped(self.data_bit(d)) { &[] } else { bytes }
    }

    /// The row of one of the module's types, and its id.
    pub(super) fn type_row(&self, ty: TypeIndex) -> (TypeId, VmType) {
        let id = self.type_ids[ty.index()];
        (id, self.types.get(id.0))
    }

    pub(super) fn types(&self) -> &TypeTable {
        &self.types
    }

    /// An array of the module's type `ty` and this length, its elements not initialised. May move every object.
    pub(super) fn new_array(&self, ty: TypeIndex, len: u32) -> Result<u32> {
        let (id, row) = self.type_row(ty);
        let heap = self.heap()?;
        let array = heap.alloc(Heap::array_bytes(row.size, len))?;
        heap.write(array, OBJECT_TYPE as u32, 8, u128::from(id.0) | u128::from(len) << 32)?;
        Ok(array)
    }

    /// `array.new_data`.
    pub(super) fn array_new_data(&self, ty: TypeIndex, d: DataIndex, from: u32, len: u32) -> Result<u32> {
        let bytes = u64::from(self.type_row(ty).1.size) * u64::from(len);
        if u64::from(from) + bytes > self.data_bytes(d).len() as u64 {
            return Err(Error::trap(TrapCode::MemoryOutOfBounds));
        }
        let array = self.new_array(ty, len)?;
        self.array_init_data(array, 0, d, from, len)?;
        Ok(array)
    }

    /// `array.init_data`.
    pub(super) fn array_init_data(&self, array: u32, at: u32, d: DataIndex, from: u32, len: u32) -> Result<()> {
        self.heap()?.array_init_data(array, at, self.data_bytes(d), from, len).map_err(Error::trap)
    }

    /// `array.new_elem`.
    pub(super) fn array_new_elem(&self, ty: TypeIndex, e: ElemIndex, from: u32, len: u32) -> Result<u32> {
        self.elem_words(e, from.into(), len.into()).map_err(Error::trap)?;
        let array = self.new_array(ty, len)?;
        self.array_init_elem(array, 0, e, from, len)?;
        Ok(array)
    }

    /// `array.init_elem`.
    pub(super) fn array_init_elem(&self, array: u32, at: u32, e: ElemIndex, from: u32, len: u32) -> Result<()> {
        let heap = self.heap()?;
        // The array comes first in the order of checks.
        heap.array_init(array, at, (0..0).map(|_: u32| 0)).map_err(Error::trap)?;
        let fits = u64::from(at) + u64::from(len) <= u64::from(heap.len_of(array)?);
        if !fits {
            return Err(Error::trap(TrapCode::ArrayOutOfBounds));
        }
        let words = self.elem_words(e, from.into(), len.into()).map_err(Error::trap)?;
        heap.array_init(array, at, words.into_iter()).map_err(Error::trap)
    }

    pub fn vmctx(&self) -> *mut VmCtx {
        self.vmctx.as_ptr()
    }

    pub fn code(&self) -> &Arc<CodeMap> {
        &self.code
    }

    pub fn info(&self) -> &Arc<ModuleInfo> {
        self.code.info()
    }

    pub fn type_ids(&self) -> &Arc<[TypeId]> {
        &self.type_ids
    }

    pub fn host_data(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.host_data.as_ref()
    }

    /// The function's one record; made when first asked for. Any thread.
    ///
    /// Functions whose type has no entry trampoline in the image (neither exported nor referenced) get a record by
    /// which they cannot be called from the host.
    pub fn func(&self, f: FuncIndex) -> FuncRefPtr {
        let info = self.info();
        let Some(defined) = info.defined_func(f) else {
            let import = self.at::<VmFuncImport>(self.code.layout().func_import(f));
            // SAFETY: imports were filled with live records at construction, which `keep` owns; a validated module's index
            // is in range, and so is a caller's by this method's contract of taking an index of this module.
            return unsafe { FuncRefPtr::from_raw((*import).func_ref).unwrap_unchecked() };
        };
        match info.funcs[f].func_ref {
            Some(slot) => {
                let record = self.at::<VmFuncRef>(self.code.layout().func_ref(slot));
                self.fill(record, f, defined);
                // SAFETY: filled just now, lives with the vmctx.
                unsafe { FuncRefPtr::from_raw(record).unwrap_unchecked() }
            }
            None => self.extra_func(f, defined),
        }
    }

    fn record_of(&self, f: FuncIndex, defined: DefinedFunc) -> VmFuncRef {
        let ty = self.info().funcs[f].ty;
        VmFuncRef {
            code: self.code.func_code(defined),
            vmctx: self.vmctx.as_ptr().cast(),
            type_id: self.type_ids[ty.index()],
            func_index: f.0,
            entry: self.code.entry(ty).unwrap_or(no_entry),
        }
    }

    /// Idempotent: threads that race write the same words; `code`, written last, says that the rest is there.
    fn fill(&self, record: *mut VmFuncRef, f: FuncIndex, defined: DefinedFunc) {
        // SAFETY: the record is inside the vmctx, zeroed at first, and accessed through atomics of the fields' size until
        // `code` is set.
        unsafe {
            let code = AtomicPtr::from_ptr((&raw mut (*record).code).cast::<*mut u8>());
            if !code.load(Ordering::Acquire).is_null() {
                return;
            }
            let new = self.record_of(f, defined);
            AtomicPtr::from_ptr(&raw mut (*record).vmctx).store(new.vmctx, Ordering::Relaxed);
            AtomicU32::from_ptr((&raw mut (*record).type_id).cast()).store(new.type_id.0, Ordering::Relaxed);
            AtomicU32::from_ptr(&raw mut (*record).func_index).store(new.func_index, Ordering::Relaxed);
            AtomicUsize::from_ptr((&raw mut (*record).entry).cast()).store(new.entry as usize, Ordering::Relaxed);
            code.store(new.code.cast_mut(), Ordering::Release);
        }
    }

    #[cold]
    fn extra_func(&self, f: FuncIndex, defined: DefinedFunc) -> FuncRefPtr {
        let mut extra = self.extra.lock();
        let record: &VmFuncRef = extra.entry(f).or_insert_with(|| Box::new(self.record_of(f, defined)));
        // SAFETY: the box is never replaced, so the record lives as long as the instance.
        unsafe { FuncRefPtr::from_raw(record).unwrap_unchecked() }
    }

    pub fn table(&self, t: TableIndex) -> &Arc<Table> {
        &self.tables[t.index()]
    }

    pub fn memory(&self, m: MemoryIndex) -> &Arc<Memory> {
        &self.memories[m.index()]
    }

    pub fn tag(&self, t: TagIndex) -> &Arc<Tag> {
        &self.tags[t.index()]
    }

    pub fn tags(&self) -> &[Arc<Tag>] {
        &self.tags
    }

    /// Addresses of the globals that the module defines.
    pub fn own_globals(&self) -> impl Iterator<Item = usize> {
        let own = self.info().num_imported_globals..self.info().globals.len() as u32;
        own.map(|g| self.global_cell(GlobalIndex(g)).addr().get())
    }

    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    pub fn memories(&self) -> &[Arc<Memory>] {
        &self.memories
    }

    /// The variable, with the module's own type (concrete types by module index) unless imported.
    pub fn global(self: &Arc<Self>, g: GlobalIndex) -> Global {
        match self.global_imports.get(g.index()) {
            Some(import) => import.clone(),
            None => Global { ty: self.info().globals[g].ty, cell: self.global_cell(g), keep: self.clone() },
        }
    }

    fn global_cell(&self, g: GlobalIndex) -> NonNull<VmGlobal> {
        match (self.global_imports.get(g.index()), self.code.layout().global(g)) {
            (Some(import), _) => import.cell,
            (None, Ok(at) | Err(at)) => {
                // SAFETY: an offset inside a live allocation is not null.
                unsafe { NonNull::new_unchecked(self.at(at)) }
            }
        }
    }

    pub fn get_global_raw(&self, g: GlobalIndex) -> ValRaw {
        // SAFETY: the cell lives with the instance or with an import that it keeps.
        unsafe { global::read(self.global_cell(g).as_ptr()) }
    }

    pub fn set_global_raw(&self, g: GlobalIndex, value: ValRaw) {
        // SAFETY: as in `get_global_raw`.
        unsafe { global::write(self.global_cell(g).as_ptr(), value) }
    }

    /// Value of a constant expression of this module.
    pub fn eval(&self, e: &ConstExpr) -> Result<ValRaw> {
        super::consteval::eval(self, e)
    }

    fn drop_segment(&self, bit: usize) {
        if let Some(word) = self.dropped.get(bit / 32) {
            word.fetch_or(1 << (bit % 32), Ordering::Release);
        }
    }

    fn is_dropped(&self, bit: usize) -> bool {
        self.dropped.get(bit / 32).is_none_or(|word| word.load(Ordering::Acquire) & 1 << (bit % 32) != 0)
    }

    fn data_bit(&self, d: DataIndex) -> usize {
        self.info().elems.len() + d.index()
    }

    pub fn elem_drop(&self, e: ElemIndex) {
        self.drop_segment(e.index());
        if let Some(cells) = self.elem_handles.get(e.index()).and_then(OnceLock::get) {
            cells.iter().for_each(|c| c.store(0, Ordering::Relaxed));
        }
    }

    pub fn data_drop(&self, d: DataIndex) {
        self.drop_segment(self.data_bit(d));
    }

    /// `table.init`: `len` elements of segment `e` from `src` to `dst`.
    pub fn table_init(&self, t: TableIndex, e: ElemIndex, dst: u64, src: u64, len: u64) -> Result<(), TrapCode> {
        let words = self.elem_words(e, src, len)?;
        self.table(t).init(dst, words.into_iter())
    }

    /// `memory.init`: `len` bytes of segment `d` from `src` to `dst`.
    pub fn memory_init(&self, m: MemoryIndex, d: DataIndex, dst: u64, src: u64, len: u64) -> Result<(), TrapCode> {
        self.memory(m).init(dst, self.data_bytes(d), src, len)
    }
}

/// Stands in for an entry trampoline that the image does not have.
unsafe extern "C" fn no_entry(_: *mut c_void, exec: *mut VmExec, _: *const u8, _: *mut ValRaw) {
    // SAFETY: called by `asm::enter` only, with the running exec.
    let exec = unsafe { super::Exec::from_vm(exec) };
    exec.refuse(Error::internal("the module has no trampoline for calling this function from the host"));
}

fn check(parts: &InstanceParts) -> Result<()> {
    let info = parts.code.info();
    let same = parts.func_imports.len() == info.num_imported_funcs as usize
        && parts.tables.len() == info.tables.len()
        && parts.memories.len() == info.memories.len()
        && parts.tags.len() == info.tags.len()
        && parts.global_imports.len() == info.num_imported_globals as usize
        && parts.type_ids.len() == info.types.len();
    if same { Ok(()) } else { Err(Error::internal("parts of an instance do not match its module")) }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Ok(layout) = allocation(self.size) {
            // SAFETY: allocated in `new` with the same size and alignment; nobody holds an instance's records without it.
            unsafe { std::alloc::dealloc(self.vmctx.as_ptr().cast(), layout) };
        }
    }
}
