//! An engine that shares no code with Tenon: the interpreter `wasmi`.

use super::observe::{Call, End, IMPORT, Observed, Plan, Value, hash, host};
use tenon::base::TrapCode as Ours;
use wasmi::{Config, Engine, Error, Extern, F32, F64, Instance, Linker, Module, Store, TrapCode, V128, Val, ValType};

pub struct Oracle {
    engine: Engine,
}

impl Oracle {
    pub fn new() -> Oracle {
        let mut config = Config::default();
        config.wasm_multi_memory(true).wasm_memory64(true).wasm_simd(true).wasm_tail_call(true).wasm_extended_const(true);
        config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true);
        config.set_max_recursion_depth(20_000).set_max_stack_height(32 << 20);
        Oracle { engine: Engine::new(&config) }
    }

    /// What the module does; `None` if it uses what the interpreter does not know.
    pub fn observe(&self, wasm: &[u8], plan: &Plan) -> Option<Observed> {
        let module = Module::new(&self.engine, wasm).ok()?;
        let mut seen = Observed::default();
        let mut store = Store::new(&self.engine, ());
        let mut linker = Linker::new(&self.engine);
        linker.func_wrap(IMPORT.0, IMPORT.1, |x: u32| host(x)).ok()?;
        let instance = match linker.instantiate_and_start(&mut store, &module) {
            Ok(instance) => instance,
            Err(e) => {
                seen.ends.push(end_of(&e));
                return Some(seen);
            }
        };
        // By name: the interpreter lists them in an order of its own.
        let exports: Vec<Extern> = plan.exports.iter().filter_map(|name| instance.get_export(&store, name)).collect();
        seen.ends.push(End::Values(Vec::new()));
        seen.globals.push(globals(&store, &exports));
        for call in &plan.calls {
            seen.ends.push(run(&mut store, &instance, call));
            seen.globals.push(globals(&store, &exports));
        }
        remains(&store, &exports, &mut seen);
        Some(seen)
    }
}

fn run(store: &mut Store<()>, instance: &Instance, call: &Call) -> End {
    let Some(func) = instance.get_func(&*store, &call.name) else {
        return End::Refused(format!("no export {}", call.name));
    };
    let ty = func.ty(&*store);
    let args: Vec<Val> = call.args.iter().zip(ty.params()).map(|(v, ty)| to_val(*v, *ty)).collect();
    let mut results = vec![Val::I32(0); call.results];
    match func.call(&mut *store, &args, &mut results) {
        Ok(()) => End::Values(results.iter().map(from_val).collect()),
        Err(e) => end_of(&e),
    }
}

fn to_val(value: Value, ty: ValType) -> Val {
    match value {
        Value::I32(v) => Val::I32(v as i32),
        Value::I64(v) => Val::I64(v as i64),
        Value::F32(v) => Val::F32(F32::from_bits(v)),
        Value::F64(v) => Val::F64(F64::from_bits(v)),
        Value::V128(v) => Val::V128(V128::from(v)),
        Value::Null | Value::Reference => Val::default(ty),
    }
}

fn from_val(value: &Val) -> Value {
    match value {
        Val::I32(v) => Value::I32(*v as u32),
        Val::I64(v) => Value::I64(*v as u64),
        Val::F32(v) => Value::F32(v.to_bits()),
        Val::F64(v) => Value::F64(v.to_bits()),
        Val::V128(v) => Value::V128(v.as_u128()),
        Val::FuncRef(r) => {
            if r.is_null() {
                Value::Null
            } else {
                Value::Reference
            }
        }
        Val::ExternRef(r) => {
            if r.is_null() {
                Value::Null
            } else {
                Value::Reference
            }
        }
    }
}

fn end_of(error: &Error) -> End {
    let Some(code) = error.as_trap_code() else {
        return instantiation(error);
    };
    End::Trap(
        match code {
            TrapCode::UnreachableCodeReached => Ours::Unreachable,
            TrapCode::MemoryOutOfBounds => Ours::MemoryOutOfBounds,
            TrapCode::TableOutOfBounds => Ours::TableOutOfBounds,
            TrapCode::IndirectCallToNull => Ours::IndirectCallToNull,
            TrapCode::IntegerDivisionByZero => Ours::IntegerDivisionByZero,
            TrapCode::IntegerOverflow => Ours::IntegerOverflow,
            TrapCode::BadConversionToInteger => Ours::BadConversionToInteger,
            TrapCode::BadSignature => Ours::BadSignature,
            _ => return End::Exhausted,
        }
        .as_u8(),
    )
}

/// Segments that do not fit are no traps for the interpreter, but errors with a text.
fn instantiation(error: &Error) -> End {
    let text = error.to_string();
    match () {
        () if text.starts_with("out of bounds table access") => End::Trap(Ours::TableOutOfBounds.as_u8()),
        () if text.starts_with("out of bounds memory access") => End::Trap(Ours::MemoryOutOfBounds.as_u8()),
        () => End::Refused(text),
    }
}

fn globals(store: &Store<()>, exports: &[Extern]) -> Vec<Value> {
    exports.iter().filter_map(|e| e.into_global()).map(|g| from_val(&g.get(store))).collect()
}

fn remains(store: &Store<()>, exports: &[Extern], seen: &mut Observed) {
    for export in exports {
        match export {
            Extern::Memory(memory) => {
                let bytes = memory.data(store);
                seen.memories.push((bytes.len() as u64, hash(bytes)));
            }
            Extern::Table(table) => {
                let there = |i| table.get(store, i).is_some_and(|v| from_val(&v) == Value::Reference);
                seen.tables.push((0..table.size(store)).map(there).collect());
            }
            _ => {}
        }
    }
}
