// Package sdk_test runs plugins that exist twice, in Go and in Python, in the folders parrot, magpie, wren
// and heron: with difygen, and with Dify's SDK for Python. It compares what both answer, and how fast.
package sdk_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/testmodule"
)

// sdkEnv is the environment variable that names a Python that has the SDK.
const sdkEnv = "DIFYGEN_SDK"

// plugin is a plugin in one language.
type plugin struct {
	language string
	command  []string
	dir      string
}

// cmd returns a command that starts the plugin as Dify does.
func (p plugin) cmd(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.command[0], p.command[1:]...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "INSTALL_METHOD=local")
	return cmd
}

// plugins builds the plugin in a folder in Go, and copies that in Python, so that the interpreter writes
// its cache elsewhere.
func plugins(t *testing.T, name string) (inGo, inPython plugin) {
	t.Helper()
	requirement, err := os.ReadFile("parrot/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	python := os.Getenv(sdkEnv)
	if python == "" {
		t.Skipf("SKIPPED: difygen is not compared with Dify's SDK for Python: set %s to the path of a Python with %s", sdkEnv, requirement)
	}
	version, err := exec.CommandContext(t.Context(), python, "-c", `import importlib.metadata as m; print("dify-plugin==" + m.version("dify-plugin"))`).Output()
	if err != nil || string(version) != string(requirement) {
		t.Fatalf("%s has %s, %v, want %s", python, version, err, requirement)
	}
	if err := testmodule.Watch("../../.."); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	binary, folder := filepath.Join(dir, name), filepath.Join(dir, "python")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./"+name)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.CopyFS(folder, os.DirFS(name)); err != nil {
		t.Fatal(err)
	}
	return plugin{"Go", []string{binary}, dir}, plugin{"Python", []string{python, "-m", "main"}, folder}
}

// hosted starts a plugin and returns the host that calls it.
func hosted(t *testing.T, p plugin) *host.Local {
	t.Helper()
	// Killed, since the SDK does not end when its standard input does.
	cmd := p.cmd(t.Context())
	log := new(bytes.Buffer)
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := host.NewLocal(stdin, messages(stdout))
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-h.Closed()
		_ = cmd.Wait()
		if t.Failed() {
			lines := bytes.SplitAfter(log.Bytes(), []byte("\n"))
			t.Logf("the last that the plugin in %s logs:\n%s", p.language, bytes.Join(lines[max(0, len(lines)-20):], nil))
		}
	})
	return h
}

// messages returns what a plugin writes, without what the daemon skips: empty lines, and the
// manifest, which the SDK writes when it starts.
func messages(stdout io.Reader) io.Reader {
	r, w := io.Pipe()
	go func() {
		in := bufio.NewReader(stdout)
		for {
			line, err := in.ReadBytes('\n')
			if message := bytes.TrimSpace(line); bytes.HasPrefix(message, []byte(`{"event"`)) || len(message) > 0 && err == nil && message[0] != '{' {
				_, _ = w.Write(line) // the reader reads all
			}
			if err != nil {
				w.CloseWithError(err)
				return
			}
		}
	}()
	return r
}

// response is what a plugin answers.
func response(t *testing.T, h host.Host, c request) *host.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := h.Do(ctx, host.Request{Type: c.kind(), Action: c.action, UserID: "user-1", Fields: c.all()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
