//! What a store's guests may take.

use super::core::{Core, Counts};
use crate::base::{Error, ErrorKind, Result};

/// Upper bounds; `None` means no bound of this kind. They act on later creation and growth only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of any one memory.
    pub memory_size: Option<u64>,
    /// Elements of any one table.
    pub table_elements: Option<u64>,
    /// Instances the store may ever make.
    pub instances: Option<u64>,
    pub tables: Option<u64>,
    pub memories: Option<u64>,
}

/// A host's own say in growth. `Ok(false)` makes the guest's `memory.grow` return -1; `Err` stops the guest.
pub trait Limiter: Send {
    /// Sizes in bytes.
    fn memory_growing(&mut self, current: u64, desired: u64, maximum: Option<u64>) -> Result<bool>;
    /// Sizes in elements.
    fn table_growing(&mut self, current: u64, desired: u64, maximum: Option<u64>) -> Result<bool>;
}

impl Core {
    /// Counts a new instance with its memories and tables in, or says which limit it would break.
    pub(super) fn admit(&self, instances: u64, memories: u64, tables: u64) -> Result<()> {
        let limits = *self.limits.lock();
        let mut counts = self.counts.lock();
        let room = |what: &str, now: u64, more: u64, max: Option<u64>| match max {
            Some(max) if now + more > max => {
                let message = format!("resource limit exceeded: {what} count too high at {}", now + more);
                Err(Error::new(ErrorKind::Limit, message))
            }
            _ => Ok(now + more),
        };
        let instances = room("instance", counts.instances, instances, limits.instances)?;
        let memories = room("memory", counts.memories, memories, limits.memories)?;
        let tables = room("table", counts.tables, tables, limits.tables)?;
        let more = Counts {
            instances: instances - counts.instances,
            memories: memories - counts.memories,
            tables: tables - counts.tables,
            heaps: 0,
        };
        self.take_from_pool(&more)?;
        (counts.instances, counts.memories, counts.tables) = (instances, memories, tables);
        Ok(())
    }

    /// The engine's pool gives what a new instance needs, or says which limit that would break.
    fn take_from_pool(&self, more: &Counts) -> Result<()> {
        let Some(pool) = self.engine.config().pool else { return Ok(()) };
        let mut taken = self.engine.pooled().lock();
        let checks = [
            ("core instances", taken.instances, more.instances, pool.total_instances),
            ("memories", taken.memories, more.memories, pool.total_memories),
            ("tables", taken.tables, more.tables, pool.total_tables),
        ];
        for (what, now, more, max) in checks {
            if now + more > max {
                return Err(pool_is_empty(what, max));
            }
        }
        taken.instances += more.instances;
        taken.memories += more.memories;
        taken.tables += more.tables;
        Ok(())
    }

    /// Counts the store's heap for guest objects, of which it has one at most.
    pub(super) fn admit_heap(&self) -> Result<()> {
        let Some(pool) = self.engine.config().pool else { return Ok(()) };
        let (mut counts, mut taken) = (self.counts.lock(), self.engine.pooled().lock());
        if counts.heaps == 0 {
            if taken.heaps >= pool.total_heaps {
                return Err(pool_is_empty("GC heaps", pool.total_heaps));
            }
            (counts.heaps, taken.heaps) = (1, taken.heaps + 1);
        }
        Ok(())
    }

    pub(super) fn return_to_pool(&self) {
        if self.engine.config().pool.is_some() {
            let (counts, mut taken) = (self.counts.lock(), self.engine.pooled().lock());
            taken.instances -= counts.instances;
            taken.memories -= counts.memories;
            taken.tables -= counts.tables;
            taken.heaps -= counts.heaps;
        }
    }
}

#[cold]
fn pool_is_empty(what: &str, max: u64) -> Error {
    Error::new(ErrorKind::Limit, format!("maximum concurrent limit of {max} for {what} reached"))
}
