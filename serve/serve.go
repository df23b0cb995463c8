// Package serve runs a plugin in Go on a Dify host. It declares the plugin from its
// YAML and passes the host's requests to the plugin's providers, over the transport
// that the environment selects: a TCP connection for remote debugging, standard input
// and output for an installed plugin, or HTTP for a serverless one.
//
//	func main() {
//		serve.Main(os.DirFS("."),
//			github.NewProvider(&github.Provider{}),
//			serve.NewTool("list_issues", github.DecodeAnyCredentials, &tools.ListIssues{}),
//		)
//	}
//
// # Environment
//
// A variable overrides the file .env in the plugin's folder, which overrides the
// default. The names are those of Dify's Python SDK, in upper or lower case.
//
//	INSTALL_METHOD        local (default), remote or serverless
//	REMOTE_INSTALL_URL    host:port of the debugging server; overrides the next two
//	REMOTE_INSTALL_HOST   localhost by default
//	REMOTE_INSTALL_PORT   5003 by default
//	REMOTE_INSTALL_KEY    the debugging key
//	SERVERLESS_HOST       0.0.0.0 by default
//	SERVERLESS_PORT       8080 by default
//	HEARTBEAT_INTERVAL    seconds between heartbeats, 10 by default
//	MAX_WORKER            requests that run at the same time, 1000 by default
//	MAX_REQUEST_TIMEOUT   seconds that a request may take, 250 by default
package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// A Binding binds code to what the plugin's YAML declares: it is a runtime.Provider or
// runtime.Endpoints from generated code, or the result of NewTool, NewHandler or
// NewParameterOptions. An Option is passed like a Binding.
type Binding interface {
	Name() string
}

// Main is the main function of a plugin. It calls Run, logs to standard error, stops on
// SIGINT or SIGTERM, and exits with code 1 if Run fails. It makes its logger the default
// of package slog, so that log records of a request name the request and omit its
// secrets.
func Main(fsys fs.FS, bindings ...Binding) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	// Logs always go to standard error: an installed plugin uses standard output for the
	// protocol.
	logger := slog.New(NewLogHandler(slog.NewTextHandler(os.Stderr, nil)))
	slog.SetDefault(logger)
	if err := Run(ctx, fsys, append([]Binding{WithLogger(logger)}, bindings...)...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run serves the plugin whose manifest.yaml is in fsys until the context is done or,
// for an installed plugin, the host closes standard input. Running requests then have
// some time to finish.
//
// Run returns an error if the plugin's files or the environment are invalid, if the
// bindings do not match the files, or if the host rejects the plugin or cannot be
// reached. It does not log unless WithLogger is given.
func Run(ctx context.Context, fsys fs.FS, bindings ...Binding) error {
	return run(ctx, process{os.Environ(), os.Stdin, os.Stdout, 500 * time.Millisecond, nil}, fsys, bindings)
}

// process holds what Run uses of the operating system's process.
type process struct {
	environ []string
	stdin   *os.File
	stdout  *os.File
	// minBackoff is the time to wait for a host the first time. Tests wait less.
	minBackoff time.Duration
	// listening, if not nil, is called with the address of the HTTP server. Tests use it.
	listening func(addr string)
}

func run(ctx context.Context, proc process, fsys fs.FS, bindings []Binding) error {
	cfg, err := newConfig(proc.environ, fsys, bindings)
	if err != nil {
		return err
	}
	p, warnings, err := assemble(fsys, bindings)
	for _, w := range warnings {
		cfg.logger.WarnContext(ctx, w)
	}
	if err != nil {
		return err
	}
	s := newServer(ctx, p, cfg)
	defer s.close()
	switch cfg.method {
	case methodRemote:
		return s.remote(ctx, fsys, proc.minBackoff)
	case methodServerless:
		return s.serverless(ctx, proc.listening)
	}
	return s.local(ctx, proc.stdin, proc.stdout)
}

// Errors that end a request.
var (
	errDeadline = errors.New("the request timed out")
	errStopping = errors.New("the plugin is stopping; try again")
	errBusy     = errors.New("the plugin is busy: too many requests are waiting; try again")
	errHostGone = errors.New("the connection to the host is closed")
)
