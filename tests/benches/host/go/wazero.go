package main

import (
	"context"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

var background = context.Background()

func program(path string, args []string) func() {
	runtime := wazero.NewRuntimeWithConfig(background, wazero.NewRuntimeConfigCompiler())
	wasi_snapshot_preview1.MustInstantiate(background, runtime)
	must(runtime.NewHostModuleBuilder("bench").
		NewFunctionBuilder().WithFunc(benchStart).Export("start").
		NewFunctionBuilder().WithFunc(benchEnd).Export("end").Instantiate(background))
	module := must(runtime.CompileModule(background, must(os.ReadFile(path))))
	return func() {
		out := must(os.Create(os.Getenv("GUEST_STDOUT")))
		config := wazero.NewModuleConfig().WithName("").WithArgs(args...).WithStdout(out).WithStartFunctions().
			WithFSConfig(wazero.NewFSConfig().WithDirMount(".", ".")).WithSysNanotime().WithSysWalltime()
		instance := must(runtime.InstantiateModule(background, module, config))
		if _, err := instance.ExportedFunction("_start").Call(background); err != nil {
			if exit, ok := err.(*sys.ExitError); !ok || exit.ExitCode() != 0 {
				fail("%v", err)
			}
		}
		check(instance.Close(background))
		check(out.Close())
	}
}

// The binary of a text, which the driver has put beside the others: wazero reads no text.
func binary(name string) []byte { return must(os.ReadFile(os.Getenv("GUEST_BINARIES") + "/" + name + ".wasm")) }

func figures() map[string]figure {
	runtime := wazero.NewRuntimeWithConfig(background, wazero.NewRuntimeConfigCompiler())
	i32 := []api.ValueType{api.ValueTypeI32}
	// Typed by generics or reflection, and on the stack of 64-bit words, which is as near to the metal as it comes.
	must(runtime.NewHostModuleBuilder("host").
		NewFunctionBuilder().WithFunc(func(x, y int32) int32 { return x + y }).Export("untyped").
		NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
		stack[0] = api.EncodeI32(api.DecodeI32(stack[0]) + api.DecodeI32(stack[1]))
	}), append(i32, i32...), i32).Export("typed").Instantiate(background))
	instance := must(runtime.Instantiate(background, binary("micro")))
	add, trap, work := instance.ExportedFunction("add"), instance.ExportedFunction("trap"), instance.ExportedFunction("work")
	small := must(runtime.CompileModule(background, binary("small")))
	stack := make([]uint64, 2)
	host := func(name string) func(int) {
		f := instance.ExportedFunction(name)
		return func(n int) { must(f.Call(background, uint64(n))) }
	}
	return map[string]figure{
		"typed_call": {200_000, func(n int) {
			for i := range n {
				stack[0], stack[1] = uint64(uint32(i)), 2
				err := add.CallWithStack(background, stack)
				expect(err == nil && uint32(stack[0]) == uint32(i)+2, "add")
			}
		}},
		"func_call": {100_000, func(n int) {
			for i := range n {
				r, err := add.Call(background, uint64(uint32(i)), 2)
				expect(err == nil && uint32(r[0]) == uint32(i)+2, "add")
			}
		}},
		"typed_host":   {200_000, host("typed")},
		"untyped_host": {100_000, host("untyped")},
		"trap": {2_000, func(n int) {
			for range n {
				_, err := trap.Call(background)
				expect(err != nil, "trap")
			}
		}},
		"instance": {1_000, func(n int) {
			config := wazero.NewModuleConfig().WithName("")
			for range n {
				check(must(runtime.InstantiateModule(background, small, config)).Close(background))
			}
		}},
		"cancel": {20, cancel},
		"work": {20, func(n int) {
			for range n {
				must(work.Call(background, workTurns))
			}
		}},
	}
}

func cancel(n int) {
	runtime := wazero.NewRuntimeWithConfig(background, wazero.NewRuntimeConfigCompiler().WithCloseOnContextDone(true))
	module := must(runtime.CompileModule(background, binary("spin")))
	// A cancelled module is closed for good.
	var instances []api.Module
	for range n {
		instances = append(instances, must(runtime.InstantiateModule(background, module, wazero.NewModuleConfig().WithName(""))))
	}
	cancelled(n, func(ctx context.Context) {
		_, err := instances[0].ExportedFunction("spin").Call(ctx)
		instances = instances[1:]
		expect(err != nil, "spin")
	})
	check(runtime.Close(background))
}
