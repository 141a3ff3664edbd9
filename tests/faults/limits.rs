//! Hosts that give little: no threads, few descriptors, small files, a full disk, little address space.

use crate::causes;
use crate::child;
use crate::forks;
use crate::place::Place;
use crate::scenarios::{memory_guest, use_memory_guest};
use crate::storms;
use crate::wasi_guest::Guest;
use std::process::Command;
use tenon::runtime::{Cache, CacheSettings, Config, Engine, Instance, Module, Store, Val};

/// What runs in a process of its own, beside the scenarios.
pub const OTHERS: &[(&str, fn())] = &[
    ("no-threads", no_threads),
    ("few-descriptors", few_descriptors),
    ("small-files", small_files),
    ("full-disk", full_disk),
    ("little-memory", little_memory),
    ("forked-child-uses-all", forks::child_uses_all),
    ("forked-while-ticking", forks::while_ticking),
    ("forked-child-leaves", forks::child_leaves),
    ("forked-while-suspended", forks::while_suspended),
    ("storm", storms::storm),
    ("kept-mapping", causes::kept_mapping),
];

const MFILE: u16 = 33;
const FBIG: u16 = 22;
const NOSPC: u16 = 51;

pub fn alone(case: &str) {
    if child::is_child() {
        return;
    }
    if let Err(what) = child::run(case) {
        panic!("{case}: {what}");
    }
}

fn limit(which: libc::__rlimit_resource_t, to: u64) {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: plain system calls on a local.
    let done = unsafe {
        libc::getrlimit(which, &mut now);
        now.rlim_cur = to;
        libc::setrlimit(which, &now)
    };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

/// A module that is worth several threads.
pub fn large_module(functions: usize) -> Vec<u8> {
    let mut text = String::from("(module (memory 1 65536) (table 10 500000000 funcref) (type $b (array (mut i8)))");
    for i in 0..functions {
        let body = "(local.set 0 (i32.mul (local.get 0) (i32.const 3)))".repeat(30);
        text += &format!("(func (export \"f{i}\") (param i32) (result i32) {body} (i32.add (local.get 0) (i32.const {i})))");
    }
    text += "(func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export \"table\") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
      (func (export \"array\") (param i32) (result i32) (array.len (array.new $b (i32.const 1) (local.get 0)))))";
    tenon::wasm::text::parse(text.as_bytes()).expect("the test's module")
}

pub fn call(store: &Store, instance: &Instance, name: &str, arg: i32) -> tenon::base::Result<i32> {
    let mut results = [Val::I32(0)];
    instance.func(store, name).expect("an export").call(store, &[Val::I32(arg)], &mut results)?;
    Ok(results[0].i32().expect("an i32"))
}

pub fn compile_and_run(engine: &Engine) {
    let module = Module::new(engine, &large_module(60)).expect("it compiles");
    let store = Store::new(engine);
    let instance = Instance::new(&store, &module, &[]).expect("an instance");
    assert_eq!(call(&store, &instance, "f7", 0).expect("no trap"), 7);
}

fn no_threads() {
    crate::seccomp::deny(&[libc::SYS_clone3, libc::SYS_clone], libc::EAGAIN);
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "there are threads still");
    compile_and_run(&Engine::new(&Config::new()).expect("an engine"));
}

#[test]
fn modules_compile_where_no_thread_can_be_started() {
    alone("no-threads");
}

fn few_descriptors() {
    let place = Place::new();
    let guest = Guest::in_dir(&place.dir).expect("a guest");
    let now = std::fs::read_dir("/proc/self/fd").expect("procfs").count() as u64;
    limit(libc::RLIMIT_NOFILE, now + 8);
    let mut opened = Vec::new();
    let refused = loop {
        match guest.open("file", 1, u64::MAX) {
            Ok(fd) => opened.push(fd),
            Err(e) => break e.to_string(),
        }
        assert!(opened.len() < 20, "no limit");
    };
    assert!(refused.ends_with(&format!("error number {MFILE}")), "{refused}");
    // Not even the file of initial contents can be had; they are copied then.
    let (store, instance, _engine) = memory_guest().expect("an instance without descriptors");
    use_memory_guest(&store, &instance).expect("it works");
    let error = Guest::in_dir(&place.dir).map(drop).expect_err("no descriptor for a directory").chain().join(": ");
    assert!(error.contains("Too many open files"), "{error}");
    let one = opened.pop().expect("some could be opened");
    guest.must("fd_close", &[one]).expect("closing works");
    guest.open("file", 0, 2).expect("there is room again");
}

#[test]
fn a_host_with_few_descriptors_says_so() {
    alone("few-descriptors");
}

fn small_files() {
    limit(libc::RLIMIT_FSIZE, 65_536);
    let place = Place::new();
    let guest = Guest::in_dir(&place.dir).expect("a guest");
    let fd = guest.open("file", 1, u64::MAX).expect("a file");
    for _ in 0..2 {
        assert_eq!(guest.write(fd, &[7; 32_768]).expect("room"), 32_768);
    }
    for _ in 0..2 {
        let error = guest.write(fd, &[7; 10]).expect_err("too large").to_string();
        assert!(error.ends_with(&format!("error number {FBIG}")), "{error}");
    }
    assert_eq!(guest.errno("fd_filestat_set_size", &[fd, 65_537]).expect("an answer"), FBIG);
    assert_eq!(guest.errno("fd_allocate", &[fd, 65_536, 1]).expect("an answer"), FBIG);
    assert_eq!(guest.errno("fd_pwrite", &[fd, 1024, 1, 65_536, 512]).expect("an answer"), FBIG);
    assert_eq!(guest.errno("fd_filestat_set_size", &[fd, 65_536]).expect("an answer"), 0);
    // The file of initial contents would be larger.
    let (store, instance, _engine) = memory_guest().expect("an instance");
    use_memory_guest(&store, &instance).expect("it works");
}

#[test]
fn a_limit_of_file_sizes_is_an_error_number_and_no_signal() {
    alone("small-files");
}

/// In a directory that is nearly full, which `TENON_FAULTS_DISK` names.
fn full_disk() {
    let dir = std::path::PathBuf::from(std::env::var_os("TENON_FAULTS_DISK").expect("a directory"));
    let guest = Guest::in_dir(&dir).expect("a guest");
    let fd = guest.open("file", 1, u64::MAX).expect("a file");
    let mut written = 0;
    let error = loop {
        match guest.write(fd, &[7; 60_000]) {
            Ok(n) => written += n,
            Err(e) => break e.to_string(),
        }
        assert!(written < 8 << 20, "not full");
    };
    assert!(error.ends_with(&format!("error number {NOSPC}")), "{error}");
    assert_eq!(guest.errno("fd_allocate", &[fd, 0, 4 << 20]).expect("an answer"), NOSPC);
    // A cache in a full directory is as good as none.
    let cache = Cache::new(CacheSettings::at(dir.join("cache")));
    match cache {
        Ok(cache) => {
            let mut config = Config::new();
            config.cache = Some(cache.clone());
            compile_and_run(&Engine::new(&config).expect("an engine"));
            assert_eq!((cache.hits(), cache.failures()), (0, 1));
        }
        Err(e) => assert!(e.chain().join(": ").contains("No space"), "{e}"),
    }
    guest.must("fd_filestat_set_size", &[fd, 0]).expect("shrinking works");
    assert_eq!(guest.write(fd, b"room").expect("room again"), 4);
}

#[test]
fn a_full_disk_is_an_error_number() {
    if child::is_child() {
        return;
    }
    let place = Place::new();
    // A small file system of a process's own, where the host allows that.
    let me = std::env::current_exe().expect("this program");
    let script = "mount -t tmpfs -o size=1m,nr_inodes=20 none \"$1\" && echo mounted && TENON_FAULTS_DISK=\"$1\" exec \"$2\" --exact child::a_process_in_which_things_fail --nocapture";
    let run = Command::new("unshare")
        .args(["-Urm", "sh", "-c", script, "sh"])
        .args([place.dir.as_os_str(), me.as_os_str()])
        .env("TENON_FAULTS_CASE", "full-disk")
        .output();
    match run {
        Ok(out) if out.stdout.starts_with(b"mounted") => {
            let said = String::from_utf8_lossy(&out.stdout);
            assert!(out.status.success() && said.contains("report: 1"), "{said}{}", String::from_utf8_lossy(&out.stderr));
        }
        _ => println!("left aside: this host gives no file system to a process of its own"),
    }
    let guest = Guest::new(|c| c.stdout_file("/dev/full")).expect("a guest");
    let error = guest.write(1, b"text").expect_err("it is always full").to_string();
    assert!(error.ends_with(&format!("error number {NOSPC}")), "{error}");
}

/// Less than a memory's maximum, for which a memory that may move used to ask at once.
fn little_memory() {
    let text = std::fs::read_to_string("/proc/self/statm").expect("procfs");
    let pages: u64 = text.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    limit(libc::RLIMIT_AS, pages * 4096 + (1 << 30));
    let engine = Engine::new(&Config::new()).expect("an engine");
    let module = Module::new(&engine, &large_module(5)).expect("it compiles");
    for round in 0..4 {
        let store = Store::new(&engine);
        let instance = Instance::new(&store, &module, &[]).expect("an instance");
        let until_refused = |name: &str, by: i32| {
            let n = (0..10_000).take_while(|_| call(&store, &instance, name, by).expect("no trap") != -1).count();
            assert!(n < 10_000, "{name} never ends");
            n
        };
        // Each goes first in its turn: what a table asks of the allocator must not abort either.
        let mut growths = [("table", 5_000_000), ("grow", 100)];
        growths.rotate_left(round % 2);
        let grown = growths.map(|(name, by)| until_refused(name, by));
        assert!(grown[0] > 2, "{}: hardly anything grew", growths[0].0);
        for len in [1 << 20, 1 << 30, -1] {
            match call(&store, &instance, "array", len) {
                Ok(n) => assert_eq!(n, len),
                Err(e) => assert!(e.trap_code().is_some() || e.chain().join(": ").contains("failed to"), "{e}"),
            }
        }
        assert_eq!(call(&store, &instance, "f3", 0).expect("no trap"), 3);
    }
    limit(libc::RLIMIT_AS, libc::RLIM_INFINITY);
    compile_and_run(&engine);
}

#[test]
fn a_limit_of_address_space_ends_growth_and_not_the_process() {
    alone("little-memory");
}

#[test]
fn forked_children_use_and_drop_what_they_have() {
    let cases = ["forked-child-uses-all", "forked-child-leaves", "forked-while-suspended", "forked-while-ticking"];
    cases.into_iter().for_each(alone);
}

#[test]
fn signals_at_any_moment_change_nothing() {
    alone("storm");
}
