//! Modules from `wasm-smith`: everything that validates, without a preference.

use super::rng::Rng;
use arbitrary::Unstructured;
use wasm_smith::{Config, MemoryOffsetChoices, Module};

/// Calls and loop rounds that a module has in its life; then its functions trap.
const STEPS: u32 = 1500;

/// A module that always ends; `None` if the bytes do not make one. Those that are not `common` use proposals that the
/// oracle does not know.
pub fn module(rng: &mut Rng, common: bool) -> Option<Vec<u8>> {
    let config = config(rng, common);
    let len = 500 + rng.below(6000) as usize;
    let bytes = rng.bytes(len);
    let mut module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    module.ensure_termination(STEPS).ok()?;
    Some(module.to_bytes())
}

fn config(rng: &mut Rng, common: bool) -> Config {
    Config {
        max_imports: 0,
        export_everything: true,
        min_funcs: 2,
        max_funcs: 2 + rng.below(6) as usize,
        max_instructions: 20 + rng.below(300) as usize,
        min_memories: 1,
        max_memories: 1 + rng.below(2) as usize,
        max_memory32_bytes: 4 << 16,
        max_memory64_bytes: 4 << 16,
        memory_max_size_required: true,
        memory_offset_choices: MemoryOffsetChoices(80, 18, 2),
        max_tables: 2,
        max_table_elements: 200,
        table_max_size_required: true,
        canonicalize_nans: true,
        disallow_traps: rng.chance(50),
        gc_enabled: !common,
        exceptions_enabled: !common,
        limit_arrays_in_const_exprs: true,
        threads_enabled: false,
        relaxed_simd_enabled: false,
        compact_imports_enabled: false,
        simd_enabled: rng.chance(60),
        wide_arithmetic_enabled: rng.chance(30),
        custom_page_sizes_enabled: rng.chance(20),
        memory64_enabled: rng.chance(30),
        ..Config::default()
    }
}
