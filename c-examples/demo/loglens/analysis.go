package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

type pattern struct {
	name  string
	re    *regexp.Regexp
	hits  int
	first string
}

// request is one line of an access log in the combined format, its latency appended in microseconds.
type request struct {
	client  string
	at      time.Time
	method  string
	path    string
	status  int
	bytes   int64
	latency time.Duration
}

// event is one line of an application's JSON log.
type event struct {
	Time    time.Time      `json:"time"`
	Level   string         `json:"level"`
	Service string         `json:"service"`
	Message string         `json:"msg"`
	Fields  map[string]any `json:"fields"`
}

type pathStats struct {
	path      string
	count     int
	errors    int
	bytes     int64
	latencies []time.Duration
}

type analysis struct {
	patterns []pattern
	files    []fileSummary
	paths    map[string]*pathStats
	statuses map[int]int
	clients  map[string]int
	minutes  map[time.Time]*minute
	services map[string]map[string]int
	retries  float64
	rejected []string
}

type minute struct {
	requests int
	errors   int
}

func newAnalysis(patterns []pattern) *analysis {
	return &analysis{
		patterns: patterns,
		paths:    map[string]*pathStats{},
		statuses: map[int]int{},
		clients:  map[string]int{},
		minutes:  map[time.Time]*minute{},
		services: map[string]map[string]int{},
	}
}

func (a *analysis) readFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	take := a.takeAccess
	if filepath.Ext(path) == ".jsonl" {
		take = a.takeEvent
	}
	summary := fileSummary{Name: filepath.Base(path), Bytes: info.Size()}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 0, 64<<10), 1<<20)
	for scanner.Scan() {
		summary.Lines++
		line := scanner.Text()
		if err := take(line); err != nil {
			summary.Rejected++
			a.rejected = append(a.rejected, fmt.Sprintf("%s:%d: %v", summary.Name, summary.Lines, err))
			continue
		}
		a.matchPatterns(line)
	}
	a.files = append(a.files, summary)
	return scanner.Err()
}

func (a *analysis) matchPatterns(line string) {
	for i := range a.patterns {
		p := &a.patterns[i]
		if found := p.re.FindString(line); found != "" {
			p.hits++
			if p.first == "" {
				p.first = found
			}
		}
	}
}

var accessLine = regexp.MustCompile(
	`^(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z]+) (\S+) HTTP/[0-9.]+" (\d{3}) (\d+|-) (\d+)$`)

func parseRequest(line string) (request, error) {
	m := accessLine.FindStringSubmatch(line)
	if m == nil {
		return request{}, fmt.Errorf("not an access line: %.40q", line)
	}
	at, err := time.Parse("02/Jan/2006:15:04:05 -0700", m[2])
	if err != nil {
		return request{}, err
	}
	status, _ := strconv.Atoi(m[5])
	bytes, _ := strconv.ParseInt(m[6], 10, 64) // "-" counts as 0
	micros, err := strconv.ParseInt(m[7], 10, 64)
	if err != nil {
		return request{}, err
	}
	path, _, _ := strings.Cut(m[4], "?")
	latency := time.Duration(micros) * time.Microsecond
	return request{m[1], at.UTC(), m[3], path, status, bytes, latency}, nil
}

func (a *analysis) takeAccess(line string) error {
	r, err := parseRequest(line)
	if err != nil {
		return err
	}
	key := r.method + " " + normalise(r.path)
	s := a.paths[key]
	if s == nil {
		s = &pathStats{path: key}
		a.paths[key] = s
	}
	s.count++
	s.bytes += r.bytes
	s.latencies = append(s.latencies, r.latency)
	a.statuses[r.status]++
	a.clients[r.client]++
	at := r.at.Truncate(time.Minute)
	m := a.minutes[at]
	if m == nil {
		m = &minute{}
		a.minutes[at] = m
	}
	m.requests++
	if r.status >= 500 {
		s.errors++
		m.errors++
	}
	return nil
}

var number = regexp.MustCompile(`/\d+`)

// normalise folds numbered resources into one row.
func normalise(path string) string {
	return number.ReplaceAllString(path, "/:id")
}

func (a *analysis) takeEvent(line string) error {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		return err
	}
	if e.Service == "" || e.Level == "" {
		return fmt.Errorf("event without service or level")
	}
	levels := a.services[e.Service]
	if levels == nil {
		levels = map[string]int{}
		a.services[e.Service] = levels
	}
	levels[strings.ToLower(e.Level)]++
	if n, ok := e.Fields["retries"].(float64); ok {
		a.retries += n
	}
	return nil
}

// percentile is the nearest-rank percentile of sorted values.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank-1, 0)]
}

// deviation is the mean and the standard deviation in milliseconds.
func deviation(values []time.Duration) (mean, dev float64) {
	if len(values) == 0 {
		return 0, 0
	}
	for _, v := range values {
		mean += float64(v) / float64(time.Millisecond)
	}
	mean /= float64(len(values))
	for _, v := range values {
		d := float64(v)/float64(time.Millisecond) - mean
		dev += float64(d * d) // the conversion forbids a fused multiply-add, which some CPUs would use
	}
	return mean, math.Sqrt(dev / float64(len(values)))
}

func sortedBy[K comparable, V any](m map[K]V, less func(a, b K) bool) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return less(keys[i], keys[j]) })
	return keys
}
