package serve_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/serve"
)

// TestHeaderFirst checks that a response begins before the code runs: the host repeats a request
// whose connection breaks before.
func TestHeaderFirst(t *testing.T) {
	t.Parallel()
	b := newBox()
	_, address := startLimited(t, b.plugin(), serve.Limits{})
	conn := dial(t, address)
	_, _ = io.WriteString(conn, invocation(t, "hang"))
	<-b.entered
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	close(b.leave)
	if err != nil {
		t.Fatal("the code runs, but there is no header:", err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Errorf("got %d %s", resp.StatusCode, got)
	}
	if rest, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(rest), `{"result":true}`) {
		t.Errorf("got %s, %v", rest, err)
	}
}

// TestLongRequest checks that a request may take longer than its header, its body, and each write of its response.
func TestLongRequest(t *testing.T) {
	t.Parallel()
	b := newBox()
	p, _ := startLimited(t, b.plugin(), serve.Limits{
		Header: 50 * time.Millisecond, Stall: 50 * time.Millisecond, Body: 50 * time.Millisecond, Write: 50 * time.Millisecond,
	})
	results := make(chan string, 1)
	go func() { results <- p.ask(t.Context(), "hang") }()
	<-b.entered
	time.AfterFunc(300*time.Millisecond, func() { close(b.leave) })
	if got := <-results; got != `{"result":true}` {
		t.Errorf("got %s", got)
	}
}

// TestDeafServerlessHost checks that a request ends, and its connection, when the host does not
// read the response.
func TestDeafServerlessHost(t *testing.T) {
	t.Parallel()
	p, address := startLimited(t, newBox().plugin(), serve.Limits{Write: 200 * time.Millisecond})
	conn := dial(t, address)
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fields := endpoint("GET /large HTTP/1.1\nHost: x\n\n", map[string]any{"token": "tok-12345"})
	fields["type"], fields["action"] = "endpoint", "invoke_endpoint"
	line, err := json.Marshal(map[string]any{"session_id": "s", "event": "request", "data": fields})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, head("s", len(line))+string(line))
	p.logs.wait(t, "request finished")
	p.end(t)
}

// TestRefusalCloses checks that a connection whose request was refused is not used again, even if
// all of the request has arrived.
func TestRefusalCloses(t *testing.T) {
	t.Parallel()
	b := newBox()
	_, address := startLimited(t, b.plugin(serve.WithMaxRequests(1)), serve.Limits{Queue: 1, Stall: time.Hour, Body: time.Hour})
	defer close(b.leave)
	_, _ = io.WriteString(dial(t, address), invocation(t, "hang"))
	<-b.entered
	slow := dial(t, address)
	_, _ = io.WriteString(slow, strings.Replace(head("s", 10), "Host: x", "Host: x\r\nExpect: 100-continue", 1))
	if line, err := bufio.NewReader(slow).ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" { // it reads the body
		t.Fatal(line, err)
	}
	for name, request := range map[string]string{
		"with an ID": invocation(t, ""),
		"without":    "POST /invoke HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
	} {
		conn := dial(t, address)
		_, _ = io.WriteString(conn, request)
		_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		in := bufio.NewReader(conn)
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || !resp.Close || !strings.Contains(string(body), "the plugin is busy") {
			t.Errorf("%s: got %s, %v, close %v", name, body, err, resp.Close)
		}
		_ = resp.Body.Close()
		if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: after it: %v", name, err)
		}
	}
}
