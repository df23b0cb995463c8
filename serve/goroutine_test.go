package serve_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

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
		for _, want := range []string{`msg=panic request=session-`, `value="with [redacted]"`, "box_test.go"} {
			if log := p.logs.String(); !strings.Contains(log, want) || strings.Contains(log, secret) {
				t.Errorf("the log lacks %s, or has a secret:\n%s", want, log)
			}
		}
	})
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
	if got := stderr.String(); !strings.Contains(got, "panic: a crash") || !strings.Contains(got, "box_test.go") {
		t.Errorf("standard error is\n%s", got)
	}
}
