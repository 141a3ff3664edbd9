package cabi

/*
#include "glue.h"
*/
import "C"

import (
	"unsafe"

	"github.com/tenon-wasm/tenon-go/internal/brief"
)

// Step says why the guest stopped running.
type Step uint8

// The steps.
const (
	Done     Step = C.TENON_STEP_DONE      // results are in the slots
	HostCall Step = C.TENON_STEP_HOST_CALL // FuncID is wanted; answer with Resume
	Trapped  Step = C.TENON_STEP_TRAP      // see TakeTrap
	Failed   Step = C.TENON_STEP_ERROR     // see TakeError
	Paused   Step = C.TENON_STEP_PAUSED    // the guest's time is over for now; see Resume
)

// Slot is one parameter or result: 32-bit numbers in the low half of the first word, v128 in both.
type Slot [2]uint64

// Exec is one thread of guest execution on a stack of its own, together with the memory through which it talks
// to Go: argument slots and the last step. All of it is C memory, because the library keeps addresses into it
// while the guest waits for a host function. One crossing starts a call or resumes it.
type Exec C.tenon_go_exec_t

// NewExec returns an owned execution of the store; the error is owned.
func NewExec(x *Context) (*Exec, *Error) {
	var e *C.tenon_go_exec_t
	failure := C.tenon_go_exec_new(x.c(), &e)
	if e == nil && failure == nil {
		failure = noMemory()
	}
	return (*Exec)(e), err(failure)
}

func noMemory() *C.wasmtime_error_t {
	s := C.CString("out of memory")
	defer C.free(unsafe.Pointer(s))
	return C.wasmtime_error_new(s)
}

// Delete frees the execution; a guest that waits in it is abandoned.
func (e *Exec) Delete() { C.tenon_go_exec_delete((*C.tenon_go_exec_t)(e)) }

// Abandon gives up a guest that waits for a host function.
func (e *Exec) Abandon() { C.tenon_exec_abandon(e.exec) }

// Reserve makes room for n slots, keeping nothing; false without memory.
func (e *Exec) Reserve(n int) bool {
	if n <= int(e.capacity) {
		return true
	}
	p := C.realloc(unsafe.Pointer(e.slots), C.size_t(n)*C.sizeof_wasmtime_val_raw_t)
	if p == nil {
		return false
	}
	e.slots = (*C.wasmtime_val_raw_t)(p)
	e.capacity = C.size_t(n)
	return true
}

// Slot is the argument or result slot i of the call that Go makes; i must be below what was reserved.
func (e *Exec) Slot(i int) *Slot {
	return (*Slot)(unsafe.Add(unsafe.Pointer(e.slots), i*C.sizeof_wasmtime_val_raw_t))
}

// briefCaller is a C function that calls without cgo.
var briefCaller = uintptr(C.tenon_go_brief_caller())

// Call runs f, which is brief if FuncIsBrief says so, with the first n slots until its first step.
func (e *Exec) Call(f Func, n int, isBrief bool) Step {
	*(*Func)(unsafe.Pointer(&e._func)) = f
	e.num_slots = C.size_t(n)
	if brief.There && isBrief {
		brief.Call(briefCaller, unsafe.Pointer(e))
	} else {
		C.tenon_go_call(C.uintptr_t(uintptr(unsafe.Pointer(e))))
	}
	return Step(e.step.kind)
}

// Resume goes on after a pause, or answers a host call: its results are in the host slots, or trap ends the guest and is consumed.
func (e *Exec) Resume(trap *Trap) Step {
	*(*uintptr)(unsafe.Pointer(&e.answer)) = uintptr(unsafe.Pointer(trap))
	C.tenon_go_resume(C.uintptr_t(uintptr(unsafe.Pointer(e))))
	return Step(e.step.kind)
}

// SetServer notes which goroutine serves host calls.
func (e *Exec) SetServer(goroutine uintptr) { e.server = C.uintptr_t(goroutine) }

// Server is what SetServer was given.
func (e *Exec) Server() uintptr { return uintptr(e.server) }

// Interrupt stops what an execution runs, from any goroutine.
type Interrupt C.tenon_interrupt_t

// Interrupt is the execution's, which owns it.
func (e *Exec) Interrupt() *Interrupt {
	if e.interrupt == nil {
		e.interrupt = C.tenon_exec_interrupt_handle(e.exec)
	}
	return (*Interrupt)(e.interrupt)
}

// Trigger makes the running call trap soon.
func (i *Interrupt) Trigger() { C.tenon_interrupt_trigger((*C.tenon_interrupt_t)(i)) }

// Number is what a slot holds in place.
type Number interface {
	int32 | int64 | float32 | float64
}

// Put writes a number to a slot of the call that Go makes.
func Put[T Number](s *Slot, v T) { *(*T)(unsafe.Pointer(s)) = v }

// Get reads a number from a slot.
func Get[T Number](s *Slot) T { return *(*T)(unsafe.Pointer(s)) }

// Empty does nothing: it is what a crossing costs.
func Empty() { C.tenon_go_empty(0) }

// Instantiate makes an instance, running its start function until the first step. See Instance.
func (e *Exec) Instantiate(x *Context, m *Module, imports []Extern) (Step, *Error) {
	var list *C.wasmtime_extern_t
	if len(imports) > 0 {
		list = (*C.wasmtime_extern_t)(unsafe.Pointer(&imports[0]))
	}
	failure := C.tenon_instance_new(x.c(), e.exec, m.c(), list, C.size_t(len(imports)), &e.instance, &e.step)
	return Step(e.step.kind), err(failure)
}

// InstantiateLinker is Instantiate with the imports that a linker finds.
func (e *Exec) InstantiateLinker(x *Context, l *Linker, m *Module) (Step, *Error) {
	failure := C.tenon_linker_instantiate(x.c(), e.exec, l.c(), m.c(), &e.instance, &e.step)
	return Step(e.step.kind), err(failure)
}

// Instance is what the finished instantiation made.
func (e *Exec) Instance() Instance { return *(*Instance)(unsafe.Pointer(&e.instance)) }

// FuncID is the id of the host function that the guest wants.
func (e *Exec) FuncID() uint64 { return uint64(e.step.func_id) }

// Caller is the instance that called; StoreID is 0 if the host did.
func (e *Exec) Caller() Instance { return *(*Instance)(unsafe.Pointer(&e.step.caller)) }

// HostSlots is where the host function finds its parameters and leaves its results, until Resume. The length is
// the larger of the two counts.
func (e *Exec) HostSlots() []Slot {
	if e.step.num_slots == 0 {
		return nil
	}
	return unsafe.Slice((*Slot)(unsafe.Pointer(e.step.slots)), int(e.step.num_slots))
}

// TakeTrap is the owned trap of a Trapped step.
func (e *Exec) TakeTrap() *Trap {
	t := e.step.trap
	e.step.trap = nil
	return (*Trap)(unsafe.Pointer(t))
}

// TakeError is the owned error of a Failed step.
func (e *Exec) TakeError() *Error {
	f := e.step.error
	e.step.error = nil
	return err(f)
}

// Root keeps an externref alive.
type Root C.wasmtime_externref_t

// NewRef makes an externref for handle and writes it to the slot. It lives until root is dropped and no guest
// holds it; then handle appears on the queue. False means that the store has no space.
func (x *Context) NewRef(q *Queue, handle uint64, slot *Slot, root *Root) bool {
	return bool(C.tenon_go_slot_externref(x.c(), (*C.tenon_go_queue_t)(q), C.uint64_t(handle),
		(*C.wasmtime_val_raw_t)(unsafe.Pointer(slot)), (*C.wasmtime_externref_t)(root)))
}

// RefHandle is the handle behind an externref in a slot, 0 for null.
func (x *Context) RefHandle(slot Slot) uint64 {
	return uint64(C.tenon_go_slot_handle(x.c(), C.uint32_t(slot[0])))
}

// DropRoots lets go of externrefs.
func DropRoots(roots []Root) {
	C.tenon_go_unroot((*C.wasmtime_externref_t)(&roots[0]), C.size_t(len(roots)))
}
