package deploy_test

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
)

// checkInterval is the time between two health checks.
const checkInterval = 10 * time.Millisecond

// instance is a process of the plugin behind the balancer.
type instance struct {
	*plugintest.Process
	proxy  *httputil.ReverseProxy
	health *host.Serverless

	// The balancer's lock guards these.
	signaled os.Signal // nil for none; a second SIGTERM would end it at once
	healthy  bool
	removed  bool // it gets no more requests, whatever its health
	inFlight int
}

// balancer passes requests on to healthy instances, as a platform does. Like a platform that
// scales to zero, it lets requests wait when there is none.
type balancer struct {
	mu        sync.Mutex
	instances []*instance
	changed   chan struct{} // closed when an instance becomes healthy
	// attempts has the instances that got each request, by its ID.
	attempts map[string][]*instance
	// none is called when a request finds no instance.
	none func()
}

func newBalancer(none func()) *balancer {
	return &balancer{changed: make(chan struct{}), attempts: make(map[string][]*instance), none: none}
}

// add takes an instance into the rotation, while it is healthy and until it has ended.
func (b *balancer) add(ctx context.Context, p *plugintest.Process) {
	i := &instance{Process: p, health: host.NewServerless(p.Addr)}
	i.proxy = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: p.Addr})
	i.proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 100} // of this instance alone
	i.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	i.proxy.ErrorLog = discard
	b.mu.Lock()
	defer b.mu.Unlock()
	b.instances = append(b.instances, i)
	go b.watch(ctx, i)
}

// watch checks the health of an instance.
func (b *balancer) watch(ctx context.Context, i *instance) {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	defer i.health.Close()
	defer i.proxy.Transport.(*http.Transport).CloseIdleConnections()
	for {
		check, cancel := context.WithTimeout(ctx, time.Second)
		err := i.health.Healthy(check)
		cancel()
		b.setHealth(i, err == nil)
		select {
		case <-ticker.C:
		case <-i.Done():
			b.setHealth(i, false)
			return
		}
	}
}

func (b *balancer) setHealth(i *instance, healthy bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if healthy && !i.healthy {
		close(b.changed)
		b.changed = make(chan struct{})
	}
	i.healthy = healthy
}

// least returns the healthy instance with the fewest running requests, or nil, and a channel
// that is closed when there may be another one.
func (b *balancer) least() (*instance, <-chan struct{}) {
	var least *instance
	for _, i := range b.instances {
		if i.healthy && !i.removed && (least == nil || i.inFlight < least.inFlight) {
			least = i
		}
	}
	return least, b.changed
}

// end sends a signal to the instance with the most running requests, and reports whether there is
// one.
func (b *balancer) end(s os.Signal, remove bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	var busiest *instance
	for _, i := range b.instances {
		if i.healthy && i.signaled == nil && (busiest == nil || i.inFlight > busiest.inFlight) {
			busiest = i
		}
	}
	if busiest == nil {
		return false
	}
	busiest.removed, busiest.signaled = remove, s
	_ = busiest.Signal(s) // Wait returns an error of a process that ended by itself
	return true
}

// take chooses the instance for a request, and waits for one if necessary.
func (b *balancer) take(ctx context.Context, id string) *instance {
	for {
		b.mu.Lock()
		i, changed := b.least()
		if i != nil {
			i.inFlight++
			b.attempts[id] = append(b.attempts[id], i)
		}
		b.mu.Unlock()
		if i != nil {
			return i
		}
		b.none()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i := b.take(r.Context(), r.Header.Get("Dify-Plugin-Session-ID"))
	if i == nil {
		return // the client is gone
	}
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		i.inFlight--
	}()
	// The plugin sends the header of its response as soon as it has the request. Without this, Go's
	// server closes the body of the request when it passes on that header, the client of the
	// proxy sometimes still looks for the end of the body, fails, and cuts the response off.
	if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
		panic(err)
	}
	i.proxy.ServeHTTP(flushHeader{w}, r)
}

// killed reports whether an instance that got a request was killed.
func (b *balancer) killed(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range b.attempts[id] {
		if i.signaled == syscall.SIGKILL {
			return true
		}
	}
	return false
}

// flushHeader passes on the header of a response at once. A proxy that waits for the body would
// let the host repeat requests that already run.
type flushHeader struct{ http.ResponseWriter }

func (f flushHeader) WriteHeader(status int) {
	f.ResponseWriter.WriteHeader(status)
	_ = http.NewResponseController(f.ResponseWriter).Flush() // the client may be gone
}

// Unwrap lets the proxy flush the body.
func (f flushHeader) Unwrap() http.ResponseWriter { return f.ResponseWriter }
