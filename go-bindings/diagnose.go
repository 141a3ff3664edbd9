package tenon

import (
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/tenon-wasm/tenon-go/internal/life"
)

var logger atomic.Pointer[slog.Logger]

// SetLogger makes this package report what it does: compiling, instantiating and traps at level debug, leaks and
// failures that have no other way out at level warn. nil, the default, switches that off.
func SetLogger(l *slog.Logger) { logger.Store(l) }

func log(message string, args ...any) {
	if l := logger.Load(); l != nil {
		l.Warn(message, args...)
	}
}

func logDebug(message string, args ...any) {
	if l := logger.Load(); l != nil {
		l.Debug(message, args...)
	}
}

// Leak is an object that was dropped without Close.
type Leak struct {
	Kind  string   // the object's type, such as "Store"
	Stack []string // where it was made, innermost first: "function file:line"
}

// ReportLeaks makes every object that is made from now on remember where, and calls f for each that the garbage collector
// finds dropped without Close. It is for tests: remembering costs time. nil switches it off. With f nil but a logger
// set, nothing is reported.
func ReportLeaks(f func(Leak)) {
	if f == nil {
		life.ReportLeaks(nil)
		return
	}
	life.ReportLeaks(func(kind string, pcs []uintptr) {
		leak := Leak{Kind: kind, Stack: stackOf(pcs)}
		log("dropped without Close", "kind", leak.Kind, "stack", leak.Stack)
		f(leak)
	})
}

func stackOf(pcs []uintptr) []string {
	var stack []string
	frames := runtime.CallersFrames(pcs)
	for more := len(pcs) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if name := frame.Function; !strings.Contains(name, "/internal/life.") {
			stack = append(stack, name+" "+frame.File+":"+strconv.Itoa(frame.Line))
		}
	}
	return stack
}
