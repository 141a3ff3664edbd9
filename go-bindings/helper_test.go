package tenon_test

import (
	"errors"
	"strings"
	"testing"

	tenon "github.com/tenon-wasm/tenon-go"
)

// must unwraps results that cannot fail in a correct library.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func compile(t testing.TB, engine *tenon.Engine, wat string) *tenon.Module {
	t.Helper()
	wasm, err := tenon.Wat2Wasm(wat)
	if err != nil {
		t.Fatal(err)
	}
	module, err := tenon.NewModule(engine, wasm)
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// guest is an instance with the store it lives in.
type guest struct {
	t        testing.TB
	store    *tenon.Store
	instance *tenon.Instance
}

func instantiate(t testing.TB, wat string, imports ...func(*tenon.Store) tenon.AsExtern) guest {
	t.Helper()
	store := tenon.NewStore(tenon.NewEngine())
	var items []tenon.AsExtern
	for _, make := range imports {
		items = append(items, make(store))
	}
	instance, err := tenon.NewInstance(store, compile(t, store.Engine, wat), items)
	if err != nil {
		t.Fatal(err)
	}
	return guest{t, store, instance}
}

// wrap is an import made from a Go function.
func wrap(f any) func(*tenon.Store) tenon.AsExtern {
	return func(s *tenon.Store) tenon.AsExtern { return tenon.WrapFunc(s, f) }
}

func (g guest) fn(name string) *tenon.Func {
	g.t.Helper()
	f := g.instance.GetFunc(g.store, name)
	if f == nil {
		g.t.Fatalf("there is no function %q", name)
	}
	return f
}

func (g guest) call(name string, args ...any) any {
	g.t.Helper()
	result, err := g.fn(name).Call(g.store, args...)
	if err != nil {
		g.t.Fatalf("%s: %v", name, err)
	}
	return result
}

// trap calls a function that must trap.
func (g guest) trap(name string, args ...any) *tenon.Trap {
	g.t.Helper()
	result, err := g.fn(name).Call(g.store, args...)
	trap, ok := err.(*tenon.Trap)
	if !ok {
		g.t.Fatalf("%s: result %v, error %v (%T), want a trap", name, result, err, err)
	}
	return trap
}

func wantPanic(t testing.TB, value any, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r != value {
			t.Errorf("panic value is %v, want %v", r, value)
		}
	}()
	f()
	t.Error("there was no panic")
}

func wantError(t testing.TB, err error, part string) {
	t.Helper()
	var e *tenon.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), part) {
		t.Errorf("error is %v (%T), want a *tenon.Error with %q", err, err, part)
	}
}

func wantEqual[T comparable](t testing.TB, what string, found, expected T) {
	t.Helper()
	if found != expected {
		t.Errorf("%s is %v, want %v", what, found, expected)
	}
}
