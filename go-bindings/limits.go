package tenon

// StoreLimits bounds a store; what is 0 keeps its default.
type StoreLimits struct {
	MemoryBytes   uint64 // of each memory
	TableElements uint64 // of each table
	Instances     uint64
	Tables        uint64
	Memories      uint64
}

// SetLimits is [Store.Limiter] with names. It acts on what is made or grown later.
func (s *Store) SetLimits(l StoreLimits) {
	n := func(limit uint64) int64 {
		if limit == 0 {
			return -1
		}
		return int64(min(limit, 1<<63-1))
	}
	s.Limiter(n(l.MemoryBytes), n(l.TableElements), n(l.Instances), n(l.Tables), n(l.Memories))
}

// WithFuel runs f with this much fuel in the store and returns how much of it was used; what was left before is there
// again afterwards. It fails, without running f, if the engine does not consume fuel.
func (s *Store) WithFuel(fuel uint64, f func() error) (used uint64, err error) {
	before, err := s.GetFuel()
	if err == nil {
		err = s.SetFuel(fuel)
	}
	if err != nil {
		return 0, err
	}
	defer func() {
		if left, failed := s.GetFuel(); failed == nil {
			used = fuel - min(left, fuel)
			_ = s.SetFuel(before)
		}
	}()
	return 0, f()
}
