//! Everything that is tested through the Rust API, a module per subject.

mod bad_input;
mod calls;
mod common;
mod documents;
mod exceptions;
mod extensions;
mod faults;
mod gc;
mod gc_host;
mod fuel;
mod handlers;
mod hostile;
mod image;
mod machine;
mod native;
mod references;
mod runaway;
mod threads;
mod traps;
