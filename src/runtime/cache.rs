//! Compiled modules kept in files between processes.
//!
//! An entry's name is a digest of everything that decides the machine code: the module's bytes, the proposals it was
//! validated with, and the compiler's fingerprint. Its content is an image, checked as any other that is loaded, behind
//! it the digest once more. Writers fill a file of their own and rename it, so that readers in any process see a
//! whole entry or none. Nothing about the cache can make compiling fail: what cannot be read or written is counted.

use super::cachefile::CacheSettings;
use crate::base::{Error, ErrorKind, Result};
use crate::compile::{Compiler, Progress};
use crate::image::{Image, ImageBytes};
use crate::wasm::Features;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A folder of compiled modules, shared by the engines whose configurations hold it and by other processes. Clones are
/// the same cache.
#[derive(Clone, Debug)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: CacheSettings,
    /// Where the entries are.
    folder: PathBuf,
    hits: AtomicU64,
    misses: AtomicU64,
    failures: AtomicU64,
}

const DIGEST: usize = 32;
/// In front of the names of files that are being written.
const UNFINISHED: &str = ".new-";
/// Its age is the time since the last clean-up.
const STAMP: &str = ".cleaned";
/// Unfinished files older than this were left behind by processes that died.
const ABANDONED: Duration = Duration::from_secs(3600);

impl Cache {
    /// A cache with these settings; its folder is made if need be, for this user alone. A folder that others may write to
    /// is refused: entries hold machine code.
    pub fn new(settings: CacheSettings) -> Result<Cache> {
        let root = settings.directory()?;
        let folder = root.join(concat!("modules-", env!("CARGO_PKG_VERSION")));
        let failed = |e: io::Error| {
            Error::new(ErrorKind::Io, e.to_string()).context(format!("failed to create cache directory {}", folder.display()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(failed)?;
        for (path, may_be_sticky) in [(&root, true), (&folder, false)] {
            check_private(path, &fs::metadata(path).map_err(failed)?, may_be_sticky)?;
        }
        let zero = AtomicU64::default;
        Ok(Cache(Arc::new(Inner { settings, folder, hits: zero(), misses: zero(), failures: zero() })))
    }

    /// A cache as a TOML file describes it; without a path the default file, or default settings if there is none.
    pub fn load(path: Option<&Path>) -> Result<Cache> {
        Cache::new(match path {
            Some(path) => CacheSettings::load(path)?,
            None => CacheSettings::load_default()?,
        })
    }

    /// The folder that the entries are in.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// How many modules came from the cache, in this process.
    pub fn hits(&self) -> u64 {
        self.0.hits.load(Ordering::Relaxed)
    }

    /// How many modules had to be compiled, in this process.
    pub fn misses(&self) -> u64 {
        self.0.misses.load(Ordering::Relaxed)
    }

    /// How many entries were damaged or could not be written, in this process.
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    /// The image of a module: from the cache, or compiled and kept there.
    pub(super) fn compile(
        &self,
        compiler: &Compiler,
        wasm: &[u8],
        features: &Features,
        progress: Progress<'_>,
    ) -> Result<Image> {
        let digest = digest(compiler, wasm, features);
        let path = self.0.folder.join(digest.iter().map(|b| format!("{b:02x}")).collect::<String>());
        match self.read(&path, &digest, compiler) {
            Ok(Some(image)) => {
                self.0.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(image);
            }
            Ok(None) => {}
            Err(_) => _ = self.0.failures.fetch_add(1, Ordering::Relaxed),
        }
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        let image = compiler.compile_watched(wasm, features, progress)?;
        if self.write(&path, &digest, &image).is_err() {
            self.0.failures.fetch_add(1, Ordering::Relaxed);
        }
        Ok(image)
    }

    /// The entry, if there is one; an error if it is damaged.
    fn read(&self, path: &Path, digest: &[u8; DIGEST], compiler: &Compiler) -> Result<Option<Image>> {
        let Ok(mut bytes) = fs::read(path) else { return Ok(None) };
        let damaged = || Error::new(ErrorKind::Artifact, "cache entry is not what its name says");
        let image = bytes.len().checked_sub(DIGEST).filter(|at| bytes[*at..] == *digest).ok_or_else(damaged)?;
        bytes.truncate(image);
        let image = Image::load(ImageBytes::from(bytes), compiler.fingerprint())?;
        // Its age is the time since it was last of use.
        let _ = File::options().write(true).open(path).and_then(|f| f.set_modified(SystemTime::now()));
        Ok(Some(image))
    }

    fn write(&self, path: &Path, digest: &[u8; DIGEST], image: &Image) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.0.folder.join(format!("{UNFINISHED}{}-{number}", std::process::id()));
        let done = fill(&unfinished, &[image.as_bytes(), digest]).and_then(|()| fs::rename(&unfinished, path));
        if done.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        self.clean_up_if_due();
        done
    }

    fn clean_up_if_due(&self) {
        let stamp = self.0.folder.join(STAMP);
        let age = fs::metadata(&stamp).and_then(|m| m.modified()).ok().map(|m| m.elapsed().unwrap_or_default());
        let due = age.is_none_or(|age| age >= self.0.settings.cleanup_interval);
        if due && File::create(&stamp).and_then(|f| f.set_modified(SystemTime::now())).is_ok() {
            self.clean_up();
        }
    }

    /// Removes the least recently used entries if there are too many or too large ones, and what dead writers left.
    pub fn clean_up(&self) {
        let s = &self.0.settings;
        let mut entries = self.entries();
        // Dates far in the future say nothing about use, and would never grow old.
        let latest = SystemTime::now() + s.allowed_clock_drift;
        entries.retain(|e| e.used <= latest || fs::remove_file(&e.path).is_err());
        entries.sort_by_key(|e| std::cmp::Reverse(e.used));
        let size: u64 = entries.iter().map(|e| e.size).sum();
        let count = entries.len() as u64;
        if count <= s.file_count_limit && size <= s.total_size_limit {
            return;
        }
        let most = percent(s.file_count_limit, s.file_count_percent);
        let largest = percent(s.total_size_limit, s.total_size_percent);
        let (mut kept, mut bytes) = (0, 0);
        for entry in entries {
            kept += 1;
            bytes += entry.size;
            // Another process may be cleaning up, too.
            if kept > most || bytes > largest {
                let _ = fs::remove_file(&entry.path);
            }
        }
    }

    /// All entries. Unfinished files of long ago are removed.
    fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for file in fs::read_dir(&self.0.folder).into_iter().flatten().flatten() {
            let (name, Ok(meta)) = (file.file_name(), file.metadata()) else { continue };
            let Ok(used) = meta.modified() else { continue };
            let name = name.to_string_lossy();
            if name.starts_with(UNFINISHED) && used.elapsed().is_ok_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(file.path());
            }
            if meta.is_file() && !name.starts_with('.') {
                entries.push(Entry { path: file.path(), used, size: meta.len() });
            }
        }
        entries
    }
}

struct Entry {
    path: PathBuf,
    used: SystemTime,
    size: u64,
}

fn percent(of: u64, percent: u8) -> u64 {
    (u128::from(of) * u128::from(percent) / 100) as u64
}

fn fill(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    parts.iter().try_for_each(|part| file.write_all(part))
}

/// A digest that nobody can make another module for, since whoever could would choose what others run.
fn digest(compiler: &Compiler, wasm: &[u8], features: &Features) -> [u8; DIGEST] {
    let mut hash = Sha256::new();
    let fingerprint = compiler.fingerprint().to_bytes();
    for part in [&features.bits().to_le_bytes()[..], &(fingerprint.len() as u64).to_le_bytes(), &fingerprint, wasm] {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Fails for a folder whose files others could replace. In a sticky folder they can only add some.
fn check_private(path: &Path, meta: &Metadata, may_be_sticky: bool) -> Result<()> {
    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let user = fs::metadata("/proc/self").map(|m| m.uid()).unwrap_or(meta.uid());
    let sticky = may_be_sticky && meta.mode() & STICKY != 0;
    if (meta.uid() == user || meta.uid() == 0) && (meta.mode() & OTHERS_WRITE == 0 || sticky) {
        return Ok(());
    }
    let text = format!(
        "cache directory {} may be written to by others: expected owner {user} and no more than 0755, found owner {} and {:o}",
        path.display(),
        meta.uid(),
        meta.mode() & 0o7777
    );
    Err(Error::new(ErrorKind::Usage, text))
}
