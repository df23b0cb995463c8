// Package deploy_test runs plugins as platforms do: several processes behind a balancer, which
// come and go.
package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
	"github.com/difygen/difygen/internal/testmodule"
	"github.com/difygen/difygen/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var discard = log.New(io.Discard, "", 0)

// callsEnv is the environment variable with the number of calls that TestFleet makes.
const callsEnv = "DIFYGEN_CALLS"

const (
	defaultCalls = 1000
	clients      = 32 // that call at the same time
	instances    = 4
	eventCalls   = 25                    // calls between two events in the fleet
	slowest      = 20 * time.Millisecond // of the service
	token        = "a-token-of-a-user"
)

// pauses are those of the host between its attempts, a twentieth of 0.5 and 1 seconds.
var pauses = [...]time.Duration{25 * time.Millisecond, 50 * time.Millisecond}

// TestFleet calls a plugin of several instances as the host does, while instances are killed,
// stopped and started. Each call must be answered once, refused, or cut off with a killed
// instance, and none may run twice.
func TestFleet(t *testing.T) {
	t.Parallel()
	calls := defaultCalls
	if v := os.Getenv(callsEnv); v != "" {
		var err error
		if calls, err = strconv.Atoi(v); err != nil || calls < defaultCalls {
			t.Fatalf("%s must be a number from %d", callsEnv, defaultCalls)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Duration(calls)*10*time.Millisecond)
	defer cancel()
	asked := newService(t)
	f := newFleet(t, ctx, build(t, "relay"))
	start := time.Now()
	outcomes := f.call(t, ctx, calls, asked.URL)
	elapsed := time.Since(start)
	f.stop()

	var total tally
	for n, outcome := range outcomes {
		runs := asked.count(n)
		total[outcome]++
		if wrong := judge(outcome, runs, f.balancer.killed(session(n))); wrong != "" {
			t.Errorf("call %d, %s: %s; it ran %d times", n, outcome, wrong, runs)
		}
	}
	retried := f.retried()
	t.Logf("%d calls in %v, of %d instances: %v; %d were repeated", calls, elapsed.Round(time.Millisecond), len(f.balancer.instances), total, retried)
	t.Logf("%d instances were killed, %d stopped without warning, %d drained, and %d times all of them",
		f.events[sigkill], f.events[sigterm], f.events[drain], f.events[zero])
	if faults := f.host.Faults(); len(faults) > 0 {
		t.Errorf("the host would reject: %q", faults)
	}
	// Otherwise, the fleet was too quiet to show anything.
	if total[cut] == 0 || retried == 0 || f.events[zero] == 0 {
		t.Errorf("too little happened: %d calls were cut off, and %d repeated", total[cut], retried)
	}
}

// outcome is how a call ended for the host.
type outcome int

const (
	answered    outcome = iota
	refused             // with an error, by an instance that stops
	cut                 // after the header of the response
	unavailable         // three times
	lost                // in any other way
)

func (o outcome) String() string {
	return [...]string{"answered", "refused", "cut off", "unavailable", "lost"}[o]
}

// tally counts outcomes.
type tally [lost + 1]int

func (c tally) String() string {
	var list []string
	for o, n := range c {
		list = append(list, fmt.Sprintf("%d %s", n, outcome(o)))
	}
	return strings.Join(list, ", ")
}

// judge returns what is wrong with a call that ended so, ran so many times, and may have been in
// an instance that was killed; or "".
func judge(o outcome, runs int, killed bool) string {
	switch {
	case o == lost:
		return "it was lost"
	case runs > 1:
		return "it ran more than once"
	case o == answered && runs == 0:
		return "it was answered without running"
	case (o == refused || o == unavailable) && runs > 0:
		return "it was refused, but ran"
	case o == cut && !killed:
		return "it was cut off, but nothing was killed"
	}
	return ""
}

// service is what the plugin calls. It counts how often each call reaches it.
type service struct {
	*httptest.Server
	mu   sync.Mutex
	runs map[string]int // by the question
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{runs: make(map[string]int)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var order struct{ Question string }
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.runs[order.Question]++
	s.mu.Unlock()
	select {
	case <-time.After(rand.N(slowest)):
	case <-r.Context().Done():
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"answer": "to " + order.Question})
}

func (s *service) count(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[session(n)]
}

// session is the ID of a call, and what it asks.
func session(n int) string { return fmt.Sprintf("call-%d", n) }

// event is what happens in a fleet.
type event int

const (
	sigkill event = iota // an instance is killed
	sigterm              // an instance is stopped while it gets requests
	drain                // an instance gets no more requests, then is stopped
	zero                 // all instances are drained
)

// fleet is a plugin of several instances, and the host that calls it.
type fleet struct {
	t        *testing.T
	ctx      context.Context // of the instances
	binary   string
	balancer *balancer
	server   *httptest.Server
	host     *host.Serverless
	starting atomic.Bool
	group    sync.WaitGroup // of what runs besides the calls

	events [zero + 1]int
}

func newFleet(t *testing.T, ctx context.Context, binary string) *fleet {
	t.Helper()
	f := &fleet{t: t, ctx: ctx, binary: binary}
	f.balancer = newBalancer(f.grow)
	f.server = httptest.NewUnstartedServer(f.balancer)
	f.server.Config.ErrorLog = discard
	f.server.Start()
	f.host = host.NewServerless(f.server.Listener.Addr().String())
	return f
}

// start starts an instance.
func (f *fleet) start() {
	cmd := exec.CommandContext(f.ctx, f.binary)
	cmd.Dir, cmd.Env = filepath.Dir(f.binary), []string{"MAX_WORKER=100"}
	p, err := plugintest.Serve(f.t, cmd)
	if err != nil {
		f.t.Error(err)
		return
	}
	f.balancer.add(f.ctx, p)
}

// grow starts instances if there are none.
func (f *fleet) grow() {
	if !f.starting.CompareAndSwap(false, true) {
		return
	}
	f.group.Go(func() {
		defer f.starting.Store(false)
		for range instances {
			f.start()
		}
	})
}

// happen lets something happen. An instance that is gone is replaced.
func (f *fleet) happen(e event) {
	f.events[e]++
	switch e {
	case sigkill:
		f.balancer.end(syscall.SIGKILL, false)
	case sigterm:
		f.balancer.end(syscall.SIGTERM, false)
	case drain:
		f.balancer.end(syscall.SIGTERM, true)
	case zero:
		for f.balancer.end(syscall.SIGTERM, true) {
		}
		return // the next request starts others
	}
	f.start()
}

// call makes calls, and returns how each ended.
func (f *fleet) call(t *testing.T, ctx context.Context, calls int, url string) []outcome {
	t.Helper()
	outcomes := make([]outcome, calls)
	var next atomic.Int64
	events := make(chan event, calls/eventCalls+1)
	f.group.Go(func() {
		for e := range events {
			f.happen(e)
		}
	})
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for n := int(next.Add(1) - 1); n < calls; n = int(next.Add(1) - 1) {
				outcomes[n] = f.one(ctx, n, url)
				if n%eventCalls == eventCalls-1 {
					events <- event(n/eventCalls) % (zero + 1)
				}
			}
		})
	}
	group.Wait()
	close(events)
	f.group.Wait()
	return outcomes
}

// one makes a call as the host does: up to three times, if the connection breaks before the
// header of a response, or if the status is 502.
func (f *fleet) one(ctx context.Context, n int, url string) outcome {
	id := session(n)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/ask/time", strings.NewReader(`{"question":"`+id+`"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	line := invocation(f.t, r, id, url)
	for attempt := 0; ; attempt++ {
		status, response, err := f.host.Post(ctx, "invoke_endpoint", id, line)
		switch {
		case status == http.StatusOK && err != nil:
			return cut
		case status == http.StatusOK:
			return f.read(n, r, response)
		case ctx.Err() != nil || status != 0 && status != http.StatusBadGateway:
			f.t.Errorf("call %d: status %d, %v", n, status, err)
			return lost
		case attempt == len(pauses):
			return unavailable
		}
		select {
		case <-time.After(pauses[attempt]):
		case <-ctx.Done():
		}
	}
}

// read returns the outcome of a call with a complete response.
func (f *fleet) read(n int, r *http.Request, response *host.Response) outcome {
	if response.Err != nil && response.Err.Type == string(runtime.ErrorInvokeServerUnavailable) && len(response.Results) == 0 {
		return refused
	}
	answer, body, err := host.DecodeEndpoint(response, r)
	if err != nil {
		f.t.Errorf("call %d: %v", n, err)
		return lost
	}
	defer answer.Body.Close()
	if want := `{"answer":"to ` + session(n) + `"}` + "\n"; string(body) != want {
		f.t.Errorf("call %d: got %q, want %q", n, body, want)
		return lost
	}
	return answered
}

// retried returns how many calls the host has repeated.
func (f *fleet) retried() int {
	retried := 0
	for _, attempts := range f.balancer.attempts {
		if len(attempts) > 1 {
			retried++
		}
	}
	return retried
}

// stop stops the host and the instances. Those that were not killed must exit successfully.
func (f *fleet) stop() {
	f.host.Close()
	f.server.Close()
	for _, i := range f.balancer.instances {
		if i.signaled == nil {
			_ = i.Signal(syscall.SIGTERM) // as in end
		}
		if err := i.Wait(); err != nil && i.signaled != syscall.SIGKILL {
			f.t.Errorf("an instance exits with %v", err)
		}
	}
}

// invocation returns the line of the host that passes on a request to an endpoint of the relay.
func invocation(t *testing.T, r *http.Request, id, url string) []byte {
	t.Helper()
	raw, err := host.EncodeEndpoint(r, "hook")
	if err != nil {
		t.Error(err)
	}
	line, err := json.Marshal(map[string]any{
		"session_id": id, "event": "request", "data": map[string]any{
			"type": "endpoint", "action": "invoke_endpoint", "user_id": "", "raw_http_request": raw,
			"settings": map[string]any{"service_url": url, "token": token, "app": map[string]any{"app_id": "a"}},
		},
	})
	if err != nil {
		t.Error(err)
	}
	return line
}

// build builds the program of an example, and returns its path. Its folder has nothing else.
func build(t *testing.T, example string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Watch(root); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), example)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./examples/"+example)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}
