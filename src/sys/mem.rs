//! Address space: reserving, committing, protecting, mapping files copy on write.

use crate::base::cast::align_up;
use crate::base::{Error, ErrorKind, Result};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::OnceLock;

/// Size of a page of the host, in bytes.
pub(crate) fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    // Not from the auxiliary vector: memory checkers show one that leads to unmapped pages.
    // SAFETY: `sysconf` only reads.
    *SIZE.get_or_init(|| usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096))
}

/// `bytes` rounded up to whole host pages.
pub(crate) fn round_up(bytes: usize) -> Result<usize> {
    align_up(bytes, page_size())
        .ok_or_else(|| Error::new(ErrorKind::Limit, format!("{bytes} bytes of address space are more than there are")))
}

/// Bytes of address space that the process may have in all (`RLIMIT_AS`); `None` without a limit.
pub fn address_space_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

fn os_error(what: &str, bytes: usize, e: rustix::io::Errno) -> Error {
    let e = std::io::Error::from(e);
    Error::new(ErrorKind::Io, e.to_string()).context(format!("failed to {what} {bytes:#x} bytes of memory"))
}

/// What may be done with a range of pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    None,
    Read,
    ReadWrite,
    ReadExec,
}

impl Access {
    fn flags(self) -> MprotectFlags {
        match self {
            Access::None => MprotectFlags::empty(),
            Access::Read => MprotectFlags::READ,
            Access::ReadWrite => MprotectFlags::READ | MprotectFlags::WRITE,
            Access::ReadExec => MprotectFlags::READ | MprotectFlags::EXEC,
        }
    }

    /// As [`Access::flags`], for new mappings.
    fn protection(self) -> ProtFlags {
        ProtFlags::from_bits_retain(self.flags().bits())
    }
}

/// A range of address space that this process got from the system; given back when dropped. What lies in
/// it is shared with machine code, so no method here ever makes a Rust reference to the contents.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: usize,
    len: usize,
}

impl Mapping {
    /// Reserves whole pages that nobody can touch; no memory is committed.
    pub(crate) fn reserve(bytes: usize) -> Result<Mapping> {
        Mapping::map(bytes, ProtFlags::empty(), MapFlags::NORESERVE)
    }

    /// Zeroed pages for reading and writing, committed as they are touched.
    pub(crate) fn zeroed(bytes: usize) -> Result<Mapping> {
        Mapping::map(bytes, ProtFlags::READ | ProtFlags::WRITE, MapFlags::NORESERVE)
    }

    /// Zeroed pages for reading and writing, all of them committed at once, for who will write them all.
    pub(crate) fn populated(bytes: usize) -> Result<Mapping> {
        Mapping::map(bytes, ProtFlags::READ | ProtFlags::WRITE, MapFlags::POPULATE)
    }

    fn map(bytes: usize, prot: ProtFlags, how: MapFlags) -> Result<Mapping> {
        let len = round_up(bytes.max(1))?;
        // SAFETY: a fresh private anonymous mapping at an address of the kernel's choice touches nothing that exists.
        let base = unsafe {
            rustix::mm::mmap_anonymous(core::ptr::null_mut(), len, prot, MapFlags::PRIVATE | how)
        };
        let base = base.map_err(|e| os_error("reserve", len, e))?;
        Ok(Mapping { base: base as usize, len })
    }

    pub(crate) fn base(&self) -> usize {
        self.base
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(self.base)
    }

    /// Bytes, whole pages.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Asks for ordinary pages: what is touched here and there must not commit megabytes. A system without huge pages
    /// refuses, which is as good.
    pub(crate) fn small_pages(&self) {
        // SAFETY: changes how pages are committed, not what they hold.
        let _ = unsafe { rustix::mm::madvise(self.as_ptr().cast(), self.len, Advice::LinuxNoHugepage) };
    }

    fn part(&self, what: &str, offset: usize, len: usize) -> Result<*mut u8> {
        let page = page_size();
        let fits = offset.checked_add(len).is_some_and(|end| end <= self.len);
        if !fits || !offset.is_multiple_of(page) || !len.is_multiple_of(page) {
            return Err(Error::internal(format!("cannot {what} {len:#x} bytes at {offset:#x} of a mapping of {:#x}", self.len)));
        }
        Ok(core::ptr::with_exposed_provenance_mut(self.base + offset))
    }

    /// Sets what may be done with a part; whole pages.
    pub(crate) fn protect(&self, offset: usize, len: usize, access: Access) -> Result<()> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part("protect", offset, len)?;
        // SAFETY: the range is inside this mapping, to which no Rust reference exists.
        unsafe { rustix::mm::mprotect(at.cast(), len, access.flags()) }.map_err(|e| os_error("protect", len, e))
    }

    /// Drops the contents of a part: anonymous pages read as zero, file pages as the file.
    pub(crate) fn discard(&self, offset: usize, len: usize) -> Result<()> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part("discard", offset, len)?;
        // SAFETY: as in `protect`; contents of a mapping are never assumed to stay.
        unsafe { rustix::mm::madvise(at.cast(), len, Advice::LinuxDontNeed) }.map_err(|e| os_error("discard", len, e))
    }

    /// Which pages of a part are committed, one byte each, the lowest bit: a hint, since a page that the system has put aside
    /// counts as absent and still has its contents.
    pub(crate) fn resident(&self, offset: usize, pages: &mut [u8]) -> Result<()> {
        let len = pages.len() * page_size();
        let at = self.part("look at", offset, len)?;
        // SAFETY: the range is inside this mapping, and the kernel writes one byte per page.
        match unsafe { libc::mincore(at.cast(), len, pages.as_mut_ptr()) } {
            0 => Ok(()),
            _ => Err(Error::new(ErrorKind::Io, format!("failed to look at {len:#x} bytes of memory"))),
        }
    }

    /// Overwrites a part with zeros; whole pages. Returns in how many bytes of pages there was anything else.
    ///
    /// # Safety
    /// - The part can be read and written, and nobody else uses it meanwhile.
    pub(crate) unsafe fn zero(&self, offset: usize, len: usize) -> Result<usize> {
        let at = self.part("zero", offset, len)?;
        // SAFETY: the range is inside this mapping; the rest is the caller's.
        let all = unsafe { core::slice::from_raw_parts_mut(at.cast::<u64>(), len / 8) };
        let mut used = 0;
        for page in all.chunks_mut(page_size() / 8) {
            if page.iter().any(|word| *word != 0) {
                page.fill(0);
                used += page.len() * 8;
            }
        }
        Ok(used)
    }

    /// Replaces a part by fresh pages.
    pub(crate) fn reset(&self, offset: usize, len: usize, access: Access) -> Result<()> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part("reset", offset, len)?;
        let (prot, flags) = (access.protection(), MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED);
        // SAFETY: replaces only pages of this mapping, to which no Rust reference exists.
        unsafe { rustix::mm::mmap_anonymous(at.cast(), len, prot, flags) }
            .map(drop)
            .map_err(|e| os_error("reset", len, e))
    }

    /// Puts the first `len` bytes of `file` at `offset`, private (copy on write), readable and writable.
    pub(crate) fn map_file(&self, offset: usize, len: usize, file: &OwnedFd) -> Result<()> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part("map a file to", offset, len)?;
        let prot = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: replaces only pages of this mapping, to which no Rust reference exists.
        unsafe { rustix::mm::mmap(at.cast(), len, prot, MapFlags::PRIVATE | MapFlags::FIXED, file, 0) }
            .map(drop)
            .map_err(|e| os_error("map", len, e))
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by this value and its owner is done with it.
        let done = unsafe { rustix::mm::munmap(self.as_ptr().cast(), self.len) };
        if done.is_err() {
            // The process has as many mappings as it may, and to take this one out of a larger one would make one more. The
            // addresses are lost then, but not what they hold.
            let _ = self.discard(0, self.len);
        }
    }
}

/// An anonymous sealed file with these contents; `len` bytes, zero filled at the end.
pub(crate) fn memory_file(len: usize, parts: &[(usize, &[u8])]) -> Result<OwnedFd> {
    let make = || -> rustix::io::Result<OwnedFd> {
        let fd = rustix::fs::memfd_create("tenon-memory-image", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        // Beyond this limit there would be a signal, which ends a host that has not asked to ignore it.
        if rustix::process::getrlimit(rustix::process::Resource::Fsize).current.is_some_and(|most| most < len as u64) {
            return Err(rustix::io::Errno::FBIG);
        }
        rustix::io::retry_on_intr(|| rustix::fs::ftruncate(&fd, len as u64))?;
        write_parts(&fd, len, parts)?;
        rustix::fs::fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL)?;
        Ok(fd)
    };
    make().map_err(|e| os_error("make a file of", len, e))
}

/// Writes parts to a file of `len` zeros; later ones win. Toolchains cut data into thousands of parts of a few
/// bytes, in any order: unless they are far apart, they are put together here and written at once.
fn write_parts(fd: &OwnedFd, len: usize, parts: &[(usize, &[u8])]) -> rustix::io::Result<()> {
    let used: usize = parts.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut whole = Vec::new();
    if len / 4 > used || whole.try_reserve_exact(len).is_err() {
        return parts.iter().try_for_each(|(at, bytes)| write_at(fd, *at, bytes));
    }
    whole.resize(len, 0);
    for (at, bytes) in parts {
        whole[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    write_at(fd, 0, &whole)
}

fn write_at(fd: &OwnedFd, at: usize, mut rest: &[u8]) -> rustix::io::Result<()> {
    let mut at = at as u64;
    while !rest.is_empty() {
        let n = rustix::io::retry_on_intr(|| rustix::io::pwrite(fd, rest, at))?;
        if n == 0 {
            return Err(rustix::io::Errno::NOSPC);
        }
        at += n as u64;
        rest = &rest[n..];
    }
    Ok(())
}

/// Copies the first `len` bytes of `file` to `to`.
///
/// # Safety
/// - `to` points to `len` bytes that can be written and that nobody else uses meanwhile.
pub(crate) unsafe fn read_file(file: &OwnedFd, to: *mut u8, len: usize) -> Result<()> {
    let mut done = 0;
    while done < len {
        // SAFETY: the caller's; the kernel only writes to it.
        let rest = unsafe { core::slice::from_raw_parts_mut(to.add(done).cast::<MaybeUninit<u8>>(), len - done) };
        let (read, _) = match rustix::io::pread(file, rest, done as u64) {
            Err(rustix::io::Errno::INTR) => continue,
            other => other.map_err(|e| os_error("read", len, e))?,
        };
        if read.is_empty() {
            return Err(Error::internal(format!("a file of memory contents ends after {done:#x} bytes of {len:#x}")));
        }
        done += read.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_any_order_make_the_file_they_describe() {
        let far = vec![5u8; 10_000];
        let parts: [(usize, &[u8]); 6] =
            [(3, &[1, 2]), (8, &[3]), (9_000, &far), (4, &[9, 9, 9]), (100, &[7]), (18_999, &[8, 8])];
        for len in [20_480, 409_600] {
            let mut expected = vec![0u8; len];
            for (at, bytes) in &parts {
                expected[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            let fd = memory_file(len, &parts).unwrap();
            let mut found = vec![1u8; len];
            assert_eq!(rustix::io::pread(&fd, &mut found, 0).unwrap(), len);
            assert_eq!(found, expected);
        }
    }

    /// The parts were put together in a buffer that had to be had.
    #[test]
    fn a_file_is_made_without_room_to_put_its_parts_together() {
        const CASE: &str = "TENON_TEST_NO_ROOM";
        if std::env::var_os(CASE).is_none() {
            let me = std::env::current_exe().unwrap();
            let test = "sys::mem::tests::a_file_is_made_without_room_to_put_its_parts_together";
            let out = std::process::Command::new(me).args([test, "--exact"]).env(CASE, "1").output().unwrap();
            return assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        }
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        // More than the C library may have set aside for this thread's small allocations, which is 64 MiB.
        const PART: usize = 24 << 20;
        let part = vec![3u8; PART];
        let status = std::fs::read_to_string("/proc/self/statm").unwrap();
        let used: u64 = status.split(' ').next().unwrap().parse().unwrap();
        let most = used * page_size() as u64 + (16 << 20);
        setrlimit(Resource::As, Rlimit { current: Some(most), ..getrlimit(Resource::As) }).unwrap();
        let mut whole = Vec::<u8>::new();
        // What nobody looks at, the compiler does not allocate.
        let had = std::hint::black_box(&mut whole).try_reserve_exact(4 * PART);
        assert!(had.is_err() && whole.is_empty(), "there is room");
        let fd = memory_file(4 * PART, &[(PART, &part), (PART + 1, &[4])]).unwrap();
        let mut found = [9u8; 3];
        for (at, expected) in [(PART - 1, [0, 3, 4]), (2 * PART - 2, [3, 3, 0]), (4 * PART - 3, [0; 3])] {
            assert_eq!(rustix::io::pread(&fd, &mut found[..], at as u64).unwrap(), 3);
            assert_eq!(found, expected, "at {at}");
        }
    }

    #[test]
    fn mapping_holds_what_is_written_until_discarded() {
        let m = Mapping::zeroed(1).unwrap();
        let p = m.as_ptr();
        // SAFETY: one readable and writable page was just mapped.
        unsafe {
            p.write_volatile(7);
            assert_eq!(p.read_volatile(), 7);
            m.discard(0, m.len()).unwrap();
            assert_eq!(p.read_volatile(), 0);
        }
        assert!(m.protect(m.len(), page_size(), Access::ReadWrite).is_err());
    }

    #[test]
    fn file_is_mapped_copy_on_write() {
        let page = page_size();
        let fd = memory_file(page, &[(3, b"abc")]).unwrap();
        let (a, b) = (Mapping::reserve(page).unwrap(), Mapping::reserve(page).unwrap());
        a.map_file(0, page, &fd).unwrap();
        b.map_file(0, page, &fd).unwrap();
        // SAFETY: both pages are mapped readable and writable.
        unsafe {
            a.as_ptr().add(3).write_volatile(b'x');
            assert_eq!(b.as_ptr().add(3).read_volatile(), b'a');
        }
    }
}
