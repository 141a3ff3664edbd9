//! WebAssembly's vocabulary: types, subtyping, what a module declares, and how to read it.

mod module;
mod types;

pub use module::*;
pub use types::*;
