//! The real tree: made at the start, compared with the model now and then. Beside it lies what no guest may touch.

use super::model::{Body, Fs, Id, ROOT};
use super::world::{Handle, World};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tenon::wasi::{Config, Ctx, Perms};

/// What stands in the files outside: no guest reads it.
pub const SECRET: &[u8] = b"<what is outside>";
/// Descriptors that a guest may have.
pub const LIMIT: u32 = 13;

/// A directory with a part for guests and a part that is none of their business.
pub struct Disk {
    base: PathBuf,
    outside: BTreeMap<PathBuf, (u64, i64, i64, u64)>,
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.base);
    }
}

impl Disk {
    /// A fresh tree and its model. `chain`: with links that lead over more links than anybody follows.
    pub fn new(chain: bool) -> (Disk, Fs) {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tenon-paths-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let base = std::env::var_os("TENON_FUZZ_DIR").map_or_else(std::env::temp_dir, PathBuf::from).join(name);
        let jail = base.join("jail");
        fs::create_dir_all(&jail).expect("a scratch directory");
        fs::create_dir(base.join("out")).expect("a directory");
        fs::write(base.join("secret"), SECRET).expect("a file");
        fs::write(base.join("out/file"), SECRET).expect("a file");
        let mut model = Fs::new();
        let mut plant = Planter { fs: &mut model, jail: &jail };
        plant.everything(&base, chain);
        let mut disk = Disk { base, outside: BTreeMap::new() };
        disk.outside = disk.look_outside();
        (disk, model)
    }

    fn jail(&self) -> PathBuf {
        self.base.join("jail")
    }

    /// Whole, read-only, one of its directories, and whole with names that may change but not files.
    pub fn context(&self) -> Arc<Ctx> {
        let mut config = Config::new();
        let names = Perms { file_write: false, ..Perms::READ_WRITE };
        config.preopen_dir(self.jail(), "/", Perms::READ_WRITE).expect("a directory");
        config.preopen_dir(self.jail(), "/ro", Perms::READ_ONLY).expect("a directory");
        config.preopen_dir(self.jail().join("d"), "/d", Perms::READ_WRITE).expect("a directory");
        config.preopen_dir(self.jail(), "/names", names).expect("a directory");
        config.max_descriptors(LIMIT);
        Arc::new(config.build().expect("a context"))
    }

    /// The world as the context has it.
    pub fn world(fs: Fs) -> World {
        let d = fs.resolve(ROOT, b"d", false).expect("it has been planted");
        let dir = Handle::dir;
        let preopens = vec![dir(ROOT, true, true), dir(ROOT, false, false), dir(d, true, true), dir(ROOT, true, false)];
        World::new(fs, preopens, LIMIT as usize)
    }

    fn look_outside(&self) -> BTreeMap<PathBuf, (u64, i64, i64, u64)> {
        let mut found = BTreeMap::new();
        for dir in ["", "out"] {
            for entry in fs::read_dir(self.base.join(dir)).expect("a directory").flatten() {
                let meta = entry.path().symlink_metadata().expect("a file");
                let times = (meta.mtime(), meta.mtime_nsec());
                // The tree itself may change; that it is there and the same matters.
                let times = if entry.file_name() == "jail" { (0, 0) } else { times };
                found.insert(entry.path(), (meta.ino(), times.0, times.1, meta.nlink().min(1)));
            }
        }
        found
    }

    /// Inodes that lie outside.
    pub fn foreign_inodes(&self) -> Vec<u64> {
        let own = self.jail();
        let base = fs::metadata(&self.base).expect("a directory").ino();
        self.outside.iter().filter(|(p, _)| **p != own).map(|(_, o)| o.0).chain([base]).collect()
    }

    /// Checks that nothing outside has changed.
    pub fn check_outside(&self) -> Result<(), String> {
        let now = self.look_outside();
        if now != self.outside {
            return Err(format!("outside was {:?}, now {now:?}", self.outside));
        }
        for name in ["secret", "out/file"] {
            if fs::read(self.base.join(name)).expect("a file") != SECRET {
                return Err(format!("{name} has been written to"));
            }
        }
        Ok(())
    }

    /// Compares everything with the model.
    pub fn check(&self, world: &mut World) -> Result<(), String> {
        self.check_outside()?;
        let result = same(world, ROOT, &self.jail());
        world.forget_access();
        result
    }
}

fn same(world: &mut World, id: Id, path: &Path) -> Result<(), String> {
    let fault = |what: String| Err(format!("{}: {what}", path.display()));
    let meta = path.symlink_metadata().map_err(|e| format!("{}: {e}", path.display()))?;
    world.same_ino(id, meta.ino())?;
    let node = &world.fs.nodes[id];
    let modified = meta.mtime() as u64 * 1_000_000_000 + meta.mtime_nsec() as u64;
    if node.modified.is_some_and(|m| m != modified) {
        return fault(format!("modified at {modified}, not {:?}", node.modified));
    }
    match &node.body {
        Body::File(data) => {
            if !meta.is_file() || meta.nlink() != node.links || meta.len() != data.len() as u64 {
                return fault(format!("{meta:?}, not a file of {} bytes and {} links", data.len(), node.links));
            }
            if fs::read(path).expect("a file") != *data {
                return fault("other contents".into());
            }
        }
        Body::Link(target) => {
            let there = fs::read_link(path).map_err(|e| format!("{}: {e}", path.display()))?;
            if there.as_os_str().as_bytes() != target {
                return fault(format!("leads to {}", there.display()));
            }
        }
        Body::Dir { entries, .. } => {
            let listed = fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let mut names: Vec<_> = listed.flatten().map(|e| e.file_name().into_vec()).collect();
            names.sort();
            if !names.iter().eq(entries.keys()) {
                let keys: Vec<_> = entries.keys().map(|k| k.escape_ascii().to_string()).collect();
                return fault(format!("has {:?}, not {keys:?}", names.iter().map(|n| n.escape_ascii().to_string()).collect::<Vec<_>>()));
            }
            for (name, id) in entries.clone() {
                same(world, id, &path.join(OsString::from_vec(name)))?;
            }
        }
    }
    Ok(())
}

/// Makes things on disk and in the model alike.
struct Planter<'a> {
    fs: &'a mut Fs,
    jail: &'a Path,
}

impl Planter<'_> {
    fn everything(&mut self, base: &Path, chain: bool) {
        for dir in ["b", "b/c", "d", "d/a"] {
            fs::create_dir(self.jail.join(dir)).expect("a directory");
            self.fs.mkdir(ROOT, dir.as_bytes()).expect("a free name");
        }
        for file in ["a", "b/a", "d/x"] {
            fs::write(self.jail.join(file), file).expect("a file");
            let (dir, name) = file.rsplit_once('/').unwrap_or((".", file));
            let dir = self.fs.resolve(ROOT, dir.as_bytes(), true).expect("a directory");
            self.fs.make(dir, name.as_bytes(), Body::File(file.as_bytes().to_vec()));
        }
        let secret = base.join("secret");
        let links = [
            ("l", "b"),
            ("up", "../secret"),
            ("out", "../out"),
            ("abs", secret.to_str().expect("a plain path")),
            ("loop", "loop"),
            ("dangling", "nowhere"),
            ("dotdot", ".."),
            ("b/up", "../up"),
            ("b/back", "../b/c/../a"),
            ("d/m", "a/"),
        ];
        links.iter().for_each(|(name, target)| self.link(name, target));
        if chain {
            (0..45).for_each(|i| self.link(&format!("n{i}"), &format!("n{}", i + 1)));
            self.link("n45", "b");
        }
    }

    fn link(&mut self, name: &str, target: &str) {
        symlink(target, self.jail.join(name)).expect("a link");
        self.fs.symlink(ROOT, target.as_bytes(), name.as_bytes()).expect("a free name");
    }
}
