package httpdeadline

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/difygen/difygen/runtime"
)

type provider struct {
	HTTPClient *http.Client
	kept       *http.Request
	pointed    **http.Request
}

var (
	bare   = &http.Client{}
	timed  = &http.Client{Timeout: time.Second}
	either *http.Client
)

func (p *provider) shortcuts(ctx context.Context) {
	http.Get("https://service.example")                    // want `http.Get has neither the context of the call nor a deadline`
	http.PostForm("https://service.example", url.Values{}) // want `http.PostForm has neither`
	p.HTTPClient.Get("https://service.example")            // want `http.Client.Get lacks the context of the call`
	bare.Head("https://service.example")                   // want `http.Client.Head lacks`
	(&http.Client{}).Get("https://service.example")        // want `http.Client.Get lacks`
	go http.Get("https://service.example")                 // want `http.Get has neither`
	defer bare.Get("https://service.example")              // want `http.Client.Get lacks`
	timed.Get("https://service.example")
	local := http.Client{Timeout: time.Second}
	local.Get("https://service.example")
	late := new(http.Client)
	late.Timeout = time.Second
	late.Get("https://service.example")
}

func (p *provider) requests(ctx context.Context) error {
	req, err := http.NewRequest(http.MethodGet, "https://service.example", nil) // want `http.NewRequest lacks the context of the call`
	if err != nil {
		return err
	}
	resp, err := p.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func handler(w http.ResponseWriter, r *http.Request) {
	req, _ := http.NewRequest("GET", "https://service.example", nil) // want `http.NewRequest lacks`
	http.DefaultClient.Do(req)
}

func noContext() {
	req, _ := http.NewRequest("GET", "https://service.example", nil) // want `http.NewRequest lacks`
	http.DefaultClient.Do(req)
}

// Requests that functions of the package make, change and send.

func (p *provider) viaParameter(ctx context.Context) {
	req, _ := http.NewRequest("GET", "https://service.example", nil) // want `http.NewRequest lacks`
	if req != nil {
		req.Header.Set("Accept", "text/plain")
		authorize(req)
	}
	p.sendAsIs(req)
}

func (p *provider) viaResult() {
	req, _ := newRequest("/")
	p.sendAsIs(req)
	p.sendAsIs(onlyRequest())
}

func newRequest(path string) (*http.Request, error) {
	req, err := http.NewRequest("GET", "https://service.example"+path, nil) // want `http.NewRequest lacks`
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("a", "b")
	return req, nil
}

func onlyRequest() *http.Request {
	var body io.Reader
	req, err := http.NewRequest("PUT", "https://service.example", body) // want `http.NewRequest lacks`
	if err != nil {
		req, _ = http.NewRequest("GET", "https://service.example", body) // want `http.NewRequest lacks`
	}
	return req
}

func viaVariable() {
	req, _ := http.NewRequest("GET", "https://service.example", nil) // want `http.NewRequest lacks`
	go func() { http.DefaultClient.Do(req) }()
	authorize(req)
}

func authorize(req *http.Request) { req.URL.RawQuery = "key=1" }

func (p *provider) sendAsIs(req *http.Request) { p.HTTPClient.Do(req) }

func endless(parent context.Context) {
	req, _ := http.NewRequestWithContext(context.Background(), "GET", "https://service.example", nil) // want `neither this context nor the client has a deadline`
	http.DefaultClient.Do(req)
	ctx, cancel := context.WithCancel(context.TODO())
	defer cancel()
	req, _ = http.NewRequestWithContext(ctx, "GET", "https://service.example", nil) // want `neither this context nor the client has a deadline`
	bare.Do(req)
	client := &http.Client{}
	defer client.CloseIdleConnections()
	req, _ = http.NewRequestWithContext(context.TODO(), "GET", "https://service.example", nil) // want `neither this context nor the client has a deadline`
	client.Do(req)
}

// What follows is right, or not certainly wrong.

func (p *provider) right(parent context.Context) error {
	req, _ := http.NewRequestWithContext(parent, "GET", "https://service.example", nil)
	http.DefaultClient.Do(req)

	req, _ = http.NewRequestWithContext(context.Background(), "GET", "https://service.example", nil)
	p.HTTPClient.Do(req)
	req, _ = http.NewRequestWithContext(context.Background(), "GET", "https://service.example", nil)
	timed.Do(req)

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, _ = http.NewRequestWithContext(ctx, "GET", "https://service.example", nil)
	bare.Do(req)

	req, _ = http.NewRequest("GET", "https://service.example", nil)
	req = req.WithContext(parent)
	bare.Do(req)

	req, _ = http.NewRequest("GET", "https://service.example", nil)
	return runtime.DoJSON(p.HTTPClient, req, nil)
}

func (p *provider) later(parent context.Context, h http.Handler, w http.ResponseWriter) {
	req, _ := http.NewRequest("GET", "https://service.example", nil)
	p.send(parent, req)
	req, _ = http.NewRequest("GET", "https://service.example", nil)
	h.ServeHTTP(w, req)
	req, _ = http.NewRequest("GET", "https://service.example", nil)
	timed.Do(req)
	req, _ = http.NewRequest("GET", "https://service.example", nil)
	other.Send(req)
	bare.Do(req)
	req, _ = http.NewRequest("GET", "https://service.example", nil) // it is not sent
	req.SetBasicAuth("a", "b")
	w.Header().Set("Authorization", req.Header.Get("Authorization"))

	captured, _ := http.NewRequest("GET", "https://service.example", nil)
	captured = captured.WithContext(parent)
	go func() { bare.Do(captured) }()

	cloned, _ := http.NewRequest("GET", "https://service.example", nil)
	cloned = cloned.Clone(parent)
	go func() { bare.Do(cloned) }()

	pointed, _ := http.NewRequest("GET", "https://service.example", nil)
	p.pointed = &pointed
	bare.Do(pointed)

	p.kept, _ = http.NewRequest("GET", "https://service.example", nil)
	bare.Do(p.kept)

	req, _ = NewRequest("/")
	p.send(parent, req)
}

func (p *provider) send(ctx context.Context, req *http.Request) { bare.Do(req.WithContext(ctx)) }

func NewRequest(path string) (*http.Request, error) {
	return http.NewRequest("GET", "https://service.example"+path, nil)
}

func Unused() (*http.Request, error) {
	req, err := http.NewRequest("GET", "https://service.example", nil)
	bare.Do(req)
	return req, err
}

var other interface{ Send(*http.Request) }

type ownClient struct{}

func (ownClient) Get(string) {}

func own() { ownClient{}.Get("https://service.example") }
