//! Waiting for clocks and descriptors at once.

use super::entry::{Entry, Node};
use super::guest::{unless_interrupted, Guest};
use super::system::{clock_id, clock_now};
use super::types::{event, known_flags, rights, Version};
use super::Outcome;
use crate::sys::fs::{self, Errno, FileKind, Readiness, Watch, Wake};
use smallvec::SmallVec;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// A subscription, read and understood.
struct Subscription {
    userdata: u64,
    kind: Kind,
}

enum Kind {
    /// Deadline of the host's monotonic clock.
    Clock(u64),
    Read(Arc<Entry>),
    Write(Arc<Entry>),
}

type Subscriptions = SmallVec<[Subscription; 8]>;

const TAG_CLOCK: u8 = 0;
const TAG_READ: u8 = 1;
const TAG_WRITE: u8 = 2;
const HANGUP: u16 = 1;
const ABSTIME: u32 = 1;
const EVENT_SIZE: u32 = 32;
/// More than a guest has descriptors by default; the host sets up a few words for each.
const MAX_SUBSCRIPTIONS: u32 = 1 << 17;
/// Bytes that a ready pipe takes without waiting.
const WRITE_ROOM: u64 = 4096;

/// Waits until one of `count` subscriptions at `subs` has something to tell, and writes what they have to
/// `events`. A subscription that makes no sense fails the whole call.
pub(super) fn poll_oneoff(
    g: &Guest<'_>,
    subs: u32,
    events: u32,
    count: u32,
    out: u32,
    version: Version,
) -> Outcome {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval.into());
    }
    g.mem.check_record(out, 4, 4)?;
    g.mem.check_record(events, 8, count * EVENT_SIZE)?;
    let subs = read_all(g, subs, count, version)?;
    let (readiness, now) = wait(g, &subs)?;
    let mut written = 0;
    let mut readiness = readiness.into_iter();
    for sub in &subs {
        let state = if sub.descriptor().is_some() { readiness.next().unwrap_or_default() } else { Readiness::default() };
        if let Some(record) = sub.event(state, now) {
            g.mem.write_record(events + written * EVENT_SIZE, 8, &record)?;
            written += 1;
        }
    }
    Ok(g.mem.write_u32(out, written)?)
}

fn read_all(g: &Guest<'_>, at: u32, count: u32, version: Version) -> Outcome<Subscriptions> {
    let size = match version {
        Version::Preview1 => 48,
        Version::Unstable => 56,
    };
    g.mem.check_record(at, 8, count * size)?;
    let mut subs = Subscriptions::new();
    for i in 0..count {
        let start = at + i * size;
        let mut raw = [0u8; 56];
        g.mem.read(start, &mut raw[..size as usize])?;
        subs.push(parse(g, &raw, version)?);
    }
    Ok(subs)
}

fn parse(g: &Guest<'_>, raw: &[u8; 56], version: Version) -> Outcome<Subscription> {
    let userdata = word(raw, 0);
    let kind = match raw[8] {
        TAG_CLOCK => {
            // `wasi_unstable` has an identifier in front of the rest, for which there is no use.
            let at = if version == Version::Unstable { 24 } else { 16 };
            let id = clock_id(word(raw, at) as u32)?;
            let timeout = word(raw, at + 8);
            let flags = known_flags(word(raw, at + 24) as u32 & 0xffff, ABSTIME)?;
            let left = if flags == ABSTIME { timeout.saturating_sub(clock_now(g, id)) } else { timeout };
            Kind::Clock(fs::monotonic_ns().saturating_add(left))
        }
        tag @ (TAG_READ | TAG_WRITE) => {
            let entry = g.entry(word(raw, 16) as u32)?;
            check_descriptor(&entry, tag == TAG_READ)?;
            if tag == TAG_READ { Kind::Read(entry) } else { Kind::Write(entry) }
        }
        _ => return Err(Errno::Inval.into()),
    };
    Ok(Subscription { userdata, kind })
}

fn word(raw: &[u8; 56], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&raw[at..at + 8]);
    u64::from_le_bytes(bytes)
}

/// Whether the descriptor can ever be ready in this way.
fn check_descriptor(entry: &Entry, read: bool) -> Result<(), Errno> {
    let fits = match &entry.node {
        Node::File(f) => if read { f.read } else { f.write },
        Node::Input(_) | Node::Listener(_) => read,
        Node::Output(_) => !read,
        Node::Dir(_) => false,
    };
    if !fits {
        return Err(Errno::BadF);
    }
    entry.require(rights::POLL_FD_READWRITE)
}

/// Waits, and returns the state of each descriptor subscription in order, and the time when the wait ended.
fn wait(g: &Guest<'_>, subs: &[Subscription]) -> Outcome<(SmallVec<[Readiness; 8]>, u64)> {
    let mut readiness: SmallVec<[Readiness; 8]> = SmallVec::new();
    let mut watches: SmallVec<[Watch<'_>; 8]> = SmallVec::new();
    let mut places: SmallVec<[usize; 8]> = SmallVec::new();
    let mut deadline: Option<u64> = None;
    for sub in subs {
        let Some((entry, read)) = sub.descriptor() else {
            if let Kind::Clock(d) = sub.kind {
                deadline = Some(deadline.map_or(d, |old| old.min(d)));
            }
            continue;
        };
        match waitable(entry) {
            Some(fd) => {
                places.push(readiness.len());
                watches.push(Watch { fd, read, write: !read });
                readiness.push(Readiness::default());
            }
            None => {
                deadline = Some(0);
                readiness.push(Readiness { readable: read, writable: !read, ..Readiness::default() });
            }
        }
    }
    let mut states: SmallVec<[Readiness; 8]> = SmallVec::from_elem(Readiness::default(), watches.len());
    let wake = unless_interrupted(fs::wait_ready(&watches, deadline, g.interrupted, &mut states)?)?;
    for (place, state) in places.into_iter().zip(states) {
        readiness[place] = state;
    }
    let now = fs::monotonic_ns();
    // A wait that ended at its deadline has an event to show for it, whatever the clock's grain.
    Ok((readiness, if wake == Wake::Deadline { now.max(deadline.unwrap_or(now)) } else { now }))
}

/// The host descriptor to wait for; `None` if there is never a wait.
fn waitable(entry: &Entry) -> Option<BorrowedFd<'_>> {
    match &entry.node {
        Node::File(f) if f.may_wait() => Some(f.file.as_fd()),
        Node::Listener(l) => Some(l.socket.as_fd()),
        Node::File(_) | Node::Dir(_) | Node::Input(_) | Node::Output(_) => None,
    }
}

impl Subscription {
    fn descriptor(&self) -> Option<(&Entry, bool)> {
        match &self.kind {
            Kind::Clock(_) => None,
            Kind::Read(e) => Some((e, true)),
            Kind::Write(e) => Some((e, false)),
        }
    }

    fn event(&self, state: Readiness, now: u64) -> Option<[u8; 32]> {
        let (tag, nbytes) = match &self.kind {
            Kind::Clock(deadline) => {
                return (*deadline <= now).then(|| event(self.userdata, 0, TAG_CLOCK, 0, 0));
            }
            _ if !state.any() => return None,
            Kind::Read(entry) => (TAG_READ, bytes_to_read(entry)),
            Kind::Write(_) => (TAG_WRITE, WRITE_ROOM),
        };
        let errno = if state.error && !state.readable && !state.writable { Errno::Io.number() } else { 0 };
        let flags = if state.hangup { HANGUP } else { 0 };
        Some(event(self.userdata, errno, tag, nbytes, flags))
    }
}

/// How much can be read at once, as far as that is known; 1 stands for some.
fn bytes_to_read(entry: &Entry) -> u64 {
    match &entry.node {
        Node::File(f) if f.kind == FileKind::RegularFile => {
            let size = fs::stat(&f.file).map_or(0, |s| s.size);
            let position = fs::seek(&f.file, 0, fs::Whence::Current).unwrap_or(0);
            size.saturating_sub(position)
        }
        Node::File(f) => fs::pending_bytes(&f.file),
        Node::Input(_) | Node::Listener(_) | Node::Output(_) | Node::Dir(_) => 1,
    }
}
