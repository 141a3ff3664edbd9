//! Settings that change the machine code; part of an image's fingerprint.

use crate::wasm::MemoryType;
use serde::{Deserialize, Serialize};

/// How linear memory accesses are checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum MemoryMode {
    /// The memory's whole 32-bit range and a guard are reserved; faults are the check.
    GuardPages,
    /// Every access is compared with the current length; works with any memory.
    Explicit,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Tunables {
    pub memory_mode: MemoryMode,
    /// Address space reserved for each guard-page memory, in bytes; at least 4 GiB.
    pub memory_reservation: u64,
    /// Inaccessible bytes behind the reservation; accesses with smaller static offsets need no check.
    pub memory_guard: u64,
    pub fuel: bool,
    /// Epoch checks at function entries and loop heads; interruption uses them too.
    pub epochs: bool,
    pub nan_canonicalization: bool,
    /// Relaxed SIMD gives the same results on every machine.
    pub relaxed_simd_deterministic: bool,
    pub inlining: bool,
    /// Cranelift's `opt_level`: 0 none, 1 speed, 2 speed and size.
    pub opt_level: u8,
    /// Cranelift's verifier over every function.
    pub verify_ir: bool,
    /// Table of code offsets to wasm offsets, for backtraces with positions.
    pub address_map: bool,
    /// Cranelift flags set by name by the embedder.
    pub extra_flags: Vec<(String, Option<String>)>,
}

impl Tunables {
    /// How code checks accesses to memories of this type. Guard pages need a 32-bit index and a length in
    /// whole pages of the machine.
    pub fn mode_of(&self, ty: &MemoryType) -> MemoryMode {
        if ty.memory64 || ty.page_size_log2 != 16 { MemoryMode::Explicit } else { self.memory_mode }
    }
}

impl Default for Tunables {
    fn default() -> Self {
        Tunables {
            memory_mode: MemoryMode::GuardPages,
            memory_reservation: 4 << 30,
            memory_guard: 32 << 20,
            fuel: false,
            epochs: false,
            nan_canonicalization: false,
            relaxed_simd_deterministic: false,
            inlining: true,
            opt_level: 1,
            verify_ir: cfg!(debug_assertions),
            address_map: true,
            extra_flags: Vec::new(),
        }
    }
}
