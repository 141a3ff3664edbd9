//! A compiled module: declarations and published code, shared by every instance.

use super::engine::Engine;
use super::func::HostCode;
use super::types::{canonical_func, canonical_ref, canonical_val};
use crate::base::index::TypeIndex;
use crate::base::{Error, ErrorKind, Result};
use crate::compile::Progress;
use crate::image::Image;
use crate::layout::{MemoryMode, Tunables};
use crate::vm::code::CodeMap;
use crate::wasm::*;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Immutable; clones share everything. Usable from all threads at once; may be dropped while instances live.
#[derive(Clone)]
pub struct Module(Arc<Inner>);

struct Inner {
    engine: Engine,
    code: Arc<CodeMap>,
    type_ids: Arc<[TypeId]>,
    /// Whether instances need a garbage-collected heap.
    needs_heap: bool,
    /// The module's bytes, kept to compile the explicit-bounds version if a memory ever needs it.
    wasm: Option<Box<[u8]>>,
    explicit: OnceLock<Arc<CodeMap>>,
}

/// Name and type of something a module asks for.
#[derive(Clone, Debug)]
pub struct ImportType<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub ty: ExternType,
}

/// Name and type of something a module offers.
#[derive(Clone, Debug)]
pub struct ExportType<'a> {
    pub name: &'a str,
    pub ty: ExternType,
}

impl Module {
    /// Validates and compiles a binary module.
    pub fn new(engine: &Engine, wasm: &[u8]) -> Result<Module> {
        Module::new_watched(engine, wasm, &|_, _| {})
    }

    /// [`Module::new`]; `progress` is told after each function how many are compiled and how many there are: by any of
    /// the compiling threads, several at a time, so that a smaller count may arrive after a larger one.
    pub fn new_watched(engine: &Engine, wasm: &[u8], progress: Progress<'_>) -> Result<Module> {
        engine.config().module_limits.check(wasm)?;
        let image = engine.compile(engine.compiler(), wasm, progress)?;
        let keep = engine.config().tunables.memory_mode == MemoryMode::GuardPages && !image.info().memories.is_empty();
        Module::publish(engine, CodeMap::publish(&image)?, keep.then(|| wasm.into()))
    }

    /// Loads what [`Module::serialize`] wrote, by an engine with equal settings on an equal machine. Damaged,
    /// truncated or foreign bytes are refused with an error of kind [`ErrorKind::Artifact`].
    pub fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Module> {
        Image::recognise(bytes)?;
        let fill = |pages: &mut [u8]| {
            pages.copy_from_slice(bytes);
            Ok(())
        };
        Module::publish(engine, CodeMap::load(bytes.len(), fill, engine.compiler().fingerprint())?, None)
    }

    /// Whether `bytes` begin like what [`Module::serialize`] writes, as opposed to a module or its text.
    pub fn is_serialized(bytes: &[u8]) -> bool {
        Image::is_image(bytes)
    }

    /// The settings that a serialised module was compiled with; an engine with these can load it, on an equal machine.
    pub fn serialized_tunables(bytes: &[u8]) -> Result<Tunables> {
        Image::tunables_of(bytes)
    }

    /// [`Module::deserialize`] from a file, which is read once and may change afterwards.
    pub fn deserialize_file(engine: &Engine, path: &Path) -> Result<Module> {
        let failed = |e: std::io::Error| {
            Error::new(ErrorKind::Io, e.to_string()).context(format!("failed to read artifact {}", path.display()))
        };
        let mut file = File::open(path).map_err(failed)?;
        let mut begin = [0; Image::BEGIN];
        let len = read_up_to(&mut file, &mut begin).map_err(failed)?;
        Image::recognise(&begin[..len])?;
        let size = file.metadata().map_err(failed)?.len();
        let size = usize::try_from(size).ok().filter(|&s| s >= len).ok_or_else(|| failed(std::io::ErrorKind::UnexpectedEof.into()))?;
        let fill = |pages: &mut [u8]| {
            pages[..len].copy_from_slice(&begin[..len]);
            file.read_exact(&mut pages[len..]).map_err(failed)
        };
        Module::publish(engine, CodeMap::load(size, fill, engine.compiler().fingerprint())?, None)
    }

    fn publish(engine: &Engine, code: Arc<CodeMap>, wasm: Option<Box<[u8]>>) -> Result<Module> {
        if let Some(pool) = engine.config().pool {
            pool.check_module(code.info(), code.layout().size() as u64)?;
        }
        engine.profile(&code);
        let type_ids = engine.types().intern_module(code.info())?;
        let needs_heap = code.info().needs_gc_heap();
        Ok(Module(Arc::new(Inner {
            engine: engine.clone(),
            code,
            type_ids,
            needs_heap,
            wasm,
            explicit: OnceLock::new(),
        })))
    }

    /// The compiled module as bytes for [`Module::deserialize`].
    pub fn serialize(&self) -> Vec<u8> {
        self.0.code.image().serialize()
    }

    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub fn info(&self) -> &Arc<ModuleInfo> {
        self.0.code.image().info()
    }

    /// Name from the name section.
    pub fn name(&self) -> Option<&str> {
        self.info().name.as_deref()
    }

    /// What the module asks for, in order of declaration.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        self.info().imports.iter().map(|i| ImportType { module: &i.module, name: &i.name, ty: self.entity_type(i.entity) })
    }

    /// What the module offers, in order of declaration.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        self.info().exports.iter().map(|e| ExportType { name: &e.name, ty: self.entity_type(e.entity) })
    }

    /// Bytes of the custom section `name`, if the module had one and it was kept.
    pub fn custom_section(&self, name: &str) -> Option<&[u8]> {
        self.0.code.image().custom_section(name)
    }

    /// Where the machine code lies: start address and length in bytes.
    pub fn code_range(&self) -> (usize, usize) {
        self.0.code.range()
    }

    /// Whether machine code that begins there is this module's, in either of its forms.
    pub(super) fn has_code_at(&self, start: usize) -> bool {
        let explicit = self.0.explicit.get().map(|c| c.range().0);
        self.0.code.range().0 == start || explicit == Some(start)
    }

    /// Whether both are the same compiled module.
    pub fn same(&self, other: &Module) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The type of one of the module's items, concrete types as engine numbers.
    pub(super) fn entity_type(&self, entity: EntityIndex) -> ExternType {
        let ids = &self.0.type_ids;
        match self.info().entity_type(entity) {
            ExternType::Func(f) => ExternType::Func(canonical_func(&f, ids)),
            ExternType::Tag(f) => ExternType::Tag(canonical_func(&f, ids)),
            ExternType::Global(g) => ExternType::Global(GlobalType { content: canonical_val(g.content, ids), ..g }),
            ExternType::Table(t) => ExternType::Table(TableType { element: canonical_ref(t.element, ids), ..t }),
            memory => memory,
        }
    }

    /// Trampolines that this module brings for an imported function, by the import's position.
    pub(super) fn import_code(&self, index: usize) -> Option<HostCode> {
        match self.info().imports.get(index)?.entity {
            EntityIndex::Func(f) => HostCode::of_module(&self.0.code, self.info().funcs[f].ty),
            _ => None,
        }
    }

    pub(super) fn needs_heap(&self) -> bool {
        self.0.needs_heap
    }

    /// The engine's number of a function's or a tag's type; `None` for other items.
    pub(super) fn func_type_id(&self, entity: EntityIndex) -> Option<TypeId> {
        match entity {
            EntityIndex::Func(f) => self.type_id(self.info().funcs[f].ty),
            EntityIndex::Tag(t) => self.type_id(self.info().tags[t]),
            _ => None,
        }
    }

    /// The engine's number of one of the module's types.
    pub fn type_id(&self, ty: TypeIndex) -> Option<TypeId> {
        self.0.type_ids.get(ty.0 as usize).copied()
    }

    pub(super) fn type_ids(&self) -> &Arc<[TypeId]> {
        &self.0.type_ids
    }

    /// The code to instantiate: the usual one, or with explicit bounds checks if a memory needs them.
    pub(super) fn code(&self, explicit: bool) -> Result<&Arc<CodeMap>> {
        if !explicit || self.0.code.image().tunables().memory_mode == MemoryMode::Explicit {
            return Ok(&self.0.code);
        }
        if let Some(code) = self.0.explicit.get() {
            return Ok(code);
        }
        let made = self.compile_explicit()?;
        Ok(self.0.explicit.get_or_init(|| made))
    }

    fn compile_explicit(&self) -> Result<Arc<CodeMap>> {
        let wasm = self.0.wasm.as_deref().ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                "a memory without guard pages needs explicit bounds checks, but the module was loaded from an \
                 artifact compiled for guard pages",
            )
        })?;
        let engine = &self.0.engine;
        let mut tunables = engine.config().tunables.clone();
        tunables.memory_mode = MemoryMode::Explicit;
        let mut compiler = crate::compile::Compiler::new(&tunables)?;
        compiler.set_parallel(engine.config().parallel_compilation);
        let code = CodeMap::publish(&engine.compile(&compiler, wasm, &|_, _| {})?)?;
        engine.profile(&code);
        Ok(code)
    }
}

/// Reads until `buffer` is full or the file ends, and says how much.
fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut len = 0;
    while len < buffer.len() {
        match file.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(len)
}
