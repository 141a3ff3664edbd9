// Command prepare rewrites the tests of a wasmtime-go release so that they run against this module.
//
// Usage: prepare directory-of-the-release import-path-of-the-release our-import-path list-of-unfit-tests output
//
// Tests inside the peer's package get a dot import and go to output/inside, examples go to output/outside. Functions
// named in the list (one per line, then the reason) are left out.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "prepare:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("expected 5 arguments, got %d", len(args))
	}
	source, peer, ours, list, out := args[0], args[1], args[2], args[3], args[4]
	unfit, err := readList(list)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(source, "*_test.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := prepare(file, peer, ours, unfit, out); err != nil {
			return fmt.Errorf("failed to rewrite %s: %w", file, err)
		}
	}
	return nil
}

func readList(path string) (map[string]bool, error) {
	text, err := os.ReadFile(path)
	names := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(line, "#") {
			names[fields[0]] = true
		}
	}
	return names, err
}

// edits are replacements of parts of a file's text, by byte offset. The rest, comments above all, stays as it is.
type edits struct {
	set  *token.FileSet
	list []edit
}

type edit struct {
	from, to int
	text     string
}

func (e *edits) replace(from, to token.Pos, text string) {
	e.list = append(e.list, edit{e.set.Position(from).Offset, e.set.Position(to).Offset, text})
}

func (e *edits) apply(source []byte) []byte {
	slices.SortFunc(e.list, func(a, b edit) int { return b.from - a.from })
	for _, x := range e.list {
		source = slices.Concat(source[:x.from], []byte(x.text), source[x.to:])
	}
	return source
}

func prepare(file, peer, ours string, unfit map[string]bool, out string) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	e := &edits{set: token.NewFileSet()}
	f, err := parser.ParseFile(e.set, file, source, parser.ParseComments)
	if err != nil {
		return err
	}
	used, left := dropFuncs(e, f, unfit)
	if !left {
		return nil
	}
	folder, head := "outside", ""
	if !strings.HasSuffix(f.Name.Name, "_test") {
		folder, head = "inside", "\n\nimport . "+strconv.Quote(ours)
	}
	e.replace(f.Name.Pos(), f.Name.End(), folder+head)
	for _, spec := range f.Imports {
		switch name := importName(spec); {
		case spec.Path.Value == strconv.Quote(peer):
			e.replace(spec.Pos(), spec.End(), "wasmtime "+strconv.Quote(ours))
		case !used[name]:
			e.replace(spec.Pos(), spec.End(), "_ "+spec.Path.Value)
		}
	}
	if err := os.MkdirAll(filepath.Join(out, folder), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, folder, filepath.Base(file)), e.apply(source), 0o644)
}

// dropFuncs takes unfit functions out. It returns the packages that the others use, and whether there are others.
func dropFuncs(e *edits, f *ast.File, unfit map[string]bool) (used map[string]bool, left bool) {
	used = make(map[string]bool)
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && unfit[fn.Name.Name] {
			e.replace(fn.Pos(), fn.End(), "")
			continue
		} else if ok {
			left = true
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					used[x.Name] = true
				}
			}
			return true
		})
	}
	return used, left
}

func importName(s *ast.ImportSpec) string {
	if s.Name != nil {
		return s.Name.Name
	}
	path, _ := strconv.Unquote(s.Path.Value)
	return path[strings.LastIndex(path, "/")+1:]
}
