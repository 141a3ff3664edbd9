//! WebAssembly's vocabulary: types, subtyping, what a module declares, and how to read it.

mod features;
mod module;
mod types;

pub use features::{Features, Proposal};
pub use module::*;
pub use types::*;
