//! The module `spectest`, which the scripts of the specification import.

use super::setup::HostCalls;
use tenon::base::Result;
use tenon::runtime::{Extern, Global, Linker, Memory, Store, Table, Val};
use tenon::wasm::{FuncType, GlobalType, MemoryType, RefType, TableType, ValType};

/// The printing functions take these and print nothing.
const PRINTS: &[(&str, &[ValType])] = &[
    ("print", &[]),
    ("print_i32", &[ValType::I32]),
    ("print_i64", &[ValType::I64]),
    ("print_f32", &[ValType::F32]),
    ("print_f64", &[ValType::F64]),
    ("print_i32_f32", &[ValType::I32, ValType::F32]),
    ("print_f64_f64", &[ValType::F64, ValType::F64]),
];

/// Defines everything the scripts import from `spectest`.
pub fn define(linker: &mut Linker, store: &Store, calls: HostCalls, threads: bool) -> Result<()> {
    for (id, (name, params)) in PRINTS.iter().enumerate() {
        let ty = FuncType::new(*params, []);
        match calls {
            HostCalls::Callback => linker.func("spectest", name, ty, |_, _| Ok(()))?,
            HostCalls::Yield => linker.func_yield("spectest", name, ty, id as u64)?,
        }
    }
    let globals = [
        ("global_i32", ValType::I32, Val::I32(666)),
        ("global_i64", ValType::I64, Val::I64(666)),
        ("global_f32", ValType::F32, Val::F32(666.6f32.to_bits())),
        ("global_f64", ValType::F64, Val::F64(666.6f64.to_bits())),
    ];
    for (name, content, value) in globals {
        let global = Global::new(store, &GlobalType { content, mutable: false }, &value)?;
        linker.define(store, "spectest", name, Extern::Global(global))?;
    }
    for (name, table64) in [("table", false), ("table64", true)] {
        let ty = TableType { element: RefType::FUNCREF, table64, min: 10, max: Some(20) };
        let table = Table::new(store, &ty, &Val::FuncRef(None))?;
        linker.define(store, "spectest", name, Extern::Table(table))?;
    }
    let memory = Memory::new(store, &MemoryType::new(1, Some(2)))?;
    linker.define(store, "spectest", "memory", Extern::Memory(memory))?;
    if threads {
        let shared = MemoryType { shared: true, ..MemoryType::new(1, Some(2)) };
        linker.define(store, "spectest", "shared_memory", Extern::Memory(Memory::new(store, &shared)?))?;
    }
    Ok(())
}
