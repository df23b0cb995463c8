package golangci_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const (
	difygen = "github.com/difygen/difygen"
	version = "v1.2.3"
)

// TestVersions adds the linter to a module as docs/vet.md says, from a proxy that has both modules
// of difygen as users get them: without the replace directives of this repository.
func TestVersions(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/vet.md")
	if err != nil {
		t.Fatal(err)
	}
	var custom [][]string
	for _, m := range regexp.MustCompile(`- module: (\S+)\n(?:    import: .*\n)?    version: (\S+)`).FindAllStringSubmatch(string(page), -1) {
		custom = append(custom, []string{"get", m[1] + "@" + m[2]})
	}
	var command [][]string
	for _, m := range regexp.MustCompile(`(?m)^    go (get github\.com/difygen/.*)$`).FindAllStringSubmatch(string(page), -1) {
		command = append(command, strings.Fields(m[1]))
	}
	proxy := moduleProxy(t)
	for name, gets := range map[string][][]string{"command": command, "custom": custom} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(gets) == 0 {
				t.Fatal("docs/vet.md does not say what to get")
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "go.mod"), "module lint\n\ngo 1.25.0\n")
			write(t, filepath.Join(dir, "main.go"), "package main\n\nimport _ \""+difygen+"/golangci\"\n\nfunc main() {}\n")
			for _, args := range append(gets, []string{"list", "-deps", "."}) {
				run := exec.CommandContext(t.Context(), "go", args...)
				run.Dir = dir
				run.Env = append(os.Environ(), proxy...)
				if output, err := run.CombinedOutput(); err != nil {
					t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, output)
				}
			}
		})
	}
}

// moduleProxy makes a module proxy with the modules of difygen, and returns the environment in
// which the go command uses it, with what has been downloaded for the tests and without the network.
func moduleProxy(t *testing.T) []string {
	t.Helper()
	root := t.TempDir()
	for path, dir := range map[string]string{difygen: "..", difygen + "/golangci": "."} {
		base := filepath.Join(root, filepath.FromSlash(path), "@v", version)
		write(t, filepath.Join(filepath.Dir(base), "list"), version+"\n")
		write(t, base+".info", fmt.Sprintf("{\"Version\": %q}", version))
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, base+".mod", string(mod))
		file, err := os.Create(base + ".zip")
		if err != nil {
			t.Fatal(err)
		}
		if err := zip.CreateFromDir(file, module.Version{Path: path, Version: version}, dir); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	downloads := filepath.Join(strings.TrimSpace(string(cache)), "cache", "download")
	return []string{
		"GOPROXY=" + fileURL(root) + "," + fileURL(downloads) + ",off", "GOMODCACHE=" + t.TempDir(),
		"GOSUMDB=off", "GOFLAGS=-modcacherw", "GOWORK=off", "GOTOOLCHAIN=local",
	}
}

func fileURL(path string) string { return "file:///" + strings.TrimPrefix(filepath.ToSlash(path), "/") }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
