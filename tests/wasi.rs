//! WASI with real guests: the conformance programs, and small ones that go through the linker.

#[path = "support/json.rs"]
mod json;

use json::Json;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tenon::base::{Error, ErrorKind, TrapCode};
use tenon::runtime::{Config as EngineConfig, Engine, Instance, Linker, Module, Store};
use tenon::wasi::{self, Config, OutputStream, Perms};

/// Where the conformance programs are, outside of the repository; `TENON_CORPORA` names another place.
const CORPORA: &str = "../shared/corpora";

/// A directory that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("tenon-wasi-test-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a scratch directory");
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a readable directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

/// An output that can be looked into.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    fn stream(&self) -> Box<dyn OutputStream> {
        let bytes = self.0.clone();
        Box::new(move |b: &[u8]| {
            bytes.lock().expect("the lock").extend_from_slice(b);
            Ok(b.len())
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("the lock")).into_owned()
    }
}

fn instantiate(store: &Store, module: &Module) -> Result<Instance, Error> {
    let mut linker = Linker::new(store.engine());
    wasi::add_to_linker(&mut linker)?;
    linker.instantiate(store, module)
}

/// Runs a command and returns how it ended: a status, or what stopped it.
fn run(engine: &Engine, module: &Module, config: Config) -> Result<i32, Error> {
    let store = Store::new(engine);
    wasi::attach(&store, Arc::new(config.build()?));
    let instance = instantiate(&store, module)?;
    let start = instance.func(&store, "_start").expect("a command has `_start`");
    match start.call(&store, &[], &mut []) {
        Ok(()) => Ok(0),
        Err(e) => e.exit_status().ok_or(e),
    }
}

/// One conformance program with what its description says.
fn run_program(engine: &Engine, wasm: &Path) -> Result<(), String> {
    let description = std::fs::read_to_string(wasm.with_extension("json")).unwrap_or_else(|_| "{}".into());
    let description = Json::parse(&description);
    let (out, err) = (Capture::default(), Capture::default());
    let mut config = Config::new();
    config.stdout_custom(out.stream());
    config.stderr_custom(err.stream());
    let mut args = vec![wasm.file_name().expect("a name").to_string_lossy().into_owned()];
    if let Some(Json::List(more)) = description.get("args") {
        args.extend(more.iter().map(|a| a.text().to_owned()));
    }
    config.set_args(args).map_err(|e| e.to_string())?;
    if let Some(Json::Object(env)) = description.get("env") {
        config.set_env(env.iter().map(|(k, v)| (k.as_str(), v.text()))).map_err(|e| e.to_string())?;
    }
    if let Some(root) = description.get("root") {
        let dir = wasm.parent().expect("a directory").join(root.text());
        config.preopen_dir(dir, "/", Perms::READ_WRITE).map_err(|e| e.to_string())?;
    }
    let bytes = std::fs::read(wasm).map_err(|e| e.to_string())?;
    let module = Module::new(engine, &bytes).map_err(|e| e.to_string())?;
    let status = run(engine, &module, config).map_err(|e| format!("{e}; stderr: {}", err.text()))?;
    let expected = match description.get("exit_code") {
        Some(Json::Number(n)) => *n as i32,
        _ => 0,
    };
    if status != expected {
        return Err(format!("expected status {expected}, found {status}; stderr: {}", err.text()));
    }
    for (name, found) in [("stdout", out), ("stderr", err)] {
        if let Some(expected) = description.get(name)
            && expected.text() != found.text()
        {
            return Err(format!("expected {expected:?} on {name}, found {:?}", found.text()));
        }
    }
    Ok(())
}

#[test]
fn conformance_programs() {
    let corpora = std::env::var_os("TENON_CORPORA").unwrap_or_else(|| CORPORA.into());
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join(corpora).join("wasi-testsuite");
    if !suite.is_dir() {
        println!("skipped: {} is not there", suite.display());
        return;
    }
    let scratch = Scratch::new("suite");
    copy_tree(&suite, &scratch.0);
    let engine = Engine::new(&EngineConfig::new()).expect("an engine");
    let mut failures = String::new();
    let mut count = 0;
    for group in ["c", "assemblyscript"] {
        let mut programs: Vec<_> =
            std::fs::read_dir(scratch.0.join(group)).expect("a group").flatten().map(|e| e.path()).collect();
        programs.sort();
        for wasm in programs.iter().filter(|p| p.extension().is_some_and(|e| e == "wasm")) {
            count += 1;
            if let Err(reason) = run_program(&engine, wasm) {
                failures.push_str(&format!("  {group}/{}: {reason}\n", wasm.file_stem().unwrap().to_string_lossy()));
            }
        }
    }
    assert!(count > 20, "only {count} programs found");
    assert!(failures.is_empty(), "of {count} programs failed:\n{failures}");
}

fn engine() -> Engine {
    let mut config = EngineConfig::new();
    config.tunables.epochs = true;
    config.no_initial_deadline = true;
    Engine::new(&config).expect("an engine")
}

fn module(engine: &Engine, wat: &str) -> Module {
    let wasm = tenon::wasm::text::parse(wat.as_bytes()).expect("the test's text");
    Module::new(engine, &wasm).expect("a module")
}

/// A command whose `_start` is `body`, with one imported function.
fn command(engine: &Engine, import: &str, body: &str) -> Module {
    let wat = format!("(module (import {import}) (memory (export \"memory\") 1) (func (export \"_start\") {body}))");
    module(engine, &wat)
}

const EXIT: &str = r#""wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))"#;
const WRITE: &str = r#""wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32))"#;
const POLL: &str = r#""wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32))"#;

#[test]
fn leaving_with_a_status() {
    let engine = engine();
    for status in [0, 1, 33, 125] {
        let module = command(&engine, EXIT, &format!("i32.const {status} call $exit unreachable"));
        assert_eq!(run(&engine, &module, Config::new()).ok(), Some(status));
    }
    for status in [126, 127, 256, -1] {
        let module = command(&engine, EXIT, &format!("i32.const {status} call $exit unreachable"));
        let error = run(&engine, &module, Config::new()).expect_err("no valid status");
        assert_eq!(error.kind(), ErrorKind::Exit);
        assert_eq!(error.chain().last().map(String::as_str), Some("exit with invalid exit status outside of [0..126)"));
    }
}

#[test]
fn a_store_without_a_context() {
    let engine = engine();
    let module = command(&engine, EXIT, "i32.const 0 call $exit");
    let store = Store::new(&engine);
    let instance = instantiate(&store, &module).expect("an instance");
    let error = instance.func(&store, "_start").expect("a start").call(&store, &[], &mut []).expect_err("no context");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("proc_exit"), "{error}");
}

#[test]
fn bad_pointers_stop_the_guest() {
    let engine = engine();
    let body = "(drop (call $write (i32.const 1) (i32.const 65532) (i32.const 1) (i32.const 0)))";
    let module = command(&engine, WRITE, body);
    let error = run(&engine, &module, Config::new()).expect_err("a fault");
    assert!(error.to_string().contains("pointer out of bounds"), "{error}");
    // Unless the host would rather have an error number.
    let number = "(call $write (i32.const 1) (i32.const 65532) (i32.const 1) (i32.const 0)) i32.const 21 i32.ne if unreachable end";
    let mut config = Config::new();
    config.faults_as_errno(true);
    assert_eq!(run(&engine, &command(&engine, WRITE, number), config).ok(), Some(0));
    // A guest without a memory has no pointers at all.
    let wat = format!("(module (import {WRITE}) (func (export \"_start\") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))))");
    let error = run(&engine, &self::module(&engine, &wat), Config::new()).expect_err("no memory");
    assert!(error.to_string().contains("missing required memory export"), "{error}");
}

/// Sleeps for a minute by a subscription of zeroes but for the clock and the timeout.
const SLEEP: &str = "(i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const 60000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))";

#[test]
fn a_sleeping_guest_can_be_stopped() {
    let engine = engine();
    let module = command(&engine, POLL, SLEEP);
    let store = Store::new(&engine);
    wasi::attach(&store, Arc::new(Config::new().build().expect("a context")));
    let instance = instantiate(&store, &module).expect("an instance");
    let start = instance.func(&store, "_start").expect("a start");
    let handle = store.interrupt_handle();
    let began = Instant::now();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        handle.trigger();
    });
    let error = start.call(&store, &[], &mut []).expect_err("an interruption");
    assert_eq!(error.trap_code(), Some(TrapCode::Interrupt), "{error}");
    assert!(began.elapsed() < Duration::from_secs(30));
    stopper.join().expect("the other thread");
    // It stopped that call and no other.
    let quick = command(&engine, WRITE, "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8)))");
    let instance = instantiate(&store, &quick).expect("an instance");
    instance.func(&store, "_start").expect("a start").call(&store, &[], &mut []).expect("a quiet call");
}

#[test]
fn both_versions_are_there() {
    let engine = engine();
    let wat = r#"(module
        (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_seek" (func $seek1 (param i32 i64 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (if (i32.or
                    (i32.ne (call $seek (i32.const 0) (i64.const 2) (i32.const 2) (i32.const 0)) (i32.const 0))
                    (i64.ne (i64.load (i32.const 0)) (i64.const 2)))
                (then unreachable))
            (if (i32.or
                    (i32.ne (call $seek1 (i32.const 0) (i64.const 2) (i32.const 1) (i32.const 0)) (i32.const 0))
                    (i64.ne (i64.load (i32.const 0)) (i64.const 4)))
                (then unreachable))))"#;
    let scratch = Scratch::new("both");
    let path = scratch.0.join("in");
    std::fs::write(&path, "0123456789").expect("a file");
    let mut config = Config::new();
    config.stdin_file(&path).expect("an input");
    assert_eq!(run(&engine, &module(&engine, wat), config).ok(), Some(0));
}

#[test]
fn threads_share_a_context() {
    let engine = engine();
    let wat = format!(
        r#"(module (import {WRITE}) (memory (export "memory") 1)
        (data (i32.const 0) "\08\00\00\00\04\00\00\00abc\n")
        (func (export "_start") (local $i i32)
            (loop $again
                (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)) (then unreachable))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500))))))"#
    );
    let module = module(&engine, &wat);
    let out = Capture::default();
    let mut config = Config::new();
    config.stdout_custom(out.stream());
    let store = Store::new_shared(&engine);
    wasi::attach(&store, Arc::new(config.build().expect("a context")));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (store, module) = (store.clone(), module.clone());
            std::thread::spawn(move || {
                let instance = instantiate(&store, &module).expect("an instance");
                instance.func(&store, "_start").expect("a start").call(&store, &[], &mut []).expect("all written");
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a guest");
    }
    assert_eq!(out.text(), "abc\n".repeat(2000));
}
