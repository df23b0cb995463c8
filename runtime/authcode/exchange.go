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
	exchanging purpose = iota // of an authorization code, which may be sent once only
	renewing
)

// Codes that services use for "authorize again" and for "not now".
var (
	overCodes = []string{"invalid_grant", "bad_refresh_token", "invalid_refresh_token", "token_revoked", "token_expired", "expired_token"}
	busyCodes = []string{"temporarily_unavailable", "server_error", "slow_down", "rate_limited", "ratelimited", "too_many_requests"}
)

// ask makes a token request by a function of the oauth2 package, with a transport
// that reads the answer in its stead: more kindly than that package does, and
// without the body in errors.
func (c *Config[Client, Creds]) ask(ctx context.Context, why purpose, secrets []string, request func(context.Context) error) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	base := http.DefaultTransport
	if c.HTTPClient != nil && c.HTTPClient.Transport != nil {
		base = c.HTTPClient.Transport
	}
	t := &transport{base: base, why: why, params: c.TokenParams, json: c.JSON, now: c.now, secrets: secrets}
	client := &http.Client{
		Transport: t,
		// A redirect would carry the secrets in the body elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	err := request(context.WithValue(ctx, oauth2.HTTPClient, client))
	switch e := (*Error)(nil); {
	case t.err != nil && errors.As(t.err, &e):
		over := slices.Contains(overCodes, strings.ToLower(e.Code)) || c.Reauthorize != nil && c.Reauthorize(e)
		e.reauthorize = why == renewing && over
		return Answer{}, e
	case t.err != nil:
		return Answer{}, t.err
	case err != nil: // nothing of ours: it may quote what it likes
		return Answer{}, errors.New("the token request failed")
	}
	return t.answer, nil
}

// transport sends a token request as the Config wants it, and reads the answer.
type transport struct {
	base    http.RoundTripper
	why     purpose
	params  map[string]string
	json    bool
	now     func() time.Time
	secrets []string // that no message may repeat

	answer Answer
	err    error
}

// RoundTrip notes the answer or the error, and gives the oauth2 package a plain
// answer to be content with.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.answer, t.err = t.roundTrip(req); t.err != nil {
		return nil, t.err
	}
	plain := `{"access_token":"x","token_type":"bearer"}`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(plain))), Request: req,
	}, nil
}

func (t *transport) roundTrip(req *http.Request) (Answer, error) {
	body, contentType, err := t.body(req)
	if err != nil {
		return Answer{}, err
	}
	for attempt := 1; ; attempt++ {
		again := req.Clone(req.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		again.ContentLength = int64(len(body))
		again.GetBody = nil // or the transport would repeat it by itself
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
			return Answer{}, unreachable(err)
		}
		return t.read(resp)
	}
}

// mayRepeat reports whether a request can be sent again without harm: if it never
// reached the server, or if a refresh met one that says it did not serve it.
func (t *transport) mayRepeat(resp *http.Response, err error) bool {
	if err != nil {
		op := (*net.OpError)(nil)
		return errors.As(err, &op) && op.Op == "dial"
	}
	return t.why == renewing && resp.StatusCode == http.StatusServiceUnavailable
}

// unreachable says why a server could not be asked, in words of our own: errors of
// net/http can quote what was received.
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
		err = fmt.Errorf("the token endpoint does not answer in time: %w", context.DeadlineExceeded)
	case errors.As(err, &dns):
		err = errors.New("the token endpoint's host is not known")
	case errors.As(err, &tls):
		err = errors.New("the token endpoint's certificate is not valid")
	case errors.As(err, &op) && op.Op == "dial":
		err = errors.New("the token endpoint takes no connection")
	default:
		err = errors.New("the token endpoint's answer is broken")
	}
	return runtime.Unreachable(err)
}

// body is the request's form with the Config's parameters, as form or JSON.
func (t *transport) body(req *http.Request) (body []byte, contentType string, err error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, "", err
	}
	_ = req.Body.Close()
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, "", errors.New("the token request cannot be read")
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

// read makes an answer or an error of a response.
func (t *transport) read(resp *http.Response) (Answer, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	switch status := resp.StatusCode; {
	case err != nil:
		return Answer{}, unreachable(err)
	case status >= 300 && status <= 399:
		return Answer{}, errors.New("the token endpoint redirects elsewhere, with status " + strconv.Itoa(status))
	case len(body) > MaxAnswer:
		return Answer{}, errors.New("the token endpoint's answer is larger than 1 MiB")
	}
	answer, parseErr := parseAnswer(body, t.now())
	refusal := answer.refusal(resp.StatusCode, t.secrets)
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests || refusal != nil && slices.Contains(busyCodes, strings.ToLower(refusal.Code)),
		status >= 500 && (refusal == nil || !slices.Contains(overCodes, strings.ToLower(refusal.Code))):
		return Answer{}, runtime.Unreachable(errors.New("the token endpoint answers with status " + strconv.Itoa(status)))
	case refusal != nil:
		return Answer{}, refusal
	case status < 200 || status > 299:
		return Answer{}, errors.New("the token endpoint answers with status " + strconv.Itoa(status))
	case parseErr != nil:
		return Answer{}, parseErr
	}
	return answer, nil
}

// result turns an answer into what Dify stores: its own keys over old values. A
// field of credentials_schema is filled by its name.
func (c *Config[Client, Creds]) result(ctx context.Context, client Client, a Answer, old map[string]any) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	// What a server does not say of the scope is as before (RFC 6749, sections 5.1
	// and 6).
	a.Scope = cmp.Or(a.Scope, cmp.Or(scalar(old["scope"]), strings.Join(c.Scopes, " ")))
	values := make(map[string]any, len(old)+len(a.values))
	maps.Copy(values, old)
	delete(values, "access_token")
	delete(values, "expires_at")
	for key, v := range a.values {
		if s := scalar(v); s != "" && key != "expires_at" { // ours is in Unix seconds
			values[key] = s
		}
	}
	if a.Scope != "" {
		values["scope"] = a.Scope
	}
	if !a.ExpiresAt.IsZero() {
		values["expires_at"] = strconv.FormatInt(a.ExpiresAt.Unix(), 10)
	}
	if c.Fields != nil {
		more, err := c.Fields(client, a)
		if err != nil {
			return none, err
		}
		maps.Copy(values, more)
	} else if a.AccessToken.IsZero() {
		return none, errors.New("the token endpoint's answer holds no access_token")
	}
	delete(values, "client_secret")
	delete(values, cmp.Or(c.ClientSecret, "client_secret"))
	creds, err := c.Decode(values)
	if err != nil {
		return none, fmt.Errorf("the token endpoint's answer is not complete: %w", err)
	}
	result := runtime.OAuthResult[Creds]{Credentials: creds, ExpiresAt: a.ExpiresAt}
	if c.Accept != nil {
		if err := c.Accept(ctx, client, a, &result); err != nil {
			return none, err
		}
	}
	return result, nil
}
