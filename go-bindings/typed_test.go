package tenon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

const typedGuest = `(module
  (import "" "mul" (func $mul (param i64 f64) (result f64)))
  (import "" "wait" (func $wait))
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "mul") (param i64 f64) (result f64) (call $mul (local.get 0) (local.get 1)))
  (func (export "nop"))
  (func (export "pair") (param i32) (result i32 i64) (local.get 0) (i64.const 7))
  (func (export "trap") unreachable)
  (func (export "spin") (loop (br 0)))
  (func (export "wait") (call $wait))
  (func (export "forever") (loop (call $wait) (br 0))))`

func typedInstance(t testing.TB) (*tenon.Store, *tenon.Instance) {
	g := instantiate(t, typedGuest,
		wrap(func(n int64, x float64) float64 { return float64(n) * x }),
		wrap(func(c *tenon.Caller) { <-c.Ctx().Done() }))
	return g.store, g.instance
}

func TestTyped(t *testing.T) {
	_, i := typedInstance(t)
	add := must(tenon.Typed[func(int32, int32) int32](i, "add"))
	wantEqual(t, "add", add(-3, 5), 2)
	mul := must(tenon.Typed[func(int64, float64) (float64, error)](i, "mul"))
	wantEqual(t, "mul", must(mul(3, 1.5)), 4.5)
	must(tenon.Typed[func()](i, "nop"))()
	wantEqual(t, "nop", must(tenon.Typed[func(context.Context) error](i, "nop"))(t.Context()), nil)
	a, b, err := must(tenon.Typed[func(int32) (int32, int64, error)](i, "pair"))(4)
	if a != 4 || b != 7 || err != nil {
		t.Errorf("pair: %d %d %v", a, b, err)
	}
	err = must(tenon.Typed[func() error](i, "trap"))()
	if !errors.Is(err, tenon.UnreachableCodeReached) || errors.Is(err, tenon.OutOfFuel) {
		t.Errorf("trap: %v", err)
	}
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, tenon.UnreachableCodeReached) {
			t.Errorf("a typed function without error panics with %v", err)
		}
	}()
	must(tenon.Typed[func()](i, "trap"))()
}

func TestTypedRefuses(t *testing.T) {
	_, i := typedInstance(t)
	_, err := tenon.Typed[func(int64) int32](i, "add")
	wantError(t, err, "expected a function of type [i64] -> [i32], found [i32 i32] -> [i32]")
	_, err = tenon.Typed[func()](i, "memory")
	wantError(t, err, "no function is exported as `memory`")
	_, err = tenon.Typed[int](i, "add")
	wantError(t, err, "not a type of functions")
}

func TestTypedAllocatesNothing(t *testing.T) {
	_, i := typedInstance(t)
	add := must(tenon.Typed[func(int32, int32) (int32, error)](i, "add"))
	mul := must(tenon.Typed[func(int64, float64) float64](i, "mul"))
	for name, f := range map[string]func(){"call": func() { add(1, 2) }, "call with host call": func() { mul(1, 2) }} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func wantCancelled(t *testing.T, err, cause error) {
	t.Helper()
	var trap *tenon.Trap
	if !errors.Is(err, cause) || !errors.Is(err, tenon.Interrupt) || !errors.As(err, &trap) {
		t.Errorf("the error is %v", err)
	}
}

func TestCallContext(t *testing.T) {
	store, i := typedInstance(t)
	for _, name := range []string{"spin", "wait", "forever"} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		_, err := i.GetFunc(store, name).CallContext(ctx, store)
		wantCancelled(t, err, context.DeadlineExceeded)
		cancel()
		_, err = i.GetFunc(store, name).CallContext(ctx, store)
		wantCancelled(t, err, context.DeadlineExceeded)
		wantEqual(t, "a later call", must(i.GetFunc(store, "add").Call(store, 1, 2)), any(int32(3)))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	time.AfterFunc(5*time.Millisecond, func() { cancel(reason) })
	err := must(tenon.Typed[func(context.Context) error](i, "spin"))(ctx)
	wantCancelled(t, err, reason)
}

// What stops a guest late must not hit the next call.
func TestHammerCallContext(t *testing.T) {
	store, i := typedInstance(t)
	add := i.GetFunc(store, "add")
	for n := range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := add.CallContext(ctx, store, 1, 2); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(n, err)
		}
		wantEqual(t, "add", must(add.Call(store, 1, 2)), any(int32(3)))
	}
}

func TestCallContextIsPrompt(t *testing.T) {
	store, i := typedInstance(t)
	spin := i.GetFunc(store, "spin")
	var best time.Duration = time.Hour
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		var at time.Time
		time.AfterFunc(2*time.Millisecond, func() { at = time.Now(); cancel() })
		_, err := spin.CallContext(ctx, store)
		best = min(best, time.Since(at))
		wantCancelled(t, err, context.Canceled)
	}
	t.Log("stopped after", best)
	if best > 5*time.Millisecond {
		t.Errorf("it took %v to stop a guest", best)
	}
}

const echoGuest = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start"))
  (func (export "echo") (param $fd i32)
    (loop
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 1000))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (if (i32.load (i32.const 16)) (then
        (i32.store (i32.const 4) (i32.load (i32.const 16)))
        (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16)))
        (br 1))))))`

func TestWasiReaderAndWriters(t *testing.T) {
	text := strings.Repeat("to and fro\n", 20000)
	readers := map[string]io.Reader{"memory": strings.NewReader(text), "pipe": io.MultiReader(strings.NewReader(text))}
	for name, r := range readers {
		for fd := 1; fd <= 2; fd++ {
			if fd == 2 {
				r = bytes.NewBufferString(text)
			}
			var out, errs bytes.Buffer
			config := tenon.NewWasiConfig()
			if err := errors.Join(config.SetStdin(r), config.SetStdout(&out), config.SetStderr(&errs)); err != nil {
				t.Fatal(err)
			}
			store, instance, err := runWasi(t, echoGuest, config)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := instance.GetFunc(store, "echo").Call(store, fd); err != nil {
				t.Fatal(err)
			}
			if fd == 2 {
				out, errs = errs, out
			}
			if out.String() != text || errs.Len() > 0 {
				t.Errorf("%s: %d and %d bytes arrived, want %d and none", name, out.Len(), errs.Len(), len(text))
			}
			store.Close()
		}
	}
}

func ExampleTyped() {
	store := tenon.NewStore(tenon.NewEngine())
	instance, err := tenon.NewInstance(store, compiled(store.Engine, fibonacci), nil)
	if err != nil {
		panic(err)
	}
	fib, err := tenon.Typed[func(int32) (int32, error)](instance, "fibonacci")
	if err != nil {
		panic(err)
	}
	fmt.Println(fib(10))
	// Output: 55 <nil>
}

func ExampleFunc_CallContext() {
	store := tenon.NewStore(tenon.NewEngine())
	instance, err := tenon.NewInstance(store, compiled(store.Engine, `(module (func (export "spin") (loop (br 0))))`), nil)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = instance.GetFunc(store, "spin").CallContext(ctx, store)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}
