package main

import (
	"context"
	"os"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

func program(path string, args []string) func() {
	engine := wasmtime.NewEngine()
	module := must(wasmtime.NewModule(engine, must(os.ReadFile(path))))
	linker := wasmtime.NewLinker(engine)
	check(linker.DefineWasi())
	check(linker.FuncWrap("bench", "start", benchStart))
	check(linker.FuncWrap("bench", "end", benchEnd))
	return func() {
		store := wasmtime.NewStore(engine)
		wasi := wasmtime.NewWasiConfig()
		wasi.SetArgv(args)
		check(wasi.SetStdoutFile(os.Getenv("GUEST_STDOUT")))
		check(wasi.PreopenDir(".", ".", wasmtime.DIR_READ|wasmtime.DIR_WRITE, wasmtime.FILE_READ|wasmtime.FILE_WRITE))
		store.SetWasi(wasi)
		instance := must(linker.Instantiate(store, module))
		if _, err := instance.GetFunc(store, "_start").Call(store); err != nil {
			e, ok := err.(*wasmtime.Error)
			status := int32(1)
			if ok {
				status, ok = e.ExitStatus()
			}
			if !ok || status != 0 {
				fail("%v", err)
			}
		}
		store.Close()
	}
}

func compile(engine *wasmtime.Engine, wat string) *wasmtime.Module {
	return must(wasmtime.NewModule(engine, must(wasmtime.Wat2Wasm(wat))))
}

func figures() map[string]figure {
	engine := wasmtime.NewEngine()
	store := wasmtime.NewStore(engine)
	typed := wasmtime.WrapFunc(store, func(x, y int32) int32 { return x + y })
	i32 := wasmtime.NewValType(wasmtime.KindI32)
	ty := wasmtime.NewFuncType([]*wasmtime.ValType{i32, i32}, []*wasmtime.ValType{i32})
	untyped := wasmtime.NewFunc(store, ty, func(_ *wasmtime.Caller, args []wasmtime.Val) ([]wasmtime.Val, *wasmtime.Trap) {
		return []wasmtime.Val{wasmtime.ValI32(args[0].I32() + args[1].I32())}, nil
	})
	instance := must(wasmtime.NewInstance(store, compile(engine, microGuest), []wasmtime.AsExtern{typed, untyped}))
	add := instance.GetFunc(store, "add")
	trap := instance.GetFunc(store, "trap")
	small := compile(engine, smallGuest)
	return map[string]figure{
		"func_call": {20_000, func(n int) {
			for i := range n {
				r, err := add.Call(store, int32(i), int32(2))
				expect(err == nil && r.(int32) == int32(i)+2, "add")
			}
		}},
		"typed_host":   {50_000, func(n int) { must(instance.GetFunc(store, "typed").Call(store, int32(n))) }},
		"untyped_host": {50_000, func(n int) { must(instance.GetFunc(store, "untyped").Call(store, int32(n))) }},
		"trap": {2_000, func(n int) {
			for range n {
				_, err := trap.Call(store)
				expect(err != nil, "trap")
			}
		}},
		"instance": {1_000, func(n int) {
			for range n {
				s := wasmtime.NewStore(engine)
				must(wasmtime.NewInstance(s, small, nil))
				s.Close()
			}
		}},
		"cancel": {20, cancel},
	}
}

// What the package offers for cancelling: an epoch that somebody moves on.
func cancel(n int) {
	config := wasmtime.NewConfig()
	config.SetEpochInterruption(true)
	engine := wasmtime.NewEngineWithConfig(config)
	store := wasmtime.NewStore(engine)
	store.SetEpochDeadline(1)
	spin := must(wasmtime.NewInstance(store, compile(engine, spinGuest), nil)).GetFunc(store, "spin")
	cancelled(n, func(ctx context.Context) {
		store.SetEpochDeadline(1)
		stop := context.AfterFunc(ctx, engine.IncrementEpoch)
		_, err := spin.Call(store)
		stop()
		expect(err != nil, "spin")
	})
}
