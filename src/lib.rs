//! Tenon: a WebAssembly runtime as one shared library.
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(unreachable_pub)]
#![cfg_attr(not(test), warn(clippy::undocumented_unsafe_blocks))]

pub mod base;
pub mod layout;
pub mod wasm;
