//! The treaty between machine code and runtime. Code is compiled for this very process, so a `#[repr(C)]`
//! record plus `core::mem::offset_of!` is the layout that generated code uses; nothing is written twice.
//! Data only: no record here owns anything, and no function here touches memory.

mod abi;
mod builtins;
mod gc;
mod records;
mod tunables;
mod vmctx;

pub use abi::*;
pub use builtins::{Arg, Builtin};
pub use gc::*;
pub use records::*;
pub use tunables::{MemoryMode, Tunables};
pub use vmctx::VmCtxLayout;
