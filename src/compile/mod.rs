//! `ModuleInfo` and function bodies to an [`Image`]. The only user of Cranelift.

use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::image::{Fingerprint, Image, LibCall};
use crate::layout::Tunables;
use crate::wasm::{Features, FuncType};

/// Compiles modules for this machine with fixed settings. Shared freely between threads.
pub struct Compiler {
    fingerprint: Fingerprint,
}

/// Machine code by which host and guest functions of one type call each other.
#[derive(Debug, Clone)]
pub struct Trampolines {
    pub text: Vec<u8>,
    /// Offset in `text` of the entry trampoline (see `layout::EntryTrampoline`).
    pub entry: u32,
    /// Offset in `text` of the host trampoline (guest convention).
    pub host: u32,
    /// Sorted offsets in `text` of instructions that may fault.
    pub traps: Vec<(u32, TrapCode)>,
    /// Offsets in `text` of 8-byte absolute addresses to fill in.
    pub libcalls: Vec<(u32, LibCall)>,
}

impl Compiler {
    /// A compiler for the machine it runs on. Fails for unknown `extra_flags`.
    pub fn new(tunables: &Tunables) -> Result<Compiler> {
        let fingerprint = Fingerprint::new(String::new(), String::new(), tunables.clone());
        Ok(Compiler { fingerprint })
    }

    /// What images made by this compiler carry.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Validates and compiles a binary module.
    pub fn compile(&self, _bytes: &[u8], _features: &Features) -> Result<Image> {
        Err(Error::new(ErrorKind::Unsupported, "compiling is not implemented yet"))
    }

    /// Code for functions that belong to no module.
    pub fn trampolines(&self, _ty: &FuncType) -> Result<Trampolines> {
        Err(Error::new(ErrorKind::Unsupported, "compiling is not implemented yet"))
    }
}
