//! Components: not supported. The names are here so that clients which look up every name find them.
//!
//! Handles that only a component could give (types, functions, indices) have no values: their structs hold
//! [`std::convert::Infallible`], and a copy of one is a `match` without arms. What needs no component works:
//! values with all that they own, host resources and their types. A function that can fail returns an error;
//! what it was given to own is freed first.

pub mod component;
pub mod config;
pub mod export_index;
pub mod func;
pub mod instance;
pub mod linker;
pub mod linker_instance;
pub mod resource;
pub mod types;
pub mod val;
pub mod vecs;

use super::error::wasmtime_error_t;
use crate::base::{Error, ErrorKind};

/// What every function reports that would need a component.
fn unsupported() -> Option<Box<wasmtime_error_t>> {
    Some(wasmtime_error_t::boxed(Error::new(ErrorKind::Unsupported, "components are not supported")))
}
