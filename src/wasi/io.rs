//! Reading, writing and moving about.

use super::entry::{Entry, Node, OpenFile};
use super::guest::{unless_interrupted, Guest};
use super::streams::{InputStream, OutputStream};
use super::types::{rights, Version};
use super::Outcome;
use crate::sys::fs::{self, Errno, IoVecs, Readiness, Watch, Whence};
use std::os::fd::AsFd;

pub(super) fn fd_read(g: &Guest<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let vecs = g.mem.iovecs(iovs, count)?;
    let n = match &entry.node {
        Node::File(f) => {
            readable(&entry, f)?;
            wait_to_read(g, f)?;
            vecs.read_from(&f.file)?
        }
        Node::Input(stream) => {
            entry.require(rights::FD_READ)?;
            read_stream(&**stream, &vecs)?
        }
        Node::Output(_) | Node::Dir(_) | Node::Listener(_) => return Err(Errno::BadF.into()),
    };
    Ok(g.mem.write_u32(out, n)?)
}

pub(super) fn fd_write(g: &Guest<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let vecs = g.mem.iovecs(iovs, count)?;
    let n = match &entry.node {
        Node::File(f) => {
            writable(&entry, f)?;
            wait_to_write(g, f)?;
            write_file(f, vecs)?
        }
        Node::Output(stream) => {
            entry.require(rights::FD_WRITE)?;
            write_stream(&**stream, &vecs)?
        }
        Node::Input(_) | Node::Dir(_) | Node::Listener(_) => return Err(Errno::BadF.into()),
    };
    Ok(g.mem.write_u32(out, n)?)
}

fn write_file(f: &OpenFile, vecs: IoVecs<'_>) -> Result<u32, Errno> {
    if f.is_socket() {
        fs::send(&f.file, vecs)
    } else if f.may_wait() {
        vecs.write_to_pipe(&f.file)
    } else {
        vecs.write_to(&f.file)
    }
}

pub(super) fn fd_pread(g: &Guest<'_>, fd: u32, iovs: u32, count: u32, offset: u64, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let f = entry.seekable()?;
    readable(&entry, f)?;
    entry.require(rights::FD_SEEK).map_err(|e| seek_error(f, e))?;
    let n = g.mem.iovecs(iovs, count)?.read_from_at(&f.file, offset)?;
    Ok(g.mem.write_u32(out, n)?)
}

pub(super) fn fd_pwrite(g: &Guest<'_>, fd: u32, iovs: u32, count: u32, offset: u64, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let f = entry.seekable()?;
    writable(&entry, f)?;
    entry.require(rights::FD_SEEK).map_err(|e| seek_error(f, e))?;
    let n = g.mem.iovecs(iovs, count)?.write_to_at(&f.file, offset)?;
    Ok(g.mem.write_u32(out, n)?)
}

pub(super) fn fd_seek(g: &Guest<'_>, fd: u32, offset: i64, whence: u32, out: u32, v: Version) -> Outcome {
    let whence = match (v, whence) {
        (Version::Preview1, 0) | (Version::Unstable, 2) => Whence::Start,
        (Version::Preview1, 1) | (Version::Unstable, 0) => Whence::Current,
        (Version::Preview1, 2) | (Version::Unstable, 1) => Whence::End,
        _ => return Err(Errno::Inval.into()),
    };
    // The position alone can be asked for by those who may not change it.
    let right = if (offset, whence) == (0, Whence::Current) { rights::FD_TELL } else { rights::FD_SEEK };
    move_position(g, fd, offset, whence, right, out)
}

pub(super) fn fd_tell(g: &Guest<'_>, fd: u32, out: u32) -> Outcome {
    move_position(g, fd, 0, Whence::Current, rights::FD_TELL, out)
}

fn move_position(g: &Guest<'_>, fd: u32, offset: i64, whence: Whence, right: u64, out: u32) -> Outcome {
    g.mem.check_record(out, 8, 8)?;
    let entry = g.entry(fd)?;
    let f = entry.seekable()?;
    entry.require(right).map_err(|e| seek_error(f, e))?;
    let position = fs::seek(&f.file, offset, whence)?;
    Ok(g.mem.write_u64(out, position)?)
}

/// What has no position never had the right; what has one lost it.
fn seek_error(f: &OpenFile, e: Errno) -> Errno {
    if f.may_wait() { Errno::SPipe } else { e }
}

fn readable(entry: &Entry, f: &OpenFile) -> Result<(), Errno> {
    if f.read { entry.require(rights::FD_READ) } else { Err(Errno::BadF) }
}

fn writable(entry: &Entry, f: &OpenFile) -> Result<(), Errno> {
    if f.write { entry.require(rights::FD_WRITE) } else { Err(Errno::BadF) }
}

pub(super) fn wait_to_read(g: &Guest<'_>, f: &OpenFile) -> Outcome {
    wait(g, f, Watch { fd: f.file.as_fd(), read: true, write: false })
}

pub(super) fn wait_to_write(g: &Guest<'_>, f: &OpenFile) -> Outcome {
    wait(g, f, Watch { fd: f.file.as_fd(), read: false, write: true })
}

/// Waits here, where an interruption is noticed, rather than in the operation itself.
fn wait(g: &Guest<'_>, f: &OpenFile, watch: Watch<'_>) -> Outcome {
    if !f.may_wait() {
        return Ok(());
    }
    let mut state = [Readiness::default()];
    if !f.nonblocking() {
        unless_interrupted(fs::wait_ready(&[watch], None, g.interrupted, &mut state)?)?;
    } else if f.shared {
        // The description cannot be made non-blocking without the host's noticing.
        fs::wait_ready(&[watch], Some(0), &|| false, &mut state)?;
        if !state[0].any() {
            return Err(Errno::Again.into());
        }
    }
    Ok(())
}

/// Bytes that pass between a guest and a host's stream at a time.
const PIECE: usize = 4096;

/// One read of the stream's: it may wait for input, and what it has should reach the guest at once.
fn read_stream(stream: &dyn InputStream, vecs: &IoVecs<'_>) -> Outcome<u32> {
    let mut buffer = [0; PIECE];
    let want = vecs.total().min(PIECE as u64) as usize;
    if want == 0 {
        return Ok(0);
    }
    let got = stream.read(&mut buffer[..want])?.min(want);
    Ok(vecs.scatter(0, &buffer[..got]) as u32)
}

/// Writes in pieces until the stream takes less than it is offered. What it took counts, even if it fails
/// later.
fn write_stream(stream: &dyn OutputStream, vecs: &IoVecs<'_>) -> Outcome<u32> {
    let mut buffer = [0; PIECE];
    // The result must fit; the rest is for the guest's next call.
    let total = vecs.total().min(u64::from(u32::MAX));
    let mut done = 0u64;
    while done < total {
        let n = vecs.gather(done, &mut buffer).min((total - done) as usize);
        let took = match stream.write(&buffer[..n]) {
            Ok(took) => took.min(n),
            Err(_) if done > 0 => break,
            Err(e) => return Err(e.into()),
        };
        done += took as u64;
        if took < n {
            break;
        }
    }
    Ok(done as u32)
}
