//! WebAssembly's vocabulary: types, subtyping, what a module declares, and how to read it.

mod composite;
mod convert;
mod features;
mod limits;
mod module;
mod read;
mod read_init;
mod sections;
pub mod text;
mod types;

pub use composite::*;
pub use features::{Features, Proposal};
pub use limits::ModuleLimits;
pub use module::*;
pub(crate) use convert::{heap_type, ref_type, val_type};
pub(crate) use read::{Body, ParsedModule, invalid, read};
pub use read::{custom_sections, declarations, validate};
pub use sections::{SectionInfo, sections};
pub use types::*;
