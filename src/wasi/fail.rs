//! How a WASI call ends other than well.

use crate::sys::fs::{Errno, Fault};

/// Why a call did not do what it was asked to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fail {
    /// The guest is told, by a number.
    Errno(Errno),
    /// The guest passed a bad pointer.
    Fault(Fault),
    /// Somebody asked the guest to stop while it waited.
    Interrupted,
    /// The guest asked to end with a status.
    Exit(u32),
}

impl From<Errno> for Fail {
    fn from(e: Errno) -> Fail {
        Fail::Errno(e)
    }
}

impl From<Fault> for Fail {
    fn from(f: Fault) -> Fail {
        Fail::Fault(f)
    }
}

impl From<std::io::Error> for Fail {
    fn from(e: std::io::Error) -> Fail {
        Fail::Errno(e.into())
    }
}
