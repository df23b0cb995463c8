package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// validation returns the request s, of about size bytes.
func validation(tb testing.TB, size int) []byte {
	tb.Helper()
	fields := withMode("")
	fields["type"], fields["action"], fields["padding"] = "tool", "validate_tool_credentials", strings.Repeat("x", size)
	data, err := json.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	return fmt.Appendf(nil, `{"session_id":"s","event":"request","data":%s}`, data)
}

// dial opens a connection that is closed when the test ends.
func dial(tb testing.TB, address string) net.Conn {
	tb.Helper()
	conn, err := new(net.Dialer).DialContext(tb.Context(), "tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// head returns the header of a request with a body of some bytes; -1 for chunks.
func head(id string, size int) string {
	length := fmt.Sprintf("Content-Length: %d", size)
	if size < 0 {
		length = "Transfer-Encoding: chunked"
	}
	return "POST /invoke?action=x HTTP/1.1\r\nHost: x\r\nDify-Plugin-Session-Id: " + id + "\r\n" + length + "\r\n\r\n"
}

// result reads a response and returns the session's messages, in short: the results, and the
// types and messages of errors.
func result(conn net.Conn) (string, error) {
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var list []string
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		var m struct {
			Data struct {
				Type string
				Data struct {
					Result    bool
					ErrorType string `json:"error_type"`
					Message   string
				}
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Sprintf("%d %s", resp.StatusCode, lines.Text()), nil
		}
		switch d := m.Data.Data; m.Data.Type {
		case "stream":
			list = append(list, strconv.FormatBool(d.Result))
		case "error":
			list = append(list, d.ErrorType+": "+d.Message)
		default:
			list = append(list, m.Data.Type)
		}
	}
	return strings.Join(list, ", "), nil
}

const (
	busyResult = "InvokeServerUnavailableError: the plugin is busy: too many requests are waiting; try again, end"
	slowResult = "InvokeConnectionError: the request did not arrive in time, end"
)

// TestSlowConnections checks that connections which send large requests slowly do not take much
// memory, that each gets an error, and that small requests are served in the meantime.
func TestSlowConnections(t *testing.T) {
	const connections, size, memory = 300, 4_900_000, 16 << 20
	p, address := startLimited(t, newBox().plugin(serve.WithLogger(nil)), serve.Limits{Stall: 500 * time.Millisecond, Wait: time.Second, Large: memory})
	before := heap()
	body := bytes.Repeat([]byte(" "), size)
	results, full := make(chan string, connections), make(chan struct{}, connections)
	var writers sync.WaitGroup
	for i := range connections {
		conn := dial(t, address)
		writers.Go(func() {
			_, _ = io.WriteString(conn, head(fmt.Sprint("s", i), size))
			_, _ = conn.Write(body[:size-1])
			full <- struct{}{} // the server reads it all, or refuses it
		})
		go func() {
			got, err := result(conn)
			results <- fmt.Sprint(got, err)
		}()
	}
	for range memory / size {
		<-full
	}
	if got := p.ask(t.Context(), ""); got != `{"result":true}` {
		t.Errorf("a small request gets %s", got)
	}
	peak, slow := int64(0), 0
	for i := range connections {
		got := <-results
		switch got {
		case slowResult + "<nil>":
			slow++
		case busyResult + "<nil>":
		default:
			t.Errorf("got %s", got)
		}
		if i%10 == 0 { // what is in use, since garbage depends on what else the machine does
			peak = max(peak, heap()-before)
		}
	}
	writers.Wait()
	t.Logf("%d of %d requests were read; the heap grew by %d MiB", slow, connections, peak>>20)
	if limit := int64(6 * memory); slow == 0 || peak > limit {
		t.Errorf("the heap grew by %d MiB, want at most %d", peak>>20, limit>>20)
	}
}

// TestBodies checks bodies of known and unknown sizes.
func TestBodies(t *testing.T) {
	t.Parallel()
	_, address := startLimited(t, newBox().plugin(serve.WithLogger(nil)), serve.Limits{})
	const tooLarge = "ValidationError: the request is too large, end"
	for _, test := range []struct {
		size int
		want string
	}{{0, "true, end"}, {16 << 10, "true, end"}, {100 << 10, "true, end"}, {4 << 20, "true, end"}, {6 << 20, tooLarge}} {
		body := validation(t, test.size)
		for name, request := range map[string]string{
			"known":   head("s", len(body)) + string(body),
			"unknown": head("s", -1) + chunked(body),
			"by body": strings.Replace(head("s", len(body)), "Dify-Plugin-Session-Id: s\r\n", "", 1) + string(body),
		} {
			conn := dial(t, address)
			go func() { _, _ = io.WriteString(conn, request) }()
			if got, err := result(conn); err != nil || got != test.want {
				t.Errorf("%s size, %d bytes: got %s, %v, want %s", name, test.size, got, err, test.want)
			}
		}
	}
}

func chunked(body []byte) string {
	return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
}

// TestStalledBody checks that a body which stalls ends, and that one which is only slow does not,
// unless it takes too long.
func TestStalledBody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limits serve.Limits
		sent   int // bytes, slowly
		want   string
	}{
		"it stalls":      {serve.Limits{Stall: 200 * time.Millisecond}, 5, slowResult},
		"it never comes": {serve.Limits{Stall: 200 * time.Millisecond}, 0, slowResult},
		"it is slow":     {serve.Limits{Stall: 10 * time.Second, Body: 10 * time.Second, Header: 100 * time.Millisecond}, 1000, "true, end"},
		"it is too slow": {serve.Limits{Stall: 10 * time.Second, Body: 200 * time.Millisecond}, 1000, slowResult},
	} {
		for _, size := range []string{"known", "unknown"} {
			t.Run(name+", of a size that is "+size, func(t *testing.T) {
				t.Parallel()
				_, address := startLimited(t, newBox().plugin(serve.WithLogger(nil)), test.limits)
				conn := dial(t, address)
				body := validation(t, 0)
				header := head("s", len(body))
				if size == "unknown" {
					body, header = []byte(chunked(body)), head("s", -1)
				}
				go trickle(t.Context(), conn, header, body[:min(test.sent, len(body))])
				if got, err := result(conn); err != nil || got != test.want {
					t.Errorf("got %s, %v, want %s", got, err, test.want)
				}
			})
		}
	}
}

// trickle sends a body in small parts, in about half a second.
func trickle(ctx context.Context, conn net.Conn, header string, body []byte) {
	_, _ = io.WriteString(conn, header)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for part := max(1, len(body)/25); len(body) > 0; body = body[min(part, len(body)):] {
		if _, err := conn.Write(body[:min(part, len(body))]); err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// TestRequestWhileStopping checks that a request which arrives while the plugin stops gets the status
// with which the host asks another instance.
func TestRequestWhileStopping(t *testing.T) {
	t.Parallel()
	b := newBox()
	p, address := startLimited(t, b.plugin(), serve.Limits{})
	running := dial(t, address)
	if _, err := io.WriteString(running, invocation(t, "hang")); err != nil {
		t.Fatal(err)
	}
	<-b.entered
	late := dial(t, address)
	responses := bufio.NewReader(late)
	header, body, _ := strings.Cut(invocation(t, ""), "\r\n\r\n")
	if _, err := io.WriteString(late, header+"\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := responses.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" { // it reads the body
		t.Fatal(line, err)
	}
	p.stop()
	for { // the listener is closed after new requests are refused
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			break
		}
		conn.Close()
	}
	if _, err := io.WriteString(late, body); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(responses)
	if want := "\r\nHTTP/1.1 502 Bad Gateway\r\n"; err != nil || !strings.HasPrefix(string(rest), want) {
		t.Errorf("got %s, %v", rest, err)
	}
	close(b.leave)
	if got, err := result(running); err != nil || !strings.Contains(got, "true") {
		t.Errorf("the running request gets %s, %v", got, err)
	}
}

// invocation returns an HTTP request that validates credentials with a mode.
func invocation(t *testing.T, mode string) string {
	t.Helper()
	line := requestLine(t, mode)
	return head("s", len(line)) + string(line)
}

// TestTraceparent checks that a request knows the trace of the host.
func TestTraceparent(t *testing.T) {
	t.Parallel()
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	_, address := startLimited(t, newBox().plugin(), serve.Limits{})
	conn := dial(t, address)
	body := bytes.Replace(validation(t, 0), []byte(`"mode":""`), []byte(`"mode":"trace"`), 1)
	_, _ = io.WriteString(conn, strings.Replace(head("s", len(body)), "Host: x", "Host: x\r\nTraceparent: "+trace, 1)+string(body))
	if got, err := result(conn); err != nil || got != "ToolProviderCredentialValidationError: the trace is "+trace+", end" {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestHeaders checks that a header which is too long is refused, and one that is slow does not stay.
func TestHeaders(t *testing.T) {
	t.Parallel()
	_, address := startLimited(t, newBox().plugin(), serve.Limits{Header: 100 * time.Millisecond})
	for request, want := range map[string]string{
		"GET /health HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n": "431 ",
		"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n":                     "404 404 page not found",
		"GET /health HTTP/1.1\r\nHost":                                                       "400 ",
	} {
		conn := dial(t, address)
		go func() { _, _ = io.WriteString(conn, request) }()
		got, err := result(conn)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%.60q: got %s, want %s", request, got, want)
		}
	}
}

// TestHealthWhenFull checks that probes are answered while all connections that may invoke the
// plugin do, others idle or send nothing, and that a further invocation gets an error. Connections
// have to go for others: no deadline would end them in time.
func TestHealthWhenFull(t *testing.T) {
	t.Parallel()
	b := newBox()
	p, address := startLimited(t, b.plugin(serve.WithMaxRequests(2)), serve.Limits{Queue: 2, Spare: 3, Stall: time.Second, Header: time.Hour})
	results := make(chan string, 4)
	for range 4 {
		go func() {
			got := p.ask(t.Context(), "hang")
			for got+", end" == busyResult { // because of another one below
				got = p.ask(t.Context(), "hang")
			}
			results <- got
		}()
	}
	<-b.entered
	<-b.entered
	// The two that wait have arrived when another one is refused.
	for deadline := time.Now().Add(30 * time.Second); ; {
		conn := dial(t, address)
		_, _ = io.WriteString(conn, head("s", 5000))
		if got, err := result(conn); err == nil && got == busyResult {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("got %s, %v, %d results\n%s", got, err, len(results), p.logs)
		}
	}
	conns := make([]net.Conn, 20)
	for i := range conns {
		conns[i] = dial(t, address)
		_, _ = io.WriteString(conns[i], "GET /health HTTP/1.1\r\nSlow: ")
	}
	waitGone(t, conns, len(conns)-3)
	probe := host.NewServerless(address)
	defer probe.Close()
	if err := probe.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	close(b.leave)
	for range 4 {
		if got := <-results; got != `{"result":true}` {
			t.Errorf("got %s", got)
		}
	}
}

// waitGone waits until the plugin has closed some of the connections.
func waitGone(t *testing.T, conns []net.Conn, want int) {
	t.Helper()
	gone := make(chan error, len(conns))
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		go func() {
			_, err := conn.Read(make([]byte, 1))
			gone <- err
		}()
	}
	for range want {
		if err := <-gone; err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("a connection is left: %v", err)
		}
	}
}

// TestSilentConnections checks that connections which send nothing do not close one that has.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	_, address := startLimited(t, newBox().plugin(serve.WithMaxRequests(1)), serve.Limits{Queue: 1, Spare: 4, Header: time.Hour})
	probe := dial(t, address)
	responses := bufio.NewReader(probe)
	for i := range 2 {
		_, _ = io.WriteString(probe, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		response, err := http.ReadResponse(responses, nil)
		if err != nil {
			t.Fatalf("probe %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("probe %d: got %s, %v", i, response.Status, err)
		}
		_ = response.Body.Close()
		silent := make([]net.Conn, 50)
		for i := range silent {
			silent[i] = dial(t, address)
		}
		waitGone(t, silent, len(silent)-5)
	}
}
