// Package serve runs a plugin in Go on a Dify host. It passes the host's requests to the
// plugin's providers, over the transport that the environment selects: a TCP connection
// for remote debugging, standard input and output for an installed plugin, or HTTP for a
// serverless one. A plugin in Go is one binary: it reads no YAML. What the host is told
// about it was generated from the YAML, with its code:
//
//	func main() {
//		serve.Main(newPlugin(&github.Provider{}))
//	}
//
// Code that is called may call back into Dify, through the generated struct Dify. Over TCP and
// standard output, such a call is a message beside the others; a serverless plugin sends an HTTP
// request to DIFY_PLUGIN_DAEMON_URL.
//
// # Environment
//
// A variable overrides the file .env in the working directory, which overrides the
// default. The names are those of Dify's Python SDK, in upper or lower case; the SDK does not
// know SERVERLESS_SOCKET and SERVERLESS_SECRET.
//
//	INSTALL_METHOD          local (default), remote or serverless
//	REMOTE_INSTALL_URL      host:port of the debugging server; overrides the next two
//	REMOTE_INSTALL_HOST     localhost by default
//	REMOTE_INSTALL_PORT     5003 by default
//	REMOTE_INSTALL_KEY      the debugging key
//	SERVERLESS_HOST         0.0.0.0 by default
//	SERVERLESS_PORT         8080 by default
//	SERVERLESS_SOCKET       path of a Unix socket, instead of the two
//	SERVERLESS_SECRET       what the header Dify-Plugin-Secret of requests must hold
//	HEARTBEAT_INTERVAL      seconds between heartbeats, 10 by default
//	MAX_WORKER              requests that run at the same time, 1000 by default
//	MAX_REQUEST_TIMEOUT     seconds that a request may take, 300 by default
//	MAX_INVOCATION_TIMEOUT  seconds that a call back into Dify waits for each reply, 250 by default
//	DIFY_PLUGIN_DAEMON_URL  where a serverless plugin calls back into Dify, http://localhost:5002 by default
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

	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
)

// Main is the main function of a plugin. It calls Run, logs to standard error, stops on
// SIGINT or SIGTERM, and exits with code 1 if Run fails. It makes its logger the default
// of package slog, so that log records of a request name the request and omit its
// secrets. It takes standard output for the protocol and makes its descriptor standard error, so
// that nothing that the code, C code or child processes print gets into the protocol, once Main
// runs. On Windows, C code that has printed before Main still can.
//
// A plugin has no arguments. With any, Main prints what the environment variables are, and
// exits with code 2, or 0 for -h.
func Main(p *Plugin) {
	if args := os.Args[1:]; len(args) > 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(usageCode(args))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	// Logs always go to standard error: an installed plugin uses standard output for the
	// protocol.
	logger := slog.New(NewLogHandler(slog.NewTextHandler(os.Stderr, nil)))
	slog.SetDefault(logger)
	stdout, err := takeStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot keep standard output for the host:", err)
		os.Exit(1)
	}
	proc := thisProcess(logger)
	proc.stdout = stdout
	if err := run(ctx, proc, p); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run serves the plugin until the context is done or, for an installed plugin, the host
// closes standard input. Running requests then have some time to finish.
//
// Run returns an error if the plugin or the environment is invalid, or if the host rejects
// the plugin or cannot be reached. If the working directory has a manifest.yaml, Run warns
// in the log of YAML files that have changed since the plugin was generated. It does not log
// unless WithLogger is given.
//
// Run changes neither the descriptors of the process nor os.Stdout. The protocol of an installed
// plugin goes to what os.Stdout is when Run is called, where nothing else may be written. Main
// sees to that.
func Run(ctx context.Context, p *Plugin) error { return run(ctx, thisProcess(nil), p) }

// process holds what Run uses of the operating system's process.
type process struct {
	environ []string
	stdin   *os.File
	stdout  *os.File
	folder  fs.FS        // the working directory
	logger  *slog.Logger // for plugins without WithLogger; nil for none
	waits   waits        // tests wait less
	limits  limits       // tests have smaller ones
	// listening, if not nil, is called with the address of the HTTP server. Tests use it.
	listening func(addr string)
}

// waits are the times that a plugin waits for a debugging server.
type waits struct {
	settle  time.Duration // before the first attempt
	backoff time.Duration // before the second attempt
	accept  time.Duration // after which a plugin counts as accepted
}

func thisProcess(logger *slog.Logger) process {
	return process{os.Environ(), os.Stdin, os.Stdout, os.DirFS("."), logger, waits{settleTime, 500 * time.Millisecond, acceptTime}, defaultLimits(), nil}
}

// server is a running plugin.
type server struct {
	*session.Server
	declared Declaration
	adapters []runtime.Adapter
	cfg      *config
}

func run(ctx context.Context, proc process, p *Plugin) error {
	if p == nil {
		return p.Check() // says so
	}
	cfg, err := newConfig(proc, p)
	if err = errors.Join(p.Check(), err); err != nil {
		return err
	}
	if cfg.daemon != nil {
		calls := newTransactions(cfg.daemon, cfg.Logger)
		defer calls.close()
		cfg.SendCallback = calls.send
	}
	s := &server{session.NewServer(ctx, p, cfg.Config), p.Declaration(), p.Adapters(), cfg}
	defer s.Close()
	if warning := staleWarning(s.declared, proc.folder); warning != "" {
		cfg.Logger.WarnContext(ctx, warning)
	}
	switch cfg.method {
	case methodRemote:
		err = s.remote(ctx, proc.waits)
	case methodServerless:
		err = s.serverless(ctx, proc.limits, proc.listening)
	default:
		err = s.local(ctx, proc.stdin, proc.stdout)
	}
	if err == nil {
		cfg.Logger.InfoContext(ctx, "stopped")
	}
	return err
}

// staleWarning returns a warning that names the YAML files in a folder that are not those from
// which the plugin was generated, or "".
func staleWarning(d Declaration, folder fs.FS) string {
	what, n := d.Stale(folder)
	said := "they"
	switch n {
	case 0:
		return ""
	case 1:
		said = "it"
	}
	return what + "; the plugin does what " + said + " said before: run go generate, then rebuild the plugin"
}
