// Package corpus has the YAML of real plugins, with the host's verdicts on them, for tests. The
// environment variable DIFYGEN_CORPUS names its folder.
package corpus

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Env is the environment variable that names the corpus folder.
const Env = "DIFYGEN_CORPUS"

// The host's verdicts on a file.
const (
	Accept      = "accept"
	BreaksRules = "breaks-rules"
	CannotLoad  = "cannot-load"
)

// Case is a provider file with what the host made of it.
type Case struct {
	ID      string             `json:"id"`
	File    string             `json:"file"`
	Kind    string             `json:"kind"`
	From    string             `json:"from"`
	YAML    *string            `json:"yaml"`
	Verdict string             `json:"verdict"`
	Reasons []string           `json:"reasons"`
	Decoded map[string][]Field `json:"decoded"`
}

// Field is a field as the host decoded it.
type Field struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Required bool   `json:"required"`
	Default  any    `json:"default"`
	Options  []any  `json:"options"`
	Label    string `json:"label"`
	Scope    string `json:"scope"`
	Multiple bool   `json:"multiple"`
	MaxLen   int    `json:"max_length"`
	ShowOn   []any  `json:"show_on"`
}

// Dir returns the corpus folder. It skips the test if Env is not set.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv(Env)
	if dir == "" {
		tb.Skipf("SKIPPED: set %s to the corpus folder to test real provider files", Env)
	}
	if !filepath.IsAbs(dir) {
		tb.Fatalf("%s=%s is not an absolute path", Env, dir)
	}
	return dir
}

// Cases returns the files, probes and mutations of the given kinds.
func Cases(tb testing.TB, kinds ...string) []Case {
	tb.Helper()
	return cases(tb, kinds, "host.jsonl", "probes.jsonl", "mutations.jsonl.gz")
}

// CasesWithoutMutations returns the files and probes of the given kinds.
func CasesWithoutMutations(tb testing.TB, kinds ...string) []Case {
	tb.Helper()
	return cases(tb, kinds, "host.jsonl", "probes.jsonl")
}

func cases(tb testing.TB, kinds []string, names ...string) []Case {
	tb.Helper()
	dir := Dir(tb)
	var cases []Case
	for _, name := range names {
		for _, c := range read[Case](tb, filepath.Join(dir, name)) {
			if slices.Contains(kinds, c.Kind) {
				cases = append(cases, c)
			}
		}
	}
	if len(cases) == 0 {
		tb.Fatalf("%s has no cases of kind %v", dir, kinds)
	}
	return cases
}

// Source returns the YAML of a case.
func (c Case) Source(tb testing.TB) []byte {
	tb.Helper()
	if c.YAML != nil {
		return []byte(*c.YAML)
	}
	data, err := os.ReadFile(filepath.Join(Dir(tb), filepath.FromSlash(c.File)))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// Name returns a name for the case in test output.
func (c Case) Name() string {
	if c.ID != "" {
		return c.ID
	}
	return c.File
}

// Item is an item file, real or broken, with what the host made of it.
type Item struct {
	Case
	// Decoded is the host's struct as JSON; nil if the host cannot load the file.
	Decoded map[string]any `json:"decoded"`
}

// Items returns the item files and their mutations.
func Items(tb testing.TB) []Item {
	tb.Helper()
	dir := Dir(tb)
	return append(read[Item](tb, filepath.Join(dir, "items.jsonl.gz")), read[Item](tb, filepath.Join(dir, "item-mutations.jsonl.gz"))...)
}

// Declaration is what the host extracts from the folder of a plugin.
type Declaration struct {
	Plugin      string         `json:"plugin"` // the folder, from that of the corpus
	Declaration map[string]any `json:"declaration"`
}

// Declarations returns the declarations of all plugins.
func Declarations(tb testing.TB) []Declaration {
	tb.Helper()
	return read[Declaration](tb, filepath.Join(Dir(tb), "declarations.jsonl.gz"))
}

func read[T any](tb testing.TB, file string) []T {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	var cases []T
	for dec := json.NewDecoder(bufio.NewReader(r)); ; {
		var c T
		switch err := dec.Decode(&c); err {
		case nil:
			cases = append(cases, c)
		case io.EOF:
			return cases
		default:
			tb.Fatalf("%s: %v", file, err)
		}
	}
}

// Normal returns a value as JSON has it, without what is null or empty, for comparisons.
func Normal(tb testing.TB, v any) any {
	tb.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		tb.Fatal(err)
	}
	return prune(out)
}

// prune drops null, "", [] and {} from maps, and then maps that are empty.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			if x = prune(x); x == nil {
				delete(v, key)
			} else {
				v[key] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}
