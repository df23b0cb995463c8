package difygen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/difygen/difygen"

// TestPicture compares the picture in CONTRIBUTING.md with the imports of the command and of
// package difygen. It must have every package and every import, and each import must lead
// to a lower row.
func TestPicture(t *testing.T) {
	t.Parallel()
	rows, drawn := picture(t)
	var imports []string
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", "./cmd/difygen", ".")
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(bytes.NewReader(output)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from, ours := drawnName(p.ImportPath)
		if !ours {
			continue
		}
		if _, ok := rows[from]; !ok {
			t.Errorf("%s is not in the picture", from)
		}
		for _, path := range p.Imports {
			to, ours := drawnName(path)
			if !ours {
				continue
			}
			imports = append(imports, from+" --> "+to)
			if rows[to] <= rows[from] {
				t.Errorf("%s imports %s, which is not in a lower row", from, to)
			}
		}
	}
	slices.Sort(imports)
	slices.Sort(drawn)
	if diff := cmp.Diff(imports, drawn); diff != "" {
		t.Errorf("imports (-code +picture):\n%s", diff)
	}
}

// drawnName returns the name of a package in the picture, and whether it is in this module.
func drawnName(path string) (name string, ours bool) {
	if path == module {
		return "difygen", true
	}
	return strings.CutPrefix(path, module+"/")
}

// picture returns the row of each package in the picture, and the arrows.
func picture(t *testing.T) (rows map[string]int, arrows []string) {
	t.Helper()
	page, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```mermaid\nflowchart TD\n")
	drawing, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("CONTRIBUTING.md has no picture")
	}
	rows = make(map[string]int)
	row := 0
	for line := range strings.Lines(drawing) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "subgraph "):
			row++
		case line == "end":
		case strings.Contains(line, " --> "):
			arrows = append(arrows, line)
		default:
			rows[line] = row
		}
	}
	return rows, arrows
}
