//! Numbers and records of the interface. Records are little endian, laid out as in C.

use crate::sys::fs::{Errno, FileStat};

/// What a descriptor may be used for.
pub(super) mod rights {
    pub(crate) const FD_DATASYNC: u64 = 1 << 0;
    pub(crate) const FD_READ: u64 = 1 << 1;
    pub(crate) const FD_SEEK: u64 = 1 << 2;
    pub(crate) const FD_FDSTAT_SET_FLAGS: u64 = 1 << 3;
    pub(crate) const FD_SYNC: u64 = 1 << 4;
    pub(crate) const FD_TELL: u64 = 1 << 5;
    pub(crate) const FD_WRITE: u64 = 1 << 6;
    pub(crate) const FD_ADVISE: u64 = 1 << 7;
    pub(crate) const FD_ALLOCATE: u64 = 1 << 8;
    pub(crate) const PATH_CREATE_DIRECTORY: u64 = 1 << 9;
    pub(crate) const PATH_CREATE_FILE: u64 = 1 << 10;
    pub(crate) const PATH_LINK_SOURCE: u64 = 1 << 11;
    pub(crate) const PATH_LINK_TARGET: u64 = 1 << 12;
    pub(crate) const PATH_OPEN: u64 = 1 << 13;
    pub(crate) const FD_READDIR: u64 = 1 << 14;
    pub(crate) const PATH_READLINK: u64 = 1 << 15;
    pub(crate) const PATH_RENAME_SOURCE: u64 = 1 << 16;
    pub(crate) const PATH_RENAME_TARGET: u64 = 1 << 17;
    pub(crate) const PATH_FILESTAT_GET: u64 = 1 << 18;
    pub(crate) const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
    pub(crate) const PATH_FILESTAT_SET_TIMES: u64 = 1 << 20;
    pub(crate) const FD_FILESTAT_GET: u64 = 1 << 21;
    pub(crate) const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    pub(crate) const FD_FILESTAT_SET_TIMES: u64 = 1 << 23;
    pub(crate) const PATH_SYMLINK: u64 = 1 << 24;
    pub(crate) const PATH_REMOVE_DIRECTORY: u64 = 1 << 25;
    pub(crate) const PATH_UNLINK_FILE: u64 = 1 << 26;
    pub(crate) const POLL_FD_READWRITE: u64 = 1 << 27;
    pub(crate) const SOCK_SHUTDOWN: u64 = 1 << 28;
    pub(crate) const SOCK_ACCEPT: u64 = 1 << 29;

    /// Anything there is to do with a stream.
    pub(crate) const STREAM: u64 =
        FD_READ | FD_WRITE | FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | POLL_FD_READWRITE | FD_SYNC | FD_DATASYNC;
    /// What moving about in a file adds.
    pub(crate) const SEEKABLE: u64 = FD_SEEK | FD_TELL | FD_ADVISE;
    /// What only a file that is the guest's own allows.
    pub(crate) const FILE: u64 = STREAM | SEEKABLE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE | FD_FILESTAT_SET_TIMES;
    pub(crate) const SOCKET: u64 = STREAM | SOCK_SHUTDOWN;
    pub(crate) const LISTENER: u64 = SOCK_ACCEPT | POLL_FD_READWRITE | FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET;
    pub(crate) const DIR: u64 = PATH_CREATE_DIRECTORY
        | PATH_CREATE_FILE
        | PATH_LINK_SOURCE
        | PATH_LINK_TARGET
        | PATH_OPEN
        | FD_READDIR
        | PATH_READLINK
        | PATH_RENAME_SOURCE
        | PATH_RENAME_TARGET
        | PATH_FILESTAT_GET
        | PATH_FILESTAT_SET_SIZE
        | PATH_FILESTAT_SET_TIMES
        | PATH_SYMLINK
        | PATH_REMOVE_DIRECTORY
        | PATH_UNLINK_FILE
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_TIMES
        | FD_SYNC
        | FD_DATASYNC;
    /// What descriptors opened in a directory may have.
    pub(crate) const INHERITED: u64 = DIR | FILE | SOCKET;
}

/// Flags of an open descriptor.
pub(super) mod fdflags {
    pub(crate) const APPEND: u16 = 1;
    pub(crate) const DSYNC: u16 = 2;
    pub(crate) const NONBLOCK: u16 = 4;
    pub(crate) const RSYNC: u16 = 8;
    pub(crate) const SYNC: u16 = 16;
    pub(crate) const ALL: u16 = 31;
    /// Fixed when a file is opened.
    pub(crate) const SYNCS: u16 = DSYNC | RSYNC | SYNC;
}

/// Flags of `path_open`.
pub(super) mod oflags {
    pub(crate) const CREAT: u32 = 1;
    pub(crate) const DIRECTORY: u32 = 2;
    pub(crate) const EXCL: u32 = 4;
    pub(crate) const TRUNC: u32 = 8;
    pub(crate) const ALL: u32 = 15;
}

/// Flags of the functions that set times.
pub(super) mod fstflags {
    pub(crate) const ATIM: u32 = 1;
    pub(crate) const ATIM_NOW: u32 = 2;
    pub(crate) const MTIM: u32 = 4;
    pub(crate) const MTIM_NOW: u32 = 8;
    pub(crate) const ALL: u32 = 15;
}

/// The bits, if all of them have a meaning.
pub(super) fn known_flags(bits: u32, all: u32) -> Result<u32, Errno> {
    if bits & !all == 0 { Ok(bits) } else { Err(Errno::Inval) }
}

/// Whether a path's last component is followed if it is a symbolic link.
pub(super) fn follows(lookup_flags: u32) -> Result<bool, Errno> {
    Ok(known_flags(lookup_flags, 1)? == 1)
}

/// The two versions of the interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Version {
    /// `wasi_unstable`.
    Unstable,
    /// `wasi_snapshot_preview1`.
    Preview1,
}

/// A `fdstat` record.
pub(super) fn fdstat(kind: u8, flags: u16, base: u64, inheriting: u64) -> [u8; 24] {
    let mut out = [0; 24];
    out[0] = kind;
    out[2..4].copy_from_slice(&flags.to_le_bytes());
    out[8..16].copy_from_slice(&base.to_le_bytes());
    out[16..24].copy_from_slice(&inheriting.to_le_bytes());
    out
}

/// A `filestat` record: its bytes and how many of them the version has. `wasi_unstable` counts links in 32 bits.
pub(super) fn filestat(s: &FileStat, version: Version) -> ([u8; 64], usize) {
    let mut out = [0; 64];
    out[0..8].copy_from_slice(&s.dev.to_le_bytes());
    out[8..16].copy_from_slice(&s.ino.to_le_bytes());
    out[16] = s.kind as u8;
    let times = match version {
        Version::Preview1 => {
            out[24..32].copy_from_slice(&s.nlink.to_le_bytes());
            32
        }
        Version::Unstable => {
            let nlink = u32::try_from(s.nlink).unwrap_or(u32::MAX);
            out[20..24].copy_from_slice(&nlink.to_le_bytes());
            24
        }
    };
    for (i, value) in [s.size, s.atim, s.mtim, s.ctim].into_iter().enumerate() {
        let at = times + i * 8;
        out[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    (out, times + 32)
}

/// A `dirent` record, without the name that follows it.
pub(super) fn dirent(next: u64, ino: u64, name_len: u32, kind: u8) -> [u8; 24] {
    let mut out = [0; 24];
    out[0..8].copy_from_slice(&next.to_le_bytes());
    out[8..16].copy_from_slice(&ino.to_le_bytes());
    out[16..20].copy_from_slice(&name_len.to_le_bytes());
    out[20] = kind;
    out
}

/// An `event` record.
pub(super) fn event(userdata: u64, errno: u16, kind: u8, nbytes: u64, flags: u16) -> [u8; 32] {
    let mut out = [0; 32];
    out[0..8].copy_from_slice(&userdata.to_le_bytes());
    out[8..10].copy_from_slice(&errno.to_le_bytes());
    out[10] = kind;
    out[16..24].copy_from_slice(&nbytes.to_le_bytes());
    out[24..26].copy_from_slice(&flags.to_le_bytes());
    out
}
