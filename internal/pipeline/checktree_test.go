package pipeline_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

const treeManifest = `version: 0.1.0
type: plugin
author: me
name: box
label: {en_US: Box}
description: {en_US: Box.}
icon: icon.svg
created_at: 2026-01-31T12:00:00Z
resource: {memory: 1048576}
meta: {version: 0.1.0, arch: [amd64], runner: {language: python, version: "3.12", entrypoint: main}}
plugins: {tools: [box.yaml]}
`

const treeProvider = `identity: {author: me, name: box, label: {en_US: Box}, description: {en_US: D}, icon: icon.svg}
credentials_for_provider:
  key: {type: secret-input, label: {en_US: Key}}
`

// writeTree writes files, of which NAME/plugin stands for the files of a plugin without Go.
func writeTree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	put := func(name, content string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		at, isPlugin := strings.CutSuffix(name, "plugin")
		if !isPlugin {
			put(name, content)
			continue
		}
		put(at+"manifest.yaml", treeManifest)
		put(at+"_assets/icon.svg", "<svg/>")
		put(at+"box.yaml", cmp.Or(content, treeProvider))
	}
}

// parseTest parses the arguments of a directive in tests: -strict, -C=DIR, -wrong, and files.
func parseTest(dir, goPackage string, args []string) (cfg pipeline.Config, strict, ok bool, err error) {
	cfg = pipeline.Config{Dir: dir, GoPackage: strings.TrimSuffix(goPackage, "_test")}
	for _, arg := range args {
		in, isIn := strings.CutPrefix(arg, "-C=")
		switch {
		case isIn:
			cfg.Dir = filepath.Join(dir, in)
		case arg == "-strict":
			strict = true
		case arg == "inspect":
			return cfg, false, false, nil
		case strings.HasPrefix(arg, "-"):
			return cfg, false, false, errors.New("unknown flag " + arg)
		default:
			cfg.Files = append(cfg.Files, arg)
		}
	}
	return cfg, strict, true, nil
}

func TestCheckTree(t *testing.T) {
	t.Parallel()
	const mod, warns = "module example.com/m\n", "credentials_for_provider:\n  key: {type: secret-input}\n"
	code := func(directives ...string) string {
		return "package box\n\n" + strings.Join(append(directives, ""), "\n")
	}
	for name, tt := range map[string]struct {
		files    map[string]string
		patterns []string
		want     []string // KIND FOLDER: changes, errors, warnings, error
		kept     int
		err      string
	}{
		"whole, nested, without Go": {
			files: map[string]string{"go.mod": mod, "a/plugin": "", "a/x/a.go": code(), "a/b/plugin": "", "c/plugin": "", "c/d/plugin": "", "c/d/d.go": code()},
			want:  []string{"whole a: 4", "yaml a/b: 0", "yaml c: 0", "whole c/d: 3"},
		},
		"left out": {
			files: map[string]string{
				"go.mod": mod, "a/plugin": "", "testdata/plugin": "", "vendor/x/plugin": "", "_x/plugin": "", ".x/plugin": "", "a/testdata/x.go": code(),
				"k8s/manifest.yaml": "kind: Deployment\n", "m/go.mod": mod, "m/k8s/manifest.yaml": "kind: Deployment\n", "n/go.mod": mod, "n/x/plugin": "", "o/go.mod": mod, "o/x.go": code("//go:generate difygen x.yaml"),
			},
			want: []string{"yaml a: 0"}, kept: 1,
		},
		"modules without one above": {
			files: map[string]string{"a/go.mod": mod, "a/plugin": "", "a/x.go": code(), "b/go.mod": mod, "b/plugin": "", "b/c/go.mod": mod, "b/c/plugin": ""},
			want:  []string{"whole a: 3", "yaml b: 0"}, kept: 1,
		},
		"another module, named": {
			files:    map[string]string{"go.mod": mod, "a/plugin": "", "n/go.mod": mod, "n/x/plugin": ""},
			patterns: []string{"./...", "n/..."},
			want:     []string{"yaml a: 0", "yaml n/x: 0"},
		},
		"no module": {
			files: map[string]string{"a/plugin": "", "a/x.go": code(), "b/plugin": "", "c/plugin": "identity: ["},
			want: []string{
				"whole a: 0: no go.mod beside a/manifest.yaml or in a folder above: run difygen init, which writes one, or go mod init MODULE", "yaml b: 0", "yaml c: 0, 1 errors",
			},
		},
		"credentials alone": {
			files: map[string]string{"go.mod": mod, "a/plugin": "", "a/box/x.go": code("//go:generate difygen")},
			want:  []string{"yaml a: 0", "other a/box: 2"},
		},
		"credentials alone, named": {
			files: map[string]string{"go.mod": mod, "a/plugin": warns, "b/x_test.go": "package b_test\n\n//go:generate go tool -C ../a difygen box.yaml\n"},
			want:  []string{"yaml a: 0, 6 warnings", "other b: 2, 6 warnings"},
		},
		"credentials alone, from a folder of the go command": {
			files: map[string]string{"go.mod": mod, "a/plugin": "", "b/c/x.go": code("//go:generate go -C ../../a tool difygen box.yaml")},
			want:  []string{"yaml a: 0", "other b/c: 2"},
		},
		"credentials beside the whole": {
			files: map[string]string{
				"go.mod": mod, "a/plugin": "", "a/main.go": "package main\n\n//go:generate go tool difygen\n", "a/creds/x.go": code("//go:generate difygen ../box.yaml"),
			},
			want: []string{"whole a: 4", "other a/creds: 2"},
		},
		"the whole from elsewhere": {
			files:    map[string]string{"go.mod": mod, "a/plugin": warns, "a/x.go": code(), "b/x.go": code("//go:generate difygen -C=../a -strict")},
			patterns: []string{"b/..."},
			want:     []string{"whole a: 0, 6 errors"},
		},
		"strict": {
			files: map[string]string{"go.mod": mod, "a/plugin": warns, "a/x.go": code("//go:generate difygen -strict", "//go:generate difygen")},
			want:  []string{"whole a: 0, 6 errors"},
		},
		"wrong directives": {
			files: map[string]string{
				"go.mod": mod, "a/x.go": code("//go:generate difygen -x", "//go:generate difygen \"", "//go:generate difygen none.yaml", "//go:generate difygen inspect"),
				"b/plugin": "",
			},
			want: []string{"other a: 0: a/x.go:5: a/none.yaml: file does not exist; check the path", "yaml b: 0"},
			err:  "a/x.go:4: a quoted word of this directive is not a Go string\na/x.go:3: unknown flag -x",
		},
		"patterns that overlap": {
			files:    map[string]string{"go.mod": mod, "a/plugin": "", "a/b/plugin": "", "c/plugin": ""},
			patterns: []string{"./a/b/...", "a/...", "./a/..."},
			want:     []string{"yaml a: 0", "yaml a/b: 0"},
		},
		"nothing":   {files: map[string]string{"x.go": code()}, err: "./...: matches no plugin, and no go:generate directive that runs difygen"},
		"no folder": {patterns: []string{"x/..."}, err: "pattern x/...: there is no folder x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeTree(t, dir, tt.files)
			if err := os.Symlink(".", filepath.Join(dir, "link")); err != nil {
				t.Log(err)
			}
			if tt.patterns == nil {
				tt.patterns = []string{"./..."}
			}
			var got []string
			_, kept, err := pipeline.CheckTree(t.Context(), pipeline.Tree{Dir: dir, Patterns: tt.patterns, Parse: parseTest}, func(c pipeline.Checked) {
				got = append(got, describe(c))
			})
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("checked (-want +got):\n%s", diff)
			}
			if len(kept) != tt.kept {
				t.Errorf("kept: %q", kept)
			}
			if message := fmt.Sprint(err); (err != nil || tt.err != "") && message != tt.err {
				t.Errorf("error %q, want %q", message, tt.err)
			}
		})
	}
}

// describe describes what was found.
func describe(c pipeline.Checked) string {
	kind := "other"
	switch {
	case c.Whole:
		kind = "whole"
	case c.OnlyYAML:
		kind = "yaml"
	}
	words := []string{fmt.Sprintf("%s %s: %d", kind, filepath.ToSlash(c.Folder), len(c.Changes))}
	for _, severity := range []model.Severity{model.SeverityError, model.SeverityWarning} {
		n := len(slices.DeleteFunc(slices.Clone(c.Diagnostics), func(d model.Diagnostic) bool { return d.Severity != severity }))
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %ss", n, severity))
		}
	}
	text := strings.Join(words, ", ")
	if c.Err != nil {
		text += ": " + c.Err.Error()
	}
	return text
}
