package session

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

func TestMain(m *testing.M) {
	if line, ok := os.LookupEnv(hostVariable); ok {
		if line != "" {
			_, _ = os.Stdout.WriteString(line + "\n")
		}
		answerCalls(os.Stdin, os.Stdout)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// TestMemory runs a plugin in memory, as package difytest does.
func TestMemory(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		return map[string]any{"said": req.Data["what"]}, nil
	}))
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- s.Lines(t.Context(), Stdio, in, out)
		out.Close()
	}()
	conn := host.NewLocal(stdin, stdout)
	for _, what := range []string{"hello", "world"} {
		response, err := conn.Call(t.Context(), "test", "do", map[string]any{"what": what})
		if want := `{"said":"` + what + `"}`; err != nil || response.String() != want {
			t.Errorf("got %v, %v, want %s", response, err, want)
		}
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, io.EOF) || len(conn.Faults()) > 0 {
		t.Errorf("got %v, faults %q", err, conn.Faults())
	}
}
