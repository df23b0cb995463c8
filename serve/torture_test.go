package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/difygen/difygen/serve"
)

// tortureEnv is the environment variable with the number of rounds of TestTorture.
const tortureEnv = "DIFYGEN_TORTURE"

// wire is a connection to a plugin, as a hostile host has it.
type wire struct {
	to    io.WriteCloser
	from  io.Closer
	lines *bufio.Reader
}

// send sends lines. It fails if the plugin has gone, which a hostile host does not mind.
func (w wire) send(lines ...[]byte) error {
	for _, l := range lines {
		if _, err := w.to.Write(append(l[:len(l):len(l)], '\n')); err != nil {
			return err
		}
	}
	return nil
}

// ends counts the ends of sessions until so many have come or the plugin has gone, and reports
// what comes after the end of a session.
func (w wire) ends(t *testing.T, many int, pause func()) map[string]int {
	t.Helper()
	ends := make(map[string]int)
	for total := 0; total < many; {
		pause()
		line, err := w.lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var m struct {
			SessionID string `json:"session_id"`
			Data      struct{ Type string }
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Errorf("the plugin writes %.100q", line)
			break
		}
		switch {
		case m.SessionID == "" || m.Data.Type == "": // a heartbeat or a fault
		case m.Data.Type == "end":
			ends[m.SessionID]++
			total++
		case ends[m.SessionID] > 0 && !strings.HasPrefix(m.SessionID, "same"):
			t.Errorf("%s after the end of %s", m.Data.Type, m.SessionID)
		}
	}
	return ends
}

// wired starts a plugin over the transports that have lines.
var wired = map[string]func(t *testing.T, p *serve.Plugin) (*plugin, wire){
	"local": func(t *testing.T, box *serve.Plugin) (*plugin, wire) {
		t.Helper()
		inR, inW := pipe(t)
		outR, outW := pipe(t)
		p := run(t, []string{"INSTALL_METHOD=local"}, inR, outW, nil, box)
		go func() {
			err := <-p.done
			_, _ = inR.Close(), outW.Close() // as the end of the process would
			p.done <- err
		}()
		return p, wire{inW, outR, bufio.NewReaderSize(outR, 4<<10)}
	},
	"remote": func(t *testing.T, box *serve.Plugin) (*plugin, wire) {
		t.Helper()
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		p := run(t, []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + listener.Addr().String(), "REMOTE_INSTALL_KEY=" + debugKey}, nil, nil, nil, box)
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		t.Cleanup(func() { conn.Close() })
		lines := bufio.NewReader(conn)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, `{"type":"end"`) {
				break
			}
		}
		return p, wire{conn, conn, lines}
	},
}

func request(id, mode, what string) []byte {
	line, _ := json.Marshal(map[string]any{"session_id": id, "event": "request", "data": map[string]any{
		"type": "tool", "action": "invoke_tool", "provider": "box", "tool": "echo",
		"credentials": map[string]any{"key": secret, "mode": mode}, "tool_parameters": map[string]any{"what": what},
	}})
	return line
}

// hosts are what hostile hosts do. Each returns what is wrong.
var hosts = map[string]func(t *testing.T, w wire, transport string, random *rand.Rand) error{
	"floods": func(t *testing.T, w wire, _ string, _ *rand.Rand) error {
		t.Helper()
		const many = 10_000
		go func() {
			for i := range many {
				_ = w.send(request(strconv.Itoa(i), "", "x"))
			}
		}()
		return each(w.ends(t, many, func() {}), many)
	},
	"floods and reads slowly": func(t *testing.T, w wire, _ string, _ *rand.Rand) error {
		t.Helper()
		const many = 500
		go func() {
			for i := range many {
				_ = w.send(request(strconv.Itoa(i), "", strings.Repeat("x", 32<<10)))
			}
		}()
		return each(w.ends(t, many, goruntime.Gosched), many)
	},
	"never reads": func(_ *testing.T, w wire, _ string, _ *rand.Rand) error {
		for i := range 200 {
			if err := w.send(request(strconv.Itoa(i), "", strings.Repeat("x", 64<<10))); err != nil {
				return err
			}
		}
		_, _ = w.to.Close(), w.from.Close()
		return nil
	},
	"half-closes": func(t *testing.T, w wire, transport string, _ *rand.Rand) error {
		t.Helper()
		const many = 1000
		go func() {
			for i := range many {
				_ = w.send(request(strconv.Itoa(i), "", "x"))
			}
			if c, ok := w.to.(*net.TCPConn); ok {
				_ = c.CloseWrite()
			} else {
				_ = w.to.Close()
			}
		}()
		ends := w.ends(t, many, func() {})
		if transport == "local" {
			return each(ends, many)
		}
		return atMost(ends, 1) // over TCP, the host is gone
	},
	"closes": func(t *testing.T, w wire, _ string, random *rand.Rand) error {
		t.Helper()
		for i := range 300 {
			_ = w.send(request(strconv.Itoa(i), "", "x"))
		}
		ends := w.ends(t, random.IntN(300), func() {})
		_, _ = w.to.Close(), w.from.Close()
		return atMost(ends, 1)
	},
	"drips": func(t *testing.T, w wire, _ string, _ *rand.Rand) error {
		t.Helper()
		go func() {
			for _, c := range append(request("slow", "", "x"), "\n{\"session_id\":"...) {
				_, _ = w.to.Write([]byte{c})
			}
		}()
		ends := w.ends(t, 1, func() {})
		_, _ = w.to.Close(), w.from.Close() // in the middle of a line
		return each(ends, 1)
	},
	"repeats an ID": func(t *testing.T, w wire, _ string, _ *rand.Rand) error {
		t.Helper()
		const many = 200
		go func() {
			for range many {
				_ = w.send(request("same", "", "x"))
			}
		}()
		if n := w.ends(t, many, func() {})["same"]; n != many {
			return fmt.Errorf("%d ends of %d requests with one ID", n, many)
		}
		return nil
	},
	"sends garbage": func(t *testing.T, w wire, _ string, random *rand.Rand) error {
		t.Helper()
		go func() {
			_ = w.send(request("first", "", "x")) // a first line that is not JSON rejects the plugin
			for range 300 {
				_ = w.send(garbage(random))
			}
			_ = w.send(bytes.Repeat([]byte("x"), 33<<20), []byte(`{"session_id":"many","n":[`+strings.Repeat("1,", 14<<20)+`1]}`),
				[]byte(strings.Repeat(`{"a":`, 1<<20)), []byte(strings.Repeat("[", 1<<20)), request("last", "", "x"))
		}()
		for ends := map[string]int(nil); ends["last"] == 0; {
			if ends = w.ends(t, 1, func() {}); len(ends) == 0 {
				return errors.New("the plugin does not answer after garbage")
			}
		}
		return nil
	},
}

// garbage returns a request with random damage.
func garbage(random *rand.Rand) []byte {
	line := request("g"+strconv.Itoa(random.IntN(1000)), []string{"", "wrong", "panic"}[random.IntN(3)], "x")
	for range 1 + random.IntN(4) {
		at := random.IntN(len(line))
		switch random.IntN(4) {
		case 0:
			line = line[:max(at, 1)]
		case 1:
			line[at] = byte(random.IntN(256))
		case 2:
			line = append(line[:at:at], append([]byte(strings.Repeat("[", random.IntN(50))), line[at:]...)...)
		case 3:
			end := at + random.IntN(len(line)-at)
			line = append(line[:at:at], line[end:]...)
		}
		if len(line) == 0 {
			break
		}
	}
	return bytes.ReplaceAll(line, []byte("\n"), nil)
}

// each reports sessions that have not exactly one end.
func each(ends map[string]int, many int) error {
	if len(ends) != many {
		return fmt.Errorf("%d of %d requests have an end", len(ends), many)
	}
	return atMost(ends, 1)
}

func atMost(ends map[string]int, limit int) error {
	for id, n := range ends {
		if n > limit {
			return fmt.Errorf("%s has %d ends", id, n)
		}
	}
	return nil
}

// TestTorture runs plugins on hostile hosts. Every request ends once, the plugin goes on or ends,
// and neither memory nor goroutines grow out of bounds.
func TestTorture(t *testing.T) { //nolint:paralleltest // counts goroutines and memory
	rounds := 1
	if s := os.Getenv(tortureEnv); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any number
	t.Logf("seed %d", seed)
	for round := range rounds {
		for transport, start := range wired {
			for name, host := range hosts {
				t.Run(fmt.Sprint(round, "/", transport, "/", name), func(t *testing.T) {
					random := rand.New(rand.NewPCG(seed, uint64(round)))
					before := goleak.IgnoreCurrent()
					peak := watchHeap()
					p, w := start(t, newBox().plugin(serve.WithStopTimeout(time.Second), serve.WithLogger(nil)))
					if err := host(t, w, transport, random); err != nil {
						t.Error(err)
					}
					p.stop()
					_, _ = w.to.Close(), w.from.Close()
					if err := p.wait(t); err != nil && transport == "remote" {
						t.Error("Run:", err)
					}
					const bound = 512 << 20
					if most := peak(); most > bound {
						t.Errorf("the heap grew by %d MiB", most>>20)
					}
					goleak.VerifyNone(t, before)
				})
			}
		}
	}
}

// watchHeap begins to watch the heap. The function that it returns ends that, and returns by how
// many bytes the heap has grown at most.
func watchHeap() (peak func() int64) {
	before := heap()
	var most int64
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			var stats goruntime.MemStats
			goruntime.ReadMemStats(&stats)
			most = max(most, int64(stats.HeapAlloc)-before) //nolint:gosec // far less
			select {
			case <-ticker.C:
			case <-stop:
				return
			}
		}
	})
	return func() int64 {
		close(stop)
		wait.Wait()
		return most
	}
}

// TestManyServerless sends very many requests to an HTTP server, hundreds at the same time, which is
// less than it accepts. Each ends with a result.
func TestManyServerless(t *testing.T) { //nolint:paralleltest // needs many descriptors
	const many = 10_000
	p := startServerless(t, newBox().plugin(serve.WithLogger(nil)))
	var wait sync.WaitGroup
	var mu sync.Mutex
	outcomes := make(map[string]int)
	slots := make(chan struct{}, 400) // descriptors
	for range many {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			response, err := p.host.Call(context.Background(), "tool", "validate_tool_credentials", withMode(""))
			outcome := fmt.Sprint(response, ", ", err)
			mu.Lock()
			defer mu.Unlock()
			outcomes[outcome]++
		})
	}
	wait.Wait()
	if n := outcomes[`{"result":true}, <nil>`]; n != many {
		t.Errorf("outcomes are %v", outcomes)
	}
}
