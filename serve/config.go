package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/joho/godotenv"

	folder "github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
)

// The values of INSTALL_METHOD.
const (
	methodLocal      = "local"
	methodRemote     = "remote"
	methodServerless = "serverless"
)

const envFile = ".env"

// config holds the settings of a running plugin.
type config struct {
	method         string
	remoteAddr     string
	remoteKey      string
	listenAddr     string
	heartbeat      time.Duration
	maxRequests    int
	requestTimeout time.Duration
	stopTimeout    time.Duration
	logger         *slog.Logger
}

// Option is a setting. It overrides the environment.
type Option struct {
	name  string
	valid bool
	apply func(*config)
}

// Name returns the name of the function that created the option.
func (o Option) Name() string { return o.name }

// WithLogger sets the logger of Run. Run logs its start, every request with its ID,
// action and duration, and what goes wrong, without the secrets of requests. If logger
// is nil, Run does not log.
func WithLogger(logger *slog.Logger) Option {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return Option{"WithLogger", true, func(c *config) { c.logger = logger }}
}

// WithRequestTimeout sets how long a request may take. The host waits 600 seconds by
// default.
func WithRequestTimeout(timeout time.Duration) Option {
	return Option{"WithRequestTimeout", timeout > 0, func(c *config) { c.requestTimeout = timeout }}
}

// WithStopTimeout sets how long running requests may continue when the plugin stops,
// 20 seconds by default. After that, their contexts are canceled and they fail.
func WithStopTimeout(timeout time.Duration) Option {
	return Option{"WithStopTimeout", timeout >= 0, func(c *config) { c.stopTimeout = timeout }}
}

// WithMaxRequests sets how many requests run at the same time. Up to 10,000 more wait.
func WithMaxRequests(limit int) Option {
	return Option{"WithMaxRequests", limit > 0, func(c *config) { c.maxRequests = limit }}
}

// newConfig reads the environment, the file .env and the options among bindings.
func newConfig(environ []string, fsys fs.FS, bindings []Binding) (*config, error) {
	file, err := readEnvFile(fsys)
	if err != nil {
		return nil, err
	}
	e := &environment{values: make(map[string]string)}
	for name, value := range file {
		e.values[strings.ToUpper(name)] = value
	}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		e.values[strings.ToUpper(name)] = value
	}
	// The host closes a connection after 60 seconds without a heartbeat, and kills a
	// process after 120.
	const maxHeartbeat = 50 * time.Second
	c := &config{
		method:         strings.ToLower(e.text("INSTALL_METHOD", methodLocal)),
		heartbeat:      min(e.seconds("HEARTBEAT_INTERVAL", 10), maxHeartbeat),
		requestTimeout: e.seconds("MAX_REQUEST_TIMEOUT", 250),
		maxRequests:    e.number("MAX_WORKER", 1000, 1, 1_000_000),
		stopTimeout:    20 * time.Second,
		logger:         slog.New(slog.DiscardHandler),
	}
	switch c.method {
	case methodLocal:
	case methodRemote:
		c.remoteAddr, c.remoteKey = e.remoteAddr(), e.text("REMOTE_INSTALL_KEY", "")
		if c.remoteKey == "" {
			e.fail("REMOTE_INSTALL_KEY", "is missing: to see the key and the address, click the bug icon on Dify's Plugins page")
		}
	case methodServerless:
		c.listenAddr = net.JoinHostPort(e.text("SERVERLESS_HOST", "0.0.0.0"), strconv.Itoa(e.number("SERVERLESS_PORT", 8080, 0, 65535)))
	default:
		e.fail("INSTALL_METHOD", "must be local, remote or serverless, not "+text.Name(c.method))
	}
	for _, b := range bindings {
		switch o, ok := b.(Option); {
		case ok && !o.valid:
			e.fail("serve."+o.name, "was called with a value that is too small")
		case ok:
			o.apply(c)
		}
	}
	if _, ok := c.logger.Handler().(*logHandler); !ok {
		c.logger = slog.New(NewLogHandler(c.logger.Handler()))
	}
	return c, errors.Join(e.errs...)
}

// readEnvFile reads .env, if it exists. Errors do not quote it, since it holds a key.
func readEnvFile(fsys fs.FS) (map[string]string, error) {
	data, err := regular.Read(fsys, envFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", envFile, folder.Reason(err))
	}
	values, err := godotenv.UnmarshalBytes(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return nil, fmt.Errorf("%s: invalid syntax: each line must be NAME=value", envFile)
	}
	return values, nil
}

// environment parses variables and collects errors.
type environment struct {
	values map[string]string
	errs   []error
}

func (e *environment) fail(name, problem string) {
	e.errs = append(e.errs, fmt.Errorf("%s %s", name, problem))
}

func (e *environment) text(name, fallback string) string {
	if v := strings.TrimSpace(e.values[name]); v != "" {
		return v
	}
	return fallback
}

func (e *environment) number(name string, fallback, lower, upper int) int {
	n, err := strconv.Atoi(e.text(name, strconv.Itoa(fallback)))
	if err != nil || n < lower || n > upper {
		e.fail(name, fmt.Sprintf("must be a number from %d to %d", lower, upper))
		return fallback
	}
	return n
}

func (e *environment) seconds(name string, fallback float64) time.Duration {
	const lower, upper = 0.001, 24 * 60 * 60
	n, err := strconv.ParseFloat(e.text(name, fmt.Sprint(fallback)), 64)
	if err != nil || !(n >= lower && n <= upper) {
		e.fail(name, fmt.Sprintf("must be a number of seconds from %v to %d", lower, upper))
		return time.Duration(fallback * float64(time.Second))
	}
	return time.Duration(n * float64(time.Second))
}

// remoteAddr returns the address of the debugging server.
func (e *environment) remoteAddr() string {
	const defaultPort = "5003"
	address := e.text("REMOTE_INSTALL_URL", "")
	if address == "" {
		port := e.number("REMOTE_INSTALL_PORT", 5003, 1, 65535)
		return net.JoinHostPort(e.text("REMOTE_INSTALL_HOST", "localhost"), strconv.Itoa(port))
	}
	if !strings.Contains(address, "://") {
		address = "tcp://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil {
		e.fail("REMOTE_INSTALL_URL", "must be host:port")
		return ""
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	return net.JoinHostPort(u.Hostname(), port)
}
