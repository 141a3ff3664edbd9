//! Each operator of numbers and vectors on values on which operators go wrong, against a model in plain Rust: with
//! operands that come as parameters, as constants (so that the compiler folds them), mixed, and from memory.

mod access;
mod lane;
mod reach;
mod relaxed;
mod scalar;
mod simd;
mod values;

use crate::differential::Rng;
use lane::Expect;
use tenon::base::TrapCode;
use tenon::runtime::{Config, Engine, Instance, Module, Store, Val};
use tenon::wasm::Proposal;
use wasm_encoder::Instruction as I;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, Ieee32, Ieee64, MemArg, MemArgTarget, MemorySection,
    MemoryType, TypeSection, ValType,
};

/// Types of numbers and vectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum V {
    I32,
    I64,
    F32,
    F64,
    V128,
    /// Two i64, the lower first; only as a result.
    Pair,
}

/// An operator. Its immediates, if it has any, are made from 16 bytes.
pub struct Op {
    name: &'static str,
    make: fn(&[u8; 16]) -> I<'static>,
    params: &'static [V],
    result: V,
    model: fn(&[u128], &[u8; 16]) -> Expect,
}

/// A table of operators; a number in brackets is a count of lanes, one of which is the immediate.
macro_rules! rows {
    ($($op:ident $([$lanes:literal])? ($($param:ident)*) $result:ident = $model:expr;)*) => {
        &[$(Op {
            name: stringify!($op),
            make: rows!(@make $op $($lanes)?),
            params: &[$(V::$param),*],
            result: V::$result,
            model: $model,
        }),*]
    };
    (@make $op:ident) => { |_| I::$op };
    (@make $op:ident $lanes:literal) => { |imm| I::$op(imm[0] % $lanes) };
}
use rows;

impl V {
    fn encoded(self) -> Vec<ValType> {
        match self {
            V::I32 => vec![ValType::I32],
            V::I64 => vec![ValType::I64],
            V::F32 => vec![ValType::F32],
            V::F64 => vec![ValType::F64],
            V::V128 => vec![ValType::V128],
            V::Pair => vec![ValType::I64; 2],
        }
    }

    fn bytes(self) -> usize {
        match self {
            V::I32 | V::F32 => 4,
            V::I64 | V::F64 => 8,
            V::V128 | V::Pair => 16,
        }
    }

    fn constant(self, bits: u128) -> I<'static> {
        match self {
            V::I32 => I::I32Const(bits as i32),
            V::I64 => I::I64Const(bits as i64),
            V::F32 => I::F32Const(Ieee32::new(bits as u32)),
            V::F64 => I::F64Const(Ieee64::new(bits as u64)),
            V::V128 => I::V128Const(bits as i128),
            V::Pair => unreachable!("no operand is a pair"),
        }
    }

    fn load(self, offset: u64) -> I<'static> {
        let arg = MemArg { offset, align: 0, target: MemArgTarget::Memory(0), ordering: None };
        match self {
            V::I32 => I::I32Load(arg),
            V::I64 => I::I64Load(arg),
            V::F32 => I::F32Load(arg),
            V::F64 => I::F64Load(arg),
            V::V128 => I::V128Load(arg),
            V::Pair => unreachable!("no operand is a pair"),
        }
    }

    fn val(self, bits: u128) -> Val {
        match self {
            V::I32 => Val::I32(bits as i32),
            V::I64 => Val::I64(bits as i64),
            V::F32 => Val::F32(bits as u32),
            V::F64 => Val::F64(bits as u64),
            V::V128 => Val::V128(bits),
            V::Pair => Val::I64(bits as i64),
        }
    }
}

fn bits(value: &Val) -> u128 {
    match value {
        Val::I32(v) => u128::from(*v as u32),
        Val::I64(v) => u128::from(*v as u64),
        Val::F32(v) => u128::from(*v),
        Val::F64(v) => u128::from(*v),
        Val::V128(v) => *v,
        other => panic!("a number or a vector, found {other:?}"),
    }
}

/// All operators in one row.
pub fn all() -> Vec<&'static Op> {
    let tables = [
        scalar::INTEGERS,
        scalar::FLOATS,
        scalar::CONVERSIONS,
        scalar::WIDE,
        simd::COMPARISONS,
        simd::INTEGERS,
        simd::SHAPES,
        simd::FLOATS,
        simd::LANES,
        relaxed::RELAXED,
    ];
    tables.into_iter().flatten().chain([&simd::SHUFFLE]).collect()
}

/// The names of all operators that are checked.
pub fn names() -> Vec<&'static str> {
    all().iter().map(|op| op.name).chain(reach::all().iter().map(|op| op.name)).collect()
}

/// Where operands stand.
const FORMS: [&str; 4] = ["parameters", "constants", "the last a constant", "memory"];

pub struct Machine {
    engines: Vec<(&'static str, Engine)>,
    ops: Vec<&'static Op>,
    accesses: Vec<&'static access::Access>,
    reach: reach::Reach,
    executions: u64,
    traps: u64,
}

impl Machine {
    pub fn new() -> Machine {
        let engine = |level: u8| {
            let mut config = Config { parallel_compilation: false, ..Config::default() };
            config.tunables.opt_level = level;
            config.features = config.features.with(Proposal::WideArithmetic, true);
            Engine::new(&config).expect("an engine")
        };
        let engines = vec![("optimised", engine(Config::default().tunables.opt_level)), ("unoptimised", engine(0))];
        Machine { engines, ops: all(), accesses: reach::all(), reach: reach::Reach::new(), executions: 0, traps: 0 }
    }

    pub fn operators(&self) -> usize {
        self.ops.len() + self.accesses.len()
    }

    pub fn executions(&self) -> u64 {
        self.executions + self.reach.executions
    }

    /// How many of them trapped, as they should.
    pub fn traps(&self) -> u64 {
        self.traps + self.reach.traps
    }

    /// One operator with several sets of operands. Seeds in a row take operators in a row.
    pub fn case(&mut self, seed: u64, sets: usize) -> Result<(), String> {
        let repeat = |fault: String| format!("{fault}\nrepeat: TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1 cargo test --test fuzz operators");
        self.check(seed as usize, &mut Rng::new(seed), sets).map_err(repeat)
    }

    /// The operator of this number with sets of operands that are chosen.
    pub fn check(&mut self, number: usize, rng: &mut Rng, sets: usize) -> Result<(), String> {
        let number = number % self.operators();
        let Some(&op) = self.ops.get(number) else {
            return self.reach.check(self.accesses[number - self.ops.len()], rng, sets);
        };
        let imm: [u8; 16] = rng.bytes(16).try_into().expect("16 bytes");
        let sets: Vec<Vec<u128>> =
            (0..sets).map(|_| op.params.iter().map(|ty| values::value(rng, *ty)).collect()).collect();
        let wasm = module(op, &imm, &sets);
        for (name, engine) in &self.engines {
            let store = Store::new(engine);
            let made = Module::new(engine, &wasm).and_then(|m| Instance::new(&store, &m, &[]));
            let instance = made.map_err(|e| format!("{}: {e}", op.name))?;
            for (i, operands) in sets.iter().enumerate() {
                let expect = (op.model)(operands, &imm);
                for (form, place) in FORMS.iter().enumerate() {
                    let found = run(&store, &instance, op, &format!("{form}.{i}"), operands);
                    self.executions += 1;
                    self.traps += u64::from(found.is_err());
                    if !allowed(&expect, &found, op.result) {
                        return Err(format!(
                            "{} {name}, operands from {place}: {operands:x?} with {imm:?} gives {found:x?}, allowed is {expect:x?}",
                            op.name
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

fn allowed(expect: &Expect, found: &Result<u128, Option<TrapCode>>, result: V) -> bool {
    match (expect, found) {
        (Expect::Trap(code), Err(found)) => *found == Some(*code),
        (expect, Ok(found)) => expect.has(*found, result.bytes()),
        _ => false,
    }
}

fn run(store: &Store, instance: &Instance, op: &Op, name: &str, operands: &[u128]) -> Result<u128, Option<TrapCode>> {
    let func = instance.func(store, name).expect("the module has a function for each form and set");
    let args: Vec<Val> = op.params.iter().zip(operands).map(|(ty, v)| ty.val(*v)).collect();
    let mut results = vec![op.result.val(0); op.result.encoded().len()];
    let together = |results: &[Val]| results.iter().rev().fold(0, |v, r| v << 64 | bits(r));
    func.call(store, &args, &mut results).map(|()| together(&results)).map_err(|e| e.trap_code())
}

/// A function for each form and set of operands, with the operator's own type.
fn module(op: &Op, imm: &[u8; 16], sets: &[Vec<u128>]) -> Vec<u8> {
    let (mut types, mut functions, mut memories) = (TypeSection::new(), FunctionSection::new(), MemorySection::new());
    let (mut exports, mut code, mut data) = (ExportSection::new(), CodeSection::new(), DataSection::new());
    types.ty().function(op.params.iter().flat_map(|p| p.encoded()).collect::<Vec<_>>(), op.result.encoded());
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut count = 0;
    for (i, operands) in sets.iter().enumerate() {
        let at = i as i32 * 64;
        let bytes: Vec<u8> = operands.iter().flat_map(|v| v.to_le_bytes()).collect();
        data.active(0, &ConstExpr::i32_const(at), bytes);
        for form in 0..FORMS.len() {
            functions.function(0);
            exports.export(&format!("{form}.{i}"), ExportKind::Func, count);
            count += 1;
            code.function(&body(op, imm, operands, form, at));
        }
    }
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code).section(&data);
    module.finish()
}

fn body(op: &Op, imm: &[u8; 16], operands: &[u128], form: usize, at: i32) -> Function {
    let mut code = Function::new([]);
    for (i, (ty, value)) in op.params.iter().zip(operands).enumerate() {
        let constant = form == 1 || form == 2 && i + 1 == operands.len();
        match form {
            _ if constant => _ = code.instruction(&ty.constant(*value)),
            3 => _ = code.instruction(&I::I32Const(at)).instruction(&ty.load(16 * i as u64)),
            _ => _ = code.instruction(&I::LocalGet(i as u32)),
        }
    }
    code.instruction(&(op.make)(imm)).instruction(&I::End);
    code
}
