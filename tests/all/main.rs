//! Everything that is tested through the Rust API, a module per subject.

mod bad_input;
mod calls;
mod common;
mod documents;
mod faults;
mod image;
mod machine;
mod native;
mod runaway;
mod traps;
