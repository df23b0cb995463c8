package serve_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// echoes maps transports to functions that start a program which answers each request with the
// bytes of a plugin's answer, to compare with.
var echoes = map[string]func(testing.TB) host.Host{
	"local": echoLocal, "remote": echoRemote, "serverless": echoServerless,
}

// echoed returns the answer to a line: a result, and the end.
func echoed(line []byte) []byte {
	const key = `"session_id":"`
	_, rest, _ := bytes.Cut(line, []byte(key))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	const start, result, end = `{"event":"session","session_id":"`,
		`","data":{"type":"stream","data":{"result":true}}}` + "\n", `","data":{"type":"end","data":{}}}` + "\n"
	answer := make([]byte, 0, 2*len(start)+len(result)+len(end)+2*len(id))
	answer = append(append(append(answer, start...), id...), result...)
	return append(append(append(answer, start...), id...), end...)
}

// echo answers lines until the input ends.
func echo(in io.Reader, out io.Writer) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		if _, err := out.Write(echoed(line)); err != nil {
			return
		}
	}
}

func echoLocal(tb testing.TB) host.Host {
	tb.Helper()
	inR, inW := pipe(tb)
	outR, outW := pipe(tb)
	go echo(inR, outW)
	h := host.NewLocal(inW, outR)
	tb.Cleanup(func() {
		_, _ = inW.Close(), outW.Close()
		<-h.Closed()
	})
	return h
}

func echoRemote(tb testing.TB) host.Host {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close()
	conn, err := new(net.Dialer).DialContext(tb.Context(), "tcp", listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	plugin, err := listener.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	go echo(plugin, plugin)
	h := host.NewLocal(conn, conn)
	tb.Cleanup(func() {
		_, _ = conn.Close(), plugin.Close()
		<-h.Closed()
	})
	return h
}

func echoServerless(tb testing.TB) host.Host {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write(echoed(body))
	}))
	h := host.NewServerless(server.Listener.Addr().String())
	tb.Cleanup(func() {
		h.Close()
		server.Close()
	})
	return h
}
