package tenon

import (
	"fmt"
	"slices"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// FuncType is the type of a function.
type FuncType struct {
	params  []*ValType
	results []*ValType
}

// NewFuncType returns the type of functions with these parameters and results.
func NewFuncType(params, results []*ValType) *FuncType {
	return &FuncType{append([]*ValType(nil), params...), append([]*ValType(nil), results...)}
}

// Params are the types of the parameters.
func (t *FuncType) Params() []*ValType { return append([]*ValType(nil), t.params...) }

// Results are the types of the results.
func (t *FuncType) Results() []*ValType { return append([]*ValType(nil), t.results...) }

// AsExternType is the type among the types of all externs.
func (t *FuncType) AsExternType() *ExternType { return &ExternType{fn: t} }

// Close does nothing: types hold no native memory.
func (t *FuncType) Close() {}

// signature is a function type as calls need it.
type signature struct {
	params  []ValKind
	results []ValKind
	brief   bool // of a function: see cabi.FuncIsBrief
}

// slots is how many slots a call needs.
func (s *signature) slots() int { return max(len(s.params), len(s.results)) }

func (s *signature) same(other *signature) bool {
	return slices.Equal(s.params, other.params) && slices.Equal(s.results, other.results)
}

// String is how messages name the type.
func (s *signature) String() string {
	return fmt.Sprintf("%v -> %v", s.params, s.results)
}

func (t *FuncType) signature() *signature {
	s := new(signature)
	for _, p := range t.params {
		s.params = append(s.params, p.kind)
	}
	for _, r := range t.results {
		s.results = append(s.results, r.kind)
	}
	return s
}

func kindsOf(bytes []byte) []ValKind {
	kinds := make([]ValKind, len(bytes))
	for i, b := range bytes {
		kinds[i] = ValKind(b)
	}
	return kinds
}

func bytesOf(kinds []ValKind) []byte {
	bytes := make([]byte, len(kinds))
	for i, k := range kinds {
		bytes[i] = byte(k)
	}
	return bytes
}

func typesOf(kinds []ValKind) []*ValType {
	types := make([]*ValType, len(kinds))
	for i, k := range kinds {
		types[i] = NewValType(k)
	}
	return types
}

func readSignature(s cabi.Signature) *signature {
	return &signature{params: kindsOf(s.Params), results: kindsOf(s.Results)}
}

func (s *signature) funcType() *FuncType {
	return &FuncType{typesOf(s.params), typesOf(s.results)}
}

// native builds the library's form, which the caller deletes.
func (s *signature) native() *cabi.FuncType {
	return cabi.NewFuncType(cabi.Signature{Params: bytesOf(s.params), Results: bytesOf(s.results)})
}
