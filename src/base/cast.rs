//! Integer conversions that cannot lose bits silently.

use super::{Error, ErrorKind, Result};

/// `usize` to `u32`, or an error that names `what` was too large.
pub fn to_u32(value: usize, what: &str) -> Result<u32> {
    u32::try_from(value)
        .map_err(|_| Error::new(ErrorKind::Limit, format!("{what} is {value}, more than {}", u32::MAX)))
}

/// `u64` to `usize`, or an error that names `what` was too large.
pub fn to_usize(value: u64, what: &str) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| Error::new(ErrorKind::Limit, format!("{what} is {value}, more than this machine can address")))
}

/// Rounds up to a multiple of `align` (a power of two); `None` on overflow.
pub fn align_up(value: usize, align: usize) -> Option<usize> {
    debug_assert!(align.is_power_of_two());
    value.checked_add(align - 1).map(|v| v & !(align - 1))
}
