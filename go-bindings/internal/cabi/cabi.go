// Package cabi is the only door to libtenon: no other package of this module imports "C".
//
// It translates, and decides nothing. Handles are pointers to opaque Go types (the memory behind them is C's), and
// every function says who owns what. Nothing here checks for use after free or from two goroutines at once;
// that is the business of internal/life and of the callers.
//
// No C code ever calls into Go: host functions are yields (see [Exec]) and finalizers push to a queue (see
// [Queue]).
package cabi

/*
#cgo CFLAGS: -I${SRCDIR}/../../../include
#include "glue.h"
*/
import "C"

import (
	"strings"
	"unsafe"
)

// Opaque objects of the library. They are only ever used behind pointers.
type (
	Config     struct{ _ byte }
	Engine     struct{ _ byte }
	Error      struct{ _ byte }
	FuncType   struct{ _ byte }
	Linker     struct{ _ byte }
	Module     struct{ _ byte }
	Context    struct{ _ byte }
	Trap       struct{ _ byte }
	WasiConfig struct{ _ byte }
)

func text(s string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(s))), C.size_t(len(s))
}

func data(b []byte) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b))
}

// elements is the content of a vector. The data pointer of an empty vector may be a small number that Go's stack
// copier refuses to see in a pointer, so it is only loaded when there is something behind it.
func elements[T any](size C.size_t, data **T) []T {
	if size == 0 {
		return nil
	}
	return unsafe.Slice(*data, int(size))
}

// name copies a borrowed name; nil gives nil.
func name(n *C.wasm_name_t) *string {
	if n == nil {
		return nil
	}
	s := string(bytesOf(n))
	return &s
}

func bytesOf(v *C.wasm_byte_vec_t) []byte {
	if v.size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(v.data)), int(v.size))
}

// takeBytes copies an owned vector and frees it.
func takeBytes(v *C.wasm_byte_vec_t) []byte {
	b := append([]byte{}, bytesOf(v)...)
	C.wasm_byte_vec_delete(v)
	return b
}

// takeText is takeBytes for texts, without the NUL that some messages end in.
func takeText(v *C.wasm_byte_vec_t) string {
	s := string(bytesOf(v))
	C.wasm_byte_vec_delete(v)
	return strings.TrimSuffix(s, "\x00")
}

func err(e *C.wasmtime_error_t) *Error { return (*Error)(unsafe.Pointer(e)) }
