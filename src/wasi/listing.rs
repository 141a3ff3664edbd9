//! Listing directories.

use super::entry::OpenDir;
use super::fail::Fail;
use super::guest::Guest;
use super::types::{dirent, rights};
use super::Outcome;
use crate::sys::fs::{self, Errno, Fault, FileKind, GuestMemory};

/// Cookies are positions. The first two belong to `.` and `..`, which are made up here: the real `..` of a
/// preopened directory would tell about the host. The host's own positions follow, shifted by two.
const AFTER_DOTS: u64 = 2;

/// Entries after which a long listing asks whether somebody wants it to stop.
const BETWEEN_QUESTIONS: u32 = 4096;

/// Fills a buffer with records, the last of which may be cut off.
struct Filler<'a> {
    mem: GuestMemory<'a>,
    at: u32,
    left: u32,
    fault: Option<Fault>,
}

impl Filler<'_> {
    /// Appends bytes as far as there is room; `false` once the buffer is full.
    fn put(&mut self, bytes: &[u8]) -> bool {
        let n = bytes.len().min(self.left as usize);
        if let Err(fault) = self.mem.write(self.at, &bytes[..n]) {
            self.fault = Some(fault);
            return false;
        }
        // At most `left`, which is a u32.
        self.at += n as u32;
        self.left -= n as u32;
        self.left > 0
    }

    fn entry(&mut self, next: u64, ino: u64, kind: FileKind, name: &[u8]) -> bool {
        // A file system's names are far shorter than 4 GiB.
        self.put(&dirent(next, ino, name.len() as u32, kind as u8)) && self.put(name)
    }
}

/// Writes entries from `cookie` on, as many as fit. Less than a full buffer means the end.
pub(super) fn fd_readdir(g: &Guest<'_>, fd: u32, at: u32, len: u32, cookie: u64, out: u32) -> Outcome {
    g.mem.check(at, len)?;
    g.mem.check_record(out, 4, 4)?;
    let entry = g.entry(fd)?;
    let dir = entry.dir()?;
    if !dir.perms.dir_read {
        return Err(Errno::Perm.into());
    }
    entry.require(rights::FD_READDIR)?;
    let mut filler = Filler { mem: g.mem, at, left: len, fault: None };
    let (mut count, mut stop) = (0, None);
    if len > 0 && dots(&mut filler, dir, cookie)? {
        let from = cookie.saturating_sub(AFTER_DOTS);
        dir.dir.entries(from, &mut |e| {
            count += 1;
            if count > g.ctx.limits.dir_entries {
                stop = Some(Fail::Errno(Errno::NoBufs));
            } else if count % BETWEEN_QUESTIONS == 0 && (g.interrupted)() {
                stop = Some(Fail::Interrupted);
            }
            stop.is_none() && filler.entry(e.next.saturating_add(AFTER_DOTS), e.ino, e.kind, e.name)
        })?;
    }
    if let Some(fail) = stop {
        return Err(fail);
    }
    if let Some(fault) = filler.fault {
        return Err(fault.into());
    }
    Ok(g.mem.write_u32(out, len - filler.left)?)
}

/// Writes `.` and `..` if they are due; `false` once the buffer is full.
fn dots(filler: &mut Filler<'_>, dir: &OpenDir, cookie: u64) -> Result<bool, Errno> {
    if cookie >= AFTER_DOTS {
        return Ok(true);
    }
    let ino = fs::stat(&dir.dir)?.ino;
    let dot = |filler: &mut Filler<'_>, next, name: &[u8]| filler.entry(next, ino, FileKind::Directory, name);
    Ok((cookie > 0 || dot(filler, 1, b".")) && dot(filler, AFTER_DOTS, b".."))
}
