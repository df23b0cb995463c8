package authcode_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := respond(t, "")
	c.Endpoint.TokenURL = server.URL + "/s3cret"
	_, back := authorize(t, c)
	_, err := exchange(t, c, back)
	check(t, err, "could not reach the service: cannot connect to the token endpoint")
	if !errors.Is(err, runtime.ErrUnreachable) {
		t.Errorf("%v is not unreachable", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = flow(t, c).OAuthGetCredentials(ctx, redirect, app, &http.Request{URL: &url.URL{RawQuery: back.Encode()}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestBrokenResponses checks invalid HTTP responses, which net/http quotes in errors.
func TestBrokenResponses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`{"access_token":"s3cret-1"}`, "HTTP/1.1 200 OK\r\n{\"access_token\": \"s3cret-1\"}\r\n\r\n", ""} {
		c := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, raw)
			_ = conn.Close()
		})
		_, back := authorize(t, c)
		_, err := exchange(t, c, back)
		check(t, err, "could not reach the service: cannot read the token response")
	}
}

// capturing is a transport that records the deadline of a request and fails.
type capturing struct{ left time.Duration }

func (c *capturing) RoundTrip(r *http.Request) (*http.Response, error) {
	if deadline, ok := r.Context().Deadline(); ok {
		c.left = time.Until(deadline)
	}
	return nil, errors.New("s3cret-1")
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	c := respond(t, "")
	transport := &capturing{}
	c.HTTPClient = &http.Client{Transport: transport}
	_, back := authorize(t, c)
	for name, request := range map[string]func() error{
		"exchange": func() error {
			_, err := exchange(t, c, back)
			return err
		},
		"refresh": func() error {
			_, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, creds{refresh: runtime.NewSecret("s3cret-deadline")})
			return err
		},
	} {
		transport.left = 0
		check(t, request(), "cannot read the token response")
		if transport.left <= 9*time.Second || transport.left > 10*time.Second {
			t.Errorf("%s: a request may take %v", name, transport.left)
		}
	}
}

// TestRetry checks that a request is repeated if it did not reach the server.
func TestRetry(t *testing.T) {
	t.Parallel()
	var codes []string
	c := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		codes = append(codes, r.FormValue("code"))
		fmt.Fprint(w, `{"access_token":"s3cret-1"}`)
	})
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	target := c.Endpoint.TokenURL
	c.HTTPClient = &http.Client{Transport: &switching{first: dead.URL, then: target}}
	_, back := authorize(t, c)
	if _, err := exchange(t, c, back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"s3cret-code"}, codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

// switching is a transport that sends the first request to another server.
type switching struct {
	first, then string
	used        atomic.Bool
}

func (s *switching) RoundTrip(r *http.Request) (*http.Response, error) {
	target := s.then
	if !s.used.Swap(true) {
		target = s.first
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL, r.Host = u, u.Host
	return http.DefaultTransport.RoundTrip(r)
}

// repeating is a transport that sends a request twice if it can, as those of net/http do when
// a connection breaks.
type repeating struct{}

func (repeating) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.GetBody != nil {
		again := r.Clone(r.Context())
		if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
			_ = resp.Body.Close()
		}
		body, err := again.GetBody()
		if err != nil {
			return nil, err
		}
		again.Body = body
		r = again
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestCodeIsSentOnce checks that a transport cannot send a code twice.
func TestCodeIsSentOnce(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		fmt.Fprint(w, `{"access_token":"s3cret-1"}`)
	})
	c.HTTPClient = &http.Client{Transport: repeating{}}
	_, back := authorize(t, c)
	if _, err := exchange(t, c, back); err != nil || requests.Load() != 1 {
		t.Errorf("%d requests: %v", requests.Load(), err)
	}
}

// TestServerRepeatsSecrets checks a server whose errors repeat the request.
func TestServerRepeatsSecrets(t *testing.T) {
	t.Parallel()
	var sent url.Values
	c := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent, _ = url.ParseQuery(string(body))
		response, _ := json.Marshal(map[string]string{"error": "invalid_request", "error_uri": string(body), "error_description": string(body)})
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(response)
	})
	checkRedacted := func(err error) {
		t.Helper()
		check(t, err, "the authorization server returned invalid_request: ")
		for _, key := range []string{"code", "code_verifier", "client_secret", "refresh_token"} {
			if secret := sent.Get(key); secret != "" && strings.Contains(err.Error(), secret) {
				t.Errorf("%s shows in %q", key, err)
			}
		}
	}
	_, back := authorize(t, c)
	back.Set("code", "4/s3cret+code=")
	_, err := exchange(t, c, back)
	checkRedacted(err)
	_, err = flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, creds{access: runtime.NewSecret("s3cret-1"), refresh: runtime.NewSecret("s3cret/2+repeated")})
	checkRedacted(err)
}

// TestServerHidesSecrets checks a server whose errors repeat the secret in other spellings, in
// each of their texts, also in a callback.
func TestServerHidesSecrets(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-client"
	for name, spelled := range map[string]string{
		"zero-width space":  "s3cret\u200b-client",
		"soft hyphen":       "s3c\u00adret-client",
		"another direction": "s3cret-\u202eclient",
		"encoded":           url.QueryEscape("s3cret-client/") + "%73%33cret-client",
		"base64":            base64.StdEncoding.EncodeToString([]byte("id:" + secret)),
		"hexadecimal":       hex.EncodeToString([]byte(secret)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, member := range []string{"error", "error_description", "error_uri"} {
				response := map[string]string{"error": "x", member: "see " + spelled}
				body, err := json.Marshal(response)
				if err != nil {
					t.Fatal(err)
				}
				c := respond(t, string(body))
				_, back := authorize(t, c)
				_, err = exchange(t, c, back)
				hides(t, err)
				for key, v := range response {
					back.Set(key, v)
				}
				_, err = exchange(t, c, back)
				hides(t, err)
			}
		})
	}
}

// hides checks that an error has a secret in it that is redacted, and nothing of it is left.
func hides(t *testing.T, err error) {
	t.Helper()
	check(t, err, "[redacted]")
	for _, rest := range []string{"cret", "lient", "czNj", "7333"} {
		if strings.Contains(err.Error(), rest) {
			t.Errorf("%s is left in %v", rest, err)
		}
	}
}
