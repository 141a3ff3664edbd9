//! What a call works with.

use super::ctx::Ctx;
use super::entry::Entry;
use super::fail::Fail;
use super::Outcome;
use crate::sys::fs::{Errno, GuestMemory, Interrupted, Wake};
use smallvec::SmallVec;
use std::sync::Arc;

/// A guest in the middle of a call.
#[derive(Clone, Copy)]
pub struct Guest<'a> {
    pub ctx: &'a Ctx,
    /// The calling guest's memory.
    pub mem: GuestMemory<'a>,
    /// Asked now and then while a call waits.
    pub interrupted: Interrupted<'a>,
}

/// A path that the guest passed. Most fit into the space here.
pub(super) struct GuestPath(SmallVec<[u8; 256]>);

impl Guest<'_> {
    pub(super) fn entry(&self, fd: u32) -> Result<Arc<Entry>, Errno> {
        self.ctx.entry(fd)
    }

    /// Copies a path out of the guest, which could change it between check and use.
    pub(super) fn path(&self, at: u32, len: u32) -> Outcome<GuestPath> {
        self.mem.check(at, len)?;
        if len > self.ctx.limits.path_bytes {
            return Err(Errno::NameTooLong.into());
        }
        let mut bytes = SmallVec::from_elem(0, len as usize);
        self.mem.read(at, &mut bytes)?;
        if bytes.is_empty() {
            return Err(Errno::NoEnt.into());
        }
        if bytes.contains(&0) {
            return Err(Errno::Inval.into());
        }
        std::str::from_utf8(&bytes).map_err(|_| Errno::IlSeq)?;
        Ok(GuestPath(bytes))
    }
}

impl std::ops::Deref for GuestPath {
    type Target = str;
    fn deref(&self) -> &str {
        // `Guest::path` checked the bytes; they have not changed since.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Turns the end of a wait into the end of a call.
pub(super) fn unless_interrupted(wake: Wake) -> Outcome<Wake> {
    if wake == Wake::Interrupted { Err(Fail::Interrupted) } else { Ok(wake) }
}
