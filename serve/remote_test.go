package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// listen starts a debugging server.
func listen(t *testing.T, addr string) *host.Remote {
	t.Helper()
	server, err := host.Listen(addr, debugKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// next waits for a plugin to register.
func next(t *testing.T, server *host.Remote, p *plugin) *host.Plugin {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	registered, err := server.Next(ctx)
	if err != nil {
		t.Fatal(err, "\n", p.logs)
	}
	return registered
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	d := declaration()
	icon := bytes.Repeat([]byte("icon"), 5000)
	d.Assets = fstest.MapFS{"_assets/icon.svg": {Data: icon}, "_assets/empty.svg": {}, "_assets/dark/icon.svg": {Data: []byte("dark")}, "other.svg": {Data: icon}}
	d.Providers = append(d.Providers, serve.ProviderDeclaration{Type: "tool_declaration", Data: toolDeclaration("second")})
	p := startRemote(t, newBox().declared(d))
	got := p.host.(*host.Plugin).Registration
	want := []string{"handshake", "manifest_declaration", "tool_declaration", "endpoint_declaration", "asset_chunk", "asset_chunk", "asset_chunk", "asset_chunk", "end"}
	if diff := cmp.Diff(want, got.Lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]byte{"icon.svg": icon, "dark/icon.svg": []byte("dark")}, got.Assets); diff != "" {
		t.Errorf("assets (-want +got):\n%s", diff)
	}
	if identity := got.Declarations["tool_declaration"]["identity"].(map[string]any); identity["name"] != "box" {
		t.Errorf("the declared provider is %v", identity)
	}
	tools := got.Declarations["tool_declaration"]["tools"].([]any)
	if len(tools) != 1 || tools[0].(map[string]any)["identity"].(map[string]any)["name"] != "echo" {
		t.Errorf("tools are %v", tools)
	}
	p.logs.wait(t, "declared;")
	p.end(t)
	for _, want := range []string{"declared; open Dify's Plugins page", "plugin=me/box", "tool box, endpoint provider/endpoints.yaml", "icons=2"} {
		if !strings.Contains(p.logs.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, p.logs)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	t.Run("wrong key", func(t *testing.T) {
		t.Parallel()
		server := listen(t, "")
		env := append(remoteEnv(server), "REMOTE_INSTALL_KEY=another")
		p := run(t, env, nil, nil, nil, newBox().plugin())
		want := "the Dify host rejected the plugin: handshake failed, invalid key: REMOTE_INSTALL_KEY is wrong or has expired; " +
			"to get a new one, click the bug icon on Dify's Plugins page"
		if err := p.wait(t); err == nil || err.Error() != want || server.Attempts() != 1 || strings.Contains(p.logs.String(), "accepted by") {
			t.Errorf("got %v after %d attempts, want %s\n%s", err, server.Attempts(), want, p.logs)
		}
	})
	t.Run("a declaration that the host rejects", func(t *testing.T) {
		t.Parallel()
		server := listen(t, "")
		d := declaration()
		d.Providers[0].Data = strings.Replace(d.Providers[0].Data, `"label":{"en_US":"Echo"}`, `"label":{}`, 1)
		p := run(t, remoteEnv(server), nil, nil, nil, newBox().declared(d))
		want := "the Dify host rejected the plugin: tools register failed, invalid tools declaration: tools: identity"
		if err := p.wait(t); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("busy", func(t *testing.T) {
		t.Parallel()
		server := listen(t, "")
		server.SetBusy(1)
		p := run(t, remoteEnv(server), nil, nil, nil, newBox().plugin())
		p.host = next(t, server, p)
		p.end(t)
	})
	t.Run("no icon", func(t *testing.T) {
		t.Parallel()
		server := listen(t, "")
		d := declaration()
		d.Assets = nil
		p := run(t, remoteEnv(server), nil, nil, nil, newBox().declared(d))
		want := "the Dify host rejected the plugin: assets remap failed, invalid assets data, cannot remap: file not found: icon.svg failed to remap "
		if err := p.wait(t); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("too many assets", func(t *testing.T) {
		t.Parallel()
		server := listen(t, "")
		d := declaration()
		large := &fstest.MapFile{Data: make([]byte, 26<<20)}
		d.Assets = fstest.MapFS{"_assets/icon.svg": large, "_assets/other.svg": large}
		p := run(t, remoteEnv(server), nil, nil, nil, newBox().declared(d))
		want := "_assets holds 54525952 bytes; the host accepts at most 52428800"
		if err := p.wait(t); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("an HTTP server", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		env := []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + server.URL, "REMOTE_INSTALL_KEY=k"}
		p := run(t, env, nil, nil, nil, newBox().plugin())
		want := "the address is that of an HTTP server, not of Dify's debugging port, which is 5003 by default; " +
			"check REMOTE_INSTALL_URL, or REMOTE_INSTALL_HOST and REMOTE_INSTALL_PORT"
		if err := p.wait(t); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// TestHangUp checks that a stop closes the connection at once, and that the code of requests can
// clean up.
func TestHangUp(t *testing.T) {
	t.Parallel()
	server := listen(t, "")
	b := newBox()
	p := run(t, remoteEnv(server), nil, nil, nil, b.plugin(serve.WithStopTimeout(time.Hour)))
	first := next(t, server, p)
	results := make(chan string, 1)
	go func() {
		response, err := first.Call(t.Context(), "tool", "validate_tool_credentials", withMode("clean up"))
		if errors.Is(err, host.ErrClosed) {
			results <- "closed"
			return
		}
		results <- fmt.Sprint(response, err)
	}()
	<-b.entered
	p.stop()
	select {
	case <-first.Closed():
	case <-time.After(30 * time.Second):
		t.Fatal("the connection is open")
	}
	// The error may get through before the connection is closed.
	if got := <-results; got != "closed" && got != "InvokeServerUnavailableError: the plugin is stopping; try again <nil>" {
		t.Errorf("got %s", got)
	}
	<-b.entered // its context is done
	// A new version can connect before the old process has ended.
	second := run(t, remoteEnv(server), nil, nil, nil, newBox().plugin())
	second.host = next(t, server, second)
	if got := second.ask(t.Context(), ""); got != `{"result":true}` {
		t.Errorf("got %s", got)
	}
	second.end(t)
	select {
	case err := <-p.done:
		t.Error("Run returns before the code of a request:", err)
	default:
	}
	close(b.leave)
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
}

// TestStopWhileRegistering checks that a stop does not wait for a host that does not read.
func TestStopWhileRegistering(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := run(t, remoteAt(listener.Addr().String()), nil, nil, nil, withAssets(32<<20))
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
		t.Error(err)
	}
	p.stop()
	start := time.Now()
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the stop takes %v", took)
	}
}

// TestNoHost checks that the plugin gives up if it never reaches a host.
func TestNoHost(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	_ = listener.Close()
	p := run(t, []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + addr, "REMOTE_INSTALL_KEY=k"}, nil, nil, nil, newBox().plugin())
	err = p.wait(t)
	if err == nil || !strings.HasPrefix(err.Error(), "no Dify host at "+addr) || strings.Count(p.logs.String(), "retry_in") != 4 {
		t.Errorf("got %v\n%s", err, p.logs)
	}
}

// TestHostRestart checks that the plugin registers again when the host restarts, and
// that requests from before are canceled.
func TestHostRestart(t *testing.T) {
	t.Parallel()
	server := listen(t, "")
	b := newBox()
	p := run(t, remoteEnv(server), nil, nil, nil, b.plugin())
	first := next(t, server, p)
	results := make(chan error, 1)
	go func() {
		_, err := first.Call(t.Context(), "tool", "validate_tool_credentials", withMode("wait"))
		results <- err
	}()
	<-b.entered
	server.Close()
	if err := <-results; !errors.Is(err, host.ErrClosed) {
		t.Errorf("got %v", err)
	}
	again := listen(t, server.Addr())
	second := next(t, again, p)
	response, err := second.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
	if err != nil || response.String() != `{"result":true}` {
		t.Errorf("got %v, %v", response, err)
	}
	// The host closes only one connection.
	second.Disconnect()
	p.host = next(t, again, p)
	p.end(t)
	if !strings.Contains(p.logs.String(), "the connection to the host is closed") {
		t.Errorf("the log does not say why the request ended:\n%s", p.logs)
	}
}

// TestSlowReader checks that a host that reads slowly gets every response, and does not
// delay the stop.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := run(t, []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + listener.Addr().String(), "REMOTE_INSTALL_KEY=k"}, nil, nil, nil, newBox().plugin())
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const requests = 20 // with responses of 10 MiB each, far more than buffers hold
	go func() {
		raw := rawRequest("GET /large HTTP/1.1\nHost: x\n\n")
		for range requests {
			_, _ = io.WriteString(conn, `{"session_id":"s","event":"request","data":{"type":"endpoint","action":"invoke_endpoint","settings":{"token":"t"},"raw_http_request":"`+raw+`"}}`+"\n")
		}
	}()
	ends, buf, tail := 0, make([]byte, 64<<10), ""
	for ends < requests {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		tail += string(buf[:n])
		ends += strings.Count(tail, `"type":"end"`)
		if i := strings.LastIndex(tail, `"type":"end"`); i >= 0 {
			tail = tail[i+len(`"type":"end"`):]
		}
		tail = tail[max(0, len(tail)-20):]
	}
	p.stop()
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
}

// TestAcceptThenClose checks that the plugin gives up on a server that accepts
// connections but is not a host.
func TestAcceptThenClose(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	addr := listener.Addr().String()
	p := run(t, []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + addr, "REMOTE_INSTALL_KEY=k"}, nil, nil, nil, newBox().plugin())
	err = p.wait(t)
	for _, want := range []string{"closed the connection before it accepted the plugin, and did not say why", addr + " is not the address of Dify's debugging port"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s\n%s", err, want, p.logs)
		}
	}
	if got := strings.Count(p.logs.String(), "retry_in"); got != 4 || strings.Contains(p.logs.String(), "accepted by") {
		t.Errorf("%d attempts to connect again\n%s", got, p.logs)
	}
}
