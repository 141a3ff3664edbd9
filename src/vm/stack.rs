//! Private stacks for guests that can be suspended: address space that is committed as it is touched, with a guard
//! page at the low end.

use crate::base::{Error, ErrorKind, Result};
use crate::sys::mem::{self, Access, Mapping};
use crate::sys::thread::Bounds;
use parking_lot::Mutex;
use std::fmt::Debug;
use std::sync::Arc;

/// Sizes of private stacks, in bytes of address space.
#[derive(Clone, Copy, Debug)]
pub struct StackLimits;

impl StackLimits {
    pub const DEFAULT_SIZE: usize = 256 << 20;
    /// Of a stack that the embedder makes: it may have to commit the whole of it.
    pub const HOST_SIZE: usize = 2 << 20;
    pub const MIN_SIZE: usize = 256 << 10;
}

/// What stays committed at the high end of a stack that is kept.
const WARM: usize = 1 << 20;
/// Unused stacks kept for others.
const KEEP: usize = 64;

static FREE: Mutex<Vec<Mapping>> = Mutex::new(Vec::new());

/// A private stack that the embedder made; given back when dropped.
///
/// # Safety
/// - The bytes of [`HostStack::bounds`] can be read and written until the drop, nobody else uses them, and the bounds stay.
pub unsafe trait HostStack: Send + Sync {
    /// Lowest address and the one behind the highest; without guard pages.
    fn bounds(&self) -> (usize, usize);
}

/// How the embedder makes private stacks. Any thread.
///
/// # Safety
/// - What it makes keeps the promise of [`HostStack`].
pub unsafe trait StackCreator: Debug + Send + Sync {
    /// A stack of at least `size` bytes; `zeroed`: its bytes are zero.
    fn create(&self, size: usize, zeroed: bool) -> Result<Box<dyn HostStack>>;
}

/// Where a store's stacks come from if the embedder makes them. One that is not in use is kept for the next call.
pub struct StackSource {
    // Goes before the creator, whose finalizer may take away what the stack needs.
    spare: Mutex<Option<Box<dyn HostStack>>>,
    creator: Arc<dyn StackCreator>,
}

impl StackSource {
    pub fn new(creator: Arc<dyn StackCreator>) -> Arc<StackSource> {
        Arc::new(StackSource { spare: Mutex::new(None), creator })
    }

    fn acquire(&self, size: usize) -> Result<Box<dyn HostStack>> {
        match self.spare.lock().take() {
            Some(stack) => Ok(stack),
            None => self.creator.create(size, false),
        }
    }
}

/// Bytes that a stack of the embedder's has to have: the library's own code runs there, too.
const HOST_MIN: usize = 64 << 10;

/// A private stack; not in use when dropped.
pub(super) struct Stack {
    kind: Kind,
    bounds: Bounds,
    /// Bytes that were asked for.
    size: usize,
}

/// `None` only while dropping.
enum Kind {
    Own(Option<Mapping>),
    Host(Option<Box<dyn HostStack>>, Arc<StackSource>),
}

impl Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stack({:?})", self.bounds)
    }
}

impl Stack {
    /// The size that a stack of `size` bytes really has: whole pages, not too few. Sizes that cannot be had fail later.
    pub(super) fn whole(size: usize) -> usize {
        let size = size.max(StackLimits::MIN_SIZE);
        mem::round_up(size).unwrap_or(size)
    }

    /// A stack of `size` bytes, guard page included.
    pub(super) fn acquire(size: usize, source: Option<&Arc<StackSource>>) -> Result<Stack> {
        let size = Stack::whole(size);
        if let Some(source) = source {
            return Stack::from_host(size, source);
        }
        let pooled = {
            let mut free = FREE.lock();
            let at = free.iter().rposition(|m| m.len() == size);
            at.map(|at| free.swap_remove(at))
        };
        let map = match pooled {
            Some(map) => map,
            None => make(size).map_err(|e| {
                Error::new(ErrorKind::Limit, format!("failed to make a guest stack of {size:#x} bytes: {e}"))
            })?,
        };
        let bounds = Bounds { low: map.base() + mem::page_size(), high: map.base() + map.len() };
        Ok(Stack { kind: Kind::Own(Some(map)), bounds, size })
    }

    /// The embedder answers for what is below its stack; the prologues of guests do not reach that far.
    fn from_host(size: usize, source: &Arc<StackSource>) -> Result<Stack> {
        let stack = source.acquire(size)?;
        let (low, high) = stack.bounds();
        if high.saturating_sub(low) < HOST_MIN || !high.is_multiple_of(16) {
            let what = format!(
                "stack made by the host is at {low:#x}..{high:#x}: expected at least {HOST_MIN:#x} bytes below a multiple of 16"
            );
            return Err(Error::new(ErrorKind::Host, what));
        }
        Ok(Stack { kind: Kind::Host(Some(stack), source.clone()), bounds: Bounds { low, high }, size })
    }

    /// As it was asked for.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Usable part; the high end is 16-byte aligned.
    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Gives memory back after a deep call, told by a sample of where the warm part ends: frames
    /// leave addresses and saved registers at least every few words.
    #[inline]
    pub(super) fn trim(&self) {
        let Kind::Own(Some(map)) = &self.kind else { return };
        if map.len() <= 2 * WARM {
            return;
        }
        let probe = core::ptr::with_exposed_provenance::<[u64; 16]>(map.base() + map.len() - WARM);
        // SAFETY: the page is mapped for reading; nobody runs on this stack now. Reading an untouched page commits nothing.
        let sample = unsafe { probe.sub(1).read() };
        if sample.iter().fold(0, |all, word| all | word) != 0 {
            Self::give_back(map);
        }
    }

    #[cold]
    fn give_back(map: &Mapping) {
        // Failing to give memory back is harmless.
        let _ = map.discard(mem::page_size(), map.len() - WARM - mem::page_size());
    }
}

fn make(size: usize) -> Result<Mapping> {
    let map = Mapping::zeroed(size)?;
    map.small_pages();
    map.protect(0, mem::page_size(), Access::None)?;
    Ok(map)
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.trim();
        match &mut self.kind {
            Kind::Own(map) => {
                let mut free = FREE.lock();
                if free.len() < KEEP {
                    free.extend(map.take());
                }
            }
            Kind::Host(stack, source) => {
                // The one before is freed outside of the lock: its finalizer is foreign code.
                let before = std::mem::replace(&mut *source.spare.lock(), stack.take());
                drop(before);
            }
        }
    }
}
