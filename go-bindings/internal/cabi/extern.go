package cabi

/*
#include "glue.h"

#cgo noescape tenon_func_new_yield
#cgo noescape wasmtime_func_to_raw
#cgo noescape tenon_go_func_from_raw
#cgo noescape wasmtime_instance_export_get
#cgo noescape wasmtime_memory_data
#cgo noescape wasmtime_memory_data_size
#cgo noescape wasmtime_memory_size
#cgo noescape wasmtime_memory_grow
#cgo noescape wasmtime_table_size
#cgo noescape tenon_go_table_get
#cgo noescape tenon_go_table_set
#cgo noescape tenon_go_table_grow
#cgo noescape tenon_go_global_get
#cgo noescape tenon_go_global_set

_Static_assert(sizeof(wasmtime_extern_t) == 32 && offsetof(wasmtime_extern_t, of) == 8, "Extern");
_Static_assert(sizeof(wasmtime_func_t) == 16, "Func");
_Static_assert(sizeof(wasmtime_instance_t) == 16, "Instance");
_Static_assert(sizeof(wasmtime_memory_t) == 24 && sizeof(wasmtime_table_t) == 24 && sizeof(wasmtime_global_t) == 24, "Object");
_Static_assert(sizeof(wasmtime_val_raw_t) == 16, "Slot");
_Static_assert(sizeof(tenon_go_val_t) == 24, "Val");
*/
import "C"

import "unsafe"

// Kinds of Extern.
const (
	ExternFunc         = 0
	ExternGlobal       = 1
	ExternTable        = 2
	ExternMemory       = 3
	ExternSharedMemory = 4
	ExternTag          = 5
)

// Func names a function of a store. The library's handles are plain words, here too; StoreID 0 is no function.
type Func struct {
	StoreID uint64
	Ref     uint64
}

// Instance names an instance of a store.
type Instance struct {
	StoreID uint64
	ID      uint64
}

// Object names a memory, table or global of a store.
type Object [3]uint64

// Extern is any of these with its kind.
type Extern struct {
	Kind uint8
	_    [7]byte
	Of   Object
}

// FuncExtern wraps a function.
func FuncExtern(f Func) Extern {
	return Extern{Kind: ExternFunc, Of: Object{f.StoreID, f.Ref}}
}

// Func is the function in an Extern of that kind.
func (e *Extern) Func() Func { return Func{StoreID: e.Of[0], Ref: e.Of[1]} }

// Kinds of Val (wasmtime/val.h).
const (
	ValI32       = 0
	ValI64       = 1
	ValF32       = 2
	ValF64       = 3
	ValV128      = 4
	ValFuncref   = 5
	ValExternref = 6
)

// Val is a value: numbers as bits in A (and B for v128), funcref as the words of Func, externref as its handle
// in A, 0 being null.
type Val struct {
	Kind uint64
	A    uint64
	B    uint64
}

func (f *Func) c() *C.wasmtime_func_t         { return (*C.wasmtime_func_t)(unsafe.Pointer(f)) }
func (i *Instance) c() *C.wasmtime_instance_t { return (*C.wasmtime_instance_t)(unsafe.Pointer(i)) }
func (o *Object) memory() *C.wasmtime_memory_t {
	return (*C.wasmtime_memory_t)(unsafe.Pointer(o))
}
func (o *Object) table() *C.wasmtime_table_t   { return (*C.wasmtime_table_t)(unsafe.Pointer(o)) }
func (o *Object) global() *C.wasmtime_global_t { return (*C.wasmtime_global_t)(unsafe.Pointer(o)) }
func (e *Extern) c() *C.wasmtime_extern_t      { return (*C.wasmtime_extern_t)(unsafe.Pointer(e)) }
func (v *Val) c() *C.tenon_go_val_t            { return (*C.tenon_go_val_t)(unsafe.Pointer(v)) }
func (q *Queue) c() *C.tenon_go_queue_t        { return (*C.tenon_go_queue_t)(q) }

// NewFunc makes a host function that yields with id.
func NewFunc(x *Context, t *FuncType, id uint64) Func {
	var f Func
	C.tenon_func_new_yield(x.c(), t.c(), C.uint64_t(id), f.c())
	return f
}

// FuncSignature is the function's type.
func FuncSignature(x *Context, f Func) Signature {
	t := C.wasmtime_func_type(x.c(), f.c())
	defer C.wasm_functype_delete(t)
	return readSignature(t)
}

// FuncIsBrief says whether every call of f is over soon and waits for nothing.
func FuncIsBrief(x *Context, f Func) bool { return bool(C.tenon_func_is_brief(x.c(), f.c())) }

// FuncToRaw is the word that stands for f in a slot.
func FuncToRaw(x *Context, f Func) uint64 {
	if f.StoreID == 0 {
		return 0
	}
	return uint64(uintptr(C.wasmtime_func_to_raw(x.c(), f.c())))
}

// FuncFromRaw is the function behind such a word.
func FuncFromRaw(x *Context, raw uint64) Func {
	var f Func
	if raw != 0 {
		C.tenon_go_func_from_raw(x.c(), C.uint64_t(raw), f.c())
	}
	return f
}

// ReadExternType is the type of any extern.
func ReadExternType(x *Context, e *Extern) ExternType {
	t := C.wasmtime_extern_type(x.c(), e.c())
	defer C.wasm_externtype_delete(t)
	return readExternType(t)
}

// Export finds an export by name.
func (i Instance) Export(x *Context, name string) (Extern, bool) {
	var e Extern
	p, n := text(name)
	ok := C.wasmtime_instance_export_get(x.c(), i.c(), p, n, e.c())
	return e, bool(ok)
}

// ExportAt is export number n of the module's order.
func (i Instance) ExportAt(x *Context, n int) (Extern, bool) {
	var e Extern
	var text *C.char
	var size C.size_t
	ok := C.wasmtime_instance_export_nth(x.c(), i.c(), C.size_t(n), &text, &size, e.c())
	return e, bool(ok)
}

// NewMemory makes a memory; the error is owned.
func NewMemory(x *Context, t *ExternType) (Object, *Error) {
	var o Object
	ty, failure := memoryType(t)
	if failure != nil {
		return o, failure
	}
	defer C.wasm_memorytype_delete(ty)
	return o, err(C.wasmtime_memory_new(x.c(), ty, o.memory()))
}

// MemoryData is where the memory lies and its size in bytes.
func MemoryData(x *Context, m *Object) (unsafe.Pointer, uint64) {
	size := uint64(C.wasmtime_memory_data_size(x.c(), m.memory()))
	if size == 0 {
		return nil, 0
	}
	return unsafe.Pointer(C.wasmtime_memory_data(x.c(), m.memory())), size
}

// MemoryBytes is the size in bytes.
func MemoryBytes(x *Context, m *Object) uint64 {
	return uint64(C.wasmtime_memory_data_size(x.c(), m.memory()))
}

// MemoryPages is the size in pages.
func MemoryPages(x *Context, m *Object) uint64 {
	return uint64(C.wasmtime_memory_size(x.c(), m.memory()))
}

// MemoryGrow adds pages and returns the old number of pages.
func MemoryGrow(x *Context, m *Object, delta uint64) (uint64, *Error) {
	var previous C.uint64_t
	failure := C.wasmtime_memory_grow(x.c(), m.memory(), C.uint64_t(delta), &previous)
	return uint64(previous), err(failure)
}

// NewTable makes a table filled with init.
func NewTable(x *Context, q *Queue, t *ExternType, init *Val) (Object, *Error) {
	var o Object
	ty := tableType(t)
	defer C.wasm_tabletype_delete(ty)
	return o, err(C.tenon_go_table_new(x.c(), q.c(), ty, init.c(), o.table()))
}

// TableSize is the number of elements.
func TableSize(x *Context, t *Object) uint64 { return uint64(C.wasmtime_table_size(x.c(), t.table())) }

// TableGet reads an element; false out of bounds.
func TableGet(x *Context, t *Object, i uint64) (Val, bool) {
	var v Val
	ok := C.tenon_go_table_get(x.c(), t.table(), C.uint64_t(i), v.c())
	return v, bool(ok)
}

// TableSet writes an element.
func TableSet(x *Context, q *Queue, t *Object, i uint64, v *Val) *Error {
	return err(C.tenon_go_table_set(x.c(), q.c(), t.table(), C.uint64_t(i), v.c()))
}

// TableGrow adds elements and returns the old number.
func TableGrow(x *Context, q *Queue, t *Object, delta uint64, init *Val) (uint64, *Error) {
	var previous C.uint64_t
	failure := C.tenon_go_table_grow(x.c(), q.c(), t.table(), C.uint64_t(delta), init.c(), &previous)
	return uint64(previous), err(failure)
}

// NewGlobal makes a global with a value.
func NewGlobal(x *Context, q *Queue, t *ExternType, v *Val) (Object, *Error) {
	var o Object
	ty := C.tenon_go_globaltype(C.uint8_t(t.Content), C.bool(t.Mutable))
	defer C.wasm_globaltype_delete(ty)
	return o, err(C.tenon_go_global_new(x.c(), q.c(), ty, v.c(), o.global()))
}

// GlobalGet reads a global.
func GlobalGet(x *Context, g *Object) Val {
	var v Val
	C.tenon_go_global_get(x.c(), g.global(), v.c())
	return v
}

// GlobalSet writes a global.
func GlobalSet(x *Context, q *Queue, g *Object, v *Val) *Error {
	return err(C.tenon_go_global_set(x.c(), q.c(), g.global(), v.c()))
}
