//! WebAssembly's vocabulary: types, subtyping, what a module declares, and how to read it.

mod features;
mod legacy;
mod module;
pub mod text;
mod types;

pub use features::{Features, Proposal};
pub use module::*;
pub use types::*;

/// Placeholder until the reader lands.
pub fn validate(_bytes: &[u8], _features: &Features) -> crate::base::Result<()> {
    Err(crate::base::Error::internal("no reader yet"))
}
