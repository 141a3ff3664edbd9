//! Instances and how they come to be: imports matched, memories and tables made, globals computed, segments
//! applied, start function run.

use super::externs::Extern;
use super::func::Func;
use super::global::Global;
use super::memory::Memory;
use super::module::Module;
use super::store::{Store, StoreKind, no_shared_heap};
use super::table::Table;
use super::tag::{Tag, note_type};
use super::value::Val;
use crate::base::index::*;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::MemoryMode;
use crate::vm::{self, InstanceParts};
use crate::wasm::*;
use std::any::Any;
use std::sync::Arc;

/// An instantiated module; clones are the same instance.
#[derive(Clone)]
pub struct Instance(Arc<vm::Instance>);

impl Instance {
    /// Instantiates with imports in the module's order and runs the start function.
    pub fn new(store: &Store, module: &Module, imports: &[Extern]) -> Result<Instance> {
        let instance = Instance::prepare(store, module, imports)?;
        if let Some(start) = instance.start_func(store) {
            start.call(store, &[], &mut [])?;
        }
        Ok(instance)
    }

    /// Everything but the start function.
    pub(super) fn prepare(store: &Store, module: &Module, imports: &[Extern]) -> Result<Instance> {
        check_engine(store, module)?;
        store.check_thread()?;
        check_imports(store, module, imports)?;
        let instance = build(store, module, imports)?;
        store.adopt(&instance);
        instance.initialise()?;
        Ok(instance)
    }

    pub(super) fn start_func(&self, store: &Store) -> Option<Func> {
        self.info().start.map(|f| self.func_at(store, f))
    }

    pub fn module(&self) -> &Module {
        self.0.host_data().and_then(|d| d.downcast_ref()).expect("every instance of a store carries its module")
    }

    fn info(&self) -> &Arc<ModuleInfo> {
        self.0.info()
    }

    pub fn same(&self, other: &Instance) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The export `name`, or `None`.
    pub fn export(&self, store: &Store, name: &str) -> Option<Extern> {
        let export = self.info().exports.iter().find(|e| e.name == name)?;
        self.entity(store, export.entity)
    }

    /// The export at this position in the module's order, with its name.
    pub fn export_nth(&self, store: &Store, index: usize) -> Option<(&str, Extern)> {
        let export = self.info().exports.get(index)?;
        Some((&export.name, self.entity(store, export.entity)?))
    }

    /// The exported function `name`, or `None`.
    pub fn func(&self, store: &Store, name: &str) -> Option<Func> {
        match self.export(store, name)? {
            Extern::Func(f) => Some(f),
            _ => None,
        }
    }

    /// The exported memory `name`, or `None`.
    pub fn memory(&self, name: &str) -> Option<Memory> {
        let export = self.info().exports.iter().find(|e| e.name == name)?;
        match export.entity {
            EntityIndex::Memory(i) => Some(Memory::from_vm(self.0.memory(i).clone())),
            _ => None,
        }
    }

    fn entity(&self, store: &Store, entity: EntityIndex) -> Option<Extern> {
        Some(match entity {
            EntityIndex::Func(i) => Extern::Func(self.func_at(store, i)),
            EntityIndex::Table(i) => Extern::Table(Table::from_vm(self.0.table(i).clone())),
            EntityIndex::Memory(i) => Extern::Memory(Memory::from_vm(self.0.memory(i).clone())),
            EntityIndex::Global(i) => Extern::Global(self.global_at(i)),
            EntityIndex::Tag(i) => Extern::Tag(Tag::from_vm(store, self.0.tag(i).clone())),
        })
    }

    fn global_at(&self, index: GlobalIndex) -> Global {
        let mut global = self.0.global(index);
        // An imported one knows its type; one of the module's own has it in the module's numbers.
        let own = index.0 >= self.info().num_imported_globals;
        if let (true, ExternType::Global(ty)) = (own, self.module().entity_type(EntityIndex::Global(index))) {
            global.ty = ty;
        }
        Global::from_vm(global)
    }

    fn func_at(&self, store: &Store, index: FuncIndex) -> Func {
        let keep = match store.kind() {
            StoreKind::Exclusive => None,
            StoreKind::Shared => Some(self.0.clone() as Arc<dyn Any + Send + Sync>),
        };
        Func::from_ptr(store, self.0.func(index), keep)
    }

    pub(crate) fn vm(&self) -> &Arc<vm::Instance> {
        &self.0
    }

    pub(super) fn as_vm(&self) -> &vm::Instance {
        &self.0
    }

    pub(super) fn from_vm(instance: Arc<vm::Instance>) -> Instance {
        Instance(instance)
    }

    /// Whether a reference to one of this instance's functions can be stored outside of it: in a table, a global
    /// or a value that passes its boundary.
    pub(super) fn leaks_references(&self) -> bool {
        let info = self.info();
        let imports = info.imports.iter().map(|i| i.entity);
        let exports = info.exports.iter().map(|e| e.entity);
        // What an exception carries goes wherever it is caught.
        if info.tags.values().any(|t| info.types[*t].func().params.iter().any(|p| p.is_funcref())) {
            return true;
        }
        imports.chain(exports).any(|entity| match info.entity_type(entity) {
            ExternType::Func(ty) => ty.params.iter().chain(&ty.results).any(|t| t.is_funcref()),
            ExternType::Table(ty) => ty.element.heap.family() == RefFamily::Func,
            ExternType::Global(ty) => ty.content.is_funcref(),
            ExternType::Memory(_) | ExternType::Tag(_) => false,
        })
    }

    /// Globals, table initial values and active segments, in the specification's order. What the code's images
    /// stand for already is not applied again.
    fn initialise(&self) -> Result<()> {
        let info = self.info();
        for (i, global) in info.globals.iter() {
            if let Some(init) = &global.init {
                self.0.set_global_raw(i, self.0.eval(init)?);
            }
        }
        for (i, table) in info.tables.iter() {
            if let Some(init) = &table.init {
                let value = self.0.eval(init)?.u64();
                self.0.table(i).fill(0, value, self.0.table(i).len()).map_err(Error::trap)?;
            }
        }
        self.0.eval_elems()?;
        self.apply_elems(info)?;
        self.apply_datas(info)
    }

    fn apply_elems(&self, info: &ModuleInfo) -> Result<()> {
        for (i, segment) in info.elems.iter() {
            match &segment.mode {
                SegmentMode::Passive => continue,
                SegmentMode::Active { target, offset } if !self.0.code().elem_is_lazy(i) => {
                    let at = self.offset(offset, info.tables[*target].ty.table64)?;
                    self.0.table_init(*target, i, at, 0, segment.items.len() as u64).map_err(Error::trap)?;
                }
                _ => {}
            }
            self.0.elem_drop(i);
        }
        Ok(())
    }

    fn apply_datas(&self, info: &ModuleInfo) -> Result<()> {
        for (i, segment) in info.datas.iter() {
            let SegmentMode::Active { target, offset } = &segment.mode else { continue };
            if !self.0.code().data_is_imaged(i) {
                let at = self.offset(offset, info.memories[*target].memory64)?;
                let len = u64::from(segment.bytes.end - segment.bytes.start);
                self.0.memory_init(*target, i, at, 0, len).map_err(Error::trap)?;
            }
            self.0.data_drop(i);
        }
        Ok(())
    }

    /// A segment's offset: an i64 or an i32 read as unsigned.
    fn offset(&self, expr: &ConstExpr, is_64: bool) -> Result<u64> {
        let value = self.0.eval(expr)?;
        Ok(if is_64 { value.u64() } else { u64::from(value.u32()) })
    }
}

fn check_engine(store: &Store, module: &Module) -> Result<()> {
    if module.engine().same(store.engine()) {
        return Ok(());
    }
    Err(Error::usage("cross-`Engine` instantiation is not currently supported: module and store have different engines"))
}

fn check_imports(store: &Store, module: &Module, imports: &[Extern]) -> Result<()> {
    let wanted = module.info().imports.len();
    if imports.len() != wanted {
        return Err(Error::new(ErrorKind::Link, format!("expected {wanted} imports, found {}", imports.len())));
    }
    for ((import, declared), found) in module.imports().zip(&module.info().imports).zip(imports) {
        found.check(store, &import.ty, module.func_type_id(declared.entity)).map_err(|e| {
            e.context(format!("incompatible import type for `{}::{}`", import.module, import.name))
        })?;
    }
    Ok(())
}

/// Makes memories and tables within the store's limits and fills a vmctx.
fn build(store: &Store, module: &Module, imports: &[Extern]) -> Result<Instance> {
    let info = module.info();
    let heap = heap_for(store, module)?;
    let own_memories = info.memories.len() as u64 - u64::from(info.num_imported_memories);
    let own_tables = info.tables.len() as u64 - u64::from(info.num_imported_tables);
    store.core().admit(1, own_memories, own_tables)?;
    let mut parts = Imports::default().collect(imports);
    // A memory or table that is imported decides which code fits; own memories follow the engine's mode.
    let tunables = &store.engine().config().tunables;
    let explicit = parts.memories.iter().any(|m| m.mode() == MemoryMode::Explicit && tunables.mode_of(m.ty()) != m.mode());
    let code = module.code(explicit)?;
    for (i, ty) in info.memories.iter().skip(info.num_imported_memories as usize) {
        parts.memories.push(Memory::create(store, ty, code.memory_image(i))?.vm().clone());
    }
    for (i, _) in info.tables.iter().skip(info.num_imported_tables as usize) {
        let ExternType::Table(ty) = module.entity_type(EntityIndex::Table(i)) else { continue };
        parts.tables.push(Table::create(store, &ty)?.vm().clone());
    }
    info.globals.values().for_each(|g| store.note_place(g.ty.content));
    for (_, ty) in info.tags.iter().skip(info.num_imported_tags as usize) {
        let id = module.type_ids()[ty.index()];
        let ty = store.engine().types().get(id);
        note_type(store, ty);
        parts.tags.push(vm::Tag::new(FuncType::clone(ty), id));
    }
    let instance = vm::Instance::new(InstanceParts {
        code: code.clone(),
        type_ids: module.type_ids().clone(),
        types: store.engine().types().table().clone(),
        heap,
        func_imports: parts.funcs,
        tables: parts.tables,
        memories: parts.memories,
        tags: parts.tags,
        global_imports: parts.globals,
        keep: parts.keep,
        host_data: Some(Arc::new(module.clone())),
    })?;
    Ok(Instance(instance))
}

/// The store's heap, if the module needs one.
fn heap_for(store: &Store, module: &Module) -> Result<Option<Arc<vm::gc::Heap>>> {
    if !module.needs_heap() {
        return Ok(None);
    }
    if store.kind() == StoreKind::Shared {
        return Err(no_shared_heap());
    }
    store.core().admit_heap()?;
    let heap = &store.core().heap;
    heap.prepare()?;
    Ok(Some(heap.clone()))
}

/// Imports sorted by kind, as the vmctx wants them.
#[derive(Default)]
struct Imports {
    funcs: Vec<vm::FuncRefPtr>,
    tables: Vec<Arc<vm::Table>>,
    memories: Vec<Arc<vm::Memory>>,
    globals: Vec<vm::Global>,
    tags: Vec<Arc<vm::Tag>>,
    keep: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Imports {
    fn collect(mut self, imports: &[Extern]) -> Imports {
        for import in imports {
            match import {
                Extern::Func(f) => {
                    self.funcs.push(f.ptr());
                    self.keep.extend(f.keep().cloned());
                }
                Extern::Table(t) => self.tables.push(t.vm().clone()),
                Extern::Memory(m) => self.memories.push(m.vm().clone()),
                Extern::Global(g) => self.globals.push(g.vm().clone()),
                Extern::Tag(t) => self.tags.push(t.vm().clone()),
            }
        }
        self
    }
}

/// The zero or null that stands for an import of this type, for linkers that fill gaps.
pub(super) fn default_value(ty: ValType) -> Result<Val> {
    Val::default_of(ty).ok_or_else(|| Error::new(ErrorKind::Type, format!("no default value for type {ty}")))
}
