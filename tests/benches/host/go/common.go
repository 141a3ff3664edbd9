// Command host times one Go binding. The files common.go and one of tenon.go, wasmtime.go, wazero.go are built
// together, outside of this folder, with the binding fetched.
//
//	host program.wasm    answers "run" with milliseconds between bench.start and bench.end of the WASI program
//	host                 answers the name of a figure with nanoseconds per operation, "allocs NAME" with allocations
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"time"
)

// A guest for single operations. Its host functions add; loops make one host call per turn.
const microGuest = `(module
  (import "host" "typed" (func $typed (param i32 i32) (result i32)))
  (import "host" "untyped" (func $untyped (param i32 i32) (result i32)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "long") (param i32 i32) (result i32)
    (loop (result i32) (i32.add (local.get 0) (local.get 1)) (br_if 0 (i32.eqz (local.get 1)))))
  (func (export "trap") unreachable)
  (func (export "work") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "typed") (param i32) (loop (drop (call $typed (local.get 0) (i32.const 1)))
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "untyped") (param i32) (loop (drop (call $untyped (local.get 0) (i32.const 1)))
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`

// A guest for instances, and one that never ends.
const (
	smallGuest = `(module (memory (export "memory") 1) (table 8 funcref) (elem (i32.const 0) $f $f $f $f)
  (data (i32.const 1024) "hello") (func $f (export "f") (result i32) i32.const 1))`
	spinGuest = `(module (func (export "spin") (loop (br 0))))`
)

// Turns of the guest's `work`, about a millisecond.
const workTurns = 500_000

var started time.Time
var spent time.Duration

func benchStart() { started = time.Now() }
func benchEnd()   { spent = time.Since(started) }

// A figure runs an operation n times.
type figure struct {
	times int
	run   func(n int)
}

func main() {
	if len(os.Args) > 1 {
		run := program(os.Args[1], os.Args[1:])
		serve(func(command string) float64 {
			if command != "run" {
				fail("no command %s", command)
			}
			spent = 0
			from := time.Now()
			run()
			if spent == 0 {
				spent = time.Since(from)
			}
			return float64(spent.Nanoseconds()) / 1e6
		})
		return
	}
	all := figures()
	serve(func(command string) float64 {
		if name, ok := cut(command, "allocs "); ok {
			f := find(all, name)
			return allocations(f)
		}
		f := find(all, command)
		from := time.Now()
		f.run(f.times)
		if command == "cancel" {
			return float64(stopping.Nanoseconds()) / float64(f.times)
		}
		return float64(time.Since(from).Nanoseconds()) / float64(f.times)
	})
}

func cut(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || text[:len(prefix)] != prefix {
		return text, false
	}
	return text[len(prefix):], true
}

func find(all map[string]figure, name string) figure {
	f, ok := all[name]
	if !ok {
		fail("no figure %s", name)
	}
	return f
}

func allocations(f figure) float64 {
	var before, after runtime.MemStats
	f.run(10)
	runtime.ReadMemStats(&before)
	f.run(f.times)
	runtime.ReadMemStats(&after)
	// Rounded as package testing does: what the measuring itself allocates is none of the operation's.
	return float64((after.Mallocs - before.Mallocs) / uint64(f.times))
}

func serve(answer func(string) float64) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Printf("%.6f\n", answer(in.Text()))
	}
}

// Time from cancelling to the end of the call, summed.
var stopping time.Duration

// Calls a guest that never ends and cancels it, n times.
func cancelled(n int, spin func(context.Context)) {
	stopping = 0
	for range n {
		ctx, cancel := context.WithCancel(context.Background())
		var at time.Time
		time.AfterFunc(200*time.Microsecond, func() { at = time.Now(); cancel() })
		spin(ctx)
		stopping += time.Since(at)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func expect(ok bool, what string) {
	if !ok {
		fail("%s: wrong result", what)
	}
}
