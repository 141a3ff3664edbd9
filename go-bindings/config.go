package tenon

import (
	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// Strategy says which compiler to use.
type Strategy uint8

// The compilers. There is one; both values choose it.
const (
	StrategyAuto      Strategy = 0
	StrategyCranelift Strategy = 1
)

// OptLevel says what generated code is optimised for.
type OptLevel uint8

// The levels.
const (
	OptLevelNone         OptLevel = 0
	OptLevelSpeed        OptLevel = 1
	OptLevelSpeedAndSize OptLevel = 2
)

// ProfilingStrategy says which profiler learns about generated code.
type ProfilingStrategy uint8

// The profilers.
const (
	ProfilingStrategyNone    ProfilingStrategy = 0
	ProfilingStrategyJitdump ProfilingStrategy = 1
)

// Config holds the settings of an engine that is still to be made. It is used up by [NewEngineWithConfig].
type Config struct {
	own life.Owner[cabi.Config]
}

// NewConfig returns the default settings.
func NewConfig() *Config {
	c := new(Config)
	life.Own(c, &c.own, cabi.NewConfig(), (*cabi.Config).Delete)
	return c
}

// Close frees the settings.
func (c *Config) Close() { c.own.Close() }

func (c *Config) set(s cabi.Switch, on bool) {
	c.own.Use().Set(s, on)
	c.own.Done()
}

// SetDebugInfo asks for debugging information about guests.
func (c *Config) SetDebugInfo(enabled bool) { c.set(cabi.DebugInfo, enabled) }

// SetConsumeFuel makes guests burn fuel; see [Store.AddFuel].
func (c *Config) SetConsumeFuel(enabled bool) { c.set(cabi.ConsumeFuel, enabled) }

// SetEpochInterruption makes guests check the engine's epoch; see [Store.SetEpochDeadline].
func (c *Config) SetEpochInterruption(enable bool) { c.set(cabi.EpochInterruption, enable) }

// SetInterruptible makes guests check at every function and loop whether somebody wants them to stop. It is off by
// default: [Func.CallContext] stops computing guests by a signal then, which costs nothing while nobody does.
func (c *Config) SetInterruptible(enabled bool) { c.set(cabi.Interruptible, enabled) }

// SetWasmThreads switches the threads proposal.
func (c *Config) SetWasmThreads(enabled bool) { c.set(cabi.WasmThreads, enabled) }

// SetWasmReferenceTypes switches reference types.
func (c *Config) SetWasmReferenceTypes(enabled bool) { c.set(cabi.WasmReferenceTypes, enabled) }

// SetWasmSIMD switches 128-bit vectors.
func (c *Config) SetWasmSIMD(enabled bool) { c.set(cabi.WasmSIMD, enabled) }

// SetWasmRelaxedSIMD switches relaxed vector instructions.
func (c *Config) SetWasmRelaxedSIMD(enabled bool) { c.set(cabi.WasmRelaxedSIMD, enabled) }

// SetWasmRelaxedSIMDDeterministic makes relaxed vector instructions give the same results on all machines.
func (c *Config) SetWasmRelaxedSIMDDeterministic(enabled bool) {
	c.set(cabi.WasmRelaxedSIMDDeterministic, enabled)
}

// SetWasmBulkMemory switches bulk memory operations.
func (c *Config) SetWasmBulkMemory(enabled bool) { c.set(cabi.WasmBulkMemory, enabled) }

// SetWasmMultiValue switches blocks and functions with several results.
func (c *Config) SetWasmMultiValue(enabled bool) { c.set(cabi.WasmMultiValue, enabled) }

// SetWasmMultiMemory switches modules with several memories.
func (c *Config) SetWasmMultiMemory(enabled bool) { c.set(cabi.WasmMultiMemory, enabled) }

// SetWasmMemory64 switches memories with 64-bit addresses.
func (c *Config) SetWasmMemory64(enabled bool) { c.set(cabi.WasmMemory64, enabled) }

// SetWasmTailCall switches tail calls.
func (c *Config) SetWasmTailCall(enabled bool) { c.set(cabi.WasmTailCall, enabled) }

// SetWasmFunctionReferences switches typed function references.
func (c *Config) SetWasmFunctionReferences(enabled bool) {
	c.set(cabi.WasmFunctionReferences, enabled)
}

// SetWasmGC switches the garbage collection proposal.
func (c *Config) SetWasmGC(enabled bool) { c.set(cabi.WasmGC, enabled) }

// SetWasmWideArithmetic switches 128-bit integer arithmetic.
func (c *Config) SetWasmWideArithmetic(enabled bool) { c.set(cabi.WasmWideArithmetic, enabled) }

// SetGCSupport switches the collector for guests' references.
func (c *Config) SetGCSupport(enabled bool) { c.set(cabi.GCSupport, enabled) }

// SetCraneliftDebugVerifier makes the compiler check itself.
func (c *Config) SetCraneliftDebugVerifier(enabled bool) {
	c.set(cabi.CraneliftDebugVerifier, enabled)
}

// SetCraneliftNanCanonicalization makes all computed NaNs the same.
func (c *Config) SetCraneliftNanCanonicalization(enabled bool) {
	c.set(cabi.CraneliftNanCanonicalization, enabled)
}

// SetMacOSUseMachPorts chooses how faults are caught on macOS; it does nothing elsewhere.
func (c *Config) SetMacOSUseMachPorts(enabled bool) { c.set(cabi.MacOSMachPorts, enabled) }

// SetMemoryInitCOWSet switches copy-on-write initial memory contents.
func (c *Config) SetMemoryInitCOWSet(enabled bool) { c.set(cabi.MemoryInitCOW, enabled) }

// SetNativeUnwindInfo switches unwinding tables for native debuggers.
func (c *Config) SetNativeUnwindInfo(enabled bool) { c.set(cabi.NativeUnwindInfo, enabled) }

// SetParallelCompilation switches compiling on several threads.
func (c *Config) SetParallelCompilation(enabled bool) { c.set(cabi.ParallelCompilation, enabled) }

// SetStrategy chooses the compiler.
func (c *Config) SetStrategy(strat Strategy) {
	c.own.Use().SetStrategy(uint8(strat))
	c.own.Done()
}

// SetCraneliftOptLevel chooses what code is optimised for.
func (c *Config) SetCraneliftOptLevel(level OptLevel) {
	c.own.Use().SetOptLevel(uint8(level))
	c.own.Done()
}

// SetProfiler chooses the profiler that learns about generated code.
func (c *Config) SetProfiler(profiler ProfilingStrategy) {
	c.own.Use().SetProfiler(uint8(profiler))
	c.own.Done()
}

// SetMaxWasmStack bounds the stack of a guest, in bytes.
func (c *Config) SetMaxWasmStack(size int) {
	c.own.Use().SetMaxWasmStack(uint(max(size, 0)))
	c.own.Done()
}

// EnableCraneliftFlag turns on a flag of the code generator.
func (c *Config) EnableCraneliftFlag(flag string) {
	c.own.Use().EnableCraneliftFlag(flag)
	c.own.Done()
}

// SetCraneliftFlag gives a setting of the code generator a value.
func (c *Config) SetCraneliftFlag(name string, value string) {
	c.own.Use().SetCraneliftFlag(name, value)
	c.own.Done()
}

// SetTarget names what to compile for.
func (c *Config) SetTarget(target string) error {
	native := c.own.Use()
	defer c.own.Done()
	return takeError(native.SetTarget(target))
}

// CacheConfigLoad reads the settings of the compilation cache from a file.
func (c *Config) CacheConfigLoad(path string) error {
	native := c.own.Use()
	defer c.own.Done()
	return takeError(native.LoadCache(&path))
}

// CacheConfigLoadDefault uses the compilation cache with its default settings.
func (c *Config) CacheConfigLoadDefault() error {
	native := c.own.Use()
	defer c.own.Done()
	return takeError(native.LoadCache(nil))
}
