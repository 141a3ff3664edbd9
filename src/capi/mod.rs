//! The C ABI: thin translation of handles to the runtime's API. Nothing in this library depends on it.
//!
//! One file per family of handles; the headers under `include/` are generated from these files, function by
//! function and with their comments. [`ffi`] explains how signatures express ownership.
#![allow(non_camel_case_types, non_upper_case_globals)]
#![allow(private_interfaces)] // C sees names only, whatever their fields are
#![allow(clippy::missing_safety_doc)] // the headers' contract is the safety section of every function here

mod ffi;
pub mod tenon;
pub mod tenon_wasi;
mod text;
pub mod wasi;
pub mod wasm;
pub mod wasmtime;
