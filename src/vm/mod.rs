//! Running: published code, instances, memories, entering and leaving machine code, faults.
#![allow(unused_variables, clippy::unimplemented, clippy::missing_safety_doc)]

// SIGNATURES ONLY, replaced file by file.

use crate::base::index::*;
use crate::base::{Error, Result, Trace, TrapCode};
use crate::image::Image;
use crate::layout::*;
use crate::wasm::*;
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub mod code {
    use super::*;
    pub struct CodeMap;
    impl CodeMap {
        pub fn publish(image: Image) -> Result<Arc<CodeMap>> { unimplemented!() }
        pub fn image(&self) -> &Image { unimplemented!() }
        pub fn info(&self) -> &Arc<ModuleInfo> { unimplemented!() }
        pub fn range(&self) -> (usize, usize) { unimplemented!() }
        pub fn layout(&self) -> &VmCtxLayout { unimplemented!() }
        pub fn func_code(&self, f: DefinedFunc) -> *const u8 { unimplemented!() }
        pub fn entry(&self, t: TypeIndex) -> Option<EntryTrampoline> { unimplemented!() }
        pub fn host(&self, t: TypeIndex) -> Option<*const u8> { unimplemented!() }
        /// Initial contents of a defined memory, for `Memory::new`; made on the first call.
        pub fn memory_image(&self, m: MemoryIndex) -> Option<Arc<MemoryImage>> { unimplemented!() }
        /// Whether an active data segment is part of a memory image (the memory must be made with it).
        pub fn data_is_imaged(&self, d: DataIndex) -> bool { unimplemented!() }
        /// Whether an active element segment is applied lazily: instantiation must not run `table_init` for it.
        pub fn elem_is_lazy(&self, e: ElemIndex) -> bool { unimplemented!() }
    }
    pub struct TrampolineCode;
    impl TrampolineCode {
        pub fn entry(&self) -> EntryTrampoline { unimplemented!() }
        pub fn host(&self) -> *const u8 { unimplemented!() }
    }
    /// `traps`: text offset and code of each place that may trap, ascending.
    pub fn publish_trampolines(text: &[u8], entry: u32, host: u32, traps: &[(u32, TrapCode)]) -> Result<Arc<TrampolineCode>> {
        unimplemented!()
    }
}

/// How a memory is laid out in the address space; bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    pub mode: MemoryMode,
    pub reservation: u64,
    pub guard: u64,
}

/// Initial contents of memories, mapped copy on write.
pub struct MemoryImage;
pub struct Memory;
impl Memory {
    pub fn new(ty: &MemoryType, plan: &MemoryPlan, image: Option<Arc<MemoryImage>>) -> Result<Arc<Memory>> { unimplemented!() }
    pub fn ty(&self) -> &MemoryType { unimplemented!() }
    pub fn record(&self) -> *const VmMemory { unimplemented!() }
    pub fn base(&self) -> *mut u8 { unimplemented!() }
    /// Accessible bytes.
    pub fn len(&self) -> usize { unimplemented!() }
    pub fn is_empty(&self) -> bool { unimplemented!() }
    pub fn pages(&self) -> u64 { unimplemented!() }
    pub fn mode(&self) -> MemoryMode { unimplemented!() }
    /// Pages before, or `None` if over the maximum or refused by the system. Does not ask the limiter.
    pub fn grow(&self, delta_pages: u64) -> Option<u64> { unimplemented!() }
    pub fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> { unimplemented!() }
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> { unimplemented!() }
}

/// Elements are raw: `*const VmFuncRef` (0 null, init bit off) or a 32-bit handle.
pub struct Table;
impl Table {
    pub fn gc_roots(&self, visit: &mut dyn FnMut(u32)) { unimplemented!() }
    pub fn new(ty: &TableType, init: u64) -> Result<Arc<Table>> { unimplemented!() }
    pub fn ty(&self) -> &TableType { unimplemented!() }
    pub fn record(&self) -> *const VmTable { unimplemented!() }
    /// Elements.
    pub fn len(&self) -> u64 { unimplemented!() }
    pub fn is_empty(&self) -> bool { unimplemented!() }
    pub fn get(&self, index: u64) -> Option<u64> { unimplemented!() }
    pub fn set(&self, index: u64, raw: u64) -> Result<(), TrapCode> { unimplemented!() }
    /// Elements before; `None` over the maximum. Does not ask the limiter.
    pub fn grow(&self, delta: u64, init: u64) -> Option<u64> { unimplemented!() }
    pub fn fill(&self, at: u64, raw: u64, len: u64) -> Result<(), TrapCode> { unimplemented!() }
    pub fn copy(dst: &Table, dst_at: u64, src: &Table, src_at: u64, len: u64) -> Result<(), TrapCode> { unimplemented!() }
    pub fn init(&self, at: u64, raws: impl ExactSizeIterator<Item = u64>) -> Result<(), TrapCode> { unimplemented!() }
}

/// A global variable: where it is and what keeps it there.
#[derive(Clone)]
pub struct Global {
    pub ty: GlobalType,
    pub cell: NonNull<VmGlobal>,
    pub keep: Arc<dyn Any + Send + Sync>,
}
unsafe impl Send for Global {}
unsafe impl Sync for Global {}
unsafe impl Send for FuncRefPtr {}
unsafe impl Sync for FuncRefPtr {}
impl Global {
    pub fn gc_roots(&self, visit: &mut dyn FnMut(u32)) { unimplemented!() }
    pub fn host(ty: GlobalType, value: ValRaw) -> Global { unimplemented!() }
    pub fn get(&self) -> ValRaw { unimplemented!() }
    /// Writes whatever the type's mutability says; the caller has checked type and mutability.
    pub fn set(&self, value: ValRaw) { unimplemented!() }
}

/// A function reference that is not null. The record lives as long as its owner (instance or host function).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct FuncRefPtr(NonNull<VmFuncRef>);
impl FuncRefPtr {
    /// `None` for null. # Safety: raw is null or points to a live record.
    pub unsafe fn from_raw(raw: *const VmFuncRef) -> Option<FuncRefPtr> { unimplemented!() }
    pub fn as_ptr(self) -> *const VmFuncRef { unimplemented!() }
    pub fn type_id(self) -> TypeId { unimplemented!() }
    pub fn func_index(self) -> Option<FuncIndex> { unimplemented!() }
    /// The instance that defines it; `None` for host functions.
    pub fn instance(&self) -> Option<&Instance> { unimplemented!() }
    /// The host function; `None` for wasm functions.
    pub fn host_func(&self) -> Option<&HostFunc> { unimplemented!() }
}

pub struct HostFunc;
pub type HostBody = Box<dyn Fn(&mut HostCall<'_>) -> Result<(), Error> + Send + Sync>;
impl HostFunc {
    /// `code`: host trampoline of the type; `entry`: entry trampoline of the type.
    pub fn callback(ty_id: TypeId, ty: &FuncType, code: *const u8, entry: EntryTrampoline, keep: Arc<dyn Any + Send + Sync>, f: HostBody) -> Arc<HostFunc> { unimplemented!() }
    pub fn yielding(ty_id: TypeId, ty: &FuncType, code: *const u8, entry: EntryTrampoline, keep: Arc<dyn Any + Send + Sync>, id: u64) -> Arc<HostFunc> { unimplemented!() }
    pub fn func_ref(&self) -> FuncRefPtr { unimplemented!() }
    pub fn id(&self) -> u64 { unimplemented!() }
    pub fn slots(&self) -> usize { unimplemented!() }
    pub fn ty(&self) -> &FuncType { unimplemented!() }
}

/// A host function's view of its call.
pub struct HostCall<'a>(&'a Exec);
impl<'a> HostCall<'a> {
    pub fn exec(&self) -> &'a Exec { unimplemented!() }
    pub fn slots(&mut self) -> &mut [ValRaw] { unimplemented!() }
    /// `None` when the host called the function itself.
    pub fn caller_instance(&self) -> Option<&'a Instance> { unimplemented!() }
    pub fn id(&self) -> u64 { unimplemented!() }
}

pub struct InstanceParts {
    pub code: Arc<code::CodeMap>,
    /// Engine ids by the module's type index.
    pub type_ids: Arc<[TypeId]>,
    pub func_imports: Vec<FuncRefPtr>,
    /// All tables in index order, imported then defined.
    pub tables: Vec<Arc<Table>>,
    pub memories: Vec<Arc<Memory>>,
    /// Imported ones only.
    pub global_imports: Vec<Global>,
    /// Owners of what the imports point to.
    pub keep: Vec<Arc<dyn Any + Send + Sync>>,
    pub host_data: Option<Arc<dyn Any + Send + Sync>>,
}
pub struct Instance;
impl Instance {
    pub fn to_arc(&self) -> Arc<Instance> { unimplemented!() }
    pub fn gc_roots(&self, visit: &mut dyn FnMut(u32)) { unimplemented!() }
    pub fn new(parts: InstanceParts) -> Result<Arc<Instance>> { unimplemented!() }
    pub fn vmctx(&self) -> *mut VmCtx { unimplemented!() }
    pub fn code(&self) -> &Arc<code::CodeMap> { unimplemented!() }
    pub fn info(&self) -> &Arc<ModuleInfo> { unimplemented!() }
    pub fn host_data(&self) -> Option<&Arc<dyn Any + Send + Sync>> { unimplemented!() }
    pub fn func(&self, f: FuncIndex) -> FuncRefPtr { unimplemented!() }
    pub fn table(&self, t: TableIndex) -> &Arc<Table> { unimplemented!() }
    pub fn memory(&self, m: MemoryIndex) -> &Arc<Memory> { unimplemented!() }
    pub fn global(self: &Arc<Self>, g: GlobalIndex) -> Global { unimplemented!() }
    pub fn set_global_raw(&self, g: GlobalIndex, value: ValRaw) { unimplemented!() }
    pub fn get_global_raw(&self, g: GlobalIndex) -> ValRaw { unimplemented!() }
    /// Value of a constant expression (validated with the module).
    pub fn eval(&self, e: &ConstExpr) -> Result<ValRaw> { unimplemented!() }
    pub fn elem_drop(&self, e: ElemIndex) { unimplemented!() }
    pub fn data_drop(&self, d: DataIndex) { unimplemented!() }
    pub fn table_init(&self, t: TableIndex, e: ElemIndex, dst: u64, src: u64, len: u64) -> Result<(), TrapCode> { unimplemented!() }
    pub fn memory_init(&self, m: MemoryIndex, d: DataIndex, dst: u64, src: u64, len: u64) -> Result<(), TrapCode> { unimplemented!() }
}

pub trait Upcalls: Send + Sync {
    fn memory_growing(&self, current: u64, desired: u64, max: Option<u64>) -> Result<bool>;
    fn table_growing(&self, current: u64, desired: u64, max: Option<u64>) -> Result<bool>;
    fn out_of_fuel(&self, exec: &Exec) -> Result<()>;
    fn new_epoch(&self, exec: &Exec) -> Result<()>;
    fn as_any(&self) -> &dyn Any;
    /// A growth that `memory_growing` or `table_growing` allowed did not happen.
    fn grow_failed(&self, why: &str) {}
}

/// What a call on a private stack came to.
pub enum Step<'a> {
    /// Results are in the slots given to `start`.
    Done,
    HostCall { id: u64, caller: Option<NonNull<Instance>>, slots: *mut ValRaw, func: &'a HostFunc },
}

/// One thread of guest execution. `Send`, not `Sync`.
pub struct Exec(std::cell::Cell<u8>);
impl Exec {
    pub fn interrupted(&self) -> bool { unimplemented!() }
    pub fn new(upcalls: Arc<dyn Upcalls>, epoch: Arc<AtomicU64>) -> Box<Exec> { unimplemented!() }
    /// On the thread's own stack; nests.
    /// # Safety: `f`'s owner lives through the call; `slots` has room for its type's slots, typed params inside.
    pub unsafe fn call(&self, f: FuncRefPtr, slots: *mut ValRaw, max_stack: usize) -> Result<()> { unimplemented!() }
    /// On a private stack. # Safety: as `call`, until `Done`, an error or `abandon`.
    pub unsafe fn start(&self, f: FuncRefPtr, slots: *mut ValRaw, n: usize) -> Result<Step<'_>> { unimplemented!() }
    /// `Err` makes the host call raise.
    pub fn resume(&self, outcome: Result<()>) -> Result<Step<'_>> { unimplemented!() }
    pub fn is_suspended(&self) -> bool { unimplemented!() }
    /// In a call, running or suspended.
    pub fn is_busy(&self) -> bool { unimplemented!() }
    pub fn abandon(&self) { unimplemented!() }
    /// Bytes reserved for the private stack of later `start`s.
    pub fn set_stack_size(&self, bytes: usize) { unimplemented!() }
    pub fn upcalls(&self) -> &Arc<dyn Upcalls> { unimplemented!() }
    pub fn fuel(&self) -> u64 { unimplemented!() }
    pub fn set_fuel(&self, fuel: u64) { unimplemented!() }
    /// Absolute epoch.
    pub fn set_epoch_deadline(&self, epoch: u64) { unimplemented!() }
    pub fn epoch_deadline(&self) -> u64 { unimplemented!() }
    pub fn interrupt_handle(&self) -> Arc<Interrupt> { unimplemented!() }
    /// Frames kept in traces; at most 20, 0 switches traces off.
    pub fn set_max_frames(&self, max: usize) { unimplemented!() }
    /// The exec whose guest code or host call runs on this thread, innermost.
    pub fn current<'a>() -> Option<&'a Exec> { unimplemented!() }
    /// Program counters for look-up, innermost first (return addresses less one).
    pub fn walk(&self, max: usize) -> Vec<usize> { unimplemented!() }
    /// The stack as it is now (inside a host call, or suspended).
    pub fn trace(&self) -> Arc<dyn Trace> { unimplemented!() }
    /// Calls `visit` for every live GC handle in the frames of this exec.
    pub fn gc_roots(&self, visit: &mut dyn FnMut(u32)) { unimplemented!() }
}

/// Stops an exec from any thread; outlives it harmlessly.
pub struct Interrupt;
impl Interrupt {
    pub fn trigger(&self) { unimplemented!() }
    pub fn clear(&self) { unimplemented!() }
}

/// What a panicking host function threw, in `Error::payload`.
pub struct PanicPayload(parking_lot::Mutex<Option<Box<dyn Any + Send>>>);
impl PanicPayload {
    pub fn take(&self) -> Option<Box<dyn Any + Send>> { unimplemented!() }
}

pub fn address_space_limit() -> Option<u64> { unimplemented!() }

pub mod gc {
    use super::*;
    pub type Owner = Option<Arc<dyn Any + Send + Sync>>;
    /// Handles of external references. Even, never 0.
    pub struct ExternTable;
    impl ExternTable {
        /// Collected by mark and sweep.
        pub fn new() -> ExternTable { unimplemented!() }
        /// Equal words share one handle for ever; for stores entered by many threads.
        pub fn interning() -> ExternTable { unimplemented!() }
        /// A new entry with one root.
        pub fn alloc(&self, word: u64, owner: Owner) -> Result<u32> { unimplemented!() }
        pub fn word(&self, handle: u32) -> Option<u64> { unimplemented!() }
        pub fn owner(&self, handle: u32) -> Owner { unimplemented!() }
        pub fn root(&self, handle: u32) { unimplemented!() }
        pub fn unroot(&self, handle: u32) { unimplemented!() }
        /// Whether enough was allocated since the last collection to make another worthwhile.
        pub fn wants_collection(&self) -> bool { unimplemented!() }
        /// Frees what has no root and is not in `live`; returns how many were freed. Owners are dropped here.
        pub fn collect(&self, live: &mut dyn FnMut(&mut dyn FnMut(u32))) -> usize { unimplemented!() }
        pub fn len(&self) -> usize { unimplemented!() }
    }
}
