package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/joho/godotenv"

	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/internal/text"
)

// The values of INSTALL_METHOD.
const (
	methodLocal      = "local"
	methodRemote     = "remote"
	methodServerless = "serverless"
)

// remoteStopTimeout is how long the code of requests may continue when a plugin stops that is
// connected for debugging. Its connection is closed by then.
const remoteStopTimeout = 2 * time.Second

const (
	envFile    = ".env"
	maxEnvFile = 64 << 10 // bytes; the time to parse it grows with the square
)

// config holds the settings of a running plugin.
type config struct {
	method     string
	remoteAddr string
	remoteKey  string
	listenAddr string
	socket     string   // instead of listenAddr, if it is not empty
	secret     string   // that requests must know, if it is not empty
	daemon     *url.URL // of the host, for calls back into Dify; nil for another method than serverless
	session.Config
}

// newConfig reads the environment, the file .env and the plugin's options.
func newConfig(proc process, p *Plugin) (*config, error) {
	file, err := readEnvFile(proc.folder)
	if err != nil {
		return nil, err
	}
	e := &environment{values: make(map[string]string)}
	// Of two spellings, the one in upper case counts, which is sorted before the others.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(file))) {
		e.values[strings.ToUpper(name)] = file[name]
	}
	for _, variable := range proc.environ {
		name, value, _ := strings.Cut(variable, "=")
		e.values[strings.ToUpper(name)] = value
	}
	// The host closes a connection after 60 seconds without a heartbeat, and kills a
	// process after 120.
	const maxHeartbeat = 50 * time.Second
	base := session.DefaultConfig()
	base.Heartbeat = min(e.seconds("HEARTBEAT_INTERVAL", base.Heartbeat), maxHeartbeat)
	base.RequestTimeout = e.seconds("MAX_REQUEST_TIMEOUT", base.RequestTimeout)
	base.CallbackTimeout = e.seconds("MAX_INVOCATION_TIMEOUT", base.CallbackTimeout)
	base.MaxRequests = e.number("MAX_WORKER", base.MaxRequests, 1, 1_000_000)
	if proc.logger != nil {
		base.Logger = proc.logger
	}
	c := &config{method: strings.ToLower(e.text("INSTALL_METHOD", methodLocal))}
	switch c.method {
	case methodLocal:
	case methodRemote:
		base.StopTimeout = remoteStopTimeout
		c.remoteAddr, c.remoteKey = e.remoteAddr(), e.text("REMOTE_INSTALL_KEY", "")
		if c.remoteKey == "" {
			e.fail("REMOTE_INSTALL_KEY", "is missing: to see the key and the address, click the bug icon on Dify's Plugins page")
		}
	case methodServerless:
		c.secret, c.socket = e.secret("SERVERLESS_SECRET"), e.socket("SERVERLESS_SOCKET")
		c.daemon = e.daemon("DIFY_PLUGIN_DAEMON_URL", "http://localhost:5002")
		c.listenAddr = net.JoinHostPort(e.text("SERVERLESS_HOST", "0.0.0.0"), strconv.Itoa(e.number("SERVERLESS_PORT", 8080, 0, 65535)))
	default:
		e.fail("INSTALL_METHOD", "must be local, remote or serverless, not "+text.Name(c.method))
	}
	c.Config, err = p.Configure(base)
	return c, errors.Join(errors.Join(e.errs...), err)
}

// readEnvFile reads .env, if it exists. Errors do not quote it, since it holds a key.
func readEnvFile(fsys fs.FS) (map[string]string, error) {
	data, err := regular.Read(fsys, envFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", envFile, reason(err))
	case len(data) > maxEnvFile:
		return nil, fmt.Errorf("%s has %d bytes, more than %d", envFile, len(data), maxEnvFile)
	}
	values, err := godotenv.UnmarshalBytes(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return nil, fmt.Errorf("%s: invalid syntax: each line must be NAME=value", envFile)
	}
	return values, nil
}

// reason returns an error without the operation and the path.
func reason(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
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

func (e *environment) seconds(name string, fallback time.Duration) time.Duration {
	const lower, upper = 0.001, 24 * 60 * 60
	n, err := strconv.ParseFloat(e.text(name, fmt.Sprint(fallback.Seconds())), 64)
	if err != nil || !(n >= lower && n <= upper) {
		e.fail(name, fmt.Sprintf("must be a number of seconds from %v to %d", lower, upper))
		return fallback
	}
	return time.Duration(n * float64(time.Second))
}

// secret returns the secret of an HTTP server. One that is empty is wrong, unless the variable is
// not there: a deployment that lost its secret must not be open. Errors do not quote it.
func (e *environment) secret(name string) string {
	const lower, upper = 16, 1024
	v, set := e.values[name]
	v = strings.TrimSpace(v)
	visible := !strings.ContainsFunc(v, func(c rune) bool { return c <= ' ' || c > '~' })
	if set && (len(v) < lower || len(v) > upper || !visible) {
		e.fail(name, fmt.Sprintf("must have %d to %d characters, which are visible ASCII ones; for no secret, remove it", lower, upper))
		return ""
	}
	return v
}

// socket returns the path of the Unix socket of an HTTP server.
func (e *environment) socket(name string) string {
	const upper = 103 // bytes that all systems accept (sys/un.h)
	v := e.text(name, "")
	switch {
	case len(v) > upper, strings.ContainsRune(v, 0):
		e.fail(name, fmt.Sprintf("must be a path of at most %d bytes", upper))
	case strings.HasPrefix(v, "@"): // an abstract socket, which has no permissions
		e.fail(name, "must be a path, which does not begin with @")
	}
	return v
}

// daemon returns the URL of the host that takes calls back into Dify. Errors do not quote it.
func (e *environment) daemon(name, fallback string) *url.URL {
	v := e.text(name, fallback)
	u, err := url.Parse(v)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", strings.ContainsAny(v, "?#"):
		e.fail(name, "must be a URL such as "+fallback)
	case u.User != nil:
		e.fail(name, "must not have a user name or password: Dify's plugin daemon knows none")
	default:
		return u
	}
	return nil
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
