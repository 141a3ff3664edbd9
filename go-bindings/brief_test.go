package tenon_test

import (
	"errors"
	"io"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

const briefGuest = `(module
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  (func $add (export "add") (param i32 i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.add (local.get 0) (local.get 1)))
  (func (export "calls") (result i32) (global.get $calls))
  (func (export "read") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "stop") unreachable)
  (func (export "spin") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`

// Functions that end soon take another way than others (see internal/brief); their traps come back by it, too.
func TestTrapsOfBriefFunctions(t *testing.T) {
	g := instantiate(t, briefGuest)
	read := must(tenon.Typed[func(int32) (int32, error)](g.instance, "read"))
	divide := must(tenon.Typed[func(int32, int32) (int32, error)](g.instance, "divide"))
	stop := must(tenon.Typed[func() error](g.instance, "stop"))
	for range 3 {
		_, outside := read(-4)
		_, zero := divide(1, 0)
		for name, want := range map[tenon.TrapCode]error{
			tenon.MemoryOutOfBounds: outside, tenon.IntegerDivisionByZero: zero, tenon.UnreachableCodeReached: stop(),
		} {
			var trap *tenon.Trap
			if !errors.As(want, &trap) || trap.Code() == nil || *trap.Code() != name || len(trap.Frames()) != 1 {
				t.Errorf("trap code %v: got %v", name, want)
			}
		}
		if r, err := divide(-9, 3); r != -3 || err != nil {
			t.Errorf("after traps: got %v, %v", r, err)
		}
	}
}

// While goroutines call, others have the collector run and the profiler interrupt them.
func TestHammerBriefCallsBesideTheCollector(t *testing.T) {
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Log("no profile:", err)
	} else {
		defer pprof.StopCPUProfile()
	}
	engine := tenon.NewEngine()
	module := compile(t, engine, briefGuest)
	var over atomic.Bool
	var callers, others sync.WaitGroup
	others.Go(func() {
		for !over.Load() {
			runtime.GC()
		}
	})
	var total atomic.Int64
	for range 4 {
		callers.Go(func() {
			store := tenon.NewStore(engine)
			defer store.Close()
			instance := must(tenon.NewInstance(store, module, nil))
			add := must(tenon.Typed[func(int32, int32) int32](instance, "add"))
			plain := instance.GetFunc(store, "add")
			until := time.Now().Add(300 * time.Millisecond)
			n := int32(0)
			for time.Now().Before(until) {
				for range 100 {
					n++
					if add(n, 1) != n+1 {
						t.Error("a wrong sum")
					}
				}
				if n++; must(plain.Call(store, n, 2)) != n+2 {
					t.Error("a wrong sum")
				}
			}
			if made := must(instance.GetFunc(store, "calls").Call(store)); made != n {
				t.Errorf("%v calls arrived of %d", made, n)
			}
			total.Add(int64(n))
		})
	}
	callers.Wait()
	over.Store(true)
	others.Wait()
	t.Log(total.Load(), "calls")
}

// A function that may take long must not keep the collector waiting: such functions are not brief.
func TestCollectorDoesNotWaitForLoops(t *testing.T) {
	g := instantiate(t, briefGuest)
	spin := must(tenon.Typed[func(int32) error](g.instance, "spin"))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 3 {
			must(0, spin(500_000_000))
		}
	}()
	collections := 0
	for {
		select {
		case <-done:
			if collections < 3 {
				t.Errorf("%d collections while a guest ran", collections)
			}
			return
		default:
			runtime.GC()
			collections++
		}
	}
}
