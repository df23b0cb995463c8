package authcode

import (
	"bytes"
	"cmp"
	"context"
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
)

// Error codes that mean "authorize again" and "try again later".
var (
	reauthorizeCodes = []string{"invalid_grant", "bad_refresh_token", "invalid_refresh_token", "token_revoked", "token_expired", "expired_token"}
	busyCodes        = []string{"temporarily_unavailable", "server_error", "slow_down", "rate_limited", "ratelimited", "too_many_requests"}
)

// requestToken makes a token request. The function request uses the oauth2 package,
// with a transport that parses the response itself: it accepts more than that package,
// and does not quote the body in errors.
func (c *Config[Client, Creds]) requestToken(ctx context.Context, why purpose, secrets []string, request func(context.Context) error) (TokenResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	base := http.DefaultTransport
	if c.HTTPClient != nil && c.HTTPClient.Transport != nil {
		base = c.HTTPClient.Transport
	}
	t := &transport{base: base, why: why, params: c.TokenParams, json: c.JSON, now: c.now, secrets: secrets}
	client := &http.Client{
		Transport: t,
		// A redirect would send the secrets in the body elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	err := request(context.WithValue(ctx, oauth2.HTTPClient, client))
	switch e := (*Error)(nil); {
	case t.err != nil && errors.As(t.err, &e):
		over := slices.Contains(reauthorizeCodes, strings.ToLower(e.Code)) || c.Reauthorize != nil && c.Reauthorize(e)
		e.reauthorize = why == forRefresh && over
		return TokenResponse{}, e
	case t.err != nil:
		return TokenResponse{}, t.err
	case err != nil: // from the oauth2 package; it might quote a secret
		return TokenResponse{}, errors.New("the token request failed")
	}
	return t.response, nil
}

// transport sends a token request as the Config describes, and parses the response.
type transport struct {
	base    http.RoundTripper
	why     purpose
	params  map[string]string
	json    bool
	now     func() time.Time
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
		Body: io.NopCloser(bytes.NewReader([]byte(plain))), Request: req,
	}, nil
}

func (t *transport) roundTrip(req *http.Request) (TokenResponse, error) {
	body, contentType, err := t.body(req)
	if err != nil {
		return TokenResponse{}, err
	}
	for attempt := 1; ; attempt++ {
		again := req.Clone(req.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		again.ContentLength = int64(len(body))
		again.GetBody = nil // otherwise, the transport might send it twice
		again.Header.Set("Content-Type", contentType)
		again.Header.Set("Accept", "application/json")
		resp, err := t.base.RoundTrip(again)
		if attempt == 1 && t.mayRepeat(resp, err) && req.Context().Err() == nil {
			if resp != nil {
				_ = resp.Body.Close()
			}
			continue
		}
		if err != nil {
			return TokenResponse{}, unreachable(err)
		}
		return t.parse(resp)
	}
}

// mayRepeat reports whether a request can safely be sent again: it did not reach the
// server, or it is a refresh and the server was unavailable.
func (t *transport) mayRepeat(resp *http.Response, err error) bool {
	if err != nil {
		op := (*net.OpError)(nil)
		return errors.As(err, &op) && op.Op == "dial"
	}
	return t.why == forRefresh && resp.StatusCode == http.StatusServiceUnavailable
}

// unreachable returns an error that says why a request failed. It does not wrap err,
// since errors of net/http can quote what was received.
func unreachable(err error) error {
	var (
		op  *net.OpError
		dns *net.DNSError
		tls *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		err = fmt.Errorf("the token endpoint: %w", context.Canceled)
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

// body returns the request's form with TokenParams added, form-encoded or as JSON.
func (t *transport) body(req *http.Request) (body []byte, contentType string, err error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, "", err
	}
	_ = req.Body.Close()
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, "", errors.New("cannot parse the token request")
	}
	for key, value := range t.params {
		if !form.Has(key) {
			form.Set(key, value)
		}
	}
	if !t.json {
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	}
	object := make(map[string]string, len(form))
	for key := range form {
		object[key] = form.Get(key)
	}
	body, err = json.Marshal(object)
	return body, "application/json", err
}

// parse returns the token response, or an error.
func (t *transport) parse(resp *http.Response) (TokenResponse, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	switch status := resp.StatusCode; {
	case err != nil:
		return TokenResponse{}, unreachable(err)
	case status >= 300 && status <= 399:
		return TokenResponse{}, errors.New("the token endpoint redirects, with status " + strconv.Itoa(status))
	case len(body) > MaxResponse:
		return TokenResponse{}, errors.New("the token response is larger than 1 MiB")
	}
	response, parseErr := parseResponse(body, t.now())
	refusal := response.refusal(resp.StatusCode, t.secrets)
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests || refusal != nil && slices.Contains(busyCodes, strings.ToLower(refusal.Code)),
		status >= 500 && (refusal == nil || !slices.Contains(reauthorizeCodes, strings.ToLower(refusal.Code))):
		return TokenResponse{}, runtime.Unreachable(errors.New("the token endpoint returned status " + strconv.Itoa(status)))
	case refusal != nil:
		return TokenResponse{}, refusal
	case status < 200 || status > 299:
		return TokenResponse{}, errors.New("the token endpoint returned status " + strconv.Itoa(status))
	case parseErr != nil:
		return TokenResponse{}, parseErr
	}
	return response, nil
}

// result converts a token response to what Dify stores. Values of the response override
// the old ones. Fields of credentials_schema are filled by name.
func (c *Config[Client, Creds]) result(ctx context.Context, client Client, r TokenResponse, old map[string]any) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	// Without a scope in the response, the previous or requested one applies (RFC 6749,
	// sections 5.1 and 6).
	r.Scope = cmp.Or(r.Scope, cmp.Or(scalar(old["scope"]), strings.Join(c.Scopes, " ")))
	values := make(map[string]any, len(old)+len(r.values))
	maps.Copy(values, old)
	delete(values, "access_token")
	delete(values, "expires_at")
	for key, v := range r.values {
		if s := scalar(v); s != "" && key != "expires_at" { // set below, in Unix seconds
			values[key] = s
		}
	}
	if r.Scope != "" {
		values["scope"] = r.Scope
	}
	if !r.ExpiresAt.IsZero() {
		values["expires_at"] = strconv.FormatInt(r.ExpiresAt.Unix(), 10)
	}
	if c.Fields != nil {
		more, err := c.Fields(client, r)
		if err != nil {
			return none, err
		}
		maps.Copy(values, more)
	} else if r.AccessToken.IsZero() {
		return none, errors.New("the token response has no access_token")
	}
	delete(values, "client_secret")
	delete(values, cmp.Or(c.ClientSecret, "client_secret"))
	creds, err := c.Decode(values)
	if err != nil {
		return none, fmt.Errorf("the token response is incomplete: %w", err)
	}
	result := runtime.OAuthResult[Creds]{Credentials: creds, ExpiresAt: r.ExpiresAt}
	if c.Accept != nil {
		if err := c.Accept(ctx, client, r, &result); err != nil {
			return none, err
		}
	}
	return result, nil
}
