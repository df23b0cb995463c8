package difygen_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/testmodule"
)

// fileRE matches a file in a document: a line that starts with its name, and a block of code.
var fileRE = regexp.MustCompile("(?m)^`([^`\n]+)`[^`\n]*(?:`[^`\n]*`[^`\n]*)*:\n\n```[a-z]+\n((?s:.*?))^```$")

// heartbeatRE matches a heartbeat, which a plugin may send at any time.
var heartbeatRE = regexp.MustCompile(`(?m)^\{"event":"heartbeat".*\n`)

// byHandRE matches a command that sends a plugin a line by hand, and what it prints apart
// from heartbeats.
var byHandRE = regexp.MustCompile(`(?m)^    echo '(.*)' \| go run \.\n((?:    \{.*\n)+)`)

// TestQuickStart does what the README says, from an empty folder to a plugin whose tests
// pass, with those of docs/testing.md, and sends it the requests of docs/run.md.
func TestQuickStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := make(map[string]string)
	for _, m := range fileRE.FindAllStringSubmatch(readFile(t, "README.md")+readFile(t, "docs/testing.md"), -1) {
		files[m[1]] = m[2]
	}
	const code = ".go"
	write := func(wanted func(name string) bool) {
		t.Helper()
		for name, data := range files {
			if !wanted(name) {
				continue
			}
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(func(name string) bool { return filepath.Ext(name) != code })
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(root, dir); err != nil {
		t.Fatal(err)
	}
	const wrote = "wrote provider/github_dify.go\nwrote plugin_dify.go\n" +
		"wrote provider/github.go\nwrote provider/list_issues.go\nwrote main.go\n"
	if diff := cmp.Diff(wrote, goCommand(t, dir, "tool", "difygen", "-v")); diff != "" {
		t.Fatalf("files (-want +got):\n%s", diff)
	}
	write(func(name string) bool { return filepath.Ext(name) == code })
	goCommand(t, dir, "test", "./...")
	goCommand(t, dir, "tool", "difygen", "-check")

	binary := filepath.Join(dir, "plugin.exe")
	goCommand(t, dir, "build", "-o", binary, ".")
	byHand := byHandRE.FindAllStringSubmatch(readFile(t, "docs/run.md"), -1)
	if len(byHand) < 2 {
		t.Errorf("docs/run.md has %d requests by hand", len(byHand))
	}
	for _, m := range byHand {
		cmd := exec.CommandContext(t.Context(), binary)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(m[1]+"\n")
		got, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(m[2], "    {", "{"), heartbeatRE.ReplaceAllString(string(got), "")); diff != "" {
			t.Errorf("%s (-docs/run.md +got):\n%s", m[1], diff)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// goCommand runs the go command in a folder and returns what it printed.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, output.String())
	}
	return output.String()
}
