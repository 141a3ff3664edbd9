//! Tenon in one setup, as the thing under test.

use super::observe::{Call, End, IMPORT, Observed, Plan, Value, argument, hash, host};
use super::rng::Rng;
use crate::setup::{HostCalls, Setup, Source};
use tenon::base::{Error, ErrorKind, Result, TrapCode};
use tenon::layout::ValRaw;
use tenon::runtime::{Engine, Extern, Func, GuestExec, Instance, Linker, Module, Step, Store, Val};
use tenon::wasm::{ExternType, FuncType, ValType};

/// Fuel of a store, more than any case burns.
const FUEL: u64 = 1 << 60;

pub struct Subject {
    pub setup: Setup,
    engine: Engine,
    linker: Linker,
}

/// A life of a module: its store, and the exec if host calls come back to the caller.
struct Life {
    store: Store,
    exec: Option<GuestExec>,
}

impl Life {
    fn instantiate(&mut self, linker: &Linker, module: &Module) -> Result<Instance> {
        let Some(exec) = &mut self.exec else { return linker.instantiate(&self.store, module) };
        let (instance, step) = exec.link(linker, module)?;
        serve(exec, step).map(|()| instance)
    }

    fn call(&mut self, func: &Func, args: &[Val], results: &mut [Val]) -> Result<()> {
        let Some(exec) = &mut self.exec else { return func.call(&self.store, args, results) };
        let ty = func.ty(&self.store);
        let mut slots = vec![ValRaw::default(); ty.slots()];
        slots.iter_mut().zip(args).for_each(|(slot, arg)| *slot = arg.to_raw());
        // SAFETY: as many slots as the type asks for, and references only null; they stay until the call is over.
        let step = unsafe { exec.call(func, slots.as_mut_ptr(), slots.len()) }?;
        serve(exec, step)?;
        for ((result, slot), ty) in results.iter_mut().zip(&slots).zip(&ty.results) {
            *result = Val::from_raw(&self.store, *slot, *ty);
        }
        Ok(())
    }
}

/// Answers host calls until the guest is done.
fn serve(exec: &mut GuestExec, mut step: Step) -> Result<()> {
    while let Step::HostCall { slots, .. } = step {
        // SAFETY: the function has one parameter and one result, so there is a slot, which is valid until the guest goes on.
        unsafe { *slots = ValRaw::from_i32(host((*slots).i32() as u32) as i32) };
        step = exec.resume(Ok(()))?;
    }
    Ok(())
}

impl Subject {
    pub fn new(mut setup: Setup) -> Subject {
        setup.config.parallel_compilation = false;
        let engine = Engine::new(&setup.config).expect("the setup fits this machine");
        let mut linker = Linker::new(&engine);
        let ty = FuncType::new([ValType::I32], [ValType::I32]);
        let defined = match setup.host_calls {
            HostCalls::Yield => linker.func_yield(IMPORT.0, IMPORT.1, ty, 0),
            HostCalls::Callback => linker.func(IMPORT.0, IMPORT.1, ty, |_, slots| {
                slots[0] = ValRaw::from_i32(host(slots[0].i32() as u32) as i32);
                Ok(())
            }),
        };
        defined.expect("nothing else has this name");
        Subject { setup, engine, linker }
    }

    fn module(&self, wasm: &[u8]) -> Result<Module> {
        let module = Module::new(&self.engine, wasm)?;
        match self.setup.source {
            Source::Compiled => Ok(module),
            Source::Image => Module::deserialize(&self.engine, &module.serialize()),
        }
    }

    /// Calls of every exported function, `rounds` of each.
    pub fn plan(&self, wasm: &[u8], rng: &mut Rng, rounds: usize) -> Result<Plan> {
        let module = Module::new(&self.engine, wasm)?;
        let mut plan = Plan { exports: module.exports().map(|e| e.name.to_owned()).collect(), calls: Vec::new() };
        for _ in 0..rounds {
            for export in module.exports() {
                let ExternType::Func(ty) = &export.ty else {
                    continue;
                };
                let args: Option<Vec<Value>> = ty.params.iter().map(|ty| argument(rng, *ty)).collect();
                if let Some(args) = args {
                    plan.calls.push(Call {
                        name: export.name.to_owned(),
                        args,
                        params: ty.params.to_vec(),
                        results: ty.results.len(),
                    });
                }
            }
        }
        Ok(plan)
    }

    /// Instantiates the module and makes the calls.
    pub fn observe(&self, wasm: &[u8], calls: &[Call]) -> Observed {
        let mut seen = Observed::default();
        let store = self.setup.store(&self.engine);
        let exec = (self.setup.host_calls == HostCalls::Yield).then(|| GuestExec::new(&store).expect("a private stack"));
        let mut life = Life { store: store.clone(), exec };
        let made = self.module(wasm).and_then(|module| life.instantiate(&self.linker, &module));
        let instance = match made {
            Ok(instance) => instance,
            Err(e) => {
                seen.ends.push(end_of(&e));
                return seen;
            }
        };
        seen.ends.push(End::Values(Vec::new()));
        seen.globals.push(globals(&store, &instance));
        for call in calls {
            let end = self.call(&mut life, &instance, call, &mut seen);
            seen.ends.push(end);
            seen.globals.push(globals(&store, &instance));
        }
        remains(&store, &instance, &mut seen);
        seen
    }

    fn call(&self, life: &mut Life, instance: &Instance, call: &Call, seen: &mut Observed) -> End {
        let store = &life.store.clone();
        let Some(func) = instance.func(store, &call.name) else {
            return End::Refused(format!("no export {}", call.name));
        };
        let ty = func.ty(store);
        let args: Vec<Val> = call.args.iter().zip(&ty.params).map(|(v, ty)| to_val(*v, *ty)).collect();
        let mut results = vec![Val::I32(0); call.results];
        if self.setup.config.tunables.fuel {
            store.set_fuel(FUEL).expect("fuel is configured");
        }
        let end = match life.call(&func, &args, &mut results) {
            Ok(()) => End::Values(results.iter().map(from_val).collect()),
            Err(e) => end_of(&e),
        };
        if self.setup.config.tunables.fuel {
            // A trap leaves open how much of its block was paid for.
            let left = if matches!(end, End::Values(_)) { store.fuel().expect("fuel is configured") } else { 0 };
            seen.fuel.resize(seen.ends.len() + 1, 0);
            seen.fuel[seen.ends.len()] = left;
        }
        end
    }
}

fn to_val(value: Value, ty: tenon::wasm::ValType) -> Val {
    match value {
        Value::I32(v) => Val::I32(v as i32),
        Value::I64(v) => Val::I64(v as i64),
        Value::F32(v) => Val::F32(v),
        Value::F64(v) => Val::F64(v),
        Value::V128(v) => Val::V128(v),
        Value::Null | Value::Reference => match ty {
            tenon::wasm::ValType::Ref(r) => Val::null(r.heap.family()),
            other => panic!("a null for a {other:?}"),
        },
    }
}

fn from_val(value: &Val) -> Value {
    match value {
        Val::I32(v) => Value::I32(*v as u32),
        Val::I64(v) => Value::I64(*v as u64),
        Val::F32(v) => Value::F32(*v),
        Val::F64(v) => Value::F64(*v),
        Val::V128(v) => Value::V128(*v),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => Value::Null,
        _ => Value::Reference,
    }
}

fn end_of(error: &Error) -> End {
    match (error.trap_code(), error.kind()) {
        (Some(TrapCode::StackOverflow | TrapCode::AllocationTooLarge), _) | (_, ErrorKind::Limit) => End::Exhausted,
        (Some(code), _) => End::Trap(code.as_u8()),
        (None, ErrorKind::Exception) => End::Exception,
        (None, _) => End::Refused(error.to_string()),
    }
}

fn exports<'s>(store: &'s Store, instance: &'s Instance) -> impl Iterator<Item = Extern> + 's {
    (0..).map_while(|i| instance.export_nth(store, i)).map(|(_, export)| export)
}

fn globals(store: &Store, instance: &Instance) -> Vec<Value> {
    exports(store, instance)
        .filter_map(|e| if let Extern::Global(g) = e { Some(from_val(&g.get(store))) } else { None })
        .collect()
}

/// Reads memories and tables.
fn remains(store: &Store, instance: &Instance, seen: &mut Observed) {
    for export in exports(store, instance) {
        match export {
            Extern::Memory(memory) => {
                let mut bytes = vec![0; memory.data_size()];
                memory.read(0, &mut bytes).expect("the whole memory can be read");
                seen.memories.push((bytes.len() as u64, hash(&bytes)));
            }
            Extern::Table(table) => {
                let there = |i| table.get(store, i).is_some_and(|v| from_val(&v) != Value::Null);
                seen.tables.push((0..table.size()).map(there).collect());
            }
            _ => {}
        }
    }
}
