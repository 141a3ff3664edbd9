//! Each operator that reaches memory, around its ends and with offsets, against the model: what comes back, and every byte of the
//! memory afterwards.

use super::access::{ATOMIC, Access, PLAIN};
use super::{I, V, bits, values};
use crate::differential::Rng;
use tenon::base::TrapCode;
use tenon::layout::MemoryMode;
use tenon::runtime::{Config, Engine, Instance, Module, Store, Val};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, MemArg, MemArgTarget, MemorySection, MemoryType, TypeSection, ValType,
};

/// Bytes of the memory.
const SIZE: u64 = 1 << 16;

pub struct Reach {
    engines: Vec<(&'static str, Engine)>,
    pub executions: u64,
    pub traps: u64,
}

/// Where an operator reaches, and with what.
#[derive(Debug)]
struct Case {
    address: u32,
    offset: u64,
    align: u32,
    lane: u8,
    values: Vec<u128>,
}

pub fn all() -> Vec<&'static Access> {
    PLAIN.iter().chain(ATOMIC).collect()
}

impl Case {
    fn new(rng: &mut Rng, op: &Access) -> Case {
        let ends = [0, 1, 7, 8, SIZE - 17, SIZE - 16, SIZE - 9, SIZE - 8, SIZE - 5, SIZE - 4, SIZE - 3, SIZE - 2, SIZE - 1, SIZE, SIZE + 8];
        let offset = match rng.below(4) {
            0 => *rng.pick(&ends),
            1 => *rng.pick(&[4096, 1 << 31, (1 << 32) - 1, (1 << 32) - 16]),
            _ => rng.below(3) * 8,
        };
        let goal = if rng.chance(70) { *rng.pick(&ends) } else { rng.next() };
        let natural = op.bytes.trailing_zeros();
        Case {
            address: goal.wrapping_sub(offset) as u32,
            offset,
            align: if op.atomic { natural } else { rng.below(u64::from(natural) + 1) as u32 },
            lane: rng.below(op.lanes.into()) as u8,
            values: op.values.iter().map(|ty| values::value(rng, *ty)).collect(),
        }
    }

    /// Where the bytes begin, or the traps that are allowed.
    fn place(&self, op: &Access) -> Result<usize, Vec<TrapCode>> {
        let at = u64::from(self.address) + self.offset;
        let misaligned = op.atomic && at % op.bytes as u64 != 0;
        let outside = at + op.bytes as u64 > SIZE;
        match (misaligned, outside) {
            (false, false) => Ok(at as usize),
            (false, true) => Err(vec![TrapCode::MemoryOutOfBounds]),
            (true, false) => Err(vec![TrapCode::HeapMisaligned]),
            (true, true) => Err(vec![TrapCode::HeapMisaligned, TrapCode::MemoryOutOfBounds]),
        }
    }
}

impl Reach {
    pub fn new() -> Reach {
        let engine = |change: fn(&mut Config)| {
            let mut config = Config { parallel_compilation: false, ..Config::default() };
            change(&mut config);
            Engine::new(&config).expect("an engine")
        };
        let engines = vec![
            ("optimised", engine(|_| {})),
            ("unoptimised", engine(|c| c.tunables.opt_level = 0)),
            ("explicit", engine(|c| c.tunables.memory_mode = MemoryMode::Explicit)),
        ];
        Reach { engines, executions: 0, traps: 0 }
    }

    pub fn check(&mut self, op: &Access, rng: &mut Rng, sets: usize) -> Result<(), String> {
        let cases: Vec<Case> = (0..sets).map(|_| Case::new(rng, op)).collect();
        let wasm = module(op, &cases);
        let before = rng.bytes(SIZE as usize);
        for (name, engine) in &self.engines {
            let store = Store::new(engine);
            let made = Module::new(engine, &wasm).and_then(|m| Instance::new(&store, &m, &[]));
            let instance = made.map_err(|e| format!("{}: {e}", op.name))?;
            for (i, case) in cases.iter().enumerate() {
                for form in 0..2 {
                    let fault = one(&store, &instance, op, case, &format!("{form}.{i}"), &before, &mut self.traps);
                    self.executions += 1;
                    fault.map_err(|f| format!("{} {name}, form {form}, {case:x?}: {f}", op.name))?;
                }
            }
        }
        Ok(())
    }
}

fn one(store: &Store, instance: &Instance, op: &Access, case: &Case, name: &str, before: &[u8], traps: &mut u64) -> Result<(), String> {
    let memory = instance.memory("m").expect("the module has a memory");
    memory.write(0, before).expect("the memory has this size");
    let func = instance.func(store, name).expect("a function for each form and case");
    let mut args = vec![Val::I32(case.address as i32)];
    args.extend(op.values.iter().zip(&case.values).map(|(ty, v)| ty.val(*v)));
    let mut results: Vec<Val> = op.result.iter().map(|ty| ty.val(0)).collect();
    let ended = func.call(store, &args, &mut results);
    let mut expected = before.to_vec();
    match (case.place(op), ended) {
        (Ok(at), Ok(())) => {
            let there = &mut expected[at..at + op.bytes];
            let number = there.iter().rev().fold(0, |v, b| v << 8 | u128::from(*b));
            let (result, stored) = (op.model)(number, &case.values, case.lane.into());
            if let Some(stored) = stored {
                there.copy_from_slice(&stored.to_le_bytes()[..op.bytes]);
            }
            let found = results.first().map(bits);
            if found != result {
                return Err(format!("{found:x?} instead of {result:x?}"));
            }
        }
        (Err(allowed), Err(e)) if e.trap_code().is_some_and(|code| allowed.contains(&code)) => *traps += 1,
        (place, ended) => return Err(format!("{ended:?} where {place:?} was expected")),
    }
    let mut after = vec![0; before.len()];
    memory.read(0, &mut after).expect("the memory has this size");
    let wrong = after.iter().zip(&expected).position(|(a, b)| a != b);
    wrong.map_or(Ok(()), |at| Err(format!("byte {at:#x} of the memory is {:#x} instead of {:#x}", after[at], expected[at])))
}

/// Two functions for each case: operands as parameters, and as constants.
fn module(op: &Access, cases: &[Case]) -> Vec<u8> {
    let (mut types, mut functions, mut memories) = (TypeSection::new(), FunctionSection::new(), MemorySection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    let params = std::iter::once(ValType::I32).chain(op.values.iter().flat_map(|v| v.encoded()));
    types.ty().function(params.collect::<Vec<_>>(), op.result.iter().flat_map(|r| r.encoded()).collect::<Vec<_>>());
    memories.memory(MemoryType { minimum: 1, maximum: Some(1), memory64: false, shared: false, page_size_log2: None });
    exports.export("m", ExportKind::Memory, 0);
    for (i, case) in cases.iter().enumerate() {
        for form in 0..2 {
            functions.function(0);
            exports.export(&format!("{form}.{i}"), ExportKind::Func, 2 * i as u32 + form);
            code.function(&body(op, case, form == 1));
        }
    }
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
    module.finish()
}

fn body(op: &Access, case: &Case, constant: bool) -> Function {
    let mut code = Function::new([]);
    let operands = std::iter::once((V::I32, u128::from(case.address))).chain(op.values.iter().copied().zip(case.values.iter().copied()));
    for (i, (ty, value)) in operands.enumerate() {
        code.instruction(&if constant { ty.constant(value) } else { I::LocalGet(i as u32) });
    }
    let place = MemArg { offset: case.offset, align: case.align, target: MemArgTarget::Memory(0), ordering: None };
    code.instruction(&(op.make)(place, case.lane)).instruction(&I::End);
    code
}
