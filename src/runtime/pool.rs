//! What an allocator of fixed size refuses before anything runs: modules that would not fit its places. The texts are
//! libwasmtime's, whose clients compare them.

use super::config::Pool;
use crate::base::{Error, ErrorKind, Result};
use crate::wasm::ModuleInfo;

fn limit(message: String) -> Error {
    Error::new(ErrorKind::Limit, message)
}

impl Pool {
    /// Whether instances of a module may ever be made. `instance_size`: bytes of an instance's own records.
    pub(super) fn check_module(&self, info: &ModuleInfo, instance_size: u64) -> Result<()> {
        let unfit = |what: &str| format!("module {what} does not fit in pooling allocator requirements");
        self.check_memories(info).map_err(|e| e.context(unfit("memory")))?;
        self.check_tables(info).map_err(|e| e.context(unfit("table")))?;
        if instance_size > self.instance_size {
            let max = self.instance_size;
            let text = format!(
                "instance allocation for this module requires {instance_size} bytes which exceeds the configured maximum of {max} bytes"
            );
            return Err(limit(text).context(unfit("instance size")));
        }
        Ok(())
    }

    fn check_memories(&self, info: &ModuleInfo) -> Result<()> {
        let own = info.memories.values().enumerate().skip(info.num_imported_memories as usize);
        check_count("memories", own.len() as u64, self.memories_per_module)?;
        for (index, memory) in own {
            let min = u128::from(memory.min) << memory.page_size_log2;
            if min > u128::from(self.memory_size) {
                let max = self.memory_size;
                let text = format!("memory has a minimum byte size of {min} which exceeds the limit of {max:#x} bytes");
                let which = format!("memory index {index} is unsupported in this pooling allocator configuration");
                return Err(limit(text).context(which));
            }
        }
        Ok(())
    }

    fn check_tables(&self, info: &ModuleInfo) -> Result<()> {
        let own = info.tables.values().enumerate().skip(info.num_imported_tables as usize);
        check_count("tables", own.len() as u64, self.tables_per_module)?;
        for (index, table) in own {
            if table.ty.min > self.table_elements {
                let (min, max) = (table.ty.min, self.table_elements);
                let text = format!("table index {index} has a minimum element size of {min} which exceeds the limit of {max}");
                return Err(limit(text));
            }
        }
        Ok(())
    }
}

fn check_count(what: &str, count: u64, max: u64) -> Result<()> {
    if count > max {
        return Err(limit(format!("defined {what} count of {count} exceeds the per-instance limit of {max}")));
    }
    Ok(())
}
