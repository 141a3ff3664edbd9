package tenon

import "math"

// Store holds instances and everything in them. One goroutine uses it at a time.
type Store struct {
	// Engine is the engine that was given to NewStore.
	Engine *Engine
	inside *Context
}

// storeAndInside are one allocation, since neither lives long without the other.
type storeAndInside struct {
	store  Store
	inside Context
}

// NewStore returns an empty store.
func NewStore(engine *Engine) *Store { return NewStoreWithData(engine, nil) }

// NewStoreWithData returns an empty store that carries a value, which host functions find with [Caller.Data].
func NewStoreWithData(engine *Engine, data interface{}) *Store {
	native := engine.own.Use()
	defer engine.own.Done()
	both := new(storeAndInside)
	both.inside.setUp(native, data)
	both.store = Store{engine, &both.inside}
	return &both.store
}

// Context is the store's inside.
func (s *Store) Context() *Context { return s.inside }

// Data is what was given to NewStoreWithData.
func (s *Store) Data() interface{} { return s.inside.data }

// Close frees the store with everything in it. Inside a host function it takes effect when the guest returns.
func (s *Store) Close() { s.inside.close() }

// GC lets go of Go values that the store's guests can no longer reach.
func (s *Store) GC() {
	c := s.inside
	failure := c.enter().GC()
	c.drain()
	c.leave()
	if err := takeError(failure); err != nil {
		panic(err)
	}
}

// SetEpochDeadline lets guests run until the engine's epoch has advanced by deadline. Without a deadline guests of an
// engine with epoch interruption are interrupted at once.
func (s *Store) SetEpochDeadline(deadline uint64) {
	s.inside.enter().SetEpochDeadline(deadline)
	s.inside.leave()
}

// SetWasi gives guests a WASI environment and uses config up; it panics if config was used before.
func (s *Store) SetWasi(wasi *WasiConfig) {
	c := s.inside
	ctx := c.enter()
	settings, ok := wasi.own.Take()
	if !ok {
		c.leave()
		panic("reuse of already-consumed WasiConfig")
	}
	failure := ctx.SetWasi(settings)
	c.outputs = append(c.outputs, wasi.outputs...)
	c.leave()
	if err := takeError(failure); err != nil {
		panic(err)
	}
}

// Limiter bounds the memories and tables of the store, in bytes and elements, and how many things it may hold. Negative
// numbers keep the default. It acts on what is made or grown later.
func (s *Store) Limiter(memorySize int64, tableElements int64, instances int64, tables int64, memories int64) {
	s.inside.enter()
	s.inside.native.store.Limit(memorySize, tableElements, instances, tables, memories)
	s.inside.leave()
}

// GetFuel is how much fuel is left. It fails if the engine does not consume fuel.
func (s *Store) GetFuel() (uint64, error) {
	ctx := s.inside.enter()
	defer s.inside.leave()
	left, failure := ctx.Fuel()
	return left, takeError(failure)
}

// SetFuel sets how much fuel is left. It fails if the engine does not consume fuel.
func (s *Store) SetFuel(fuel uint64) error {
	c := s.inside
	ctx := c.enter()
	defer c.leave()
	left, failure := ctx.Fuel()
	if failure == nil {
		failure = ctx.SetFuel(fuel)
	}
	if failure != nil {
		return takeError(failure)
	}
	c.fuelAdded = c.fuelAdded - left + fuel
	return nil
}

// AddFuel adds to what is left. It fails if the engine does not consume fuel.
func (s *Store) AddFuel(fuel uint64) error {
	c := s.inside
	ctx := c.enter()
	defer c.leave()
	left, failure := ctx.Fuel()
	if failure != nil {
		return takeError(failure)
	}
	fuel = min(fuel, math.MaxUint64-left)
	if failure = ctx.SetFuel(left + fuel); failure != nil {
		return takeError(failure)
	}
	c.fuelAdded += fuel
	return nil
}

// FuelConsumed is how much fuel was used since the store was made; false if the engine does not consume fuel.
func (s *Store) FuelConsumed() (uint64, bool) {
	left, err := s.GetFuel()
	if err != nil {
		return 0, false
	}
	return s.inside.fuelAdded - left, true
}

// ConsumeFuel uses fuel as if a guest had, and returns what is left. It fails, using nothing, if there is less.
func (s *Store) ConsumeFuel(fuel uint64) (uint64, error) {
	ctx := s.inside.enter()
	defer s.inside.leave()
	left, failure := ctx.Fuel()
	if failure != nil {
		return 0, takeError(failure)
	}
	if fuel > left {
		return 0, newError("not enough fuel remaining in store")
	}
	return left - fuel, takeError(ctx.SetFuel(left - fuel))
}
