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
}

/// Takes a waiting connection from a listener. The connection does not wait.
pub fn accept(listener: impl AsFd) -> Result<File, Errno> {
    let flags = rustix::net::SocketFlags::CLOEXEC | rustix::net::SocketFlags::NONBLOCK;
    let fd = rustix::io::retry_on_intr(|| rustix::net::accept_with(&listener, flags))?;
    Ok(File::from(fd))
}

/// Receives into guest buffers; the flag says that a message was longer than they are.
pub fn receive(socket: impl AsFd, into: &mut IoVecs<'_>, flags: ReceiveFlags) -> Result<(u32, bool), Errno> {
    let options = if flags.peek { libc::MSG_PEEK } else { 0 };
    let mut header = message(into);
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the header names the buffers in `into`, which outlive the call, and nothing else.
    let n = retry(|| unsafe { libc::recvmsg(fd, &mut header, options) })?;
    Ok((n, header.msg_flags & libc::MSG_TRUNC != 0))
}

/// Sends guest buffers. A closed peer is [`Errno::Pipe`], never a signal.
pub fn send(socket: impl AsFd, from: &mut IoVecs<'_>) -> Result<u32, Errno> {
    let header = message(from);
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
