package life

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type object struct{ own Owner[int] }

func newObject(freed *atomic.Int32) *object {
	o := new(object)
	Own(o, &o.own, new(int), func(*int) { freed.Add(1) })
	return o
}

func TestCloseFreesOnce(t *testing.T) {
	var freed atomic.Int32
	o := newObject(&freed)
	o.own.Use()
	o.own.Close()
	if n := freed.Load(); n != 0 {
		t.Fatalf("freed %d times while in use", n)
	}
	o.own.Done()
	o.own.Close()
	if n := freed.Load(); n != 1 || !o.own.Closed() {
		t.Fatalf("freed %d times after the last use, want once", n)
	}
	defer func() {
		if r := recover(); r != ErrClosed {
			t.Errorf("use after Close panics with %v", r)
		}
		if n := freed.Load(); n != 1 {
			t.Errorf("freed %d times", n)
		}
	}()
	o.own.Use()
}

func TestUnreachableIsFreed(t *testing.T) {
	var freed atomic.Int32
	newObject(&freed)
	for i := 0; i < 100 && freed.Load() == 0; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := freed.Load(); n != 1 {
		t.Fatalf("freed %d times, want once", n)
	}
}

func TestTakeEndsOwnership(t *testing.T) {
	var freed atomic.Int32
	o := newObject(&freed)
	if p, ok := o.own.Take(); p == nil || !ok {
		t.Fatal("Take failed")
	}
	if _, ok := o.own.Take(); ok {
		t.Error("Take succeeded twice")
	}
	o.own.Close()
	if n := freed.Load(); n != 0 {
		t.Errorf("freed %d times after Take", n)
	}
}

func TestHammerCloseAgainstUse(t *testing.T) {
	for range 200 {
		var freed atomic.Int32
		o := newObject(&freed)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				defer func() { recover() }()
				for {
					o.own.Use()
					if freed.Load() != 0 {
						t.Error("freed while in use")
					}
					o.own.Done()
				}
			})
		}
		wg.Go(o.own.Close)
		wg.Wait()
		if n := freed.Load(); n != 1 {
			t.Fatalf("freed %d times, want once", n)
		}
	}
}
