//! Descriptors: what they are, what they may do, and letting them go.

use super::entry::{Entry, Node, OpenFile};
use super::guest::Guest;
use super::types::{self, fdflags, fstflags, known_flags, rights, Version};
use super::Outcome;
use crate::sys::fs::{self, Advice, Errno, FileStat, NewTime, NewTimes};
use std::sync::atomic::Ordering;

pub(super) fn fd_close(g: &Guest<'_>, fd: u32) -> Outcome {
    g.ctx.table.remove(fd)?;
    Ok(())
}

pub(super) fn fd_renumber(g: &Guest<'_>, from: u32, to: u32) -> Outcome {
    Ok(g.ctx.table.renumber(from, to)?)
}

pub(super) fn fd_prestat_get(g: &Guest<'_>, fd: u32, out: u32) -> Outcome {
    let entry = g.entry(fd)?;
    let name = preopen_name(&entry)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    let mut record = [0; 8];
    record[4..].copy_from_slice(&len.to_le_bytes());
    Ok(g.mem.write_record(out, 4, &record)?)
}

pub(super) fn fd_prestat_dir_name(g: &Guest<'_>, fd: u32, at: u32, len: u32) -> Outcome {
    let entry = g.entry(fd)?;
    let name = preopen_name(&entry)?;
    if name.len() > len as usize {
        return Err(Errno::NameTooLong.into());
    }
    Ok(g.mem.write(at, name)?)
}

fn preopen_name(entry: &Entry) -> Result<&[u8], Errno> {
    match &entry.node {
        Node::Dir(d) => d.preopen.as_deref().ok_or(Errno::BadF),
        _ => Err(Errno::BadF),
    }
}

pub(super) fn fd_fdstat_get(g: &Guest<'_>, fd: u32, out: u32) -> Outcome {
    let entry = g.entry(fd)?;
    let record = types::fdstat(entry.kind() as u8, entry.flags(), entry.base(), entry.inheriting());
    Ok(g.mem.write_record(out, 8, &record)?)
}

pub(super) fn fd_fdstat_set_flags(g: &Guest<'_>, fd: u32, flags: u32) -> Outcome {
    let flags = known_flags(flags, u32::from(fdflags::ALL))? as u16;
    let entry = g.entry(fd)?;
    match &entry.node {
        Node::File(f) => {
            entry.require(rights::FD_FDSTAT_SET_FLAGS)?;
            set_flags(f, flags)?;
        }
        Node::Listener(l) => {
            entry.require(rights::FD_FDSTAT_SET_FLAGS)?;
            known_flags(u32::from(flags), u32::from(fdflags::NONBLOCK))?;
            l.flags.store(flags, Ordering::Relaxed);
        }
        Node::Input(_) | Node::Output(_) => known_flags(u32::from(flags), 0).map(drop)?,
        Node::Dir(_) => return Err(Errno::BadF.into()),
    }
    Ok(())
}

fn set_flags(f: &OpenFile, flags: u16) -> Result<(), Errno> {
    let old = f.flags.load(Ordering::Relaxed);
    if (flags ^ old) & fdflags::SYNCS != 0 {
        return Err(Errno::NotSup);
    }
    if f.shared && flags & fdflags::APPEND != 0 {
        return Err(Errno::NotSup);
    }
    if !f.shared {
        fs::set_append(&f.file, flags & fdflags::APPEND != 0)?;
    }
    f.flags.store(flags, Ordering::Relaxed);
    Ok(())
}

pub(super) fn fd_fdstat_set_rights(g: &Guest<'_>, fd: u32, base: u64, inheriting: u64) -> Outcome {
    Ok(g.entry(fd)?.restrict(base, inheriting)?)
}

pub(super) fn fd_filestat_get(g: &Guest<'_>, fd: u32, out: u32, version: Version) -> Outcome {
    let entry = g.entry(fd)?;
    entry.require(rights::FD_FILESTAT_GET)?;
    let stat = match &entry.node {
        // A terminal or pipe that the host uses too is nothing but its kind to the guest.
        Node::File(f) if f.may_wait() && f.shared => FileStat::of_kind(f.kind),
        Node::File(f) => fs::stat(&f.file)?,
        Node::Dir(d) => fs::stat(&d.dir)?,
        Node::Input(_) | Node::Output(_) | Node::Listener(_) => FileStat::of_kind(entry.kind()),
    };
    let (record, len) = types::filestat(&stat, version);
    Ok(g.mem.write_record(out, 8, &record[..len])?)
}

pub(super) fn fd_filestat_set_size(g: &Guest<'_>, fd: u32, size: u64) -> Outcome {
    let entry = g.entry(fd)?;
    let f = entry.file()?;
    changeable(&entry, f, rights::FD_FILESTAT_SET_SIZE)?;
    Ok(fs::truncate(&f.file, size)?)
}

pub(super) fn fd_allocate(g: &Guest<'_>, fd: u32, offset: u64, len: u64) -> Outcome {
    let entry = g.entry(fd)?;
    let f = entry.file()?;
    changeable(&entry, f, rights::FD_ALLOCATE)?;
    Ok(fs::allocate(&f.file, offset, len)?)
}

/// Whether contents and size of a file may change through this descriptor.
fn changeable(entry: &Entry, f: &OpenFile, right: u64) -> Result<(), Errno> {
    if !f.perms.file_write {
        return Err(Errno::Perm);
    }
    if !f.write {
        return Err(Errno::BadF);
    }
    entry.require(right)
}

pub(super) fn fd_filestat_set_times(g: &Guest<'_>, fd: u32, atim: u64, mtim: u64, flags: u32) -> Outcome {
    let times = new_times(atim, mtim, flags)?;
    let entry = g.entry(fd)?;
    match &entry.node {
        Node::File(f) if !f.perms.file_write => Err(Errno::Perm.into()),
        Node::Dir(d) if !d.perms.dir_write => Err(Errno::Perm.into()),
        Node::File(f) => {
            entry.require(rights::FD_FILESTAT_SET_TIMES)?;
            Ok(fs::set_times(&f.file, times)?)
        }
        Node::Dir(d) => {
            entry.require(rights::FD_FILESTAT_SET_TIMES)?;
            Ok(fs::set_times(&d.dir, times)?)
        }
        Node::Input(_) | Node::Output(_) | Node::Listener(_) => Err(Errno::BadF.into()),
    }
}

/// The times that the arguments of a `set_times` function stand for.
pub(super) fn new_times(atim: u64, mtim: u64, flags: u32) -> Result<NewTimes, Errno> {
    let flags = known_flags(flags, fstflags::ALL)?;
    let time = |set: u32, now: u32, value| match (flags & set != 0, flags & now != 0) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(NewTime::At(value)),
        (false, true) => Ok(NewTime::Now),
        (false, false) => Ok(NewTime::Keep),
    };
    Ok(NewTimes {
        access: time(fstflags::ATIM, fstflags::ATIM_NOW, atim)?,
        modification: time(fstflags::MTIM, fstflags::MTIM_NOW, mtim)?,
    })
}

pub(super) fn fd_advise(g: &Guest<'_>, fd: u32, offset: u64, len: u64, advice: u32) -> Outcome {
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::Inval.into()),
    };
    let entry = g.entry(fd)?;
    let f = entry.seekable()?;
    if f.may_wait() {
        return Err(Errno::SPipe.into());
    }
    entry.require(rights::FD_ADVISE)?;
    Ok(fs::advise(&f.file, offset, len, advice)?)
}

pub(super) fn fd_datasync(g: &Guest<'_>, fd: u32) -> Outcome {
    sync(g, fd, rights::FD_DATASYNC, true)
}

pub(super) fn fd_sync(g: &Guest<'_>, fd: u32) -> Outcome {
    sync(g, fd, rights::FD_SYNC, false)
}

fn sync(g: &Guest<'_>, fd: u32, right: u64, data_only: bool) -> Outcome {
    let entry = g.entry(fd)?;
    entry.require(right)?;
    match &entry.node {
        Node::File(f) => Ok(fs::sync(&f.file, data_only)?),
        Node::Dir(d) => Ok(fs::sync(&d.dir, data_only)?),
        Node::Input(_) | Node::Output(_) | Node::Listener(_) => Err(Errno::Inval.into()),
    }
}
