package host_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

const (
	handshake = `{"type":"handshake","data":{"key":"k"}}`
	declared  = `{"type":"manifest_declaration","data":{"version":"0.1.0","type":"plugin","author":"a","name":"n","label":{"en_US":"N"},"description":{"en_US":"D"},` +
		`"icon":"i.svg","created_at":"2026-01-31T12:00:00Z","resource":{"memory":1},"meta":{"version":"0.1.0","arch":[],"runner":{"language":"python","version":"3","entrypoint":"main"}}}}`
	endpoints = `{"type":"endpoint_declaration","data":[{"settings":[],"endpoints":[{"path":"/","method":"GET"}]}]}`
	icon      = `{"type":"asset_chunk","data":{"filename":"i.svg","data":"aQ==","end":true}}`
	end       = `{"type":"end","data":{}}`
)

// TestRefusals checks that declarations are refused as a real host would.
func TestRefusals(t *testing.T) {
	t.Parallel()
	server, err := host.Listen("", "k")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"wrong key":        {[]string{`{"type":"handshake","data":{"key":"x"}}`}, "handshake failed, invalid key"},
		"early heartbeat":  {[]string{handshake, `{"event":"heartbeat","session_id":null,"data":{}}`}, "handshake failed, invalid handshake message"},
		"no data":          {[]string{handshake, `{"type":"end"}`}, "handshake failed, invalid handshake message"},
		"nothing declared": {[]string{handshake, declared, end}, "no registration transferred, cannot initialize"},
		"twice":            {[]string{handshake, declared, endpoints, endpoints}, "endpoints declaration already registered"},
		"manifest twice":   {[]string{handshake, declared, declared}, "declaration already registered"},
		"manifest late":    {[]string{handshake, endpoints}, "handshake failed, the manifest must come first"},
		"empty asset":      {[]string{handshake, declared, endpoints, `{"type":"asset_chunk","data":{"filename":"i.svg","data":""}}`}, "assets decode failed, error: <nil>"},
		"no icon":          {[]string{handshake, declared, endpoints, end}, "assets remap failed, invalid assets data, cannot remap: file not found: i.svg\nfailed to remap plugin icon"},
		"Go":               {[]string{handshake, strings.Replace(declared, `"python"`, `"go"`, 1)}, "handshake failed, invalid plugin declaration: Key: 'PluginDeclaration...Meta.Runner.Language' Error:Field validation for 'Language' failed on the 'is_available_language' tag"},
		"settings as map":  {[]string{handshake, declared, `{"type":"endpoint_declaration","data":[{"settings":{},"endpoints":[]}]}`}, "endpoints register failed, invalid endpoints declaration: settings is not a list"},
		"not a list":       {[]string{handshake, declared, `{"type":"tool_declaration","data":{}}`}, "tools register failed, invalid declaration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, server, test.lines...)
			got, err := io.ReadAll(conn)
			if err != nil || strings.TrimSuffix(string(got), "\n") != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func dial(t *testing.T, server *host.Remote, lines ...string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, strings.Join(lines, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestFaults checks that messages that a host would fail on are recorded.
func TestFaults(t *testing.T) {
	t.Parallel()
	server, err := host.Listen("", "k")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	conn := dial(t, server, handshake, declared, endpoints, icon, end)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	host, err := server.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = bufio.NewReader(conn).ReadString('\n') // the request, of session-1
		message := func(id, data string) {
			fmt.Fprintf(conn, `{"event":"session","session_id":%q,"data":%s}`+"\n", id, data)
		}
		fmt.Fprintln(conn, "text")
		fmt.Fprintln(conn, `{"event":"other"}`)
		fmt.Fprintln(conn, `{"event":"session","data":{}}`)
		message("session-1", `{"type":"error","data":{"error_type":"E","message":"m","args":{}}}`)
		message("session-1", `{"type":"stream","data":[1]}`)
		message("session-1", `{"type":"error","data":{"error_type":5}}`)
		message("session-1", `{"type":"error","data":{"error_type":"InvokeBadRequestError","message":"m","args":{}}}`)
		message("session-1", `{"type":"end"}`)
		message("session-1", `{"type":"end","data":{}}`)
		_ = conn.Close()
	}()
	if _, err := host.Call(ctx, "tool", "x", nil); err != nil {
		t.Error(err)
	}
	<-host.Closed()
	want := []string{
		`a line that is not JSON: "text\n"`, `an event "other"`, "a session message without a session",
		"a result is not an object: [1]", "a result after an error", "a second error", `an error that the host drops: {"error_type":5}`,
		"a second error", "an error of type InvokeBadRequestError without args.description, which is what Dify shows of it",
		"an end without data, which the host drops", `a message of type end for session "session-1", which has ended or never existed`,
	}
	if diff := cmp.Diff(want, host.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
