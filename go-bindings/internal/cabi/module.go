package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

func (m *Module) c() *C.wasmtime_module_t { return (*C.wasmtime_module_t)(unsafe.Pointer(m)) }

// NewModule compiles a binary; module and error are owned.
func NewModule(e *Engine, wasm []byte) (*Module, *Error) {
	var out *C.wasmtime_module_t
	p, n := data(wasm)
	if e := C.wasmtime_module_new(e.c(), p, n, &out); e != nil {
		return nil, err(e)
	}
	return (*Module)(unsafe.Pointer(out)), nil
}

// ValidateModule checks a binary without compiling it; the error is owned.
func ValidateModule(e *Engine, wasm []byte) *Error {
	p, n := data(wasm)
	return err(C.wasmtime_module_validate(e.c(), p, n))
}

// DeserializeModule loads an image that Serialize made.
func DeserializeModule(e *Engine, image []byte) (*Module, *Error) {
	var out *C.wasmtime_module_t
	p, n := data(image)
	if e := C.wasmtime_module_deserialize(e.c(), p, n, &out); e != nil {
		return nil, err(e)
	}
	return (*Module)(unsafe.Pointer(out)), nil
}

// DeserializeModuleFile is DeserializeModule from a file, which is mapped.
func DeserializeModuleFile(e *Engine, path string) (*Module, *Error) {
	s := C.CString(path)
	defer C.free(unsafe.Pointer(s))
	var out *C.wasmtime_module_t
	if e := C.wasmtime_module_deserialize_file(e.c(), s, &out); e != nil {
		return nil, err(e)
	}
	return (*Module)(unsafe.Pointer(out)), nil
}

// Delete gives up this reference; instances keep what they need.
func (m *Module) Delete() { C.wasmtime_module_delete(m.c()) }

// Serialize returns the compiled image; the error is owned.
func (m *Module) Serialize() ([]byte, *Error) {
	var out C.wasm_byte_vec_t
	if e := C.wasmtime_module_serialize(m.c(), &out); e != nil {
		return nil, err(e)
	}
	return takeBytes(&out), nil
}

// Import is one import or, with Module empty, one export of a module.
type Import struct {
	Module string
	Name   string
	Type   ExternType
}

// Imports lists what the module needs, in its order.
func (m *Module) Imports() []Import {
	var vec C.wasm_importtype_vec_t
	C.wasmtime_module_imports(m.c(), &vec)
	defer C.wasm_importtype_vec_delete(&vec)
	list := make([]Import, 0, int(vec.size))
	for _, t := range elements(vec.size, &vec.data) {
		list = append(list, Import{
			Module: *name(C.wasm_importtype_module(t)),
			Name:   *name(C.wasm_importtype_name(t)),
			Type:   readExternType(C.wasm_importtype_type(t)),
		})
	}
	return list
}

// Exports lists what the module offers, in its order.
func (m *Module) Exports() []Import {
	var vec C.wasm_exporttype_vec_t
	C.wasmtime_module_exports(m.c(), &vec)
	defer C.wasm_exporttype_vec_delete(&vec)
	list := make([]Import, 0, int(vec.size))
	for _, t := range elements(vec.size, &vec.data) {
		list = append(list, Import{
			Name: *name(C.wasm_exporttype_name(t)),
			Type: readExternType(C.wasm_exporttype_type(t)),
		})
	}
	return list
}
