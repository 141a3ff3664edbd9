//! The engine: configuration, compiler, types and the epoch that all stores share.

use super::config::Config;
use super::core::Counts;
use super::types::TypeRegistry;
use crate::base::{Error, ErrorKind, Result};
use crate::compile::{Compiler, Progress};
use crate::image::Image;
use crate::layout::MemoryMode;
use crate::vm::{CodeMap, EpochBoard, profile};
use crate::wasm::{FuncType, SubType, TypeId};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shared, immutable but for its registries; clones are the same engine. Usable from all threads at once.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    config: Config,
    compiler: Compiler,
    types: TypeRegistry,
    epochs: Arc<EpochBoard>,
    /// What the stores took of the pool.
    pooled: Mutex<Counts>,
    _counted: Counted,
}

/// Engines that there are.
static ENGINES: AtomicUsize = AtomicUsize::new(0);

/// One of [`ENGINES`]. With the last one the memory goes that is kept for new instances.
struct Counted;

impl Counted {
    fn new() -> Counted {
        ENGINES.fetch_add(1, Ordering::Relaxed);
        Counted
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if ENGINES.fetch_sub(1, Ordering::Relaxed) == 1 {
            crate::vm::cool_free_memories();
        }
    }
}

impl Engine {
    /// Checks the configuration and prepares the compiler for this machine.
    pub fn new(config: &Config) -> Result<Engine> {
        let mut config = config.clone();
        check(&config)?;
        choose_memory_mode(&mut config);
        let mut compiler = Compiler::new(&config.tunables)?;
        compiler.set_parallel(config.parallel_compilation);
        crate::vm::init()?;
        config.profiler.map(profile::start).transpose()?;
        Ok(Engine(Arc::new(Inner {
            config,
            compiler,
            types: TypeRegistry::new()?,
            epochs: Arc::new(EpochBoard::new()),
            pooled: Mutex::default(),
            _counted: Counted::new(),
        })))
    }

    pub(super) fn pooled(&self) -> &Mutex<Counts> {
        &self.0.pooled
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Moves the epoch on by one. Any thread, also a signal handler.
    pub fn increment_epoch(&self) {
        self.0.epochs.tick();
    }

    pub fn epoch(&self) -> u64 {
        self.0.epochs.now()
    }

    /// Whether both are the same engine.
    pub fn same(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Checks a binary module without compiling it.
    pub fn validate(&self, bytes: &[u8]) -> Result<()> {
        self.0.config.module_limits.check(bytes)?;
        crate::wasm::validate(bytes, &self.0.config.features)
    }

    pub(super) fn compiler(&self) -> &Compiler {
        &self.0.compiler
    }

    /// The function type with this number, if there is one.
    pub fn func_type(&self, id: TypeId) -> Option<FuncType> {
        self.0.types.find(id)?.func().map(|ty| (**ty).clone())
    }

    /// The number of a function type, whose concrete heap types are numbers of this engine.
    /// A type that refers to numbers this engine does not know gets a number by which nothing can be found.
    pub fn intern_func_type(&self, ty: &FuncType) -> TypeId {
        self.0.types.intern(ty).unwrap_or(TypeId(0))
    }

    /// The type with this number, whatever its kind, its numbers the engine's.
    pub fn sub_type(&self, id: TypeId) -> Option<SubType> {
        self.0.types.find(id).map(|e| e.ty.clone())
    }

    /// The number of a struct, array or function type whose numbers are this engine's.
    pub fn intern_type(&self, ty: &SubType) -> Result<TypeId> {
        let numbers = ty.fields().iter().filter_map(|f| match f.storage {
            crate::wasm::StorageType::Val(v) => Some(v),
            _ => None,
        });
        for v in numbers.chain(ty.func().params.iter().copied()).chain(ty.func().results.iter().copied()) {
            let crate::wasm::ValType::Ref(r) = v else { continue };
            if r.heap.concrete().is_some_and(|i| self.0.types.find(TypeId(i)).is_none()) {
                return Err(Error::new(ErrorKind::Type, "type refers to a type that is not known to this engine"));
            }
        }
        self.0.types.intern_group(core::slice::from_ref(ty))
    }

    /// Whether the types are equal or the first is declared to extend the second.
    pub fn is_subtype(&self, sub: TypeId, sup: TypeId) -> bool {
        self.0.types.is_subtype(sub, sup)
    }

    /// The image of a module, from the cache if there is one.
    pub(super) fn compile(&self, compiler: &Compiler, wasm: &[u8], progress: Progress<'_>) -> Result<Image> {
        let features = &self.0.config.features;
        match &self.0.config.cache {
            Some(cache) => cache.compile(compiler, wasm, features, progress),
            None => compiler.compile_watched(wasm, features, progress),
        }
    }

    /// Tells the profiler that the engine informs about new code.
    pub(super) fn profile(&self, code: &CodeMap) {
        if let Some(profiler) = self.0.config.profiler {
            profile::record(profiler, code);
        }
    }

    pub(super) fn types(&self) -> &TypeRegistry {
        &self.0.types
    }

    /// For execs whose guests look for what is due.
    pub(super) fn epochs(&self) -> Option<&Arc<EpochBoard>> {
        self.0.config.tunables.epochs.then_some(&self.0.epochs)
    }
}

fn check(config: &Config) -> Result<()> {
    if config.max_wasm_stack == 0 {
        return Err(Error::new(ErrorKind::Usage, "max_wasm_stack size cannot be zero"));
    }
    Ok(())
}

/// Guard pages need 4 GiB of address space per memory; where that is short, code with explicit checks runs. So it does for
/// memories that the embedder makes, whose guard pages would have to be believed.
fn choose_memory_mode(config: &mut Config) {
    let by_host = config.memory_creator.is_some();
    let t = &mut config.tunables;
    let roomy = || t.memory_reservation >= 4 << 30 && crate::vm::guard_pages_fit(t.memory_reservation, t.memory_guard);
    if t.memory_mode == MemoryMode::GuardPages && (by_host || !roomy()) {
        t.memory_mode = MemoryMode::Explicit;
    }
}
