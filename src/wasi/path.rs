//! Functions that take a directory and a path in it.

use super::entry::{Entry, Node, OpenDir, OpenFile};
use super::fd::new_times;
use super::guest::Guest;
use super::types::{self, fdflags, follows, known_flags, oflags, rights, Version};
use super::Outcome;
use crate::sys::fs::{Errno, OpenHow, Opened};
use std::sync::atomic::AtomicU16;

/// A path argument: the address of its bytes, and how many there are.
#[derive(Clone, Copy)]
pub(super) struct PathArg {
    pub(super) at: u32,
    pub(super) len: u32,
}

/// What `path_open` is asked for, besides where.
#[derive(Clone, Copy)]
pub(super) struct OpenArg {
    pub(super) lookup: u32,
    pub(super) oflags: u32,
    pub(super) base: u64,
    pub(super) inheriting: u64,
    pub(super) fdflags: u32,
}

pub(super) fn path_open(g: &Guest<'_>, fd: u32, path: PathArg, arg: OpenArg, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let path = g.path(path.at, path.len)?;
    let (how, flags) = open_how(&arg)?;
    let entry = g.entry(fd)?;
    let dir = entry.dir()?;
    entry.require(rights::PATH_OPEN)?;
    permit_open(&entry, dir, &how)?;
    if arg.base & (rights::FD_READ | rights::FD_WRITE) & !entry.inheriting() != 0 {
        return Err(Errno::NotCapable.into());
    }
    g.ctx.table.check_room()?;
    let node = match dir.dir.open(&path, &how)? {
        Opened::Dir(d) => Node::Dir(OpenDir { dir: d, perms: dir.perms, preopen: None }),
        // What it is was not known before.
        Opened::File(..) if how.read && !dir.perms.file_read => return Err(Errno::Perm.into()),
        Opened::File(file, kind) => Node::File(OpenFile {
            file,
            kind,
            read: how.read,
            write: how.write,
            perms: dir.perms,
            shared: false,
            flags: AtomicU16::new(flags),
        }),
    };
    let inherited = entry.inheriting();
    let inheriting = if matches!(node, Node::Dir(_)) { inherited } else { inherited & arg.inheriting };
    let opened = g.ctx.table.insert(Entry::with_rights(node, inherited, inheriting))?;
    Ok(g.mem.write_u32(out, opened)?)
}

fn open_how(arg: &OpenArg) -> Result<(OpenHow, u16), Errno> {
    let open = known_flags(arg.oflags, oflags::ALL)?;
    let flags = known_flags(arg.fdflags, u32::from(fdflags::ALL))? as u16;
    if open & oflags::DIRECTORY != 0 && open & !oflags::DIRECTORY != 0 {
        return Err(Errno::Inval);
    }
    let write = arg.base & rights::FD_WRITE != 0;
    let how = OpenHow {
        // Something must be asked for; what it is makes no difference to who only looks at the file.
        read: arg.base & rights::FD_READ != 0 || !write,
        write,
        create: open & oflags::CREAT != 0,
        exclusive: open & oflags::EXCL != 0,
        truncate: open & oflags::TRUNC != 0,
        directory: open & oflags::DIRECTORY != 0,
        follow: follows(arg.lookup)?,
        append: flags & fdflags::APPEND != 0,
        data_sync: flags & fdflags::DSYNC != 0,
        read_sync: flags & fdflags::RSYNC != 0,
        sync: flags & fdflags::SYNC != 0,
    };
    Ok((how, flags))
}

/// What the preopen does not permit is `perm`; what the guest gave up is `notcapable`.
fn permit_open(entry: &Entry, dir: &OpenDir, how: &OpenHow) -> Result<(), Errno> {
    let p = dir.perms;
    let changes = how.write || how.create || how.truncate;
    let permitted = p.dir_read
        && (p.dir_write || !how.create)
        && (p.file_write || !changes)
        && (p.file_read || !how.read || !changes);
    if !permitted {
        return Err(Errno::Perm);
    }
    if how.create {
        entry.require(rights::PATH_CREATE_FILE)?;
    }
    if how.truncate {
        entry.require(rights::PATH_FILESTAT_SET_SIZE)?;
    }
    Ok(())
}

/// The directory, if the guest has kept `right` to it and may look around in it.
fn reading(entry: &Entry, right: u64) -> Result<&OpenDir, Errno> {
    let dir = entry.dir()?;
    if !dir.perms.dir_read {
        return Err(Errno::Perm);
    }
    entry.require(right)?;
    Ok(dir)
}

/// The directory, if the guest has kept `right` to it and may change its entries.
fn changing(entry: &Entry, right: u64) -> Result<&OpenDir, Errno> {
    let dir = entry.dir()?;
    if !dir.perms.dir_write {
        return Err(Errno::Perm);
    }
    entry.require(right)?;
    Ok(dir)
}

pub(super) fn path_create_directory(g: &Guest<'_>, fd: u32, path: PathArg) -> Outcome {
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    Ok(changing(&entry, rights::PATH_CREATE_DIRECTORY)?.dir.create_dir(&path)?)
}

pub(super) fn path_remove_directory(g: &Guest<'_>, fd: u32, path: PathArg) -> Outcome {
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    Ok(changing(&entry, rights::PATH_REMOVE_DIRECTORY)?.dir.remove_dir(&path)?)
}

pub(super) fn path_unlink_file(g: &Guest<'_>, fd: u32, path: PathArg) -> Outcome {
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    Ok(changing(&entry, rights::PATH_UNLINK_FILE)?.dir.remove_file(&path)?)
}

pub(super) fn path_rename(g: &Guest<'_>, fd: u32, from: PathArg, to_fd: u32, to: PathArg) -> Outcome {
    let from = g.path(from.at, from.len)?;
    let to = g.path(to.at, to.len)?;
    let (entry, to_entry) = (g.entry(fd)?, g.entry(to_fd)?);
    let dir = changing(&entry, rights::PATH_RENAME_SOURCE)?;
    let to_dir = changing(&to_entry, rights::PATH_RENAME_TARGET)?;
    same_perms(dir, to_dir)?;
    Ok(dir.dir.rename(&from, &to_dir.dir, &to)?)
}

/// A file moved or linked to where more is permitted would escape what protects it.
fn same_perms(from: &OpenDir, to: &OpenDir) -> Result<(), Errno> {
    let (f, t) = (from.perms, to.perms);
    if (t.file_read && !f.file_read) || (t.file_write && !f.file_write) { Err(Errno::Perm) } else { Ok(()) }
}

/// Links never follow a symbolic link: `lookup` must say so.
pub(super) fn path_link(
    g: &Guest<'_>,
    fd: u32,
    lookup: u32,
    from: PathArg,
    to_fd: u32,
    to: PathArg,
) -> Outcome {
    if follows(lookup)? {
        return Err(Errno::Inval.into());
    }
    let from = g.path(from.at, from.len)?;
    let to = g.path(to.at, to.len)?;
    let (entry, to_entry) = (g.entry(fd)?, g.entry(to_fd)?);
    let dir = changing(&entry, rights::PATH_LINK_SOURCE)?;
    let to_dir = changing(&to_entry, rights::PATH_LINK_TARGET)?;
    same_perms(dir, to_dir)?;
    Ok(dir.dir.hard_link(&from, &to_dir.dir, &to)?)
}

pub(super) fn path_symlink(g: &Guest<'_>, target: PathArg, fd: u32, path: PathArg) -> Outcome {
    let target = g.path(target.at, target.len)?;
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    Ok(changing(&entry, rights::PATH_SYMLINK)?.dir.symlink(&target, &path)?)
}

/// Writes as much of the target as fits.
pub(super) fn path_readlink(g: &Guest<'_>, fd: u32, path: PathArg, at: u32, len: u32, out: u32) -> Outcome {
    g.mem.check(at, len)?;
    g.mem.check_record(out, 4, 4)?;
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    let target = reading(&entry, rights::PATH_READLINK)?.dir.read_link(&path)?;
    let n = target.len().min(len as usize);
    g.mem.write(at, &target[..n])?;
    Ok(g.mem.write_u32(out, n as u32)?)
}

pub(super) fn path_filestat_get(
    g: &Guest<'_>,
    fd: u32,
    lookup: u32,
    path: PathArg,
    out: u32,
    version: Version,
) -> Outcome {
    let follow = follows(lookup)?;
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    let stat = reading(&entry, rights::PATH_FILESTAT_GET)?.dir.stat(&path, follow)?;
    let (record, len) = types::filestat(&stat, version);
    Ok(g.mem.write_record(out, 8, &record[..len])?)
}

/// The arguments of a `set_times` function: access time, modification time, flags.
pub(super) type TimesArg = (u64, u64, u32);

pub(super) fn path_filestat_set_times(
    g: &Guest<'_>,
    fd: u32,
    lookup: u32,
    path: PathArg,
    (atim, mtim, flags): TimesArg,
) -> Outcome {
    let follow = follows(lookup)?;
    let times = new_times(atim, mtim, flags)?;
    let path = g.path(path.at, path.len)?;
    let entry = g.entry(fd)?;
    Ok(changing(&entry, rights::PATH_FILESTAT_SET_TIMES)?.dir.set_times(&path, follow, times)?)
}
