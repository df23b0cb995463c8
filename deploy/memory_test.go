package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
	"github.com/difygen/difygen/runtime"
)

// TestMemory checks that the memory of the manifests suffices for as many requests as they send
// an instance at the same time, each of the largest size. The instance may refuse some.
func TestMemory(t *testing.T) {
	t.Parallel()
	workers, _ := strconv.Atoi(setting(t, `MAX_WORKER\n +value: "(\d+)"`))
	mib, _ := strconv.Atoi(setting(t, `limits:\n(?: +cpu: .*\n)? +memory: (\d+)Mi`))
	goLimit := setting(t, `GOMEMLIMIT\n +value: (\S+)`)

	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(time.Second) // so that all that fit run at the same time
		fmt.Fprint(w, `{"answer":"yes"}`)
	}))
	t.Cleanup(s.Close)
	binary := build(t, "relay")
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Env = filepath.Dir(binary), []string{"MAX_WORKER=" + strconv.Itoa(workers), "GOMEMLIMIT=" + goLimit}
	p, err := plugintest.Serve(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	plugin := host.NewServerless(p.Addr)
	defer plugin.Close()
	line := largest(t, s.URL)
	var group sync.WaitGroup
	var busy atomic.Int64
	for range workers {
		group.Go(func() {
			_, response, err := plugin.Post(t.Context(), "invoke_endpoint", session(0), line)
			switch {
			case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET): // refused before all of it was sent
			case err != nil:
				t.Error(err)
			case response.Err == nil:
				return
			case response.Err.Type != string(runtime.ErrorInvokeServerUnavailable):
				t.Error(response.Err)
			}
			busy.Add(1)
		})
	}
	group.Wait()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		t.Skip("SKIPPED: this system does not say how much memory a process took")
	}
	took, _ := strconv.Atoi(string(regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)[1]))
	t.Logf("%d requests of %d bytes, of which %d are refused, take %d MiB", workers, len(line), busy.Load(), took>>10)
	if took >= mib<<10 {
		t.Errorf("the manifests allow %d MiB", mib)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the plugin exits with %v", err)
	}
}

// setting returns what all manifests say.
func setting(t *testing.T, pattern string) string {
	t.Helper()
	var value string
	for _, file := range []string{"cloudrun.yaml", "knative.yaml", "kubernetes.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pattern).FindSubmatch(data)
		if m == nil || value != "" && value != string(m[1]) {
			t.Fatalf("%s has another %s, or none", file, pattern)
		}
		value = string(m[1])
	}
	return value
}

// largest returns a request of almost the largest size that the host sends.
func largest(t *testing.T, url string) []byte {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ask/time", strings.NewReader(`{"question":"?"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	line := invocation(t, r, session(0), url)
	const key = `"user_id":"`
	padding := bytes.Repeat([]byte("x"), host.MaxLine-len(line)-1)
	return bytes.Replace(line, []byte(key), append([]byte(key), padding...), 1)
}
