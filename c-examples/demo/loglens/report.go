package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
	"time"
)

type fileSummary struct {
	Name     string `json:"name"`
	Bytes    int64  `json:"bytes"`
	Lines    int    `json:"lines"`
	Rejected int    `json:"rejected"`
}

type pathRow struct {
	Path    string  `json:"path"`
	Count   int     `json:"count"`
	Errors  int     `json:"errors"`
	Bytes   int64   `json:"bytes"`
	MeanMs  float64 `json:"mean_ms"`
	DevMs   float64 `json:"dev_ms"`
	P50     string  `json:"p50"`
	P95     string  `json:"p95"`
	P99     string  `json:"p99"`
	Slowest string  `json:"slowest"`
}

type countRow struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type patternRow struct {
	Name  string `json:"name"`
	Hits  int    `json:"hits"`
	First string `json:"first"`
}

type burst struct {
	At       time.Time `json:"at"`
	Requests int       `json:"requests"`
	Errors   int       `json:"errors"`
}

type report struct {
	Title    string                    `json:"title"`
	Files    []fileSummary             `json:"files"`
	Paths    []pathRow                 `json:"paths"`
	Statuses []countRow                `json:"statuses"`
	Clients  []countRow                `json:"clients"`
	Bursts   []burst                   `json:"bursts"`
	Services map[string]map[string]int `json:"services"`
	Retries  float64                   `json:"retries"`
	Patterns []patternRow              `json:"patterns"`
	Rejected []string                  `json:"rejected"`
	Digest   string                    `json:"digest,omitempty"`
}

func (a *analysis) report(o options) report {
	r := report{
		Title:    o.title,
		Files:    a.files,
		Paths:    a.pathRows(o.top),
		Clients:  a.clientRows(o.top),
		Bursts:   a.bursts(o.top),
		Services: a.services,
		Retries:  a.retries,
		Rejected: a.rejected,
	}
	for _, status := range sortedBy(a.statuses, func(x, y int) bool { return x < y }) {
		r.Statuses = append(r.Statuses, countRow{fmt.Sprint(status), a.statuses[status]})
	}
	for _, p := range a.patterns {
		r.Patterns = append(r.Patterns, patternRow{p.name, p.hits, p.first})
	}
	r.Digest = digest(r)
	return r
}

// digest makes two reports comparable at a glance.
func digest(r report) string {
	text, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (a *analysis) pathRows(top int) []pathRow {
	keys := sortedBy(a.paths, func(x, y string) bool {
		if a.paths[x].count != a.paths[y].count {
			return a.paths[x].count > a.paths[y].count
		}
		return x < y
	})
	var rows []pathRow
	for _, key := range keys[:min(top, len(keys))] {
		s := a.paths[key]
		sort.Slice(s.latencies, func(i, j int) bool { return s.latencies[i] < s.latencies[j] })
		mean, dev := deviation(s.latencies)
		rows = append(rows, pathRow{
			Path: s.path, Count: s.count, Errors: s.errors, Bytes: s.bytes, MeanMs: mean, DevMs: dev,
			P50:     percentile(s.latencies, 50).String(),
			P95:     percentile(s.latencies, 95).String(),
			P99:     percentile(s.latencies, 99).String(),
			Slowest: percentile(s.latencies, 100).String(),
		})
	}
	return rows
}

func (a *analysis) clientRows(top int) []countRow {
	keys := sortedBy(a.clients, func(x, y string) bool {
		if a.clients[x] != a.clients[y] {
			return a.clients[x] > a.clients[y]
		}
		return x < y
	})
	var rows []countRow
	for _, key := range keys[:min(top, len(keys))] {
		rows = append(rows, countRow{key, a.clients[key]})
	}
	return rows
}

// bursts are the minutes with the highest share of server errors.
func (a *analysis) bursts(top int) []burst {
	share := func(t time.Time) float64 {
		return float64(a.minutes[t].errors) / float64(a.minutes[t].requests)
	}
	keys := sortedBy(a.minutes, func(x, y time.Time) bool {
		if share(x) != share(y) {
			return share(x) > share(y)
		}
		return x.Before(y)
	})
	var rows []burst
	for _, at := range keys[:min(top, len(keys))] {
		if m := a.minutes[at]; m.errors > 0 {
			rows = append(rows, burst{at, m.requests, m.errors})
		}
	}
	return rows
}

func writeJSON(w io.Writer, r report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// writeJSONFile writes beside the target and renames, so that readers never see half a report.
func writeJSONFile(path string, r report) error {
	temporary := path + ".tmp"
	file, err := os.Create(temporary)
	if err != nil {
		return err
	}
	if err := writeJSON(file, r); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func writeText(w io.Writer, r report) error {
	fmt.Fprintf(w, "%s\n%s\n", r.Title, strings.Repeat("=", len(r.Title)))
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	section := func(name, header string) { fmt.Fprintf(t, "\n%s\n%s\n", name, header) }
	section("files", "name\tbytes\tlines\trejected")
	for _, f := range r.Files {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\n", f.Name, f.Bytes, f.Lines, f.Rejected)
	}
	section("busiest paths", "path\tcount\t5xx\tKiB\tmean ms\tdev ms\tp50\tp95\tp99\tslowest")
	for _, p := range r.Paths {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.1f\t%.3f\t%.3f\t%s\t%s\t%s\t%s\n", p.Path, p.Count, p.Errors,
			float64(p.Bytes)/1024, p.MeanMs, p.DevMs, p.P50, p.P95, p.P99, p.Slowest)
	}
	section("statuses", "status\tcount")
	for _, s := range r.Statuses {
		fmt.Fprintf(t, "%s\t%d\n", s.Name, s.Count)
	}
	section("clients", "address\trequests")
	for _, c := range r.Clients {
		fmt.Fprintf(t, "%s\t%d\n", c.Name, c.Count)
	}
	section("error bursts", "minute\trequests\terrors")
	for _, b := range r.Bursts {
		fmt.Fprintf(t, "%s\t%d\t%d\n", b.At.Format("2006-01-02 15:04 MST"), b.Requests, b.Errors)
	}
	section("services", "service\tlevel\tevents")
	for _, service := range sortedBy(r.Services, func(x, y string) bool { return x < y }) {
		levels := r.Services[service]
		for _, level := range sortedBy(levels, func(x, y string) bool { return x < y }) {
			fmt.Fprintf(t, "%s\t%s\t%d\n", service, level, levels[level])
		}
	}
	section("patterns", "name\thits\tfirst")
	for _, p := range r.Patterns {
		fmt.Fprintf(t, "%s\t%d\t%s\n", p.Name, p.Hits, p.First)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nretries: %.0f\nrejected lines: %d\n", r.Retries, len(r.Rejected))
	for _, line := range r.Rejected {
		fmt.Fprintln(w, " ", line)
	}
	_, err := fmt.Fprintf(w, "digest: %s\n", r.Digest)
	return err
}
