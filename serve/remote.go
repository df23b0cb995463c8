package serve

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	folder "github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

const (
	dialTimeout  = 10 * time.Second
	writeTimeout = 60 * time.Second // of one write, to a host that does not read
	assetChunk   = 8 << 10          // bytes of an asset in one line
	refusalTime  = 500 * time.Millisecond

	firstAttempts = 5 // to reach a host that was never reached
	leastBackoff  = 500 * time.Millisecond
	mostBackoff   = 10 * time.Second
	// steady is how long a connection must last for the next one to be tried at once.
	steady = 60 * time.Second
)

// errAsset is the error of an icon that was there at the start.
var errAsset = errors.New("an icon cannot be read any more")

// refusal is what the host says before it closes a connection.
type refusal struct{ text string }

func (r *refusal) Error() string {
	message := "the Dify host refuses the plugin: " + r.text
	if strings.Contains(r.text, "invalid key") {
		message += ": REMOTE_INSTALL_KEY is wrong or has expired; Dify shows a new one at Plugins, behind the bug icon"
	}
	return message
}

// lasting reports whether the same plugin would be refused again.
func (r *refusal) lasting() bool { return !strings.Contains(r.text, "server is busy") }

// remote connects to a debugging server, again and again, until the context ends.
func (s *server) remote(ctx context.Context, fsys fs.FS) error {
	assets, err := s.plugin.folder.Assets(fsys)
	if err != nil {
		return err
	}
	backoff := leastBackoff
	registered := false
	for attempt := 1; ; attempt++ {
		began := time.Now()
		done, err := s.connect(ctx, fsys, assets)
		registered = registered || done
		refused := (*refusal)(nil)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // told to stop
		case errors.As(err, &refused) && refused.lasting(), errors.Is(err, errAsset):
			return err
		case !registered && attempt == firstAttempts:
			return fmt.Errorf("no Dify host answers at %s, which REMOTE_INSTALL_URL or REMOTE_INSTALL_HOST and _PORT name: %w", s.cfg.remoteAddr, err)
		case time.Since(began) > steady:
			backoff = leastBackoff
		}
		// Jitter, so that the plugins of a host that comes back do not come all at once.
		wait := backoff/2 + rand.N(backoff)
		s.cfg.logger.WarnContext(ctx, "no connection to the Dify host", "error", err, "retry_in", wait.Round(time.Millisecond))
		backoff = min(2*backoff, mostBackoff)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// connect registers with the host and answers it over one connection. It reports
// whether the host took the plugin, as far as it can tell: the host does not say yes.
func (s *server) connect(ctx context.Context, fsys fs.FS, assets []folder.Asset) (registered bool, err error) {
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
	err = s.register(&deadlineWriter{conn}, fsys, assets)
	if !interrupt() {
		return false, context.Cause(ctx)
	}
	if err != nil {
		// A host that refuses says why and closes: its word counts, not the broken pipe.
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		if refused := in.refused(); refused != nil && !errors.Is(err, errAsset) {
			err = refused
		}
		return false, err
	}
	// The host says no within that time, and never says yes.
	var accepted atomic.Bool
	timer := time.AfterFunc(timeToRefuse(assets), func() {
		accepted.Store(true)
		s.logRegistered(ctx, assets)
	})
	defer timer.Stop()
	err = s.lines(ctx, in, &lineWriter{w: &deadlineWriter{conn}}, false)
	if errors.Is(err, io.EOF) {
		err = errors.New("the host has closed the connection")
	}
	return accepted.Load() || in.spoke.Load(), err
}

// timeToRefuse is how long the host may take to look at what was declared.
func timeToRefuse(assets []folder.Asset) time.Duration {
	var size int64
	for _, a := range assets {
		size += a.Size
	}
	return refusalTime * time.Duration(1+size>>20)
}

// deadlineWriter gives a host that does not read only so long.
type deadlineWriter struct{ conn net.Conn }

func (w *deadlineWriter) Write(data []byte) (int, error) {
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	n, err := w.conn.Write(data)
	if err != nil {
		_ = w.conn.Close() // the rest of a line would belong to no line
	}
	return n, err
}

// declarationTypes are the lines that declare providers.
var declarationTypes = map[model.Kind]string{
	model.KindTool: "tool_declaration", model.KindModel: "model_declaration", model.KindEndpoint: "endpoint_declaration",
	model.KindAgentStrategy: "agent_strategy_declaration", model.KindDatasource: "datasource_declaration",
	model.KindTrigger: "trigger_declaration",
}

// registration is a line of the registration.
type registration struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

// register declares the plugin: the key, the manifest, the first provider of each
// kind, the icons, the end.
func (s *server) register(conn io.Writer, fsys fs.FS, assets []folder.Asset) error {
	w := bufio.NewWriterSize(conn, 64<<10)
	p := s.plugin.folder
	lines := []registration{
		{"handshake", map[string]any{"key": s.cfg.remoteKey}},
		{"manifest_declaration", p.Value},
	}
	declared := make(map[model.Kind]bool)
	for _, d := range p.Providers {
		if kind := d.Kind; !declared[kind] {
			declared[kind] = true
			lines = append(lines, registration{declarationTypes[kind], []any{d.Value}})
		}
	}
	for _, line := range lines {
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	for _, a := range assets {
		if err := writeAsset(w, fsys, a); err != nil {
			return err
		}
	}
	if err := writeLine(w, registration{"end", struct{}{}}); err != nil {
		return err
	}
	return w.Flush()
}

func writeLine(w io.Writer, line registration) error {
	data, err := encodeLine(line)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// writeAsset sends an icon in small chunks: the host takes long for long lines.
func writeAsset(w io.Writer, fsys fs.FS, a folder.Asset) error {
	data, err := folder.Read(fsys, a.Path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errAsset, a.Path, folder.Reason(err))
	}
	for len(data) > 0 {
		chunk := data[:min(len(data), assetChunk)]
		data = data[len(chunk):]
		line := registration{"asset_chunk", map[string]any{
			"filename": a.Name, "data": base64.StdEncoding.EncodeToString(chunk), "end": len(data) == 0,
		}}
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	return nil
}

// logRegistered says what was declared, and where to find it.
func (s *server) logRegistered(ctx context.Context, assets []folder.Asset) {
	p := s.plugin.folder
	var providers []string
	for _, d := range p.Providers {
		providers = append(providers, fmt.Sprintf("%s %s (%s: %d)",
			d.Kind, text.Name(cmp.Or(d.Name, d.File)), d.Kind.Items(), len(d.Items)))
	}
	s.cfg.logger.InfoContext(ctx, "registered; open Dify's Plugins page, where it is marked as being debugged",
		"plugin", p.Author+"/"+p.Name, "version", p.Version, "host", s.cfg.remoteAddr,
		"providers", strings.Join(providers, ", "), "icons", len(assets))
}

// hostReader reads what the host sends. Its first read fails with a refusal if the
// host refuses the plugin: then plain text comes instead of JSON, and nothing else.
type hostReader struct {
	conn   net.Conn
	buf    *bufio.Reader
	looked bool
	spoke  atomic.Bool // JSON, which it does to plugins that it took
}

func newHostReader(conn net.Conn) *hostReader {
	return &hostReader{conn: conn, buf: bufio.NewReader(conn)}
}

func (h *hostReader) Read(p []byte) (int, error) {
	if !h.looked {
		h.looked = true
		if err := h.refused(); err != nil {
			return 0, err
		}
		first, _ := h.buf.Peek(1)
		h.spoke.Store(len(first) > 0)
	}
	return h.buf.Read(p)
}

// refused waits for the first word of the host and returns the refusal that it is, or
// nil.
func (h *hostReader) refused() error {
	const longest = 4 << 10
	// An error comes again with the next read.
	if first, _ := h.buf.Peek(1); len(first) == 0 || first[0] == '{' || first[0] == '\n' {
		return nil
	}
	_ = h.conn.SetReadDeadline(time.Now().Add(time.Second)) // the rest is on its way
	words, _ := io.ReadAll(io.LimitReader(h.buf, longest))
	return &refusal{text.Line(string(words))}
}
