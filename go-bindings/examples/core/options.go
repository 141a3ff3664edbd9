package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	tenon "github.com/tenon-wasm/tenon-go"
)

const usage = "usage: core [--dir host::guest] [--env K=V] [--stdin file] [--stdout file] [--stats] file.wasm [args...]"

// options is the command line.
type options struct {
	dirs          [][2]string // host, guest
	keys, values  []string
	stdin, stdout string
	stats         bool
	module        string
	argv          []string // the first is the module's file name
}

func parseOptions(args []string) (*options, error) {
	o := new(options)
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		name := args[0]
		args = args[1:]
		if name == "--stats" {
			o.stats = true
			continue
		}
		if len(args) == 0 {
			return nil, fmt.Errorf("%s: value missing", name)
		}
		if err := o.set(name, args[0]); err != nil {
			return nil, err
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return nil, errors.New(usage)
	}
	o.module = args[0]
	o.argv = append([]string{filepath.Base(args[0])}, args[1:]...)
	return o, nil
}

func (o *options) set(name, value string) error {
	switch name {
	case "--dir":
		host, guest, ok := strings.Cut(value, "::")
		if !ok {
			return fmt.Errorf("--dir %s: expected host::guest", value)
		}
		o.dirs = append(o.dirs, [2]string{host, guest})
	case "--env":
		key, v, ok := strings.Cut(value, "=")
		if !ok {
			return fmt.Errorf("--env %s: expected K=V", value)
		}
		o.keys, o.values = append(o.keys, key), append(o.values, v)
	case "--stdin":
		o.stdin = value
	case "--stdout":
		o.stdout = value
	default:
		return fmt.Errorf("%s: unknown option; %s", name, usage)
	}
	return nil
}

// wasi is the environment that the command line describes.
func (o *options) wasi() (*tenon.WasiConfig, error) {
	w := tenon.NewWasiConfig()
	w.SetArgv(o.argv)
	w.SetEnv(o.keys, o.values)
	w.InheritStderr()
	var errs []error
	for _, d := range o.dirs {
		errs = append(errs, w.PreopenDir(d[0], d[1]))
	}
	if o.stdin == "" {
		w.InheritStdin()
	} else {
		errs = append(errs, w.SetStdinFile(o.stdin))
	}
	if o.stdout == "" {
		w.InheritStdout()
	} else {
		errs = append(errs, w.SetStdoutFile(o.stdout))
	}
	return w, errors.Join(errs...)
}
