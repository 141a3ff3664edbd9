package tenon_test

import (
	"math"
	"runtime"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

const arithmetic = `(module
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "i64") (param i64) (result i64) local.get 0)
  (func (export "f32") (param f32) (result f32) local.get 0)
  (func (export "f64") (param f64) (result f64) local.get 0)
  (func (export "none"))
  (func (export "swap") (param i32 f64) (result f64 i32) local.get 1 local.get 0)
  (func (export "funcref") (param funcref) (result funcref) local.get 0)
  (func (export "externref") (param externref) (result externref) local.get 0)
  (func (export "eighteen") (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    local.get 17))`

func TestCallValues(t *testing.T) {
	g := instantiate(t, arithmetic)
	wantEqual(t, "add", g.call("add", int32(-5), 3).(int32), -2)
	wantEqual(t, "add with Val", g.call("add", tenon.ValI32(40), 2).(int32), 42)
	wantEqual(t, "i64", g.call("i64", int64(math.MinInt64)).(int64), math.MinInt64)
	wantEqual(t, "i64 of int", g.call("i64", -1).(int64), -1)
	wantEqual(t, "f32", g.call("f32", float32(1.5)).(float32), 1.5)
	wantEqual(t, "f64", g.call("f64", math.Inf(-1)).(float64), math.Inf(-1))
	wantEqual(t, "none", g.call("none"), nil)
	swapped := g.call("swap", 7, 2.5).([]tenon.Val)
	wantEqual(t, "results", len(swapped), 2)
	wantEqual(t, "first", swapped[0].F64(), 2.5)
	wantEqual(t, "second", swapped[1].I32(), 7)
	many := make([]any, 18)
	for i := range many {
		many[i] = int64(i)
	}
	wantEqual(t, "eighteenth", g.call("eighteen", many...).(int64), 17)
}

func TestCallReferences(t *testing.T) {
	g := instantiate(t, arithmetic)
	value := &struct{ n int }{7}
	wantEqual(t, "externref", g.call("externref", value), any(value))
	wantEqual(t, "null externref", g.call("externref", nil), nil)
	wantEqual(t, "text", g.call("externref", "text"), any("text"))
	add := g.call("funcref", g.fn("add")).(*tenon.Func)
	wantEqual(t, "through a funcref", must(add.Call(g.store, 1, 2)).(int32), 3)
	if f := g.call("funcref", (*tenon.Func)(nil)).(*tenon.Func); f != nil {
		t.Errorf("null funcref came back as %v", f)
	}
}

func TestCallRefusesArguments(t *testing.T) {
	g := instantiate(t, arithmetic)
	refused := func(part, name string, args ...any) {
		t.Helper()
		_, err := g.fn(name).Call(g.store, args...)
		wantError(t, err, part)
	}
	refused("too many arguments provided", "none", 1)
	refused("expected 2 arguments, got 1", "add", 1)
	refused("integer provided for non-integer argument", "f32", 1)
	refused("expected i32, found i64", "add", 1, int64(1))
	refused("expected i32, found externref", "add", 1, "x")
	refused("expected externref, found i32", "externref", int32(1))
	other := tenon.NewStore(g.store.Engine)
	refused("function of another store", "funcref", tenon.WrapFunc(other, func() {}))
	_, err := g.fn("none").Call(other)
	wantError(t, err, "function of another store")
	wantEqual(t, "afterwards", g.call("add", 1, 2).(int32), 3)
}

func TestNewFunc(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	i32, f64 := tenon.NewValType(tenon.KindI32), tenon.NewValType(tenon.KindF64)
	ty := tenon.NewFuncType([]*tenon.ValType{i32, f64}, []*tenon.ValType{f64, i32})
	f := tenon.NewFunc(store, ty, func(c *tenon.Caller, args []tenon.Val) ([]tenon.Val, *tenon.Trap) {
		return []tenon.Val{args[1], args[0]}, nil
	})
	got := must(f.Call(store, 3, 0.5)).([]tenon.Val)
	wantEqual(t, "first", got[0].F64(), 0.5)
	wantEqual(t, "second", got[1].I32(), 3)
	wantEqual(t, "parameters", len(f.Type(store).Params()), 2)
	wantEqual(t, "result", f.Type(store).Results()[1].Kind(), tenon.KindI32)
}

func TestNewFuncWrongResults(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	ty := tenon.NewFuncType(nil, []*tenon.ValType{tenon.NewValType(tenon.KindI32)})
	returning := func(results ...tenon.Val) *tenon.Func {
		return tenon.NewFunc(store, ty, func(*tenon.Caller, []tenon.Val) ([]tenon.Val, *tenon.Trap) {
			return results, nil
		})
	}
	wantPanic(t, "callback didn't produce the correct number of results", func() { returning().Call(store) })
	wantPanic(t, "callback produced wrong type of result", func() { returning(tenon.ValI64(1)).Call(store) })
	wantEqual(t, "afterwards", must(returning(tenon.ValI32(1)).Call(store)).(int32), 1)
}

func TestHostTrap(t *testing.T) {
	trap := tenon.NewTrap("enough")
	g := instantiate(t, `(module (import "" "" (func)) (func (export "f") call 0))`, wrap(func() *tenon.Trap { return trap }))
	got := g.trap("f")
	wantEqual(t, "cause", got.Message()[:7], "enough\n")
	wantEqual(t, "frames", len(got.Frames()), 1)
	if code := got.Code(); code != nil {
		t.Errorf("code is %v, want none", *code)
	}
	wantPanic(t, "cannot return trap twice", func() { g.fn("f").Call(g.store) })

	ty := tenon.NewFuncType(nil, nil)
	again := tenon.NewTrap("again")
	f := tenon.NewFunc(g.store, ty, func(*tenon.Caller, []tenon.Val) ([]tenon.Val, *tenon.Trap) { return nil, again })
	_, err := f.Call(g.store)
	wantEqual(t, "direct", err.(*tenon.Trap).Message(), "again")
	wantPanic(t, "returned an already-returned trap", func() { f.Call(g.store) })
}

// A guest's trap that a host function passes on keeps its code.
func TestTrapPassesThroughHost(t *testing.T) {
	var inner *tenon.Func
	g := instantiate(t, `(module (import "" "" (func)) (func (export "f") call 0) (func (export "bad") unreachable))`,
		wrap(func(c *tenon.Caller) *tenon.Trap {
			_, err := inner.Call(c)
			return err.(*tenon.Trap)
		}))
	inner = g.fn("bad")
	code := g.trap("f").Code()
	if code == nil || *code != tenon.UnreachableCodeReached {
		t.Errorf("code is %v", code)
	}
}

func TestPanicReachesOutermostCall(t *testing.T) {
	type value struct{ n int }
	depth := 0
	var g guest
	g = instantiate(t, `(module (import "" "" (func)) (func (export "f") call 0))`, wrap(func(c *tenon.Caller) {
		if depth++; depth == 3 {
			panic(value{3})
		}
		g.fn("f").Call(c)
	}))
	wantPanic(t, value{3}, func() { g.fn("f").Call(g.store) })
	wantEqual(t, "nested calls", depth, 3)
	wantPanic(t, value{3}, func() { depth = 2; g.fn("f").Call(g.store) })
}

func TestGoexitInHostFunction(t *testing.T) {
	g := instantiate(t, `(module (import "" "" (func)) (func (export "f") call 0) (func (export "ok")))`, wrap(runtime.Goexit))
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.fn("f").Call(g.store)
	}()
	<-done
	g.call("ok")
}

func TestPanicInStartFunction(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	module := compile(t, store.Engine, `(module (import "" "" (func)) (start 0))`)
	boom := tenon.WrapFunc(store, func() { panic("boom") })
	wantPanic(t, "boom", func() { tenon.NewInstance(store, module, []tenon.AsExtern{boom}) })
	linker := tenon.NewLinker(store.Engine)
	if err := linker.FuncWrap("", "", func() { panic("again") }); err != nil {
		t.Fatal(err)
	}
	wantPanic(t, "again", func() { linker.Instantiate(store, module) })
}

func TestWrapFuncShapes(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	call := func(f any, args ...any) any {
		t.Helper()
		return must(tenon.WrapFunc(store, f).Call(store, args...))
	}
	ran := false
	call(func() { ran = true })
	wantEqual(t, "ran", ran, true)
	var got int32
	call(func(a int32) { got = a }, 9)
	wantEqual(t, "got", got, 9)
	wantEqual(t, "i32", call(func(a int32) int32 { return -a }, 5).(int32), -5)
	wantEqual(t, "i32 i32", call(func(a, b int32) int32 { return a - b }, 5, 7).(int32), -2)
	wantEqual(t, "i64 i64", call(func(a, b int64) int64 { return a - b }, 5, 7).(int64), -2)
	wantEqual(t, "floats", call(func(a float32, b float64) float64 { return float64(a) * b }, float32(2), 1.5).(float64), 3)
	wantEqual(t, "any", call(func(a any) any { return a }, "x"), any("x"))
	wantEqual(t, "text", call(func(a string) string { return a + "!" }, "x"), any("x!"))
	wantEqual(t, "nil pointer", call(func(a *int) int32 { return map[bool]int32{true: 1}[a == nil] }, nil).(int32), 1)
	results := call(func(a int32) (int64, float32, *tenon.Trap) { return int64(a), 2, nil }, 4).([]tenon.Val)
	wantEqual(t, "two results", results[0].I64(), 4)
	caller := call(func(a int32, c *tenon.Caller, b int32) int32 {
		if c.Context() != store.Context() {
			t.Error("caller is of another store")
		}
		return a - b
	}, 5, 3)
	wantEqual(t, "caller in the middle", caller.(int32), 2)
	self := tenon.WrapFunc(store, func(f *tenon.Func) *tenon.Func { return f })
	wantEqual(t, "funcref", must(must(self.Call(store, self)).(*tenon.Func).Call(store, (*tenon.Func)(nil))), any((*tenon.Func)(nil)))
	wantPanic(t, "callback provided must be a `func`", func() { tenon.WrapFunc(store, 3) })
	wantPanic(t, "callback provided must be a `func`", func() { tenon.WrapFunc(store, nil) })
}

func TestCaller(t *testing.T) {
	var kept *tenon.Caller
	g := instantiate(t, `(module (import "" "" (func)) (memory (export "m") 1) (func (export "f") call 0))`,
		wrap(func(c *tenon.Caller) {
			kept = c
			if m := c.GetExport("m"); m == nil || m.Memory().Size(c) != 1 {
				t.Error("the caller's memory is not found")
			}
			if c.GetExport("x") != nil {
				t.Error("an export that is not there is found")
			}
		}))
	g.call("f")
	if kept.GetExport("m") != nil {
		t.Error("GetExport works after the call")
	}
	wantPanic(t, "cannot use caller after host function returns", func() { kept.Context() })

	direct := tenon.WrapFunc(g.store, func(c *tenon.Caller) {
		if c.GetExport("m") != nil {
			t.Error("the host has exports")
		}
	})
	must(direct.Call(g.store))
}

func TestCallerData(t *testing.T) {
	store := tenon.NewStoreWithData(tenon.NewEngine(), "data")
	wantEqual(t, "store's data", store.Data(), any("data"))
	must(tenon.WrapFunc(store, func(c *tenon.Caller) { wantEqual(t, "caller's data", c.Data(), any("data")) }).Call(store))
}

func TestImportOfAnotherStore(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	other := tenon.NewStore(store.Engine)
	module := compile(t, store.Engine, `(module (import "" "" (func)))`)
	_, err := tenon.NewInstance(other, module, []tenon.AsExtern{tenon.WrapFunc(store, func() {})})
	wantError(t, err, "another store")
}

// A second goroutine is stopped by a panic while the first is in a guest, and the first goes on.
func TestStoreUsedByTwoGoroutines(t *testing.T) {
	config := tenon.NewConfig()
	config.SetEpochInterruption(true)
	engine := tenon.NewEngineWithConfig(config)
	store := tenon.NewStore(engine)
	store.SetEpochDeadline(1)
	entered := make(chan struct{})
	enter := tenon.WrapFunc(store, func() { close(entered) })
	instance := must(tenon.NewInstance(store, compile(t, engine,
		`(module (import "" "" (func)) (func (export "loop") call 0 (loop br 0)))`), []tenon.AsExtern{enter}))
	loop := instance.GetFunc(store, "loop")
	ended := make(chan error)
	go func() {
		_, err := loop.Call(store)
		ended <- err
	}()
	<-entered
	time.Sleep(10 * time.Millisecond)
	wantPanic(t, "store is used by two goroutines at once", func() { loop.Call(store) })
	wantPanic(t, "store is used by two goroutines at once", func() { store.GC() })
	engine.IncrementEpoch()
	if trap, ok := (<-ended).(*tenon.Trap); !ok || *trap.Code() != tenon.Interrupt {
		t.Errorf("the first goroutine got %v", trap)
	}
}

// Both halves of a vector come out of a guest and go into it again, and Get shows them.
func TestVectorsKeepBothHalves(t *testing.T) {
	g := instantiate(t, `(module
	  (func (export "make") (result v128 i32) (v128.const i64x2 1 2) (i32.const 3))
	  (func (export "upper") (param v128) (result i64) (i64x2.extract_lane 1 (local.get 0))))`)
	made := must(g.fn("make").Call(g.store)).([]tenon.Val)
	if got := made[0].Get(); got != [2]uint64{1, 2} {
		t.Errorf("the program sees %v", got)
	}
	if got := must(g.fn("upper").Call(g.store, made[0])); got != int64(2) {
		t.Errorf("the guest sees %v in the upper half", got)
	}
}
