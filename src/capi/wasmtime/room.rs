//! Room for the values of one call.

use std::mem::MaybeUninit;

/// More values than this cost an allocation.
const FEW: usize = 8;

/// Items that are made where they stay: a copy of what was written piece by piece a moment ago makes the CPU wait.
pub(super) struct Room<T> {
    few: [MaybeUninit<T>; FEW],
    /// How many of `few` are filled.
    filled: usize,
    many: Vec<T>,
}

impl<T> Room<T> {
    #[inline(always)]
    pub(super) fn new() -> Room<T> {
        Room { few: [const { MaybeUninit::uninit() }; FEW], filled: 0, many: Vec::new() }
    }

    /// Makes `count` items, once; `make` fills the place it is given.
    #[inline(always)]
    pub(super) fn fill(&mut self, count: usize, make: impl Fn(usize, &mut MaybeUninit<T>)) {
        let Some(few) = self.few.get_mut(..count) else { return self.fill_many(count, make) };
        few.iter_mut().enumerate().for_each(|(i, place)| make(i, place));
        self.filled = count;
    }

    #[cold]
    fn fill_many(&mut self, count: usize, make: impl Fn(usize, &mut MaybeUninit<T>)) {
        self.many.reserve_exact(count);
        self.many.spare_capacity_mut()[..count].iter_mut().enumerate().for_each(|(i, place)| make(i, place));
        // SAFETY: the line above has filled as many.
        unsafe { self.many.set_len(count) };
    }

    #[inline(always)]
    pub(super) fn items(&mut self) -> &mut [T] {
        if self.filled == 0 {
            return &mut self.many;
        }
        // SAFETY: as many are filled.
        unsafe { self.few[..self.filled].assume_init_mut() }
    }
}

impl<T> Drop for Room<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: as many are filled, and nobody uses them after this.
        unsafe { self.few[..self.filled].assume_init_drop() };
    }
}
