package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// ImportType is one import of a module.
type ImportType struct {
	module, name string
	ty           *ExternType
}

// NewImportType returns the description of an import.
func NewImportType(module, name string, ty AsExternType) *ImportType {
	return &ImportType{module, name, ty.AsExternType()}
}

// Module is the first part of the name.
func (t *ImportType) Module() string { return t.module }

// Name is the second part of the name.
func (t *ImportType) Name() *string { return &t.name }

// Type is what is imported.
func (t *ImportType) Type() *ExternType { return t.ty }

// Close does nothing: types hold no native memory.
func (t *ImportType) Close() {}

func newImports(native []cabi.Import) []*ImportType {
	list := make([]*ImportType, len(native))
	for i, n := range native {
		list[i] = &ImportType{n.Module, n.Name, newExternType(n.Type)}
	}
	return list
}
