//! Threads on one shared memory whose work comes to the same in every order, or has an order that they keep: the memory at the
//! end is what a model says, in every setup.

mod script;

use crate::differential::Rng;
use script::{PAGE, Script};
use tenon::base::Error;
use tenon::layout::MemoryMode;
use tenon::runtime::{Config, Engine, Extern, Instance, Memory, Module, Store, Val};
use tenon::wasm::{MemoryType, text};

pub struct Machine {
    engines: Vec<(&'static str, Engine)>,
    pub calls: u64,
    /// Calls in one store that all threads share.
    pub in_one_store: u64,
}

fn engines() -> Vec<(&'static str, Engine)> {
    let changes: [(&'static str, fn(&mut Config)); 5] = [
        ("plain", |_| {}),
        ("explicit", |c| c.tunables.memory_mode = MemoryMode::Explicit),
        ("unoptimised", |c| c.tunables.opt_level = 0),
        ("epochs", |c| c.tunables.epochs = true),
        ("fuel", |c| c.tunables.fuel = true),
    ];
    let engine = |change: fn(&mut Config)| {
        let mut config = Config { parallel_compilation: false, ..Config::default() };
        change(&mut config);
        Engine::new(&config).expect("an engine")
    };
    changes.into_iter().map(|(name, change)| (name, engine(change))).collect()
}

impl Machine {
    pub fn new() -> Machine {
        Machine { engines: engines(), calls: 0, in_one_store: 0 }
    }

    /// One script in every setup, with a store for each thread or one for all.
    pub fn case(&mut self, seed: u64) -> Result<(), String> {
        let mut rng = Rng::new(seed);
        let script = Script::new(&mut rng);
        let wasm = text::parse(script.text().as_bytes()).map_err(|e| format!("{e}\n{}", script.text()))?;
        let expected = script.memory();
        for (name, engine) in &self.engines {
            let one_store = rng.chance(50) && *name != "fuel";
            let found = run(engine, &wasm, &script, one_store).and_then(|found| same(&found, &expected));
            self.calls += script.threads() as u64;
            self.in_one_store += if one_store { script.threads() as u64 } else { 0 };
            found.map_err(|fault| {
                let repeat = format!("repeat: TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1 cargo test --test fuzz threads");
                format!("{name}, {}: {fault}\n{}\n{repeat}", if one_store { "one store" } else { "a store each" }, script.text())
            })?;
        }
        Ok(())
    }
}

/// Lets the threads loose; the memory at the end.
fn run(engine: &Engine, wasm: &[u8], script: &Script, one_store: bool) -> Result<Vec<u8>, String> {
    let words = |e: Error| e.to_string();
    let module = Module::new(engine, wasm).map_err(words)?;
    let ty = MemoryType { shared: true, ..MemoryType::new(1, Some(script::MOST_PAGES)) };
    let memory = Memory::new_shared(engine, &ty).map_err(words)?;
    let place = |store: Store| Instance::new(&store, &module, &[Extern::Memory(memory.clone())]).map(|instance| (store, instance));
    let places: Result<Vec<(Store, Instance)>, Error> = if one_store {
        place(prepared(engine, Store::new_shared(engine))).map(|place| vec![place; script.threads()])
    } else {
        (0..script.threads()).map(|_| place(prepared(engine, Store::new(engine)))).collect()
    };
    let places = places.map_err(words)?;
    let ends: Vec<Result<(), Error>> = std::thread::scope(|scope| {
        let work = |number: usize, (store, instance): &(Store, Instance)| {
            let func = instance.func(store, &format!("t{number}")).expect("each thread has a function");
            func.call(store, &[Val::I32(script.rounds as i32)], &mut [])
        };
        let workers: Vec<_> = places.iter().enumerate().map(|(n, place)| scope.spawn(move || work(n, place))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).collect()
    });
    ends.into_iter().collect::<Result<Vec<()>, Error>>().map_err(words)?;
    let mut bytes = vec![0; memory.data_size()];
    memory.read(0, &mut bytes).map_err(words)?;
    Ok(bytes)
}

fn prepared(engine: &Engine, store: Store) -> Store {
    let tunables = &engine.config().tunables;
    if tunables.fuel {
        store.set_fuel(1 << 60).expect("fuel is configured");
    }
    if tunables.epochs {
        store.set_epoch_deadline(1 << 40);
    }
    store
}

fn same(found: &[u8], expected: &[u8]) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("{} pages instead of {}", found.len() / PAGE, expected.len() / PAGE));
    }
    let wrong = found.iter().zip(expected).position(|(a, b)| a != b);
    wrong.map_or(Ok(()), |at| Err(format!("byte {at:#x} is {:#x} instead of {:#x}", found[at], expected[at])))
}
