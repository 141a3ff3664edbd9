//! Several host threads on one shared memory: a mutex and a counter, a bounded channel, and interrupted waits.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tenon::base::TrapCode;
use tenon::runtime::{Config, Engine, Extern, Instance, Memory, Module, Store, Val};
use tenon::wasm::MemoryType;

/// Word 0: mutex (0 free, 1 taken, 2 taken and waited for). Word 4: counter. Words 8, 12: head and tail of a channel
/// of 16 slots from byte 64 on. Word 32: never notified.
const GUEST: &str = r#"(module
  (import "" "memory" (memory 1 1 shared))
  (func $lock (local $seen i32)
    (if (i32.eqz (local.tee $seen (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))) (then (return)))
    (loop $again
      (if (i32.eq (local.get $seen) (i32.const 2))
        (then (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))))
      (local.set $seen (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2)))
      (if (i32.eqz (local.get $seen)) (then (return)))
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))
      (local.set $seen (i32.const 2))
      (br $again)))
  (func $unlock
    (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
      (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
  (func (export "count") (param $n i32)
    (loop $l
      (call $lock)
      ;; Plain accesses: only the mutex makes them right.
      (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.const 1)))
      (call $unlock)
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "counter") (result i32) (i32.atomic.load (i32.const 4)))
  (func (export "send") (param $v i32) (local $tail i32)
    (loop $full
      (call $lock)
      (local.set $tail (i32.load (i32.const 12)))
      (if (i32.eq (i32.sub (local.get $tail) (i32.load (i32.const 8))) (i32.const 16))
        (then
          (call $unlock)
          (drop (memory.atomic.wait32 (i32.const 8) (i32.sub (local.get $tail) (i32.const 16)) (i64.const 1000000)))
          (br $full))))
    (i32.store offset=64 (i32.shl (i32.rem_u (local.get $tail) (i32.const 16)) (i32.const 2)) (local.get $v))
    (i32.atomic.store (i32.const 12) (i32.add (local.get $tail) (i32.const 1)))
    (call $unlock)
    (drop (memory.atomic.notify (i32.const 12) (i32.const 1))))
  (func (export "receive") (result i32) (local $head i32) (local $v i32)
    (loop $empty
      (call $lock)
      (local.set $head (i32.load (i32.const 8)))
      (if (i32.eq (local.get $head) (i32.load (i32.const 12)))
        (then
          (call $unlock)
          (drop (memory.atomic.wait32 (i32.const 12) (local.get $head) (i64.const 1000000)))
          (br $empty))))
    (local.set $v (i32.load offset=64 (i32.shl (i32.rem_u (local.get $head) (i32.const 16)) (i32.const 2))))
    (i32.atomic.store (i32.const 8) (i32.add (local.get $head) (i32.const 1)))
    (call $unlock)
    (drop (memory.atomic.notify (i32.const 8) (i32.const 1)))
    (local.get $v))
  (func (export "wait_for_ever") (result i32) (memory.atomic.wait32 (i32.const 32) (i32.const 0) (i64.const -1))))"#;

struct Guest {
    store: Store,
    instance: Instance,
}

impl Guest {
    fn new(engine: &Engine, module: &Module, memory: &Memory) -> Guest {
        let store = Store::new(engine);
        let instance = Instance::new(&store, module, &[Extern::Memory(memory.clone())]).expect("the import fits");
        Guest { store, instance }
    }

    fn call(&self, name: &str, args: &[Val], results: &mut [Val]) -> tenon::base::Result<()> {
        self.instance.func(&self.store, name).expect("an export").call(&self.store, args, results)
    }

    fn number(&self, name: &str) -> i32 {
        let mut result = [Val::I32(0)];
        self.call(name, &[], &mut result).expect("the guest runs");
        result[0].i32().expect("an i32")
    }
}

fn shared(engine: &Engine) -> (Module, Memory) {
    let module = Module::new(engine, &wat::parse_str(GUEST).expect("a module")).expect("it compiles");
    let ty = MemoryType { shared: true, ..MemoryType::new(1, Some(1)) };
    (module, Memory::new_shared(engine, &ty).expect("a shared memory"))
}

fn engine() -> Engine {
    let mut config = Config::new();
    config.features.set(tenon::wasm::Proposal::Threads, true);
    config.tunables.epochs = true;
    config.no_initial_deadline = true;
    Engine::new(&config).expect("an engine")
}

const THREADS: usize = 8;
const TIME: Duration = Duration::from_secs(5);

/// Half of the time a mutex guards a counter; the other half four threads send to four that receive.
#[test]
fn hammer_a_mutex_and_a_channel() {
    let engine = engine();
    let (module, memory) = shared(&engine);
    let guests: Vec<Guest> = (0..THREADS).map(|_| Guest::new(&engine, &module, &memory)).collect();

    let begin = Instant::now();
    let rounds: i64 = thread::scope(|scope| {
        let workers: Vec<_> = guests
            .iter()
            .map(|guest| {
                scope.spawn(move || {
                    let mut rounds = 0i64;
                    while begin.elapsed() < TIME / 2 {
                        guest.call("count", &[Val::I32(1000)], &mut []).expect("counting works");
                        rounds += 1;
                    }
                    rounds
                })
            })
            .collect();
        workers.into_iter().map(|w| w.join().expect("no panic")).sum()
    });
    assert_eq!(i64::from(guests[0].number("counter")), rounds * 1000);
    assert!(rounds >= THREADS as i64);

    let (senders, receivers) = guests.split_at(THREADS / 2);
    let begin = Instant::now();
    let (sent, received) = thread::scope(|scope| {
        let sending: Vec<_> = senders
            .iter()
            .map(|guest| {
                scope.spawn(move || {
                    let mut sum = 0i64;
                    while begin.elapsed() < TIME / 2 {
                        for v in 1..=100 {
                            guest.call("send", &[Val::I32(v)], &mut []).expect("sending works");
                            sum += i64::from(v);
                        }
                    }
                    sum
                })
            })
            .collect();
        let receiving: Vec<_> = receivers
            .iter()
            .map(|guest| {
                scope.spawn(move || {
                    let mut sum = 0i64;
                    loop {
                        match guest.number("receive") {
                            0 => return sum,
                            v => sum += i64::from(v),
                        }
                    }
                })
            })
            .collect();
        let sent: i64 = sending.into_iter().map(|w| w.join().expect("no panic")).sum();
        for _ in receivers {
            senders[0].call("send", &[Val::I32(0)], &mut []).expect("the end is sent");
        }
        (sent, receiving.into_iter().map(|w| w.join().expect("no panic")).sum::<i64>())
    });
    assert!(sent > 0);
    assert_eq!(sent, received);
}

#[test]
fn an_interrupt_releases_a_waiting_thread() {
    let engine = engine();
    let (module, memory) = shared(&engine);
    let guest = Arc::new(Guest::new(&engine, &module, &memory));
    let handle = guest.store.interrupt_handle();
    let waiting = {
        let guest = guest.clone();
        thread::spawn(move || guest.call("wait_for_ever", &[], &mut [Val::I32(0)]))
    };
    thread::sleep(Duration::from_millis(50));
    let asked = Instant::now();
    handle.trigger();
    let error = waiting.join().expect("no panic").expect_err("the wait ends by a trap");
    assert_eq!(error.trap_code(), Some(TrapCode::Interrupt));
    assert!(asked.elapsed() < Duration::from_secs(2), "released after {:?}", asked.elapsed());
    // The guest is usable again.
    assert!(guest.number("counter") >= 0);
}

/// A guest whose waits nobody notifies.
fn waiting_guest() -> (Engine, Guest) {
    let engine = engine();
    let (module, memory) = shared(&engine);
    let guest = Guest::new(&engine, &module, &memory);
    (engine, guest)
}

/// A wait used to notice interruptions only.
#[test]
fn a_wait_ends_at_the_deadline_of_its_epoch() {
    let (engine, guest) = waiting_guest();
    guest.store.set_epoch_deadline(1);
    let ticker = thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        engine.increment_epoch();
    });
    let begin = Instant::now();
    let error = guest.call("wait_for_ever", &[], &mut [Val::I32(0)]).expect_err("the epoch is over");
    assert_eq!(error.trap_code(), Some(TrapCode::Interrupt));
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    ticker.join().expect("no panic");
    // Nothing is left of it.
    guest.store.set_epoch_deadline(1000);
    guest.call("count", &[Val::I32(3)], &mut []).expect("the next call runs");
}

#[test]
fn a_wait_goes_on_if_the_callback_of_the_epoch_grants_more_time() {
    let (engine, guest) = waiting_guest();
    let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = asked.clone();
    guest.store.set_epoch_deadline(1);
    guest.store.set_epoch_callback(Some(Box::new(move |_| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if n < 2 { Ok(tenon::runtime::EpochUpdate::Continue(0)) } else { Err(tenon::base::Error::host("no more")) }
    })));
    engine.increment_epoch();
    let error = guest.call("wait_for_ever", &[], &mut [Val::I32(0)]).expect_err("the third time is the last");
    assert!(error.chain().join(": ").contains("no more"), "{error}");
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);
}
