//! Reading directories from a position that the reader keeps.

use super::{Dir, Errno, FileKind};
use rustix::fs::{AtFlags, FileType, RawDir, SeekFrom};
use std::ffi::CStr;
use std::mem::MaybeUninit;

/// An entry of a directory, without `.` and `..`.
#[derive(Debug)]
pub struct DirEntry<'a> {
    /// Raw bytes; a host's name need not be UTF-8.
    pub name: &'a [u8],
    pub ino: u64,
    pub kind: FileKind,
    /// Where to continue after this entry; never 0.
    pub next: u64,
}

/// Kernel entries read at a time. Guests' libraries ask for 4 KiB, and theirs are larger.
const BUFFER: usize = 4096;

impl Dir {
    /// Calls `each` for the entries from `position` on (0 or an entry's [`DirEntry::next`]) until it returns
    /// `false`. Positions stay good while entries are added and removed, as far as the file system cares.
    pub fn entries(
        &self,
        position: u64,
        each: &mut dyn FnMut(&DirEntry<'_>) -> bool,
    ) -> Result<(), Errno> {
        let position = i64::try_from(position).map_err(|_| Errno::Inval)?;
        let _turn = self.reading.lock();
        rustix::fs::seek(&self.dir, SeekFrom::Start(position as u64))?;
        let mut buffer = [MaybeUninit::<u8>::uninit(); BUFFER];
        let mut raw = RawDir::new(&self.dir, &mut buffer);
        while let Some(entry) = raw.next() {
            let entry = match entry {
                // The directory has been removed: nothing is left to list.
                Err(rustix::io::Errno::NOENT) => break,
                other => other?,
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => self.kind_of_entry(name),
                known => FileKind::from_type(known),
            };
            let entry =
                DirEntry { name: name.to_bytes(), ino: entry.ino(), kind, next: entry.next_entry_cookie() };
            if !each(&entry) {
                break;
            }
        }
        Ok(())
    }

    /// For file systems that do not keep kinds with names.
    fn kind_of_entry(&self, name: &CStr) -> FileKind {
        rustix::fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_or(FileKind::Unknown, |s| FileKind::from_type(FileType::from_raw_mode(s.st_mode)))
    }
}
