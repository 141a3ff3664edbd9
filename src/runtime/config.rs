//! What an embedder can set before an engine exists.

use super::cache::Cache;
use crate::layout::Tunables;
use crate::vm::profile::Profiler;
use crate::vm::{MemoryCreator, StackCreator, StackLimits};
use crate::wasm::{Features, ModuleLimits};
use std::sync::Arc;

/// Settings of an [`Engine`](super::Engine). Plain data; [`Engine::new`](super::Engine::new) checks the combination.
#[derive(Clone, Debug)]
pub struct Config {
    /// Settings that change machine code.
    pub tunables: Tunables,
    /// Which proposals modules may use.
    pub features: Features,
    /// Bounds on modules, for hosts that compile what strangers send.
    pub module_limits: ModuleLimits,
    /// Stack that guest code may use per call on the caller's own thread, in bytes. Default 512 KiB, as in
    /// libwasmtime.
    pub max_wasm_stack: usize,
    /// Size of a private stack, in bytes of address space; memory is committed as it is touched. Default 256 MiB; 2 MiB if
    /// the embedder makes the stacks.
    pub private_stack: Option<usize>,
    /// Who makes the private stacks, in place of this library. Default none.
    pub stack_creator: Option<Arc<dyn StackCreator>>,
    /// Compile functions on all cores. Default true.
    pub parallel_compilation: bool,
    /// Map initial memory contents copy-on-write. Default true.
    pub memory_init_cow: bool,
    /// Whether a memory that is checked explicitly may move when it outgrows its reservation; otherwise it does not
    /// grow. Default true.
    pub memory_may_move: bool,
    /// Who makes the memories that are not shared, in place of this library. Every access to them is checked explicitly.
    /// Default none.
    pub memory_creator: Option<Arc<dyn MemoryCreator>>,
    /// Record guest frames when a trap happens. Default true.
    pub backtraces: bool,
    /// Most frames that a backtrace keeps. Default 20, as in libwasmtime.
    pub max_frames: usize,
    /// New stores have no epoch deadline although checks are compiled in (for interruption only). Default
    /// false: the deadline is the current epoch, as in libwasmtime.
    pub no_initial_deadline: bool,
    /// Address space reserved for a store's garbage-collected heap once a module needs one, in bytes. Default 4 GiB; more
    /// is of no use.
    pub gc_heap_reservation: u64,
    /// Most bytes that the objects of one store may take; collections need as much again. Default: half of the reservation.
    pub gc_heap_max: u64,
    /// Collect at every allocation, to find references that the collector does not know of. Default false.
    pub gc_stress: bool,
    /// What all stores of the engine may hold together, and how large it may be. Default none: no limit.
    pub pool: Option<Pool>,
    /// Where compiled modules are kept for other engines and processes. Default none.
    pub cache: Option<Cache>,
    /// Which profiler of the system learns where code lies. Default none.
    pub profiler: Option<Profiler>,
}

/// Limits of an engine, as an allocator of fixed size would have them. Nothing is allocated in advance: what
/// is asked of the pool counts until its store is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pool {
    pub total_instances: u64,
    pub total_memories: u64,
    pub total_tables: u64,
    pub memories_per_module: u64,
    pub tables_per_module: u64,
    /// Bytes of one memory.
    pub memory_size: u64,
    /// Elements of one table.
    pub table_elements: u64,
    /// Heaps for guest objects; a store has one at most.
    pub total_heaps: u64,
    /// Bytes of one instance's own records.
    pub instance_size: u64,
    /// Bytes of a memory that may stay committed, full of zeros, when its store is gone, for the next memory in the same
    /// place; `None`: as the library sees fit. All memories of the process together keep no more than 64 MiB.
    pub keep_resident: Option<usize>,
}

/// As in libwasmtime.
impl Default for Pool {
    fn default() -> Self {
        Pool {
            total_instances: 1000,
            total_memories: 1000,
            total_tables: 1000,
            memories_per_module: 1,
            tables_per_module: 1,
            memory_size: 4 << 30,
            table_elements: 20_000,
            total_heaps: 1000,
            instance_size: 1 << 20,
            keep_resident: None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            tunables: Tunables::default(),
            features: Features::default(),
            module_limits: ModuleLimits::default(),
            max_wasm_stack: 512 << 10,
            private_stack: None,
            stack_creator: None,
            parallel_compilation: true,
            memory_init_cow: true,
            memory_may_move: true,
            memory_creator: None,
            backtraces: true,
            max_frames: 20,
            no_initial_deadline: false,
            gc_heap_reservation: 4 << 30,
            gc_heap_max: u64::MAX,
            gc_stress: false,
            pool: None,
            cache: None,
            profiler: None,
        }
    }
}

impl Config {
    pub fn new() -> Config {
        Config::default()
    }

    pub(super) fn stack_size(&self) -> usize {
        let usual = if self.stack_creator.is_some() { StackLimits::HOST_SIZE } else { StackLimits::DEFAULT_SIZE };
        self.private_stack.unwrap_or(usual)
    }
}
