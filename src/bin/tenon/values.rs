//! Arguments and results of `--invoke`.

use super::failure::{Failure, Result};
use std::fmt;
use tenon::runtime::{FuncType, Val, ValType};

/// The arguments as the function's type wants them.
pub(crate) fn arguments(name: &str, ty: &FuncType, texts: &[String]) -> Result<Vec<Val>> {
    if texts.len() != ty.params.len() {
        let message = format!("`{name}` takes {} arguments, found {}", ty.params.len(), texts.len());
        return Err(Failure::usage(message).hint(format!("its type is {ty}")));
    }
    let parsed = ty.params.iter().zip(texts).enumerate().map(|(i, (ty, text))| {
        value(*ty, text).ok_or_else(|| {
            Failure::usage(format!("argument {} of `{name}`: expected {}, found `{text}`", i + 1, Wanted(*ty)))
        })
    });
    parsed.collect()
}

/// Integers may be signed or unsigned, decimal or hexadecimal; references can only be null.
fn value(ty: ValType, text: &str) -> Option<Val> {
    Some(match ty {
        ValType::I32 => Val::I32(in_range(integer(text)?, i32::MIN.into(), u32::MAX.into())? as i32),
        ValType::I64 => Val::I64(in_range(integer(text)?, i64::MIN.into(), u64::MAX.into())? as i64),
        ValType::F32 => Val::F32(text.parse::<f32>().ok()?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().ok()?.to_bits()),
        ValType::V128 => Val::V128(match hexadecimal(text) {
            Some(digits) => u128::from_str_radix(digits, 16).ok()?,
            None => text.parse().ok()?,
        }),
        ValType::Ref(_) if text == "null" => return Val::default_of(ty),
        ValType::Ref(_) => return None,
    })
}

/// Bounds of the signed and the unsigned reading; what is cut off by a cast then is sign only.
fn in_range(number: i128, min: i128, max: i128) -> Option<i128> {
    (min..=max).contains(&number).then_some(number)
}

fn hexadecimal(text: &str) -> Option<&str> {
    // A second sign would be taken for the digits' own.
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).filter(|d| d.starts_with(|c: char| c.is_ascii_hexdigit()))
}

fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let size = match hexadecimal(digits) {
        Some(digits) => i128::from_str_radix(digits, 16).ok()?,
        None if digits.starts_with(|c: char| c.is_ascii_digit()) => digits.parse().ok()?,
        None => return None,
    };
    Some(if negative { -size } else { size })
}

/// What an argument may look like.
struct Wanted(ValType);

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ValType::I32 => f.write_str("an i32 (-2147483648 to 4294967295)"),
            ValType::I64 => f.write_str("an i64"),
            ValType::F32 | ValType::F64 => write!(f, "a number (type {})", self.0),
            ValType::V128 => f.write_str("a v128 (an unsigned number of 128 bits)"),
            ValType::Ref(r) if r.nullable => write!(f, "null (type {})", self.0),
            ValType::Ref(_) => write!(f, "a value of type {}, which the command line cannot give", self.0),
        }
    }
}

/// A result as it is printed.
pub(crate) struct Shown<'a>(pub(crate) &'a Val);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reference = |f: &mut fmt::Formatter<'_>, null: bool, what: &str| f.write_str(if null { "null" } else { what });
        match self.0 {
            Val::I32(v) => write!(f, "{v}"),
            Val::I64(v) => write!(f, "{v}"),
            Val::F32(v) => write!(f, "{:?}", f32::from_bits(*v)),
            Val::F64(v) => write!(f, "{:?}", f64::from_bits(*v)),
            Val::V128(v) => write!(f, "{v:#034x}"),
            Val::FuncRef(r) => reference(f, r.is_none(), "<funcref>"),
            Val::ExternRef(r) => reference(f, r.is_none(), "<externref>"),
            Val::AnyRef(r) => reference(f, r.is_none(), "<anyref>"),
            Val::ExnRef(r) => reference(f, r.is_none(), "<exnref>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_both_signs_and_bases() {
        let i32s = [("7", 7), ("-1", -1), ("4294967295", -1), ("0xff", 255), ("-0x80000000", i32::MIN)];
        for (text, expected) in i32s {
            assert_eq!(value(ValType::I32, text).and_then(|v| v.i32()), Some(expected), "{text}");
        }
        for bad in ["", "-", "+1", "x", "1.5", "4294967296", "-2147483649", "0x", "0x-1", "--1"] {
            assert!(value(ValType::I32, bad).is_none(), "{bad}");
        }
        assert_eq!(value(ValType::I64, "18446744073709551615").and_then(|v| v.i64()), Some(-1));
    }

    #[test]
    fn what_is_printed_can_be_given() {
        for (ty, text) in [(ValType::F32, "0.1"), (ValType::F64, "-inf"), (ValType::F64, "NaN"), (ValType::I64, "-5")] {
            assert_eq!(value(ty, text).map(|v| Shown(&v).to_string()).as_deref(), Some(text));
        }
        let v128 = value(ValType::V128, "0x1").expect("a vector");
        assert_eq!(Shown(&v128).to_string(), "0x00000000000000000000000000000001");
    }
}
