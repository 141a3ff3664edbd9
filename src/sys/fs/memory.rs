//! A guest's linear memory as a host function sees it.

use super::vectored::{IoVec, IoVecs, MAX_IOVECS};
use std::fmt;
use std::marker::PhantomData;

/// A bounds-checked view of a linear memory.
///
/// Values are always copied: no Rust reference into guest memory exists, because the guest (another thread of
/// it, or a re-entrant call) may write at any time. Such a race makes the guest's bytes unspecified, nothing else.
#[derive(Clone, Copy)]
pub struct GuestMemory<'a> {
    base: *mut u8,
    len: usize,
    lifetime: PhantomData<&'a ()>,
}

/// A pointer from the guest that it should not have passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    OutOfBounds { start: u32, len: u64 },
    Misaligned { start: u32, align: u32 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::OutOfBounds { start, len } => {
                write!(f, "pointer out of bounds: {len} bytes at {start:#x}")
            }
            Fault::Misaligned { start, align } => {
                write!(f, "pointer not aligned to {align}: {start:#x}")
            }
        }
    }
}

impl<'a> GuestMemory<'a> {
    /// A view of `len` bytes at `base`.
    ///
    /// # Safety
    /// - During `'a`, `base..base + len` stays mapped, readable and writable.
    /// - During `'a`, no Rust reference to those bytes is used.
    pub unsafe fn from_raw(base: *mut u8, len: usize) -> GuestMemory<'a> {
        GuestMemory { base, len, lifetime: PhantomData }
    }

    /// A view of bytes of the host, which pass for a guest's memory.
    pub fn from_slice(bytes: &'a mut [u8]) -> GuestMemory<'a> {
        // SAFETY: the slice is valid for 'a, and its exclusive borrow keeps all other references away.
        unsafe { GuestMemory::from_raw(bytes.as_mut_ptr(), bytes.len()) }
    }

    /// The memory of a guest that has none: every access faults.
    pub fn empty() -> GuestMemory<'a> {
        GuestMemory::from_slice(&mut [])
    }

    /// Accessible bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The address of `len` bytes at `start`, all of them inside.
    pub(super) fn region(&self, start: u32, len: usize) -> Result<*mut u8, Fault> {
        let offset = start as usize;
        if offset > self.len || len > self.len - offset {
            return Err(Fault::OutOfBounds { start, len: len as u64 });
        }
        Ok(self.base.wrapping_add(offset))
    }

    /// Checks that `len` bytes at `start` are inside.
    pub fn check(&self, start: u32, len: u32) -> Result<(), Fault> {
        self.region(start, len as usize).map(drop)
    }

    /// Copies guest bytes at `start` over `out`.
    pub fn read(&self, start: u32, out: &mut [u8]) -> Result<(), Fault> {
        let from = self.region(start, out.len())?;
        // SAFETY: `region` found all bytes inside the view, which `from_raw`'s caller promised is readable;
        // `out` cannot overlap it, being a live exclusive reference.
        unsafe { core::ptr::copy_nonoverlapping(from, out.as_mut_ptr(), out.len()) };
        Ok(())
    }

    /// Copies `bytes` into the guest at `start`.
    pub fn write(&self, start: u32, bytes: &[u8]) -> Result<(), Fault> {
        let to = self.region(start, bytes.len())?;
        // SAFETY: as in `read`, the other way round.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    /// Copies a fixed-size record whose address must be a multiple of `align` (a power of two).
    pub fn read_record<const N: usize>(&self, start: u32, align: u32) -> Result<[u8; N], Fault> {
        aligned(start, align)?;
        let mut bytes = [0; N];
        self.read(start, &mut bytes)?;
        Ok(bytes)
    }

    /// Writes a record whose address must be a multiple of `align` (a power of two).
    pub fn write_record(&self, start: u32, align: u32, bytes: &[u8]) -> Result<(), Fault> {
        aligned(start, align)?;
        self.write(start, bytes)
    }

    pub fn read_u32(&self, start: u32) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.read_record(start, 4)?))
    }

    pub fn write_u16(&self, start: u32, value: u16) -> Result<(), Fault> {
        self.write_record(start, 2, &value.to_le_bytes())
    }

    pub fn write_u32(&self, start: u32, value: u32) -> Result<(), Fault> {
        self.write_record(start, 4, &value.to_le_bytes())
    }

    pub fn write_u64(&self, start: u32, value: u64) -> Result<(), Fault> {
        self.write_record(start, 8, &value.to_le_bytes())
    }

    /// Checks that a result of `len` bytes can be written later: an effect must not happen if the guest
    /// cannot be told of it.
    pub fn check_record(&self, start: u32, align: u32, len: u32) -> Result<(), Fault> {
        aligned(start, align)?;
        self.check(start, len)
    }

    /// The buffers that an array of `count` WASI iovecs (two 32-bit words: address, length) describes.
    /// Looks at the first [`MAX_IOVECS`] only: the caller does less than it was asked to, as it always may.
    pub fn iovecs(&self, start: u32, count: u32) -> Result<IoVecs<'a>, Fault> {
        aligned(start, 4)?;
        let size = u64::from(count) * 8;
        let size = usize::try_from(size).map_err(|_| Fault::OutOfBounds { start, len: size })?;
        self.region(start, size)?;
        let mut vecs = IoVecs::new();
        for i in 0..count.min(MAX_IOVECS) {
            let raw: [u8; 8] = self.read_record(start + i * 8, 4)?;
            let [a, b, c, d, e, f, g, h] = raw;
            let at = u32::from_le_bytes([a, b, c, d]);
            let len = u32::from_le_bytes([e, f, g, h]) as usize;
            vecs.push(IoVec { iov_base: self.region(at, len)?.cast(), iov_len: len });
        }
        Ok(vecs)
    }

    /// One buffer of the guest's.
    pub fn buffer(&self, start: u32, len: u32) -> Result<IoVecs<'a>, Fault> {
        let len = len as usize;
        let mut vecs = IoVecs::new();
        vecs.push(IoVec { iov_base: self.region(start, len)?.cast(), iov_len: len });
        Ok(vecs)
    }
}

fn aligned(start: u32, align: u32) -> Result<(), Fault> {
    debug_assert!(align.is_power_of_two());
    if start & (align - 1) == 0 { Ok(()) } else { Err(Fault::Misaligned { start, align }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accesses_stay_inside() {
        let mut bytes = vec![0u8; 64];
        let mem = GuestMemory::from_slice(&mut bytes);
        mem.write_u64(56, 7).unwrap();
        assert_eq!(mem.write_u64(60, 7), Err(Fault::Misaligned { start: 60, align: 8 }));
        assert!(matches!(mem.write_u64(64, 7), Err(Fault::OutOfBounds { .. })));
        assert!(mem.write(64, &[]).is_ok());
        assert!(mem.write(65, &[]).is_err());
        assert!(mem.check(u32::MAX, u32::MAX).is_err());
        assert_eq!(mem.read_u32(56), Ok(7));
    }

    #[test]
    fn iovec_arrays_are_checked_whole() {
        let mut bytes = vec![0u8; 64];
        bytes[4..8].copy_from_slice(&65u32.to_le_bytes());
        let mem = GuestMemory::from_slice(&mut bytes);
        assert!(mem.iovecs(0, 1).is_err(), "buffer too long");
        assert!(mem.iovecs(8, 7).is_ok());
        assert!(mem.iovecs(8, 8).is_err(), "array too long");
        assert!(mem.iovecs(8, u32::MAX).is_err());
        assert!(mem.iovecs(2, 1).is_err(), "misaligned");
        assert!(GuestMemory::empty().iovecs(0, 0).is_ok());
    }
}
