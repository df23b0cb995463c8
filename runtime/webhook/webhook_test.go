package webhook_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// verifier verifies a request, as GitHub does.
type verifier func(r *http.Request, secret runtime.Secret) ([]byte, error)

// request returns one with a body and headers, each a name and a value.
func request(body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook?x=1", strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// check verifies a request: its error must have the reason, or it must return the body. The body can be read
// again, and no error shows what is secret.
func check(t *testing.T, name string, verify verifier, r *http.Request, secret, body, reason string) {
	t.Helper()
	got, err := verify(r, runtime.NewSecret(secret))
	again, readErr := io.ReadAll(r.Body)
	if readErr != nil || string(again) != body {
		t.Errorf("%s: the body is %q afterwards, %v", name, again, readErr)
	}
	if reason == "" {
		if err != nil || string(got) != body {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		return
	}
	if got != nil || !errors.Is(err, webhook.ErrSignature) {
		t.Fatalf("%s: got %q, %v, want an error that matches ErrSignature", name, got, err)
	}
	if diff := cmp.Diff("the webhook is not from the service: "+reason, err.Error()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	if secret != "" && strings.Contains(err.Error(), secret) {
		t.Errorf("%s: the error holds the secret: %v", name, err)
	}
}

// checkAt checks at a time, in Unix seconds.
func checkAt(t *testing.T, seconds int64, name string, verify verifier, r *http.Request, secret, body, reason string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(seconds, 0)))
		check(t, name, verify, r, secret, body, reason)
	})
}

func TestToken(t *testing.T) {
	t.Parallel()
	verify := func(r *http.Request, secret runtime.Secret) ([]byte, error) {
		return webhook.Token(r, "X-Gitlab-Token", secret)
	}
	for _, test := range []struct {
		name, secret string
		headers      []string
		reason       string
	}{
		{"the token", "open sesame", []string{"x-gitlab-token", "open sesame"}, ""},
		{"another one", "open sesame", []string{"X-Gitlab-Token", "open sesam"}, "header X-Gitlab-Token holds another token"},
		{"none", "open sesame", nil, "header X-Gitlab-Token is missing"},
		{"an empty one", "open sesame", []string{"X-Gitlab-Token", ""}, "header X-Gitlab-Token is missing"},
		{"two", "sesame", []string{"X-Gitlab-Token", "sesame", "X-Gitlab-Token", "sesame"}, "header X-Gitlab-Token is repeated"},
		{"no secret", "", []string{"X-Gitlab-Token", "s"}, "the plugin has no secret to verify it with"},
		{"no secret and no token", "", []string{"X-Gitlab-Token", ""}, "the plugin has no secret to verify it with"},
	} {
		check(t, test.name, verify, request("{}", test.headers...), test.secret, "{}", test.reason)
	}
}

func TestBodyBounded(t *testing.T) {
	t.Parallel()
	for size, reason := range map[int]string{
		webhook.MaxBody:     "",
		webhook.MaxBody + 1: "its body has more than 10485760 bytes",
	} {
		for _, length := range []int64{int64(size), -1, 1 << 60} { // what the request says
			r := request(strings.Repeat("x", size), "Token", "s")
			r.ContentLength = length
			got, err := webhook.Token(r, "Token", runtime.NewSecret("s"))
			if again, _ := io.ReadAll(r.Body); len(again) != size {
				t.Errorf("%d bytes: %d are left to read", size, len(again))
			}
			if reason != "" && (!errors.Is(err, webhook.ErrSignature) || !strings.HasSuffix(err.Error(), reason)) || reason == "" && (err != nil || len(got) != size) {
				t.Errorf("%d bytes, said to be %d: got %d, %v", size, length, len(got), err)
			}
		}
	}
}

func TestBodyUnreadable(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection is broken")
	r := request("", "Token", "s")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)))
	_, err := webhook.Token(r, "Token", runtime.NewSecret("s"))
	if !errors.Is(err, broken) || errors.Is(err, webhook.ErrSignature) {
		t.Errorf("got %v, want the error of the body alone", err)
	}
	if again, err := io.ReadAll(r.Body); string(again) != "{" || !errors.Is(err, broken) {
		t.Errorf("read %q, %v afterwards", again, err)
	}
	r = &http.Request{Header: http.Header{"Token": {"s"}}}
	if body, err := webhook.Token(r, "Token", runtime.NewSecret("s")); len(body) != 0 || err != nil {
		t.Errorf("without a body: got %q, %v", body, err)
	}
}

// TestBodyReadBefore verifies a request whose body the author has read.
func TestBodyReadBefore(t *testing.T) {
	t.Parallel()
	r := request("{}", "Token", "s")
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		t.Fatal(err)
	}
	_, err := webhook.Token(r, "Token", runtime.NewSecret("s"))
	if err == nil || errors.Is(err, webhook.ErrSignature) || !strings.Contains(err.Error(), "verify it first") {
		t.Errorf("got %v, want an error that says to verify first, and does not match ErrSignature", err)
	}
}

// TestReadTwice verifies a request twice, such as with the secrets of two apps.
func TestReadTwice(t *testing.T) {
	t.Parallel()
	r := request("{}", "Token", "new")
	if _, err := webhook.Token(r, "Token", runtime.NewSecret("old")); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("got %v", err)
	}
	first, _ := webhook.Token(r, "Token", runtime.NewSecret("new"))
	second, err := webhook.Token(r, "Token", runtime.NewSecret("new"))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("got %q, then %q, %v", first, second, err)
	}
}
