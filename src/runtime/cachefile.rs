//! The settings of a cache, and the TOML file that holds them.

use crate::base::{Error, ErrorKind, Result};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Settings of a [`Cache`](super::Cache).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CacheSettings {
    /// Where the cache is, absolute. Default none: `$XDG_CACHE_HOME/tenon`, or `~/.cache/tenon`.
    pub directory: Option<PathBuf>,
    /// At least this long between two clean-ups. Default one hour.
    #[serde(deserialize_with = "duration")]
    pub cleanup_interval: Duration,
    /// Entries from further in the future are removed at a clean-up. Default one day.
    #[serde(rename = "allowed-clock-drift-for-files-from-future", deserialize_with = "duration")]
    pub allowed_clock_drift: Duration,
    /// A clean-up removes entries when there are more. Default 65,536.
    #[serde(rename = "file-count-soft-limit", deserialize_with = "count")]
    pub file_count_limit: u64,
    /// A clean-up removes entries when they have more bytes together. Default 512 MiB.
    #[serde(rename = "files-total-size-soft-limit", deserialize_with = "bytes")]
    pub total_size_limit: u64,
    /// What part of the number a clean-up leaves, in percent. Default 70.
    #[serde(rename = "file-count-limit-percent-if-deleting", deserialize_with = "percent")]
    pub file_count_percent: u8,
    /// What part of the size a clean-up leaves, in percent. Default 70.
    #[serde(rename = "files-total-size-limit-percent-if-deleting", deserialize_with = "percent")]
    pub total_size_percent: u8,
    // Settings of libwasmtime's cache that change nothing here: entries are not compressed, and are written by the
    // thread that compiled them. Their values are checked all the same.
    #[serde(deserialize_with = "some_count")]
    worker_event_queue_size: Option<u64>,
    baseline_compression_level: Option<i32>,
    optimized_compression_level: Option<i32>,
    #[serde(deserialize_with = "some_count")]
    optimized_compression_usage_counter_threshold: Option<u64>,
    #[serde(deserialize_with = "some_duration")]
    optimizing_compression_task_timeout: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheFile {
    cache: CacheSettings,
}

impl Default for CacheSettings {
    fn default() -> Self {
        CacheSettings {
            directory: None,
            cleanup_interval: Duration::from_secs(3600),
            allowed_clock_drift: Duration::from_secs(24 * 3600),
            file_count_limit: 65_536,
            total_size_limit: 512 << 20,
            file_count_percent: 70,
            total_size_percent: 70,
            worker_event_queue_size: None,
            baseline_compression_level: None,
            optimized_compression_level: None,
            optimized_compression_usage_counter_threshold: None,
            optimizing_compression_task_timeout: None,
        }
    }
}

impl CacheSettings {
    /// Default settings for a cache in this directory.
    pub fn at(directory: impl Into<PathBuf>) -> CacheSettings {
        CacheSettings { directory: Some(directory.into()), ..CacheSettings::default() }
    }

    /// Reads a file; unknown keys are refused.
    pub fn load(path: &Path) -> Result<CacheSettings> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::new(ErrorKind::Io, e.to_string()).context(format!("failed to read config file: {}", path.display()))
        })?;
        let file: CacheFile = toml::from_str(&text).map_err(|e| {
            Error::new(ErrorKind::Usage, e.to_string()).context(format!("failed to parse config file: {}", path.display()))
        })?;
        Ok(file.cache)
    }

    /// Reads `$XDG_CONFIG_HOME/tenon/cache.toml`, or `~/.config/tenon/cache.toml`; default settings if there is none.
    pub fn load_default() -> Result<CacheSettings> {
        match user_folder("XDG_CONFIG_HOME", ".config").map(|c| c.join("tenon/cache.toml")) {
            Some(path) if path.exists() => CacheSettings::load(&path),
            _ => Ok(CacheSettings::default()),
        }
    }

    /// Where the cache is.
    pub(super) fn directory(&self) -> Result<PathBuf> {
        let usage = |text: String| Error::new(ErrorKind::Usage, text);
        match &self.directory {
            Some(d) if d.is_absolute() => Ok(d.clone()),
            Some(d) => Err(usage(format!("Cache directory path has to be absolute, path: {}", d.display()))),
            None => user_folder("XDG_CACHE_HOME", ".cache").map(|c| c.join("tenon")).ok_or_else(|| {
                usage("no directory for the cache: expected one in the settings, in XDG_CACHE_HOME or in HOME".to_owned())
            }),
        }
    }
}

/// A folder for the user's files by the rules of freedesktop.org: relative paths do not count.
fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}

/// A text of digits and one of these units, as a number.
fn with_unit<'de, D: Deserializer<'de>>(from: D, units: &[(&str, u64)], expected: &str) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = units.iter().find(|(name, _)| *name == unit).map(|u| u.1);
    let value = number.parse::<u64>().ok().zip(factor).and_then(|(n, f)| n.checked_mul(f));
    value.ok_or_else(|| D::Error::custom(format_args!("invalid value: expected {expected}, found \"{text}\"")))
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 24 * 3600)];
    with_unit(from, &units, "digits and s, m, h or d").map(Duration::from_secs)
}

fn some_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    duration(from).map(Some)
}

const DECIMAL: [(&str, u64); 5] = [("", 1), ("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000)];

fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    with_unit(from, &DECIMAL, "digits and perhaps K, M, G or T")
}

fn some_count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    count(from).map(Some)
}

fn bytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let binary = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1u64 << 40)];
    with_unit(from, &[&DECIMAL[..], &binary].concat(), "digits and perhaps K, Ki, M, Mi, G, Gi, T or Ti")
}

fn percent<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let value = with_unit(from, &[("%", 1)], "0% to 100%")?;
    u8::try_from(value).ok().filter(|p| *p <= 100).ok_or_else(|| D::Error::custom("invalid value: expected 0% to 100%"))
}
