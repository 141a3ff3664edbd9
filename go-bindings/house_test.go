package tenon_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Only internal/cabi may import "C".
func TestOnlyOnePackageImportsC(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			if spec.Path.Value == `"C"` && filepath.Dir(path) != filepath.Join("internal", "cabi") {
				t.Errorf("%s imports \"C\"", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
