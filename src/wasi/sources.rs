//! Ready-made clocks, random numbers and outputs for hosts that want the same thing to happen every time.

use super::ctx::{Clock, RandomSource};
use super::streams::OutputStream;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Clocks that stand still. Values are nanoseconds. A guest that sleeps still waits on the host's clock.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock {
    /// Since 1970.
    pub realtime: u64,
    pub monotonic: u64,
}

impl Clock for FixedClock {
    fn realtime(&self) -> u64 {
        self.realtime
    }
    fn monotonic(&self) -> u64 {
        self.monotonic
    }
    fn realtime_resolution(&self) -> u64 {
        1
    }
    fn monotonic_resolution(&self) -> u64 {
        1
    }
}

/// Numbers that follow from a seed: the same in every run, and no secret. Threads draw from one sequence of words.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    drawn: Mutex<u64>,
}

impl SeededRandom {
    pub fn new(seed: u64) -> SeededRandom {
        SeededRandom { seed, drawn: Mutex::new(0) }
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> io::Result<()> {
        let mut drawn = self.drawn.lock();
        for piece in out.chunks_mut(8) {
            let word = xxh3_64_with_seed(&drawn.to_le_bytes(), self.seed).to_le_bytes();
            *drawn += 1;
            piece.copy_from_slice(&word[..piece.len()]);
        }
        Ok(())
    }
}

/// What a guest wrote, kept for the host up to a limit; clones are the same output. What is written beyond the limit is
/// `nospc` to the guest, until the host takes what there is.
#[derive(Clone, Debug)]
pub struct OutputBuffer {
    bytes: Arc<Mutex<Vec<u8>>>,
    limit: usize,
}

impl OutputBuffer {
    /// An empty buffer for at most `limit` bytes.
    pub fn new(limit: usize) -> OutputBuffer {
        OutputBuffer { bytes: Arc::default(), limit }
    }

    /// Takes out what was written since the last time.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes.lock())
    }
}

impl OutputStream for OutputBuffer {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.bytes.lock();
        let n = bytes.len().min(self.limit - kept.len());
        if n == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        kept.extend_from_slice(&bytes[..n]);
        Ok(n)
    }
}
