// Command core runs a WASI command program from Go:
//
//	core [--dir host::guest]... [--env K=V]... [--stdin file] [--stdout file] [--stats] file.wasm [args...]
//
// It ends with the guest's exit status; 124 stands for a trap, 125 for an error of the host. With --stats it writes one
// line to standard error, runs the guest a second time from the serialised image, and tells what that cost.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	tenon "github.com/tenon-wasm/tenon-go"
)

const (
	statusTrap = 124
	statusHost = 125
)

func main() {
	status, err := host(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
	}
	os.Exit(status)
}

// costs is what one run took.
type costs struct {
	load, instantiate, run time.Duration
}

func host(args []string) (int, error) {
	o, err := parseOptions(args)
	if err != nil {
		return statusHost, err
	}
	wasm, err := os.ReadFile(o.module)
	if err != nil {
		return statusHost, err
	}
	engine := tenon.NewEngine()
	var first costs
	start := time.Now()
	module, err := tenon.NewModule(engine, wasm)
	if err != nil {
		return statusHost, fmt.Errorf("compile %s: %w", o.module, err)
	}
	first.load = time.Since(start)
	status, err := first.once(engine, module, o)
	if err != nil || !o.stats {
		return status, err
	}
	image, second, err := again(module, o)
	if err != nil {
		return statusHost, err
	}
	fmt.Fprintf(os.Stderr, "stats module_bytes=%d compile_ms=%.2f instantiate_us=%.1f run_ms=%.2f "+
		"image_bytes=%d load_ms=%.2f second_instantiate_us=%.1f second_run_ms=%.2f\n",
		len(wasm), ms(first.load), 1000*ms(first.instantiate), ms(first.run),
		image, ms(second.load), 1000*ms(second.instantiate), ms(second.run))
	return status, nil
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// again runs once more from the module's image, on an engine of its own, and returns the image's size.
func again(module *tenon.Module, o *options) (int, costs, error) {
	var c costs
	image, err := module.Serialize()
	if err != nil {
		return 0, c, fmt.Errorf("serialize: %w", err)
	}
	engine := tenon.NewEngine()
	start := time.Now()
	loaded, err := tenon.NewModuleDeserialize(engine, image)
	if err != nil {
		return 0, c, fmt.Errorf("deserialize: %w", err)
	}
	c.load = time.Since(start)
	_, err = c.once(engine, loaded, o)
	return len(image), c, err
}

// once runs the program in a fresh store and returns its exit status.
func (c *costs) once(engine *tenon.Engine, module *tenon.Module, o *options) (int, error) {
	wasi, err := o.wasi()
	if err != nil {
		return statusHost, err
	}
	store := tenon.NewStore(engine)
	defer store.Close()
	store.SetWasi(wasi)
	linker := tenon.NewLinker(engine)
	defer linker.Close()
	if err := linker.DefineWasi(); err != nil {
		return statusHost, fmt.Errorf("wasi functions: %w", err)
	}
	start := time.Now()
	instance, err := linker.Instantiate(store, module)
	c.instantiate = time.Since(start)
	if err != nil {
		return outcome(err)
	}
	entry := instance.GetFunc(store, "_start")
	if entry == nil {
		return statusHost, fmt.Errorf("%s: no function _start is exported", o.module)
	}
	start = time.Now()
	_, err = entry.Call(store)
	c.run = time.Since(start)
	return outcome(err)
}

// outcome is the exit status for what a program ended with.
func outcome(err error) (int, error) {
	var failure *tenon.Error
	if errors.As(err, &failure) {
		if status, ok := failure.ExitStatus(); ok {
			return int(status), nil
		}
	}
	var trap *tenon.Trap
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &trap):
		return statusTrap, trap
	}
	return statusHost, err
}
