//! Memories that the embedder makes. Nothing is taken on trust that guests could misuse: code for such memories compares
//! every access with the length and reads the base anew, so guard pages and reservations are the embedder's own business.

use super::reserve::MemoryImage;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::VmMemory;
use crate::sys::mem;
use crate::wasm::MemoryType;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What an embedder is asked for; sizes in bytes.
#[derive(Clone, Copy, Debug)]
pub struct MemoryRequest {
    pub ty: MemoryType,
    pub minimum: usize,
    /// What the memory may grow to.
    pub maximum: usize,
    /// As configured: how much to reserve for growth in place, and how much inaccessible space behind that.
    pub reserved: usize,
    pub guard: usize,
}

/// Where a memory is.
#[derive(Clone, Copy, Debug)]
pub struct MemoryPlace {
    /// Aligned to 16 bytes.
    pub base: *mut u8,
    /// Accessible bytes.
    pub size: usize,
    /// Bytes that the memory can grow to without moving.
    pub capacity: usize,
}

/// A memory that the embedder made; given back when dropped.
///
/// # Safety
/// - The bytes that [`HostMemory::place`] tells of can be read and written until the next [`HostMemory::grow`] or the drop, and
///   no Rust reference to them is used meanwhile. Those that nobody has written are zero.
/// - A `grow` within the capacity does not move the base; one that fails changes nothing.
pub unsafe trait HostMemory: Send + Sync {
    fn place(&self) -> MemoryPlace;

    /// Makes at least `size` bytes accessible and keeps what they hold. Never called with less than before.
    fn grow(&mut self, size: usize) -> Result<()>;
}

/// How the embedder makes memories. Any thread.
///
/// # Safety
/// - What it makes keeps the promises of [`HostMemory`].
pub unsafe trait MemoryCreator: Debug + Send + Sync {
    fn create(&self, request: &MemoryRequest) -> Result<Box<dyn HostMemory>>;
}

/// Of a base address, in bytes.
pub(super) const ALIGN: usize = 16;

/// The storage of a memory that the embedder made.
pub(super) struct HostStorage {
    // Goes before the creator, whose finalizer may take away what the memory needs.
    memory: Box<dyn HostMemory>,
    record: Box<VmMemory>,
    _creator: Arc<dyn MemoryCreator>,
}

impl HostStorage {
    /// Asks the creator; `image` is copied to the front.
    pub(super) fn new(
        creator: &Arc<dyn MemoryCreator>,
        request: &MemoryRequest,
        image: Option<&MemoryImage>,
    ) -> Result<HostStorage> {
        let memory = creator.create(request)?;
        let place = checked(memory.place(), request.minimum)?;
        if let Some(image) = image {
            let len = image.len().min(request.minimum);
            // SAFETY: so many bytes are accessible by the promise of `HostMemory`, and nobody else has them yet.
            unsafe { mem::read_file(image.file(), place.base, len)? };
        }
        let record = VmMemory {
            base: AtomicUsize::new(place.base.expose_provenance()),
            len: AtomicUsize::new(request.minimum),
        };
        Ok(HostStorage { memory, record: Box::new(record), _creator: creator.clone() })
    }

    pub(super) fn record(&self) -> &VmMemory {
        &self.record
    }

    /// Makes the memory `new` bytes long. On failure its length is what it was.
    pub(super) fn grow(&mut self, old: usize, new: usize, may_move: bool) -> Result<()> {
        if !may_move && new > self.memory.place().capacity {
            let what = format!("a memory of {old:#x} bytes cannot grow to {new:#x} without moving");
            return Err(Error::new(ErrorKind::Limit, what));
        }
        self.memory.grow(new)?;
        // It may have moved even if it is not as large as it should be.
        let place = checked(self.memory.place(), old)?;
        self.record.base.store(place.base.expose_provenance(), Ordering::Release);
        checked(place, new)?;
        self.record.len.store(new, Ordering::Release);
        Ok(())
    }
}

/// Refuses a memory that is not what was asked for.
fn checked(place: MemoryPlace, size: usize) -> Result<MemoryPlace> {
    let wrong = |what: String| Err(Error::new(ErrorKind::Host, what));
    if place.size < size {
        return wrong(format!("memory made by the host has {:#x} bytes: expected at least {size:#x}", place.size));
    }
    if size > 0 && (place.base.is_null() || !place.base.addr().is_multiple_of(ALIGN)) {
        return wrong(format!("memory made by the host is at {:?}: expected an address that is a multiple of {ALIGN}", place.base));
    }
    Ok(place)
}
