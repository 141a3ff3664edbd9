package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

func (l *Linker) c() *C.wasmtime_linker_t { return (*C.wasmtime_linker_t)(unsafe.Pointer(l)) }

// NewLinker returns an owned linker.
func NewLinker(e *Engine) *Linker {
	return (*Linker)(unsafe.Pointer(C.wasmtime_linker_new(e.c())))
}

// Delete frees the linker; instances keep what they need.
func (l *Linker) Delete() { C.wasmtime_linker_delete(l.c()) }

// AllowShadowing lets later definitions replace earlier ones.
func (l *Linker) AllowShadowing(allow bool) {
	C.wasmtime_linker_allow_shadowing(l.c(), C.bool(allow))
}

// Define names an item of a store.
func (l *Linker) Define(x *Context, module, name string, item *Extern) *Error {
	m, nm := text(module)
	s, ns := text(name)
	return err(C.wasmtime_linker_define(l.c(), x.c(), m, nm, s, ns, item.c()))
}

// DefineFunc names a host function that yields with id, for any store.
func (l *Linker) DefineFunc(module, name string, t *FuncType, id uint64) *Error {
	m, nm := text(module)
	s, ns := text(name)
	return err(C.tenon_linker_define_yield(l.c(), m, nm, s, ns, t.c(), C.uint64_t(id)))
}

// DefineInstance names all exports of an instance.
func (l *Linker) DefineInstance(x *Context, name string, i Instance) *Error {
	s, ns := text(name)
	return err(C.wasmtime_linker_define_instance(l.c(), x.c(), s, ns, i.c()))
}

// DefineWasi names the functions of WASI.
func (l *Linker) DefineWasi() *Error { return err(C.wasmtime_linker_define_wasi(l.c())) }

// DefineUnknownAsTraps makes missing functions trap when called.
func (l *Linker) DefineUnknownAsTraps(m *Module) *Error {
	return err(C.wasmtime_linker_define_unknown_imports_as_traps(l.c(), m.c()))
}

// DefineUnknownAsDefaults makes missing imports zeros.
func (l *Linker) DefineUnknownAsDefaults(x *Context, m *Module) *Error {
	return err(C.wasmtime_linker_define_unknown_imports_as_default_values(l.c(), x.c(), m.c()))
}

// Check looks whether a module's imports are defined and fit; the error is owned.
func (l *Linker) Check(m *Module) *Error {
	var pre *C.wasmtime_instance_pre_t
	if failure := C.wasmtime_linker_instantiate_pre(l.c(), m.c(), &pre); failure != nil {
		return err(failure)
	}
	C.wasmtime_instance_pre_delete(pre)
	return nil
}

// Get finds a definition.
func (l *Linker) Get(x *Context, module, name string) (Extern, bool) {
	var e Extern
	m, nm := text(module)
	s, ns := text(name)
	ok := C.wasmtime_linker_get(l.c(), x.c(), m, nm, s, ns, e.c())
	return e, bool(ok)
}

// GetDefault finds the function to run for a module name.
func (l *Linker) GetDefault(x *Context, name string) (Func, *Error) {
	var f Func
	s, ns := text(name)
	failure := C.wasmtime_linker_get_default(l.c(), x.c(), s, ns, f.c())
	return f, err(failure)
}
