package serve_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// TestGo checks what Go returns, and that a panic is logged.
func TestGo(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	for name, test := range map[string]struct {
		f    func(context.Context) error
		want error
	}{
		"nothing":  {func(context.Context) error { return nil }, nil},
		"an error": {func(context.Context) error { return wrong }, wrong},
	} {
		wait := serve.Go(t.Context(), test.f)
		for range 2 {
			if err := wait(); !errors.Is(err, test.want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	for name, f := range map[string]func(context.Context) error{
		"a panic": func(context.Context) error { panic("oh") },
		"an exit": func(context.Context) error { goruntime.Goexit(); return nil },
	} {
		e := (*runtime.Error)(nil)
		if err := serve.Go(t.Context(), f)(); !errors.As(err, &e) || e.Type != runtime.ErrorInvoke {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestGoInRequest checks that a panic in a goroutine of a request fails the request, and that the
// log names it, without its secrets.
func TestGoInRequest(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, newBox().plugin())
		if got := p.ask(t.Context(), "panic in goroutine"); got != "InvokeError: the plugin failed with an internal error; see its log" {
			t.Errorf("got %s", got)
		}
		p.end(t)
		for _, want := range []string{`msg="panic in a goroutine" request=session-`, `value="with [redacted]"`, "harness_test.go"} {
			if log := p.logs.String(); !strings.Contains(log, want) || strings.Contains(log, secret) {
				t.Errorf("the log lacks %s, or has a secret:\n%s", want, log)
			}
		}
	})
}

// TestGoElsewhere checks that a panic in a goroutine without a request is in slog's default log.
func TestGoElsewhere(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	_ = serve.Go(t.Context(), func(context.Context) error { panic("oh") })()
	if !strings.Contains(log.String(), "value=oh") {
		t.Errorf("the log is\n%s", &log)
	}
}

// TestCrash checks what a panic in a goroutine of a go statement does: the process ends, says why,
// and what it has written for the host is intact.
func TestCrash(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdin, input := pipe(t)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), mainVariable+"=1", "INSTALL_METHOD=local")
	cmd.Dir = t.TempDir()
	var stdout, stderr strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	if _, err := input.Write(append(requestLine(t, "crash"), '\n')); err != nil {
		t.Fatal(err)
	}
	exit := (*exec.ExitError)(nil)
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("got %v", err)
	}
	if want := `{"event":"heartbeat","session_id":null,"data":{}}` + "\n"; stdout.String() != want {
		t.Errorf("standard output is\n%s", &stdout)
	}
	if got := stderr.String(); !strings.Contains(got, "panic: a crash") || !strings.Contains(got, "harness_test.go") {
		t.Errorf("standard error is\n%s", got)
	}
}
