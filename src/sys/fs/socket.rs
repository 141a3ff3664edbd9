//! Sockets that a guest was given.

use super::vectored::retry;
use super::{Errno, IoVecs};
use std::fs::File;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd};

/// How to receive.
#[derive(Clone, Copy, Default, Debug)]
pub struct ReceiveFlags {
    /// Leave the data in place.
    pub peek: bool,
    /// Wait until the buffers are full.
    pub wait_all: bool,
}

/// Takes a waiting connection from a listener.
pub fn accept(listener: impl AsFd, nonblocking: bool) -> Result<File, Errno> {
    let mut flags = rustix::net::SocketFlags::CLOEXEC;
    flags.set(rustix::net::SocketFlags::NONBLOCK, nonblocking);
    let fd = rustix::io::retry_on_intr(|| rustix::net::accept_with(&listener, flags))?;
    Ok(File::from(fd))
}

/// Receives into guest buffers; the flag says that a message was longer than they are.
pub fn receive(socket: impl AsFd, mut into: IoVecs<'_>, flags: ReceiveFlags) -> Result<(u32, bool), Errno> {
    let mut options = 0;
    if flags.peek {
        options |= libc::MSG_PEEK;
    }
    if flags.wait_all {
        options |= libc::MSG_WAITALL;
    }
    let mut header = message(&mut into);
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the header names the buffers in `into`, which outlive the call, and nothing else.
    let n = retry(|| unsafe { libc::recvmsg(fd, &mut header, options) })?;
    Ok((n, header.msg_flags & libc::MSG_TRUNC != 0))
}

/// Sends guest buffers. A closed peer is [`Errno::Pipe`], never a signal.
pub fn send(socket: impl AsFd, mut from: IoVecs<'_>) -> Result<u32, Errno> {
    let header = message(&mut from);
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: as in `receive`.
    retry(|| unsafe { libc::sendmsg(fd, &header, libc::MSG_NOSIGNAL) })
}

fn message(vecs: &mut IoVecs<'_>) -> libc::msghdr {
    let (list, count) = vecs.as_raw();
    // SAFETY: all zeroes is a valid msghdr: no address, no control data, no buffers.
    let mut header: libc::msghdr = unsafe { core::mem::zeroed() };
    header.msg_iov = list;
    header.msg_iovlen = count as _;
    header
}

pub fn shutdown(socket: impl AsFd, how: Shutdown) -> Result<(), Errno> {
    use rustix::net::Shutdown as Os;
    let how = match how {
        Shutdown::Read => Os::Read,
        Shutdown::Write => Os::Write,
        Shutdown::Both => Os::Both,
    };
    Ok(rustix::net::shutdown(socket, how)?)
}
