//! Linear memories.

use super::config::Config;
use super::engine::Engine;
use super::store::{Store, StoreKind};
use crate::base::{Error, ErrorKind, Result};
use crate::layout::MemoryMode;
use crate::vm::{self, MemoryPlan, Upcalls};
use crate::wasm::MemoryType;
use std::sync::Arc;

/// A linear memory; clones are the same memory.
#[derive(Clone)]
pub struct Memory(Arc<vm::Memory>);

impl Memory {
    /// A memory that no module defined.
    pub fn new(store: &Store, ty: &MemoryType) -> Result<Memory> {
        store.core().admit(0, 1, 0)?;
        Memory::create(store, ty, None)
    }

    pub(super) fn create(store: &Store, ty: &MemoryType, image: Option<Arc<vm::MemoryImage>>) -> Result<Memory> {
        let bytes = ty.min.checked_shl(u32::from(ty.page_size_log2)).unwrap_or(u64::MAX);
        let maximum = ty.max.map(|m| m.saturating_mul(ty.page_size()));
        if !store.core().memory_growing(0, bytes, maximum)? {
            let message = format!("memory minimum size of {} pages exceeds memory limits", ty.min);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let config = store.engine().config();
        match &config.memory_creator {
            Some(creator) if !ty.shared => {
                // Other threads of a shared store may be in the memory.
                let may_move = config.memory_may_move && store.kind() == StoreKind::Exclusive;
                let plan = MemoryPlan { may_move, ..plan_for(ty, config) };
                Ok(Memory(vm::Memory::from_host(ty, &plan, creator, image)?))
            }
            _ => Ok(Memory(vm::Memory::new(ty, &plan_for(ty, config), image)?)),
        }
    }

    /// A shared memory that belongs to no store; store limits do not count it.
    pub fn new_shared(engine: &Engine, ty: &MemoryType) -> Result<Memory> {
        if !ty.shared {
            return Err(Error::new(ErrorKind::Type, "shared memory must have the `shared` flag enabled on its memory type"));
        }
        Ok(Memory(vm::Memory::new(ty, &plan_for(ty, engine.config()), None)?))
    }

    /// [`Memory::grow`] without a store and its limits.
    pub fn grow_shared(&self, delta: u64) -> Result<u64> {
        let refused = || Error::new(ErrorKind::Limit, format!("failed to grow memory by `{delta}`"));
        self.0.grow(delta).ok_or_else(refused)
    }

    /// The type as declared, `min` being the declared minimum.
    pub fn ty(&self) -> MemoryType {
        *self.0.ty()
    }

    /// Current size in pages.
    pub fn size(&self) -> u64 {
        self.0.pages()
    }

    /// Current size in bytes.
    pub fn data_size(&self) -> usize {
        self.0.len()
    }

    /// Address of the first byte. Moves with growth unless the memory has guard pages.
    pub fn data_ptr(&self) -> *mut u8 {
        self.0.base()
    }

    /// A checked view for host functions, as large as the memory is now.
    pub fn view(&self) -> vm::View<'_> {
        self.0.view()
    }

    /// Adds `delta` pages and returns the size before, in pages. To add none succeeds whatever the limits.
    pub fn grow(&self, store: &Store, delta: u64) -> Result<u64> {
        let refused = || Error::new(ErrorKind::Limit, format!("failed to grow memory by `{delta}`"));
        let ty = self.0.ty();
        if !ty.shared {
            store.check_thread()?;
        }
        if delta == 0 {
            return Ok(self.size());
        }
        let more = delta.checked_mul(ty.page_size()).ok_or_else(refused)?;
        let now = self.0.len() as u64;
        let desired = now.checked_add(more).ok_or_else(refused)?;
        let maximum = ty.max.map(|m| m.saturating_mul(ty.page_size()));
        if !store.core().memory_growing(now, desired, maximum)? {
            return Err(refused());
        }
        // What the embedder made is given back when it moves, so nobody else may be in it.
        let _alone = if self.0.made_by_host() { Some(store.alone()?) } else { None };
        self.0.grow(delta).ok_or_else(refused)
    }

    /// Copies out `buffer.len()` bytes at `offset`.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.0.read(offset, buffer)
    }

    /// Copies `bytes` to `offset`.
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.0.write(offset, bytes)
    }

    /// How accesses to this memory are checked.
    pub fn mode(&self) -> MemoryMode {
        self.0.mode()
    }

    pub fn same(&self, other: &Memory) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn vm(&self) -> &Arc<vm::Memory> {
        &self.0
    }

    pub(super) fn from_vm(memory: Arc<vm::Memory>) -> Memory {
        Memory(memory)
    }
}

/// A memory is laid out as code of this engine checks it.
fn plan_for(ty: &MemoryType, config: &Config) -> MemoryPlan {
    let (t, may_move) = (&config.tunables, config.memory_may_move);
    let keep = config.pool.and_then(|pool| pool.keep_resident);
    MemoryPlan { mode: t.mode_of(ty), reservation: t.memory_reservation, guard: t.memory_guard, may_move, keep }
}
