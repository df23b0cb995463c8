package pack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/text"
)

// Limits of the run of a plugin that should stop at once.
const (
	trialTimeout = 30 * time.Second
	maxLog       = 64 << 10 // bytes of its log, and of its output, that are kept
)

// addBinaries compiles the plugin's main package for Linux on each architecture, and
// adds the binaries to files. It compiles for this machine first and starts that binary,
// so that a plugin that does not work fails early. It returns what the plugin logged.
func addBinaries(ctx context.Context, cfg Config, archs []string, files map[string][]byte) (log string, err error) {
	name, err := goCommand(ctx, cfg.Dir, nil, "list", "-f", "{{.Name}}", "--", cfg.Package)
	if err != nil {
		return "", err
	}
	if name = strings.TrimSpace(name); name != "main" {
		return "", wrong("%s is package %s, not main; name the main package, which calls serve.Main", text.Name(cfg.Package), text.Name(name))
	}
	native, err := compile(ctx, cfg, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	if log, err = trial(ctx, native, files); err != nil {
		return "", err
	}
	for _, arch := range archs {
		binary := native
		if runtime.GOOS != "linux" || runtime.GOARCH != arch {
			if binary, err = compile(ctx, cfg, "linux", arch); err != nil {
				return "", err
			}
		}
		files[binaryName(arch)] = binary
	}
	return log, nil
}

// compile builds a static binary that does not depend on this machine.
func compile(ctx context.Context, cfg Config, goos, arch string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "difygen-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "plugin")
	env := []string{"GOOS=" + goos, "GOARCH=" + arch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0"}
	_, err = goCommand(ctx, cfg.Dir, env, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", file, "--", cfg.Package)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// goCommand runs the go command and returns its output. The error is what it printed.
func goCommand(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if message := strings.TrimSpace(stderr.String()); message != "" {
			return "", wrong("go %s: %s", args[0], message)
		}
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return stdout.String(), nil
}

// trial starts a binary of the plugin in a folder with the other files of its archive, and
// stops it at once. A plugin whose code does not match its YAML, or that lacks a file, fails.
// It returns what the plugin logged.
func trial(ctx context.Context, binary []byte, files map[string][]byte) (log string, err error) {
	dir, err := os.MkdirTemp("", "difygen-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return "", err
		}
	}
	path := filepath.Join(dir, "plugin.exe")
	if err := os.WriteFile(path, binary, 0o700); err != nil { //nolint:gosec // must be executable
		return "", err
	}
	return start(ctx, path)
}

// start runs a plugin, ends its standard input at its first heartbeat, and returns its log.
func start(parent context.Context, path string) (log string, err error) {
	ctx, cancel := context.WithTimeout(parent, trialTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path)
	cmd.WaitDelay = time.Second // for processes that it left behind
	cmd.Dir = filepath.Dir(path)
	cmd.Env = minimalEnv()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	var stderr logHead
	stdout := pulse{input: stdin}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	switch {
	case parent.Err() != nil:
		return "", parent.Err()
	case err != nil && ctx.Err() == nil:
		return "", wrong("it does not start (%w):\n%s", err, strings.TrimSpace(stderr.String()))
	case !stdout.found:
		return "", wrong("it does not speak Dify's protocol; its main must call serve.Main")
	case err != nil:
		return "", wrong("it does not exit at the end of its standard input; its main must call serve.Main")
	}
	return stderr.String(), nil
}

// minimalEnv is the environment of a plugin in a trial: that of this machine's user could hold
// what the host's lacks.
func minimalEnv() []string {
	env := []string{"INSTALL_METHOD=local"}
	for _, name := range []string{"SYSTEMROOT", "TMPDIR", "TEMP"} { // without which some systems start no process
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// heartbeat is in the line that a plugin sends first.
var heartbeat = []byte(`"event":"heartbeat"`)

// pulse looks for a heartbeat in the first maxLog bytes of a plugin's standard output, and
// then ends its standard input.
type pulse struct {
	input io.Closer
	head  []byte
	found bool
}

// Write looks at what fits. It never fails, so that the plugin can continue to write.
func (h *pulse) Write(p []byte) (int, error) {
	if h.found {
		return len(p), nil
	}
	from := max(0, len(h.head)-len(heartbeat))
	h.head = append(h.head, p[:min(len(p), maxLog-len(h.head))]...)
	if h.found = bytes.Contains(h.head[from:], heartbeat); h.found {
		_ = h.input.Close() // it fails only if the plugin has ended
	}
	return len(p), nil
}

// logHead keeps the first maxLog bytes of a log.
type logHead struct {
	kept []byte
	cut  bool
}

// Write keeps what fits. It never fails, so that the plugin can continue to log.
func (h *logHead) Write(p []byte) (int, error) {
	n := min(len(p), maxLog-len(h.kept))
	h.kept = append(h.kept, p[:n]...)
	h.cut = h.cut || n < len(p)
	return len(p), nil
}

// String returns what was kept, and says so if the rest was cut.
func (h *logHead) String() string {
	if !h.cut {
		return string(h.kept)
	}
	return fmt.Sprintf("%s\n[the log was cut after %d KiB]\n", h.kept, maxLog>>10)
}
