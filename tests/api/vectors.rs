//! Vectors of every kind, and settings one by one: families whose members differ in their names only.

use crate::names::*;
use crate::world::*;
use std::ptr::null_mut;

/// Empty, uninitialised, copied, and filled with what `make` makes; deleted each time.
macro_rules! vector {
    ($w:ident, $make:expr, $empty:ident, $blank:ident, $new:ident, $copy:ident, $delete:ident) => {{
        let (mut one, mut two) = (Vector::default(), Vector::default());
        $empty(&mut one);
        $w.check(one.size == 0, || concat!(stringify!($empty), ": not empty").into());
        $copy(&mut two, &one);
        $delete(&mut one);
        $delete(&mut two);
        $blank(&mut one, 3);
        $w.check(one.size == 3, || concat!(stringify!($blank), ": size").into());
        $copy(&mut two, &one);
        $w.check(two.size == 3, || concat!(stringify!($copy), ": size").into());
        $delete(&mut one);
        $delete(&mut two);
        let mut items = [$make, $make];
        $new(&mut one, 2, items.as_mut_ptr());
        $copy(&mut two, &one);
        $delete(&mut one);
        $w.check(two.size == 2 && one.size == 0, || concat!(stringify!($new), ": size").into());
        $delete(&mut two);
        $delete(null_mut());
    }};
}

pub fn vectors(w: W) -> Option<()> {
    let limits = Limits { min: 1, max: 2 };
    match w.below(8) {
        0 => vector!(w, valtype(I32), wasm_valtype_vec_new_empty, wasm_valtype_vec_new_uninitialized, wasm_valtype_vec_new, wasm_valtype_vec_copy, wasm_valtype_vec_delete),
        1 => vector!(w, functype(&[I32], &[]), wasm_functype_vec_new_empty, wasm_functype_vec_new_uninitialized, wasm_functype_vec_new, wasm_functype_vec_copy, wasm_functype_vec_delete),
        2 => vector!(w, wasm_globaltype_new(valtype(I64), 0), wasm_globaltype_vec_new_empty, wasm_globaltype_vec_new_uninitialized, wasm_globaltype_vec_new, wasm_globaltype_vec_copy, wasm_globaltype_vec_delete),
        3 => vector!(w, wasm_tabletype_new(valtype(FUNCREF), &limits), wasm_tabletype_vec_new_empty, wasm_tabletype_vec_new_uninitialized, wasm_tabletype_vec_new, wasm_tabletype_vec_copy, wasm_tabletype_vec_delete),
        4 => vector!(w, wasm_memorytype_new(&limits), wasm_memorytype_vec_new_empty, wasm_memorytype_vec_new_uninitialized, wasm_memorytype_vec_new, wasm_memorytype_vec_copy, wasm_memorytype_vec_delete),
        5 => vector!(w, wasm_tagtype_new(functype(&[], &[])), wasm_tagtype_vec_new_empty, wasm_tagtype_vec_new_uninitialized, wasm_tagtype_vec_new, wasm_tagtype_vec_copy, wasm_tagtype_vec_delete),
        6 => vector!(w, wasm_functype_as_externtype(functype(&[], &[])), wasm_externtype_vec_new_empty, wasm_externtype_vec_new_uninitialized, wasm_externtype_vec_new, wasm_externtype_vec_copy, wasm_externtype_vec_delete),
        _ => vector!(w, export(), wasm_exporttype_vec_new_empty, wasm_exporttype_vec_new_uninitialized, wasm_exporttype_vec_new, wasm_exporttype_vec_copy, wasm_exporttype_vec_delete),
    }
    Some(())
}

fn export() -> P {
    let mut name = Vector::default();
    wasm_byte_vec_new_uninitialized(&mut name, 1);
    wasm_exporttype_new(&mut name, wasm_functype_as_externtype(functype(&[], &[])))
}

/// What every object of `wasm.h` can do: be the same, carry the host's pointer, be a reference and come back from that.
macro_rules! object {
    ($name:ident, $same:ident, $get:ident, $set:ident, $with:ident, $as:ident, $as_const:ident, $from:ident, $from_const:ident) => {
        pub fn $name(w: W, it: P) {
            w.check($same(it, it), || concat!(stringify!($same), ": not itself").into());
            let (first, second) = (w.token(Does::Nothing), w.token(Does::Nothing));
            $with(it, first, Some(finalize));
            w.check($get(it) == first, || concat!(stringify!($get), ": another").into());
            $with(it, second, Some(finalize));
            w.check($get(it) == second, || concat!(stringify!($get), ": another").into());
            if w.one_in(4) {
                $set(it, null_mut());
                w.check($get(it).is_null(), || concat!(stringify!($set), ": still there").into());
            }
            w.check($from($as(it)) == it && $from_const($as_const(it)) == it, || concat!(stringify!($as), ": another").into());
        }
    };
}

object!(func, wasm_func_same, wasm_func_get_host_info, wasm_func_set_host_info, wasm_func_set_host_info_with_finalizer, wasm_func_as_ref, wasm_func_as_ref_const, wasm_ref_as_func, wasm_ref_as_func_const);
object!(global, wasm_global_same, wasm_global_get_host_info, wasm_global_set_host_info, wasm_global_set_host_info_with_finalizer, wasm_global_as_ref, wasm_global_as_ref_const, wasm_ref_as_global, wasm_ref_as_global_const);
object!(table, wasm_table_same, wasm_table_get_host_info, wasm_table_set_host_info, wasm_table_set_host_info_with_finalizer, wasm_table_as_ref, wasm_table_as_ref_const, wasm_ref_as_table, wasm_ref_as_table_const);
object!(memory, wasm_memory_same, wasm_memory_get_host_info, wasm_memory_set_host_info, wasm_memory_set_host_info_with_finalizer, wasm_memory_as_ref, wasm_memory_as_ref_const, wasm_ref_as_memory, wasm_ref_as_memory_const);
object!(instance, wasm_instance_same, wasm_instance_get_host_info, wasm_instance_set_host_info, wasm_instance_set_host_info_with_finalizer, wasm_instance_as_ref, wasm_instance_as_ref_const, wasm_ref_as_instance, wasm_ref_as_instance_const);
object!(foreign, wasm_foreign_same, wasm_foreign_get_host_info, wasm_foreign_set_host_info, wasm_foreign_set_host_info_with_finalizer, wasm_foreign_as_ref, wasm_foreign_as_ref_const, wasm_ref_as_foreign, wasm_ref_as_foreign_const);
object!(module, wasm_module_same, wasm_module_get_host_info, wasm_module_set_host_info, wasm_module_set_host_info_with_finalizer, wasm_module_as_ref, wasm_module_as_ref_const, wasm_ref_as_module, wasm_ref_as_module_const);
object!(trap, wasm_trap_same, wasm_trap_get_host_info, wasm_trap_set_host_info, wasm_trap_set_host_info_with_finalizer, wasm_trap_as_ref, wasm_trap_as_ref_const, wasm_ref_as_trap, wasm_ref_as_trap_const);

/// Calls these with random numbers: no setting alone may do harm.
macro_rules! setters {
    ($w:ident, $it:ident, $as:ty, $($setter:ident)*) => {$(
        if $w.one_in(6) {
            $setter($it, (1 + $w.below(20)) as $as);
        }
    )*};
}

macro_rules! switches {
    ($w:ident, $it:ident, $($setter:ident)*) => {$(
        if $w.one_in(8) {
            $setter($it, $w.one_in(2));
        }
    )*};
}

/// A pool's settings.
pub fn pool(w: W) -> P {
    let pool = wasmtime_pooling_allocation_config_new();
    setters!(w, pool, u32, wasmtime_pooling_allocation_config_total_core_instances_set wasmtime_pooling_allocation_config_total_memories_set
        wasmtime_pooling_allocation_config_total_tables_set wasmtime_pooling_allocation_config_max_memories_per_module_set
        wasmtime_pooling_allocation_config_max_tables_per_module_set wasmtime_pooling_allocation_config_max_unused_warm_slots_set
        wasmtime_pooling_allocation_config_total_stacks_set wasmtime_pooling_allocation_config_total_gc_heaps_set);
    setters!(w, pool, usize, wasmtime_pooling_allocation_config_max_memory_size_set wasmtime_pooling_allocation_config_table_elements_set
        wasmtime_pooling_allocation_config_decommit_batch_size_set wasmtime_pooling_allocation_config_async_stack_keep_resident_set
        wasmtime_pooling_allocation_config_linear_memory_keep_resident_set wasmtime_pooling_allocation_config_table_keep_resident_set
        wasmtime_pooling_allocation_config_max_core_instance_size_set);
    pool
}

/// Some settings of a configuration.
pub fn settings(w: W, it: P) {
    switches!(w, it, wasmtime_config_debug_info_set wasmtime_config_consume_fuel_set wasmtime_config_epoch_interruption_set
        wasmtime_config_wasm_threads_set wasmtime_config_wasm_tail_call_set wasmtime_config_wasm_reference_types_set
        wasmtime_config_wasm_function_references_set wasmtime_config_wasm_gc_set wasmtime_config_wasm_simd_set
        wasmtime_config_wasm_relaxed_simd_set wasmtime_config_wasm_bulk_memory_set wasmtime_config_wasm_multi_value_set
        wasmtime_config_wasm_multi_memory_set wasmtime_config_wasm_memory64_set wasmtime_config_wasm_wide_arithmetic_set
        wasmtime_config_wasm_exceptions_set wasmtime_config_wasm_custom_page_sizes_set wasmtime_config_wasm_stack_switching_set
        wasmtime_config_wasm_relaxed_simd_deterministic_set wasmtime_config_wasm_branch_hinting_set
        wasmtime_config_wasm_compact_imports_set wasmtime_config_shared_memory_set wasmtime_config_gc_support_set
        wasmtime_config_parallel_compilation_set wasmtime_config_cranelift_debug_verifier_set
        wasmtime_config_cranelift_nan_canonicalization_set wasmtime_config_memory_may_move_set
        wasmtime_config_native_unwind_info_set wasmtime_config_memory_init_cow_set wasmtime_config_signals_based_traps_set
        wasmtime_config_macos_use_mach_ports_set wasmtime_config_concurrency_support_set wasmtime_config_async_support_set
        wasmtime_config_static_memory_forced_set tenon_config_interruptible_set);
    setters!(w, it, u64, wasmtime_config_memory_reservation_set wasmtime_config_memory_guard_size_set
        wasmtime_config_memory_reservation_for_growth_set wasmtime_config_static_memory_maximum_size_set
        wasmtime_config_static_memory_guard_size_set wasmtime_config_dynamic_memory_guard_size_set
        wasmtime_config_dynamic_memory_reserved_for_growth_set);
    setters!(w, it, usize, wasmtime_config_max_wasm_stack_set wasmtime_config_async_stack_size_set);
    setters!(w, it, u8, wasmtime_config_strategy_set wasmtime_config_cranelift_opt_level_set
        wasmtime_config_cranelift_regalloc_algorithm_set);
    if w.one_in(4) {
        let pool = pool(w);
        wasmtime_pooling_allocation_strategy_set(it, pool);
        wasmtime_pooling_allocation_config_delete(pool);
    }
    if w.one_in(4) {
        let mut limits = [0u64; 16];
        tenon_module_limits_init(limits.as_mut_ptr());
        limits[0] = 60;
        tenon_config_module_limits_set(it, limits.as_ptr());
    }
    if w.one_in(4) {
        error_text(wasmtime_config_target_set(it, c"x86_64-unknown-linux-gnu".as_ptr().cast()));
        wasmtime_config_cranelift_flag_set(it, c"opt_level".as_ptr().cast(), c"nothing".as_ptr().cast());
        wasmtime_config_cranelift_flag_enable(it, c"no_such_flag".as_ptr().cast());
    }
}

/// An engine of random settings, refused or not, and a module in it.
pub fn engine(w: W) -> Option<()> {
    let config = wasm_config_new();
    settings(w, config);
    let engine = wasm_engine_new_with_config(config);
    if engine.is_null() {
        return Some(());
    }
    let text = crate::guests::binary([crate::guests::CALLING, crate::guests::STOPPING][w.below(2)]);
    let mut module = null_mut();
    let error = wasmtime_module_new(engine, text.as_ptr(), text.len(), &mut module);
    if error_text(error).is_none() {
        let store = wasmtime_store_new(engine, null_mut(), None);
        let (mut instance, mut trap) = (Instance::default(), null_mut());
        let error = wasmtime_instance_new(wasmtime_store_context(store), module, std::ptr::null(), 0, &mut instance, &mut trap);
        error_text(error);
        trap_code(trap);
        wasmtime_module_delete(module);
        wasmtime_store_delete(store);
    }
    wasm_engine_delete(engine);
    Some(())
}
