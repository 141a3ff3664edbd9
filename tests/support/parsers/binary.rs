//! Damage to binary modules.

use crate::differential::{self, Rng};

/// A module of one of the generators.
pub fn original(rng: &mut Rng) -> Vec<u8> {
    differential::any_module(rng)
}

/// Numbers that are treacherous where a count, a size or an index stands, as LEB128.
const NUMBERS: [&[u8]; 9] = [
    &[0],
    &[1],
    &[0x7f],
    &[0x80, 0x01],
    &[0xff, 0x7f],
    &[0x80, 0x80, 0x04],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0x1f],
    &[0x80, 0x80, 0x80, 0x80, 0x00],
];

pub fn mutate(original: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=rng.below(3) {
        if bytes.is_empty() {
            break;
        }
        damage(&mut bytes, original, rng);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, original: &[u8], rng: &mut Rng) {
    let at = rng.below(bytes.len() as u64) as usize;
    let len = (1 + rng.below(24) as usize).min(bytes.len() - at);
    match rng.below(8) {
        0 => bytes[at] ^= 1 << rng.below(8),
        1 => bytes[at] = rng.next() as u8,
        // Operators and types lie close to each other.
        2 => bytes[at] = bytes[at].wrapping_add(rng.below(5) as u8).wrapping_sub(2),
        3 => bytes.truncate(at),
        4 => _ = bytes.drain(at..at + len),
        5 => {
            let from = rng.below(original.len() as u64) as usize;
            let part = original[from..(from + len).min(original.len())].to_vec();
            bytes.splice(at..at, part);
        }
        6 => {
            let from = rng.below(original.len() as u64) as usize;
            let len = len.min(original.len() - from);
            bytes[at..at + len].copy_from_slice(&original[from..from + len]);
        }
        _ => _ = bytes.splice(at..at + 1, rng.pick(&NUMBERS).iter().copied()),
    }
}
