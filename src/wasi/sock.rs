//! Sockets that the guest was given, and connections it accepts on them.

use super::entry::{Entry, Node, OpenFile};
use super::fail::Fail;
use super::guest::Guest;
use super::io::{patiently, wait, Wish};
use super::types::{fdflags, known_flags, rights};
use super::Outcome;
use crate::sys::fs::{self, Errno, ReceiveFlags, Watch};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

pub(super) fn sock_accept(g: &Guest<'_>, fd: u32, flags: u32, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let listener = match &entry.node {
        Node::Listener(l) => l,
        Node::File(f) if f.is_socket() => return Err(Errno::Inval.into()),
        _ => return Err(Errno::NotSock.into()),
    };
    let flags = known_flags(flags, u32::from(fdflags::NONBLOCK))? as u16;
    entry.require(rights::SOCK_ACCEPT)?;
    g.ctx.table.check_room()?;
    let file = loop {
        match fs::accept(&listener.socket) {
            Err(Errno::Again) if listener.flags.load(Ordering::Relaxed) & fdflags::NONBLOCK == 0 => {
                wait(g, Watch { fd: listener.socket.as_fd(), read: true, write: false }, false)?;
            }
            other => break other?,
        }
    };
    let opened = g.ctx.table.insert(Entry::new(Node::File(OpenFile::socket(file, flags))))?;
    Ok(g.mem.write_u32(out, opened)?)
}

const RECV_PEEK: u32 = 1;
const RECV_WAITALL: u32 = 2;
/// One more piece, less than 2 GiB, still fits the result.
const RECV_ENOUGH: u32 = 1 << 31;
const RECV_DATA_TRUNCATED: u16 = 1;

/// A list of buffers: its address, and how many there are.
pub(super) type VecsArg = (u32, u32);

pub(super) fn sock_recv(
    g: &Guest<'_>,
    fd: u32,
    (iovs, count): VecsArg,
    flags: u32,
    out_len: u32,
    out_flags: u32,
) -> Outcome {
    g.mem.check_record(out_len, 4, 4)?;
    g.mem.check_record(out_flags, 2, 2)?;
    let entry = g.entry(fd)?;
    let socket = socket(&entry)?;
    let flags = known_flags(flags, RECV_PEEK | RECV_WAITALL)?;
    entry.require(rights::FD_READ)?;
    let mut vecs = g.mem.iovecs(iovs, count)?;
    let how = ReceiveFlags { peek: flags & RECV_PEEK != 0 };
    let all = flags & RECV_WAITALL != 0 && !how.peek && !socket.nonblocking();
    let (mut total, mut truncated) = (0u32, false);
    loop {
        let (n, cut) = match patiently(g, socket, Wish::Read, || fs::receive(&socket.file, &mut vecs, how)) {
            // What has come counts; the error comes again.
            Err(Fail::Errno(_)) if total > 0 => break,
            other => other?,
        };
        vecs.advance(n as usize);
        total += n;
        truncated |= cut;
        if !all || n == 0 || vecs.total() == 0 || total >= RECV_ENOUGH {
            break;
        }
    }
    g.mem.write_u32(out_len, total)?;
    g.mem.write_u16(out_flags, if truncated { RECV_DATA_TRUNCATED } else { 0 })?;
    Ok(())
}

pub(super) fn sock_send(g: &Guest<'_>, fd: u32, (iovs, count): VecsArg, flags: u32, out: u32) -> Outcome {
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let socket = socket(&entry)?;
    known_flags(flags, 0)?;
    entry.require(rights::FD_WRITE)?;
    let mut vecs = g.mem.iovecs(iovs, count)?;
    let n = patiently(g, socket, Wish::Write, || fs::send(&socket.file, &mut vecs))?;
    Ok(g.mem.write_u32(out, n)?)
}

pub(super) fn sock_shutdown(g: &Guest<'_>, fd: u32, how: u32) -> Outcome {
    let entry = g.entry(fd)?;
    if let Node::Listener(_) = &entry.node {
        return Err(Errno::NotConn.into());
    }
    let socket = socket(&entry)?;
    let how = match how {
        1 => Shutdown::Read,
        2 => Shutdown::Write,
        3 => Shutdown::Both,
        _ => return Err(Errno::Inval.into()),
    };
    entry.require(rights::SOCK_SHUTDOWN)?;
    Ok(fs::shutdown(&socket.file, how)?)
}

/// The connection, for the functions that need one.
fn socket(entry: &Entry) -> Result<&OpenFile, Errno> {
    match &entry.node {
        Node::File(f) if f.is_socket() => Ok(f),
        Node::Listener(_) => Err(Errno::NotConn),
        _ => Err(Errno::NotSock),
    }
}
