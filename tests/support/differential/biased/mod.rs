//! Modules whose shape is chosen by what Tenon optimises: bounds checks with constant offsets, copies and fills of known
//! size, recursion that is inlined once, calls through tables that never change and through some that do, shifts with
//! masks, divisions by constants, globals across calls.

mod body;
mod expr;
mod ops;
mod stmt;

use super::observe::IMPORT;
use super::rng::Rng;
use body::{Body, FUEL};
use wasm_encoder::*;

/// Parameters and results of each function type.
pub const SIGNATURES: &[(&[ValType], &[ValType])] = &[
    (&[ValType::I32, ValType::I32], &[ValType::I32]),
    (&[ValType::I64, ValType::I64], &[ValType::I64]),
    (&[ValType::F64, ValType::F32], &[ValType::F64]),
    (&[ValType::I32], &[]),
    (&[ValType::F32, ValType::I64], &[ValType::F32]),
    (&[ValType::I32], &[ValType::I32]),
];

/// The host's function among the callees of a body: of the type (i32) -> i32, the last of [`SIGNATURES`].
pub const HOST: u32 = u32::MAX;

/// Elements of the table that cannot grow.
pub const FIXED: u32 = 8;

/// What all functions of a module must know.
pub struct Shape {
    /// Type of each function as an index into [`SIGNATURES`].
    pub functions: Vec<u32>,
    /// Those that call nothing.
    pub leaves: Vec<bool>,
    /// Elements of the two tables at the start.
    pub elements: [Vec<u32>; 2],
    pub memory64: bool,
    pub pages: u64,
    /// Whether the fixed table is ever written.
    pub fixed_written: bool,
    /// Whether globals and tables are exported, so that anybody could write them.
    pub open: bool,
}

impl Shape {
    fn new(rng: &mut Rng) -> Shape {
        let count = 2 + rng.below(5);
        let functions: Vec<u32> = (0..count).map(|_| rng.below(SIGNATURES.len() as u64) as u32).collect();
        let leaves = functions.iter().map(|_| rng.chance(35)).collect();
        let mut table = |len: u64| (0..len).map(|_| rng.below(count) as u32).collect();
        let elements = [table(u64::from(FIXED) - 1), table(4)];
        let (memory64, pages, fixed_written) = (rng.chance(20), 1 + rng.below(2), rng.chance(30));
        Shape { functions, leaves, elements, memory64, pages, fixed_written, open: rng.chance(50) }
    }
}

pub fn module(rng: &mut Rng) -> Vec<u8> {
    let shape = Shape::new(rng);
    let mut code = CodeSection::new();
    for function in 0..shape.functions.len() {
        code.function(&Body::new(rng, &shape, function).finish());
    }
    for (function, ty) in shape.functions.iter().enumerate() {
        code.function(&wrapper(function as u32 + 1, *ty));
    }
    let mut module = Module::new();
    declarations(&mut module, rng, &shape);
    module.section(&code);
    datas(&mut module, rng, &shape);
    module.finish()
}

fn declarations(module: &mut Module, rng: &mut Rng, shape: &Shape) {
    let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
    for (params, results) in SIGNATURES {
        types.ty().function(params.iter().copied(), results.iter().copied());
    }
    for _ in 0..2 {
        shape.functions.iter().for_each(|ty| _ = functions.function(*ty));
    }
    let mut tables = TableSection::new();
    for (minimum, maximum) in [(u64::from(FIXED), u64::from(FIXED)), (4, 12)] {
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum,
            maximum: Some(maximum),
            shared: false,
        });
    }
    let mut memories = MemorySection::new();
    let maximum = rng.chance(80).then_some(shape.pages + rng.below(3));
    memories.memory(MemoryType { minimum: shape.pages, maximum, memory64: shape.memory64, shared: false, page_size_log2: None });
    let mut elements = ElementSection::new();
    for (table, list) in shape.elements.iter().enumerate() {
        elements.active(Some(table as u32), &ConstExpr::i32_const(0), Elements::Functions(list.iter().map(|f| f + 1).collect::<Vec<u32>>().into()));
    }
    let mut imports = ImportSection::new();
    imports.import(IMPORT.0, IMPORT.1, EntityType::Function(SIGNATURES.len() as u32 - 1));
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals(rng)).section(&exports(shape)).section(&elements);
    module.section(&DataCountSection { count: 3 });
}

/// Two mutable globals of each type, one that never changes, and the fuel.
fn globals(rng: &mut Rng) -> GlobalSection {
    let mut globals = GlobalSection::new();
    let mut add = |val_type, mutable, init: ConstExpr| _ = globals.global(GlobalType { val_type, mutable, shared: false }, &init);
    for _ in 0..2 {
        add(ValType::I32, true, ConstExpr::i32_const(rng.i32()));
        add(ValType::I64, true, ConstExpr::i64_const(rng.i64()));
        add(ValType::F32, true, ConstExpr::f32_const(Ieee32::new(rng.f32())));
        add(ValType::F64, true, ConstExpr::f64_const(Ieee64::new(rng.f64())));
    }
    add(ValType::I32, true, ConstExpr::i32_const(0));
    add(ValType::I32, false, ConstExpr::i32_const(rng.i32()));
    globals
}

fn exports(shape: &Shape) -> ExportSection {
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    let count = shape.functions.len() as u32;
    for function in 0..count {
        exports.export(&format!("f{function}"), ExportKind::Func, 1 + count + function);
    }
    if shape.open {
        (0..FUEL).for_each(|i| _ = exports.export(&format!("g{i}"), ExportKind::Global, i));
        (0..2).for_each(|i| _ = exports.export(&format!("t{i}"), ExportKind::Table, i));
    }
    exports
}

fn datas(module: &mut Module, rng: &mut Rng, shape: &Shape) {
    let at = |at: u64| {
        if shape.memory64 { ConstExpr::i64_const(at as i64) } else { ConstExpr::i32_const(at as i32) }
    };
    let mut datas = DataSection::new();
    datas.active(0, &at(0), rng.bytes(300));
    datas.active(0, &at(shape.pages * 65536 - 100), rng.bytes(100));
    datas.passive(rng.bytes(130));
    module.section(&datas);
}

/// The exported form of a function: gives it fuel and makes a NaN it returns canonical.
fn wrapper(function: u32, ty: u32) -> Function {
    let (params, results) = SIGNATURES[ty as usize];
    let first = params.len() as u32;
    let mut code = Function::new([(1, ValType::F32), (1, ValType::F64)]);
    code.instructions().i32_const(40).global_set(FUEL);
    for param in 0..first {
        code.instructions().local_get(param);
    }
    code.instructions().call(function);
    for instruction in results.first().map_or(Vec::new(), |ty| ops::canonical(*ty, first, first + 1)) {
        code.instruction(&instruction);
    }
    code.instructions().end();
    code
}
