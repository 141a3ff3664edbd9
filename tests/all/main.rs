//! Everything that is tested through the Rust API, a module per subject.

#[path = "../support/artifact.rs"]
mod artifact;
mod bad_input;
mod cache;
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
#[path = "../support/json.rs"]
mod json;
mod messages;
mod native;
mod pool;
mod profiling;
mod progress;
mod references;
mod runaway;
mod settings;
mod threads;
mod traps;
