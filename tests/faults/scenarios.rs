//! What is done while system calls fail: each scenario comes to its right end, or to an error that is not a panic.
//! A wrong result is a panic, and that is a finding.

use crate::place::Place;
use crate::wasi_guest;
use std::sync::Arc;
use std::time::Duration;
use tenon::base::{Error, ErrorKind, Result, TrapCode};
use tenon::runtime::{
    Cache, CacheSettings, Config, Engine, Extern, FuncType, GuestExec, Instance, Linker, Memory, Module, Pool, Step, Store,
    Val, ValRaw, ValType,
};
use tenon::wasm::{MemoryType, Proposal};

pub struct Scenario {
    pub name: &'static str,
    pub run: fn(&Place) -> Result<()>,
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "memories", run: memories },
    Scenario { name: "moving-memory", run: moving_memory },
    Scenario { name: "tables", run: tables },
    Scenario { name: "traps", run: traps },
    Scenario { name: "objects", run: objects },
    Scenario { name: "yields", run: yields },
    Scenario { name: "artifacts", run: artifacts },
    Scenario { name: "cache", run: cache },
    Scenario { name: "pool", run: pool },
    Scenario { name: "threads", run: threads },
    Scenario { name: "files", run: wasi_guest::files },
    Scenario { name: "paths", run: wasi_guest::paths },
    Scenario { name: "streams", run: wasi_guest::streams },
];

fn engine_with(change: impl FnOnce(&mut Config)) -> Result<Engine> {
    let mut config = Config::new();
    change(&mut config);
    Engine::new(&config)
}

fn module(engine: &Engine, wat: &str) -> Result<Module> {
    Module::new(engine, &tenon::wasm::text::parse(wat.as_bytes())?)
}

/// Calls with i32 arguments; the first result, if there is one.
fn call(store: &Store, instance: &Instance, name: &str, args: &[i32]) -> Result<i32> {
    let func = instance.func(store, name).expect("an export");
    let args: Vec<Val> = args.iter().map(|a| Val::I32(*a)).collect();
    let mut results = vec![Val::I32(0); func.ty(store).results.len()];
    func.call(store, &args, &mut results)?;
    Ok(results.first().and_then(Val::i32).unwrap_or(0))
}

/// What traps has to trap so.
fn expect_trap(result: Result<i32>, code: TrapCode) -> Result<()> {
    match result {
        Ok(v) => panic!("{v} instead of {code:?}"),
        Err(e) if e.trap_code() == Some(code) => Ok(()),
        Err(e) if e.trap_code().is_some() => panic!("{e} instead of {code:?}"),
        Err(e) => Err(e),
    }
}

/// Growth that fails is -1, and leaves everything as it was.
const MEMORIES: &str = r#"(module
  (memory (export "m") 3 4000) (data (i32.const 70000) "some bytes at the beginning") (data (i32.const 5) "abc")
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;

fn use_memory(store: &Store, i: &Instance, steps: &[i32]) -> Result<()> {
    assert_eq!(call(store, i, "load", &[6])?, i32::from(b'b'));
    assert_eq!(call(store, i, "load", &[70_000])?, i32::from(b's'));
    for by in steps {
        let pages = call(store, i, "size", &[])?;
        call(store, i, "store", &[pages * 65_536 - 1, 77])?;
        let before = call(store, i, "grow", &[*by])?;
        assert!(before == pages || before == -1, "{before}");
        let now = if before == -1 { pages } else { pages + by };
        assert_eq!(call(store, i, "size", &[])?, now);
        assert_eq!(call(store, i, "load", &[pages * 65_536 - 1])?, 77, "kept");
        if before != -1 {
            assert_eq!(call(store, i, "load", &[now * 65_536 - 1])?, 0, "new pages are zero");
        }
        expect_trap(call(store, i, "load", &[now * 65_536]), TrapCode::MemoryOutOfBounds)?;
    }
    Ok(())
}

fn memories(_: &Place) -> Result<()> {
    let engine = engine_with(|_| {})?;
    let module = module(&engine, MEMORIES)?;
    // Twice, so that the second one gets what the first one left.
    for _ in 0..2 {
        let store = Store::new(&engine);
        let instance = Instance::new(&store, &module, &[])?;
        use_memory(&store, &instance, &[1, 0, 500])?;
        let host = Memory::new(&store, &MemoryType::new(1, Some(3)))?;
        host.write(0, b"host")?;
        host.grow(&store, 1)?;
    }
    Ok(())
}

fn moving_memory(_: &Place) -> Result<()> {
    let engine = engine_with(|c| {
        c.tunables.memory_mode = tenon::runtime::MemoryMode::Explicit;
        c.tunables.memory_reservation = 1 << 20;
        c.tunables.memory_guard = 0;
        c.memory_init_cow = false;
    })?;
    let module = module(&engine, MEMORIES)?;
    let store = Store::new(&engine);
    use_memory(&store, &Instance::new(&store, &module, &[])?, &[1, 100, 0, 1000, 7])
}

fn tables(_: &Place) -> Result<()> {
    const WAT: &str = r#"(module
      (table $t 10 200000 funcref) (elem (i32.const 1) $one $one) (func $one (result i32) (i32.const 1))
      (table $e 1 externref)
      (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
      (func (export "size") (result i32) (table.size $t))
      (func (export "grow") (param i32) (result i32) (table.grow $t (ref.func $one) (local.get 0)))
      (func (export "refs") (param i32) (result i32) (table.grow $e (ref.null extern) (local.get 0))))"#;
    let engine = engine_with(|_| {})?;
    let module = module(&engine, WAT)?;
    let store = Store::new(&engine);
    let i = Instance::new(&store, &module, &[])?;
    let mut size = 10;
    for by in [1, 1000, 100_000] {
        let before = call(&store, &i, "grow", &[by])?;
        assert!(before == size || before == -1);
        size += if before == -1 { 0 } else { by };
        assert_eq!(call(&store, &i, "size", &[])?, size);
        assert_eq!(call(&store, &i, "call", &[2])?, 1);
        expect_trap(call(&store, &i, "call", &[size]), TrapCode::TableOutOfBounds)?;
        call(&store, &i, "refs", &[by])?;
    }
    Ok(())
}

fn traps(_: &Place) -> Result<()> {
    const WAT: &str = r#"(module (memory 1)
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "div") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
      (func $deep (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
      (func (export "stop") (param i32) (result i32) (unreachable)))"#;
    let engine = engine_with(|_| {})?;
    let module = module(&engine, WAT)?;
    // A thread has its own stack for signals.
    let run = move || {
        let store = Store::new(&engine);
        let i = Instance::new(&store, &module, &[])?;
        expect_trap(call(&store, &i, "load", &[-1]), TrapCode::MemoryOutOfBounds)?;
        expect_trap(call(&store, &i, "div", &[0]), TrapCode::IntegerDivisionByZero)?;
        expect_trap(call(&store, &i, "deep", &[0]), TrapCode::StackOverflow)?;
        expect_trap(call(&store, &i, "stop", &[0]), TrapCode::Unreachable)?;
        assert_eq!(call(&store, &i, "load", &[65_532])?, 0);
        Ok(())
    };
    run()?;
    std::thread::spawn(run).join().expect("no panic")
}

fn objects(_: &Place) -> Result<()> {
    const WAT: &str = r#"(module
      (type $list (sub (struct (field i32) (field (ref null $list))))) (type $bytes (array (mut i8)))
      (func (export "list") (param $n i32) (result i32) (local $l (ref null $list))
        (loop $more
          (local.set $l (struct.new $list (local.get $n) (local.get $l)))
          (drop (array.new $bytes (i32.const 1) (i32.const 3000)))
          (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (struct.get $list 0 (local.get $l)))
      (func (export "array") (param i32) (result i32) (array.len (array.new $bytes (i32.const 1) (local.get 0)))))"#;
    let engine = engine_with(|c| c.gc_heap_reservation = 16 << 20)?;
    let module = module(&engine, WAT)?;
    let store = Store::new(&engine);
    let i = Instance::new(&store, &module, &[])?;
    assert_eq!(call(&store, &i, "list", &[300])?, 1);
    store.gc()?;
    assert_eq!(call(&store, &i, "array", &[2 << 20])?, 2 << 20);
    Ok(())
}

fn yields(_: &Place) -> Result<()> {
    const WAT: &str = r#"(module (import "host" "ask" (func $ask (param i32) (result i32)))
      (func (export "go") (param i32) (result i32) (i32.add (call $ask (local.get 0)) (call $ask (i32.const 5)))))"#;
    let engine = engine_with(|c| c.private_stack = Some(512 << 10))?;
    let mut linker = Linker::new(&engine);
    linker.func_yield("host", "ask", FuncType::new([ValType::I32], [ValType::I32]), 9)?;
    let store = Store::new(&engine);
    let instance = linker.instantiate(&store, &module(&engine, WAT)?)?;
    let func = instance.func(&store, "go").expect("an export");
    // Several at once need several stacks.
    let mut execs: Vec<_> = Vec::new();
    for n in 0..3 {
        execs.push((GuestExec::new(&store)?, Box::new([ValRaw::from_i32(n)])));
    }
    for (exec, slots) in &mut execs {
        // SAFETY: one parameter, one result, one slot, which outlives the call.
        assert!(matches!(unsafe { exec.call(&func, slots.as_mut_ptr(), 1) }?, Step::HostCall { .. }));
    }
    for (n, (exec, slots)) in execs.iter_mut().enumerate() {
        assert!(matches!(exec.resume(Ok(()))?, Step::HostCall { .. }));
        assert!(matches!(exec.resume(Ok(()))?, Step::Done));
        assert_eq!(slots[0].i32(), n as i32 + 5);
    }
    Ok(())
}

fn artifacts(place: &Place) -> Result<()> {
    let engine = engine_with(|_| {})?;
    let bytes = module(&engine, MEMORIES)?.serialize();
    let path = place.dir.join("module.cwasm");
    std::fs::write(&path, &bytes).map_err(|e| Error::new(ErrorKind::Io, format!("the test failed to write: {e}")))?;
    let store = Store::new(&engine);
    for loaded in [Module::deserialize(&engine, &bytes)?, Module::deserialize_file(&engine, &path)?] {
        use_memory(&store, &Instance::new(&store, &loaded, &[])?, &[1])?;
    }
    Ok(())
}

/// A cache that does not work is as good as none.
fn cache(place: &Place) -> Result<()> {
    let dir = place.dir.join("cache");
    let _ = std::fs::remove_dir_all(&dir);
    let cache = Cache::new(CacheSettings { cleanup_interval: Duration::ZERO, ..CacheSettings::at(&dir) })?;
    for n in [1, 1, 2] {
        let engine = engine_with(|c| c.cache = Some(cache.clone()))?;
        let module = module(&engine, &format!("(module (func (export \"f\") (result i32) (i32.const {n})))"))?;
        let store = Store::new(&engine);
        let i = Instance::new(&store, &module, &[])?;
        assert_eq!(call(&store, &i, "f", &[])?, n);
    }
    Ok(())
}

fn pool(_: &Place) -> Result<()> {
    let pool = Pool { total_instances: 2, total_memories: 2, memory_size: 64 << 20, ..Pool::default() };
    let engine = engine_with(|c| c.pool = Some(pool))?;
    let module = module(&engine, MEMORIES)?;
    // What failed must not count: there is room for two each time.
    for _ in 0..3 {
        let stores = [Store::new(&engine), Store::new(&engine)];
        for store in &stores {
            use_memory(store, &Instance::new(store, &module, &[])?, &[1, 30])?;
        }
    }
    Ok(())
}

const THREADED: &str = r#"(module (import "" "m" (memory 1 64 shared))
  (func (export "work") (param $n i32) (result i32)
    (loop $l
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 10000)))
      (drop (memory.atomic.notify (i32.const 8) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (memory.grow (i32.const 1)))
  (func (export "count") (result i32) (i32.atomic.load (i32.const 0))))"#;

fn threads(_: &Place) -> Result<()> {
    let engine = engine_with(|c| c.features.set(Proposal::Threads, true))?;
    let module = module(&engine, THREADED)?;
    let memory = Memory::new_shared(&engine, &MemoryType { shared: true, ..MemoryType::new(1, Some(64)) })?;
    let work = || {
        let store = Store::new(&engine);
        let i = Instance::new(&store, &module, &[Extern::Memory(memory.clone())])?;
        call(&store, &i, "work", &[20])?;
        call(&store, &i, "count", &[])
    };
    let done: Result<Vec<i32>> = std::thread::scope(|s| {
        let all: Vec<_> = (0..3).map(|_| s.spawn(work)).collect();
        all.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    assert_eq!(done?.into_iter().max(), Some(60));
    Ok(())
}

/// Kept for guests that are made in one place and used in another.
pub fn memory_guest() -> Result<(Store, Instance, Arc<Engine>)> {
    let engine = engine_with(|_| {})?;
    let module = module(&engine, MEMORIES)?;
    let store = Store::new(&engine);
    let instance = Instance::new(&store, &module, &[])?;
    Ok((store, instance, Arc::new(engine)))
}

pub fn use_memory_guest(store: &Store, instance: &Instance) -> Result<()> {
    use_memory(store, instance, &[1, 3])
}
