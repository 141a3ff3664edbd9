package main

import (
	"context"
	"os"

	tenon "github.com/tenon-wasm/tenon-go"
)

func program(path string, args []string) func() {
	engine := tenon.NewEngine()
	module := must(tenon.NewModule(engine, must(os.ReadFile(path))))
	linker := tenon.NewLinker(engine)
	check(linker.DefineWasi())
	check(linker.FuncWrap("bench", "start", benchStart))
	check(linker.FuncWrap("bench", "end", benchEnd))
	return func() {
		store := tenon.NewStore(engine)
		wasi := tenon.NewWasiConfig()
		wasi.SetArgv(args)
		check(wasi.SetStdoutFile(os.Getenv("GUEST_STDOUT")))
		check(wasi.PreopenDir(".", "."))
		store.SetWasi(wasi)
		instance := must(linker.Instantiate(store, module))
		if _, err := instance.GetFunc(store, "_start").Call(store); err != nil {
			e, ok := err.(*tenon.Error)
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

func compile(engine *tenon.Engine, wat string) *tenon.Module {
	return must(tenon.NewModule(engine, must(tenon.Wat2Wasm(wat))))
}

func figures() map[string]figure {
	engine := tenon.NewEngine()
	store := tenon.NewStore(engine)
	typed := tenon.WrapFunc(store, func(x, y int32) int32 { return x + y })
	i32 := tenon.NewValType(tenon.KindI32)
	ty := tenon.NewFuncType([]*tenon.ValType{i32, i32}, []*tenon.ValType{i32})
	untyped := tenon.NewFunc(store, ty, func(_ *tenon.Caller, args []tenon.Val) ([]tenon.Val, *tenon.Trap) {
		return []tenon.Val{tenon.ValI32(args[0].I32() + args[1].I32())}, nil
	})
	instance := must(tenon.NewInstance(store, compile(engine, microGuest), []tenon.AsExtern{typed, untyped}))
	add := instance.GetFunc(store, "add")
	addTyped := must(tenon.Typed[func(int32, int32) (int32, error)](instance, "add"))
	longTyped := must(tenon.Typed[func(int32, int32) (int32, error)](instance, "long"))
	trap := instance.GetFunc(store, "trap")
	work := instance.GetFunc(store, "work")
	small := compile(engine, smallGuest)
	spinning := must(tenon.NewInstance(store, compile(engine, spinGuest), nil)).GetFunc(store, "spin")
	ctx, _ := context.WithCancel(context.Background())
	return map[string]figure{
		"typed_call": {200_000, func(n int) {
			for i := range n {
				r, err := addTyped(int32(i), 2)
				expect(err == nil && r == int32(i)+2, "add")
			}
		}},
		"typed_long": {200_000, func(n int) {
			for i := range n {
				r, err := longTyped(int32(i), 2)
				expect(err == nil && r == int32(i)+2, "long")
			}
		}},
		"func_call": {100_000, func(n int) {
			for i := range n {
				r, err := add.Call(store, int32(i), int32(2))
				expect(err == nil && r.(int32) == int32(i)+2, "add")
			}
		}},
		"typed_host":   {200_000, func(n int) { must(instance.GetFunc(store, "typed").Call(store, int32(n))) }},
		"untyped_host": {100_000, func(n int) { must(instance.GetFunc(store, "untyped").Call(store, int32(n))) }},
		"trap": {5_000, func(n int) {
			for range n {
				_, err := trap.Call(store)
				expect(err != nil, "trap")
			}
		}},
		"instance": {2_000, func(n int) {
			for range n {
				s := tenon.NewStore(engine)
				must(tenon.NewInstance(s, small, nil))
				s.Close()
			}
		}},
		"cancel": {20, func(n int) {
			cancelled(n, func(ctx context.Context) {
				_, err := spinning.CallContext(ctx, store)
				expect(err != nil, "spin")
			})
		}},
		"empty_cgo": {500_000, emptyCgo},
		"work": {20, func(n int) {
			for range n {
				must(work.Call(store, int32(workTurns)))
			}
		}},
		"work_cancellable": {20, func(n int) {
			for range n {
				must(work.CallContext(ctx, store, int32(workTurns)))
			}
		}},
	}
}
