package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"time"
)

// RunWith is Run with the given environment instead of that of the process, and reconnects
// sooner.
func RunWith(ctx context.Context, environ []string, stdin, stdout *os.File, listening func(string), fsys fs.FS, bindings ...Binding) error {
	return run(ctx, process{environ, stdin, stdout, 10 * time.Millisecond, listening}, fsys, bindings)
}

// ParseHTTPRequest is parseHTTPRequest.
func ParseHTTPRequest(ctx context.Context, raw string) (*http.Request, error) {
	return parseHTTPRequest(ctx, raw)
}

// ConfigText returns the config for an environment as text.
func ConfigText(environ []string, fsys fs.FS, bindings ...Binding) (string, error) {
	c, err := newConfig(environ, fsys, bindings)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s%s key=%s beat=%v timeout=%v most=%d stop=%v",
		c.method, c.remoteAddr, c.listenAddr, c.remoteKey, c.heartbeat, c.requestTimeout, c.maxRequests, c.stopTimeout), nil
}

// Redact redacts the secrets in list.
func Redact(text string, list ...string) string {
	s := new(secrets)
	s.add(list...)
	return s.redact(text)
}

// Lines reads all lines, with "too long" for those longer than limit.
func Lines(r io.Reader, limit int) (lines []string) {
	in := newLineReader(r, limit)
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, errTooLong):
			lines = append(lines, "too long")
		case err != nil:
			return lines
		default:
			lines = append(lines, string(line))
		}
	}
}

// SessionOf is sessionOf.
func SessionOf(prefix []byte) string { return sessionOf(prefix) }

// Accept passes one line to a plugin and returns what the plugin writes. If the line is
// a request, Accept waits for its end.
func Accept(ctx context.Context, fsys fs.FS, bindings []Binding, line []byte) (string, error) {
	cfg, err := newConfig(nil, fsys, bindings)
	if err != nil {
		return "", err
	}
	p, _, err := assemble(fsys, bindings)
	if err != nil {
		return "", err
	}
	s := newServer(ctx, p, cfg)
	defer s.close()
	var b bytes.Buffer
	if ss := s.accept(ctx, line, "", &lineWriter{w: &b}); ss != nil {
		<-ss.done
	}
	return b.String(), nil
}

// HTTPSecrets is httpSecrets, sorted.
func HTTPSecrets(r *http.Request) []string { return slices.Sorted(slices.Values(httpSecrets(r))) }
