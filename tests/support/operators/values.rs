//! Values on which operators go wrong.

use super::V;
use crate::differential::Rng;

const BYTES: [u8; 8] = [0, 1, 2, 0x7e, 0x7f, 0x80, 0x81, 0xff];

/// Bits of floats: zeros, NaNs quiet and signalling with payloads, subnormals, and numbers at the ends of integers.
const F32: [u32; 26] = [
    0, 1, 0x007f_ffff, 0x0080_0000, 0x3f00_0000, 0x3eff_ffff, 0x3f7f_ffff, 0x3f80_0000, 0x3fc0_0000, 0x4020_0000, 0x4b00_0000,
    0x4aff_ffff, 0x4b7f_ffff, 0x4eff_ffff, 0x4f00_0000, 0x4f7f_ffff, 0x4f80_0000, 0x5eff_ffff, 0x5f00_0000, 0x5f80_0000, 0x7f7f_ffff,
    0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0x7fc1_2345, 0x7fa0_0000,
];

const F64: [f64; 22] = [
    0.0, 5e-324, 2.225_073_858_507_201e-308, f64::MIN_POSITIVE, 0.5, 0.499_999_999_999_999_94, 0.999_999_999_999_999_9, 1.0, 1.5, 2.5,
    4_503_599_627_370_495.5, 9_007_199_254_740_991.0, 2_147_483_647.0, 2_147_483_647.9, 2_147_483_648.0, 2_147_483_648.9,
    4_294_967_295.9, 4_294_967_296.0, 9_223_372_036_854_775_807.0, 18_446_744_073_709_551_615.0, f64::MAX, f64::INFINITY,
];

const NAN64: [u64; 4] = [0x7ff8_0000_0000_0000, 0x7ff0_0000_0000_0001, 0x7ff8_0000_dead_beef, 0x7ff4_0000_0000_0000];

fn f32(rng: &mut Rng) -> u32 {
    let bits = match rng.below(6) {
        0 => rng.next() as u32,
        1 => (rng.i64() as f32).to_bits(),
        _ => *rng.pick(&F32),
    };
    bits ^ (rng.below(2) as u32) << 31
}

fn f64(rng: &mut Rng) -> u64 {
    let bits = match rng.below(8) {
        0 => rng.next(),
        1 => (rng.i64() as f64).to_bits(),
        2 => f64::from(f32::from_bits(f32(rng))).to_bits(),
        // Half way between two f32, or next to it.
        3 => (f64::from(f32::from_bits(f32(rng))).to_bits() | 0x1000_0000).wrapping_add(rng.below(3)).wrapping_sub(1),
        4 => *rng.pick(&NAN64),
        _ => rng.pick(&F64).to_bits(),
    };
    bits ^ rng.below(2) << 63
}

/// A power of two, one more or one less, or its negative.
fn near_power(rng: &mut Rng, bits: u64) -> u64 {
    let near = (1_u64 << rng.below(bits)).wrapping_add(rng.below(3)).wrapping_sub(1);
    if rng.chance(30) { near.wrapping_neg() } else { near }
}

fn lanes(rng: &mut Rng, bytes: usize, mut lane: impl FnMut(&mut Rng) -> u64) -> u128 {
    let same = rng.chance(20).then(|| lane(rng));
    let mask = if bytes == 8 { u64::MAX } else { (1 << (bytes * 8)) - 1 };
    (0..16 / bytes).fold(0, |v, i| v | u128::from(same.unwrap_or_else(|| lane(rng)) & mask) << (8 * bytes * i))
}

fn v128(rng: &mut Rng) -> u128 {
    match rng.below(9) {
        0 => u128::from(rng.next()) << 64 | u128::from(rng.next()),
        1 => *rng.pick(&[0, u128::MAX, 1, 1 << 127]),
        2 => lanes(rng, 1, |r| u64::from(*r.pick(&BYTES))),
        3 => lanes(rng, 2, |r| near_power(r, 16)),
        4 => lanes(rng, 4, |r| near_power(r, 32)),
        5 => lanes(rng, 8, |r| near_power(r, 64)),
        6 => lanes(rng, 1, |r| r.below(40)),
        7 => lanes(rng, 4, |r| u64::from(f32(r))),
        _ => lanes(rng, 8, f64),
    }
}

/// The bits of a value of this type.
pub fn value(rng: &mut Rng, ty: V) -> u128 {
    match ty {
        V::I32 if rng.chance(40) => near_power(rng, 32) as u32 as u128,
        V::I32 => rng.i32() as u32 as u128,
        V::I64 if rng.chance(40) => near_power(rng, 64).into(),
        V::I64 => rng.i64() as u64 as u128,
        V::F32 => f32(rng).into(),
        V::F64 => f64(rng).into(),
        V::V128 => v128(rng),
        V::Pair => unreachable!("no operand is a pair"),
    }
}
