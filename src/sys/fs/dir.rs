//! A directory as a capability: every path resolves beneath it.

use super::place::{locate, patiently};
use super::stat::set_times_of_path;
use super::vectored::note_size_limit;
use super::{Errno, FileKind, FileStat, NewTimes};
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt};
use cap_std::fs::{OpenOptions, OpenOptionsExt};
use parking_lot::Mutex;
use rustix::fs::{AtFlags, Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// An open directory. Absolute paths, `..` and symbolic links that lead out of it are refused with
/// [`Errno::Perm`], however they come about and whoever renames things meanwhile.
#[derive(Debug)]
pub struct Dir {
    pub(super) dir: cap_std::fs::Dir,
    /// Held while entries are read, since threads share the descriptor's position.
    pub(super) reading: Mutex<()>,
}

/// How to open a path.
#[derive(Clone, Copy, Default, Debug)]
pub struct OpenHow {
    pub read: bool,
    pub write: bool,
    pub create: bool,
    /// With `create`: fail if it exists.
    pub exclusive: bool,
    pub truncate: bool,
    /// Fail unless it is a directory.
    pub directory: bool,
    /// Follow a symbolic link in the last component.
    pub follow: bool,
    pub append: bool,
    pub data_sync: bool,
    pub read_sync: bool,
    pub sync: bool,
}

/// What a path turned out to be.
#[derive(Debug)]
pub enum Opened {
    Dir(Dir),
    File(File, FileKind),
}

impl Dir {
    /// Opens a directory of the host's by a path of the host's.
    pub fn open_ambient(path: &Path) -> io::Result<Dir> {
        let open = |flags: OFlags| {
            std::fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
        };
        let file = match open(OFlags::DIRECTORY) {
            // Not readable, but perhaps searchable.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => open(OFlags::DIRECTORY | OFlags::PATH)?,
            other => other?,
        };
        Ok(Dir::from_file(file))
    }

    fn from_file(file: File) -> Dir {
        Dir { dir: cap_std::fs::Dir::from_std_file(file), reading: Mutex::new(()) }
    }

    /// Opens a file or directory. Opening never waits for a peer (a pipe's writer), and neither does what comes
    /// of it: pipes and devices are [`Errno::Again`] when they are not ready.
    pub fn open(&self, path: &str, how: &OpenHow) -> Result<Opened, Errno> {
        let file = match self.open_file(path, how) {
            // Without `openat2` the path library does not follow a link to the directory that is asked for.
            Err(Errno::NotDir) if how.directory && how.follow => {
                self.open_file(path, &OpenHow { directory: false, ..*how })?
            }
            other => other?,
        };
        let kind = super::kind_of(&file)?;
        if how.directory && kind != FileKind::Directory {
            return Err(Errno::NotDir);
        }
        if kind == FileKind::Directory {
            if how.create {
                // What exists is opened without asking for creation, see `open_file`: the kernel has not looked.
                return Err(Errno::IsDir);
            }
            return Ok(Opened::Dir(Dir::from_file(listable(file)?)));
        }
        Ok(Opened::File(file, kind))
    }

    fn open_file(&self, path: &str, how: &OpenHow) -> Result<File, Errno> {
        let mut options = options(how);
        if how.create && !how.write && !how.exclusive && !how.truncate {
            // The path library creates only what it may write, but the guest asked to read, and what exists
            // may be readable only.
            match patiently(|| self.dir.open_with(path, &options)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                other => return Ok(other?.into_std()),
            }
        }
        if how.create || how.truncate || how.write {
            note_size_limit();
        }
        if how.create || how.truncate {
            options.write(true).truncate(how.truncate);
            options.create(how.create && !how.exclusive).create_new(how.create && how.exclusive);
        }
        Ok(patiently(|| self.dir.open_with(path, &options))?.into_std())
    }

    /// Metadata of what `path` names.
    pub fn stat(&self, path: &str, follow: bool) -> Result<FileStat, Errno> {
        // A name alone, which the kernel does not follow. With as much as a `/.` behind it, it would.
        if !follow && !path.contains('/') && !matches!(path, "." | ".." | "") {
            let stat = rustix::fs::statat(&self.dir, path, AtFlags::SYMLINK_NOFOLLOW)?;
            return Ok(FileStat::from_os(&stat));
        }
        super::stat(self.name(path, follow)?)
    }

    /// Sets times of what `path` names.
    pub fn set_times(&self, path: &str, follow: bool, times: NewTimes) -> Result<(), Errno> {
        set_times_of_path(self.name(path, follow)?, times)
    }

    /// A descriptor that names a file without opening it: no permission on it is needed, nothing can wait.
    fn name(&self, path: &str, follow: bool) -> Result<OwnedFd, Errno> {
        let mut options = OpenOptions::new();
        options.read(true).maybe_dir(true).follow(follow_mode(follow));
        options.custom_flags(OFlags::PATH.bits() as i32);
        Ok(patiently(|| self.dir.open_with(path, &options))?.into_std().into())
    }

    pub fn create_dir(&self, path: &str) -> Result<(), Errno> {
        let at = locate(&self.dir, path)?;
        Ok(rustix::fs::mkdirat(at.dir(), at.name, Mode::from_raw_mode(0o777))?)
    }

    pub fn remove_dir(&self, path: &str) -> Result<(), Errno> {
        let at = locate(&self.dir, path)?;
        Ok(rustix::fs::unlinkat(at.dir(), at.name, AtFlags::REMOVEDIR)?)
    }

    /// Removes a name of anything but a directory.
    pub fn remove_file(&self, path: &str) -> Result<(), Errno> {
        let at = locate(&self.dir, path)?;
        Ok(rustix::fs::unlinkat(at.dir(), at.name, AtFlags::empty())?)
    }

    pub fn rename(&self, from: &str, to_dir: &Dir, to: &str) -> Result<(), Errno> {
        let from = locate(&self.dir, from)?;
        let to = locate(&to_dir.dir, to)?;
        Ok(rustix::fs::renameat(from.dir(), from.name, to.dir(), to.name)?)
    }

    /// Gives a file a second name. A symbolic link gets it itself, not its target.
    pub fn hard_link(&self, from: &str, to_dir: &Dir, to: &str) -> Result<(), Errno> {
        if from.ends_with('/') {
            // The kernel would follow a symbolic link here, and report on what lies outside.
            patiently(|| self.dir.open_dir(from))?;
            return Err(Errno::Perm);
        }
        let from = locate(&self.dir, from)?;
        let to = locate(&to_dir.dir, to)?;
        Ok(rustix::fs::linkat(from.dir(), from.name, to.dir(), to.name, AtFlags::empty())?)
    }

    /// Creates a symbolic link. An absolute target is refused: nobody here could follow it, but a program
    /// outside might.
    pub fn symlink(&self, target: &str, path: &str) -> Result<(), Errno> {
        if target.starts_with('/') {
            return Err(Errno::Perm);
        }
        let at = locate(&self.dir, path)?;
        Ok(rustix::fs::symlinkat(target, at.dir(), at.name)?)
    }

    /// The target of a symbolic link. An absolute one is not told: it says something about the host.
    pub fn read_link(&self, path: &str) -> Result<Vec<u8>, Errno> {
        if path.ends_with('/') {
            patiently(|| self.dir.open_dir(path))?;
            return Err(Errno::Inval);
        }
        let at = locate(&self.dir, path)?;
        let target = rustix::fs::readlinkat(at.dir(), at.name, Vec::new())?.into_bytes();
        if target.starts_with(b"/") { Err(Errno::Perm) } else { Ok(target) }
    }
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }
}

/// The directory, open so that it can be listed. Where the kernel has no `openat2`, the path library only names what
/// a path with a slash at its end leads to.
fn listable(dir: File) -> Result<File, Errno> {
    if !rustix::fs::fcntl_getfl(&dir)?.contains(OFlags::PATH) {
        return Ok(dir);
    }
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::io::retry_on_intr(|| rustix::fs::openat(&dir, ".", flags, Mode::empty()))?.into())
}

/// Options that open without creating.
fn options(how: &OpenHow) -> OpenOptions {
    let mut flags = OFlags::NOCTTY;
    flags.set(OFlags::DIRECTORY, how.directory);
    flags.set(OFlags::APPEND, how.append);
    let mut options = OpenOptions::new();
    options.read(how.read || !how.write).write(how.write).maybe_dir(true);
    options.follow(follow_mode(how.follow));
    options.nonblock(true).sync(how.sync).dsync(how.data_sync).rsync(how.read_sync);
    options.custom_flags(flags.bits() as i32);
    options
}

fn follow_mode(follow: bool) -> FollowSymlinks {
    if follow { FollowSymlinks::Yes } else { FollowSymlinks::No }
}
