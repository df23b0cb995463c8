// Package serve runs a plugin in Go on a Dify host. It declares the plugin from its
// YAML and answers the host's requests with the providers that difygen generated the
// untyped faces of, over the transport that the environment names: a TCP connection
// for remote debugging, standard input and output for an installed plugin, or HTTP
// for a serverless one.
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
// A variable counts before a line of the file .env in the plugin's folder, and that
// before the default. The names are those of Dify's Python SDK, in any case.
//
//	INSTALL_METHOD        local (default), remote or serverless
//	REMOTE_INSTALL_URL    host:port of the debugging server; counts before the next two
//	REMOTE_INSTALL_HOST   localhost by default
//	REMOTE_INSTALL_PORT   5003 by default
//	REMOTE_INSTALL_KEY    the debugging key
//	SERVERLESS_HOST       0.0.0.0 by default
//	SERVERLESS_PORT       8080 by default
//	HEARTBEAT_INTERVAL    seconds between signs of life, 10 by default
//	MAX_WORKER            requests that run at once, 1000 by default
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
)

// Part is what a plugin is made of, or a setting of this package: a runtime.Provider
// or runtime.Endpoints, as generated code makes them, or what NewTool, NewHandler,
// NewParameterOptions and the With functions of this package return.
type Part interface {
	Name() string
}

// Main is the main function of a plugin: Run until a signal to stop, with logs on
// standard error, and an exit code of 1 if Run fails. It makes its logger slog's
// default, so that what a request logs names the request and no secret of it.
func Main(fsys fs.FS, parts ...Part) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	// Logs go to standard error over every transport: under local installation
	// standard output carries the protocol.
	logger := slog.New(NewLogHandler(slog.NewTextHandler(os.Stderr, nil)))
	slog.SetDefault(logger)
	if err := Run(ctx, fsys, append([]Part{WithLogger(logger)}, parts...)...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run answers a Dify host with the parts of the plugin whose manifest.yaml is in
// fsys, until the context ends or, under local installation, the host closes
// standard input. Requests that run then have some time to finish.
//
// It fails if the plugin's files are wrong or do not fit the parts, if the
// environment is, if the host refuses the plugin, or if it cannot be reached. It logs
// where WithLogger says, and nowhere without it.
func Run(ctx context.Context, fsys fs.FS, parts ...Part) error {
	return run(ctx, process{os.Environ(), os.Stdin, os.Stdout, nil}, fsys, parts)
}

// process is what a plugin has of its process.
type process struct {
	environ []string
	stdin   *os.File
	stdout  *os.File
	// listening is told the address of the HTTP server; nil in production.
	listening func(addr string)
}

func run(ctx context.Context, proc process, fsys fs.FS, parts []Part) error {
	cfg, err := newConfig(proc.environ, fsys, parts)
	if err != nil {
		return err
	}
	p, warnings, err := assemble(fsys, parts)
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
		return s.remote(ctx, fsys)
	case methodServerless:
		return s.serverless(ctx, proc.listening)
	}
	return s.local(ctx, proc.stdin, proc.stdout)
}

// Causes of the end of a request's context.
var (
	errDeadline = errors.New("the plugin gave no answer in time")
	errStopping = errors.New("the plugin is stopping; try again")
	errBusy     = errors.New("the plugin is busy: too many requests wait already; try again")
	errHostGone = errors.New("the host has gone away")
)
