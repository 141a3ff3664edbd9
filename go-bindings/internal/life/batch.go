package life

import (
	"runtime"
	"sync/atomic"
)

// batchSize is how many objects share a cleanup. One that is reachable keeps the others' native halves.
const batchSize = 32

// Batch makes owners of native objects that are many, small and hardly ever closed, with one cleanup for every few of
// them: to register one, and to run it, takes longer than to make such an object. Leaks are not reported.
// The zero Batch is ready. It is not safe for use by several goroutines at once; what it makes is.
type Batch[T any] struct {
	current *batch[T]
	used    int
}

// batch is reachable as long as one of its members is.
type batch[T any] struct {
	places *places[T]
}

// places are apart from the batch, as the cleanup refers to them. One is nil before and after its object's life.
type places[T any] [batchSize]atomic.Pointer[T]

// member is what an owner knows of its batch.
type member[T any] struct {
	of    *batch[T]
	place *atomic.Pointer[T]
}

// Own makes owner the owner of ptr, which is freed once: by free, or with others by freeAll.
func (b *Batch[T]) Own(owner *Owner[T], ptr *T, free func(*T), freeAll func([]*T)) {
	if b.current == nil || b.used == batchSize {
		b.current, b.used = newBatch(freeAll), 0
	}
	place := &b.current.places[b.used]
	b.used++
	place.Store(ptr)
	owner.ptr, owner.free, owner.member = ptr, free, member[T]{b.current, place}
}

func newBatch[T any](freeAll func([]*T)) *batch[T] {
	b := &batch[T]{new(places[T])}
	runtime.AddCleanup(b, func(places *places[T]) {
		var left [batchSize]*T
		n := 0
		for i := range places {
			if ptr := places[i].Load(); ptr != nil {
				left[n] = ptr
				n++
			}
		}
		freeAll(left[:n])
	}, b.places)
	return b
}
