package authcode

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
)

// purpose is what a token request is for.
type purpose int

const (
	forExchange purpose = iota // of an authorization code, which must not be sent twice
	forRefresh
	forClient // the client credentials grant
)

// Error codes that mean "authorize again" and "try again later".
var (
	reauthorizeCodes = []string{"invalid_grant", "bad_refresh_token", "invalid_refresh_token", "token_revoked", "token_expired", "expired_token"}
	busyCodes        = []string{"temporarily_unavailable", "server_error", "slow_down", "rate_limited", "ratelimited", "too_many_requests"}
)

// tokenEndpoint is how token requests are sent, and what responses are accepted.
type tokenEndpoint struct {
	params      map[string]string
	json        bool
	types       []string // of tokens, besides Bearer
	client      *http.Client
	now         func() time.Time // nil for time.Now
	reauthorize func(*Error) bool
}

// key returns equal keys for token requests that are the same and are sent by the same transport.
func (e tokenEndpoint) key(grant string, endpoint oauth2.Endpoint, id string, secret runtime.Secret, more ...string) shareKey {
	values := []string{
		grant, endpoint.TokenURL, strconv.Itoa(int(endpoint.AuthStyle)), id, secret.Reveal(),
		strconv.FormatBool(e.json), fmt.Sprintf("%q", e.types), fmt.Sprintf("%q", more),
	}
	for _, name := range slices.Sorted(maps.Keys(e.params)) {
		values = append(values, name, e.params[name])
	}
	return shareKey{sha256.Sum256(fmt.Appendf(nil, "%q", values)), transportOf(e.client)}
}

// request makes a token request; it must be called by within. The function send uses the oauth2
// package, with a transport that parses the response itself: it accepts more than that
// package, and does not quote the body in errors.
func (e tokenEndpoint) request(ctx context.Context, why purpose, secrets []string, send func(context.Context) error) (TokenResponse, error) {
	t := &transport{tokenEndpoint: e, base: transportFor(e.client), why: why, secrets: secrets}
	err := send(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: t}))
	switch refused := (*Error)(nil); {
	case errors.As(t.err, &refused):
		refused.reauthorize = t.isOver(refused)
		return TokenResponse{}, refused
	case t.err != nil:
		return TokenResponse{}, t.err
	case err != nil: // from the oauth2 package; it might quote a secret
		return TokenResponse{}, errors.New("the token request failed")
	}
	return t.response, nil
}

// transport sends a token request as the endpoint needs it, and parses the response.
type transport struct {
	tokenEndpoint

	base    http.RoundTripper
	why     purpose
	secrets []string // to redact in errors

	response TokenResponse
	err      error
}

// RoundTrip stores the response or the error, and returns a minimal valid response to
// the oauth2 package.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.response, t.err = t.roundTrip(req); t.err != nil {
		return nil, t.err
	}
	plain := `{"access_token":"x","token_type":"bearer"}`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(plain)), Request: req,
	}, nil
}

func (t *transport) roundTrip(req *http.Request) (TokenResponse, error) {
	body, contentType, names, err := t.body(req)
	if err != nil {
		return TokenResponse{}, err
	}
	for attempt := 1; ; attempt++ {
		again := req.Clone(req.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		again.ContentLength = int64(len(body))
		again.GetBody = nil // otherwise, the transport might send it twice
		again.URL.RawQuery = without(again.URL.RawQuery, func(name string) bool { return slices.Contains(names, name) })
		again.Header.Set("Content-Type", contentType)
		again.Header.Set("Accept", "application/json")
		resp, err := t.base.RoundTrip(again)
		if attempt == 1 && t.mayRepeat(resp, err) && req.Context().Err() == nil {
			if resp != nil && resp.Body != nil {
				_ = resp.Body.Close()
			}
			continue
		}
		if err != nil {
			return TokenResponse{}, unreachable(err)
		}
		if resp == nil || resp.Body == nil {
			return TokenResponse{}, errors.New("the transport of the author returns no response")
		}
		return t.parse(req.Context(), resp)
	}
}

// mayRepeat reports whether a request can safely be sent again: it did not reach the
// server, or it changes nothing there and the server was unavailable.
func (t *transport) mayRepeat(resp *http.Response, err error) bool {
	if err != nil {
		op := (*net.OpError)(nil)
		return errors.As(err, &op) && op.Op == "dial"
	}
	return t.why != forExchange && resp != nil && resp.StatusCode == http.StatusServiceUnavailable
}

// unreachable returns an error that says why a request failed. It does not wrap err,
// since errors of net/http can quote what was received. A request that its caller canceled
// says nothing about the service, so that is not marked with runtime.Unreachable.
func unreachable(err error) error {
	var (
		op  *net.OpError
		dns *net.DNSError
		tls *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("the token request was given up: %w", context.Canceled)
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("the token endpoint did not respond in time: %w", context.DeadlineExceeded)
	case errors.As(err, &dns):
		err = errors.New("cannot resolve the host of the token endpoint")
	case errors.As(err, &tls):
		err = errors.New("the certificate of the token endpoint is not valid")
	case errors.As(err, &op) && op.Op == "dial":
		err = errors.New("cannot connect to the token endpoint")
	default:
		err = errors.New("cannot read the token response")
	}
	return runtime.Unreachable(err)
}

// body returns the request's form with TokenParams added, form-encoded or as JSON, and the
// names of the parameters in it.
func (t *transport) body(req *http.Request) (body []byte, contentType string, names []string, err error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, "", nil, err
	}
	_ = req.Body.Close()
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, "", nil, errors.New("cannot parse the token request")
	}
	for key, value := range t.params {
		form.Set(key, value)
	}
	names = slices.Collect(maps.Keys(form))
	if !t.json {
		return []byte(form.Encode()), "application/x-www-form-urlencoded", names, nil
	}
	object := make(map[string]string, len(form))
	for key := range form {
		object[key] = form.Get(key)
	}
	body, err = json.Marshal(object)
	return body, "application/json", names, err
}

// parse returns the token response, or an error. The body is closed when ctx is done: it may
// be that of a transport of the author, or a connection that net/http has handed over.
func (t *transport) parse(ctx context.Context, resp *http.Response) (TokenResponse, error) {
	stop := context.AfterFunc(ctx, func() { _ = resp.Body.Close() })
	defer stop()
	defer resp.Body.Close()
	status := resp.StatusCode
	switch {
	case status < 200:
		return TokenResponse{}, statusError(status)
	case status >= 300 && status <= 399: // to follow it would send the secrets in the body elsewhere
		return TokenResponse{}, errors.New("the token endpoint redirects, with status " + strconv.Itoa(status))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	switch {
	case ctx.Err() != nil:
		return TokenResponse{}, unreachable(ctx.Err())
	case err != nil:
		return TokenResponse{}, unreachable(err)
	case len(body) > MaxResponse:
		return TokenResponse{}, errors.New("the token response is larger than 1 MiB")
	}
	values, parseErr := parseValues(body)
	refusal := refusalOf(values, status, t.secrets)
	switch {
	case status == http.StatusTooManyRequests || refusal != nil && slices.Contains(busyCodes, strings.ToLower(refusal.Code)),
		status >= 500 && (refusal == nil || !t.isOver(refusal)):
		return TokenResponse{}, runtime.Unreachable(statusError(status))
	case refusal != nil:
		return TokenResponse{}, refusal
	case status > 299:
		isBare := len(bytes.TrimSpace(body)) == 0 && (status == http.StatusBadRequest || status == http.StatusUnauthorized)
		return TokenResponse{}, &Error{Status: status, reauthorize: isBare}
	case parseErr != nil:
		return TokenResponse{}, parseErr
	}
	response := newResponse(values, timeNow(t.now))
	if kind := response.TokenType; kind != "" && !strings.EqualFold(kind, "Bearer") && !slices.ContainsFunc(t.types, func(k string) bool { return strings.EqualFold(k, kind) }) {
		return TokenResponse{}, errors.New("the token response has a token_type other than Bearer: list it in TokenTypes if such tokens are sent as bearer tokens")
	}
	return response, nil
}

// isOver reports whether only the user can resolve an error.
func (t *transport) isOver(refused *Error) bool {
	return t.why == forRefresh && (refused.reauthorize || slices.Contains(reauthorizeCodes, strings.ToLower(refused.Code)) ||
		t.reauthorize != nil && t.reauthorize(refused))
}

// timeNow returns the time of a setting Now.
func timeNow(now func() time.Time) time.Time {
	if now == nil {
		return time.Now()
	}
	return now()
}

func statusError(status int) error {
	return errors.New("the token endpoint returned status " + strconv.Itoa(status))
}
