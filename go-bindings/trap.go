package tenon

import (
	"strings"
	"sync"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// TrapCode says why a guest trapped.
type TrapCode uint8

// The trap codes.
const (
	StackOverflow          TrapCode = 0  // the guest's stack is used up
	MemoryOutOfBounds      TrapCode = 1  // an access beyond a memory
	HeapMisaligned         TrapCode = 2  // an atomic access that is not aligned
	TableOutOfBounds       TrapCode = 3  // an access beyond a table
	IndirectCallToNull     TrapCode = 4  // a call through an empty table element
	BadSignature           TrapCode = 5  // a call through an element of another type
	IntegerOverflow        TrapCode = 6  // a division whose result does not fit
	IntegerDivisionByZero  TrapCode = 7  // a division by zero
	BadConversionToInteger TrapCode = 8  // a float that no integer can hold
	UnreachableCodeReached TrapCode = 9  // the unreachable instruction
	Interrupt              TrapCode = 10 // the host stopped the guest
	OutOfFuel              TrapCode = 11 // the fuel is used up
)

var trapTexts = [...]string{
	StackOverflow:          "call stack exhausted",
	MemoryOutOfBounds:      "out of bounds memory access",
	HeapMisaligned:         "misaligned memory access",
	TableOutOfBounds:       "undefined element: out of bounds table access",
	IndirectCallToNull:     "uninitialized element",
	BadSignature:           "indirect call type mismatch",
	IntegerOverflow:        "integer overflow",
	IntegerDivisionByZero:  "integer divide by zero",
	BadConversionToInteger: "invalid conversion to integer",
	UnreachableCodeReached: "wasm `unreachable` instruction executed",
	Interrupt:              "interrupt",
	OutOfFuel:              "all fuel consumed by WebAssembly",
}

// Error makes a code something that errors.Is can look for: errors.Is(err, tenon.OutOfFuel).
func (c TrapCode) Error() string {
	if int(c) < len(trapTexts) {
		return "wasm trap: " + trapTexts[c]
	}
	return "wasm trap: unknown code"
}

// Trap is a guest's sudden end: by one of its instructions, by a limit, or because a host function said so.
type Trap struct {
	own      life.Owner[cabi.Trap] // empty if the trap was made from a text or an error
	read     sync.Once
	message  string
	code     *TrapCode
	frames   []*Frame
	returned bool
	cause    error // the context's error, if that ended the guest
}

// NewTrap returns a trap for a host function to end the guest with.
func NewTrap(message string) *Trap {
	t := &Trap{message: message}
	t.read.Do(func() {})
	return t
}

// endTrapped ends an execution and returns its trap, whose text is not made before somebody wants to read it.
func (c *Context) endTrapped(ex *cabi.Exec) *Trap {
	t := new(Trap)
	c.traps.Own(&t.own, ex.TakeTrap(), (*cabi.Trap).Delete, cabi.DeleteTraps)
	c.end(ex)
	if l := logger.Load(); l != nil {
		l.Debug("a guest trapped", "trap", t)
	}
	return t
}

// trapFromError makes a trap from an owned native error: that is how the library reports a guest that a host function
// ended with a text.
func trapFromError(native *cabi.Error) *Trap {
	defer native.Delete()
	t := NewTrap(classicText(native.Message()))
	t.frames = newFrames(native.Frames())
	return t
}

func (t *Trap) load() *Trap {
	t.read.Do(func() {
		native := t.own.Use()
		defer t.own.Done()
		t.message = classicText(native.Message())
		t.frames = newFrames(native.Frames())
		if code, ok := native.Code(); ok {
			t.code = (*TrapCode)(&code)
		}
	})
	return t
}

// Message is the cause, followed by the guest's backtrace if there is one.
func (t *Trap) Message() string { return t.load().message }

// Error is the same as Message.
func (t *Trap) Error() string { return t.Message() }

// Code is why an instruction trapped; nil if a host function ended the guest.
func (t *Trap) Code() *TrapCode { return t.load().code }

// Is makes errors.Is find a [TrapCode].
func (t *Trap) Is(target error) bool {
	code, ok := target.(TrapCode)
	return ok && t.Code() != nil && *t.Code() == code
}

// Unwrap is the error of the context that ended the guest, if one did.
func (t *Trap) Unwrap() error { return t.cause }

// Frames is where the guest was, innermost first.
func (t *Trap) Frames() []*Frame { return t.load().frames }

// Close frees the trap's native half.
func (t *Trap) Close() { t.own.Close() }

// handOver makes the native trap that ends the guest in whose host function t was returned. A trap can be returned
// once; after that it panics with reused.
func (t *Trap) handOver(reused string) *cabi.Trap {
	if t == nil {
		return nil
	}
	if t.returned {
		panic(reused)
	}
	t.returned = true
	if t.own.Owns() {
		t.load()
		if native, ok := t.own.Take(); ok {
			return native
		}
	}
	return cabi.NewTrap(rootCause(t.message))
}

const (
	backtraceTitle = "error while executing at wasm backtrace:\n"
	causesTitle    = "\nCaused by:\n"
)

// classicText brings a message of the library, which puts the backtrace first, into the order of documented programs:
// the cause, then `wasm backtrace:` and the frames.
func classicText(message string) string {
	rest, ok := strings.CutPrefix(message, backtraceTitle)
	if !ok {
		return message
	}
	trace, causes, ok := strings.Cut(rest, causesTitle)
	if !ok {
		return message
	}
	var b strings.Builder
	b.WriteString(lastCause(causes))
	b.WriteString("\nwasm backtrace:\n")
	for line := range strings.Lines(trace) {
		b.WriteString(narrowFrame(line))
	}
	return b.String()
}

// narrowFrame takes two columns of padding from the offset of a frame's line.
func narrowFrame(line string) string {
	index, rest, ok := strings.Cut(line, ": ")
	if trimmed, padded := strings.CutPrefix(rest, "  "); ok && padded {
		return index + ": " + trimmed
	}
	return line
}

// lastCause is the innermost of a list of causes, which are numbered if there are several.
func lastCause(causes string) string {
	lines := strings.Split(strings.TrimRight(causes, "\n"), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if number, cause, ok := strings.Cut(last, ": "); ok && len(lines) > 1 && strings.Trim(number, "0123456789") == "" {
		return cause
	}
	return last
}

// rootCause is the first line of a classic text.
func rootCause(message string) string {
	cause, _, _ := strings.Cut(message, "\nwasm backtrace:\n")
	return cause
}
