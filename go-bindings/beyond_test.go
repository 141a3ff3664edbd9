package tenon_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

func TestMemoryAccess(t *testing.T) {
	g := instantiate(t, `(module (memory (export "m") 1) (data (i32.const 8) "hello"))`)
	m, store := g.instance.GetExport(g.store, "m").Memory(), g.store
	wantEqual(t, "text", must(m.ReadString(store, 8, 5)), "hello")
	if err := errors.Join(m.Write(store, 65531, []byte("world")), m.WriteUint32(store, 0, 7), m.WriteUint64(store, 16, 1<<40)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "bytes at the end", string(must(m.Read(store, 65531, 5))), "world")
	wantEqual(t, "uint32", must(m.ReadUint32(store, 0)), 7)
	wantEqual(t, "uint64", must(m.ReadUint64(store, 16)), 1<<40)
	wantEqual(t, "nothing at the end", len(must(m.Read(store, 65536, 0))), 0)
	for _, err := range []error{
		m.WriteString(store, 65532, "world"),
		m.ReadInto(store, 1<<63, make([]byte, 1)),
		m.Write(store, ^uint64(0), make([]byte, 2)),
	} {
		var bounds *tenon.BoundsError
		if !errors.As(err, &bounds) || bounds.Size != 65536 {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestSetLimits(t *testing.T) {
	g := instantiate(t, `(module (memory (export "m") 1))`)
	g.store.SetLimits(tenon.StoreLimits{MemoryBytes: 2 << 16})
	m := g.instance.GetExport(g.store, "m").Memory()
	must(m.Grow(g.store, 1))
	if _, err := m.Grow(g.store, 1); err == nil {
		t.Error("the memory grew beyond the limit")
	}
}

func TestWithFuel(t *testing.T) {
	config := tenon.NewConfig()
	config.SetConsumeFuel(true)
	store := tenon.NewStore(tenon.NewEngineWithConfig(config))
	instance := must(tenon.NewInstance(store, compile(t, store.Engine, `(module (func (export "nop")) (func (export "spin") (loop (br 0))))`), nil))
	if err := store.SetFuel(5); err != nil {
		t.Fatal(err)
	}
	run := func(name string) func() error {
		return func() error { _, err := instance.GetFunc(store, name).Call(store); return err }
	}
	if used, err := store.WithFuel(1000, run("nop")); used != 1 || err != nil {
		t.Errorf("nop used %d: %v", used, err)
	}
	if used, err := store.WithFuel(1000, run("spin")); used != 1000 || !errors.Is(err, tenon.OutOfFuel) {
		t.Errorf("spin used %d: %v", used, err)
	}
	wantEqual(t, "fuel left", must(store.GetFuel()), 5)
}

func TestPrelink(t *testing.T) {
	engine := tenon.NewEngine()
	module := compile(t, engine, `(module (import "host" "f" (func (param i32))) (func (export "g") (call 0 (i32.const 4))))`)
	linker := tenon.NewLinker(engine)
	if _, err := linker.Prelink(module); err == nil {
		t.Error("an import without definition was not noticed")
	}
	var sum int32
	if err := linker.FuncWrap("host", "f", func(n int32) { sum += n }); err != nil {
		t.Fatal(err)
	}
	pre := must(linker.Prelink(module))
	for range 3 {
		store := tenon.NewStore(engine)
		must(must(pre.Instantiate(store)).GetFunc(store, "g").Call(store))
	}
	wantEqual(t, "sum", sum, 12)
}

func TestModuleCache(t *testing.T) {
	engine, dir := tenon.NewEngine(), t.TempDir()
	wasm := must(tenon.Wat2Wasm(`(module (func (export "f") (result i32) (i32.const 5)))`))
	for range 2 {
		cache := tenon.NewModuleCache(engine, dir)
		module := must(cache.Module(wasm))
		if module != must(cache.Module(bytes.Clone(wasm))) {
			t.Error("the same bytes gave two modules")
		}
		store := tenon.NewStore(engine)
		wantEqual(t, "result", must(must(tenon.NewInstance(store, module, nil)).GetFunc(store, "f").Call(store)), any(int32(5)))
		cache.Close()
	}
	files := must(os.ReadDir(dir))
	wantEqual(t, "files", len(files), 1)
	if err := os.WriteFile(dir+"/"+files[0].Name(), []byte("not an image"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(tenon.NewModuleCache(engine, dir).Module(wasm))
	if _, err := tenon.NewModuleCache(engine, dir).Module([]byte("no module")); err == nil {
		t.Error("a broken module was compiled")
	}
}

func TestLeaksAreReported(t *testing.T) {
	var mu sync.Mutex
	found := make(map[string]string)
	tenon.ReportLeaks(func(l tenon.Leak) {
		mu.Lock()
		defer mu.Unlock()
		if stack := strings.Join(l.Stack, "\n"); strings.Contains(stack, "makeLeak") {
			found[l.Kind] = stack
		}
	})
	defer tenon.ReportLeaks(nil)
	makeLeaks()
	for range 100 {
		runtime.GC()
		time.Sleep(time.Millisecond)
		mu.Lock()
		n := len(found)
		mu.Unlock()
		if n == 2 {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, kind := range []string{"Store", "Engine"} {
		if !strings.Contains(found[kind], "beyond_test.go") {
			t.Errorf("no leaked %s was reported: %v", kind, found)
		}
	}
	if len(found) != 2 {
		t.Errorf("reported: %v", found)
	}
}

//go:noinline
func makeLeaks() {
	engine := tenon.NewEngine()
	tenon.NewStore(engine)
	tenon.NewStore(engine).Close()
}

func TestLogger(t *testing.T) {
	var text bytes.Buffer
	tenon.SetLogger(slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer tenon.SetLogger(nil)
	g := instantiate(t, `(module (func (export "trap") unreachable))`)
	g.trap("trap")
	for _, part := range []string{"compiled a module", "made an instance", "a guest trapped", "unreachable"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in the log:\n%s", part, &text)
		}
	}
}

// Stores hand the mark that the garbage collector watches on to later ones, which must be freed and reported as the first.
func TestStoresAfterClosedOnesAreFreedToo(t *testing.T) {
	var leaks atomic.Int32
	tenon.ReportLeaks(func(tenon.Leak) { leaks.Add(1) })
	defer tenon.ReportLeaks(nil)
	engine := tenon.NewEngine()
	defer engine.Close()
	const rounds = 20
	for range rounds {
		first, second := tenon.NewStore(engine), tenon.NewStore(engine)
		first.Close()
		first.Close()
		third := tenon.NewStore(engine) // with the first one's mark, most times
		second.Close()
		_ = third
	}
	for i := 0; i < 200 && leaks.Load() < rounds; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	for range 5 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := leaks.Load(); n != rounds {
		t.Errorf("%d leaks were reported, want %d", n, rounds)
	}
}

// The texts of traps are made from native halves, which must outlive the store's other traps and the store.
func TestTrapsOutliveTheirStore(t *testing.T) {
	g := instantiate(t, `(module (func $inner unreachable) (func (export "trap") (call $inner)))`)
	trap := g.fn("trap")
	var kept []error
	for i := range 200 {
		if _, err := trap.Call(g.store); i%50 == 0 {
			kept = append(kept, err)
		}
	}
	g.store.Close()
	g, trap = guest{}, nil
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	for _, err := range kept {
		if !errors.Is(err, tenon.UnreachableCodeReached) || len(err.(*tenon.Trap).Frames()) != 2 || !strings.Contains(err.Error(), "!inner") {
			t.Errorf("the trap is %v", err)
		}
		err.(*tenon.Trap).Close()
	}
}
