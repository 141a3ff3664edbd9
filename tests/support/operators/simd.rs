//! The vector operators and what they mean.

use super::lane::{Allowed, Expect, Lane, fmap, fzip, map, mask, split, zip};
use super::scalar::{max, min};
use super::{I, Op, V, rows};

fn all_true<T: Lane>(a: &[u128]) -> Expect {
    Expect::lanes([u32::from(split::<T>(a[0]).iter().all(|x| x.bits() != 0))])
}

fn bitmask<T: Lane>(a: &[u128]) -> Expect {
    let top = |x: &T| (x.bits() >> (T::BYTES * 8 - 1)) as u32 & 1;
    Expect::lanes([split::<T>(a[0]).iter().enumerate().fold(0, |m, (i, x)| m | top(x) << i)])
}

fn shift<T: Lane>(a: &[u128], f: impl Fn(T, u32) -> T) -> Expect {
    map(a, |x| f(x, a[1] as u32))
}

fn dot(a: &[u128]) -> Expect {
    let products: Vec<i32> = split::<i16>(a[0]).into_iter().zip(split::<i16>(a[1])).map(|(x, y)| i32::from(x) * i32::from(y)).collect();
    Expect::lanes(products.chunks(2).map(|p| p[0].wrapping_add(p[1])))
}

fn half<T: Lane>(value: u128, high: bool) -> Vec<T> {
    split(if high { value >> 64 } else { value })[..8 / T::BYTES].to_vec()
}

fn extend<T: Lane, R: Lane + From<T>>(a: &[u128], high: bool) -> Expect {
    Expect::lanes(half::<T>(a[0], high).into_iter().map(R::from))
}

fn ext_mul<T: Lane, R: Lane + From<T> + std::ops::Mul<Output = R>>(a: &[u128], high: bool) -> Expect {
    let pairs = half::<T>(a[0], high).into_iter().zip(half::<T>(a[1], high));
    Expect::lanes(pairs.map(|(x, y)| R::from(x) * R::from(y)))
}

fn pairwise<T: Lane, R: Lane + From<T> + std::ops::Add<Output = R>>(a: &[u128]) -> Expect {
    Expect::lanes(split::<T>(a[0]).chunks(2).map(|p| R::from(p[0]) + R::from(p[1])))
}

fn narrow<T: Lane, R: Lane>(a: &[u128], f: impl Fn(T) -> R) -> Expect {
    Expect::lanes(split(a[0]).into_iter().chain(split(a[1])).map(f))
}

/// The two lower lanes; zeros above.
pub fn low(expect: Expect) -> Expect {
    let Expect::Lanes(bytes, lanes) = expect else { return expect };
    Expect::Lanes(bytes, lanes.into_iter().take(2).chain([Allowed::Bits(0), Allowed::Bits(0)]).collect())
}

fn replace<T: Lane>(a: &[u128], lane: u8) -> Expect {
    let mut lanes = split::<T>(a[0]);
    lanes[usize::from(lane)] = split(a[1])[0];
    Expect::lanes(lanes)
}

fn shuffle(a: &[u128], imm: &[u8; 16]) -> Expect {
    let from: Vec<u8> = [a[0].to_le_bytes(), a[1].to_le_bytes()].concat();
    Expect::lanes(imm.map(|i| from[usize::from(i % 32)]))
}

pub static SHUFFLE: Op = Op {
    name: "I8x16Shuffle",
    make: |imm| I::I8x16Shuffle(imm.map(|i| i % 32)),
    params: &[V::V128, V::V128],
    result: V::V128,
    model: shuffle,
};

pub static COMPARISONS: &[Op] = rows! {
    I8x16Eq (V128 V128) V128 = |a, _| mask::<i8>(a, |x, y| x == y);
    I8x16Ne (V128 V128) V128 = |a, _| mask::<i8>(a, |x, y| x != y);
    I8x16LtS (V128 V128) V128 = |a, _| mask::<i8>(a, |x, y| x < y);
    I8x16LtU (V128 V128) V128 = |a, _| mask::<u8>(a, |x, y| x < y);
    I8x16GtS (V128 V128) V128 = |a, _| mask::<i8>(a, |x, y| x > y);
    I8x16GtU (V128 V128) V128 = |a, _| mask::<u8>(a, |x, y| x > y);
    I8x16LeS (V128 V128) V128 = |a, _| mask::<i8>(a, |x, y| x <= y);
    I8x16LeU (V128 V128) V128 = |a, _| mask::<u8>(a, |x, y| x <= y);
    I8x16GeS (V128 V128) V128 = |a, _| mask::<i8>(a, |x, y| x >= y);
    I8x16GeU (V128 V128) V128 = |a, _| mask::<u8>(a, |x, y| x >= y);
    I16x8Eq (V128 V128) V128 = |a, _| mask::<i16>(a, |x, y| x == y);
    I16x8Ne (V128 V128) V128 = |a, _| mask::<i16>(a, |x, y| x != y);
    I16x8LtS (V128 V128) V128 = |a, _| mask::<i16>(a, |x, y| x < y);
    I16x8LtU (V128 V128) V128 = |a, _| mask::<u16>(a, |x, y| x < y);
    I16x8GtS (V128 V128) V128 = |a, _| mask::<i16>(a, |x, y| x > y);
    I16x8GtU (V128 V128) V128 = |a, _| mask::<u16>(a, |x, y| x > y);
    I16x8LeS (V128 V128) V128 = |a, _| mask::<i16>(a, |x, y| x <= y);
    I16x8LeU (V128 V128) V128 = |a, _| mask::<u16>(a, |x, y| x <= y);
    I16x8GeS (V128 V128) V128 = |a, _| mask::<i16>(a, |x, y| x >= y);
    I16x8GeU (V128 V128) V128 = |a, _| mask::<u16>(a, |x, y| x >= y);
    I32x4Eq (V128 V128) V128 = |a, _| mask::<i32>(a, |x, y| x == y);
    I32x4Ne (V128 V128) V128 = |a, _| mask::<i32>(a, |x, y| x != y);
    I32x4LtS (V128 V128) V128 = |a, _| mask::<i32>(a, |x, y| x < y);
    I32x4LtU (V128 V128) V128 = |a, _| mask::<u32>(a, |x, y| x < y);
    I32x4GtS (V128 V128) V128 = |a, _| mask::<i32>(a, |x, y| x > y);
    I32x4GtU (V128 V128) V128 = |a, _| mask::<u32>(a, |x, y| x > y);
    I32x4LeS (V128 V128) V128 = |a, _| mask::<i32>(a, |x, y| x <= y);
    I32x4LeU (V128 V128) V128 = |a, _| mask::<u32>(a, |x, y| x <= y);
    I32x4GeS (V128 V128) V128 = |a, _| mask::<i32>(a, |x, y| x >= y);
    I32x4GeU (V128 V128) V128 = |a, _| mask::<u32>(a, |x, y| x >= y);
    I64x2Eq (V128 V128) V128 = |a, _| mask::<i64>(a, |x, y| x == y);
    I64x2Ne (V128 V128) V128 = |a, _| mask::<i64>(a, |x, y| x != y);
    I64x2LtS (V128 V128) V128 = |a, _| mask::<i64>(a, |x, y| x < y);
    I64x2GtS (V128 V128) V128 = |a, _| mask::<i64>(a, |x, y| x > y);
    I64x2LeS (V128 V128) V128 = |a, _| mask::<i64>(a, |x, y| x <= y);
    I64x2GeS (V128 V128) V128 = |a, _| mask::<i64>(a, |x, y| x >= y);
    F32x4Eq (V128 V128) V128 = |a, _| mask::<f32>(a, |x, y| x == y);
    F32x4Ne (V128 V128) V128 = |a, _| mask::<f32>(a, |x, y| x != y);
    F32x4Lt (V128 V128) V128 = |a, _| mask::<f32>(a, |x, y| x < y);
    F32x4Gt (V128 V128) V128 = |a, _| mask::<f32>(a, |x, y| x > y);
    F32x4Le (V128 V128) V128 = |a, _| mask::<f32>(a, |x, y| x <= y);
    F32x4Ge (V128 V128) V128 = |a, _| mask::<f32>(a, |x, y| x >= y);
    F64x2Eq (V128 V128) V128 = |a, _| mask::<f64>(a, |x, y| x == y);
    F64x2Ne (V128 V128) V128 = |a, _| mask::<f64>(a, |x, y| x != y);
    F64x2Lt (V128 V128) V128 = |a, _| mask::<f64>(a, |x, y| x < y);
    F64x2Gt (V128 V128) V128 = |a, _| mask::<f64>(a, |x, y| x > y);
    F64x2Le (V128 V128) V128 = |a, _| mask::<f64>(a, |x, y| x <= y);
    F64x2Ge (V128 V128) V128 = |a, _| mask::<f64>(a, |x, y| x >= y);
};

pub static INTEGERS: &[Op] = rows! {
    I8x16Abs (V128) V128 = |a, _| map(a, i8::wrapping_abs);
    I8x16Neg (V128) V128 = |a, _| map(a, i8::wrapping_neg);
    I8x16AllTrue (V128) I32 = |a, _| all_true::<i8>(a);
    I8x16Bitmask (V128) I32 = |a, _| bitmask::<i8>(a);
    I8x16Shl (V128 I32) V128 = |a, _| shift::<u8>(a, |x, n| x.wrapping_shl(n));
    I8x16ShrS (V128 I32) V128 = |a, _| shift::<i8>(a, |x, n| x.wrapping_shr(n));
    I8x16ShrU (V128 I32) V128 = |a, _| shift::<u8>(a, |x, n| x.wrapping_shr(n));
    I8x16Add (V128 V128) V128 = |a, _| zip(a, i8::wrapping_add);
    I8x16Sub (V128 V128) V128 = |a, _| zip(a, i8::wrapping_sub);
    I8x16MinS (V128 V128) V128 = |a, _| zip::<i8, i8>(a, Ord::min);
    I8x16MinU (V128 V128) V128 = |a, _| zip::<u8, u8>(a, Ord::min);
    I8x16MaxS (V128 V128) V128 = |a, _| zip::<i8, i8>(a, Ord::max);
    I8x16MaxU (V128 V128) V128 = |a, _| zip::<u8, u8>(a, Ord::max);
    I8x16AddSatS (V128 V128) V128 = |a, _| zip(a, i8::saturating_add);
    I8x16AddSatU (V128 V128) V128 = |a, _| zip(a, u8::saturating_add);
    I8x16SubSatS (V128 V128) V128 = |a, _| zip(a, i8::saturating_sub);
    I8x16SubSatU (V128 V128) V128 = |a, _| zip(a, u8::saturating_sub);
    I8x16AvgrU (V128 V128) V128 = |a, _| zip::<u8, u8>(a, |x, y| (u32::from(x) + u32::from(y)).div_ceil(2) as u8);
    I16x8Abs (V128) V128 = |a, _| map(a, i16::wrapping_abs);
    I16x8Neg (V128) V128 = |a, _| map(a, i16::wrapping_neg);
    I16x8AllTrue (V128) I32 = |a, _| all_true::<i16>(a);
    I16x8Bitmask (V128) I32 = |a, _| bitmask::<i16>(a);
    I16x8Shl (V128 I32) V128 = |a, _| shift::<u16>(a, |x, n| x.wrapping_shl(n));
    I16x8ShrS (V128 I32) V128 = |a, _| shift::<i16>(a, |x, n| x.wrapping_shr(n));
    I16x8ShrU (V128 I32) V128 = |a, _| shift::<u16>(a, |x, n| x.wrapping_shr(n));
    I16x8Add (V128 V128) V128 = |a, _| zip(a, i16::wrapping_add);
    I16x8Sub (V128 V128) V128 = |a, _| zip(a, i16::wrapping_sub);
    I16x8Mul (V128 V128) V128 = |a, _| zip(a, i16::wrapping_mul);
    I16x8MinS (V128 V128) V128 = |a, _| zip::<i16, i16>(a, Ord::min);
    I16x8MinU (V128 V128) V128 = |a, _| zip::<u16, u16>(a, Ord::min);
    I16x8MaxS (V128 V128) V128 = |a, _| zip::<i16, i16>(a, Ord::max);
    I16x8MaxU (V128 V128) V128 = |a, _| zip::<u16, u16>(a, Ord::max);
    I16x8AddSatS (V128 V128) V128 = |a, _| zip(a, i16::saturating_add);
    I16x8AddSatU (V128 V128) V128 = |a, _| zip(a, u16::saturating_add);
    I16x8SubSatS (V128 V128) V128 = |a, _| zip(a, i16::saturating_sub);
    I16x8SubSatU (V128 V128) V128 = |a, _| zip(a, u16::saturating_sub);
    I16x8AvgrU (V128 V128) V128 = |a, _| zip::<u16, u16>(a, |x, y| (u32::from(x) + u32::from(y)).div_ceil(2) as u16);
    I32x4Abs (V128) V128 = |a, _| map(a, i32::wrapping_abs);
    I32x4Neg (V128) V128 = |a, _| map(a, i32::wrapping_neg);
    I32x4AllTrue (V128) I32 = |a, _| all_true::<i32>(a);
    I32x4Bitmask (V128) I32 = |a, _| bitmask::<i32>(a);
    I32x4Shl (V128 I32) V128 = |a, _| shift::<u32>(a, |x, n| x.wrapping_shl(n));
    I32x4ShrS (V128 I32) V128 = |a, _| shift::<i32>(a, |x, n| x.wrapping_shr(n));
    I32x4ShrU (V128 I32) V128 = |a, _| shift::<u32>(a, |x, n| x.wrapping_shr(n));
    I32x4Add (V128 V128) V128 = |a, _| zip(a, i32::wrapping_add);
    I32x4Sub (V128 V128) V128 = |a, _| zip(a, i32::wrapping_sub);
    I32x4Mul (V128 V128) V128 = |a, _| zip(a, i32::wrapping_mul);
    I32x4MinS (V128 V128) V128 = |a, _| zip::<i32, i32>(a, Ord::min);
    I32x4MinU (V128 V128) V128 = |a, _| zip::<u32, u32>(a, Ord::min);
    I32x4MaxS (V128 V128) V128 = |a, _| zip::<i32, i32>(a, Ord::max);
    I32x4MaxU (V128 V128) V128 = |a, _| zip::<u32, u32>(a, Ord::max);
    I64x2Abs (V128) V128 = |a, _| map(a, i64::wrapping_abs);
    I64x2Neg (V128) V128 = |a, _| map(a, i64::wrapping_neg);
    I64x2AllTrue (V128) I32 = |a, _| all_true::<i64>(a);
    I64x2Bitmask (V128) I32 = |a, _| bitmask::<i64>(a);
    I64x2Shl (V128 I32) V128 = |a, _| shift::<u64>(a, |x, n| x.wrapping_shl(n));
    I64x2ShrS (V128 I32) V128 = |a, _| shift::<i64>(a, |x, n| x.wrapping_shr(n));
    I64x2ShrU (V128 I32) V128 = |a, _| shift::<u64>(a, |x, n| x.wrapping_shr(n));
    I64x2Add (V128 V128) V128 = |a, _| zip(a, i64::wrapping_add);
    I64x2Sub (V128 V128) V128 = |a, _| zip(a, i64::wrapping_sub);
    I64x2Mul (V128 V128) V128 = |a, _| zip(a, i64::wrapping_mul);
    I8x16Popcnt (V128) V128 = |a, _| map::<u8, u8>(a, |x| x.count_ones() as u8);
    I16x8Q15MulrSatS (V128 V128) V128 = |a, _| zip::<i16, i16>(a, |x, y| ((i32::from(x) * i32::from(y) + 0x4000) >> 15).min(0x7fff) as i16);
    I32x4DotI16x8S (V128 V128) V128 = |a, _| dot(a);
    V128Not (V128) V128 = |a, _| Expect::word(!a[0]);
    V128And (V128 V128) V128 = |a, _| Expect::word(a[0] & a[1]);
    V128AndNot (V128 V128) V128 = |a, _| Expect::word(a[0] & !a[1]);
    V128Or (V128 V128) V128 = |a, _| Expect::word(a[0] | a[1]);
    V128Xor (V128 V128) V128 = |a, _| Expect::word(a[0] ^ a[1]);
    V128Bitselect (V128 V128 V128) V128 = |a, _| Expect::word(a[0] & a[2] | a[1] & !a[2]);
    V128AnyTrue (V128) I32 = |a, _| Expect::lanes([u32::from(a[0] != 0)]);
};

pub static SHAPES: &[Op] = rows! {
    I16x8ExtendLowI8x16S (V128) V128 = |a, _| extend::<i8, i16>(a, false);
    I16x8ExtendLowI8x16U (V128) V128 = |a, _| extend::<u8, u16>(a, false);
    I16x8ExtMulLowI8x16S (V128 V128) V128 = |a, _| ext_mul::<i8, i16>(a, false);
    I16x8ExtMulLowI8x16U (V128 V128) V128 = |a, _| ext_mul::<u8, u16>(a, false);
    I16x8ExtendHighI8x16S (V128) V128 = |a, _| extend::<i8, i16>(a, true);
    I16x8ExtendHighI8x16U (V128) V128 = |a, _| extend::<u8, u16>(a, true);
    I16x8ExtMulHighI8x16S (V128 V128) V128 = |a, _| ext_mul::<i8, i16>(a, true);
    I16x8ExtMulHighI8x16U (V128 V128) V128 = |a, _| ext_mul::<u8, u16>(a, true);
    I16x8ExtAddPairwiseI8x16S (V128) V128 = |a, _| pairwise::<i8, i16>(a);
    I16x8ExtAddPairwiseI8x16U (V128) V128 = |a, _| pairwise::<u8, u16>(a);
    I32x4ExtendLowI16x8S (V128) V128 = |a, _| extend::<i16, i32>(a, false);
    I32x4ExtendLowI16x8U (V128) V128 = |a, _| extend::<u16, u32>(a, false);
    I32x4ExtMulLowI16x8S (V128 V128) V128 = |a, _| ext_mul::<i16, i32>(a, false);
    I32x4ExtMulLowI16x8U (V128 V128) V128 = |a, _| ext_mul::<u16, u32>(a, false);
    I32x4ExtendHighI16x8S (V128) V128 = |a, _| extend::<i16, i32>(a, true);
    I32x4ExtendHighI16x8U (V128) V128 = |a, _| extend::<u16, u32>(a, true);
    I32x4ExtMulHighI16x8S (V128 V128) V128 = |a, _| ext_mul::<i16, i32>(a, true);
    I32x4ExtMulHighI16x8U (V128 V128) V128 = |a, _| ext_mul::<u16, u32>(a, true);
    I32x4ExtAddPairwiseI16x8S (V128) V128 = |a, _| pairwise::<i16, i32>(a);
    I32x4ExtAddPairwiseI16x8U (V128) V128 = |a, _| pairwise::<u16, u32>(a);
    I64x2ExtendLowI32x4S (V128) V128 = |a, _| extend::<i32, i64>(a, false);
    I64x2ExtendLowI32x4U (V128) V128 = |a, _| extend::<u32, u64>(a, false);
    I64x2ExtMulLowI32x4S (V128 V128) V128 = |a, _| ext_mul::<i32, i64>(a, false);
    I64x2ExtMulLowI32x4U (V128 V128) V128 = |a, _| ext_mul::<u32, u64>(a, false);
    I64x2ExtendHighI32x4S (V128) V128 = |a, _| extend::<i32, i64>(a, true);
    I64x2ExtendHighI32x4U (V128) V128 = |a, _| extend::<u32, u64>(a, true);
    I64x2ExtMulHighI32x4S (V128 V128) V128 = |a, _| ext_mul::<i32, i64>(a, true);
    I64x2ExtMulHighI32x4U (V128 V128) V128 = |a, _| ext_mul::<u32, u64>(a, true);
    I8x16NarrowI16x8S (V128 V128) V128 = |a, _| narrow::<i16, i8>(a, |x| x.clamp(-128, 127) as i8);
    I8x16NarrowI16x8U (V128 V128) V128 = |a, _| narrow::<i16, u8>(a, |x| x.clamp(0, 255) as u8);
    I16x8NarrowI32x4S (V128 V128) V128 = |a, _| narrow::<i32, i16>(a, |x| x.clamp(-32768, 32767) as i16);
    I16x8NarrowI32x4U (V128 V128) V128 = |a, _| narrow::<i32, u16>(a, |x| x.clamp(0, 65535) as u16);
    I8x16Swizzle (V128 V128) V128 = |a, _| zip::<u8, u8>(&[a[1], a[1]], |i, _| if i < 16 { (a[0] >> (8 * i)) as u8 } else { 0 });
    I8x16Splat (I32) V128 = |a, _| Expect::lanes(vec![split::<u8>(a[0])[0]; 16 / size_of::<u8>()]);
    I16x8Splat (I32) V128 = |a, _| Expect::lanes(vec![split::<u16>(a[0])[0]; 16 / size_of::<u16>()]);
    I32x4Splat (I32) V128 = |a, _| Expect::lanes(vec![split::<u32>(a[0])[0]; 16 / size_of::<u32>()]);
    I64x2Splat (I64) V128 = |a, _| Expect::lanes(vec![split::<u64>(a[0])[0]; 16 / size_of::<u64>()]);
    F32x4Splat (F32) V128 = |a, _| Expect::lanes(vec![split::<u32>(a[0])[0]; 16 / size_of::<u32>()]);
    F64x2Splat (F64) V128 = |a, _| Expect::lanes(vec![split::<u64>(a[0])[0]; 16 / size_of::<u64>()]);
};

pub static FLOATS: &[Op] = rows! {
    F32x4Abs (V128) V128 = |a, _| map::<u32, u32>(a, |x| x & 0x7fff_ffff);
    F32x4Neg (V128) V128 = |a, _| map::<u32, u32>(a, |x| x ^ 0x8000_0000);
    F32x4Ceil (V128) V128 = |a, _| fmap(a, f32::ceil);
    F32x4Floor (V128) V128 = |a, _| fmap(a, f32::floor);
    F32x4Trunc (V128) V128 = |a, _| fmap(a, f32::trunc);
    F32x4Nearest (V128) V128 = |a, _| fmap(a, f32::round_ties_even);
    F32x4Sqrt (V128) V128 = |a, _| fmap(a, f32::sqrt);
    F32x4Add (V128 V128) V128 = |a, _| fzip::<f32>(a, |x, y| x + y);
    F32x4Sub (V128 V128) V128 = |a, _| fzip::<f32>(a, |x, y| x - y);
    F32x4Mul (V128 V128) V128 = |a, _| fzip::<f32>(a, |x, y| x * y);
    F32x4Div (V128 V128) V128 = |a, _| fzip::<f32>(a, |x, y| x / y);
    F32x4Min (V128 V128) V128 = |a, _| fzip::<f32>(a, min);
    F32x4Max (V128 V128) V128 = |a, _| fzip::<f32>(a, max);
    F32x4PMin (V128 V128) V128 = |a, _| zip::<f32, f32>(a, |x, y| if y < x { y } else { x });
    F32x4PMax (V128 V128) V128 = |a, _| zip::<f32, f32>(a, |x, y| if x < y { y } else { x });
    F64x2Abs (V128) V128 = |a, _| map::<u64, u64>(a, |x| x & !(1 << 63));
    F64x2Neg (V128) V128 = |a, _| map::<u64, u64>(a, |x| x ^ 1 << 63);
    F64x2Ceil (V128) V128 = |a, _| fmap(a, f64::ceil);
    F64x2Floor (V128) V128 = |a, _| fmap(a, f64::floor);
    F64x2Trunc (V128) V128 = |a, _| fmap(a, f64::trunc);
    F64x2Nearest (V128) V128 = |a, _| fmap(a, f64::round_ties_even);
    F64x2Sqrt (V128) V128 = |a, _| fmap(a, f64::sqrt);
    F64x2Add (V128 V128) V128 = |a, _| fzip::<f64>(a, |x, y| x + y);
    F64x2Sub (V128 V128) V128 = |a, _| fzip::<f64>(a, |x, y| x - y);
    F64x2Mul (V128 V128) V128 = |a, _| fzip::<f64>(a, |x, y| x * y);
    F64x2Div (V128 V128) V128 = |a, _| fzip::<f64>(a, |x, y| x / y);
    F64x2Min (V128 V128) V128 = |a, _| fzip::<f64>(a, min);
    F64x2Max (V128 V128) V128 = |a, _| fzip::<f64>(a, max);
    F64x2PMin (V128 V128) V128 = |a, _| zip::<f64, f64>(a, |x, y| if y < x { y } else { x });
    F64x2PMax (V128 V128) V128 = |a, _| zip::<f64, f64>(a, |x, y| if x < y { y } else { x });
    F32x4ConvertI32x4S (V128) V128 = |a, _| map::<i32, f32>(a, |x| x as f32);
    F32x4ConvertI32x4U (V128) V128 = |a, _| map::<u32, f32>(a, |x| x as f32);
    F64x2ConvertLowI32x4S (V128) V128 = |a, _| map::<i32, f64>(a, f64::from);
    F64x2ConvertLowI32x4U (V128) V128 = |a, _| map::<u32, f64>(a, f64::from);
    F64x2PromoteLowF32x4 (V128) V128 = |a, _| fmap::<f32, f64>(a, f64::from);
    F32x4DemoteF64x2Zero (V128) V128 = |a, _| low(fmap::<f64, f32>(a, |x| x as f32));
    I32x4TruncSatF32x4S (V128) V128 = |a, _| map::<f32, i32>(a, |x| x as i32);
    I32x4TruncSatF32x4U (V128) V128 = |a, _| map::<f32, u32>(a, |x| x as u32);
    I32x4TruncSatF64x2SZero (V128) V128 = |a, _| low(map::<f64, i32>(a, |x| x as i32));
    I32x4TruncSatF64x2UZero (V128) V128 = |a, _| low(map::<f64, u32>(a, |x| x as u32));
};

pub static LANES: &[Op] = rows! {
    I8x16ExtractLaneS[16] (V128) I32 = |a, imm| Expect::lanes([i32::from(split::<i8>(a[0])[usize::from(imm[0] % 16)])]);
    I8x16ExtractLaneU[16] (V128) I32 = |a, imm| Expect::lanes([u32::from(split::<u8>(a[0])[usize::from(imm[0] % 16)])]);
    I16x8ExtractLaneS[8] (V128) I32 = |a, imm| Expect::lanes([i32::from(split::<i16>(a[0])[usize::from(imm[0] % 8)])]);
    I16x8ExtractLaneU[8] (V128) I32 = |a, imm| Expect::lanes([u32::from(split::<u16>(a[0])[usize::from(imm[0] % 8)])]);
    I32x4ExtractLane[4] (V128) I32 = |a, imm| Expect::lanes([u32::from(split::<u32>(a[0])[usize::from(imm[0] % 4)])]);
    I64x2ExtractLane[2] (V128) I64 = |a, imm| Expect::lanes([u64::from(split::<u64>(a[0])[usize::from(imm[0] % 2)])]);
    F32x4ExtractLane[4] (V128) F32 = |a, imm| Expect::lanes([u32::from(split::<u32>(a[0])[usize::from(imm[0] % 4)])]);
    F64x2ExtractLane[2] (V128) F64 = |a, imm| Expect::lanes([u64::from(split::<u64>(a[0])[usize::from(imm[0] % 2)])]);
    I8x16ReplaceLane[16] (V128 I32) V128 = |a, imm| replace::<u8>(a, imm[0] % 16);
    I16x8ReplaceLane[8] (V128 I32) V128 = |a, imm| replace::<u16>(a, imm[0] % 8);
    I32x4ReplaceLane[4] (V128 I32) V128 = |a, imm| replace::<u32>(a, imm[0] % 4);
    I64x2ReplaceLane[2] (V128 I64) V128 = |a, imm| replace::<u64>(a, imm[0] % 2);
    F32x4ReplaceLane[4] (V128 F32) V128 = |a, imm| replace::<u32>(a, imm[0] % 4);
    F64x2ReplaceLane[2] (V128 F64) V128 = |a, imm| replace::<u64>(a, imm[0] % 2);
};
