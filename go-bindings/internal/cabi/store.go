package cabi

/*
#include "glue.h"

#cgo noescape wasmtime_context_get_fuel
#cgo noescape tenon_go_drain
*/
import "C"

import (
	"sync/atomic"
	"unsafe"
)

func (x *Context) c() *C.wasmtime_context_t { return (*C.wasmtime_context_t)(unsafe.Pointer(x)) }

// Store is a store with its queue and its first execution. All of it is C memory.
type Store C.tenon_go_store_t

// NewStore returns an owned store, or nil without memory.
func NewStore(e *Engine) *Store { return (*Store)(C.tenon_go_store_new(e.c())) }

// Context is the store as most functions want it; it lives as long as the store.
func (s *Store) Context() *Context { return (*Context)(unsafe.Pointer(s.ctx)) }

// Queue is the store's.
func (s *Store) Queue() *Queue { return (*Queue)(&s.queue) }

// Exec is the execution that was made with the store; nil if there was no memory for one, or if it was dropped.
func (s *Store) Exec() *Exec { return (*Exec)(s.exec) }

// DropExec frees the execution that was made with the store.
func (s *Store) DropExec() {
	s.Exec().Delete()
	s.exec = nil
}

// Delete frees the store and everything in it. Executions that NewExec made must be deleted before.
func (s *Store) Delete() { C.tenon_go_store_delete((*C.tenon_go_store_t)(s)) }

// Limit bounds what the store may hold; negative numbers keep the default.
func (s *Store) Limit(memoryBytes, tableElements, instances, tables, memories int64) {
	C.wasmtime_store_limiter(s.store, C.int64_t(memoryBytes), C.int64_t(tableElements), C.int64_t(instances), C.int64_t(tables), C.int64_t(memories))
}

// GC collects externrefs; finalizers have pushed to the queue when it returns.
func (x *Context) GC() *Error { return err(C.wasmtime_context_gc(x.c())) }

// SetEpochDeadline sets the deadline to so many ticks from now.
func (x *Context) SetEpochDeadline(ticks uint64) {
	C.wasmtime_context_set_epoch_deadline(x.c(), C.uint64_t(ticks))
}

// PauseAtEpochs has guests on an execution pause at the deadline and go on with another one so many ticks later. For tests.
func (x *Context) PauseAtEpochs(ticks uint64) *Error {
	return err(C.wasmtime_context_epoch_deadline_async_yield_and_update(x.c(), C.uint64_t(ticks)))
}

// Fuel is what is left.
func (x *Context) Fuel() (uint64, *Error) {
	var fuel C.uint64_t
	e := C.wasmtime_context_get_fuel(x.c(), &fuel)
	return uint64(fuel), err(e)
}

// SetFuel sets what is left.
func (x *Context) SetFuel(fuel uint64) *Error {
	return err(C.wasmtime_context_set_fuel(x.c(), C.uint64_t(fuel)))
}

// SetWasi gives the store a WASI environment; config is consumed.
func (x *Context) SetWasi(config *WasiConfig) *Error {
	return err(C.wasmtime_context_set_wasi(x.c(), config.c()))
}

// Queue is where the finalizers of a store's externrefs leave the handles that Go may forget.
type Queue C.tenon_go_queue_t

// Empty can be asked without a crossing.
func (q *Queue) Empty() bool {
	return atomic.LoadPointer((*unsafe.Pointer)(unsafe.Pointer(&q.head))) == nil
}

// Drain takes up to len(handles) handles off the queue.
func (q *Queue) Drain(handles []uint64) int {
	return int(C.tenon_go_drain((*C.tenon_go_queue_t)(q), (*C.uint64_t)(&handles[0]), C.size_t(len(handles))))
}
