//! A guest that does operations: it has one function for each of the interface, which only passes its arguments on.

use super::errno::E;
use super::ops::Op;
use super::world::{Stat, Value};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};
use tenon::base::Error;
use tenon::runtime::{Config as EngineConfig, Engine, Func, Instance, Linker, Memory, Module, Store, Val, ValType};
use tenon::wasi::{self, Ctx};

/// Where in the guest's memory things are passed.
mod at {
    pub const OUT: u32 = 512;
    pub const VECS: u32 = 1024;
    pub const PATH: u32 = 1 << 16;
    pub const PATH2: u32 = 2 << 16;
    pub const DATA: u32 = 3 << 16;
    pub const PAGES: u32 = 16;
}

struct Compiled {
    engine: Engine,
    module: Module,
    linker: Linker,
}

static PLAIN: LazyLock<Compiled> = LazyLock::new(|| compiled(false));
#[allow(dead_code)] // for the tests of waits
static WITH_EPOCHS: LazyLock<Compiled> = LazyLock::new(|| compiled(true));

fn compiled(epochs: bool) -> Compiled {
    let mut config = EngineConfig::new();
    config.tunables.epochs = epochs;
    config.no_initial_deadline = true;
    let engine = Engine::new(&config).expect("an engine");
    let bytes = tenon::wasm::text::parse(wat().as_bytes()).expect("the guest's text");
    let module = Module::new(&engine, &bytes).expect("the guest");
    let mut linker = Linker::new(&engine);
    wasi::add_to_linker(&mut linker).expect("the interface");
    Compiled { engine, module, linker }
}

fn wat() -> String {
    let (mut imports, mut bodies) = (String::new(), String::new());
    for f in wasi::functions(wasi::Module::Preview1).filter(|f| f.name != "proc_exit") {
        let word = |t: &ValType| if *t == ValType::I64 { " i64" } else { " i32" };
        let params: String = f.params.iter().map(word).collect();
        let get: String = (0..f.params.len()).map(|i| format!("(local.get {i})")).collect();
        let name = f.name;
        let _ = writeln!(
            imports,
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param{params}) (result i32)))"
        );
        let _ = writeln!(bodies, "(func (export \"{name}\") (param{params}) (result i32) (call ${name} {get}))");
    }
    format!("(module {imports} (memory (export \"memory\") {}) {bodies})", at::PAGES)
}

pub struct Guest {
    pub store: Store,
    instance: Instance,
    memory: Memory,
    funcs: HashMap<&'static str, (Func, Vec<ValType>)>,
}

/// What a call came to: a value, or an error number.
pub type Got = Result<Value, E>;

impl Guest {
    pub fn new(ctx: Arc<Ctx>) -> Guest {
        Guest::of(&PLAIN, ctx)
    }

    #[allow(dead_code)] // for the tests of waits
    /// One that stops when the epoch of its store's engine passes a deadline.
    pub fn with_epochs(ctx: Arc<Ctx>) -> Guest {
        Guest::of(&WITH_EPOCHS, ctx)
    }

    fn of(compiled: &Compiled, ctx: Arc<Ctx>) -> Guest {
        let Compiled { engine, module, linker } = compiled;
        let store = Store::new(engine);
        wasi::attach(&store, ctx);
        let instance = linker.instantiate(&store, module).expect("an instance");
        let memory = instance.memory("memory").expect("the guest's memory");
        Guest { store, instance, memory, funcs: HashMap::new() }
    }

    /// Calls a function of the interface; an error is one that the guest is not told.
    pub fn call(&mut self, name: &'static str, args: &[u64]) -> Result<u16, Error> {
        let (func, params) = self.funcs.entry(name).or_insert_with(|| {
            let func = self.instance.func(&self.store, name).expect("a function of the interface");
            let params = func.ty(&self.store).params.to_vec();
            (func, params)
        });
        assert_eq!(params.len(), args.len(), "{name}");
        let args: Vec<Val> = args
            .iter()
            .zip(params)
            .map(|(a, t)| if *t == ValType::I64 { Val::I64(*a as i64) } else { Val::I32(*a as i32) })
            .collect();
        let mut results = [Val::I32(0)];
        func.call(&self.store, &args, &mut results)?;
        Ok(results[0].i32().expect("an error number") as u16)
    }

    fn must(&mut self, name: &'static str, args: &[u64]) -> Result<(), E> {
        match self.call(name, args) {
            Ok(0) => Ok(()),
            Ok(errno) => Err(errno),
            Err(e) => panic!("{name}{args:?} stopped the guest: {e}"),
        }
    }

    #[allow(dead_code)] // for the tests of hostile guests
    /// Makes the guest's memory at least this many bytes large.
    pub fn reserve(&self, bytes: usize) {
        let pages = bytes.saturating_sub(self.memory.data_size()).div_ceil(1 << 16) as u64;
        self.memory.grow(&self.store, pages).expect("memory");
    }

    pub fn put(&self, at: u32, bytes: &[u8]) {
        self.memory.write(at.into(), bytes).expect("room in the guest");
    }

    pub fn get(&self, at: u32, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.memory.read(at.into(), &mut bytes).expect("inside of the guest");
        bytes
    }

    fn u32_at(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().expect("4 bytes"))
    }

    fn u64_at(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().expect("8 bytes"))
    }

    /// Puts a list of buffers of these lengths, one behind the other.
    fn vecs(&self, lens: &[u32]) -> [u64; 2] {
        let mut at = at::DATA;
        for (i, len) in lens.iter().enumerate() {
            self.put(at::VECS + i as u32 * 8, &[at.to_le_bytes(), len.to_le_bytes()].concat());
            at += len;
        }
        [at::VECS.into(), lens.len() as u64]
    }

    fn path(&self, path: &[u8]) -> [u64; 2] {
        self.put(at::PATH, path);
        [at::PATH.into(), path.len() as u64]
    }

    fn path2(&self, path: &[u8]) -> [u64; 2] {
        self.put(at::PATH2, path);
        [at::PATH2.into(), path.len() as u64]
    }

    pub fn run(&mut self, op: &Op) -> Got {
        let out = u64::from(at::OUT);
        match op {
            Op::Open { fd, path, follow, oflags, base, fdflags } => {
                let [p, n] = self.path(&path.0);
                let how = [(*oflags).into(), *base, u64::MAX, (*fdflags).into(), out];
                self.must("path_open", &[&[(*fd).into(), (*follow).into(), p, n][..], &how].concat())?;
                Ok(Value::Fd(self.u32_at(at::OUT)))
            }
            Op::Mkdir { fd, path } => self.on_path("path_create_directory", *fd, &path.0),
            Op::Rmdir { fd, path } => self.on_path("path_remove_directory", *fd, &path.0),
            Op::Unlink { fd, path } => self.on_path("path_unlink_file", *fd, &path.0),
            Op::Rename { fd, from, to_fd, to } => {
                let ([a, n], [b, m]) = (self.path(&from.0), self.path2(&to.0));
                self.nothing("path_rename", &[(*fd).into(), a, n, (*to_fd).into(), b, m])
            }
            Op::Link { fd, follow, from, to_fd, to } => {
                let ([a, n], [b, m]) = (self.path(&from.0), self.path2(&to.0));
                self.nothing("path_link", &[(*fd).into(), (*follow).into(), a, n, (*to_fd).into(), b, m])
            }
            Op::Symlink { target, fd, path } => {
                let ([a, n], [b, m]) = (self.path(&target.0), self.path2(&path.0));
                self.nothing("path_symlink", &[a, n, (*fd).into(), b, m])
            }
            Op::Readlink { fd, path, room } => {
                let [p, n] = self.path(&path.0);
                self.must("path_readlink", &[(*fd).into(), p, n, at::DATA.into(), (*room).into(), out])?;
                Ok(Value::Bytes(self.get(at::DATA, self.u32_at(at::OUT) as usize)))
            }
            Op::Stat { fd, path, follow } => {
                let [p, n] = self.path(&path.0);
                self.must("path_filestat_get", &[(*fd).into(), (*follow).into(), p, n, out])?;
                Ok(self.stat())
            }
            Op::SetTimes { fd, path, follow, times } => {
                let [p, n] = self.path(&path.0);
                let times = [times.accessed, times.modified, times.flags.into()];
                let args = [&[(*fd).into(), (*follow).into(), p, n][..], &times].concat();
                self.nothing("path_filestat_set_times", &args)
            }
            Op::Renumber { from, to } => self.nothing("fd_renumber", &[(*from).into(), (*to).into()]),
            Op::Close { fd } => self.nothing("fd_close", &[(*fd).into()]),
            _ => self.on_descriptor(op, op.fd().into()),
        }
    }

    fn nothing(&mut self, name: &'static str, args: &[u64]) -> Got {
        self.must(name, args).map(|()| Value::Nothing)
    }

    fn on_path(&mut self, name: &'static str, fd: u32, path: &[u8]) -> Got {
        let [p, n] = self.path(path);
        self.nothing(name, &[fd.into(), p, n])
    }

    fn stat(&self) -> Value {
        let word = |i: u32| self.u64_at(at::OUT + i * 8);
        let kind = word(2) as u8;
        Value::Stat(Stat { ino: word(1), kind, links: word(3), size: word(4), accessed: word(5), modified: word(6) })
    }

    fn on_descriptor(&mut self, op: &Op, fd: u64) -> Got {
        let out = u64::from(at::OUT);
        match op {
            Op::FdStat { .. } => {
                self.must("fd_filestat_get", &[fd, out])?;
                Ok(self.stat())
            }
            Op::FdSetTimes { times, .. } => {
                self.nothing("fd_filestat_set_times", &[fd, times.accessed, times.modified, times.flags.into()])
            }
            Op::SetSize { size, .. } => self.nothing("fd_filestat_set_size", &[fd, *size]),
            Op::Allocate { offset, len, .. } => self.nothing("fd_allocate", &[fd, *offset, *len]),
            Op::Read { lens, .. } => {
                let [v, n] = self.vecs(lens);
                self.must("fd_read", &[fd, v, n, out])?;
                Ok(Value::Bytes(self.get(at::DATA, self.u32_at(at::OUT) as usize)))
            }
            Op::Pread { len, offset, .. } => {
                let [v, n] = self.vecs(&[*len]);
                self.must("fd_pread", &[fd, v, n, *offset, out])?;
                Ok(Value::Bytes(self.get(at::DATA, self.u32_at(at::OUT) as usize)))
            }
            Op::Write { lens, fill, .. } => {
                let [v, n] = self.vecs(lens);
                self.put(at::DATA, &vec![*fill; lens.iter().sum::<u32>() as usize]);
                self.must("fd_write", &[fd, v, n, out])?;
                Ok(Value::Number(self.u32_at(at::OUT).into()))
            }
            Op::Pwrite { len, offset, fill, .. } => {
                let [v, n] = self.vecs(&[*len]);
                self.put(at::DATA, &vec![*fill; *len as usize]);
                self.must("fd_pwrite", &[fd, v, n, *offset, out])?;
                Ok(Value::Number(self.u32_at(at::OUT).into()))
            }
            Op::Seek { offset, whence, .. } => {
                self.must("fd_seek", &[fd, *offset as u64, (*whence).into(), out])?;
                Ok(Value::Number(self.u64_at(at::OUT)))
            }
            Op::Tell { .. } => {
                self.must("fd_tell", &[fd, out])?;
                Ok(Value::Number(self.u64_at(at::OUT)))
            }
            Op::SetFlags { flags, .. } => self.nothing("fd_fdstat_set_flags", &[fd, (*flags).into()]),
            Op::Describe { .. } => {
                self.must("fd_fdstat_get", &[fd, out])?;
                let head = self.get(at::OUT, 4);
                Ok(Value::Descriptor(head[0], u16::from_le_bytes([head[2], head[3]]).into()))
            }
            Op::GiveUp { base, inheriting, .. } => {
                self.must("fd_fdstat_get", &[fd, out])?;
                let (b, i) = (self.u64_at(at::OUT + 8), self.u64_at(at::OUT + 16));
                self.nothing("fd_fdstat_set_rights", &[fd, b & !base, i & !inheriting])
            }
            Op::List { room, .. } => self.list(fd, *room),
            _ => unreachable!("{op:?} is on paths"),
        }
    }

    /// All entries, `room` bytes at a time.
    fn list(&mut self, fd: u64, room: u32) -> Got {
        let (mut found, mut cookie) = (Vec::new(), 0);
        loop {
            self.must("fd_readdir", &[fd, at::DATA.into(), room.into(), cookie, at::OUT.into()])?;
            let used = self.u32_at(at::OUT) as usize;
            let bytes = self.get(at::DATA, used);
            let mut rest = &bytes[..];
            while let Some((next, entry, after)) = entry(rest) {
                (cookie, rest) = (next, after);
                found.push(entry);
            }
            if used < room as usize {
                break;
            }
            assert!(found.len() < 10_000, "a listing without an end");
        }
        found.sort();
        Ok(Value::List(found))
    }
}

type Entry = (Vec<u8>, u8, u64);

/// The first entry of a buffer, if it is there to its end.
fn entry(bytes: &[u8]) -> Option<(u64, Entry, &[u8])> {
    let (head, rest) = bytes.split_at_checked(24)?;
    let word = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("8 bytes"));
    let (name, after) = rest.split_at_checked(word(16) as u32 as usize)?;
    Some((word(0), (name.to_vec(), head[20], word(8)), after))
}
