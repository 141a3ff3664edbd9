package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

func (e *Engine) c() *C.wasm_engine_t { return (*C.wasm_engine_t)(unsafe.Pointer(e)) }

// NewEngine returns an owned engine. config is consumed, and may be nil for the defaults. The result is nil if the
// settings contradict each other.
func NewEngine(config *Config) *Engine {
	if config == nil {
		return (*Engine)(unsafe.Pointer(C.wasm_engine_new()))
	}
	return (*Engine)(unsafe.Pointer(C.wasm_engine_new_with_config(config.c())))
}

// Delete gives up this reference; stores, modules and linkers hold their own.
func (e *Engine) Delete() { C.wasm_engine_delete(e.c()) }

// IncrementEpoch advances the clock that epoch deadlines refer to. Safe from any thread.
func (e *Engine) IncrementEpoch() { C.wasmtime_engine_increment_epoch(e.c()) }

// IsPulley reports whether code is interpreted.
func (e *Engine) IsPulley() bool { return bool(C.wasmtime_engine_is_pulley(e.c())) }

// Wat2Wasm translates the text format; the error is owned.
func Wat2Wasm(wat string) ([]byte, *Error) {
	var out C.wasm_byte_vec_t
	p, n := text(wat)
	if e := C.wasmtime_wat2wasm(p, n, &out); e != nil {
		return nil, err(e)
	}
	return takeBytes(&out), nil
}
