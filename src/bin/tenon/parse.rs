//! Values of options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A directory for the guest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mapping {
    pub(crate) host: PathBuf,
    pub(crate) guest: String,
    pub(crate) read_only: bool,
}

/// `HOST`, `HOST::GUEST`, `HOST::GUEST:ro`, `HOST:ro`.
pub(crate) fn mapping(text: &str) -> Result<Mapping, String> {
    let (text, read_only) = match text.strip_suffix(":ro") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    if host.is_empty() || guest.is_empty() {
        return Err("expected HOST::GUEST with both names".to_owned());
    }
    if text.contains("::") && guest.contains(':') {
        return Err(format!("expected `:ro` or nothing after the guest's name, found `{guest}`"));
    }
    Ok(Mapping { host: host.into(), guest: guest.to_owned(), read_only })
}

/// An environment variable, its value still to be looked up if it has none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: Option<OsString>,
}

pub(crate) fn variable(text: &str) -> Result<Variable, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.into())),
        None => (text, None),
    };
    if name.is_empty() {
        return Err("expected NAME=VALUE, found no name".to_owned());
    }
    Ok(Variable { name: name.to_owned(), value })
}

pub(crate) fn fuel(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number of units, at most 18446744073709551615".to_owned())
}

/// A number and its unit, which may be missing.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("expected a unit of us, ms, s, m or h, found `{unit}`")),
    };
    let number: f64 = number.parse().map_err(|_| "expected a number with a unit, like 500ms or 10s".to_owned())?;
    Duration::try_from_secs_f64(number * scale).map_err(|e| e.to_string())
}

pub(crate) fn size(text: &str) -> Result<usize, String> {
    /// More would not fit beside the guest's memory.
    const MAX: usize = 64 << 30;
    let (number, unit) = split_unit(text);
    let shift = match unit.to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(format!("expected a unit of K, M or G, found `{unit}`")),
    };
    let number: usize = number.parse().map_err(|_| "expected a number with a unit, like 512K or 8M".to_owned())?;
    match number.checked_shl(shift).filter(|n| n >> shift == number && (4096..=MAX).contains(n)) {
        Some(bytes) => Ok(bytes),
        None => Err("expected between 4K and 64G".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories() {
        let made = |host: &str, guest: &str, read_only| {
            Ok(Mapping { host: host.into(), guest: guest.to_owned(), read_only })
        };
        assert_eq!(mapping("a"), made("a", "a", false));
        assert_eq!(mapping("a:ro"), made("a", "a", true));
        assert_eq!(mapping("/x/y::/z"), made("/x/y", "/z", false));
        assert_eq!(mapping(".::/:ro"), made(".", "/", true));
        assert_eq!(mapping("a:b::c"), made("a:b", "c", false));
        for bad in ["", "::", "a::", "::b", "a::b:rw", ":ro"] {
            assert!(mapping(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_and_sizes() {
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "s", "-1s", "1 fortnight", "1.2.3s", "99999999999999999999999h"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert_eq!((size("8M"), size("512KiB"), size("4096")), (Ok(8 << 20), Ok(512 << 10), Ok(4096)));
        for bad in ["", "1", "M", "8X", "99999999G", "18446744073709551615K"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
