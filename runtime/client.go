package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	requestTimeout = 30 * time.Second
	modelTimeout   = 10 * time.Minute // after which Dify ends a call of a model
	maxErrorBody   = 64 << 10
	maxRedirects   = 5
)

var errURL = errors.New("the URL is not valid: it must be one such as https://api.example.com")

// parseURL returns an absolute URL of HTTP. Its error does not quote the URL, which may hold
// a key. With an error, the URL may be nil.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errURL
	}
	return u, checkURL(u)
}

// checkURL checks that a URL is an absolute one of HTTP.
func checkURL(u *url.URL) error {
	if u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errURL
	}
	return nil
}

// Do sends a request, as the Do of the client does, for a response that is not JSON. A nil
// client means http.DefaultClient. The body of the response must be closed.
//
// The request takes at most 30 seconds from here to the last byte of the body, or as long as
// the Timeout of the client says, and less if its context says so. With the context of a call of
// a model, whose service may write for minutes, it takes as long as the call, which is 10 minutes
// if the context has no deadline. Reading more than MaxFile bytes of the body fails. A status
// other than 2xx is a *StatusError. An error, also of reading the body, matches ErrUnreachable if
// the network failed or the service could not answer, or not in time. No error quotes the URL.
//
// It follows up to 5 redirects. Headers with keys are not sent to another host, and neither is a
// body: a redirect that asks for that fails.
func Do(client *http.Client, req *http.Request) (*http.Response, error) {
	return send(client, req, MaxFile)
}

// send is Do with a limit for the body, in bytes.
func send(client *http.Client, req *http.Request, limit int64) (*http.Response, error) {
	if err := checkURL(req.URL); err != nil {
		return nil, err
	}
	ctx, cancel := withTimeLimit(req.Context(), client)
	resp, err := careful(client).Do(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, Unreachable(err)
	}
	if resp.StatusCode < 200 { // 101, whose body is the connection, without the deadline
		defer cancel()
		_ = resp.Body.Close()
		return nil, &StatusError{StatusCode: resp.StatusCode, Header: resp.Header}
	}
	body := resp.Body
	// The body may not know ctx, if the transport is the caller's.
	stop := context.AfterFunc(ctx, func() { _ = body.Close() })
	resp.Body = &responseBody{body, ctx, limit, limit, func() { stop(); cancel() }}
	if resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, newStatusError(resp)
	}
	return resp, nil
}

// modelCallKey is the key of a value that the contexts of calls of models have.
type modelCallKey struct{}

// withTimeLimit returns a context that ends when a request of the client must.
func withTimeLimit(ctx context.Context, client *http.Client) (context.Context, context.CancelFunc) {
	switch _, limited := ctx.Deadline(); {
	case client != nil && client.Timeout > 0:
		return context.WithTimeout(ctx, client.Timeout)
	case ctx.Value(modelCallKey{}) == nil:
		return context.WithTimeout(ctx, requestTimeout)
	case limited:
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, modelTimeout)
}

// responseBody is the body of a response, of which so many bytes remain.
type responseBody struct {
	io.ReadCloser
	ctx         context.Context // of the request
	limit, rest int64
	end         func() // releases ctx
}

func (b *responseBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.rest+1 {
		p = p[:b.rest+1] // one byte more shows that there are too many
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.rest {
		n, b.rest = int(b.rest), 0
		return n, &tooLongError{b.limit}
	}
	b.rest -= int64(n)
	if err != nil && err != io.EOF { //nolint:errorlint // Read returns io.EOF itself
		if b.ctx.Err() != nil {
			err = b.ctx.Err() // not that the body was closed for it
		}
		err = Unreachable(err)
	}
	return n, err
}

// Close ends the request.
func (b *responseBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// tooLongError is the error of reading more of a response than its limit.
type tooLongError struct{ limit int64 }

func (e *tooLongError) Error() string {
	return "the response has more than " + strconv.FormatInt(e.limit, 10) + " bytes"
}

// StatusError is a response with a status that means failure. It matches ErrUnreachable if
// the service could not answer: then the status is 429, or 500 or more.
type StatusError struct {
	StatusCode int
	Header     http.Header
	body       []byte
}

func newStatusError(resp *http.Response) *StatusError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what there is of it
	return &StatusError{resp.StatusCode, resp.Header, body}
}

// StatusCode returns the status of the StatusError that err is or wraps, or 0 if there is
// none.
func StatusCode(err error) int {
	if e := (*StatusError)(nil); errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

// Error returns a message with the status alone.
func (e *StatusError) Error() string {
	return strings.TrimSpace("the service returned status " + strconv.Itoa(e.StatusCode) + " " + http.StatusText(e.StatusCode))
}

// Is reports whether target is ErrUnreachable and the service could not answer.
func (e *StatusError) Is(target error) bool {
	return target == ErrUnreachable && (e.StatusCode == http.StatusTooManyRequests || e.StatusCode >= http.StatusInternalServerError)
}

// DecodeBody decodes the JSON of the response, of which 64 KiB are kept. Take care with what
// it says: it may repeat what was sent.
func (e *StatusError) DecodeBody(result any) error { return unmarshal(e.body, result) }

// Body returns the start of the response, at most 64 KiB, for what is not JSON. Trust it
// no more than what DecodeBody decodes.
func (e *StatusError) Body() []byte { return bytes.Clone(e.body) }

// careful returns a client whose redirects are few, and tell other hosts no secrets.
func careful(client *http.Client) *http.Client {
	if client == nil {
		client = http.DefaultClient
	}
	c := *client
	c.Timeout = 0 // send has a deadline
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		if checkURL(req.URL) != nil {
			return errors.New("the response redirects to an invalid URL")
		}
		req.Header.Del("Referer") // it has the query
		if err := withoutKeys(req, via[0]); err != nil {
			return err
		}
		if client.CheckRedirect != nil {
			return client.CheckRedirect(req, via)
		}
		return nil
	}
	return &c
}

// withoutKeys removes headers that may hold keys from a request to another host or port than
// that of the first one, and from one that is no longer encrypted. By itself, net/http removes
// those that it knows, and sends them to subdomains all the same. A body may hold keys, too, and
// without it the request would be another one, so that is an error.
func withoutKeys(req, first *http.Request) error {
	downgraded := first.URL.Scheme == "https" && req.URL.Scheme == "http"
	if req.URL.Host == first.URL.Host && !downgraded {
		return nil
	}
	if req.Body != nil && req.Body != http.NoBody {
		return errors.New("the response redirects a request with a body to another host")
	}
	for name := range req.Header {
		switch name {
		case "Accept", "Accept-Language", "Content-Type", "User-Agent":
		default:
			delete(req.Header, name)
		}
	}
	return nil
}
