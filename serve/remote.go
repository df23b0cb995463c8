package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/internal/text"
)

const (
	dialTimeout  = 10 * time.Second
	writeTimeout = 60 * time.Second // for one write, in case the host does not read

	maxAttempts = 5 // to connect, and to be accepted, in a row
	maxBackoff  = 10 * time.Second
	// steady is how long a connection must last to reset the backoff.
	steady = 60 * time.Second
	// acceptTime is how long a connection must last after the registration for the plugin to
	// count as accepted: the host does not say so. It waits 10 seconds for a handshake, and
	// takes less to check 50 MiB of assets.
	acceptTime = 15 * time.Second
	// settleTime is how long a plugin waits before it connects. When a version before it has just
	// ended, the host takes some milliseconds to forget that, and would forget a plugin that
	// connects in the meantime, too.
	settleTime = 200 * time.Millisecond
)

// remote connects to a debugging server, and reconnects, until the context is done.
// It waits for about the first backoff before it reconnects, and longer each time.
func (s *server) remote(ctx context.Context, wait waits) error {
	assets, err := readAssets(s.declared.Assets)
	if err != nil {
		return err
	}
	if !pause(ctx, wait.settle) {
		return nil
	}
	backoff := wait.backoff
	acceptedBefore := false
	for failures := 1; ; failures++ {
		began := time.Now()
		accepted, err := s.connect(ctx, assets, wait.accept)
		if failed := s.Err(); failed != nil || ctx.Err() != nil {
			return failed // nil if stopped by the caller
		}
		if accepted {
			acceptedBefore, failures = true, 0
		}
		if time.Since(began) > steady {
			backoff = wait.backoff
		}
		if err, final := s.final(err, acceptedBefore, failures); final {
			return err
		}
		// Jitter, so that not all plugins reconnect at once when a host restarts.
		next := min(backoff/2+rand.N(backoff), maxBackoff)
		s.cfg.Logger.WarnContext(ctx, "no connection to the Dify host", "error", err, "retry_in", next.Round(time.Millisecond))
		backoff = min(2*backoff, maxBackoff)
		if !pause(ctx, next) {
			return nil
		}
	}
}

// pause waits, and reports whether the context is not done.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// final returns the error with which the plugin gives up after some failures in a row, if it
// does. A host that has accepted the plugin and is gone may come back at any time.
func (s *server) final(err error, acceptedBefore bool, failures int) (_ error, final bool) {
	refused := (*refusal)(nil)
	switch isRefusal := errors.As(err, &refused); {
	case isRefusal && refused.final(acceptedBefore):
		return err, true
	case failures < maxAttempts:
		return nil, false
	case isRefusal && refused.text != "":
		return err, true
	case acceptedBefore:
		return nil, false
	case isRefusal:
		return fmt.Errorf("%w; or %s is not the address of Dify's debugging port: %s", err, s.cfg.remoteAddr, checkAddress), true
	}
	return fmt.Errorf("no Dify host at %s; %s: %w", s.cfg.remoteAddr, checkAddress, err), true
}

// connect registers with the host and serves it over one connection. It reports whether the
// host has accepted the plugin, which it does not confirm: it has if it sends a request, or
// keeps the connection for acceptTime.
func (s *server) connect(ctx context.Context, assets []asset, acceptTime time.Duration) (bool, error) {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4,
	}}
	conn, err := dialer.DialContext(ctx, "tcp", s.cfg.remoteAddr)
	if err != nil {
		return false, err
	}
	accepted := make(chan struct{})
	var once sync.Once
	accept := func(message string) func() {
		return func() {
			once.Do(func() {
				close(accepted)
				s.cfg.Logger.InfoContext(ctx, message)
			})
		}
	}
	in := newHostReader(conn, accept("accepted by the Dify host"))
	defer func() {
		_ = conn.Close()
		<-in.first
	}()
	// At once: when a connection closes, the host uninstalls the plugin also if a new version
	// has connected in the meantime.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	out := &hostWriter{conn, in}
	if err = s.register(out, assets); err == nil {
		s.logDeclared(ctx, assets)
		timer := time.AfterFunc(acceptTime, accept("the Dify host has not rejected the plugin, so it has probably accepted it"))
		err = s.Lines(ctx, session.TCP, in, out)
		timer.Stop()
	}
	select {
	case <-accepted:
		if errors.Is(err, io.EOF) {
			err = errors.New("the host closed the connection")
		}
		return true, err
	default:
		return false, unaccepted(err)
	}
}

// unaccepted returns the error of a connection that ended before the host accepted the plugin. If
// the host has closed it, that is a refusal.
func unaccepted(err error) error {
	switch {
	case err == nil, errors.As(err, new(*refusal)), errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.Is(err, io.EOF):
		return new(refusal)
	}
	return fmt.Errorf("%w: %w", new(refusal), err)
}

// logDeclared logs what was declared, and where to find it.
func (s *server) logDeclared(ctx context.Context, assets []asset) {
	var providers []string
	for _, a := range s.adapters {
		providers = append(providers, string(a.Kind())+" "+text.Name(a.Name()))
	}
	s.cfg.Logger.InfoContext(ctx, "declared; open Dify's Plugins page, where it is marked as being debugged once the host has accepted it",
		"plugin", s.declared.Author+"/"+s.declared.Name, "version", s.declared.Version, "host", s.cfg.remoteAddr,
		"providers", strings.Join(providers, ", "), "icons", len(assets))
}
