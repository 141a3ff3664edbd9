package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// Error is every failure that is not a [Trap]: a module that is not valid, an import that does not fit, arguments that a
// function does not take, a guest that asked to exit.
type Error struct {
	message string
	exit    *int32
	frames  []*Frame
}

// Error is the text.
func (e *Error) Error() string { return e.message }

// ExitStatus is the status with which a WASI program ended itself; false if this is another failure.
func (e *Error) ExitStatus() (int32, bool) {
	if e.exit == nil {
		return 0, false
	}
	return *e.exit, true
}

// Frames is where the guest was when it failed, innermost first; often empty.
func (e *Error) Frames() []*Frame { return e.frames }

// Close does nothing: errors hold no native memory.
func (e *Error) Close() {}

func newError(message string) *Error { return &Error{message: message} }

// takeError turns an owned native error into a Go one; nil stays nil.
func takeError(native *cabi.Error) error {
	if native == nil {
		return nil
	}
	defer native.Delete()
	e := &Error{message: native.Message(), frames: newFrames(native.Frames())}
	if status, ok := native.ExitStatus(); ok {
		e.exit = &status
	}
	return e
}
