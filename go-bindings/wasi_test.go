package tenon_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	tenon "github.com/tenon-wasm/tenon-go"
)

const wasiExit = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const %s)) unreachable))`

// cat copies standard input to standard output, and the sizes of arguments and environment to memory.
const wasiCat = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $args (i32.const 100) (i32.const 104)))
    (drop (call $env (i32.const 108) (i32.const 112)))
    (i32.store (i32.const 0) (i32.const 1000))
    (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`

func runWasi(t *testing.T, wat string, config *tenon.WasiConfig) (*tenon.Store, *tenon.Instance, error) {
	t.Helper()
	engine := tenon.NewEngine()
	linker := tenon.NewLinker(engine)
	if err := linker.DefineWasi(); err != nil {
		t.Fatal(err)
	}
	store := tenon.NewStore(engine)
	store.SetWasi(config)
	instance := must(linker.Instantiate(store, compile(t, engine, wat)))
	_, err := instance.GetFunc(store, "_start").Call(store)
	return store, instance, err
}

func TestWasiExit(t *testing.T) {
	for text, status := range map[string]int32{"0": 0, "3": 3} {
		wat := wasiExit[:len(wasiExit)-len("%s)) unreachable))")] + text + ")) unreachable))"
		_, _, err := runWasi(t, wat, tenon.NewWasiConfig())
		var e *tenon.Error
		if !errors.As(err, &e) {
			t.Fatalf("error is %v (%T)", err, err)
		}
		got, ok := e.ExitStatus()
		if got != status || !ok {
			t.Errorf("status is %d, %v, want %d", got, ok, status)
		}
	}
	if _, ok := new(tenon.Error).ExitStatus(); ok {
		t.Error("any error has a status")
	}
}

func TestWasiStreams(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, []byte("some text"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := tenon.NewWasiConfig()
	config.SetArgv([]string{"cat", "a", "bc"})
	config.SetEnv([]string{"KEY"}, []string{"value"})
	if err := errors.Join(config.SetStdinFile(in), config.SetStdoutFile(out), config.PreopenDir(dir, "/dir")); err != nil {
		t.Fatal(err)
	}
	store, instance, err := runWasi(t, wasiCat, config)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "output", string(must(os.ReadFile(out))), "some text")
	data := instance.GetExport(store, "memory").Memory().UnsafeData(store)
	wantEqual(t, "arguments", data[100], 3)
	wantEqual(t, "bytes of arguments", data[104], 9)
	wantEqual(t, "variables", data[108], 1)
	wantEqual(t, "bytes of variables", data[112], 10)
}

func TestWasiConfigErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	config := tenon.NewWasiConfig()
	wantError(t, config.SetStdinFile(missing), "failed to open file")
	wantError(t, config.SetStdoutFile(missing+"/x"), "failed to open file")
	wantError(t, config.SetStderrFile("a\x00b"), "failed to open file")
	wantError(t, config.PreopenDir(missing, "/"), "failed to preopen directory")
	wantError(t, config.PreopenDir(missing, "/", tenon.DIR_READ, tenon.FILE_READ), "failed to preopen directory")
	wantPanic(t, "mismatched numbers of keys and values", func() { config.SetEnv([]string{"a"}, nil) })
	wantPanic(t, "wasi: an argument has a zero byte or is not UTF-8", func() { config.SetArgv([]string{"a\x00"}) })
	config.SetArgv(nil)
	config.SetEnv(nil, nil)
	config.InheritArgv()
	config.InheritEnv()
	config.InheritStdin()
	config.InheritStdout()
	config.InheritStderr()
	store := tenon.NewStore(tenon.NewEngine())
	store.SetWasi(config)
	wantPanic(t, "reuse of already-consumed WasiConfig", func() { store.SetWasi(config) })
	config.Close()
}
