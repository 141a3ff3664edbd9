package tenon_test

import (
	"runtime"
	"testing"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

func TestMemory(t *testing.T) {
	g := instantiate(t, `(module (memory (export "m") 1 3)
	  (data (i32.const 10) "hello")
	  (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
	  (func (export "grow") (result i32) (memory.grow (i32.const 1))))`)
	m := g.instance.GetExport(g.store, "m").Memory()
	wantEqual(t, "data", string(m.UnsafeData(g.store)[10:15]), "hello")
	m.UnsafeData(g.store)[65535] = 200
	wantEqual(t, "load", g.call("load", 65535).(int32), 200)
	wantEqual(t, "pages", m.Size(g.store), 1)
	wantEqual(t, "bytes", m.DataSize(g.store), 65536)
	wantEqual(t, "grow", must(m.Grow(g.store, 1)), 1)
	wantEqual(t, "guest grows", g.call("grow").(int32), 2)
	wantEqual(t, "length", len(m.UnsafeData(g.store)), 3*65536)
	wantEqual(t, "grow by nothing", must(m.Grow(g.store, 0)), 3)
	_, err := m.Grow(g.store, 1)
	wantError(t, err, "")
	hasMax, max := m.Type(g.store).Maximum()
	if !hasMax || max != 3 || m.Type(g.store).Minimum() == 0 {
		t.Errorf("type is %+v", m.Type(g.store))
	}
	if m.Data(g.store) == nil {
		t.Error("no address")
	}
}

func TestNewMemory(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	m := must(tenon.NewMemory(store, tenon.NewMemoryType(0, true, 1)))
	wantEqual(t, "empty", len(m.UnsafeData(store)), 0)
	must(m.Grow(store, 1))
	instance := must(tenon.NewInstance(store, compile(t, store.Engine,
		`(module (import "" "" (memory 1)) (func (export "f") (i32.store8 (i32.const 5) (i32.const 77))))`), []tenon.AsExtern{m}))
	must(instance.GetFunc(store, "f").Call(store))
	wantEqual(t, "byte", m.UnsafeData(store)[5], 77)
}

func TestTable(t *testing.T) {
	g := instantiate(t, `(module (table (export "t") 2 4 funcref) (elem (i32.const 0) 0)
	  (func (result i32) i32.const 11)
	  (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))`)
	table := g.instance.GetExport(g.store, "t").Table()
	wantEqual(t, "size", table.Size(g.store), 2)
	first := must(table.Get(g.store, 0)).Funcref()
	wantEqual(t, "first", must(first.Call(g.store)).(int32), 11)
	if f := must(table.Get(g.store, 1)).Funcref(); f != nil {
		t.Errorf("second is %v, want null", f)
	}
	_, err := table.Get(g.store, 2)
	wantError(t, err, "index out of bounds")
	own := tenon.WrapFunc(g.store, func() int32 { return 12 })
	if err := table.Set(g.store, 1, tenon.ValFuncref(own)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "guest calls", g.call("call", 1).(int32), 12)
	wantEqual(t, "old size", must(table.Grow(g.store, 2, tenon.ValFuncref(own))), 2)
	wantEqual(t, "grown", g.call("call", 3).(int32), 12)
	_, err = table.Grow(g.store, 1, tenon.ValFuncref(nil))
	wantError(t, err, "")
	wantError(t, table.Set(g.store, 9, tenon.ValFuncref(nil)), "")
	wantError(t, table.Set(g.store, 0, tenon.ValI32(1)), "")
	wantEqual(t, "element", table.Type(g.store).Element().Kind(), tenon.KindFuncref)
	other := tenon.WrapFunc(tenon.NewStore(g.store.Engine), func() {})
	wantError(t, table.Set(g.store, 0, tenon.ValFuncref(other)), "another store")
}

func TestNewTable(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	ty := tenon.NewTableType(tenon.NewValType(tenon.KindExternref), 2, true, 5)
	table := must(tenon.NewTable(store, ty, tenon.ValExternref("init")))
	wantEqual(t, "element", must(table.Get(store, 1)).Externref(), any("init"))
	hasMax, max := table.Type(store).Maximum()
	if !hasMax || max != 5 {
		t.Errorf("maximum is %v %v", hasMax, max)
	}
}

func TestGlobal(t *testing.T) {
	g := instantiate(t, `(module (global (export "c") f64 (f64.const 2.5)) (global (export "v") (mut i64) (i64.const -1))
	  (func (export "get") (result i64) global.get 1))`)
	constant := g.instance.GetExport(g.store, "c").Global()
	variable := g.instance.GetExport(g.store, "v").Global()
	wantEqual(t, "constant", constant.Get(g.store).F64(), 2.5)
	wantEqual(t, "variable", variable.Get(g.store).I64(), -1)
	if err := variable.Set(g.store, tenon.ValI64(1<<40)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "guest", g.call("get").(int64), 1<<40)
	wantError(t, constant.Set(g.store, tenon.ValF64(1)), "")
	wantError(t, variable.Set(g.store, tenon.ValI32(1)), "")
	wantEqual(t, "mutable", variable.Type(g.store).Mutable(), true)
	wantEqual(t, "content", constant.Type(g.store).Content().String(), "f64")
}

func TestNewGlobal(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	ty := tenon.NewGlobalType(tenon.NewValType(tenon.KindExternref), true)
	global := must(tenon.NewGlobal(store, ty, tenon.ValExternref(7)))
	wantEqual(t, "value", global.Get(store).Get(), any(7))
	wantError(t, global.Set(store, tenon.ValI32(1)), "")
	if err := global.Set(store, tenon.ValExternref(nil)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "null", global.Get(store).Externref(), nil)
	_, err := tenon.NewGlobal(store, tenon.NewGlobalType(tenon.NewValType(tenon.KindI32), false), tenon.ValI64(1))
	wantError(t, err, "")
}

func TestWrongStorePanics(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	m := must(tenon.NewMemory(store, tenon.NewMemoryType(1, false, 0)))
	wantPanic(t, "object is used with a store that it does not belong to", func() { m.Size(tenon.NewStore(store.Engine)) })
}

// collected waits until the finalizer of a value has run.
func collected(store *tenon.Store, done *bool, finalized <-chan struct{}) bool {
	for range 100 {
		store.GC()
		runtime.GC()
		select {
		case <-finalized:
			*done = true
			return true
		case <-time.After(time.Millisecond):
		}
	}
	return false
}

type tracked struct{ n [64]byte }

func track() (*tracked, <-chan struct{}) {
	value, finalized := new(tracked), make(chan struct{})
	runtime.AddCleanup(value, func(c chan struct{}) { close(c) }, finalized)
	return value, finalized
}

func TestExternrefIsReleased(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	ty := tenon.NewTableType(tenon.NewValType(tenon.KindExternref), 1, false, 0)
	value, finalized := track()
	table := must(tenon.NewTable(store, ty, tenon.ValExternref(value)))
	for range 3 {
		store.GC()
		runtime.GC()
	}
	select {
	case <-finalized:
		t.Fatal("released while the table has it")
	default:
	}
	if must(table.Get(store, 0)).Externref() != any(value) {
		t.Error("another value")
	}
	if err := table.Set(store, 0, tenon.ValExternref(nil)); err != nil {
		t.Fatal(err)
	}
	value = nil
	done := false
	if !collected(store, &done, finalized) {
		t.Error("not released after the table has lost it")
	}
}

func TestExternrefPassingIsReleased(t *testing.T) {
	g := instantiate(t, `(module (import "" "" (func (param externref) (result externref)))
	  (func (export "f") (param externref) (result externref) (call 0 (local.get 0))))`,
		wrap(func(v any) any { return v }))
	value, finalized := track()
	if g.call("f", value) != any(value) {
		t.Error("another value came back")
	}
	value = nil
	done := false
	if !collected(g.store, &done, finalized) {
		t.Error("not released")
	}
}

// A host function that captures its store does not keep it alive.
func TestStoreCapturedByHostFunctionIsCollected(t *testing.T) {
	engine := tenon.NewEngine()
	value, finalized := track()
	func() {
		store := tenon.NewStoreWithData(engine, value)
		var again *tenon.Func
		again = tenon.WrapFunc(store, func() { _, _ = store, again })
		must(again.Call(store))
		must(tenon.WrapFunc(store, func(any) {}).Call(store, store))
	}()
	value = nil
	keeper := tenon.NewStore(engine)
	done := false
	if !collected(keeper, &done, finalized) {
		t.Error("the store is still there")
	}
}
