package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

func (c *Config) c() *C.wasm_config_t { return (*C.wasm_config_t)(unsafe.Pointer(c)) }

// NewConfig returns an owned configuration.
func NewConfig() *Config { return (*Config)(unsafe.Pointer(C.wasm_config_new())) }

// Delete frees the configuration.
func (c *Config) Delete() { C.wasm_config_delete(c.c()) }

// Switch is a setting that is on or off.
type Switch uint8

// The switches of a configuration.
const (
	DebugInfo Switch = iota
	ConsumeFuel
	EpochInterruption
	WasmThreads
	WasmReferenceTypes
	WasmSIMD
	WasmRelaxedSIMD
	WasmRelaxedSIMDDeterministic
	WasmBulkMemory
	WasmMultiValue
	WasmMultiMemory
	WasmMemory64
	WasmTailCall
	WasmFunctionReferences
	WasmGC
	WasmWideArithmetic
	CraneliftDebugVerifier
	CraneliftNanCanonicalization
	GCSupport
	MacOSMachPorts
	MemoryInitCOW
	NativeUnwindInfo
	ParallelCompilation
	Interruptible
)

// Set turns a switch on or off.
func (c *Config) Set(s Switch, on bool) {
	p, v := c.c(), C.bool(on)
	switch s {
	case DebugInfo:
		C.wasmtime_config_debug_info_set(p, v)
	case ConsumeFuel:
		C.wasmtime_config_consume_fuel_set(p, v)
	case EpochInterruption:
		C.wasmtime_config_epoch_interruption_set(p, v)
	case WasmThreads:
		C.wasmtime_config_wasm_threads_set(p, v)
	case WasmReferenceTypes:
		C.wasmtime_config_wasm_reference_types_set(p, v)
	case WasmSIMD:
		C.wasmtime_config_wasm_simd_set(p, v)
	case WasmRelaxedSIMD:
		C.wasmtime_config_wasm_relaxed_simd_set(p, v)
	case WasmRelaxedSIMDDeterministic:
		C.wasmtime_config_wasm_relaxed_simd_deterministic_set(p, v)
	case WasmBulkMemory:
		C.wasmtime_config_wasm_bulk_memory_set(p, v)
	case WasmMultiValue:
		C.wasmtime_config_wasm_multi_value_set(p, v)
	case WasmMultiMemory:
		C.wasmtime_config_wasm_multi_memory_set(p, v)
	case WasmMemory64:
		C.wasmtime_config_wasm_memory64_set(p, v)
	case WasmTailCall:
		C.wasmtime_config_wasm_tail_call_set(p, v)
	case WasmFunctionReferences:
		C.wasmtime_config_wasm_function_references_set(p, v)
	case WasmGC:
		C.wasmtime_config_wasm_gc_set(p, v)
	case WasmWideArithmetic:
		C.wasmtime_config_wasm_wide_arithmetic_set(p, v)
	case CraneliftDebugVerifier:
		C.wasmtime_config_cranelift_debug_verifier_set(p, v)
	case CraneliftNanCanonicalization:
		C.wasmtime_config_cranelift_nan_canonicalization_set(p, v)
	case GCSupport:
		C.wasmtime_config_gc_support_set(p, v)
	case MacOSMachPorts:
		C.wasmtime_config_macos_use_mach_ports_set(p, v)
	case MemoryInitCOW:
		C.wasmtime_config_memory_init_cow_set(p, v)
	case NativeUnwindInfo:
		C.wasmtime_config_native_unwind_info_set(p, v)
	case ParallelCompilation:
		C.wasmtime_config_parallel_compilation_set(p, v)
	case Interruptible:
		C.tenon_config_interruptible_set(p, v)
	}
}

// SetStrategy chooses the compiler.
func (c *Config) SetStrategy(s uint8) {
	C.wasmtime_config_strategy_set(c.c(), C.wasmtime_strategy_t(s))
}

// SetOptLevel chooses how hard the compiler tries.
func (c *Config) SetOptLevel(l uint8) {
	C.wasmtime_config_cranelift_opt_level_set(c.c(), C.wasmtime_opt_level_t(l))
}

// SetProfiler chooses the profiler to tell about generated code.
func (c *Config) SetProfiler(p uint8) {
	C.wasmtime_config_profiler_set(c.c(), C.wasmtime_profiling_strategy_t(p))
}

// SetMaxWasmStack bounds the guest's stack, in bytes.
func (c *Config) SetMaxWasmStack(size uint) {
	C.wasmtime_config_max_wasm_stack_set(c.c(), C.size_t(size))
}

// EnableCraneliftFlag turns a code generator flag on.
func (c *Config) EnableCraneliftFlag(flag string) {
	s := C.CString(flag)
	defer C.free(unsafe.Pointer(s))
	C.wasmtime_config_cranelift_flag_enable(c.c(), s)
}

// SetCraneliftFlag gives a code generator setting a value.
func (c *Config) SetCraneliftFlag(key, value string) {
	k, v := C.CString(key), C.CString(value)
	defer C.free(unsafe.Pointer(k))
	defer C.free(unsafe.Pointer(v))
	C.wasmtime_config_cranelift_flag_set(c.c(), k, v)
}

// SetTarget names the CPU and system to compile for; the error is owned.
func (c *Config) SetTarget(target string) *Error {
	s := C.CString(target)
	defer C.free(unsafe.Pointer(s))
	return err(C.wasmtime_config_target_set(c.c(), s))
}

// LoadCache reads the compilation cache's configuration, from the default place if path is nil.
func (c *Config) LoadCache(path *string) *Error {
	if path == nil {
		return err(C.wasmtime_config_cache_config_load(c.c(), nil))
	}
	s := C.CString(*path)
	defer C.free(unsafe.Pointer(s))
	return err(C.wasmtime_config_cache_config_load(c.c(), s))
}
