package pack_test

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/pack"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/testmodule"
)

// pythonEnv names the Python that tests must use. If it is not set, they look for one.
const pythonEnv = "DIFYGEN_PYTHON"

func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv(pythonEnv)
	if name == "" {
		path, err := exec.LookPath("python3")
		if err != nil {
			t.Skipf("SKIPPED: there is no python3 on this machine")
		}
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// build packs a plugin with a main package.
func build(t *testing.T, dir, main string) *pack.Archive {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := pack.Build(t.Context(), pack.Config{Dir: abs, Package: main})
	if err != nil || a.Data == nil {
		t.Fatal(a, err)
	}
	return a
}

// copyExample copies an example into a module of its own. Its manifest asks only for this
// machine's architecture, because building for another one takes long.
func copyExample(t *testing.T, name string) string {
	t.Helper()
	dir := copyWhole(t, name)
	if err := replace(dir, "manifest.yaml", bothArchs, "    - "+runtime.GOARCH+"\n"); err != nil {
		t.Fatal(err)
	}
	generate(t, dir)
	return dir
}

const bothArchs = "    - amd64\n    - arm64\n"

// copyWhole is like copyExample, with the manifest unchanged.
func copyWhole(t *testing.T, name string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples", name))); err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(root, dir); err != nil {
		t.Fatal(err)
	}
	if err := replace(dir, "main.go", "github.com/difygen/difygen/examples/"+name, "example.com/plugin"); err != nil {
		t.Fatal(err)
	}
	generate(t, dir)
	return dir
}

// generate generates the code of a plugin again, unless its YAML has errors.
func generate(t *testing.T, dir string) {
	t.Helper()
	result, err := pipeline.Run(pipeline.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range result.Changes {
		if err := os.WriteFile(c.Path, c.New, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInstalled unpacks an archive, runs it as the host does, with Python and pipes, and
// calls it.
func TestInstalled(t *testing.T) {
	a := build(t, copyExample(t, "github"), ".")
	if a.Name != "github-0.1.0.difypkg" {
		t.Errorf("the archive is %s", a.Name)
	}
	r, err := zip.NewReader(bytes.NewReader(a.Data), int64(len(a.Data)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var names []string
	for _, f := range r.File {
		names = append(names, f.Name)
		unpack(t, f, filepath.Join(dir, filepath.FromSlash(f.Name)))
	}
	want := []string{
		"README.md", "_assets/icon.svg", "bin/plugin-linux-" + runtime.GOARCH, "main.py", "manifest.yaml",
		"provider/github.yaml", "requirements.txt", "tools/list_issues.yaml",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "plugin-linux-"+otherArch()), []byte("not for this machine"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python(t), "-m", "main")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "REMOTE_INSTALL_KEY=of another")
	plugin, err := host.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	result, err := plugin.Call(t.Context(), "tool", "validate_tool_credentials", map[string]any{"provider": "github", "credentials": nil})
	if want := "ToolProviderCredentialValidationError: GitHub: Personal access token (access_token) is required"; err != nil || result.String() != want {
		t.Errorf("got %v, %v, want %s", result, err, want)
	}
	// In a folder of another user, modes cannot be changed.
	script := "import os, sys, main\ndef no(*_): raise OSError\nos.chmod = no\npath = main.executable(main.binary())\nassert path.startswith('/proc/'), path\nos.execv(path, [path])"
	foreign := exec.CommandContext(t.Context(), python(t), "-c", script)
	foreign.Dir = copyWithoutModes(t, dir)
	if out, err := foreign.CombinedOutput(); err != nil || !strings.Contains(string(out), "msg=started") {
		t.Errorf("from a foreign folder: %v\n%s", err, out)
	}
	if kib := resident(t, cmd.Process.Pid); kib > 20<<10 {
		t.Errorf("the idle plugin takes %d KiB of memory", kib)
	} else {
		t.Logf("the idle plugin takes %d KiB of memory", kib)
	}
	if err := plugin.Close(); err != nil || plugin.Heartbeats() == 0 || len(plugin.Faults()) > 0 {
		t.Errorf("%v after %d heartbeats, faults %q", err, plugin.Heartbeats(), plugin.Faults())
	}
}

// copyWithoutModes copies a folder, with binaries that are not executable.
func copyWithoutModes(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{runtime.GOARCH, otherArch()} {
		if err := os.Chmod(filepath.Join(to, "bin", "plugin-linux-"+arch), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// otherArch returns an architecture that is not this machine's.
func otherArch() string {
	if runtime.GOARCH == "amd64" {
		return "arm64"
	}
	return "amd64"
}

// resident returns the resident memory of a process in KiB, or 0 if there is no /proc.
func resident(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib
}

// unpack extracts a file without its mode, as the host does.
func unpack(t *testing.T, f *zip.File, path string) {
	t.Helper()
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestEveryArchitecture checks that there is a static binary for each architecture. The
// program imports little, because the standard library is compiled again for each.
func TestEveryArchitecture(t *testing.T) {
	const tiny = "package main\n\nimport \"syscall\"\n\nfunc main() {\n\t_, _ = syscall.Write(1, []byte(`{\"event\":\"heartbeat\"}`))\n}\n"
	dir := copyWhole(t, "relay")
	if err := os.Mkdir(filepath.Join(dir, "tiny"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tiny", "main.go"), []byte(tiny), 0o600); err != nil {
		t.Fatal(err)
	}
	a := build(t, dir, "./tiny")
	r, err := zip.NewReader(bytes.NewReader(a.Data), int64(len(a.Data)))
	if err != nil {
		t.Fatal(err)
	}
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		data, err := fs.ReadFile(r, "bin/plugin-linux-"+arch)
		if err != nil {
			t.Fatal(err)
		}
		f, err := elf.NewFile(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		dynamic := slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
		if f.Machine != machine || dynamic || bytes.Contains(data, []byte(dir)) {
			t.Errorf("%s: for %v, needs a loader: %v, names its folder: %v", arch, f.Machine, dynamic, bytes.Contains(data, []byte(dir)))
		}
	}
}

// TestSameBytes checks that archives of one plugin in two folders are the same.
func TestSameBytes(t *testing.T) {
	one, two := copyExample(t, "relay"), copyExample(t, "relay")
	if a, b := build(t, one, "."), build(t, two, "."); !bytes.Equal(a.Data, b.Data) {
		t.Error("the archives differ")
	}
}

func TestErrors(t *testing.T) {
	const stale = "does not fit its YAML"
	noise := func(size int) []byte {
		data := make([]byte, size)
		r := rand.NewChaCha8([32]byte{})
		_, _ = r.Read(data)
		return data
	}
	for name, test := range map[string]struct {
		change func(dir string) error
		want   string // the error starts with it
	}{
		"no icon": {func(dir string) error { return os.Remove(filepath.Join(dir, "_assets/icon.svg")) }, "the plugin cannot be packed: manifest.yaml:9:1: error: icon icon.svg is not in _assets [asset]"},
		"does not build": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "x.go"), []byte("package main\nvar x int = nil\n"), 0o600)
		}, "the plugin cannot be packed: go build: # example.com/plugin\n./x.go:2:13: cannot use nil"},
		"entrypoint": {func(dir string) error {
			return replace(dir, "manifest.yaml", "entrypoint: main", "entrypoint: ../main")
		}, "the plugin cannot be packed: manifest.yaml:29:5: error: meta.runner.entrypoint: ../main is not the name of a Python module, such as main"},
		"does not start": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\nfunc main() { panic(`no`) }\n"), 0o600)
		}, "the plugin cannot be packed: it does not start (exit status 2):\npanic: no"},
		"only prints": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\nimport `fmt`\nfunc main() { fmt.Println(`ready`) }\n"), 0o600)
		}, "the plugin cannot be packed: it does not speak Dify's protocol; its main must call serve.Main"},
		stale: {func(dir string) error {
			return errors.Join(
				replace(dir, "provider/relay.yaml", "    type: secret-input\n    required: true\n", "    type: secret-input\n"),
				replace(dir, "provider/relay.yaml", "endpoints:\n", "  - {name: region, type: text-input, label: {en_US: Region}}\nendpoints:\n"))
		}, "the plugin cannot be packed: the generated code does not fit the YAML (provider/relay_dify.go, plugin_dify.go): run go generate"},
		"a link out of the folder": {func(dir string) error {
			outside := filepath.Join(filepath.Dir(dir), "outside")
			return errors.Join(os.WriteFile(outside, []byte("key"), 0o600), os.Remove(filepath.Join(dir, "README.md")), os.Symlink(outside, filepath.Join(dir, "README.md")))
		}, "the plugin cannot be packed: README.md: a link leads outside the plugin's folder"},
		"icon with its folder": {func(dir string) error {
			return replace(dir, "manifest.yaml", "icon: icon.svg", "icon: _assets/icon.svg")
		}, "the plugin cannot be packed: manifest.yaml:9:1: error: icon _assets/icon.svg: write it without its folder, as icon.svg [asset]"},
		"no privacy policy": {func(dir string) error {
			return replace(dir, "manifest.yaml", "type: plugin", "type: plugin\nprivacy: ./PRIVACY.md")
		}, "the plugin cannot be packed: manifest.yaml:3:1: error: privacy: ./PRIVACY.md: file does not exist; check the path"},
		"a privacy policy that is a dotfile": {func(dir string) error {
			return errors.Join(
				os.WriteFile(filepath.Join(dir, ".env"), []byte("KEY=x"), 0o600),
				replace(dir, "manifest.yaml", "type: plugin", "type: plugin\nprivacy: ./.env"))
		}, "the plugin cannot be packed: manifest.yaml:3:1: error: privacy: ./.env cannot be in a package: its name starts with a dot"},
		"a privacy policy that is a key": {func(dir string) error {
			return errors.Join(
				os.WriteFile(filepath.Join(dir, "PRIVACY.md"), []byte("-----BEGIN PRIVATE KEY-----\n"), 0o600),
				replace(dir, "manifest.yaml", "type: plugin", "type: plugin\nprivacy: PRIVACY.md"))
		}, "the plugin cannot be packed: manifest.yaml:3:1: error: privacy: PRIVACY.md cannot be in a package: it looks like a key"},
		"too large": {func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "README.md"), noise(25<<20), 0o600), os.WriteFile(filepath.Join(dir, "PRIVACY.md"), noise(25<<20), 0o600))
		}, "the plugin cannot be packed: the archive has "},
		"starts before it is built for others": {func(dir string) error {
			return errors.Join(
				replace(dir, "manifest.yaml", "    - "+runtime.GOARCH+"\n", bothArchs),
				os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\nfunc main() { panic(`no`) }\n"), 0o600),
				os.WriteFile(filepath.Join(dir, "x_"+otherArch()+".go"), []byte("package main\nvar x int = nil\n"), 0o600))
		}, "the plugin cannot be packed: it does not start (exit status 2):\npanic: no"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyExample(t, "relay")
			if err := test.change(dir); err != nil {
				t.Fatal(err)
			}
			if name != stale {
				generate(t, dir)
			}
			a, err := pack.Build(t.Context(), pack.Config{Dir: dir, Package: "."})
			if err == nil && a.Diagnostics.HasErrors() {
				err = fmt.Errorf("%w: %v", pack.ErrPlugin, a.Diagnostics[0])
			}
			if !errors.Is(err, pack.ErrPlugin) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestLogIsCut packs a plugin that logs more than is kept, and one that fails afterwards.
func TestLogIsCut(t *testing.T) {
	const source = "package main\n\nimport \"os\"\n\nfunc main() {\n\tos.Stdout.WriteString(`{\"event\":\"heartbeat\"}`)\n\tprintln(`first`)\n\tfor range 1 << 15 {\n\t\tprintln(`another line`)\n\t}\n%s}\n"
	const cut = "\n[the log was cut after 64 KiB]"
	dir := copyExample(t, "relay")
	write := func(end string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "main.go"), fmt.Appendf(nil, source, end), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	if log := build(t, dir, ".").Log; !strings.HasPrefix(log, "first\nanother line\n") || !strings.HasSuffix(log, cut+"\n") || len(log) != 64<<10+len(cut)+1 {
		t.Errorf("the log has %d bytes: %.50q … %q", len(log), log, log[max(0, len(log)-50):])
	}
	write("\tpanic(`no`)\n")
	const want = "the plugin cannot be packed: it does not start (exit status 2):\nfirst\nanother line\n"
	_, err := pack.Build(t.Context(), pack.Config{Dir: dir, Package: "."})
	if !errors.Is(err, pack.ErrPlugin) || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), cut) || len(err.Error()) > 65<<10 {
		t.Errorf("got %d bytes: %.200v", len(fmt.Sprint(err)), err)
	}
}

func replace(dir, name, before, after string) error {
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.ReplaceAll(data, []byte(before), []byte(after)), 0o600)
}
