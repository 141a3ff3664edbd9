//! Tenon: a WebAssembly runtime as one shared library.
#![doc = include_str!("ARCHITECTURE.md")]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(unreachable_pub)]
#![cfg_attr(not(test), warn(clippy::undocumented_unsafe_blocks))]

pub mod base;
pub mod capi;
pub mod compile;
pub mod image;
pub mod layout;
pub mod runtime;
pub mod sys;
pub mod vm;
pub mod wasi;
pub mod wasm;
