//! What a descriptor stands for.

use super::config::Perms;
use super::streams::{InputStream, OutputStream};
use super::types::{fdflags, rights};
use crate::sys::fs::{Dir, Errno, FileKind};
use std::fs::File;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

/// An open descriptor. Shared by the table and by the calls that are using it, so that closing one never
/// pulls it from under another thread.
pub(super) struct Entry {
    pub(super) node: Node,
    base: AtomicU64,
    inheriting: AtomicU64,
}

pub(super) enum Node {
    File(OpenFile),
    Dir(OpenDir),
    Input(Box<dyn InputStream>),
    Output(Box<dyn OutputStream>),
    Listener(Listener),
}

/// Anything with a host descriptor that bytes go through: files, pipes, terminals, connected sockets. What may
/// wait is non-blocking for the host, unless it is shared: waiting is done where an interruption is noticed.
pub(super) struct OpenFile {
    pub(super) file: File,
    pub(super) kind: FileKind,
    pub(super) read: bool,
    pub(super) write: bool,
    /// Of the preopen it was reached through.
    pub(super) perms: Perms,
    /// The host uses the same file description: its flags are not ours to change.
    pub(super) shared: bool,
    /// The guest's `fdflags`.
    pub(super) flags: AtomicU16,
}

pub(super) struct OpenDir {
    pub(super) dir: Dir,
    pub(super) perms: Perms,
    /// The guest's name for it, if it was there from the start.
    pub(super) preopen: Option<Box<[u8]>>,
}

/// Non-blocking for the host, as above.
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) flags: AtomicU16,
}

impl Entry {
    pub(super) fn new(node: Node) -> Entry {
        let base = node.natural_rights();
        let inheriting = if matches!(node, Node::Dir(_)) { rights::INHERITED } else { base };
        Entry::with_rights(node, base, inheriting)
    }

    /// An entry that may do no more than its kind allows.
    pub(super) fn with_rights(node: Node, base: u64, inheriting: u64) -> Entry {
        let base = base & node.natural_rights();
        Entry { node, base: AtomicU64::new(base), inheriting: AtomicU64::new(inheriting) }
    }

    pub(super) fn base(&self) -> u64 {
        self.base.load(Ordering::Relaxed)
    }

    pub(super) fn inheriting(&self) -> u64 {
        self.inheriting.load(Ordering::Relaxed)
    }

    /// Checks that the guest has kept `right`.
    pub(super) fn require(&self, right: u64) -> Result<(), Errno> {
        if self.base() & right == right { Ok(()) } else { Err(Errno::NotCapable) }
    }

    /// Gives up rights; new ones cannot be had.
    pub(super) fn restrict(&self, base: u64, inheriting: u64) -> Result<(), Errno> {
        if base & !self.base() != 0 || inheriting & !self.inheriting() != 0 {
            return Err(Errno::NotCapable);
        }
        self.base.fetch_and(base, Ordering::Relaxed);
        self.inheriting.fetch_and(inheriting, Ordering::Relaxed);
        Ok(())
    }

    /// The directory, for the functions that take a path.
    pub(super) fn dir(&self) -> Result<&OpenDir, Errno> {
        match &self.node {
            Node::Dir(d) => Ok(d),
            _ => Err(Errno::NotDir),
        }
    }

    /// The file, for the functions that need one to move about in. Streams of the host's are `spipe`.
    pub(super) fn seekable(&self) -> Result<&OpenFile, Errno> {
        match &self.node {
            Node::File(f) => Ok(f),
            Node::Input(_) | Node::Output(_) => Err(Errno::SPipe),
            Node::Dir(_) | Node::Listener(_) => Err(Errno::BadF),
        }
    }

    /// The file, for the functions that only make sense for one.
    pub(super) fn file(&self) -> Result<&OpenFile, Errno> {
        match &self.node {
            Node::File(f) => Ok(f),
            _ => Err(Errno::BadF),
        }
    }

    pub(super) fn kind(&self) -> FileKind {
        match &self.node {
            Node::File(f) => f.kind,
            Node::Dir(_) => FileKind::Directory,
            Node::Input(_) | Node::Output(_) => FileKind::Unknown,
            Node::Listener(_) => FileKind::SocketStream,
        }
    }

    pub(super) fn flags(&self) -> u16 {
        match &self.node {
            Node::File(f) => f.flags.load(Ordering::Relaxed),
            Node::Listener(l) => l.flags.load(Ordering::Relaxed),
            Node::Dir(_) | Node::Input(_) | Node::Output(_) => 0,
        }
    }
}

impl Node {
    fn natural_rights(&self) -> u64 {
        match self {
            Node::File(f) => f.natural_rights(),
            Node::Dir(_) => rights::DIR,
            Node::Input(_) => rights::STREAM & !rights::FD_WRITE,
            Node::Output(_) => rights::STREAM & !rights::FD_READ,
            Node::Listener(_) => rights::LISTENER,
        }
    }
}

impl OpenFile {
    fn natural_rights(&self) -> u64 {
        let mut all = match self.kind {
            FileKind::SocketStream | FileKind::SocketDgram => rights::SOCKET,
            // A guest's library takes a character device that cannot seek for a terminal.
            FileKind::CharacterDevice if crate::sys::fs::is_terminal(&self.file) => rights::STREAM,
            FileKind::Unknown => rights::STREAM,
            _ => rights::FILE,
        };
        if !self.read {
            all &= !rights::FD_READ;
        }
        if !self.write {
            all &= !(rights::FD_WRITE | rights::FD_ALLOCATE | rights::FD_FILESTAT_SET_SIZE);
        }
        all
    }

    /// Whether reading or writing may have to wait for somebody.
    pub(super) fn may_wait(&self) -> bool {
        !matches!(self.kind, FileKind::RegularFile | FileKind::Directory | FileKind::BlockDevice)
    }

    pub(super) fn is_socket(&self) -> bool {
        matches!(self.kind, FileKind::SocketStream | FileKind::SocketDgram)
    }

    pub(super) fn nonblocking(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & fdflags::NONBLOCK != 0
    }
}
