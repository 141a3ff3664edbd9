//! Bulk operations on arrays. References are machine code's or constant expressions', so that they are of the right type;
//! only null and bounds are checked.

use super::Heap;
use crate::base::TrapCode;
use crate::layout::*;

/// A range of an array's elements that exists.
struct Span {
    at: *mut u8,
    /// Bytes of one element.
    size: usize,
    len: usize,
}

impl Heap {
    fn span(&self, array: u32, at: u32, len: u32) -> Result<Span, TrapCode> {
        if array == 0 {
            return Err(TrapCode::NullReference);
        }
        let (Ok(ty), Ok(length)) = (self.type_of(array), self.len_of(array)) else { return Err(TrapCode::NullReference) };
        if u64::from(at) + u64::from(len) > u64::from(length) {
            return Err(TrapCode::ArrayOutOfBounds);
        }
        let size = self.types().get(ty).size as usize;
        let start = self.base().wrapping_add(array as usize + ARRAY_DATA as usize + at as usize * size);
        Ok(Span { at: start, size, len: len as usize })
    }

    /// Bytes of an array.
    pub fn array_bytes(element: u32, len: u32) -> u64 {
        u64::from(element) * u64::from(len) + ARRAY_DATA as u64
    }

    pub fn array_fill(&self, array: u32, at: u32, len: u32, value: u128) -> Result<(), TrapCode> {
        let span = self.span(array, at, len)?;
        // SAFETY: the span lies inside an object and has elements of this size; nobody else uses the heap.
        unsafe {
            match span.size {
                1 => core::ptr::write_bytes(span.at, value as u8, span.len),
                2 => fill(span.at, span.len, value as u16),
                4 => fill(span.at, span.len, value as u32),
                8 => fill(span.at, span.len, value as u64),
                _ => fill(span.at, span.len, value),
            }
        }
        Ok(())
    }

    /// Ranges may overlap.
    pub fn array_copy(&self, dst: u32, dst_at: u32, src: u32, src_at: u32, len: u32) -> Result<(), TrapCode> {
        let (to, from) = (self.span(dst, dst_at, len)?, self.span(src, src_at, len)?);
        // SAFETY: both spans lie inside objects and have elements of one size, by validation; nobody else uses the heap.
        unsafe { core::ptr::copy(from.at, to.at, to.len * to.size.min(from.size)) };
        Ok(())
    }

    /// Elements from the bytes at `from` of a data segment.
    pub fn array_init_data(&self, array: u32, at: u32, data: &[u8], from: u32, len: u32) -> Result<(), TrapCode> {
        let span = self.span(array, at, len)?;
        let start = from as usize;
        let bytes = start.checked_add(span.len * span.size).and_then(|end| data.get(start..end));
        let bytes = bytes.ok_or(TrapCode::MemoryOutOfBounds)?;
        // SAFETY: the span lies inside an object and has as many bytes.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), span.at, bytes.len()) };
        Ok(())
    }

    /// Elements from words, of which each gives the low bytes.
    pub fn array_init(&self, array: u32, at: u32, words: impl ExactSizeIterator<Item = u64>) -> Result<(), TrapCode> {
        let span = self.span(array, at, words.len() as u32)?;
        for (i, word) in words.enumerate() {
            let bytes = word.to_le_bytes();
            // SAFETY: as in `array_fill`; elements of such arrays are references.
            unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), span.at.add(i * span.size), span.size.min(8)) };
        }
        Ok(())
    }
}

/// Writes `len` copies of a little-endian number.
///
/// # Safety
/// - There is room for them at `at`, which nobody else uses.
unsafe fn fill<T: Copy>(at: *mut u8, len: usize, value: T) {
    let at = at.cast::<T>();
    for i in 0..len {
        // SAFETY: the caller's.
        unsafe { at.add(i).write_unaligned(value) };
    }
}
