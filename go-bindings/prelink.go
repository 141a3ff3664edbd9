package tenon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync"
)

// InstancePre is a module whose imports a linker was found to define, to be instantiated many times.
type InstancePre struct {
	linker *Linker
	module *Module
}

// Prelink checks that the linker defines what a module imports, with the right types, so that this fails early and once.
// Imports that are items of a store can only be checked with that store: they have to be left to Instantiate.
func (l *Linker) Prelink(module *Module) (*InstancePre, error) {
	native := l.own.Use()
	defer l.own.Done()
	m := module.own.Use()
	defer module.own.Done()
	l.mu.RLock()
	defer l.mu.RUnlock()
	if err := takeError(native.Check(m)); err != nil {
		return nil, err
	}
	return &InstancePre{l, module}, nil
}

// Instantiate makes an instance; see [Linker.Instantiate].
func (p *InstancePre) Instantiate(store Storelike) (*Instance, error) {
	return p.linker.Instantiate(store, p.module)
}

// InstantiateContext is Instantiate whose start function ends when ctx does.
func (p *InstancePre) InstantiateContext(ctx context.Context, store Storelike) (*Instance, error) {
	return p.linker.InstantiateContext(ctx, store, p.module)
}

// Module is what is instantiated.
func (p *InstancePre) Module() *Module { return p.module }

// ModuleCache compiles every module once: it keeps modules by their content, in memory and, if it has a directory, on
// disk. Any number of goroutines may use one.
type ModuleCache struct {
	engine  *Engine
	dir     string
	mu      sync.Mutex
	entries map[[sha256.Size]byte]*cached
}

type cached struct {
	once   sync.Once
	module *Module
	err    error
}

// NewModuleCache returns a cache for an engine's modules. Compiled modules are also kept as files in dir, unless it is
// empty. Such files are machine code that is trusted: nobody else may be able to write there.
func NewModuleCache(engine *Engine, dir string) *ModuleCache {
	return &ModuleCache{engine: engine, dir: dir, entries: make(map[[sha256.Size]byte]*cached)}
}

// Module is the compiled form of a module in the binary format. It is shared with all who ask for the same: closing it
// is [ModuleCache.Close]'s.
func (c *ModuleCache) Module(wasm []byte) (*Module, error) {
	key := sha256.Sum256(wasm)
	c.mu.Lock()
	e := c.entries[key]
	if e == nil {
		e = new(cached)
		c.entries[key] = e
	}
	c.mu.Unlock()
	e.once.Do(func() { e.module, e.err = c.load(hex.EncodeToString(key[:]), wasm) })
	return e.module, e.err
}

// load takes a file that fits this engine, or compiles and leaves one for the next process.
func (c *ModuleCache) load(name string, wasm []byte) (*Module, error) {
	if c.dir == "" {
		return NewModule(c.engine, wasm)
	}
	path := filepath.Join(c.dir, name+".tenon")
	if m, err := NewModuleDeserializeFile(c.engine, path); err == nil {
		return m, nil
	}
	m, err := NewModule(c.engine, wasm)
	if err != nil {
		return nil, err
	}
	if err := save(m, path); err != nil {
		log("module cache: a compiled module was not saved", "path", path, "error", err)
	}
	return m, nil
}

// save writes a file that appears whole or not at all.
func save(m *Module, path string) error {
	image, err := m.Serialize()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tenon-*")
	if err != nil {
		return err
	}
	_, err = f.Write(image)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Close forgets and closes all modules; instances of them go on working, and files stay.
func (c *ModuleCache) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, e := range c.entries {
		e.once.Do(func() { e.err = newError("the cache was closed") })
		if e.module != nil {
			e.module.Close()
		}
		delete(c.entries, key)
	}
}
