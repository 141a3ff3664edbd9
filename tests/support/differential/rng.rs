//! Choices: random numbers that are the same on every machine, or bytes that a fuzzer has chosen.

/// SplitMix64, behind bytes if there are any.
#[derive(Default)]
pub struct Rng {
    state: u64,
    /// Taken first, from the end.
    bytes: Vec<u8>,
}

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng { state: seed, bytes: Vec::new() }
    }

    /// What these bytes choose, as many of them as a choice needs; behind them always the same numbers.
    pub fn from_bytes(bytes: &[u8]) -> Rng {
        Rng { state: 0, bytes: bytes.iter().rev().copied().collect() }
    }

    /// The next bytes, if any are left; what is missing is 0.
    fn take(&mut self, count: usize) -> Option<u64> {
        let left = self.bytes.len();
        (left > 0).then(|| self.bytes.drain(left.saturating_sub(count)..).fold(0, |v, b| v << 8 | u64::from(b)))
    }

    pub fn next(&mut self) -> u64 {
        if let Some(chosen) = self.take(8) {
            return chosen;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        let bytes = (u64::BITS - (end - 1).leading_zeros()).div_ceil(8).max(1) as usize;
        self.take(bytes).unwrap_or_else(|| self.next()) % end
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len() as u64) as usize]
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let chosen = self.bytes.split_off(self.bytes.len().saturating_sub(len));
        let mut bytes: Vec<u8> = chosen.into_iter().rev().collect();
        while bytes.len() < len {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }

    pub fn i32(&mut self) -> i32 {
        match self.below(8) {
            0 => self.next() as i32,
            1 => 1_i32.wrapping_shl(self.next() as u32),
            _ => *self.pick(&I32),
        }
    }

    pub fn i64(&mut self) -> i64 {
        match self.below(8) {
            0 => self.next() as i64,
            1 => 1_i64.wrapping_shl(self.next() as u32),
            2 => i64::from(self.i32()),
            _ => *self.pick(&I64),
        }
    }

    /// Bits of an f32; a NaN is the canonical one, whose sign no engine changes.
    pub fn f32(&mut self) -> u32 {
        let value = match self.below(8) {
            0 => f32::from_bits(self.next() as u32),
            1 => self.i32() as f32,
            2 => self.i64() as u64 as f32,
            _ => *self.pick(&F32),
        };
        if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
    }

    /// Bits of an f64, as with [`Rng::f32`].
    pub fn f64(&mut self) -> u64 {
        let value = match self.below(8) {
            0 => f64::from_bits(self.next()),
            1 => f64::from(self.i32()),
            2 => self.i64() as u64 as f64,
            3 => f64::from(f32::from_bits(self.f32())),
            _ => *self.pick(&F64),
        };
        if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() }
    }

    pub fn v128(&mut self) -> u128 {
        match self.below(4) {
            0 => 0,
            1 => u128::MAX,
            _ => u128::from(self.i64() as u64) << 64 | u128::from(self.f64()),
        }
    }
}

const I32: [i32; 22] =
    [0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 32767, 32768, 65535, 65536, i32::MAX, i32::MIN];

const I64: [i64; 20] = [
    0,
    1,
    -1,
    2,
    3,
    10,
    31,
    32,
    63,
    64,
    65,
    0xffff_ffff,
    0x1_0000_0000,
    -0x8000_0000,
    -0x8000_0001,
    0x7fff_ffff,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
    0x5555_5555_5555_5555,
];

const F32: [f32; 18] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    f32::MIN_POSITIVE,
    1e-45,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    2147483648.0,
    -2147483904.0,
    9223372036854775808.0,
];

const F64: [f64; 20] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.5,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    2147483647.5,
    -2147483648.5,
    4294967295.5,
    -0.9999999999999999,
    9223372036854775807.0,
    -9223372036854777856.0,
    18446744073709551615.0,
];
