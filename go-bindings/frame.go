package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// Frame is one function in the backtrace of a guest.
type Frame struct {
	native cabi.Frame
}

func newFrames(native []cabi.Frame) []*Frame {
	frames := make([]*Frame, len(native))
	for i := range native {
		frames[i] = &Frame{native[i]}
	}
	return frames
}

// FuncIndex is the function's number in its module.
func (f *Frame) FuncIndex() uint32 { return f.native.FuncIndex }

// FuncName is the function's name, nil if the module does not give one.
func (f *Frame) FuncName() *string { return f.native.FuncName }

// ModuleName is the module's name, nil if the module does not give one.
func (f *Frame) ModuleName() *string { return f.native.ModuleName }

// FuncOffset is the position in bytes from the start of the function's body.
func (f *Frame) FuncOffset() uint { return f.native.FuncOffset }

// ModuleOffset is the position in bytes from the start of the module.
func (f *Frame) ModuleOffset() uint { return f.native.ModuleOffset }
