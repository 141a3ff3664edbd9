package tenon

import (
	"slices"
	"strings"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// WasiConfig describes the environment of WASI programs. It is used up by [Store.SetWasi].
type WasiConfig struct {
	own     life.Owner[cabi.WasiConfig]
	outputs []*output
}

// NewWasiConfig returns an environment with nothing in it.
func NewWasiConfig() *WasiConfig {
	w := new(WasiConfig)
	life.Own(w, &w.own, cabi.NewWasiConfig(), (*cabi.WasiConfig).Delete)
	return w
}

// Close frees the description.
func (c *WasiConfig) Close() { c.own.Close() }

// SetArgv sets the arguments, beginning with the program's name. It panics if one has a zero byte or is not UTF-8.
func (c *WasiConfig) SetArgv(argv []string) {
	native := c.own.Use()
	defer c.own.Done()
	if hasNUL(argv) || !native.SetArgv(argv) {
		panic("wasi: an argument has a zero byte or is not UTF-8")
	}
}

// InheritArgv passes this process's arguments.
func (c *WasiConfig) InheritArgv() {
	c.own.Use().InheritArgv()
	c.own.Done()
}

// SetEnv sets the environment variables. It panics if the slices differ in length or a text has a zero byte or is not
// UTF-8.
func (c *WasiConfig) SetEnv(keys, values []string) {
	native := c.own.Use()
	defer c.own.Done()
	if len(keys) != len(values) {
		panic("mismatched numbers of keys and values")
	}
	if hasNUL(keys) || hasNUL(values) || !native.SetEnv(keys, values) {
		panic("wasi: an environment variable has a zero byte or is not UTF-8")
	}
}

// InheritEnv passes this process's environment variables.
func (c *WasiConfig) InheritEnv() {
	c.own.Use().InheritEnv()
	c.own.Done()
}

func hasNUL(texts []string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "\x00") })
}

func (c *WasiConfig) setFile(s cabi.Stream, path string) error {
	native := c.own.Use()
	defer c.own.Done()
	if strings.Contains(path, "\x00") || !native.SetFile(s, path) {
		return newError("failed to open file `" + path + "`")
	}
	return nil
}

func (c *WasiConfig) inherit(s cabi.Stream) {
	c.own.Use().Inherit(s)
	c.own.Done()
}

// SetStdinFile makes programs read a file, which must exist.
func (c *WasiConfig) SetStdinFile(path string) error { return c.setFile(cabi.Stdin, path) }

// InheritStdin makes programs read this process's standard input.
func (c *WasiConfig) InheritStdin() { c.inherit(cabi.Stdin) }

// SetStdoutFile makes programs write to a file, which is created or emptied.
func (c *WasiConfig) SetStdoutFile(path string) error { return c.setFile(cabi.Stdout, path) }

// InheritStdout makes programs write to this process's standard output.
func (c *WasiConfig) InheritStdout() { c.inherit(cabi.Stdout) }

// SetStderrFile makes programs write errors to a file, which is created or emptied.
func (c *WasiConfig) SetStderrFile(path string) error { return c.setFile(cabi.Stderr, path) }

// InheritStderr makes programs write errors to this process's standard error.
func (c *WasiConfig) InheritStderr() { c.inherit(cabi.Stderr) }

// WasiDirPerms says what programs may do with the entries of a directory.
type WasiDirPerms uint8

// WasiFilePerms says what programs may do with the files in a directory.
type WasiFilePerms uint8

// The permissions.
const (
	DIR_READ   WasiDirPerms  = 1
	DIR_WRITE  WasiDirPerms  = 2
	FILE_READ  WasiFilePerms = 1
	FILE_WRITE WasiFilePerms = 2
)

// WasiPerms is a WasiDirPerms or a WasiFilePerms.
type WasiPerms interface{ mayWrite() bool }

func (p WasiDirPerms) mayWrite() bool  { return p&DIR_WRITE != 0 }
func (p WasiFilePerms) mayWrite() bool { return p&FILE_WRITE != 0 }

// PreopenDir gives programs a directory of the host under a name of their own. Without perms they may do anything in
// it; with perms they may write only if all of them say so.
func (c *WasiConfig) PreopenDir(path, guestPath string, perms ...WasiPerms) error {
	native := c.own.Use()
	defer c.own.Done()
	readOnly := slices.ContainsFunc(perms, func(p WasiPerms) bool { return !p.mayWrite() })
	if hasNUL([]string{path, guestPath}) || !native.PreopenDir(path, guestPath, !readOnly) {
		return newError("failed to preopen directory `" + path + "`")
	}
	return nil
}
