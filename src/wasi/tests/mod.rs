//! The functions, called through their table, over plain memory and temporary directories.

mod confine;
mod dirs;
mod files;
mod poll;
mod readonly;
mod sock;
mod streams;
mod system;

use super::types::{fdflags, oflags, rights};
use super::{functions, Config, Ctx, Errno, Fail, Guest, GuestMemory, Module, Perms};
use crate::runtime::ValRaw;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

/// The first descriptor after the standard streams.
const ROOT: u32 = 3;

/// A directory that goes away with the test.
pub(super) struct TempDir(PathBuf);

impl TempDir {
    pub(super) fn new() -> TempDir {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tenon-wasi-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        TempDir(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn mkdir(&self, name: &str) {
        std::fs::create_dir_all(self.0.join(name)).unwrap();
    }

    fn link(&self, target: &str, name: &str) {
        std::os::unix::fs::symlink(target, self.0.join(name)).unwrap();
    }

    fn fifo(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    fn exists(&self, name: &str) -> bool {
        std::fs::symlink_metadata(self.0.join(name)).is_ok()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A guest without code: a context and a memory.
pub(super) struct World {
    ctx: Arc<Ctx>,
    mem: Vec<u8>,
    module: Module,
    /// Where the next scratch allocation goes.
    top: u32,
}

const MEMORY: usize = 256 << 10;

impl World {
    pub(super) fn new(config: Config) -> World {
        World::share(Arc::new(config.build().unwrap()))
    }

    fn share(ctx: Arc<Ctx>) -> World {
        World { ctx, mem: vec![0; MEMORY], module: Module::Preview1, top: 1024 }
    }

    /// A world whose only directory is `dir`, under the name `/`.
    pub(super) fn in_dir(dir: &TempDir, perms: Perms) -> World {
        let mut config = Config::new();
        config.preopen_dir(dir.path(), "/", perms).unwrap();
        World::new(config)
    }

    /// Calls a function by name. What goes wrong without the guest's being told panics.
    fn call(&mut self, name: &str, args: &[u64]) -> Result<(), Errno> {
        match self.try_call(name, args, &|| false) {
            Ok(()) => Ok(()),
            Err(Fail::Errno(e)) => Err(e),
            Err(other) => panic!("{name}: {other:?}"),
        }
    }

    fn try_call(&mut self, name: &str, args: &[u64], interrupted: &dyn Fn() -> bool) -> Result<(), Fail> {
        let function = functions(self.module).find(|f| f.name == name).unwrap();
        assert_eq!(function.params.len(), args.len(), "{name}");
        // Slots of i32s have unspecified upper halves.
        let slot = |(a, t): (&u64, &crate::runtime::ValType)| match t {
            crate::runtime::ValType::I32 => ValRaw::from_u64(*a | 0xdead_beef_0000_0000),
            _ => ValRaw::from_u64(*a),
        };
        let slots: Vec<_> = args.iter().zip(function.params).map(slot).collect();
        let mem = GuestMemory::from_slice(&mut self.mem);
        let guest = Guest { ctx: &self.ctx, mem, interrupted };
        (function.call)(&guest, &slots)
    }

    /// Scratch space, aligned to 8.
    fn alloc(&mut self, len: usize) -> u32 {
        let at = self.top.next_multiple_of(8);
        self.top = at + len as u32;
        if self.top as usize > self.mem.len() {
            self.top = 1024;
            return self.alloc(len);
        }
        at
    }

    fn put(&mut self, bytes: &[u8]) -> u32 {
        let at = self.alloc(bytes.len());
        self.mem[at as usize..][..bytes.len()].copy_from_slice(bytes);
        at
    }

    fn bytes(&self, at: u32, len: usize) -> &[u8] {
        &self.mem[at as usize..][..len]
    }

    fn u32_at(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    fn u64_at(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.bytes(at, 8).try_into().unwrap())
    }

    /// The address and number of an iovec array for one buffer.
    fn iovec(&mut self, at: u32, len: u32) -> u64 {
        let mut pair = [0; 8];
        pair[..4].copy_from_slice(&at.to_le_bytes());
        pair[4..].copy_from_slice(&len.to_le_bytes());
        self.put(&pair).into()
    }

    fn path(&mut self, name: &str, fd: u32, path: &str, rest: &[u64]) -> Result<(), Errno> {
        let at = self.put(path.as_bytes());
        let mut args = vec![fd.into(), at.into(), path.len() as u64];
        args.extend(rest);
        self.call(name, &args)
    }

    fn mkdir(&mut self, fd: u32, path: &str) -> Result<(), Errno> {
        self.path("path_create_directory", fd, path, &[])
    }

    fn rmdir(&mut self, fd: u32, path: &str) -> Result<(), Errno> {
        self.path("path_remove_directory", fd, path, &[])
    }

    fn unlink(&mut self, fd: u32, path: &str) -> Result<(), Errno> {
        self.path("path_unlink_file", fd, path, &[])
    }

    fn rename(&mut self, fd: u32, from: &str, to_fd: u32, to: &str) -> Result<(), Errno> {
        let to_at = self.put(to.as_bytes());
        self.path("path_rename", fd, from, &[to_fd.into(), to_at.into(), to.len() as u64])
    }

    fn hard_link(&mut self, fd: u32, follow: u64, from: &str, to_fd: u32, to: &str) -> Result<(), Errno> {
        let (from_at, to_at) = (self.put(from.as_bytes()), self.put(to.as_bytes()));
        let args = [fd.into(), follow, from_at.into(), from.len() as u64, to_fd.into(), to_at.into(), to.len() as u64];
        self.call("path_link", &args)
    }

    fn symlink(&mut self, target: &str, fd: u32, path: &str) -> Result<(), Errno> {
        let (target_at, path_at) = (self.put(target.as_bytes()), self.put(path.as_bytes()));
        let args = [target_at.into(), target.len() as u64, fd.into(), path_at.into(), path.len() as u64];
        self.call("path_symlink", &args)
    }

    fn readlink(&mut self, fd: u32, path: &str, room: u32) -> Result<String, Errno> {
        let (at, out) = (self.alloc(room as usize), self.alloc(4));
        self.path("path_readlink", fd, path, &[at.into(), room.into(), out.into()])?;
        let n = self.u32_at(out) as usize;
        Ok(String::from_utf8(self.bytes(at, n).to_vec()).unwrap())
    }

    /// Kind, links and size of what a path names.
    fn stat(&mut self, fd: u32, path: &str, follow: bool) -> Result<(u8, u64, u64), Errno> {
        let (at, out) = (self.put(path.as_bytes()), self.alloc(64));
        let args = [fd.into(), follow.into(), at.into(), path.len() as u64, out.into()];
        self.call("path_filestat_get", &args)?;
        Ok((self.mem[out as usize + 16], self.u64_at(out + 24), self.u64_at(out + 32)))
    }

    fn set_times(&mut self, fd: u32, path: &str, times: [u64; 2], flags: u64) -> Result<(), Errno> {
        let at = self.put(path.as_bytes());
        let args = [fd.into(), 1, at.into(), path.len() as u64, times[0], times[1], flags];
        self.call("path_filestat_set_times", &args)
    }

    fn open(&mut self, fd: u32, path: &str, how: Open) -> Result<u32, Errno> {
        let (at, out) = (self.put(path.as_bytes()), self.alloc(4));
        let args = [
            fd.into(),
            how.follow.into(),
            at.into(),
            path.len() as u64,
            how.oflags.into(),
            how.base,
            u64::MAX,
            how.fdflags.into(),
            out.into(),
        ];
        self.call("path_open", &args)?;
        Ok(self.u32_at(out))
    }

    fn write(&mut self, fd: u32, text: &str) -> Result<u32, Errno> {
        let (at, out) = (self.put(text.as_bytes()), self.alloc(4));
        let vec = self.iovec(at, text.len() as u32);
        self.call("fd_write", &[fd.into(), vec, 1, out.into()])?;
        Ok(self.u32_at(out))
    }

    fn read(&mut self, fd: u32, room: u32) -> Result<String, Errno> {
        let (at, out) = (self.alloc(room as usize), self.alloc(4));
        let vec = self.iovec(at, room);
        self.call("fd_read", &[fd.into(), vec, 1, out.into()])?;
        let n = self.u32_at(out) as usize;
        Ok(String::from_utf8(self.bytes(at, n).to_vec()).unwrap())
    }

    fn pwrite(&mut self, fd: u32, text: &str, offset: u64) -> Result<u32, Errno> {
        let (at, out) = (self.put(text.as_bytes()), self.alloc(4));
        let vec = self.iovec(at, text.len() as u32);
        self.call("fd_pwrite", &[fd.into(), vec, 1, offset, out.into()])?;
        Ok(self.u32_at(out))
    }

    fn pread(&mut self, fd: u32, room: u32, offset: u64) -> Result<String, Errno> {
        let (at, out) = (self.alloc(room as usize), self.alloc(4));
        let vec = self.iovec(at, room);
        self.call("fd_pread", &[fd.into(), vec, 1, offset, out.into()])?;
        let n = self.u32_at(out) as usize;
        Ok(String::from_utf8(self.bytes(at, n).to_vec()).unwrap())
    }

    fn seek(&mut self, fd: u32, offset: i64, whence: u64) -> Result<u64, Errno> {
        let out = self.alloc(8);
        self.call("fd_seek", &[fd.into(), offset as u64, whence, out.into()])?;
        Ok(self.u64_at(out))
    }

    fn tell(&mut self, fd: u32) -> Result<u64, Errno> {
        let out = self.alloc(8);
        self.call("fd_tell", &[fd.into(), out.into()])?;
        Ok(self.u64_at(out))
    }

    fn close(&mut self, fd: u32) -> Result<(), Errno> {
        self.call("fd_close", &[fd.into()])
    }

    /// Kind, flags, base and inheriting rights.
    fn fdstat(&mut self, fd: u32) -> Result<(u8, u16, u64, u64), Errno> {
        let out = self.alloc(24);
        self.call("fd_fdstat_get", &[fd.into(), out.into()])?;
        let flags = u16::from_le_bytes(self.bytes(out + 2, 2).try_into().unwrap());
        Ok((self.mem[out as usize], flags, self.u64_at(out + 8), self.u64_at(out + 16)))
    }
}

/// How a test opens a path.
#[derive(Clone, Copy)]
struct Open {
    oflags: u32,
    base: u64,
    fdflags: u16,
    follow: bool,
}

impl Open {
    const READ: Open = Open { oflags: 0, base: rights::FD_READ, fdflags: 0, follow: true };
    const WRITE: Open = Open { base: rights::FD_WRITE, ..Open::READ };
    const BOTH: Open = Open { base: rights::FD_READ | rights::FD_WRITE, ..Open::READ };
    const CREATE: Open = Open { oflags: oflags::CREAT, ..Open::BOTH };
    const DIR: Open = Open { oflags: oflags::DIRECTORY, ..Open::READ };
}

/// An output that a test can look into.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    fn stream(&self) -> Box<dyn super::OutputStream> {
        let bytes = self.0.clone();
        Box::new(move |b: &[u8]| {
            bytes.lock().extend_from_slice(b);
            Ok(b.len())
        })
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }
}
