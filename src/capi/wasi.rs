//! WASI configurations.

use super::ffi::guard;
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{Linker, Store};

/// What a guest is given: arguments, environment, streams and directories.
pub struct wasi_config_t {}

impl wasi_config_t {
    /// Gives the store this configuration.
    pub(super) fn attach(self, _store: &Store) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "wasi is not there yet"))
    }
}

/// Defines the functions of preview 1.
pub(super) fn define(_linker: &mut Linker) -> Result<()> {
    Err(Error::new(ErrorKind::Unsupported, "wasi is not there yet"))
}

/// Frees a configuration; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_delete(config: Option<Box<wasi_config_t>>) {
    guard(|| drop(config));
}
