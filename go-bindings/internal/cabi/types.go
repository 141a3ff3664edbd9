package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

// Kind bytes of values in types (wasm.h).
const (
	TypeI32       = 0
	TypeI64       = 1
	TypeF32       = 2
	TypeF64       = 3
	TypeV128      = 4
	TypeExternref = 128
	TypeFuncref   = 129
)

// Kinds of ExternType (wasm.h), which differ from the kinds of Extern.
const (
	TypeOfFunc   = 0
	TypeOfGlobal = 1
	TypeOfTable  = 2
	TypeOfMemory = 3
)

// Signature is a function type as kind bytes.
type Signature struct {
	Params  []byte
	Results []byte
}

// ExternType is any extern type, flattened. Kind is one of the TypeOf constants or something newer.
type ExternType struct {
	Kind    uint8
	Content uint8
	Mutable bool
	HasMax  bool
	Is64    bool
	Shared  bool
	Min     uint64
	Max     uint64
	Func    Signature
}

func (t *FuncType) c() *C.wasm_functype_t { return (*C.wasm_functype_t)(unsafe.Pointer(t)) }

// NewFuncType returns an owned function type.
func NewFuncType(s Signature) *FuncType {
	p, np := data(s.Params)
	r, nr := data(s.Results)
	return (*FuncType)(unsafe.Pointer(C.tenon_go_functype(p, np, r, nr)))
}

// Delete frees the type.
func (t *FuncType) Delete() { C.wasm_functype_delete(t.c()) }

func readSignature(t *C.wasm_functype_t) Signature {
	np := int(C.wasm_functype_params(t).size)
	nr := int(C.wasm_functype_results(t).size)
	kinds := make([]byte, np+nr)
	if len(kinds) > 0 {
		C.tenon_go_functype_kinds(t, (*C.uint8_t)(&kinds[0]))
	}
	return Signature{Params: kinds[:np:np], Results: kinds[np:]}
}

func readExternType(t *C.wasm_externtype_t) ExternType {
	var flat C.tenon_go_externtype_t
	C.tenon_go_read_externtype(t, &flat)
	return flatten(&flat)
}

func flatten(flat *C.tenon_go_externtype_t) ExternType {
	t := ExternType{
		Kind:    uint8(flat.kind),
		Content: uint8(flat.content),
		Mutable: flat.is_mutable != 0,
		HasMax:  flat.has_max != 0,
		Is64:    flat.is64 != 0,
		Shared:  flat.shared != 0,
		Min:     uint64(flat.min),
		Max:     uint64(flat.max),
	}
	if flat._func != nil {
		t.Func = readSignature(flat._func)
	}
	return t
}

// memoryType builds an owned memory type; the error is owned.
func memoryType(t *ExternType) (*C.wasm_memorytype_t, *Error) {
	var out *C.wasm_memorytype_t
	e := C.wasmtime_memorytype_new(C.uint64_t(t.Min), C.bool(t.HasMax), C.uint64_t(t.Max), C.bool(t.Is64), C.bool(t.Shared), 16, &out)
	return out, err(e)
}

// tableType builds an owned table type.
func tableType(t *ExternType) *C.wasm_tabletype_t {
	return C.tenon_go_tabletype(C.uint8_t(t.Content), C.uint32_t(t.Min), C.bool(t.HasMax), C.uint32_t(t.Max))
}
