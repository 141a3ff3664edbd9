package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// ExportType is one export of a module.
type ExportType struct {
	name string
	ty   *ExternType
}

// NewExportType returns the description of an export.
func NewExportType(name string, ty AsExternType) *ExportType {
	return &ExportType{name, ty.AsExternType()}
}

// Name is the name.
func (t *ExportType) Name() string { return t.name }

// Type is what is exported.
func (t *ExportType) Type() *ExternType { return t.ty }

// Close does nothing: types hold no native memory.
func (t *ExportType) Close() {}

func newExports(native []cabi.Import) []*ExportType {
	list := make([]*ExportType, len(native))
	for i, n := range native {
		list[i] = &ExportType{n.Name, newExternType(n.Type)}
	}
	return list
}
