//! Random operations on paths and descriptors, each result compared with a model.
//!
//! [`model`] is a file system in memory, written from POSIX and the interface's own text; it knows nothing of the
//! library. [`ops`] makes operations from a seed, [`world`] says what each must come to, [`guest`] has a guest do
//! them, [`disk`] compares the tree on disk, and [`run`] drives all that and shortens what diverged. [`race`] lets
//! two guests loose on one tree, where only what lies outside can be judged.

pub mod causes;
pub mod disk;
pub mod errno;
pub mod guest;
pub mod model;
pub mod ops;
pub mod race;
pub mod run;
pub mod world;

/// A generator of numbers that only need to be the same for the same seed (splitmix64).
#[derive(Clone)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True in one of `n` cases.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}
