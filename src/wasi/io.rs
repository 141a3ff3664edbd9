//! Reading, writing and moving about.

use super::entry::{Entry, Node, OpenFile};
use super::fail::Fail;
use super::guest::{unless_interrupted, Guest};
use super::streams::{InputStream, OutputStream};
use super::types::{rights, Version};
use super::Outcome;
use crate::sys::fs::{self, Errno, FileKind, IoVecs, Readiness, Watch, Whence};
use std::io;
use std::os::fd::AsFd;

pub(super) fn fd_read(g: &Guest<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let vecs = g.mem.iovecs(iovs, count)?;
    let n = match &entry.node {
        Node::File(f) => {
            readable(&entry, f)?;
            patiently(g, f, Wish::Read, || vecs.read_from(&f.file))?
        }
        Node::Input(stream) => {
            entry.require(rights::FD_READ)?;
            read_stream(g, &**stream, &vecs)?
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
            write_file(g, f, vecs)?
        }
        Node::Output(stream) => {
            entry.require(rights::FD_WRITE)?;
            write_stream(&**stream, &vecs)?
        }
        Node::Input(_) | Node::Dir(_) | Node::Listener(_) => return Err(Errno::BadF.into()),
    };
    Ok(g.mem.write_u32(out, n)?)
}

fn write_file(g: &Guest<'_>, f: &OpenFile, mut vecs: IoVecs<'_>) -> Outcome<u32> {
    if f.is_socket() {
        return patiently(g, f, Wish::Write, || fs::send(&f.file, &mut vecs));
    }
    if f.kind != FileKind::Unknown {
        return patiently(g, f, Wish::Write, || vecs.write_to(&f.file));
    }
    patiently(g, f, Wish::Write, || match vecs.try_write_to_pipe(&f.file) {
        // An old kernel: a shared pipe may wait for its reader here.
        Err(Errno::NotSup) => vecs.write_to_pipe(&f.file),
        other => other,
    })
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

/// What somebody waits to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Read,
    Write,
}

/// Runs `operation` until it need not wait any more, unless the guest does not want to wait.
pub(super) fn patiently<T>(
    g: &Guest<'_>,
    f: &OpenFile,
    wish: Wish,
    mut operation: impl FnMut() -> Result<T, Errno>,
) -> Outcome<T> {
    let watch = Watch { fd: f.file.as_fd(), read: wish == Wish::Read, write: wish == Wish::Write };
    // What the host shares may be blocking: then it must be ready before.
    if f.shared && f.may_wait() {
        wait(g, watch, f.nonblocking())?;
    }
    loop {
        match operation() {
            Err(Errno::Again) if f.may_wait() && !f.nonblocking() => wait(g, watch, false)?,
            other => return Ok(other?),
        }
    }
}

/// Waits here, where an interruption is noticed, rather than in a system call.
pub(super) fn wait(g: &Guest<'_>, watch: Watch<'_>, at_once: bool) -> Outcome {
    let deadline = at_once.then_some(0);
    let mut state = [Readiness::default()];
    unless_interrupted(fs::wait_ready(&[watch], deadline, g.interrupted, &mut state)?)?;
    if state[0].any() { Ok(()) } else { Err(Errno::Again.into()) }
}

/// How long an input that had nothing is left in peace, in nanoseconds.
const INPUT_PAUSE_NS: u64 = 2_000_000;

/// Bytes that pass between a guest and a host's stream at a time.
const PIECE: usize = 4096;

/// One read of the stream's: it may wait for input, and what it has should reach the guest at once.
fn read_stream(g: &Guest<'_>, stream: &dyn InputStream, vecs: &IoVecs<'_>) -> Outcome<u32> {
    let mut buffer = [0; PIECE];
    let want = vecs.total().min(PIECE as u64) as usize;
    if want == 0 {
        return Ok(0);
    }
    let got = loop {
        match stream.read(&mut buffer[..want]) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => pause(g)?,
            other => break other?.min(want),
        }
    };
    Ok(vecs.scatter(0, &buffer[..got]) as u32)
}

/// Waits a little for an input that has nothing yet.
fn pause(g: &Guest<'_>) -> Outcome {
    let soon = fs::monotonic_ns().saturating_add(INPUT_PAUSE_NS);
    unless_interrupted(fs::sleep_until(Some(soon), g.interrupted)?)?;
    if (g.interrupted)() { Err(Fail::Interrupted) } else { Ok(()) }
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
