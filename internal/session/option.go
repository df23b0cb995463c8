package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/difygen/difygen/runtime"
)

// Config holds the settings of a server.
type Config struct {
	Heartbeat      time.Duration // between heartbeats
	MaxRequests    int           // that run at the same time
	RequestTimeout time.Duration
	// CallbackTimeout is how long a call back into Dify waits for each reply.
	CallbackTimeout time.Duration
	StopTimeout     time.Duration
	// SendCallback sends the line of a call back into Dify as an HTTP request of its own, for a transport
	// that wants that, and returns the lines of the response. The context ends both.
	SendCallback func(ctx context.Context, sessionID string, line []byte) (io.ReadCloser, error)
	Logger       *slog.Logger          // not nil
	Interceptors []runtime.Interceptor // the first is outermost
	// OpenCallbacks, if not nil, is called when the code of a request has returned although it has
	// neither read to the end nor closed all of its calls back into Dify: with the action of the request,
	// such as "tool/invoke_tool", and the types of those calls, sorted. The host gets the end of the
	// request after that.
	OpenCallbacks func(action string, types []string)
	// DroppedHeaders, if not nil, is called with the headers of the answer to an HTTP request that the host
	// cannot pass on. The host gets the end of the request after that.
	DroppedHeaders func(names []string)
}

// DefaultConfig returns the settings of a plugin without options and environment.
func DefaultConfig() Config {
	return Config{
		Heartbeat:       10 * time.Second,
		MaxRequests:     1000,
		RequestTimeout:  300 * time.Second,
		CallbackTimeout: 250 * time.Second,
		StopTimeout:     20 * time.Second,
		Logger:          slog.New(slog.DiscardHandler),
	}
}

// Option is a setting. It overrides the environment.
type Option struct {
	name  string
	wrong string // how it was called if it is not valid
	valid bool
	apply func(*Config)
}

// tooSmall is how an option for a number is called wrongly.
const tooSmall = "with a value that is too small"

// WithLogger is documented in package serve, as the other options are.
func WithLogger(logger *slog.Logger) Option {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return Option{"WithLogger", "", true, func(c *Config) { c.Logger = logger }}
}

// WithRequestTimeout sets Config.RequestTimeout.
func WithRequestTimeout(timeout time.Duration) Option {
	return Option{"WithRequestTimeout", tooSmall, timeout > 0, func(c *Config) { c.RequestTimeout = timeout }}
}

// WithStopTimeout sets Config.StopTimeout.
func WithStopTimeout(timeout time.Duration) Option {
	return Option{"WithStopTimeout", tooSmall, timeout >= 0, func(c *Config) { c.StopTimeout = timeout }}
}

// WithMaxRequests sets Config.MaxRequests.
func WithMaxRequests(limit int) Option {
	return Option{"WithMaxRequests", tooSmall, limit > 0, func(c *Config) { c.MaxRequests = limit }}
}

// Configure returns c with the plugin's options, and a logger that redacts secrets.
func (p *Plugin) Configure(c Config) (Config, error) {
	var errs []error
	for _, o := range p.options {
		switch {
		case o.apply == nil:
			errs = append(errs, errors.New("an option is empty"))
		case !o.valid:
			errs = append(errs, fmt.Errorf("serve.%s was called %s", o.name, o.wrong))
		default:
			o.apply(&c)
		}
	}
	if _, ok := c.Logger.Handler().(*logHandler); !ok {
		c.Logger = slog.New(NewLogHandler(c.Logger.Handler()))
	}
	return c, errors.Join(errs...)
}
