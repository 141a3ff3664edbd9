// Package life decides when native objects die.
//
// An [Owner] sits in a Go object that owns a native one. The native object is freed by Close, or, if nobody calls
// that, after the Go object has become unreachable. While a use is in progress neither frees it, so Close may race
// with anything.
package life

import (
	"runtime"
	"sync/atomic"
)

// ErrClosed is the panic value of a use after Close.
const ErrClosed = "object has been closed already"

// The state counts uses in progress. Above them, closedBit is set by Close, and freed replaces it when nothing is
// left to free.
const (
	closedBit = 1 << 32
	freed     = 2 * closedBit
)

// Owner owns a native object of type T.
type Owner[T any] struct {
	ptr     *T
	free    func(*T)
	state   atomic.Int64
	cleanup runtime.Cleanup
	member  member[T] // instead of the cleanup
}

// Own makes owner, a field of obj, the owner of ptr. free is called once.
func Own[O, T any](obj *O, owner *Owner[T], ptr *T, free func(*T)) {
	owner.ptr, owner.free = ptr, free
	origin := originOf[O]()
	if origin == nil {
		owner.cleanup = runtime.AddCleanup(obj, free, ptr)
		return
	}
	owner.cleanup = runtime.AddCleanup(obj, func(ptr *T) {
		origin.Leaked()
		free(ptr)
	}, ptr)
}

// Use returns the native object, which stays alive until Done. It panics after Close.
func (o *Owner[T]) Use() *T {
	collect()
	if o.state.Add(1) >= closedBit {
		o.Done()
		panic(ErrClosed)
	}
	return o.ptr
}

// Done ends a use.
func (o *Owner[T]) Done() {
	if o.state.Add(-1) == closedBit {
		o.release()
	}
}

// Close frees the native object when the last use ends. Later calls do nothing.
func (o *Owner[T]) Close() {
	if o.state.Or(closedBit) == 0 {
		o.release()
	}
}

// Closed reports whether Close was called.
func (o *Owner[T]) Closed() bool { return o.state.Load() >= closedBit }

// Owns reports whether there is a native object.
func (o *Owner[T]) Owns() bool { return o.ptr != nil }

// Take ends ownership without freeing: whoever takes the object frees it. False if it is closed or in use.
func (o *Owner[T]) Take() (*T, bool) {
	if !o.state.CompareAndSwap(0, freed) {
		return nil, false
	}
	o.spareCollector()
	return o.ptr, true
}

// release runs once: the state has reached closedBit with no use left. A use that arrives late lifts the state and
// lets it fall to closedBit again, which must not count.
func (o *Owner[T]) release() {
	if !o.state.CompareAndSwap(closedBit, freed) || o.ptr == nil {
		return
	}
	o.spareCollector()
	o.free(o.ptr)
}

// spareCollector makes sure that collecting the owner frees nothing.
func (o *Owner[T]) spareCollector() {
	if o.member.place != nil {
		o.member.place.Store(nil)
		return
	}
	o.cleanup.Stop()
}
