//! The ground floor: errors, trap codes, typed indices and checked casts. Knows nothing of WebAssembly's
//! meaning and of no operating system.

pub mod cast;
mod error;
mod frame;
pub mod index;
mod trap;

pub use error::{Error, ErrorKind, Result};
pub use frame::{FrameInfo, Trace};
pub use trap::TrapCode;
