// Loglens reads a directory of web server logs (*.log) and application events (*.jsonl) and reports what
// happened: requests by path and by status, latency percentiles, error bursts, and lines that match
// patterns given on stdin. It is an ordinary command line program; the demo runs it natively and as
// WebAssembly and compares the two.
//
// Usage: loglens [-top n] [-format text|json] [-out file] dir
// Environment: LOGLENS_TITLE is the report's headline.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

type options struct {
	top    int
	format string
	out    string
	title  string
	dir    string
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("loglens", flag.ContinueOnError)
	flags.IntVar(&o.top, "top", 5, "rows per table")
	flags.StringVar(&o.format, "format", "text", "text or json")
	flags.StringVar(&o.out, "out", "", "also write a JSON report to this file")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() != 1 {
		return o, fmt.Errorf("expected one directory, found %d arguments", flags.NArg())
	}
	if o.format != "text" && o.format != "json" {
		return o, fmt.Errorf("unknown format %q, expected text or json", o.format)
	}
	o.dir = flags.Arg(0)
	o.title = os.Getenv("LOGLENS_TITLE")
	if o.title == "" {
		o.title = "log report"
	}
	return o, nil
}

// readPatterns takes "name: regular expression" lines; empty lines and those that begin with # are skipped.
func readPatterns(r io.Reader) ([]pattern, error) {
	var patterns []pattern
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, expr, found := strings.Cut(text, ":")
		if !found {
			return nil, fmt.Errorf("patterns line %d: expected name: expression", line)
		}
		re, err := regexp.Compile(strings.TrimSpace(expr))
		if err != nil {
			return nil, fmt.Errorf("patterns line %d: %w", line, err)
		}
		patterns = append(patterns, pattern{name: strings.TrimSpace(name), re: re})
	}
	return patterns, scanner.Err()
}

// inputs lists the files of interest below dir in a fixed order.
func inputs(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".log", ".jsonl":
			if !entry.IsDir() {
				files = append(files, path)
			}
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no *.log or *.jsonl files")
	}
	sort.Strings(files)
	return files, err
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	patterns, err := readPatterns(stdin)
	if err != nil {
		return err
	}
	files, err := inputs(o.dir)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(o.dir), err)
	}
	a := newAnalysis(patterns)
	for _, path := range files {
		if err := a.readFile(path); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	report := a.report(o)
	if o.out != "" {
		if err := writeJSONFile(o.out, report); err != nil {
			return err
		}
	}
	w := bufio.NewWriter(stdout)
	if o.format == "json" {
		err = writeJSON(w, report)
	} else {
		err = writeText(w, report)
	}
	return errors.Join(err, w.Flush())
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "loglens:", err)
		os.Exit(2)
	}
}
