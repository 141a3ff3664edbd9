package cabi

/*
#include "glue.h"
*/
import "C"

import "unsafe"

func (w *WasiConfig) c() *C.wasi_config_t { return (*C.wasi_config_t)(unsafe.Pointer(w)) }

// NewWasiConfig returns an owned WASI configuration.
func NewWasiConfig() *WasiConfig { return (*WasiConfig)(unsafe.Pointer(C.wasi_config_new())) }

// Delete frees the configuration.
func (w *WasiConfig) Delete() { C.wasi_config_delete(w.c()) }

// cStrings is a C array of C strings, to be freed by the function returned.
func cStrings(list []string) (**C.char, func()) {
	if len(list) == 0 {
		return nil, func() {}
	}
	array := (**C.char)(C.malloc(C.size_t(len(list)) * C.size_t(unsafe.Sizeof(uintptr(0)))))
	items := unsafe.Slice(array, len(list))
	for i, s := range list {
		items[i] = C.CString(s)
	}
	return array, func() {
		for _, item := range items {
			C.free(unsafe.Pointer(item))
		}
		C.free(unsafe.Pointer(array))
	}
}

// SetArgv sets the arguments, the program's name first.
func (w *WasiConfig) SetArgv(argv []string) bool {
	list, free := cStrings(argv)
	defer free()
	return bool(C.wasi_config_set_argv(w.c(), C.size_t(len(argv)), list))
}

// SetEnv sets the environment; the slices have the same length.
func (w *WasiConfig) SetEnv(names, values []string) bool {
	n, freeNames := cStrings(names)
	defer freeNames()
	v, freeValues := cStrings(values)
	defer freeValues()
	return bool(C.wasi_config_set_env(w.c(), C.size_t(len(names)), n, v))
}

// Stream is one of the standard streams.
type Stream uint8

// The standard streams.
const (
	Stdin Stream = iota
	Stdout
	Stderr
)

// SetFile connects a stream to a file of the host.
func (w *WasiConfig) SetFile(s Stream, path string) bool {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	switch s {
	case Stdin:
		return bool(C.wasi_config_set_stdin_file(w.c(), p))
	case Stdout:
		return bool(C.wasi_config_set_stdout_file(w.c(), p))
	default:
		return bool(C.wasi_config_set_stderr_file(w.c(), p))
	}
}

// SetStdin gives guests these bytes to read.
func (w *WasiConfig) SetStdin(b []byte) {
	p, n := data(b)
	C.tenon_go_wasi_input(w.c(), p, n)
}

// Output is what a guest writes to a stream and Go has not taken yet.
type Output C.tenon_go_stream_t

// SetOutput makes guests write to a new Output, which Go releases too. A byte is written to the file descriptor, which is
// consumed, when there is something to take; it is closed with the guest's end. nil without memory.
func (w *WasiConfig) SetOutput(s Stream, announce int) *Output {
	o := C.tenon_go_stream_new(C.int(announce))
	if o != nil {
		C.tenon_go_wasi_output(w.c(), C.bool(s == Stderr), o)
	}
	return (*Output)(o)
}

// Take moves bytes to b; the second result is how many are left.
func (o *Output) Take(b []byte) (int, int) {
	var rest C.size_t
	p, n := data(b)
	return int(C.tenon_go_stream_take((*C.tenon_go_stream_t)(o), p, n, &rest)), int(rest)
}

// Release gives up Go's end.
func (o *Output) Release() { C.tenon_go_stream_release(unsafe.Pointer(o)) }

// Inherit connects a stream to the process's own.
func (w *WasiConfig) Inherit(s Stream) {
	switch s {
	case Stdin:
		C.wasi_config_inherit_stdin(w.c())
	case Stdout:
		C.wasi_config_inherit_stdout(w.c())
	default:
		C.wasi_config_inherit_stderr(w.c())
	}
}

// InheritArgv passes the process's own arguments.
func (w *WasiConfig) InheritArgv() { C.wasi_config_inherit_argv(w.c()) }

// InheritEnv passes the process's own environment.
func (w *WasiConfig) InheritEnv() { C.wasi_config_inherit_env(w.c()) }

// PreopenDir opens a directory of the host for the guest.
func (w *WasiConfig) PreopenDir(host, guest string, writable bool) bool {
	h, g := C.CString(host), C.CString(guest)
	defer C.free(unsafe.Pointer(h))
	defer C.free(unsafe.Pointer(g))
	return bool(C.wasi_config_preopen_dir(w.c(), h, g, C.bool(writable)))
}
