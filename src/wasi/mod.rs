//! WASI preview 1: what a guest may do with files, streams, clocks and random numbers.
//!
//! A [`Config`] says what a guest is given; [`Config::build`] turns it into a [`Ctx`], the state of one store
//! (or of several, if they share it). The functions proper live in one file per subject and know nothing of the
//! runtime: they take a [`Guest`], which joins a context, a view of the calling guest's memory, and a way to
//! be interrupted. `abi` lists them with their types, `link` makes host functions of them.
//!
//! Where the peers differ, this library follows the strictest that programs are known to live with:
//! - A pointer outside of the guest's memory, or a misaligned one, traps, as the interface's definition says.
//!   Others return `fault`; [`Config::faults_as_errno`] asks for that.
//! - Rights are kept per descriptor. What a descriptor was not opened for is `badf`, what the guest gave up is
//!   `notcapable`. Rights asked for at open, other than to read and to write, are taken as all.
//! - What a preopen does not permit is `perm`, as is a path that leads out of it.
//! - A directory is no file: reading, writing or seeking in one is `badf`.
//!
#![doc = include_str!("DIFFERENCES.md")]
#![forbid(unsafe_code)]

mod abi;
mod config;
mod ctx;
mod entry;
mod fail;
mod fd;
mod guest;
mod io;
mod link;
mod listing;
mod path;
mod poll;
mod sock;
mod sources;
mod streams;
mod system;
mod table;
#[cfg(test)]
mod tests;
mod types;

pub use abi::{functions, Function, Module};
pub use config::{Config, Perms};
pub use ctx::{Clock, Ctx, Limits, RandomSource, SystemClock};
pub use fail::Fail;
pub use guest::Guest;
pub use link::{add_to_linker, attach};
pub use sources::{FixedClock, OutputBuffer, SeededRandom};
pub use streams::{InputStream, OutputStream};

pub use crate::sys::fs::{Errno, Fault, GuestMemory};

/// What the functions return: `Ok` is WASI's `success`.
pub type Outcome<T = ()> = Result<T, Fail>;
