//! Settings of a pooling allocator. Nothing is allocated in advance here: the limits hold, but those of private stacks and
//! of components. Of what only concerns the pool's memory, what stays of linear memories counts; the rest changes nothing.

use super::super::ffi::{guard, guard_some};
use super::super::wasm::engine::wasm_config_t;
use crate::runtime::Pool;

/// Limits for all stores of an engine together.
pub struct wasmtime_pooling_allocation_config_t {
    pool: Pool,
}

fn change(config: Option<&mut wasmtime_pooling_allocation_config_t>, apply: impl FnOnce(&mut Pool)) {
    guard(|| config.map(|c| apply(&mut c.pool)).unwrap_or_default());
}

/// Default limits, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_new() -> Option<Box<wasmtime_pooling_allocation_config_t>> {
    guard(|| Some(Box::new(wasmtime_pooling_allocation_config_t { pool: Pool::default() })))
}

/// Frees it; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_delete(
    config: Option<Box<wasmtime_pooling_allocation_config_t>>,
) {
    guard(|| drop(config));
}

/// How many instances the engine's stores may hold together. Default 1,000.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_total_core_instances_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    change(config, |pool| pool.total_instances = u64::from(number));
}

/// How many memories the engine's stores may hold together. Default 1,000.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_total_memories_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    change(config, |pool| pool.total_memories = u64::from(number));
}

/// How many tables the engine's stores may hold together. Default 1,000.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_total_tables_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    change(config, |pool| pool.total_tables = u64::from(number));
}

/// How many memories an instance may define. Default 1.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_memories_per_module_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    change(config, |pool| pool.memories_per_module = u64::from(number));
}

/// How many tables an instance may define. Default 1.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_tables_per_module_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    change(config, |pool| pool.tables_per_module = u64::from(number));
}

/// Bytes that a memory may have. Default 4 GiB.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_memory_size_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    change(config, |pool| pool.memory_size = number as u64);
}

/// Elements that a table may have. Default 20,000.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_table_elements_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    change(config, |pool| pool.table_elements = number as u64);
}

/// How many unused places keep their last user's memory: there are no places, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_unused_warm_slots_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    let _ = (config, number);
}

/// How many places are given back at a time: there are no places, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_decommit_batch_size_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    let _ = (config, number);
}

/// Bytes of a used stack that stay committed: chosen by this library.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_async_stack_keep_resident_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    let _ = (config, number);
}

/// Bytes of a used memory that may stay committed, full of zeros, for the next one. All memories of the process together keep
/// 64 MiB at most. Default: as this library sees fit.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    change(config, |pool| pool.keep_resident = Some(number));
}

/// Bytes of a used table that stay committed: tables are freed, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_table_keep_resident_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    let _ = (config, number);
}

/// Bytes that an instance's own records may have; a module that needs more is refused. Default 1 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_core_instance_size_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    change(config, |pool| pool.instance_size = number as u64);
}

/// How many private stacks there may be: not limited, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_total_stacks_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    let _ = (config, number);
}

/// How many heaps of guest objects the engine's stores may hold together. Default 1,000.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_total_gc_heaps_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    change(config, |pool| pool.total_heaps = u64::from(number));
}

/// How many instances of components there may be: there are none, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_total_component_instances_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    let _ = (config, number);
}

/// Bytes of a component instance's records: there are none, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_component_instance_size_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: usize,
) {
    let _ = (config, number);
}

/// How many instances a component may have: there are none, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_core_instances_per_component_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    let _ = (config, number);
}

/// How many memories a component may have: there are none, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_memories_per_component_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    let _ = (config, number);
}

/// How many tables a component may have: there are none, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_config_max_tables_per_component_set(
    config: Option<&mut wasmtime_pooling_allocation_config_t>,
    number: u32,
) {
    let _ = (config, number);
}

/// Gives the engine these limits, which stay the caller's. Stores take of them what they make, and give it back
/// when they are deleted.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_pooling_allocation_strategy_set(
    config: Option<&mut wasm_config_t>,
    pooling: Option<&wasmtime_pooling_allocation_config_t>,
) {
    guard_some(|| {
        config?.config.pool = Some(pooling?.pool);
        Some(())
    });
}
