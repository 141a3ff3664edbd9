package life

import (
	"reflect"
	"runtime"
	"sync/atomic"
)

type reporter func(kind string, stack []uintptr)

var report atomic.Pointer[reporter]

// ReportLeaks calls f for objects that are freed by the garbage collector, with where they were made; nil switches
// that off. It concerns objects made later.
func ReportLeaks(f func(kind string, stack []uintptr)) {
	if f == nil {
		report.Store(nil)
		return
	}
	r := reporter(f)
	report.Store(&r)
}

// Origin is where an object was made.
type Origin struct {
	kind  string
	stack []uintptr
}

// NewOrigin is where the caller is, or nil if nobody wants to know.
func NewOrigin(kind string) *Origin {
	if report.Load() == nil {
		return nil
	}
	stack := make([]uintptr, 32)
	return &Origin{kind, stack[:runtime.Callers(3, stack)]}
}

func originOf[O any]() *Origin {
	if report.Load() == nil {
		return nil
	}
	kind := reflect.TypeFor[O]().Name()
	if kind == "Trap" {
		return nil // an error, which nobody closes
	}
	return NewOrigin(kind)
}

// Leaked reports that the object was not closed.
func (o *Origin) Leaked() {
	if o == nil {
		return
	}
	if r := report.Load(); r != nil {
		(*r)(o.kind, o.stack)
	}
}

// unclosed counts objects that the garbage collector should see soon because they hold much native memory.
var unclosed, limit atomic.Int64

// firstLimit is how many of them may pile up before the collector is told.
const firstLimit = 256

// Heavy counts an object; Light takes it back when the object is freed. The Go heap does not know how much native
// memory hangs on it, so after many objects the collector is started, and then again when twice as many as were
// really alive have come together.
func Heavy() {
	if n := unclosed.Add(1); n > max(limit.Load(), firstLimit) {
		limit.Store(2 * n)
		go func() {
			runtime.GC()
			limit.Store(2 * unclosed.Load())
		}()
	}
}

// Light is the reverse of Heavy.
func Light() { unclosed.Add(-1) }
