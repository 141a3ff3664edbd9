//! WASI calls while the host fails: each answers with an error number, or does what it was asked to.

use crate::place::Place;
use std::fmt::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use tenon::base::{Error, Result};
use tenon::runtime::{Config as EngineConfig, Engine, Instance, Linker, Memory, Module, Store, Val, ValType};
use tenon::wasi::{self, Config, Perms};

/// Guest addresses: results, lists of buffers, a path, another, data.
const OUT: u32 = 512;
const VECS: u32 = 1024;
const PATH: u32 = 4096;
const PATH2: u32 = 8192;
const DATA: u32 = 1 << 16;

pub struct Guest {
    pub store: Store,
    instance: Instance,
    memory: Memory,
}

fn wat() -> String {
    let (mut imports, mut bodies) = (String::new(), String::new());
    for f in wasi::functions(wasi::Module::Preview1).filter(|f| f.name != "proc_exit") {
        let params: String = f.params.iter().map(|t| if *t == ValType::I64 { " i64" } else { " i32" }).collect();
        let get: String = (0..f.params.len()).map(|i| format!("(local.get {i})")).collect();
        let name = f.name;
        let _ = writeln!(imports, "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param{params}) (result i32)))");
        let _ = writeln!(bodies, "(func (export \"{name}\") (param{params}) (result i32) (call ${name} {get}))");
    }
    format!("(module {imports} (memory (export \"memory\") 4) {bodies})")
}

impl Guest {
    pub fn new(configure: impl FnOnce(&mut Config) -> Result<()>) -> Result<Guest> {
        let engine = Engine::new(&EngineConfig::new())?;
        let module = Module::new(&engine, &tenon::wasm::text::parse(wat().as_bytes())?)?;
        let mut linker = Linker::new(&engine);
        wasi::add_to_linker(&mut linker)?;
        let mut config = Config::new();
        configure(&mut config)?;
        let store = Store::new(&engine);
        wasi::attach(&store, Arc::new(config.build()?));
        let instance = linker.instantiate(&store, &module)?;
        let memory = instance.memory("memory").expect("the guest's memory");
        Ok(Guest { store, instance, memory })
    }

    pub fn in_dir(dir: &Path) -> Result<Guest> {
        Guest::new(|c| c.preopen_dir(dir, "/", Perms::READ_WRITE))
    }

    /// The error number of a call.
    pub fn errno(&self, name: &str, args: &[u64]) -> Result<u16> {
        let func = self.instance.func(&self.store, name).expect("a function of the interface");
        let params = func.ty(&self.store).params.clone();
        let args: Vec<Val> = args
            .iter()
            .zip(params.iter())
            .map(|(a, t)| if *t == ValType::I64 { Val::I64(*a as i64) } else { Val::I32(*a as i32) })
            .collect();
        let mut results = [Val::I32(0)];
        func.call(&self.store, &args, &mut results)?;
        Ok(results[0].i32().expect("an error number") as u16)
    }

    pub fn must(&self, name: &str, args: &[u64]) -> Result<()> {
        match self.errno(name, args)? {
            0 => Ok(()),
            n => Err(Error::host(format!("the call of {name} failed with error number {n}"))),
        }
    }

    fn put(&self, at: u32, bytes: &[u8]) -> u64 {
        self.memory.write(at.into(), bytes).expect("room in the guest");
        at.into()
    }

    fn word(&self) -> u32 {
        u32::from_le_bytes(self.get(OUT, 4).try_into().expect("4 bytes"))
    }

    fn get(&self, at: u32, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.memory.read(at.into(), &mut bytes).expect("inside of the guest");
        bytes
    }

    pub fn open(&self, path: &str, oflags: u64, rights: u64) -> Result<u64> {
        let at = self.put(PATH, path.as_bytes());
        self.must("path_open", &[3, 1, at, path.len() as u64, oflags, rights, u64::MAX, 0, OUT.into()])?;
        Ok(self.word().into())
    }

    /// Writes once; how many bytes went.
    pub fn write(&self, fd: u64, bytes: &[u8]) -> Result<u32> {
        self.put(DATA, bytes);
        let vecs = self.put(VECS, &[DATA.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat());
        self.must("fd_write", &[fd, vecs, 1, OUT.into()])?;
        Ok(self.word())
    }

    fn on_path(&self, name: &str, path: &str) -> Result<()> {
        self.must(name, &[3, self.put(PATH, path.as_bytes()), path.len() as u64])
    }
}

const READ_WRITE: u64 = u64::MAX;

pub fn files(place: &Place) -> Result<()> {
    let dir = place.dir.join("files");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir(&dir).map_err(|e| Error::host(format!("the test failed to make a directory: {e}")))?;
    let g = Guest::in_dir(&dir)?;
    let out = u64::from(OUT);
    let fd = g.open("file", 1, READ_WRITE)?;
    assert_eq!(g.write(fd, b"contents")?, 8);
    g.must("fd_allocate", &[fd, 0, 100])?;
    g.must("fd_filestat_set_size", &[fd, 8])?;
    g.must("fd_sync", &[fd])?;
    g.must("fd_datasync", &[fd])?;
    g.must("fd_seek", &[fd, 2, 0, out])?;
    let vecs = g.put(VECS, &[DATA.to_le_bytes(), 100u32.to_le_bytes()].concat());
    g.must("fd_read", &[fd, vecs, 1, out])?;
    assert_eq!((g.word(), &g.get(DATA, 6)[..]), (6, &b"ntents"[..]));
    g.must("fd_pread", &[fd, vecs, 1, 1, out])?;
    assert_eq!((g.word(), &g.get(DATA, 7)[..]), (7, &b"ontents"[..]));
    g.put(DATA, b"XY");
    let two = g.put(VECS, &[DATA.to_le_bytes(), 2u32.to_le_bytes()].concat());
    g.must("fd_pwrite", &[fd, two, 1, 0, out])?;
    g.must("fd_filestat_get", &[fd, out])?;
    g.must("fd_fdstat_get", &[fd, out])?;
    g.must("fd_fdstat_set_flags", &[fd, 1])?;
    g.must("fd_filestat_set_times", &[fd, 0, 0, 2 | 8])?;
    g.must("fd_close", &[fd])?;
    let read = std::fs::read(dir.join("file")).map_err(|e| Error::host(format!("the test failed to read: {e}")))?;
    assert_eq!(read, b"XYntents");
    g.must("random_get", &[DATA.into(), 40])
}

pub fn paths(place: &Place) -> Result<()> {
    let dir = place.dir.join("paths");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir(&dir).map_err(|e| Error::host(format!("the test failed to make a directory: {e}")))?;
    let g = Guest::in_dir(&dir)?;
    let out = u64::from(OUT);
    g.on_path("path_create_directory", "a")?;
    g.on_path("path_create_directory", "a/b")?;
    let fd = g.open("a/b/f", 1, READ_WRITE)?;
    let (p, q) = (g.put(PATH, b"a/b/f"), g.put(PATH2, b"a/l"));
    g.must("path_link", &[3, 0, p, 5, 3, q, 3])?;
    g.put(PATH, b"l");
    g.put(PATH2, b"a/s");
    g.must("path_symlink", &[PATH.into(), 1, 3, PATH2.into(), 3])?;
    g.must("path_readlink", &[3, PATH2.into(), 3, DATA.into(), 100, out])?;
    assert_eq!(g.get(DATA, 1), b"l");
    g.must("path_filestat_get", &[3, 1, PATH2.into(), 3, out])?;
    g.must("path_filestat_set_times", &[3, 1, PATH2.into(), 3, 0, 0, 2 | 8])?;
    g.put(PATH, b"a/b/f");
    g.put(PATH2, b"a/g");
    g.must("path_rename", &[3, PATH.into(), 5, 3, PATH2.into(), 3])?;
    let listed = g.open("a", 2, 1 << 14)?;
    g.must("fd_readdir", &[listed, DATA.into(), 8192, 0, out])?;
    let text = g.get(DATA, g.word() as usize);
    assert!(text.windows(4).any(|w| w[3] == b'g') && text.len() > 6 * 24, "{}", text.len());
    g.must("fd_close", &[listed])?;
    g.must("fd_close", &[fd])?;
    for name in ["a/l", "a/s", "a/g"] {
        g.on_path("path_unlink_file", name)?;
    }
    g.on_path("path_remove_directory", "a/b")?;
    g.on_path("path_remove_directory", "a")
}

/// Sockets, a pipe and waiting.
pub fn streams(place: &Place) -> Result<()> {
    let host = |e: std::io::Error| Error::host(format!("the test failed to make a socket: {e}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(host)?;
    let peer = TcpStream::connect(listener.local_addr().map_err(host)?).map_err(host)?;
    let path = place.dir.join("out");
    let g = Guest::new(|c| {
        c.preopen_listener(listener)?;
        c.stdout_file(&path)
    })?;
    let out = u64::from(OUT);
    g.must("sock_accept", &[3, 0, out])?;
    let fd = u64::from(g.word());
    g.put(DATA, b"hello");
    let vecs = g.put(VECS, &[DATA.to_le_bytes(), 5u32.to_le_bytes()].concat());
    g.must("sock_send", &[fd, vecs, 1, 0, out])?;
    assert_eq!(g.word(), 5);
    let mut back = [0; 5];
    std::io::Read::read_exact(&mut &peer, &mut back).map_err(host)?;
    assert_eq!(&back, b"hello");
    std::io::Write::write_all(&mut &peer, b"there").map_err(host)?;
    // Until it can be read, or a long time.
    let mut wanted = [0; 96];
    wanted[8] = 1;
    wanted[16..20].copy_from_slice(&(fd as u32).to_le_bytes());
    wanted[48 + 16] = 1;
    wanted[48 + 24..48 + 32].copy_from_slice(&10_000_000_000u64.to_le_bytes());
    let at = g.put(2048, &wanted);
    g.must("poll_oneoff", &[at, DATA.into(), 2, out])?;
    g.must("sock_recv", &[fd, vecs, 1, 0, out, out + 8])?;
    assert_eq!(g.get(DATA, 5), b"there");
    g.must("sock_shutdown", &[fd, 2])?;
    assert_eq!(g.write(1, b"done")?, 4);
    Ok(())
}
