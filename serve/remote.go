package serve

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/internal/text"
)

const (
	dialTimeout  = 10 * time.Second
	writeTimeout = 60 * time.Second // for one write, in case the host does not read
	assetChunk   = 8 << 10          // bytes of an asset in one line
	refusalTime  = 500 * time.Millisecond

	firstAttempts = 5 // to connect for the first time
	maxBackoff    = 10 * time.Second
	// steady is how long a connection must last to reset the backoff.
	steady = 60 * time.Second
)

// refusal is the message with which the host rejects a plugin and closes the connection.
type refusal struct{ text string }

func (r *refusal) Error() string {
	if strings.HasPrefix(r.text, "HTTP/") {
		return "the address is that of an HTTP server, not of Dify's debugging port, which is 5003 by default; " +
			"check REMOTE_INSTALL_URL, or REMOTE_INSTALL_HOST and REMOTE_INSTALL_PORT"
	}
	message := "the Dify host rejected the plugin: " + r.text
	if strings.Contains(r.text, "invalid key") {
		message += ": REMOTE_INSTALL_KEY is wrong or has expired; to get a new one, click the bug icon on Dify's Plugins page"
	}
	return message
}

// permanent reports whether the host would reject the same plugin again.
func (r *refusal) permanent() bool { return !strings.Contains(r.text, "server is busy") }

// remote connects to a debugging server, and reconnects, until the context is done.
// It waits for about minBackoff before it reconnects, and longer each time.
func (s *server) remote(ctx context.Context, minBackoff time.Duration) error {
	assets, err := readAssets(s.declared.Assets)
	if err != nil {
		return err
	}
	backoff := minBackoff
	registered := false
	for attempt := 1; ; attempt++ {
		began := time.Now()
		done, err := s.connect(ctx, assets)
		registered = registered || done
		refused := (*refusal)(nil)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // stopped by the caller
		case errors.As(err, &refused) && refused.permanent():
			return err
		case !registered && attempt == firstAttempts:
			return fmt.Errorf("no Dify host at %s; check REMOTE_INSTALL_URL, or REMOTE_INSTALL_HOST and REMOTE_INSTALL_PORT: %w", s.cfg.remoteAddr, err)
		case time.Since(began) > steady:
			backoff = minBackoff
		}
		// Jitter, so that not all plugins reconnect at once when a host restarts.
		wait := backoff/2 + rand.N(backoff)
		s.cfg.Logger.WarnContext(ctx, "no connection to the Dify host", "error", err, "retry_in", wait.Round(time.Millisecond))
		backoff = min(2*backoff, maxBackoff)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// connect registers with the host and serves it over one connection. It reports whether
// the host seems to have accepted the plugin: the host does not confirm that.
func (s *server) connect(ctx context.Context, assets []asset) (registered bool, err error) {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4,
	}}
	conn, err := dialer.DialContext(ctx, "tcp", s.cfg.remoteAddr)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	in := newHostReader(conn)
	interrupt := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = s.register(&deadlineWriter{conn}, assets)
	if !interrupt() {
		return false, context.Cause(ctx)
	}
	if err != nil {
		// A host that rejects the plugin sends the reason and closes the connection.
		// Report the reason instead of the broken pipe.
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		if refused := in.refused(); refused != nil {
			err = refused
		}
		return false, err
	}
	// The host rejects a plugin within that time, and does not confirm that it accepts it.
	var accepted atomic.Bool
	timer := time.AfterFunc(timeToRefuse(assets), func() {
		accepted.Store(true)
		s.logRegistered(ctx, assets)
	})
	defer timer.Stop()
	err = s.Lines(ctx, session.TCP, in, &deadlineWriter{conn})
	if errors.Is(err, io.EOF) {
		err = errors.New("the host closed the connection")
	}
	return accepted.Load() || in.spoke.Load(), err
}

// timeToRefuse returns how long the host may need to check the registration.
func timeToRefuse(assets []asset) time.Duration {
	size := 0
	for _, a := range assets {
		size += len(a.data)
	}
	return refusalTime * time.Duration(1+size>>20)
}

// deadlineWriter fails if the host does not read for writeTimeout.
type deadlineWriter struct{ conn net.Conn }

func (w *deadlineWriter) Write(data []byte) (int, error) {
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	n, err := w.conn.Write(data)
	if err != nil {
		_ = w.conn.Close() // the host may have received half a line
	}
	return n, err
}

// registration is a message of the registration.
type registration struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

// register sends the key, the manifest, the first provider of each type, the icons, and
// the end of the registration.
func (s *server) register(conn io.Writer, assets []asset) error {
	w := bufio.NewWriterSize(conn, 64<<10)
	lines := []registration{
		{"handshake", map[string]any{"key": s.cfg.remoteKey}},
		{"manifest_declaration", json.RawMessage(s.declared.Manifest)},
	}
	declared := make(map[string]bool)
	for _, d := range s.declared.Providers {
		if !declared[d.Type] {
			declared[d.Type] = true
			lines = append(lines, registration{d.Type, []any{json.RawMessage(d.Data)}})
		}
	}
	for _, line := range lines {
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	for _, a := range assets {
		if err := writeAsset(w, a); err != nil {
			return err
		}
	}
	if err := writeLine(w, registration{"end", struct{}{}}); err != nil {
		return err
	}
	return w.Flush()
}

func writeLine(w io.Writer, line registration) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(line)
}

// writeAsset sends an icon in small chunks, since the host is slow to read long lines.
func writeAsset(w io.Writer, a asset) error {
	for data := a.data; len(data) > 0; {
		chunk := data[:min(len(data), assetChunk)]
		data = data[len(chunk):]
		line := registration{"asset_chunk", map[string]any{
			"filename": a.name, "data": base64.StdEncoding.EncodeToString(chunk), "end": len(data) == 0,
		}}
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	return nil
}

// logRegistered logs what was declared, and where to find it.
func (s *server) logRegistered(ctx context.Context, assets []asset) {
	var providers []string
	for _, a := range s.adapters {
		providers = append(providers, string(a.Kind())+" "+text.Name(a.Name()))
	}
	s.cfg.Logger.InfoContext(ctx, "registered; open Dify's Plugins page, where it is marked as being debugged",
		"plugin", s.declared.Author+"/"+s.declared.Name, "version", s.declared.Version, "host", s.cfg.remoteAddr,
		"providers", strings.Join(providers, ", "), "icons", len(assets))
}

// hostReader reads from the host. If the host rejects the plugin, it sends plain text
// instead of JSON, and the first read fails with a refusal.
type hostReader struct {
	conn    net.Conn
	buf     *bufio.Reader
	checked bool        // for a refusal
	spoke   atomic.Bool // the host has sent JSON, so it has accepted the plugin
}

func newHostReader(conn net.Conn) *hostReader {
	return &hostReader{conn: conn, buf: bufio.NewReader(conn)}
}

func (h *hostReader) Read(p []byte) (int, error) {
	if !h.checked {
		h.checked = true
		if err := h.refused(); err != nil {
			return 0, err
		}
		first, _ := h.buf.Peek(1)
		h.spoke.Store(len(first) > 0)
	}
	return h.buf.Read(p)
}

// refused waits for the first byte from the host. It returns the refusal if there is one.
func (h *hostReader) refused() error {
	const maxRefusal = 4 << 10
	// The next read returns the same error.
	if first, _ := h.buf.Peek(1); len(first) == 0 || first[0] == '{' || first[0] == '\n' {
		return nil
	}
	_ = h.conn.SetReadDeadline(time.Now().Add(time.Second)) // for the rest to arrive
	message, _ := io.ReadAll(io.LimitReader(h.buf, maxRefusal))
	return &refusal{text.Line(string(message))}
}
