package tenon

import (
	"bytes"
	"os"
	"time"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// Module is compiled code, to be instantiated in any number of stores of its engine by any number of goroutines.
type Module struct {
	own life.Owner[cabi.Module]
}

func newModule(native *cabi.Module, failure *cabi.Error) (*Module, error) {
	if failure != nil {
		return nil, takeError(failure)
	}
	m := new(Module)
	life.Own(m, &m.own, native, (*cabi.Module).Delete)
	return m, nil
}

// NewModule compiles a module from the binary format.
func NewModule(engine *Engine, wasm []byte) (*Module, error) {
	e := engine.own.Use()
	defer engine.own.Done()
	begin := time.Now()
	m, err := newModule(cabi.NewModule(e, wasm))
	logDebug("compiled a module", "bytes", len(wasm), "duration", time.Since(begin), "error", err)
	return m, err
}

// NewModuleFromFile compiles a module from a file in the binary or the text format.
func NewModuleFromFile(engine *Engine, file string) (*Module, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(wasm, []byte("\x00asm")) {
		if wasm, err = Wat2Wasm(string(wasm)); err != nil {
			return nil, err
		}
	}
	return NewModule(engine, wasm)
}

// NewModuleDeserialize loads what [Module.Serialize] returned, in an engine with the same settings.
func NewModuleDeserialize(engine *Engine, encoded []byte) (*Module, error) {
	e := engine.own.Use()
	defer engine.own.Done()
	return newModule(cabi.DeserializeModule(e, encoded))
}

// NewModuleDeserializeFile is NewModuleDeserialize for a file, which is mapped and must not change while it is in use.
func NewModuleDeserializeFile(engine *Engine, path string) (*Module, error) {
	e := engine.own.Use()
	defer engine.own.Done()
	return newModule(cabi.DeserializeModuleFile(e, path))
}

// ModuleValidate says what is wrong with a module without compiling it.
func ModuleValidate(engine *Engine, wasm []byte) error {
	e := engine.own.Use()
	defer engine.own.Done()
	return takeError(cabi.ValidateModule(e, wasm))
}

// Close gives up the module; its instances go on working.
func (m *Module) Close() { m.own.Close() }

// Imports lists what the module needs.
func (m *Module) Imports() []*ImportType {
	native := m.own.Use()
	defer m.own.Done()
	return newImports(native.Imports())
}

// Exports lists what the module offers.
func (m *Module) Exports() []*ExportType {
	native := m.own.Use()
	defer m.own.Done()
	return newExports(native.Exports())
}

// Serialize returns the compiled code, to be loaded by [NewModuleDeserialize].
func (m *Module) Serialize() ([]byte, error) {
	native := m.own.Use()
	defer m.own.Done()
	image, failure := native.Serialize()
	return image, takeError(failure)
}
