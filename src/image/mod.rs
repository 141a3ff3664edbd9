//! A compiled module as plain bytes: written once by the compiler, checked once when loaded, read in place.
//!
//! The file is a header, a row of sections and, on a page boundary, the machine code. Tables are sorted arrays
//! of little-endian `u32`s searched where they lie, so loading costs one checksum, one pass of checks and the
//! decoding of [`ModuleInfo`](crate::wasm::ModuleInfo).

mod build;
mod bytes;
mod check;
mod fingerprint;
mod format;
mod positions;
mod read;
mod tables;
#[cfg(test)]
mod tests;

pub use build::{CatchSiteEntry, FuncEntry, Handler, ImageBuilder, StackMapEntry};
pub use bytes::ImageBytes;
pub use fingerprint::Fingerprint;
pub use format::LibCall;
pub use read::Image;
pub use tables::{CatchSite, StackMap};
