//! Forks while instances live. The child has one thread and a copy of everything; parent and child go their own ways.

use crate::limits::{call, compile_and_run, large_module};
use crate::scenarios::{memory_guest, use_memory_guest};
use std::os::unix::process::CommandExt;
use std::time::Duration;
use tenon::base::TrapCode;
use tenon::runtime::{
    Config, Engine, FuncType, GuestExec, Instance, Linker, Module, Step, Store, Val, ValRaw, ValType,
};

/// Does `work` in a child, which must end well and soon.
fn in_child(work: impl FnOnce()) {
    // SAFETY: the child runs on with a copy of this thread; what it uses is not locked by other threads, which only wait.
    let pid = unsafe { libc::fork() };
    assert_ne!(pid, -1, "{}", std::io::Error::last_os_error());
    if pid == 0 {
        // SAFETY: a plain system call; an alarm is not inherited.
        unsafe { libc::alarm(60) };
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        // SAFETY: ends the child without what belongs to the parent.
        unsafe { libc::_exit(if done.is_ok() { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: waits for the child that was just made.
    let waited = loop {
        let got = unsafe { libc::waitpid(pid, &mut status, 0) };
        if got != -1 || std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            break got;
        }
    };
    assert_eq!((waited, status), (pid, 0), "the child ended otherwise");
}

const LOOP: &str = "(module (func (export \"loop\") (param i32) (result i32) (loop $l (br $l)) (i32.const 0)))";

pub fn child_uses_all() {
    let (store, instance, engine) = memory_guest().expect("an instance");
    use_memory_guest(&store, &instance).expect("it works");
    // Threads for compiling, which the child will not have.
    compile_and_run(&engine);
    let looping = Module::new(&engine, &tenon::wasm::text::parse(LOOP.as_bytes()).expect("text")).expect("it compiles");
    for _ in 0..3 {
        in_child(|| {
            use_memory_guest(&store, &instance).expect("the child's copy works");
            compile_and_run(&engine);
            compile_and_run(&Engine::new(&Config::new()).expect("another engine"));
            // No epochs: only a signal to the right thread stops it.
            let other = Store::new(&engine);
            let endless = Instance::new(&other, &looping, &[]).expect("an instance");
            let handle = other.interrupt_handle();
            let stopper = std::thread::spawn(move || {
                for _ in 0..1000 {
                    std::thread::sleep(Duration::from_millis(10));
                    handle.trigger();
                }
            });
            let error = call(&other, &endless, "loop", 0).expect_err("it was stopped");
            assert_eq!(error.trap_code(), Some(TrapCode::Interrupt));
            drop(stopper);
        });
        use_memory_guest(&store, &instance).expect("the parent's still works");
        compile_and_run(&engine);
    }
}

/// A fork may come in the middle of another thread's tick, which the child never ends.
pub fn while_ticking() {
    let mut config = Config::new();
    config.tunables.epochs = true;
    let engine = Engine::new(&config).expect("an engine");
    let looping = Module::new(&engine, &tenon::wasm::text::parse(LOOP.as_bytes()).expect("text")).expect("it compiles");
    let over = std::sync::atomic::AtomicBool::new(false);
    let tick_until_over = || {
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            engine.increment_epoch();
        }
    };
    let stores: Vec<Store> = (0..50).map(|_| Store::new(&engine)).collect();
    let mut stores = Some(stores);
    std::thread::scope(|s| {
        s.spawn(tick_until_over);
        for round in 0..100 {
            stores.iter().flatten().for_each(|store| store.set_epoch_deadline(round % 3));
            in_child(|| {
                drop(stores.take());
                std::thread::scope(|s| {
                    s.spawn(tick_until_over);
                    let store = Store::new(&engine);
                    let endless = Instance::new(&store, &looping, &[]).expect("an instance");
                    store.set_epoch_deadline(3);
                    let error = call(&store, &endless, "loop", 0).expect_err("its time was over");
                    assert_eq!(error.trap_code(), Some(TrapCode::Interrupt));
                    over.store(true, std::sync::atomic::Ordering::Relaxed);
                });
            });
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

pub fn child_leaves() {
    let (store, instance, engine) = memory_guest().expect("an instance");
    let all = std::cell::RefCell::new(Some((store, instance, engine)));
    in_child(|| drop(all.borrow_mut().take()));
    in_child(|| ());
    in_child(|| std::process::exit(0));
    in_child(|| panic!("no other program: {}", std::process::Command::new("true").exec()));
    let all = all.borrow();
    let (store, instance, engine) = all.as_ref().expect("the parent's are there");
    use_memory_guest(store, instance).expect("they work");
    compile_and_run(engine);
}

/// A guest that waits for its host is in both, and goes on in both.
pub fn while_suspended() {
    const WAT: &str = r#"(module (import "host" "ask" (func $ask (param i32) (result i32)))
      (memory 1)
      (func (export "go") (param i32) (result i32)
        (i32.store (i32.const 8) (local.get 0))
        (i32.add (call $ask (i32.const 1)) (i32.load (i32.const 8)))))"#;
    let engine = Engine::new(&Config::new()).expect("an engine");
    let mut linker = Linker::new(&engine);
    linker.func_yield("host", "ask", FuncType::new([ValType::I32], [ValType::I32]), 9).expect("a definition");
    let store = Store::new(&engine);
    let module = Module::new(&engine, &tenon::wasm::text::parse(WAT.as_bytes()).expect("text")).expect("it compiles");
    let instance = linker.instantiate(&store, &module).expect("an instance");
    let func = instance.func(&store, "go").expect("an export");
    let mut exec = GuestExec::new(&store).expect("an exec");
    let mut slots = Box::new([ValRaw::from_i32(40)]);
    // SAFETY: one parameter, one result, one slot, which outlives the call.
    let step = unsafe { exec.call(&func, slots.as_mut_ptr(), 1) }.expect("no trap");
    let Step::HostCall { slots: answer, .. } = step else { panic!("no host call") };
    let mut finish = |with: i32| {
        // SAFETY: one slot, valid until the guest goes on.
        unsafe { *answer = ValRaw::from_i32(with) };
        assert!(matches!(exec.resume(Ok(())).expect("no trap"), Step::Done));
        assert_eq!(slots[0].i32(), 40 + with);
    };
    in_child(|| finish(100));
    finish(2);
    let mut results = [Val::I32(0)];
    let plain = Module::new(&engine, &large_module(3)).expect("it compiles");
    let plain = Instance::new(&store, &plain, &[]).expect("an instance");
    plain.func(&store, "f2").expect("an export").call(&store, &[Val::I32(0)], &mut results).expect("no trap");
    assert_eq!(results[0].i32(), Some(2));
}
