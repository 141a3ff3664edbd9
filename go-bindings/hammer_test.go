package tenon_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

const hammerGuest = `(module
  (import "host" "panic" (func $panic (param i32)))
  (import "host" "block" (func $block (param i32) (result i32)))
  (import "host" "keep" (func $keep (param externref) (result externref)))
  (import "host" "nest" (func $nest (param i32) (result i32)))
  (memory (export "memory") 1 2)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "panic") (param i32) (call $panic (local.get 0)))
  (func (export "block") (param i32) (result i32) (i32.add (call $block (local.get 0)) (i32.const 1)))
  (func (export "keep") (param externref) (result externref) (call $keep (local.get 0)))
  (func (export "nest") (param i32) (result i32) (call $nest (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func $deep (export "deep") call $deep)
  (func (export "fault") (drop (i32.load (i32.const 0x7fffffff))))
  (func (export "zero") (drop (i32.div_u (i32.const 1) (i32.const 0)))))`

// hammer is what all goroutines share.
type hammer struct {
	engine *tenon.Engine
	module *tenon.Module
	linker *tenon.Linker
	calls  atomic.Int64
	rounds atomic.Int64
}

type thrown struct{ n int32 }

func newHammer(t *testing.T) *hammer {
	engine := tenon.NewEngine()
	h := &hammer{engine: engine, module: compile(t, engine, hammerGuest), linker: tenon.NewLinker(engine)}
	err := errors.Join(
		h.linker.FuncWrap("host", "panic", func(n int32) { panic(thrown{n}) }),
		h.linker.FuncWrap("host", "block", func(n int32) int32 {
			time.Sleep(time.Duration(n) * time.Microsecond)
			return n
		}),
		h.linker.FuncWrap("host", "keep", func(v any) any { return v }),
		h.linker.FuncWrap("host", "nest", func(c *tenon.Caller, n int32) int32 {
			if n == 0 {
				runtime.GC()
				return 0
			}
			return must(c.GetExport("nest").Func().Call(c, n-1)).(int32) + 1
		}))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// round uses a fresh store in every way.
func (h *hammer) round(seed int32) error {
	h.rounds.Add(1)
	store := tenon.NewStore(h.engine)
	if seed%2 == 0 {
		defer store.Close()
	}
	instance, err := h.linker.Instantiate(store, h.module)
	if err != nil {
		return err
	}
	call := func(name string, args ...any) (any, error) {
		h.calls.Add(1)
		return instance.GetFunc(store, name).Call(store, args...)
	}
	for i := range int32(8) {
		n := seed + i
		if sum, err := call("add", n, int32(1)); err != nil || sum.(int32) != n+1 {
			return fmt.Errorf("add: %v %v", sum, err)
		}
		if v, err := call("block", n%100); err != nil || v.(int32) != n%100+1 {
			return fmt.Errorf("block: %v %v", v, err)
		}
		if err := h.panics(call, n); err != nil {
			return err
		}
		for _, name := range []string{"fault", "zero"} {
			_, err := call(name)
			if trap, ok := err.(*tenon.Trap); !ok || n%4 == 0 && len(trap.Frames()) != 1 {
				return fmt.Errorf("%s: %v", name, err)
			}
		}
		value := &thrown{n}
		if v, err := call("keep", value); err != nil || v != any(value) {
			return fmt.Errorf("keep: %v %v", v, err)
		}
	}
	if v, err := call("nest", int32(5)); err != nil || v.(int32) != 5 {
		return fmt.Errorf("nest: %v %v", v, err)
	}
	if seed%8 == 0 {
		if _, err := call("deep"); err == nil {
			return errors.New("endless recursion ended")
		}
	}
	if v, err := call("grow"); err != nil || v.(int32) != 1 {
		return fmt.Errorf("grow: %v %v", v, err)
	}
	store.GC()
	return nil
}

func (h *hammer) panics(call func(string, ...any) (any, error), n int32) (err error) {
	defer func() {
		if r := recover(); r != any(thrown{n}) {
			err = fmt.Errorf("panic value is %v, want %d", r, n)
		}
	}()
	call("panic", n)
	return errors.New("no panic")
}

func TestHammer(t *testing.T) {
	duration := 10 * time.Second
	if testing.Short() || few(100) < 100 {
		duration = time.Second
	}
	h := newHammer(t)
	h.run(t, duration/4)
	before := usage(t)
	h.run(t, duration*3/4)
	after := usage(t)
	t.Logf("%d calls; before %v, after %v", h.calls.Load(), before, after)
	compareUsage(t, before, after, int(h.rounds.Load()))
}

func (h *hammer) run(t *testing.T, d time.Duration) {
	var wg sync.WaitGroup
	end := time.Now().Add(d)
	for g := range int32(few(64)) {
		wg.Go(func() {
			for n := int32(0); time.Now().Before(end); n++ {
				if err := h.round(g + 64*n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

type processUsage struct{ resident, threads, mappings int }

// usage is what the process holds once everything unreachable is gone. Resident memory is in KiB.
func usage(t *testing.T) processUsage {
	for range 5 {
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
	return measureUsage(t)
}

// measureUsage is what the process holds now.
func measureUsage(t *testing.T) processUsage {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc on this system")
	}
	maps, _ := os.ReadFile("/proc/self/maps")
	u := processUsage{mappings: strings.Count(string(maps), "\n")}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		switch fields[0] {
		case "VmRSS:":
			u.resident, _ = strconv.Atoi(fields[1])
		case "Threads:":
			u.threads, _ = strconv.Atoi(fields[1])
		}
	}
	return u
}

// compareUsage finds leaks. The library keeps memories and stacks for the next user, and how many depends on how many
// stores were alive at the worst moment; so what counts is growth that follows the number of stores used.
func compareUsage(t *testing.T, before, after processUsage, stores int) {
	t.Helper()
	grown := after.resident > before.resident+32<<10 && !raceDetector
	if grown || after.mappings > before.mappings+300+stores/4 {
		t.Errorf("usage (KiB, threads, mappings) went from %v to %v with %d stores", before, after, stores)
	}
}

// Guests that wait in host functions hold no threads.
func TestBlockedGuestsHoldNoThreads(t *testing.T) {
	guests := few(2000)
	engine := tenon.NewEngine()
	module := compile(t, engine, `(module (import "" "" (func (result i32))) (func (export "f") (result i32) call 0))`)
	linker := tenon.NewLinker(engine)
	var waiting sync.WaitGroup
	waiting.Add(guests)
	release := make(chan struct{})
	err := linker.FuncWrap("", "", func() int32 {
		waiting.Done()
		<-release
		return 7
	})
	if err != nil {
		t.Fatal(err)
	}
	before := usage(t)
	var wg sync.WaitGroup
	for range guests {
		wg.Go(func() {
			store := tenon.NewStore(engine)
			defer store.Close()
			f := must(linker.Instantiate(store, module)).GetFunc(store, "f")
			if v, err := f.Call(store); err != nil || v.(int32) != 7 {
				t.Errorf("f: %v %v", v, err)
			}
		})
	}
	waiting.Wait()
	during := usage(t)
	close(release)
	wg.Wait()
	t.Logf("threads: %d before, %d with %d guests waiting", before.threads, during.threads, guests)
	if during.threads > before.threads+50 {
		t.Errorf("%d threads more than before", during.threads-before.threads)
	}
}

// A store that is closed is gone at once; one that is dropped goes with the garbage, which native memory hurries along.
func TestTenThousandStores(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	engine := tenon.NewEngine()
	module := compile(t, engine, `(module (memory 1) (func (export "f") (result i32) (i32.const 7)))`)
	var most processUsage
	use := func(stores int, close bool) {
		for n := range stores {
			store := tenon.NewStore(engine)
			f := must(tenon.NewInstance(store, module, nil)).GetFunc(store, "f")
			must(f.Call(store))
			if close {
				store.Close()
			}
			if n%1000 == 999 {
				most.mappings = max(most.mappings, measureUsage(t).mappings)
			}
		}
	}
	use(few(1000), true)
	before := usage(t)
	use(few(10000), true)
	if after := measureUsage(t); after.mappings > before.mappings+50 {
		t.Errorf("closed stores left mappings: %v, then %v", before, after)
	}
	use(few(10000), false)
	t.Logf("most mappings: %d, before: %d", most.mappings, before.mappings)
	if most.mappings > before.mappings+20000 {
		t.Errorf("dropped stores piled up to %d mappings", most.mappings)
	}
	compareUsage(t, before, usage(t), 1000)
}

// Stores that nobody closes are freed with everything in them.
func TestDroppedStoresAreFreed(t *testing.T) {
	h := newHammer(t)
	fill := func(stores int) {
		for range stores {
			store := tenon.NewStore(h.engine)
			instance := must(h.linker.Instantiate(store, h.module))
			memory := instance.GetExport(store, "memory").Memory().UnsafeData(store)
			for page := 0; page < len(memory); page += 4096 {
				memory[page] = 1
			}
			must(instance.GetFunc(store, "keep").Call(store, store))
		}
	}
	fill(few(1000))
	before := usage(t)
	for range 6 { // as many alive at a time as before
		fill(few(500))
		usage(t)
	}
	compareUsage(t, before, usage(t), 3000)
}
