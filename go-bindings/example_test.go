package tenon_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

const fibonacci = `(module
  (func $fib (export "fibonacci") (param $n i32) (result i32)
    (if (i32.lt_s (local.get $n) (i32.const 2)) (then (return (local.get $n))))
    (i32.add
      (call $fib (i32.sub (local.get $n) (i32.const 2)))
      (call $fib (i32.sub (local.get $n) (i32.const 1))))))`

// compiled is what the examples begin with.
func compiled(engine *tenon.Engine, wat string) *tenon.Module {
	wasm, err := tenon.Wat2Wasm(wat)
	if err != nil {
		log.Fatal(err)
	}
	module, err := tenon.NewModule(engine, wasm)
	if err != nil {
		log.Fatal(err)
	}
	return module
}

// A guest calls a Go function.
func Example_hello() {
	store := tenon.NewStore(tenon.NewEngine())
	module := compiled(store.Engine, `(module
	  (import "" "hello" (func $hello))
	  (func (export "run") (call $hello)))`)
	hello := tenon.WrapFunc(store, func() { fmt.Println("Hello from Go!") })
	instance, err := tenon.NewInstance(store, module, []tenon.AsExtern{hello})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := instance.GetFunc(store, "run").Call(store); err != nil {
		log.Fatal(err)
	}
	// Output: Hello from Go!
}

// A guest computes.
func Example_gcd() {
	store := tenon.NewStore(tenon.NewEngine())
	module := compiled(store.Engine, `(module
	  (func $gcd (export "gcd") (param i32 i32) (result i32)
	    (if (result i32) (i32.eqz (local.get 1))
	      (then (local.get 0))
	      (else (call $gcd (local.get 1) (i32.rem_u (local.get 0) (local.get 1)))))))`)
	instance, err := tenon.NewInstance(store, module, nil)
	if err != nil {
		log.Fatal(err)
	}
	result, err := instance.GetFunc(store, "gcd").Call(store, 6, 27)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("gcd(6, 27) = %d\n", result.(int32))
	// Output: gcd(6, 27) = 3
}

// Two guests meet: what one exports the other imports.
func Example_import() {
	store := tenon.NewStore(tenon.NewEngine())
	counter := compiled(store.Engine, `(module
	  (global $n (mut i32) (i32.const 40))
	  (func (export "next") (result i32)
	    (global.set $n (i32.add (global.get $n) (i32.const 1)))
	    (global.get $n)))`)
	first, err := tenon.NewInstance(store, counter, nil)
	if err != nil {
		log.Fatal(err)
	}
	user := compiled(store.Engine, `(module
	  (import "counter" "next" (func $next (result i32)))
	  (func (export "twice") (result i32) (drop (call $next)) (call $next)))`)
	second, err := tenon.NewInstance(store, user, []tenon.AsExtern{first.GetFunc(store, "next")})
	if err != nil {
		log.Fatal(err)
	}
	result, err := second.GetFunc(store, "twice").Call(store)
	fmt.Println(result, err)
	// Output: 42 <nil>
}

// Host and guest share a memory; reaching beyond it traps.
func Example_memory() {
	store := tenon.NewStore(tenon.NewEngine())
	module := compiled(store.Engine, `(module
	  (memory (export "memory") 2 3)
	  (func (export "load") (param i32) (result i32) (i32.load8_s (local.get 0)))
	  (data (i32.const 0x1000) "\01\02\03\04"))`)
	instance, err := tenon.NewInstance(store, module, nil)
	if err != nil {
		log.Fatal(err)
	}
	memory := instance.GetExport(store, "memory").Memory()
	load := instance.GetFunc(store, "load")

	memory.UnsafeData(store)[0x1003] = 5
	value, err := load.Call(store, 0x1003)
	fmt.Println(value, err)

	_, err = load.Call(store, 0x20000)
	var trap *tenon.Trap
	fmt.Println(errors.As(err, &trap), *trap.Code() == tenon.MemoryOutOfBounds)

	pages, err := memory.Grow(store, 1)
	fmt.Println(pages, err, memory.DataSize(store))
	// Output:
	// 5 <nil>
	// true true
	// 2 <nil> 196608
}

// Functions with several results give and take []Val.
func Example_multi() {
	store := tenon.NewStore(tenon.NewEngine())
	module := compiled(store.Engine, `(module
	  (import "" "f" (func $f (param i32 i64) (result i64 i32)))
	  (func (export "g") (param i32 i64) (result i64 i32) (call $f (local.get 0) (local.get 1))))`)
	swap := tenon.WrapFunc(store, func(a int32, b int64) (int64, int32) { return b + 1, a + 1 })
	instance, err := tenon.NewInstance(store, module, []tenon.AsExtern{swap})
	if err != nil {
		log.Fatal(err)
	}
	result, err := instance.GetFunc(store, "g").Call(store, 1, 3)
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range result.([]tenon.Val) {
		fmt.Println(v.Kind(), v.Get())
	}
	// Output:
	// i64 4
	// i32 2
}

// A linker gives modules to each other by name.
func ExampleLinker() {
	store := tenon.NewStore(tenon.NewEngine())
	linker := tenon.NewLinker(store.Engine)
	if err := linker.FuncWrap("host", "log", func(n int32) { fmt.Println("guest says", n) }); err != nil {
		log.Fatal(err)
	}
	library, err := linker.Instantiate(store, compiled(store.Engine, `(module
	  (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))`))
	if err != nil {
		log.Fatal(err)
	}
	if err := linker.DefineInstance(store, "library", library); err != nil {
		log.Fatal(err)
	}
	program, err := linker.Instantiate(store, compiled(store.Engine, `(module
	  (import "host" "log" (func $log (param i32)))
	  (import "library" "double" (func $double (param i32) (result i32)))
	  (func (export "run") (call $log (call $double (i32.const 21)))))`))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := program.GetFunc(store, "run").Call(store); err != nil {
		log.Fatal(err)
	}
	// Output: guest says 42
}

// Fuel bounds what a guest may compute.
func ExampleConfig_fuel() {
	config := tenon.NewConfig()
	config.SetConsumeFuel(true)
	store := tenon.NewStore(tenon.NewEngineWithConfig(config))
	if err := store.AddFuel(1000); err != nil {
		log.Fatal(err)
	}
	instance, err := tenon.NewInstance(store, compiled(store.Engine, fibonacci), nil)
	if err != nil {
		log.Fatal(err)
	}
	fib := instance.GetFunc(store, "fibonacci")
	for n := 0; ; n++ {
		before, _ := store.FuelConsumed()
		result, err := fib.Call(store, n)
		if err != nil {
			cause, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Println(cause)
			break
		}
		after, _ := store.FuelConsumed()
		fmt.Printf("fib(%d) = %d, fuel %d\n", n, result, after-before)
	}
	// Output:
	// fib(0) = 0, fuel 6
	// fib(1) = 1, fuel 6
	// fib(2) = 1, fuel 26
	// fib(3) = 2, fuel 46
	// fib(4) = 3, fuel 86
	// fib(5) = 5, fuel 146
	// fib(6) = 8, fuel 246
	// fib(7) = 13, fuel 406
	// wasm trap: all fuel consumed by WebAssembly
}

// Another goroutine stops a guest that does not end.
func ExampleConfig_interrupt() {
	config := tenon.NewConfig()
	config.SetEpochInterruption(true)
	store := tenon.NewStore(tenon.NewEngineWithConfig(config))
	store.SetEpochDeadline(1)
	instance, err := tenon.NewInstance(store, compiled(store.Engine, `(module (func (export "run") (loop br 0)))`), nil)
	if err != nil {
		log.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, store.Engine.IncrementEpoch)
	_, err = instance.GetFunc(store, "run").Call(store)
	var trap *tenon.Trap
	fmt.Println(errors.As(err, &trap) && strings.Contains(trap.Message(), "wasm trap: interrupt"))
	// Output: true
}

// A compiled module can be kept and loaded by another engine.
func ExampleModule_serialize() {
	image, err := compiled(tenon.NewEngine(), `(module (func (export "answer") (result i32) i32.const 42))`).Serialize()
	if err != nil {
		log.Fatal(err)
	}
	store := tenon.NewStore(tenon.NewEngine())
	module, err := tenon.NewModuleDeserialize(store.Engine, image)
	if err != nil {
		log.Fatal(err)
	}
	instance, err := tenon.NewInstance(store, module, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(instance.GetFunc(store, "answer").Call(store))
	// Output: 42 <nil>
}

// A WASI program writes to its standard output.
func ExampleWasiConfig() {
	dir, err := os.MkdirTemp("", "out")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	stdout := filepath.Join(dir, "stdout")

	engine := tenon.NewEngine()
	linker := tenon.NewLinker(engine)
	if err := linker.DefineWasi(); err != nil {
		log.Fatal(err)
	}
	wasi := tenon.NewWasiConfig()
	if err := wasi.SetStdoutFile(stdout); err != nil {
		log.Fatal(err)
	}
	store := tenon.NewStore(engine)
	store.SetWasi(wasi)
	instance, err := linker.Instantiate(store, compiled(engine, `(module
	  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
	  (memory (export "memory") 1)
	  (data (i32.const 8) "hello world\n")
	  (func (export "_start")
	    (i32.store (i32.const 0) (i32.const 8))
	    (i32.store (i32.const 4) (i32.const 12))
	    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20)))))`))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := instance.GetFunc(store, "_start").Call(store); err != nil {
		log.Fatal(err)
	}
	written, err := os.ReadFile(stdout)
	fmt.Print(string(written), err)
	// Output:
	// hello world
	// <nil>
}
