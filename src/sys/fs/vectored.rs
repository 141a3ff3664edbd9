//! Reading and writing between files and guest memory, without a copy in between.

use super::Errno;
use smallvec::SmallVec;
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) type IoVec = libc::iovec;

/// How many buffers one operation takes: the kernel's own limit.
pub const MAX_IOVECS: u32 = 1024;

/// Buffers in guest memory, all inside its bounds. Short lists live on the stack.
///
/// They may overlap one another, which Rust slices must not: so they stay raw, and go to the kernel as they are.
pub struct IoVecs<'a> {
    list: SmallVec<[IoVec; 16]>,
    guest: PhantomData<&'a ()>,
}

impl IoVecs<'_> {
    pub(super) fn new() -> Self {
        IoVecs { list: SmallVec::new(), guest: PhantomData }
    }

    pub(super) fn push(&mut self, vec: IoVec) {
        self.list.push(vec);
    }

    pub(super) fn as_raw(&mut self) -> (*mut IoVec, usize) {
        (self.list.as_mut_ptr(), self.list.len())
    }

    /// Bytes in all buffers together.
    pub fn total(&self) -> u64 {
        self.list.iter().map(|v| v.iov_len as u64).sum()
    }

    /// Leaves the first `bytes` bytes out, which are done with.
    pub fn advance(&mut self, mut bytes: usize) {
        for v in &mut self.list {
            let n = bytes.min(v.iov_len);
            v.iov_base = v.iov_base.cast::<u8>().wrapping_add(n).cast();
            v.iov_len -= n;
            bytes -= n;
        }
    }

    /// Fills the buffers from a file at its own position; 0 at the end.
    pub fn read_from(&self, fd: impl AsFd) -> Result<u32, Errno> {
        let fd = fd.as_fd().as_raw_fd();
        // SAFETY: every buffer lies in guest memory that is mapped for the lifetime of `self`; the kernel
        // minds neither overlap nor concurrent writers.
        retry(|| unsafe { libc::readv(fd, self.list.as_ptr(), self.count()) })
    }

    /// Writes the buffers to a file at its own position.
    pub fn write_to(&self, fd: impl AsFd) -> Result<u32, Errno> {
        let fd = fd.as_fd().as_raw_fd();
        // SAFETY: as in `read_from`.
        let write = || unsafe { libc::writev(fd, self.list.as_ptr(), self.count()) };
        within_size_limit(|| retry(write))
    }

    /// As [`IoVecs::write_to`], for a pipe, whose reader may be gone: that is [`Errno::Pipe`] and no signal, which
    /// would end a host that has not asked to ignore it. May wait.
    pub fn write_to_pipe(&self, fd: impl AsFd) -> Result<u32, Errno> {
        without_signal(libc::SIGPIPE, Errno::Pipe, || self.write_to(fd))
    }

    /// As [`IoVecs::write_to_pipe`], but takes what fits: [`Errno::Again`] if nothing does, and
    /// [`Errno::NotSup`] if the kernel cannot write to this without waiting.
    pub fn try_write_to_pipe(&self, fd: impl AsFd) -> Result<u32, Errno> {
        let fd = fd.as_fd().as_raw_fd();
        // SAFETY: as in `read_from`.
        let write = || unsafe { libc::pwritev2(fd, self.list.as_ptr(), self.count(), -1, libc::RWF_NOWAIT) };
        without_signal(libc::SIGPIPE, Errno::Pipe, || retry(write))
    }

    /// Fills the buffers from a file at `offset`, leaving its position alone.
    pub fn read_from_at(&self, fd: impl AsFd, offset: u64) -> Result<u32, Errno> {
        let fd = fd.as_fd().as_raw_fd();
        let offset = libc::off_t::try_from(offset).map_err(|_| Errno::Inval)?;
        // SAFETY: as in `read_from`.
        retry(|| unsafe { libc::preadv(fd, self.list.as_ptr(), self.count(), offset) })
    }

    /// Writes the buffers to a file at `offset`, leaving its position alone. A file opened for appending
    /// appends all the same, as on Linux.
    pub fn write_to_at(&self, fd: impl AsFd, offset: u64) -> Result<u32, Errno> {
        let fd = fd.as_fd().as_raw_fd();
        let offset = libc::off_t::try_from(offset).map_err(|_| Errno::Inval)?;
        // SAFETY: as in `read_from`.
        let write = || unsafe { libc::pwritev(fd, self.list.as_ptr(), self.count(), offset) };
        within_size_limit(|| retry(write))
    }

    /// Copies as many bytes as fit from the buffers into `out`, skipping the first `skip`.
    pub fn gather(&self, mut skip: u64, out: &mut [u8]) -> usize {
        let mut filled = 0;
        for v in &self.list {
            let len = v.iov_len as u64;
            if skip >= len {
                skip -= len;
                continue;
            }
            let from = skip as usize;
            skip = 0;
            let n = (v.iov_len - from).min(out.len() - filled);
            // SAFETY: `from + n <= iov_len` bytes of guest memory; `out` is a host buffer with `n` bytes left.
            unsafe {
                let source = v.iov_base.cast::<u8>().wrapping_add(from);
                core::ptr::copy_nonoverlapping(source, out.as_mut_ptr().add(filled), n);
            }
            filled += n;
            if filled == out.len() {
                break;
            }
        }
        filled
    }

    /// Copies `bytes` into the buffers, the first `skip` bytes of which are taken already.
    pub fn scatter(&self, mut skip: u64, bytes: &[u8]) -> usize {
        let mut taken = 0;
        for v in &self.list {
            let len = v.iov_len as u64;
            if skip >= len {
                skip -= len;
                continue;
            }
            let to = skip as usize;
            skip = 0;
            let n = (v.iov_len - to).min(bytes.len() - taken);
            // SAFETY: `to + n <= iov_len` bytes of guest memory; `bytes` is a host buffer with `n` bytes left.
            unsafe {
                let target = v.iov_base.cast::<u8>().wrapping_add(to);
                core::ptr::copy_nonoverlapping(bytes.as_ptr().add(taken), target, n);
            }
            taken += n;
            if taken == bytes.len() {
                break;
            }
        }
        taken
    }

    fn count(&self) -> libc::c_int {
        // At most MAX_IOVECS.
        self.list.len() as libc::c_int
    }
}

/// Repeats a system call that a signal broke off. Its result fits: the kernel moves less than 2 GiB at once.
pub(super) fn retry(mut call: impl FnMut() -> isize) -> Result<u32, Errno> {
    loop {
        let n = call();
        if n >= 0 {
            return u32::try_from(n).map_err(|_| Errno::Overflow);
        }
        let raw = std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
        if raw != libc::EINTR {
            return Err(Errno::from_os(raw));
        }
    }
}

/// Whether files of this process may not become as large as the disk has room for (`RLIMIT_FSIZE`).
static SIZES_LIMITED: AtomicBool = AtomicBool::new(false);

/// Looks whether the sizes of files are limited; to be asked before one is opened to be written to.
pub(super) fn note_size_limit() {
    if rustix::process::getrlimit(rustix::process::Resource::Fsize).current.is_some() {
        SIZES_LIMITED.store(true, Ordering::Relaxed);
    }
}

/// Runs what may make a file larger. Beyond the process's limit that is [`Errno::FBig`] and no signal, which would end a
/// host that has not asked to ignore it.
pub(super) fn within_size_limit<T>(grow: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    if !SIZES_LIMITED.load(Ordering::Relaxed) {
        return grow();
    }
    without_signal(libc::SIGXFSZ, Errno::FBig, grow)
}

/// Runs `write` with a signal held back from this thread, and takes back the one that goes with the error `of`.
fn without_signal<T>(signal: libc::c_int, of: Errno, write: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    // SAFETY: sigset_t is plain data that sigemptyset initialises; all pointers are to locals; changing the
    // mask of the calling thread and taking a pending signal of its own has no effect on memory.
    unsafe {
        let mut held: libc::sigset_t = core::mem::zeroed();
        libc::sigemptyset(&mut held);
        libc::sigaddset(&mut held, signal);
        let mut old: libc::sigset_t = core::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, &held, &mut old);
        let result = write();
        let was_blocked = libc::sigismember(&old, signal) == 1;
        if result.as_ref().err() == Some(&of) && !was_blocked {
            let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            libc::sigtimedwait(&held, core::ptr::null_mut(), &at_once);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &old, core::ptr::null_mut());
        result
    }
}

#[cfg(test)]
mod tests {
    use super::super::GuestMemory;

    #[test]
    fn gather_and_scatter_respect_buffer_edges() {
        let mut bytes: Vec<u8> = (0..64).collect();
        let table = [32u32, 3, 40, 0, 50, 4];
        for (i, w) in table.iter().enumerate() {
            bytes[i * 4..i * 4 + 4].copy_from_slice(&w.to_le_bytes());
        }
        let mem = GuestMemory::from_slice(&mut bytes);
        let vecs = mem.iovecs(0, 3).unwrap();
        assert_eq!(vecs.total(), 7);
        let mut out = [0; 16];
        assert_eq!(vecs.gather(0, &mut out), 7);
        assert_eq!(out[..7], [32, 33, 34, 50, 51, 52, 53]);
        assert_eq!(vecs.gather(4, &mut out[..2]), 2);
        assert_eq!(out[..2], [51, 52]);
        assert_eq!(vecs.scatter(2, &[1, 2, 3]), 3);
        assert_eq!(vecs.scatter(6, &[9, 9]), 1);
        assert_eq!(vecs.gather(0, &mut out), 7);
        assert_eq!(out[..7], [32, 33, 1, 2, 3, 52, 9]);
        let mut vecs = vecs;
        vecs.advance(4);
        assert_eq!((vecs.total(), vecs.gather(0, &mut out)), (3, 3));
        assert_eq!(out[..3], [3, 52, 9]);
    }
}
