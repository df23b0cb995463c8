package yamldoc

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/corpus"
)

// mutations break a line, if they can. They are what authors do by mistake.
var mutations = map[string]func(r *rand.Rand, line string) (string, bool){
	"indent by 1": func(_ *rand.Rand, line string) (string, bool) { return " " + line, true },
	"indent by 2": func(_ *rand.Rand, line string) (string, bool) { return "  " + line, true },
	"dedent by 1": func(_ *rand.Rand, line string) (string, bool) { return strings.CutPrefix(line, " ") },
	"dedent by 2": func(_ *rand.Rand, line string) (string, bool) { return strings.CutPrefix(line, "  ") },
	"dedent to 0": func(_ *rand.Rand, line string) (string, bool) {
		return strings.TrimLeft(line, " "), strings.HasPrefix(line, " ")
	},
	"tab for spaces": func(_ *rand.Rand, line string) (string, bool) {
		return "\t" + strings.TrimLeft(line, " "), strings.HasPrefix(line, " ")
	},
	"tab for 2 spaces": func(_ *rand.Rand, line string) (string, bool) {
		rest, ok := strings.CutPrefix(line, "    ")
		return "  \t" + rest, ok
	},
	"drop colon": func(_ *rand.Rand, line string) (string, bool) {
		key, value, ok := strings.Cut(line, ":")
		return key + value, ok && !strings.ContainsAny(key, `"'[{#`)
	},
	"drop space": func(_ *rand.Rand, line string) (string, bool) {
		key, value, ok := strings.Cut(line, ": ")
		return key + ":" + value, ok && !strings.ContainsAny(key, `"'[{#`)
	},
	"drop space of item": func(_ *rand.Rand, line string) (string, bool) {
		before, item, ok := strings.Cut(line, "- ")
		return before + "-" + item, ok && strings.TrimSpace(before) == ""
	},
	"drop quote":    func(_ *rand.Rand, line string) (string, bool) { return dropLast(line, `"'`) },
	"drop bracket":  func(_ *rand.Rand, line string) (string, bool) { return dropLast(line, "]}") },
	"open quote":    func(r *rand.Rand, line string) (string, bool) { return beforeValue(line, pick(r, `"'`)) },
	"open bracket":  func(r *rand.Rand, line string) (string, bool) { return beforeValue(line, pick(r, "[{")) },
	"add indicator": func(r *rand.Rand, line string) (string, bool) { return beforeValue(line, pick(r, "@`%&*!|>")) },
	"add quote":     func(r *rand.Rand, line string) (string, bool) { return anywhere(r, line, pick(r, `"'`)) },
	"add bracket":   func(r *rand.Rand, line string) (string, bool) { return anywhere(r, line, pick(r, "[]{}")) },
}

func pick(r *rand.Rand, chars string) string {
	i := r.IntN(len(chars))
	return chars[i : i+1]
}

func dropLast(line, chars string) (string, bool) {
	i := strings.LastIndexAny(line, chars)
	if i < 0 {
		return "", false
	}
	return line[:i] + line[i+1:], true
}

func beforeValue(line, added string) (string, bool) {
	key, value, ok := strings.Cut(line, ": ")
	return key + ": " + added + value, ok
}

func anywhere(r *rand.Rand, line, added string) (string, bool) {
	runes := []rune(line)
	i := r.IntN(len(runes) + 1)
	return string(runes[:i]) + added + string(runes[i:]), true
}

// TestPlaceOfSyntaxErrors breaks real files in one line. Of what the host refuses, almost
// all reports must be on that line or the next.
func TestPlaceOfSyntaxErrors(t *testing.T) {
	t.Parallel()
	type count struct{ host, ours, all int }
	counts := make(map[string]*count)
	var sum count
	r := rand.New(rand.NewPCG(11, 4))
	kinds := slices.Sorted(maps.Keys(mutations))
	for i, source := range yamlFiles(t) {
		kind := kinds[i%len(kinds)]
		lines, n := breakLine(r, kind, strings.Split(source, "\n"))
		data := []byte(strings.Join(lines, "\n"))
		raw := guarded(func() error { return yaml.Unmarshal(data, new(yaml.Node)) })
		if raw == nil {
			continue
		}
		_, err := Parse(data)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v, but the YAML package reports %v", err, raw)
		}
		hostLine, _, hasLine := cutLine(strings.TrimPrefix(raw.Error(), "yaml: "))
		if suffix := fmt.Sprintf(" (the host reports line %d)", hostLine); hasLine && hostLine != e.Line && !strings.HasSuffix(e.Message, suffix) {
			t.Errorf("%v lacks the line of %v", e, raw)
		}
		if counts[kind] == nil {
			counts[kind] = new(count)
		}
		for _, c := range []*count{counts[kind], &sum} {
			c.all++
			if hostLine == n+1 || hostLine == n+2 {
				c.host++
			}
			if e.Line == n+1 || e.Line == n+2 {
				c.ours++
			}
		}
	}
	counts["all"] = &sum
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		c := counts[kind]
		t.Logf("%-18s %5d files: %5.1f%% on the line or the next; the host has %5.1f%%", kind, c.all, percent(c.ours, c.all), percent(c.host, c.all))
		if percent(c.ours, c.all) < 95 {
			t.Errorf("%s: want at least 95%%", kind)
		}
	}
}

// breakLine breaks a random line that has more than a comment, in a way that it can be
// broken. It returns the number of that line, if it finds one.
func breakLine(r *rand.Rand, kind string, lines []string) ([]string, int) {
	for range 100 {
		n := r.IntN(len(lines))
		broken, ok := mutations[kind](r, lines[n])
		if line := strings.TrimSpace(lines[n]); ok && line != "" && line[0] != '#' {
			lines[n] = broken
			return lines, n
		}
	}
	return lines, -1
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }

// yamlFiles returns the files of the plugins of the corpus, some times each.
func yamlFiles(t *testing.T) []string {
	t.Helper()
	const times = 4
	var files []string
	err := filepath.WalkDir(filepath.Join(corpus.Dir(t), "plugins"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, slices.Repeat([]string{string(data)}, times)...)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	return files
}

// TestSyntaxErrorsHideValues breaks every line of a file in every way, and looks for its
// values in the messages.
func TestSyntaxErrorsHideValues(t *testing.T) {
	t.Parallel()
	const source = `identity:
  name: secretword
  help: |
    secretword secretword
    Note: secretword
  url: "secretword secretword"
fields:
  - token: 'secretword'
    options: [secretword, "secretword", {value: secretword}]
    text: secretword
      secretword secretword
  - secretword
`
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 50 {
		for _, kind := range slices.Sorted(maps.Keys(mutations)) {
			lines := strings.Split(source, "\n")
			for n, line := range lines[:len(lines)-1] {
				lines[n], _ = mutations[kind](r, line)
				_, err := Parse([]byte(strings.Join(lines, "\n")))
				lines[n] = line
				if err == nil {
					continue
				}
				if refused++; strings.Contains(err.Error(), "secretword") {
					t.Errorf("%s of line %d: %v", kind, n+1, err)
				}
			}
		}
	}
	if refused < 1000 {
		t.Errorf("only %d files are refused", refused)
	}
}
