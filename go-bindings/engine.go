package tenon

import (
	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// Engine compiles modules and owns what stores share. One engine is enough for most programs; any number of goroutines
// may use it.
type Engine struct {
	own life.Owner[cabi.Engine]
}

// NewEngine returns an engine with the default settings.
func NewEngine() *Engine { return newEngine(nil) }

// NewEngineWithConfig returns an engine with these settings and uses config up: it panics if config was used before or
// if the settings contradict each other.
func NewEngineWithConfig(config *Config) *Engine {
	settings, ok := config.own.Take()
	if !ok {
		panic("config has been used or closed already")
	}
	return newEngine(settings)
}

func newEngine(settings *cabi.Config) *Engine {
	native := cabi.NewEngine(settings)
	if native == nil {
		panic("engine: the settings contradict each other or this machine is not supported")
	}
	e := new(Engine)
	life.Own(e, &e.own, native, (*cabi.Engine).Delete)
	return e
}

// Close gives up the engine; stores, modules and linkers made from it go on working.
func (e *Engine) Close() { e.own.Close() }

// IncrementEpoch advances the clock to which [Store.SetEpochDeadline] refers. Any goroutine may call it at any time.
func (e *Engine) IncrementEpoch() {
	e.own.Use().IncrementEpoch()
	e.own.Done()
}

// IsPulley reports whether guests are interpreted instead of compiled.
func (e *Engine) IsPulley() bool {
	native := e.own.Use()
	defer e.own.Done()
	return native.IsPulley()
}
