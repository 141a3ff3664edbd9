package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

func (e *Error) c() *C.wasmtime_error_t { return (*C.wasmtime_error_t)(unsafe.Pointer(e)) }
func (t *Trap) c() *C.wasm_trap_t       { return (*C.wasm_trap_t)(unsafe.Pointer(t)) }

// Frame is one line of a guest's backtrace. Unknown offsets are all ones; unknown names are nil.
type Frame struct {
	FuncIndex    uint32
	FuncOffset   uint
	ModuleOffset uint
	FuncName     *string
	ModuleName   *string
}

// Delete frees the error.
func (e *Error) Delete() { C.wasmtime_error_delete(e.c()) }

// Message is the whole text.
func (e *Error) Message() string {
	var out C.wasm_byte_vec_t
	C.wasmtime_error_message(e.c(), &out)
	return takeText(&out)
}

// ExitStatus is the status of a guest that asked to exit.
func (e *Error) ExitStatus() (int32, bool) {
	var status C.int
	ok := C.wasmtime_error_exit_status(e.c(), &status)
	return int32(status), bool(ok)
}

// Frames is where the guest was, innermost first; often empty.
func (e *Error) Frames() []Frame {
	var vec C.wasm_frame_vec_t
	C.wasmtime_error_wasm_trace(e.c(), &vec)
	return takeFrames(&vec)
}

// NewTrap returns an owned trap with a text.
func NewTrap(message string) *Trap {
	p, n := text(message)
	return (*Trap)(unsafe.Pointer(C.wasmtime_trap_new(p, n)))
}

// NewTrapCode returns an owned trap with a code.
func NewTrapCode(code uint8) *Trap {
	return (*Trap)(unsafe.Pointer(C.wasmtime_trap_new_code(C.wasmtime_trap_code_t(code))))
}

// Delete frees the trap.
func (t *Trap) Delete() { C.wasm_trap_delete(t.c()) }

// DeleteTraps frees many.
func DeleteTraps(traps []*Trap) {
	if len(traps) > 0 {
		C.tenon_go_traps_delete((**C.wasm_trap_t)(unsafe.Pointer(&traps[0])), C.size_t(len(traps)))
	}
}

// Message is the whole text.
func (t *Trap) Message() string {
	var out C.wasm_byte_vec_t
	C.wasm_trap_message(t.c(), &out)
	return takeText(&out)
}

// Code is the trap code, if the trap has one.
func (t *Trap) Code() (uint8, bool) {
	var code C.wasmtime_trap_code_t
	ok := C.wasmtime_trap_code(t.c(), &code)
	return uint8(code), bool(ok)
}

// Frames is where the guest was, innermost first.
func (t *Trap) Frames() []Frame {
	var vec C.wasm_frame_vec_t
	C.wasm_trap_trace(t.c(), &vec)
	return takeFrames(&vec)
}

func takeFrames(vec *C.wasm_frame_vec_t) []Frame {
	defer C.wasm_frame_vec_delete(vec)
	frames := make([]Frame, 0, int(vec.size))
	for _, f := range elements(vec.size, &vec.data) {
		frames = append(frames, Frame{
			FuncIndex:    uint32(C.wasm_frame_func_index(f)),
			FuncOffset:   uint(C.wasm_frame_func_offset(f)),
			ModuleOffset: uint(C.wasm_frame_module_offset(f)),
			FuncName:     name(C.wasmtime_frame_func_name(f)),
			ModuleName:   name(C.wasmtime_frame_module_name(f)),
		})
	}
	return frames
}
