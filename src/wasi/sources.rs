//! Ready-made clocks, random numbers and outputs for hosts that want the same thing to happen every time.

use super::ctx::{Clock, RandomSource};
use super::streams::OutputStream;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;

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

/// Numbers that follow from a seed (splitmix64): the same in every run, and no secret. Threads draw from one sequence.
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    pub fn new(seed: u64) -> SeededRandom {
        SeededRandom(Mutex::new(seed))
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        for piece in out.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let word = scramble(*state).to_le_bytes();
            piece.copy_from_slice(&word[..piece.len()]);
        }
        Ok(())
    }
}

/// Spreads every bit of `z` over the result.
fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
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
