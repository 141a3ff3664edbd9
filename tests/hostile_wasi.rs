//! Guests that ask WASI for too much: each gets an error number, and the host's memory and descriptors stay bounded.

#[path = "support/paths/mod.rs"]
#[allow(dead_code)] // of the path tests, only their guest is used here
mod paths;

use paths::errno::*;
use paths::guest::Guest;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tenon::wasi::{Config, Limits, OutputBuffer, Perms};

const FAULT: u16 = 21;
const NOBUFS: u16 = 42;
const NOSPC: u16 = 51;
const MIB: usize = 1 << 20;
/// Guest addresses of results, buffer lists, paths and everything else.
const OUT: u32 = 512;
const VECS: u32 = 1024;
const PATH: u32 = 1 << 16;
const DATA: u32 = 2 << 16;

/// One test at a time: descriptors and memory are the whole process's.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(|e| e.into_inner())
}

/// What the process uses.
struct Usage {
    descriptors: usize,
    resident: usize,
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("procfs").count()
}

/// Resident bytes of the process.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("procfs");
    text.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).expect("a number") * 4096
}

impl Usage {
    fn now() -> Usage {
        // What is made once should not count.
        drop(Guest::new(Arc::new(Config::new().build().expect("a context"))));
        Usage { descriptors: descriptors(), resident: resident() }
    }

    #[track_caller]
    fn assert_within(&self, more_descriptors: usize, more_bytes: usize) {
        let (d, r) = (descriptors(), resident());
        assert!(d <= self.descriptors + more_descriptors, "{} descriptors, then {d}", self.descriptors);
        assert!(r <= self.resident + more_bytes, "{} bytes resident, then {r}", self.resident);
    }
}

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tenon-hostile-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a scratch directory");
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn guest(configure: impl FnOnce(&mut Config)) -> Guest {
    let mut config = Config::new();
    config.faults_as_errno(true);
    configure(&mut config);
    Guest::new(Arc::new(config.build().expect("a context")))
}

fn in_dir(path: &Path, limits: Limits) -> Guest {
    guest(|c| {
        c.preopen_dir(path, "/", Perms::READ_WRITE).expect("a directory");
        c.limits(limits);
    })
}

impl Guest {
    fn errno(&mut self, name: &'static str, args: &[u64]) -> u16 {
        self.call(name, args).unwrap_or_else(|e| panic!("{name} stopped the guest: {e}"))
    }

    fn open(&mut self, path: &str, oflags: u64, base: u64) -> u16 {
        self.put(PATH, path.as_bytes());
        self.errno("path_open", &[3, 1, PATH.into(), path.len() as u64, oflags, base, u64::MAX, 0, OUT.into()])
    }

    /// Does `again` until it fails; how often it did not, and the error.
    fn until_refused(&mut self, mut again: impl FnMut(&mut Guest, usize) -> u16) -> (usize, u16) {
        (0..100_000).find_map(|i| Some((i, again(self, i))).filter(|(_, e)| *e != 0)).expect("an end")
    }
}

const DESCRIPTORS: u32 = 100;
const FEW: Limits = Limits { descriptors: DESCRIPTORS, path_bytes: 64, dir_entries: 1000 };

#[test]
fn files_directories_and_pipes_end_at_the_limit() {
    let _turn = turn();
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.0.join("d")).expect("a directory");
    assert!(std::process::Command::new("mkfifo").arg(scratch.0.join("p")).status().expect("mkfifo").success());
    let usage = Usage::now();
    for (path, oflags, base) in [("f", 1, 64 | 2), ("d", 2, 2), ("p", 0, 2)] {
        let mut g = in_dir(&scratch.0, FEW);
        let refused = g.until_refused(|g, _| g.open(path, oflags, base));
        assert_eq!(refused, (DESCRIPTORS as usize - 4, MFILE), "{path}");
        usage.assert_within(DESCRIPTORS as usize, 8 * MIB);
        assert_eq!(g.open("new", 1, 64), MFILE);
        assert!(!scratch.0.join("new").exists(), "what cannot be opened is not created");
        for i in 0..50_000 {
            assert_eq!(g.errno("fd_close", &[4 + i % 96]), 0);
            assert_eq!(g.open(path, oflags, base), 0);
        }
        usage.assert_within(DESCRIPTORS as usize, 8 * MIB);
        drop(g);
        usage.assert_within(0, 8 * MIB);
    }
}

#[test]
fn renumbering_makes_no_room() {
    let _turn = turn();
    let scratch = Scratch::new();
    let usage = Usage::now();
    let mut g = in_dir(&scratch.0, FEW);
    assert_eq!(g.errno("fd_renumber", &[3, u32::MAX.into()]), BADF);
    assert_eq!(g.errno("fd_renumber", &[3, 1_000_000]), BADF);
    for _ in 0..20_000 {
        assert_eq!(g.open("f", 1, 64), 0);
        assert_eq!(g.open("f", 1, 64), 0);
        assert_eq!(g.errno("fd_renumber", &[5, 4]), 0);
        assert_eq!(g.errno("fd_close", &[4]), 0);
    }
    usage.assert_within(4, 4 * MIB);
}

#[test]
fn connections_end_at_the_limit_and_wait_for_room() {
    let _turn = turn();
    let usage = Usage::now();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = listener.local_addr().expect("bound");
    let mut g = guest(|c| {
        c.preopen_listener(listener).expect("a listener");
        c.max_descriptors(20);
    });
    let mut peers = Vec::new();
    let refused = g.until_refused(|g, _| {
        peers.push(TcpStream::connect(address).expect("a connection"));
        g.errno("sock_accept", &[3, 0, OUT.into()])
    });
    assert_eq!(refused, (16, MFILE));
    usage.assert_within(20 + 17, 4 * MIB);
    // The one that found no room is still there.
    assert_eq!(g.errno("fd_close", &[7]), 0);
    assert_eq!(g.errno("sock_accept", &[3, 0, OUT.into()]), 0);
    drop((g, peers));
    usage.assert_within(0, 4 * MIB);
}

#[test]
fn polling_with_millions_of_subscriptions() {
    let _turn = turn();
    let usage = Usage::now();
    let mut g = guest(|_| {});
    let many = 1 << 17;
    g.reserve(16 * MIB);
    // Clocks that have run out, all zeroes but for the timeout.
    for count in [many + 1, 1_000_000, u64::from(u32::MAX)] {
        assert_eq!(g.errno("poll_oneoff", &[0, 8 * MIB as u64, count, OUT.into()]), INVAL);
    }
    let began = Instant::now();
    assert_eq!(g.errno("poll_oneoff", &[1 << 20, 8 * MIB as u64, many, OUT.into()]), 0);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(g.get(OUT, 4), (many as u32).to_le_bytes());
    usage.assert_within(0, 64 * MIB);
}

#[test]
fn lists_of_millions_of_buffers() {
    let _turn = turn();
    let usage = Usage::now();
    let output = OutputBuffer::new(MIB);
    let mut g = guest(|c| c.stdout_custom(Box::new(output.clone())));
    g.reserve(8 * MIB);
    // Half a million buffers, each the whole of a megabyte.
    for i in 0..500_000u32 {
        g.put(MIB as u32 + i * 8, &[0u32.to_le_bytes(), (MIB as u32).to_le_bytes()].concat());
    }
    let (at, out) = (MIB as u64, u64::from(OUT));
    assert_eq!(g.errno("fd_write", &[1, at, u32::MAX.into(), out]), FAULT);
    assert_eq!(g.errno("fd_read", &[0, at, u32::MAX.into(), out]), FAULT);
    assert_eq!(g.errno("fd_write", &[1, at, 500_000, out]), 0);
    assert_eq!(g.get(OUT, 4), (MIB as u32).to_le_bytes(), "what there is room for");
    assert_eq!(g.errno("fd_write", &[1, at, 500_000, out]), NOSPC);
    assert_eq!(g.errno("fd_read", &[0, at, 500_000, out]), 0);
    usage.assert_within(0, 24 * MIB);
    assert_eq!(output.take().len(), MIB);
}

#[test]
fn kept_output_ends_at_the_limit() {
    let _turn = turn();
    let usage = Usage::now();
    let output = OutputBuffer::new(MIB);
    let mut g = guest(|c| c.stderr_custom(Box::new(output.clone())));
    g.put(VECS, &[DATA.to_le_bytes(), 65_536u32.to_le_bytes()].concat());
    let write = |g: &mut Guest| g.errno("fd_write", &[2, VECS.into(), 1, OUT.into()]);
    let refused = g.until_refused(|g, _| write(g));
    assert_eq!(refused, (16, NOSPC));
    (0..1000).for_each(|_| assert_eq!(write(&mut g), NOSPC));
    usage.assert_within(0, 8 * MIB);
    assert_eq!(output.take().len(), MIB);
    assert_eq!(write(&mut g), 0, "there is room again");
}

#[test]
fn large_listings() {
    let _turn = turn();
    let scratch = Scratch::new();
    (0..3000).for_each(|i| std::fs::write(scratch.0.join(format!("file{i}")), "").expect("a file"));
    let usage = Usage::now();
    let mut g = in_dir(&scratch.0, FEW);
    let mut list = |len: u64, cookie: u64| g.errno("fd_readdir", &[3, DATA.into(), len, cookie, OUT.into()]);
    assert_eq!(list(512 << 10, 0), NOBUFS);
    assert_eq!(list(8192, 0), 0);
    assert_eq!(list(u32::MAX.into(), 0), FAULT);
    assert_eq!(list(8192, u64::MAX), INVAL);
    assert!([0, INVAL].contains(&list(8192, i64::MAX as u64)));
    let mut g = in_dir(&scratch.0, Limits::default());
    assert_eq!(g.errno("fd_readdir", &[3, DATA.into(), 512 << 10, 0, OUT.into()]), 0);
    let used = u32::from_le_bytes(g.get(OUT, 4).try_into().expect("4 bytes"));
    assert!(used > 3000 * 28 && used < 512 << 10, "all at once without a limit: {used}");
    usage.assert_within(2, 8 * MIB);
}

#[test]
fn long_paths_and_loops() {
    let _turn = turn();
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("loop/loop", scratch.0.join("loop")).expect("a link");
    let usage = Usage::now();
    let mut g = in_dir(&scratch.0, FEW);
    assert_eq!(g.open(&"n".repeat(64), 0, 2), NOENT);
    assert_eq!(g.open(&"n".repeat(65), 0, 2), NAMETOOLONG);
    for len in [(1 << 20) + 1, u32::MAX] {
        assert_eq!(g.errno("path_create_directory", &[3, 0, len.into()]), FAULT);
        assert_eq!(g.errno("path_symlink", &[0, len.into(), 3, PATH.into(), 1]), FAULT);
    }
    assert_eq!(g.errno("path_unlink_file", &[3, 0, 1 << 19]), NAMETOOLONG);
    (0..20_000).for_each(|_| assert_eq!(g.open("loop/x", 1, 64), LOOP));
    usage.assert_within(1, 4 * MIB);
}

#[test]
fn sizes_beyond_everything() {
    let _turn = turn();
    let scratch = Scratch::new();
    let usage = Usage::now();
    let mut g = in_dir(&scratch.0, FEW);
    assert_eq!(g.open("f", 1, u64::MAX), 0);
    for size in [i64::MAX as u64, 1 << 62] {
        assert_eq!(g.errno("fd_filestat_set_size", &[4, size]), FBIG);
    }
    assert_eq!(g.errno("fd_filestat_set_size", &[4, u64::MAX]), INVAL);
    assert_eq!(g.errno("fd_allocate", &[4, i64::MAX as u64, 1]), FBIG);
    assert_eq!(g.errno("fd_allocate", &[4, 1 << 62, 1]), FBIG);
    assert_eq!(std::fs::metadata(scratch.0.join("f")).expect("a file").len(), 0);
    assert_eq!(g.errno("random_get", &[0, u32::MAX.into()]), FAULT);
    usage.assert_within(2, 4 * MIB);
}

#[test]
fn arguments_larger_than_the_guest() {
    let _turn = turn();
    let usage = Usage::now();
    let mut g = guest(|c| {
        c.set_args(["p", &"x".repeat(4 * MIB)]).expect("arguments");
        c.set_env([("BIG", "y".repeat(2 * MIB))]).expect("variables");
    });
    assert_eq!(g.errno("args_sizes_get", &[OUT.into(), (OUT + 4).into()]), 0);
    assert_eq!(g.get(OUT + 4, 4), (4 * MIB as u32 + 3).to_le_bytes());
    for (name, room) in [("args_get", 1 << 16), ("environ_get", 1 << 16), ("args_get", u64::from(u32::MAX) - 8)] {
        assert_eq!(g.errno(name, &[VECS.into(), room]), FAULT, "{name}");
    }
    usage.assert_within(0, 16 * MIB);
}

#[test]
fn a_context_that_does_not_fit_its_limit_is_refused() {
    let _turn = turn();
    let scratch = Scratch::new();
    let mut config = Config::new();
    config.max_descriptors(3);
    config.preopen_dir(&scratch.0, "/", Perms::READ_WRITE).expect("a directory");
    let error = config.build().expect_err("no room").to_string();
    assert!(error.contains("preopened"), "{error}");
}
