//! The place in a directory that a path names, for operations on the name itself: create, remove, rename.

use cap_std::fs::Dir;
use rustix::io::Errno as OsErrno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// A directory beneath the starting one, and a single name in it.
///
/// The name may end in slashes, which tell the kernel that it must be a directory; it is never `..`. System
/// calls on such a name do not follow a symbolic link that it may be.
pub(super) struct Place<'a> {
    dir: Holder<'a>,
    pub(super) name: &'a str,
}

enum Holder<'a> {
    Start(&'a Dir),
    Opened(Dir),
}

impl Place<'_> {
    pub(super) fn dir(&self) -> BorrowedFd<'_> {
        match &self.dir {
            Holder::Start(d) => d.as_fd(),
            Holder::Opened(d) => d.as_fd(),
        }
    }
}

/// Opens, again if a signal broke it off, as slow file systems let happen.
pub(super) fn patiently<T>(mut open: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match open() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Finds the place that `path` names, resolving all but the last component beneath `start`.
pub(super) fn locate<'a>(start: &'a Dir, path: &'a str) -> io::Result<Place<'a>> {
    if path.is_empty() {
        return Err(OsErrno::NOENT.into());
    }
    if path.starts_with('/') {
        return Err(escape());
    }
    let bare = path.trim_end_matches('/');
    let (parent, name) = match bare.rfind('/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => ("", path),
    };
    if bare == ".." || bare.ends_with("/..") {
        // Whether the parent of that directory may be seen at all is for the resolver to say.
        return Ok(Place { dir: Holder::Opened(patiently(|| start.open_dir(path))?), name: "." });
    }
    let dir = if parent.is_empty() { Holder::Start(start) } else { Holder::Opened(patiently(|| start.open_dir(parent))?) };
    Ok(Place { dir, name })
}

/// The error for a path that leads out of its directory; the same as the path library's.
fn escape() -> io::Error {
    OsErrno::PERM.into()
}
