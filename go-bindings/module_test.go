package tenon_test

import (
	"os"
	"path/filepath"
	"testing"

	tenon "github.com/tenon-wasm/tenon-go"
)

const manyTypes = `(module
  (import "a" "f" (func (param i32 i64) (result f32)))
  (import "a" "" (global (mut f64)))
  (import "" "t" (table 1 2 externref))
  (import "b" "m" (memory 1))
  (export "f" (func 0)) (export "g" (global 0)) (export "t" (table 0)) (export "" (memory 0)))`

func TestModuleImportsAndExports(t *testing.T) {
	m := compile(t, tenon.NewEngine(), manyTypes)
	imports, exports := m.Imports(), m.Exports()
	wantEqual(t, "imports", len(imports), 4)
	wantEqual(t, "exports", len(exports), 4)
	wantEqual(t, "module", imports[0].Module(), "a")
	wantEqual(t, "name", *imports[0].Name(), "f")
	wantEqual(t, "empty name", *imports[1].Name(), "")
	fn := imports[0].Type().FuncType()
	wantEqual(t, "second parameter", fn.Params()[1].Kind(), tenon.KindI64)
	wantEqual(t, "result", fn.Results()[0].String(), "f32")
	global := exports[1].Type().GlobalType()
	wantEqual(t, "mutable", global.Mutable(), true)
	wantEqual(t, "content", global.Content().Kind(), tenon.KindF64)
	table := imports[2].Type().TableType()
	hasMax, max := table.Maximum()
	wantEqual(t, "table maximum", max, 2)
	wantEqual(t, "table has maximum", hasMax, true)
	wantEqual(t, "table minimum", table.Minimum(), 1)
	wantEqual(t, "element", table.Element().Kind(), tenon.KindExternref)
	memory := exports[3].Type().MemoryType()
	wantEqual(t, "memory minimum", memory.Minimum(), 1)
	if hasMax, _ := memory.Maximum(); hasMax || memory.Is64() || memory.IsShared() {
		t.Errorf("memory type is %+v", memory)
	}
	if exports[0].Type().MemoryType() != nil || exports[3].Type().FuncType() != nil {
		t.Error("a type is of two kinds")
	}
	wantEqual(t, "export name", exports[2].Name(), "t")
}

func TestModuleErrors(t *testing.T) {
	engine := tenon.NewEngine()
	_, err := tenon.Wat2Wasm("(module (func")
	wantError(t, err, "")
	for _, wasm := range [][]byte{nil, {0}, []byte("\x00asm\x01\x00\x00\x00\xff"), []byte("(module)")} {
		_, err := tenon.NewModule(engine, wasm)
		wantError(t, err, "")
		wantError(t, tenon.ModuleValidate(engine, wasm), "")
		_, err = tenon.NewModuleDeserialize(engine, wasm)
		wantError(t, err, "")
	}
	if err := tenon.ModuleValidate(engine, must(tenon.Wat2Wasm("(module)"))); err != nil {
		t.Error(err)
	}
	_, err = tenon.NewModuleDeserializeFile(engine, filepath.Join(t.TempDir(), "missing"))
	wantError(t, err, "")
	_, err = tenon.NewModuleFromFile(engine, filepath.Join(t.TempDir(), "missing"))
	if !os.IsNotExist(err) {
		t.Errorf("error is %v", err)
	}
}

func TestModuleFromFile(t *testing.T) {
	engine, dir := tenon.NewEngine(), t.TempDir()
	text, binary := filepath.Join(dir, "a.wat"), filepath.Join(dir, "a.wasm")
	if err := os.WriteFile(text, []byte(manyTypes), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, must(tenon.Wat2Wasm(manyTypes)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{text, binary} {
		m := must(tenon.NewModuleFromFile(engine, file))
		wantEqual(t, "imports", len(m.Imports()), 4)
	}
}

func TestModuleSerialize(t *testing.T) {
	image := must(compile(t, tenon.NewEngine(), arithmetic).Serialize())
	file := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(file, image, 0o600); err != nil {
		t.Fatal(err)
	}
	engine := tenon.NewEngine()
	for _, m := range []*tenon.Module{
		must(tenon.NewModuleDeserialize(engine, image)),
		must(tenon.NewModuleDeserializeFile(engine, file)),
	} {
		store := tenon.NewStore(engine)
		instance := must(tenon.NewInstance(store, m, nil))
		wantEqual(t, "add", must(instance.GetFunc(store, "add").Call(store, 1, 2)).(int32), 3)
	}
	for n := range image {
		if n%97 == 0 {
			if _, err := tenon.NewModuleDeserialize(engine, image[:n]); err == nil {
				t.Fatalf("an image cut to %d of %d bytes is accepted", n, len(image))
			}
		}
	}
}

func TestInstanceExports(t *testing.T) {
	g := instantiate(t, `(module (func (export "f")) (memory (export "m") 1) (table (export "t") 1 funcref)
	  (global (export "g") i32 (i32.const 3)))`)
	list := g.instance.Exports(g.store)
	wantEqual(t, "exports", len(list), 4)
	if list[0].Func() == nil || list[1].Memory() == nil || list[2].Table() == nil || list[3].Global() == nil {
		t.Error("not in the module's order")
	}
	if list[0].Memory() != nil || list[1].Func() != nil || list[2].Global() != nil || list[3].Table() != nil {
		t.Error("something is of two kinds")
	}
	wantEqual(t, "type", list[3].Type(g.store).GlobalType().Content().Kind(), tenon.KindI32)
	if g.instance.GetExport(g.store, "x") != nil || g.instance.GetFunc(g.store, "m") != nil {
		t.Error("something is found that is not there")
	}
}

func TestInstanceRefusesImports(t *testing.T) {
	store := tenon.NewStore(tenon.NewEngine())
	module := compile(t, store.Engine, `(module (import "a" "b" (func (param i32))))`)
	_, err := tenon.NewInstance(store, module, nil)
	wantError(t, err, "")
	wrong := tenon.WrapFunc(store, func(int64) {})
	_, err = tenon.NewInstance(store, module, []tenon.AsExtern{wrong})
	wantError(t, err, "")
	right := tenon.WrapFunc(store, func(int32) {})
	_, err = tenon.NewInstance(store, module, []tenon.AsExtern{right, right})
	wantError(t, err, "")
	must(tenon.NewInstance(store, module, []tenon.AsExtern{right}))
	foreign := compile(t, tenon.NewEngine(), "(module)")
	_, err = tenon.NewInstance(store, foreign, nil)
	wantError(t, err, "")
	_, err = tenon.NewLinker(store.Engine).Instantiate(store, foreign)
	wantError(t, err, "")
}

func TestLinker(t *testing.T) {
	engine := tenon.NewEngine()
	linker := tenon.NewLinker(engine)
	store := tenon.NewStore(engine)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(linker.FuncWrap("env", "double", func(a int32) int32 { return 2 * a }))
	check(linker.FuncNew("env", "nine", tenon.NewFuncType(nil, []*tenon.ValType{tenon.NewValType(tenon.KindI32)}),
		func(*tenon.Caller, []tenon.Val) ([]tenon.Val, *tenon.Trap) { return []tenon.Val{tenon.ValI32(9)}, nil }))
	wantError(t, linker.FuncWrap("env", "nine", func() {}), "")
	linker.AllowShadowing(true)
	check(linker.FuncWrap("env", "nine", func() int32 { return 10 }))
	user := compile(t, engine, `(module (import "env" "double" (func (param i32) (result i32)))
	  (import "env" "nine" (func (result i32))) (func (export "f") (result i32) (call 0 (call 1))))`)
	for range 2 {
		other := tenon.NewStore(engine)
		instance := must(linker.Instantiate(other, user))
		wantEqual(t, "f", must(instance.GetFunc(other, "f").Call(other)).(int32), 20)
	}
	check(linker.Define("env", "memory", must(tenon.NewMemory(store, tenon.NewMemoryType(1, false, 0)))))
	check(linker.DefineFunc(store, "env", "own", func() int32 { return 1 }))
	if linker.Get(store, "env", "memory").Memory() == nil || linker.Get(store, "env", "x") != nil {
		t.Error("Get finds the wrong things")
	}
	wantEqual(t, "Get", must(linker.Get(store, "env", "double").Func().Call(store, 4)).(int32), 8)
	check(linker.DefineInstance(store, "user", must(linker.Instantiate(store, user))))
	wantEqual(t, "instance's", must(linker.Get(store, "user", "f").Func().Call(store)).(int32), 20)
	_, err := linker.Instantiate(store, compile(t, engine, `(module (import "no" "thing" (func)))`))
	wantError(t, err, "no")
	must(must(linker.GetDefault(store, "unknown")).Call(store))
}

func TestLinkerUnknownImports(t *testing.T) {
	engine := tenon.NewEngine()
	store := tenon.NewStore(engine)
	module := compile(t, engine, `(module (import "a" "b" (func (result i32))) (func (export "f") (result i32) call 0))`)
	traps := tenon.NewLinker(engine)
	if err := traps.DefineUnknownImportsAsTraps(module); err != nil {
		t.Fatal(err)
	}
	if _, err := must(traps.Instantiate(store, module)).GetFunc(store, "f").Call(store); err == nil {
		t.Error("the unknown function can be called")
	}
	zeros := tenon.NewLinker(engine)
	if err := zeros.DefineUnknownImportsAsDefaultValues(store, module); err != nil {
		t.Fatal(err)
	}
	instance := must(zeros.Instantiate(store, module))
	wantEqual(t, "default", must(instance.GetFunc(store, "f").Call(store)).(int32), 0)
}

func TestLinkerDefineModule(t *testing.T) {
	engine := tenon.NewEngine()
	store := tenon.NewStore(engine)
	linker := tenon.NewLinker(engine)
	var said []int32
	if err := linker.FuncWrap("host", "say", func(n int32) { said = append(said, n) }); err != nil {
		t.Fatal(err)
	}
	counter := `(import "host" "say" (func (param i32))) (global $n (mut i32) (i32.const 0))
	  (func $next (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))`
	define := func(name, body string) {
		t.Helper()
		if err := linker.DefineModule(store, name, compile(t, engine, "(module "+counter+body+")")); err != nil {
			t.Fatal(err)
		}
	}
	define("command", `(func (export "_start") (call 0 (call $next)))`)
	define("reactor", `(func (export "_initialize") (call 0 (i32.const 100))) (func (export "next") (result i32) call $next)`)
	start := must(linker.GetDefault(store, "command"))
	must(start.Call(store))
	must(start.Call(store))
	next := linker.Get(store, "reactor", "next").Func()
	must(next.Call(store))
	said = append(said, must(next.Call(store)).(int32))
	for i, want := range []int32{100, 1, 1, 2} {
		if i >= len(said) || said[i] != want {
			t.Fatalf("said %v", said)
		}
	}
}
