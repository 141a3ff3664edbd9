//! Lanes of vectors and what an operator may leave in them.

/// What stands in a lane, or alone.
pub trait Lane: Copy {
    const BYTES: usize;
    fn of(bits: u64) -> Self;
    fn bits(self) -> u64;
}

macro_rules! integers {
    ($($ty:ident as $unsigned:ident)*) => {
        $(impl Lane for $ty {
            const BYTES: usize = size_of::<$ty>();
            fn of(bits: u64) -> $ty { bits as $ty }
            fn bits(self) -> u64 { self as $unsigned as u64 }
        })*
    };
}

integers! { i8 as u8 u8 as u8 i16 as u16 u16 as u16 i32 as u32 u32 as u32 i64 as u64 u64 as u64 }

pub trait Float: Lane + PartialOrd {
    /// The canonical NaN without its sign.
    const NAN: u64;
    const SIGN: u64;
    fn nan(self) -> bool;
    fn real(self) -> f64;
}

macro_rules! floats {
    ($($ty:ident $int:ident $nan:literal;)*) => {
        $(impl Lane for $ty {
            const BYTES: usize = size_of::<$ty>();
            fn of(bits: u64) -> $ty { $ty::from_bits(bits as $int) }
            fn bits(self) -> u64 { self.to_bits() as u64 }
        }
        impl Float for $ty {
            const NAN: u64 = $nan;
            const SIGN: u64 = 1 << ($int::BITS - 1);
            fn nan(self) -> bool { self.is_nan() }
            fn real(self) -> f64 { self as f64 }
        })*
    };
}

floats! { f32 u32 0x7fc0_0000; f64 u64 0x7ff8_0000_0000_0000; }

/// What the specification allows in one lane.
#[derive(Clone, Debug)]
pub enum Allowed {
    Bits(u64),
    /// The canonical NaN of either sign, or else any whose first bit of the payload is set; the number is the canonical one.
    Nan { canonical: bool, nan: u64 },
    Any(Vec<Allowed>),
}

impl Allowed {
    pub fn has(&self, found: u64, bytes: usize) -> bool {
        let unsigned = found & !(1 << (bytes * 8 - 1));
        match self {
            Allowed::Bits(bits) => found == *bits,
            Allowed::Nan { canonical: true, nan } => unsigned == *nan,
            Allowed::Nan { canonical: false, nan } => unsigned & nan == *nan,
            Allowed::Any(cases) => cases.iter().any(|c| c.has(found, bytes)),
        }
    }

    /// The result of arithmetic with floats: of a NaN only its kind is fixed, by the NaNs that went in.
    pub fn float<T: Float, R: Float>(inputs: &[T], result: R) -> Allowed {
        if !result.nan() {
            return Allowed::Bits(result.bits());
        }
        let canonical = inputs.iter().all(|v| !v.nan() || v.bits() & !T::SIGN == T::NAN);
        Allowed::Nan { canonical, nan: R::NAN }
    }
}

/// What the specification allows as a result.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Lanes of so many bytes, the lowest first. Of a scalar only the first counts.
    Lanes(usize, Vec<Allowed>),
    /// A trap with this code.
    Trap(tenon::base::TrapCode),
}

impl Expect {
    pub fn lanes<R: Lane>(lanes: impl IntoIterator<Item = R>) -> Expect {
        Expect::Lanes(R::BYTES, lanes.into_iter().map(|r| Allowed::Bits(r.bits())).collect())
    }

    pub fn word(value: u128) -> Expect {
        Expect::lanes(split::<u64>(value))
    }

    /// Whether a result of `width` bytes is among what is allowed.
    pub fn has(&self, found: u128, width: usize) -> bool {
        let Expect::Lanes(bytes, lanes) = self else { return false };
        let count = width.div_ceil(*bytes);
        assert!(lanes.len() >= count, "the model leaves lanes open");
        let mask = if *bytes == 8 { u64::MAX } else { (1 << (bytes * 8)) - 1 };
        lanes.iter().take(count).enumerate().all(|(i, lane)| lane.has((found >> (8 * bytes * i)) as u64 & mask, *bytes))
    }
}

pub fn split<T: Lane>(value: u128) -> Vec<T> {
    let mask = if T::BYTES == 8 { u64::MAX } else { (1 << (T::BYTES * 8)) - 1 };
    (0..16 / T::BYTES).map(|i| T::of((value >> (8 * T::BYTES * i)) as u64 & mask)).collect()
}

/// One function over each lane.
pub fn map<T: Lane, R: Lane>(a: &[u128], f: impl Fn(T) -> R) -> Expect {
    Expect::lanes(split(a[0]).into_iter().map(f))
}

/// One function over each pair of lanes.
pub fn zip<T: Lane, R: Lane>(a: &[u128], f: impl Fn(T, T) -> R) -> Expect {
    Expect::lanes(split(a[0]).into_iter().zip(split(a[1])).map(|(x, y)| f(x, y)))
}

/// As [`map`], for floats.
pub fn fmap<T: Float, R: Float>(a: &[u128], f: impl Fn(T) -> R) -> Expect {
    Expect::Lanes(R::BYTES, split::<T>(a[0]).into_iter().map(|x| Allowed::float(&[x], f(x))).collect())
}

/// As [`zip`], for floats.
pub fn fzip<T: Float>(a: &[u128], f: impl Fn(T, T) -> T) -> Expect {
    let pairs = split::<T>(a[0]).into_iter().zip(split::<T>(a[1]));
    Expect::Lanes(T::BYTES, pairs.map(|(x, y)| Allowed::float(&[x, y], f(x, y))).collect())
}

/// A scalar comparison.
pub fn test<T: Lane>(a: &[u128], f: impl Fn(T, T) -> bool) -> Expect {
    Expect::lanes([u32::from(f(split(a[0])[0], split(a[1])[0])); 4])
}

/// A comparison of lanes: all bits or none.
pub fn mask<T: Lane>(a: &[u128], f: impl Fn(T, T) -> bool) -> Expect {
    let full = if T::BYTES == 8 { u64::MAX } else { (1 << (T::BYTES * 8)) - 1 };
    let bits = |x, y| Allowed::Bits(if f(x, y) { full } else { 0 });
    Expect::Lanes(T::BYTES, split(a[0]).into_iter().zip(split(a[1])).map(|(x, y)| bits(x, y)).collect())
}

pub fn any(cases: impl IntoIterator<Item = u64>) -> Allowed {
    Allowed::Any(cases.into_iter().map(Allowed::Bits).collect())
}
