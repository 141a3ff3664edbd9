//! Short ways to what nearly every test needs.

use tenon::base::{Error, ErrorKind, Result, TrapCode};
use tenon::runtime::{Config, Engine, Func, Instance, Linker, Module, Store, Val};
use tenon::wasm::text;

pub fn engine() -> Engine {
    Engine::new(&Config::new()).expect("the default engine")
}

/// An engine with changed settings.
pub fn engine_with(change: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    change(&mut config);
    Engine::new(&config).expect("an engine with these settings")
}

pub fn module(engine: &Engine, wat: &str) -> Module {
    let bytes = text::parse(wat.as_bytes()).expect("the test's text");
    Module::new(engine, &bytes).expect("the test's module")
}

/// A store with one instance that imports nothing.
pub struct Guest {
    pub store: Store,
    pub instance: Instance,
}

impl Guest {
    pub fn new(wat: &str) -> Guest {
        Guest::on(&engine(), wat)
    }

    pub fn on(engine: &Engine, wat: &str) -> Guest {
        let store = Store::new(engine);
        Guest::linked(&store, &Linker::new(engine), wat).expect("the test's instance")
    }

    pub fn linked(store: &Store, linker: &Linker, wat: &str) -> Result<Guest> {
        let instance = linker.instantiate(store, &module(store.engine(), wat))?;
        Ok(Guest { store: store.clone(), instance })
    }

    pub fn func(&self, name: &str) -> Func {
        self.instance.func(&self.store, name).unwrap_or_else(|| panic!("no function {name}"))
    }

    /// Calls with i32 arguments and gives what came back.
    pub fn call(&self, name: &str, args: &[i32]) -> Result<Vec<Val>> {
        let func = self.func(name);
        let args: Vec<Val> = args.iter().map(|a| Val::I32(*a)).collect();
        let mut results = vec![Val::I32(0); func.ty(&self.store).results.len()];
        func.call(&self.store, &args, &mut results)?;
        Ok(results)
    }

    /// Calls a function that returns one i32.
    pub fn i32(&self, name: &str, args: &[i32]) -> i32 {
        let results = self.call(name, args).unwrap_or_else(|e| panic!("{name}: {e}"));
        results.first().and_then(Val::i32).expect("one i32")
    }

    /// Calls a function that has to trap.
    pub fn trap(&self, name: &str, args: &[i32]) -> Error {
        match self.call(name, args) {
            Ok(_) => panic!("{name} returned"),
            Err(e) => e,
        }
    }
}

/// Asserts that the error is the engine's trap `code`.
#[track_caller]
pub fn assert_trap(error: &Error, code: TrapCode) {
    assert_eq!((error.kind(), error.trap_code()), (ErrorKind::Trap, Some(code)), "{error:?}");
}
