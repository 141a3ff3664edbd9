package tenon_test

import (
	"strings"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

func TestTrapCodes(t *testing.T) {
	g := instantiate(t, `(module (memory 1) (table 1 funcref) (table 1 externref) (type $v (func (result i32)))
	  (func $other) (elem (table 0) (i32.const 0) func) (elem declare func $other)
	  (func (export "unreachable") unreachable)
	  (func (export "memory") (drop (i32.load (i32.const 65533))))
	  (func (export "zero") (drop (i32.div_s (i32.const 1) (i32.const 0))))
	  (func (export "overflow") (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1))))
	  (func (export "conversion") (drop (i32.trunc_f32_s (f32.const nan))))
	  (func (export "table") (drop (call_indirect (type $v) (i32.const 1))))
	  (func (export "null") (drop (call_indirect (type $v) (i32.const 0))))
	  (func (export "signature") (table.set 0 (i32.const 0) (ref.func $other)) (drop (call_indirect (type $v) (i32.const 0))))
	  (func $deep (export "stack") call $deep))`)
	for _, want := range []struct {
		name string
		code tenon.TrapCode
		text string
	}{
		{"unreachable", tenon.UnreachableCodeReached, "wasm trap: wasm `unreachable` instruction executed"},
		{"memory", tenon.MemoryOutOfBounds, "wasm trap: out of bounds memory access"},
		{"zero", tenon.IntegerDivisionByZero, "wasm trap: integer divide by zero"},
		{"overflow", tenon.IntegerOverflow, "wasm trap: integer overflow"},
		{"conversion", tenon.BadConversionToInteger, "wasm trap: invalid conversion to integer"},
		{"table", tenon.TableOutOfBounds, "wasm trap: undefined element: out of bounds table access"},
		{"null", tenon.IndirectCallToNull, "wasm trap: uninitialized element"},
		{"signature", tenon.BadSignature, "wasm trap: indirect call type mismatch"},
		{"stack", tenon.StackOverflow, "wasm trap: call stack exhausted"},
	} {
		trap := g.trap(want.name)
		if code := trap.Code(); code == nil || *code != want.code {
			t.Errorf("%s: code is %v, want %d", want.name, code, want.code)
		}
		if !strings.HasPrefix(trap.Error(), want.text+"\nwasm backtrace:\n") {
			t.Errorf("%s: text is %q", want.name, trap.Error())
		}
	}
}

func TestTrapText(t *testing.T) {
	g := instantiate(t, `(module (func $outer (export "f") call $inner) (func $inner call 2) (func unreachable))`)
	trap := g.trap("f")
	frames := trap.Frames()
	wantEqual(t, "frames", len(frames), 3)
	wantEqual(t, "index", frames[0].FuncIndex(), 2)
	wantEqual(t, "name", *frames[1].FuncName(), "inner")
	if frames[0].FuncName() != nil || frames[0].ModuleName() != nil {
		t.Error("there are names that nobody gave")
	}
	if frames[2].ModuleOffset() <= frames[2].FuncOffset() || frames[2].FuncOffset() == 0 {
		t.Errorf("offsets are %#x and %#x", frames[2].ModuleOffset(), frames[2].FuncOffset())
	}
	lines := strings.Split(trap.Message(), "\n")
	wantEqual(t, "lines", len(lines), 6)
	wantEqual(t, "cause", lines[0], "wasm trap: wasm `unreachable` instruction executed")
	wantEqual(t, "title", lines[1], "wasm backtrace:")
	if !strings.HasPrefix(lines[2], "    0:   0x") || !strings.HasSuffix(lines[2], " - <unknown>!<wasm function 2>") {
		t.Errorf("line is %q", lines[2])
	}
	wantEqual(t, "end", lines[5], "")
	trap.Close()
	trap.Close()
	wantEqual(t, "after Close", len(trap.Frames()), 3)
}

func TestModuleNameInFrame(t *testing.T) {
	g := instantiate(t, `(module $named (func (export "f") unreachable))`)
	wantEqual(t, "module", *g.trap("f").Frames()[0].ModuleName(), "named")
}

// fib's cost is fixed by the documented rules.
func TestFuel(t *testing.T) {
	config := tenon.NewConfig()
	config.SetConsumeFuel(true)
	engine := tenon.NewEngineWithConfig(config)
	store := tenon.NewStore(engine)
	if used, ok := store.FuelConsumed(); used != 0 || !ok {
		t.Errorf("a new store has used %d, %v", used, ok)
	}
	if err := store.AddFuel(10000); err != nil {
		t.Fatal(err)
	}
	instance := must(tenon.NewInstance(store, compile(t, engine, fibonacci), nil))
	fib := instance.GetFunc(store, "fibonacci")
	for n, want := range []uint64{6, 6, 26, 46, 86, 146, 246, 406, 666, 1086, 1766, 2866, 4646, 7526} {
		before, _ := store.FuelConsumed()
		must(fib.Call(store, n))
		after, _ := store.FuelConsumed()
		wantEqual(t, "fuel", after-before, want)
		if err := store.AddFuel(want); err != nil {
			t.Fatal(err)
		}
	}
	_, err := fib.Call(store, 20)
	trap, ok := err.(*tenon.Trap)
	if !ok || !strings.Contains(trap.Message(), "all fuel consumed by WebAssembly") {
		t.Errorf("error is %v", err)
	}
	if err := store.SetFuel(5); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "left", must(store.ConsumeFuel(2)), 3)
	_, err = store.ConsumeFuel(4)
	wantError(t, err, "not enough fuel remaining in store")
	wantEqual(t, "left", must(store.GetFuel()), 3)
}

func TestFuelIsOff(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	if used, ok := store.FuelConsumed(); used != 0 || ok {
		t.Errorf("used %d, %v", used, ok)
	}
	wantError(t, store.AddFuel(1), "")
	wantError(t, store.SetFuel(1), "")
	_, err := store.ConsumeFuel(1)
	wantError(t, err, "")
}

func TestEpoch(t *testing.T) {
	config := tenon.NewConfig()
	config.SetEpochInterruption(true)
	engine := tenon.NewEngineWithConfig(config)
	store := tenon.NewStore(engine)
	store.SetEpochDeadline(1)
	instance := must(tenon.NewInstance(store, compile(t, engine, `(module (func (export "loop") (loop br 0)) (func (export "f")))`), nil))
	must(instance.GetFunc(store, "f").Call(store))
	go func() {
		time.Sleep(20 * time.Millisecond)
		engine.IncrementEpoch()
	}()
	_, err := instance.GetFunc(store, "loop").Call(store)
	trap, ok := err.(*tenon.Trap)
	if !ok || !strings.Contains(trap.Message(), "wasm trap: interrupt") || *trap.Code() != tenon.Interrupt {
		t.Errorf("error is %v", err)
	}
}

func TestLimiter(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	store.Limiter(2*65536, 10, -1, -1, -1)
	_, err := tenon.NewMemory(store, tenon.NewMemoryType(3, false, 0))
	wantError(t, err, "")
	m := must(tenon.NewMemory(store, tenon.NewMemoryType(1, false, 0)))
	must(m.Grow(store, 1))
	_, err = m.Grow(store, 1)
	wantError(t, err, "")
	store.Limiter(-1, -1, 1, -1, -1)
	empty := compile(t, store.Engine, "(module)")
	must(tenon.NewInstance(store, empty, nil))
	_, err = tenon.NewInstance(store, empty, nil)
	wantError(t, err, "")
}

func TestConfig(t *testing.T) {
	config := tenon.NewConfig()
	config.SetWasmSIMD(true)
	config.SetWasmMultiMemory(true)
	config.SetCraneliftOptLevel(tenon.OptLevelSpeed)
	config.SetStrategy(tenon.StrategyCranelift)
	config.SetProfiler(tenon.ProfilingStrategyNone)
	tenon.NewEngineWithConfig(config)
	wantPanic(t, "config has been used or closed already", func() { tenon.NewEngineWithConfig(config) })
	wantPanic(t, "object has been closed already", func() { config.SetWasmSIMD(true) })
	config.Close()
	wantError(t, tenon.NewConfig().CacheConfigLoad("/does/not/exist"), "")
}

func TestConfigFeatureOff(t *testing.T) {
	config := tenon.NewConfig()
	config.SetWasmSIMD(false)
	config.SetWasmRelaxedSIMD(false)
	engine := tenon.NewEngineWithConfig(config)
	_, err := tenon.NewModule(engine, must(tenon.Wat2Wasm(`(module (func (param v128)))`)))
	wantError(t, err, "")
}

func TestClose(t *testing.T) {
	g := instantiate(t, `(module (func (export "f")))`)
	f := g.fn("f")
	module := compile(t, g.store.Engine, "(module)")
	linker := tenon.NewLinker(g.store.Engine)
	for range 2 {
		g.store.Close()
		module.Close()
		linker.Close()
		g.store.Engine.Close()
	}
	const closed = "object has been closed already"
	wantPanic(t, closed, func() { f.Call(g.store) })
	wantPanic(t, closed, func() { g.instance.GetFunc(g.store, "f") })
	wantPanic(t, closed, func() { g.store.GC() })
	wantPanic(t, closed, func() { module.Exports() })
	wantPanic(t, closed, func() { linker.AllowShadowing(true) })
	wantPanic(t, closed, func() { tenon.NewStore(g.store.Engine) })
	wantPanic(t, closed, func() { tenon.NewModule(g.store.Engine, nil) })

	fresh := tenon.NewStore(tenon.NewEngine())
	wantPanic(t, closed, func() { tenon.NewInstance(fresh, module, nil) })
	must(tenon.WrapFunc(fresh, func() {}).Call(fresh))
}

// Closing the engine and module of a live instance changes nothing for it.
func TestCloseKeepsWhatIsUsed(t *testing.T) {
	engine := tenon.NewEngine()
	store := tenon.NewStore(engine)
	module := compile(t, engine, arithmetic)
	instance := must(tenon.NewInstance(store, module, nil))
	module.Close()
	engine.Close()
	wantEqual(t, "add", must(instance.GetFunc(store, "add").Call(store, 1, 2)).(int32), 3)
}

func TestCloseInsideHostFunction(t *testing.T) {
	var g guest
	g = instantiate(t, `(module (import "" "" (func)) (func (export "f") (result i32) call 0 i32.const 5))`,
		wrap(func() { g.store.Close() }))
	f := g.fn("f")
	wantEqual(t, "result", must(f.Call(g.store)).(int32), 5)
	wantPanic(t, "object has been closed already", func() { f.Call(g.store) })
}
