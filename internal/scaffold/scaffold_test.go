package scaffold_test

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/scaffold"
	"github.com/difygen/difygen/internal/testmodule"

	// The plugins import them. So the result of these tests depends on their code.
	_ "github.com/difygen/difygen/runtime/difytest"
)

var created = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// module makes a module that has difygen as its tool, for plugins in its folders.
func module(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := testmodule.Write(root, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// folder makes a folder in dir with files, by name.
func folder(t *testing.T, dir, name string, files map[string]string) string {
	t.Helper()
	dir = filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// write makes a plugin and writes its files.
func write(t *testing.T, cfg scaffold.Config) *scaffold.Result {
	t.Helper()
	cfg.Created = created
	result, err := scaffold.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if result.Diagnostics.HasErrors() {
		t.Fatal(result.Diagnostics)
	}
	target, err := commit.Open(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if err := target.Apply(t.Context(), result.Changes); err != nil {
		t.Fatal(err)
	}
	return result
}

// check checks that difygen has nothing to say about a plugin, and nothing to change.
func check(t *testing.T, dir string) {
	t.Helper()
	result, err := pipeline.Run(pipeline.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Diagnostics)+len(result.Changes)+len(result.Missing)+len(result.Kept) > 0 {
		t.Errorf("%s: another run reports %v, changes %v, lacks %v and keeps %v",
			dir, result.Diagnostics, result.Changes, result.Missing, result.Kept)
	}
}

func goCommand(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestKinds makes a plugin of each kind, compares its files with golden ones, and builds, checks
// and tests it.
func TestKinds(t *testing.T) {
	t.Parallel()
	dir := module(t)
	for _, word := range scaffold.Words() {
		at := folder(t, dir, word, nil)
		result := write(t, scaffold.Config{Dir: at, Kind: word, Name: "tea-house", Author: "ada"})
		var list bytes.Buffer
		for _, c := range result.Changes {
			name := filepath.ToSlash(c.Name)
			if strings.HasPrefix(name, ".schema/") {
				continue
			}
			list.WriteString("-- " + name + " --\n")
			if !strings.HasSuffix(name, "_dify.go") { // the pipeline's
				list.Write(c.New)
			}
			if strings.HasSuffix(name, ".go") {
				if src, err := format.Source(c.New); err != nil || !bytes.Equal(src, c.New) {
					t.Errorf("%s: is not formatted: %v", name, err)
				}
			}
		}
		list.WriteString("-- the report --\n" + result.Report.String())
		golden.Check(t, filepath.Join("testdata", word+".txt"), list.Bytes())
		check(t, at)
	}
	goCommand(t, dir, nil, "vet", "./...")
	linter := strings.TrimSpace(goCommand(t, dir, nil, "tool", "-n", "difygen-vet"))
	goCommand(t, dir, nil, "vet", "-vettool="+linter, "./...")
	goCommand(t, dir, nil, "test", "./...")
}

// TestNames makes plugins whose names mean something to Go, to Windows or to the templates.
func TestNames(t *testing.T) {
	t.Parallel()
	dir := module(t)
	for i, name := range []string{
		"a", "1", "_", "-", "_x_", "search", "search_tool", "hello", "http", "httptest", "errors", "fmt", "runtime", "serve", "testing",
		"difytest", "t", "h", "r", "main", "func", "string", "nil", "service", "documentation", "foo_test", "foo_linux", "aux", "provider", "yes", "null",
		strings.Repeat("long-", 25) + "abc",
	} {
		kinds := scaffold.Words()
		kind := kinds[i%len(kinds)]
		at := folder(t, dir, strings.Repeat("x", i+1), nil)
		write(t, scaffold.Config{Dir: at, Name: name, Kind: kind})
		check(t, at)
	}
	goCommand(t, dir, nil, "vet", "./...")
}

// TestModule makes a plugin with a module of its own. Afterwards, go.mod lists the modules that
// the plugin, its tests and its tools are built from, and no other.
func TestModule(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, t.TempDir(), "Tea House", nil)
	result := write(t, scaffold.Config{Dir: dir, Replace: root})
	if !strings.Contains(result.Report.String(), "the module example.com/tea-house, ") {
		t.Errorf("the report does not say that the module has a made-up name:\n%s", result.Report)
	}
	goCommand(t, dir, []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GONOSUMDB=*"}, "mod", "tidy")
	goCommand(t, dir, nil, "test", "./...")
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, r := range mod.Require {
		listed = append(listed, r.Mod.Path)
	}
	var used []string
	for _, system := range []string{"GOOS=linux", "GOOS=windows", "GOOS=darwin"} {
		for _, packages := range [][]string{{"-test", "./..."}, {"tool"}} {
			args := append([]string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}"}, packages...)
			used = append(used, strings.Fields(goCommand(t, dir, []string{system}, args...))...)
		}
	}
	slices.Sort(used)
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Compact(used), listed); diff != "" {
		t.Errorf("modules (-used +listed):\n%s", diff)
	}
	own, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := modfile.ParseLax("go.mod", own, nil)
	if err != nil || ours.Go.Version != mod.Go.Version {
		t.Errorf("difygen needs Go %v, a plugin %s, %v", ours.Go, mod.Go.Version, err)
	}
}

// TestRepository checks that a plugin below the root of a repository gets no workflow, which
// GitHub would not find there.
func TestRepository(t *testing.T) {
	t.Parallel()
	root := folder(t, t.TempDir(), "root", map[string]string{".git/config": ""})
	for _, at := range []string{".", "plugins/tea"} { // in this order, so that the first one is empty
		want := at == "."
		dir := folder(t, root, at, nil)
		result, err := scaffold.New(scaffold.Config{Dir: dir, Name: "tea", Version: "v1.2.3", Created: created})
		if err != nil {
			t.Fatal(err)
		}
		has := slices.ContainsFunc(result.Changes, func(c commit.Change) bool { return filepath.Base(c.Name) == "ci.yml" })
		said := strings.Contains(result.Report.String(), "no workflow was written")
		if has != want || said == want {
			t.Errorf("%s: written %v, said %v", at, has, said)
		}
	}
}

// TestKept checks that files that are there stay, whatever they hold.
func TestKept(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"readme.md": "mine", "LICENSE": "mine", ".gitignore": "mine", ".git/config": "mine", ".github/workflows/ci.yml": "mine",
		"go.mod": "module example.com/mine\n\ngo 1.25.0\n",
	}
	dir := folder(t, t.TempDir(), "tea", files)
	result := write(t, scaffold.Config{Dir: dir, Version: "v1.2.3"})
	if diff := cmp.Diff([]string{".gitignore", ".github/workflows/ci.yml", "README.md"}, result.Report.Kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if want := ".gitignore: ignore .env, which holds a key, and *.difypkg"; !slices.Contains(result.Report.Todo, want) {
		t.Errorf("the report does not say %s:\n%s", want, result.Report)
	}
	if want := "    go get -tool github.com/difygen/difygen/cmd/difygen@v1.2.3 github.com/difygen/difygen/cmd/difygen-vet@v1.2.3"; !strings.Contains(result.Report.String(), want) {
		t.Errorf("the report does not say %s:\n%s", want, result.Report)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || string(got) != want {
			t.Errorf("%s has changed: %s, %v", name, got, err)
		}
	}
	src, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil || !bytes.Contains(src, []byte(`tea "example.com/mine/provider"`)) {
		t.Errorf("main.go does not import the provider from the module: %s, %v", src, err)
	}
}

// TestKilled makes a plugin where a process that was killed has left folders and temporary files.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t, t.TempDir(), "tea", map[string]string{".difygen-1": "", "provider/.difygen-2": "", "models/llm/.difygen-3": "", "tools/.difygen-4": ""})
	if err := os.Mkdir(filepath.Join(dir, "_assets"), 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, scaffold.Config{Dir: dir, Version: "v1.2.3"})
	for _, name := range []string{".", "provider", "tools"} {
		left, err := filepath.Glob(filepath.Join(dir, name, ".difygen-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("temporary files are left: %v, %v", left, err)
		}
	}
}

// TestReplaceAbove makes a plugin below the folder of its go.mod, from which the path of the
// checkout must lead.
func TestReplaceAbove(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	folder(t, top, "checkout", map[string]string{"go.mod": "module github.com/difygen/difygen\n", "cmd/difygen/main.go": "package main\n"})
	folder(t, top, "mine", map[string]string{"go.mod": "module example.com/mine\n\ngo 1.25.0\n"})
	dir := folder(t, filepath.Join(top, "mine"), "tea", nil)
	result := write(t, scaffold.Config{Dir: dir, Replace: "../../checkout"})
	const want = "    go mod edit -require=github.com/difygen/difygen@v0.0.0 -replace=github.com/difygen/difygen=../checkout " +
		"-tool=github.com/difygen/difygen/cmd/difygen -tool=github.com/difygen/difygen/cmd/difygen-vet\n"
	if !strings.Contains(result.Report.String(), want) {
		t.Errorf("the report does not say %s:\n%s", want, result.Report)
	}
}

// TestLinks makes plugins in folders with links: nothing is written outside of the plugin.
func TestLinks(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		".": "", "../out": ".schema/manifest.json: a link leads outside the plugin's folder",
	} {
		top := t.TempDir()
		folder(t, top, "out", nil)
		dir := folder(t, top, "tea", nil)
		if err := os.Symlink(to, filepath.Join(dir, ".schema")); err != nil {
			t.Skip(err) // Windows may refuse it
		}
		result, err := scaffold.New(scaffold.Config{Dir: dir, Version: "v1.2.3", Created: created})
		if want == "" {
			if err != nil || len(result.Changes) == 0 {
				t.Errorf("%s: got %v, %v", to, result, err)
			}
			continue
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", to, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	const retry = "difygen init -replace /checkout"
	for name, test := range map[string]struct {
		folder string
		files  map[string]string
		cfg    scaffold.Config
		want   string
	}{
		"not empty": {
			"tea", map[string]string{"b.txt": "", "a/c": "", "x": "", "y": "", "z": ""}, scaffold.Config{Version: "v1.2.3"},
			"the folder is neither empty nor a plugin: it has a, b.txt, x and 2 more, and no manifest.yaml; for a new folder: mkdir NAME && difygen init -C NAME",
		},
		"files in folders": {
			"tea", map[string]string{"a/b/.difygen-1": "", "c/d/.difygen-x": "", "e/.hidden": ""}, scaffold.Config{Version: "v1.2.3"},
			"the folder is neither empty nor a plugin: it has c, e, and no manifest.yaml; for a new folder: mkdir NAME && difygen init -C NAME",
		},
		"another manifest": {"tea", map[string]string{"manifest.yml": ""}, scaffold.Config{Version: "v1.2.3"}, "manifest.yml: Dify reads manifest.yaml; rename it"},
		"all at once": {
			"tea", nil, scaffold.Config{Version: "v1.2.3", Name: "Tea House!", Kind: "triger", Author: "Ada L."},
			"-kind triger: init makes plugins of kind tool, model, datasource, trigger, agent, endpoint; did you mean trigger?\n" +
				"\"Tea House!\" cannot be one: the name of a plugin has 1 to 128 lowercase letters, digits, _ or -, such as tea-house\n" +
				"\"Ada L.\" cannot be one: an author has 1 to 64 lowercase letters, digits, _ or -, such as ada-l",
		},
		"no name in the folder": {
			"日本", nil, scaffold.Config{Version: "v1.2.3"},
			"the name of folder 日本 has no letter or digit to name the plugin with; give a NAME: difygen init weather",
		},
		"development": {
			"tea", nil, scaffold.Config{Retry: retry},
			"this difygen is a development build, whose version no go.mod can require; name the checkout that it is from: " + retry,
		},
		"not a checkout": {
			"tea", nil, scaffold.Config{Replace: filepath.Join("..", "..")},
			"-replace ../..: is not a checkout of difygen: file does not exist; check the path",
		},
		"another checkout": {
			"tea", map[string]string{".other/go.mod": "module example.com/other\n"}, scaffold.Config{Replace: ".other"},
			"-replace .other: is not a checkout of difygen: its go.mod is of another module",
		},
		"a module that Go refuses": {
			"tea", nil, scaffold.Config{Module: "example.com/~tea", Replace: root},
			`-module: malformed import path "example.com/~tea": ~tea starts with ~`,
		},
		"a go.mod and -module": {
			"tea", map[string]string{"go.mod": "module example.com/a\n"}, scaffold.Config{Module: "example.com/b", Version: "v1.2.3"},
			"-module example.com/b: the folder has a go.mod already, of module example.com/a",
		},
		"a name that is no module": {
			"tea", nil, scaffold.Config{Version: "v1.2.3", Name: "-tea"},
			`the module: malformed import path "example.com/-tea": -tea starts with -; choose another one with -module`,
		},
		"a plugin is there": {
			"tea", map[string]string{"manifest.yaml": "name: tea\n"}, scaffold.Config{Version: "v1.2.3", Name: "coffee", Kind: "tool", Author: "ada"},
			"NAME coffee: is for a new plugin, but manifest.yaml says what this one is; leave it out\n" +
				"-kind tool: is for a new plugin, but manifest.yaml says what this one is; leave it out\n" +
				"-author ada: is for a new plugin, but manifest.yaml says what this one is; leave it out",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.cfg.Dir = folder(t, t.TempDir(), test.folder, test.files)
			_, err := scaffold.New(test.cfg)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}
