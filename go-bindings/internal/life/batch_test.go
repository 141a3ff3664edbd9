package life

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// ledger counts how often each native object was freed.
type ledger struct {
	freed [3 * batchSize]atomic.Int32
}

func (l *ledger) free(n *int) { l.freed[*n].Add(1) }

func (l *ledger) freeAll(list []*int) {
	for _, n := range list {
		l.free(n)
	}
}

func (l *ledger) make(b *Batch[int], count int) []*object {
	objects := make([]*object, count)
	for i := range objects {
		objects[i] = new(object)
		n := i
		b.Own(&objects[i].own, &n, l.free, l.freeAll)
	}
	return objects
}

// settle collects until so many objects have been freed, and reports one that was freed twice.
func (l *ledger) settle(t *testing.T, want int) {
	t.Helper()
	total := 0
	for i := 0; i < 200 && total != want; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
		total = 0
		for i := range l.freed {
			if n := l.freed[i].Load(); n > 1 {
				t.Fatalf("object %d was freed %d times", i, n)
			} else {
				total += int(n)
			}
		}
	}
	if total != want {
		t.Fatalf("%d objects were freed, want %d", total, want)
	}
}

func TestBatchIsFreedOnceNobodyHasAMember(t *testing.T) {
	var l ledger
	var b Batch[int]
	objects := l.make(&b, 3*batchSize)
	kept := objects[batchSize]
	objects = nil
	// The first batch is free to go, the second has a member that is used, the third is where the next one would go to.
	l.settle(t, batchSize)
	if n := *kept.own.Use(); n != batchSize {
		t.Errorf("the object is %d", n)
	}
	kept.own.Done()
	runtime.KeepAlive(kept)
	kept = nil
	l.settle(t, 2*batchSize)
	runtime.KeepAlive(&b)
	b = Batch[int]{}
	l.settle(t, 3*batchSize)
}

func TestBatchLeavesAloneWhatWasClosedOrTaken(t *testing.T) {
	var l ledger
	var b Batch[int]
	objects := l.make(&b, batchSize)
	objects[0].own.Close()
	if p, ok := objects[1].own.Take(); !ok || *p != 1 {
		t.Fatal("Take failed")
	}
	objects, b = nil, Batch[int]{}
	l.settle(t, batchSize-1)
	if n := l.freed[1].Load(); n != 0 {
		t.Errorf("what was taken was freed %d times", n)
	}
}
