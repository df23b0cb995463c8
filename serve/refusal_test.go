package serve_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/difygen/difygen/serve"
)

// refuse accepts connections and refuses each after its first line, with the texts in turn and
// the last one from then on. With reset, what has arrived and was not read resets the connection.
func refuse(t *testing.T, reset bool, texts ...string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for i := 0; ; i++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(conn)
			_, _ = in.ReadString('\n')
			text := texts[min(i, len(texts)-1)]
			_, _ = io.WriteString(conn, text)
			switch tcp := conn.(*net.TCPConn); {
			case reset:
				_ = tcp.SetLinger(0)
			case !strings.HasSuffix(text, "\n"):
				// Closing a connection with unread data resets it, and then a text without the end of a
				// line may not be all.
				_ = tcp.CloseWrite()
				_, _ = io.Copy(io.Discard, in)
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

// withAssets returns the box with an icon of some bytes.
func withAssets(size int) *serve.Plugin {
	d := declaration()
	d.Assets = fstest.MapFS{"_assets/icon.svg": {Data: bytes.Repeat([]byte("icon"), size/4)}}
	return newBox().declared(d)
}

func remoteAt(addr string) []string {
	return []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + addr, "REMOTE_INSTALL_KEY=k"}
}

// TestEarlyRefusal checks that a refusal is not lost while the plugin still writes its assets.
func TestEarlyRefusal(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]bool{"closed": false, "reset": true} {
		for _, size := range []int{100, 100 << 10, 8 << 20} {
			t.Run(fmt.Sprintf("%s, %d bytes", name, size), func(t *testing.T) {
				t.Parallel()
				addr := refuse(t, reset, "handshake failed, invalid key\n")
				for range 24 {
					p := run(t, remoteAt(addr), nil, nil, nil, withAssets(size))
					const want = "the Dify host rejected the plugin: handshake failed, invalid key: "
					if err := p.wait(t); err == nil || !strings.HasPrefix(err.Error(), want) {
						t.Fatalf("got %v, want %s\n%s", err, want, p.logs)
					}
				}
			})
		}
	}
}

// TestStubbornRefusal checks that a host which refuses the plugin, but neither reads on nor closes
// the connection, does not hold it up.
func TestStubbornRefusal(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := run(t, remoteAt(listener.Addr().String()), nil, nil, nil, withAssets(8<<20))
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "assets too large, at most 50MB\n")
	if err := p.wait(t); err == nil || err.Error() != "the Dify host rejected the plugin: assets too large, at most 50MB" {
		t.Errorf("got %v", err)
	}
}

// TestRetries checks which refusals end the plugin, and after how many attempts.
func TestRetries(t *testing.T) {
	t.Parallel()
	const busy = "server is busy now, please try again later\n"
	for name, test := range map[string]struct {
		texts   []string
		retries int
		want    string
	}{
		"busy, then final": {[]string{busy, busy, "no registration transferred, cannot initialize\n"}, 2,
			"the Dify host rejected the plugin: no registration transferred, cannot initialize"},
		"always busy": {[]string{busy}, 4, "the Dify host rejected the plugin: server is busy now, please try again later"},
		"no keys at hand": {[]string{"failed to get connection info: dial tcp: connection refused\n", "handshake failed, invalid key"}, 1,
			"the Dify host rejected the plugin: handshake failed, invalid key: REMOTE_INSTALL_KEY is wrong"},
		"silent, then final": {[]string{"", "declaration already registered"}, 1, "the Dify host rejected the plugin: declaration already registered"},
		"silent":             {[]string{""}, 4, "the Dify host closed the connection before it accepted the plugin, and did not say why; its log may"},
		"TLS":                {[]string{"\x15\x03\x01\x00\x02\x02\x46"}, 0, "the address is that of a server with TLS, which Dify's debugging port does not have"},
		"a long text":        {[]string{"a\nb" + strings.Repeat("x", 1<<20)}, 0, "the Dify host rejected the plugin: a bxxx"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := run(t, remoteAt(refuse(t, false, test.texts...)), nil, nil, nil, withAssets(100))
			err := p.wait(t)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || len(err.Error()) > 5000 {
				t.Errorf("got %.1000v, want %s", err, test.want)
			}
			if got := strings.Count(p.logs.String(), "retry_in"); got != test.retries || strings.Contains(p.logs.String(), "accepted by") {
				t.Errorf("%d retries, want %d\n%s", got, test.retries, p.logs)
			}
		})
	}
}

// TestRestartingHost checks that a refusal by a host that has accepted the plugin before is
// retried, unless its key is gone.
func TestRestartingHost(t *testing.T) {
	t.Parallel()
	for text, retries := range map[string]int{"plugin runtime not ready\n": 5, "handshake failed, invalid key\n": 1} {
		server := listen(t, "")
		p := run(t, remoteEnv(server), nil, nil, nil, newBox().plugin())
		host := next(t, server, p)
		p.host = host
		if got := p.ask(t.Context(), ""); got != `{"result":true}` {
			t.Errorf("got %s", got)
		}
		p.logs.wait(t, "accepted by the Dify host")
		server.SetRefusal(text)
		host.Disconnect()
		if err := p.wait(t); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(text)) {
			t.Errorf("got %v, want %s", err, text)
		}
		if got := strings.Count(p.logs.String(), "retry_in"); got != retries {
			t.Errorf("%s: %d retries, want %d\n%s", text, got, retries, p.logs)
		}
	}
}

// TestAcceptedByTime checks that the plugin counts as accepted if the host keeps the connection.
func TestAcceptedByTime(t *testing.T) {
	t.Parallel()
	server := listen(t, "")
	p := run(t, remoteEnv(server), nil, nil, nil, newBox().plugin())
	p.host = next(t, server, p)
	p.logs.wait(t, "it has probably accepted it")
	p.end(t)
}
