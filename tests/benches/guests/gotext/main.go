// A Go guest: JSON, maps, regular expressions, sorting, and the collector of its own runtime.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
)

//go:wasmimport bench start
func start()

//go:wasmimport bench end
func end()

type record struct {
	ID    int            `json:"id"`
	Name  string         `json:"name"`
	Tags  []string       `json:"tags"`
	Score float64        `json:"score"`
	Extra map[string]int `json:"extra"`
}

func main() {
	start()
	records := make([]record, 300)
	for i := range records {
		records[i] = record{i, fmt.Sprintf("name-%04d", i*7919%1000), []string{"a", "b", strings.Repeat("c", i%9)},
			float64(i) * 1.25, map[string]int{"x": i, "y": -i}}
	}
	var text []byte
	for range 8 {
		text, _ = json.Marshal(records)
		var back []record
		if err := json.Unmarshal(text, &back); err != nil {
			panic(err)
		}
		sort.Slice(back, func(i, j int) bool { return back[i].Name < back[j].Name })
		records = back
	}
	pattern := regexp.MustCompile(`"name-(\d\d)(\d)\d"`)
	counts := map[string]int{}
	for range 3 {
		for _, m := range pattern.FindAllSubmatch(text, -1) {
			counts[string(m[1])]++
			counts[string(m[2])] += 2
		}
	}
	words := bytes.Fields(bytes.ReplaceAll(text, []byte(","), []byte(" ")))
	end()
	fmt.Println(len(text), len(counts), counts["07"], len(words), records[9].Name)
}
