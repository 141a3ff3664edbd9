package tenon_test

import (
	"context"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

const benchGuest = `(module
  (import "" "nop" (func $nop)) (import "" "add" (func $hostadd (param i32 i32) (result i32)))
  (func (export "nop"))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (memory 1)
  (func (export "trap") unreachable)
  (func (export "fault") (drop (i32.load (i32.const -4))))
  (func (export "nops") (param i32) (loop (call $nop)
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "adds") (param i32) (loop (drop (call $hostadd (local.get 0) (i32.const 1)))
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`

func benchInstance(b *testing.B) guest {
	return instantiate(b, benchGuest, wrap(func() {}), wrap(func(x, y int32) int32 { return x + y }))
}

func BenchmarkCallNop(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("nop")
	for b.Loop() {
		f.Call(g.store)
	}
}

func BenchmarkCallAdd(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("add")
	for b.Loop() {
		f.Call(g.store, int32(1), int32(2))
	}
}

// One operation is one host call.
func BenchmarkHostCallNop(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("nops")
	b.ResetTimer()
	must(f.Call(g.store, b.N))
}

// One operation is one host call.
func BenchmarkHostCallAdd(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("adds")
	b.ResetTimer()
	must(f.Call(g.store, b.N))
}

// One operation is one host call.
func BenchmarkHostCallUntyped(b *testing.B) {
	store := tenon.NewStore(tenon.NewEngine())
	i32 := tenon.NewValType(tenon.KindI32)
	ty := tenon.NewFuncType([]*tenon.ValType{i32, i32}, []*tenon.ValType{i32})
	add := tenon.NewFunc(store, ty, func(_ *tenon.Caller, args []tenon.Val) ([]tenon.Val, *tenon.Trap) {
		return []tenon.Val{tenon.ValI32(args[0].I32() + args[1].I32())}, nil
	})
	instance := must(tenon.NewInstance(store, compile(b, store.Engine, benchGuest), []tenon.AsExtern{tenon.WrapFunc(store, func() {}), add}))
	f := instance.GetFunc(store, "adds")
	b.ResetTimer()
	must(f.Call(store, b.N))
}

func BenchmarkTrap(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("trap")
	for b.Loop() {
		f.Call(g.store)
	}
}

func BenchmarkTrapFault(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("fault")
	for b.Loop() {
		f.Call(g.store)
	}
}

// The module is the one that `make bench` takes.
func BenchmarkStoreAndInstance(b *testing.B) {
	engine := tenon.NewEngine()
	module := compile(b, engine, `(module (memory (export "memory") 1) (table 8 funcref) (elem (i32.const 0) $f $f $f $f)
	  (data (i32.const 1024) "hello") (func $f (export "f") (result i32) i32.const 1))`)
	for b.Loop() {
		store := tenon.NewStore(engine)
		must(tenon.NewInstance(store, module, nil))
		store.Close()
	}
}

// What a crossing costs that does nothing: the yardstick for the others.
func BenchmarkEmptyCgoCall(b *testing.B) {
	for b.Loop() {
		cabi.Empty()
	}
}

func BenchmarkTypedCallNop(b *testing.B) {
	g := benchInstance(b)
	nop := must(tenon.Typed[func() error](g.instance, "nop"))
	for b.Loop() {
		nop()
	}
}

func BenchmarkTypedCallAdd(b *testing.B) {
	g := benchInstance(b)
	add := must(tenon.Typed[func(int32, int32) (int32, error)](g.instance, "add"))
	for b.Loop() {
		add(1, 2)
	}
}

func BenchmarkCallContextUnused(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("add")
	ctx := context.Background()
	for b.Loop() {
		f.CallContext(ctx, g.store, int32(1), int32(2))
	}
}

func BenchmarkCallContextCancellable(b *testing.B) {
	g := benchInstance(b)
	f := g.fn("add")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for b.Loop() {
		f.CallContext(ctx, g.store, int32(1), int32(2))
	}
}

// From the moment of cancelling to the end of a guest in a tight loop.
func BenchmarkContextCancel(b *testing.B) {
	g := instantiate(b, `(module (func (export "spin") (loop (br 0))))`)
	spin := g.fn("spin")
	var total time.Duration
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		var at time.Time
		time.AfterFunc(100*time.Microsecond, func() { at = time.Now(); cancel() })
		spin.CallContext(ctx, g.store)
		total += time.Since(at)
	}
	b.ReportMetric(float64(total.Nanoseconds())/float64(b.N), "ns/stop")
}
