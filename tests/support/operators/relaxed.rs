//! The relaxed operators: what they mean is a set.

use super::lane::{Allowed, Expect, Float, Lane, any, split};
use super::scalar::{max, min};
use super::simd::low;
use super::{I, Op, V, rows};

fn swizzle(a: &[u128]) -> Expect {
    let at = |i: u8| (a[0] >> (8 * (i % 16))) as u8;
    let lane = |i: u8| match i {
        0..16 => Allowed::Bits(at(i).into()),
        16..128 => any([0, at(i).into()]),
        _ => Allowed::Bits(0),
    };
    Expect::Lanes(1, split(a[1]).into_iter().map(lane).collect())
}

/// What does not fit becomes the nearest number, or what the machine makes of it.
fn truncate<T: Float>(a: &[u128], signed: bool) -> Expect {
    let lane = |x: T| {
        let x = x.real();
        let (near, odd) = if signed { (x as i32 as u32, i32::MIN as u32) } else { (x as u32, u32::MAX) };
        let fits = if signed { (-2147483649.0 < x) && x < 2147483648.0 } else { -1.0 < x && x < 4294967296.0 };
        if fits { Allowed::Bits(near.into()) } else { any([near.into(), odd.into()]) }
    };
    Expect::Lanes(4, split(a[0]).into_iter().map(lane).collect())
}

/// Multiplies and adds, rounding once or twice.
fn madd<T: Float>(a: &[u128], once: impl Fn(T, T, T) -> T, twice: impl Fn(T, T, T) -> T) -> Expect {
    let (x, y, z) = (split::<T>(a[0]), split::<T>(a[1]), split::<T>(a[2]));
    let lane = |i: usize| {
        let inputs = [x[i], y[i], z[i]];
        let results = [once(x[i], y[i], z[i]), twice(x[i], y[i], z[i])];
        Allowed::Any(results.into_iter().map(|r| Allowed::float(&inputs, r)).collect())
    };
    Expect::Lanes(T::BYTES, (0..x.len()).map(lane).collect())
}

/// Chooses bit by bit or by the highest bit of a lane.
fn select<T: Lane>(a: &[u128]) -> Expect {
    let bits = |v: u128| split::<T>(v).into_iter().map(Lane::bits);
    let lane = |((x, y), m): ((u64, u64), u64)| any([x & m | y & !m, if m >> (T::BYTES * 8 - 1) == 1 { x } else { y }]);
    Expect::Lanes(T::BYTES, bits(a[0]).zip(bits(a[1])).zip(bits(a[2])).map(lane).collect())
}

/// The minimum or maximum; of NaNs and of two zeros either operand.
fn extreme<T: Float>(a: &[u128], f: impl Fn(T, T) -> T) -> Expect {
    let lane = |(x, y): (T, T)| {
        let exact = Allowed::float(&[x, y], f(x, y));
        let open = x.nan() || y.nan() || x == y;
        if open { Allowed::Any(vec![exact, Allowed::Bits(x.bits()), Allowed::Bits(y.bits())]) } else { exact }
    };
    Expect::Lanes(T::BYTES, split(a[0]).into_iter().zip(split(a[1])).map(lane).collect())
}

fn q15(a: &[u128]) -> Expect {
    let lane = |(x, y): (i16, i16)| {
        let product = (i32::from(x) * i32::from(y) + 0x4000) >> 15;
        if product == 0x8000 { any([0x7fff, 0x8000]) } else { Allowed::Bits((product as i16).bits()) }
    };
    Expect::Lanes(2, split(a[0]).into_iter().zip(split(a[1])).map(lane).collect())
}

/// Sums of two products of bytes, the second operand's read as signed and as unsigned, wrapped and saturated.
fn pairs(a: &[u128]) -> [Vec<i32>; 3] {
    let (x, y) = (split::<i8>(a[0]), split::<i8>(a[1]));
    let sum = |i: usize, unsigned: bool| -> i32 {
        let right = |i: usize| if unsigned { i32::from(y[i] as u8) } else { i32::from(y[i]) };
        i32::from(x[i]) * right(i) + i32::from(x[i + 1]) * right(i + 1)
    };
    let every = |f: &dyn Fn(usize) -> i32| (0..16).step_by(2).map(f).collect();
    [
        every(&|i| i32::from(sum(i, false) as i16)),
        every(&|i| i32::from(sum(i, true) as i16)),
        every(&|i| sum(i, true).clamp(-32768, 32767)),
    ]
}

fn dot(a: &[u128]) -> Expect {
    let cases = pairs(a);
    Expect::Lanes(2, (0..8).map(|i| any(cases.iter().map(|c| (c[i] as i16).bits()))).collect())
}

fn dot_add(a: &[u128]) -> Expect {
    let (cases, add) = (pairs(a), split::<i32>(a[2]));
    let lane = |i: usize| any(cases.iter().map(|c| (c[2 * i] + c[2 * i + 1]).wrapping_add(add[i]).bits()));
    Expect::Lanes(4, (0..4).map(lane).collect())
}

pub static RELAXED: &[Op] = rows! {
    I8x16RelaxedSwizzle (V128 V128) V128 = |a, _| swizzle(a);
    I32x4RelaxedTruncF32x4S (V128) V128 = |a, _| truncate::<f32>(a, true);
    I32x4RelaxedTruncF32x4U (V128) V128 = |a, _| truncate::<f32>(a, false);
    I32x4RelaxedTruncF64x2SZero (V128) V128 = |a, _| low(truncate::<f64>(a, true));
    I32x4RelaxedTruncF64x2UZero (V128) V128 = |a, _| low(truncate::<f64>(a, false));
    F32x4RelaxedMadd (V128 V128 V128) V128 = |a, _| madd::<f32>(a, f32::mul_add, |x, y, z| x * y + z);
    F32x4RelaxedNmadd (V128 V128 V128) V128 = |a, _| madd::<f32>(a, |x, y, z| (-x).mul_add(y, z), |x, y, z| -(x * y) + z);
    F64x2RelaxedMadd (V128 V128 V128) V128 = |a, _| madd::<f64>(a, f64::mul_add, |x, y, z| x * y + z);
    F64x2RelaxedNmadd (V128 V128 V128) V128 = |a, _| madd::<f64>(a, |x, y, z| (-x).mul_add(y, z), |x, y, z| -(x * y) + z);
    I8x16RelaxedLaneselect (V128 V128 V128) V128 = |a, _| select::<u8>(a);
    I16x8RelaxedLaneselect (V128 V128 V128) V128 = |a, _| select::<u16>(a);
    I32x4RelaxedLaneselect (V128 V128 V128) V128 = |a, _| select::<u32>(a);
    I64x2RelaxedLaneselect (V128 V128 V128) V128 = |a, _| select::<u64>(a);
    F32x4RelaxedMin (V128 V128) V128 = |a, _| extreme::<f32>(a, min);
    F32x4RelaxedMax (V128 V128) V128 = |a, _| extreme::<f32>(a, max);
    F64x2RelaxedMin (V128 V128) V128 = |a, _| extreme::<f64>(a, min);
    F64x2RelaxedMax (V128 V128) V128 = |a, _| extreme::<f64>(a, max);
    I16x8RelaxedQ15mulrS (V128 V128) V128 = |a, _| q15(a);
    I16x8RelaxedDotI8x16I7x16S (V128 V128) V128 = |a, _| dot(a);
    I32x4RelaxedDotI8x16I7x16AddS (V128 V128 V128) V128 = |a, _| dot_add(a);
};
