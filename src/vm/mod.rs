//! Running: published code, instances, memories, entering and leaving machine code, faults.
//!
//! ```text
//! code      machine code in executable pages; registry: pc -> code, for faults and traces
//! instance  the vmctx; memory, table, global: what it points to; init: cheap first contents; hostmem: memories of the embedder
//! reserve   address ranges of memories, and those that are free; warm: pages of theirs that stay committed
//! exec      one thread of guest execution; asm: the crossing; stack: private stacks; interrupt, parking: stopping, waiting
//! epoch     the counter and the execs that have to know of it
//! fault     signals become traps; trace: walking frames, symbols on demand
//! profile   telling the system's profilers where code lies
//! func      function references and host functions; rawcall: those in C's convention; builtins: what machine code asks for
//! gc        the heap, its collector, host references; exception: tags and exceptions; handles: tables of both; unwind: who catches
//! ```

mod asm;
mod builtins;
pub mod code;
mod consteval;
mod epoch;
mod exception;
mod exec;
mod fault;
mod func;
pub mod gc;
mod global;
mod handles;
mod hostmem;
mod init;
mod instance;
mod interrupt;
mod level;
mod libcalls;
mod memory;
mod pages;
mod parking;
pub mod profile;
mod rawcall;
mod registry;
mod reserve;
mod stack;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod unwind;
mod warm;

pub use crate::sys::fs::GuestMemory;
pub use crate::sys::mem::address_space_limit;
pub use epoch::EpochBoard;
pub use code::{CodeMap, TrampolineCode, publish_trampolines};
pub use exception::{ExnRoot, ExnTable, Tag};
pub use exec::{CallingInstance, Exec, Kept, Next, Step, Thread, Upcalls};
pub use fault::init;
pub use func::{FuncRefPtr, HostBody, HostCall, HostFunc, PanicPayload};
pub use global::{Global, WeakGlobal};
pub use hostmem::{HostMemory, MemoryCreator, MemoryPlace, MemoryRequest};
pub use instance::{Instance, InstanceParts};
pub use interrupt::{Interrupt, Waker};
pub use memory::{Memory, MemoryPlan, View};
pub use rawcall::{RawBody, RawCaller, RawFn};
pub use reserve::{MemoryImage, cool_all as cool_free_memories, guard_pages_fit};
pub use stack::{HostStack, StackCreator, StackLimits, StackSource};
pub use table::Table;
pub use trace::Witness;
