package authcode

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestRootKey checks that the key is the same in every process, and depends on all of the
// client.
func TestRootKey(t *testing.T) {
	t.Parallel()
	keys := make(map[string]bool)
	for _, c := range [][2]string{{"id", "secret"}, {"id", "secret2"}, {"id2", "secret"}, {"ids", "ecret"}} {
		key, err := roots.of(t.Context(), c[0], runtime.NewSecret(c[1]))
		if err != nil {
			t.Fatal(err)
		}
		keys[string(key)] = true
	}
	if len(keys) != 4 {
		t.Errorf("4 clients have %d keys", len(keys))
	}
	key, err := roots.of(t.Context(), "id", runtime.NewSecret("secret"))
	if got, want := base64.StdEncoding.EncodeToString(key), "Hk2DOa6Q3RqEttTxUhAHIuWUsuARNCL85d0QpjJsBHw="; err != nil || got != want {
		t.Errorf("got %s, %v, want %s as before: states of other processes would not be valid", got, err, want)
	}
}

// counted derives keys that are quick to make, and counts how often.
type counted struct {
	*rootKeys

	takes   time.Duration // of fake time
	mutex   sync.Mutex
	times   map[string]int // by secret
	running int
	most    int // at the same time
}

func newCounted(takes time.Duration) *counted {
	c := &counted{takes: takes, times: make(map[string]int)}
	c.rootKeys = newRootKeys(func(_ string, secret runtime.Secret) ([]byte, error) {
		c.mutex.Lock()
		c.running++
		c.most = max(c.most, c.running)
		c.times[secret.Reveal()]++
		c.mutex.Unlock()
		time.Sleep(c.takes) // fake
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.running--
		if secret.Reveal() == "bad" {
			return nil, errors.New("it is bad")
		}
		return []byte(secret.Reveal()), nil
	})
	return c
}

// get returns the key of a client, and how long that takes.
func (c *counted) get(ctx context.Context, t *testing.T, secret string) (time.Duration, error) {
	t.Helper()
	start := time.Now()
	key, err := c.of(ctx, "id", runtime.NewSecret(secret))
	if err == nil && string(key) != secret {
		t.Errorf("the key of %s is %s", secret, key)
	}
	return time.Since(start), err
}

// TestRootKeysWait checks that keys are derived one at a time and once for equal secrets, that known
// clients never wait, and that others wait until their context is done.
func TestRootKeysWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounted(time.Second)
		if took, err := c.get(t.Context(), t, "known"); err != nil || took != time.Second {
			t.Errorf("the first client: %v after %v", err, took)
		}
		var group sync.WaitGroup
		for i := range 150 {
			for range 3 {
				group.Go(func() {
					if _, err := c.get(t.Context(), t, strconv.Itoa(i)); err != nil {
						t.Error(err)
					}
				})
			}
		}
		synctest.Wait()
		if took, err := c.get(t.Context(), t, "known"); err != nil || took != 0 {
			t.Errorf("a known client among others: %v after %v", err, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		group.Go(func() { _, _ = c.get(ctx, t, "shared") })
		if took, err := c.get(ctx, t, "impatient"); !errors.Is(err, context.DeadlineExceeded) || took != 10*time.Second {
			t.Errorf("an impatient client: %v after %v", err, took)
		}
		if _, err := c.get(ctx, t, "late"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that is done: %v", err)
		}
		if took, err := c.get(ctx, t, "known"); err != nil || took != 0 {
			t.Errorf("a known client: %v after %v", err, took)
		}
		group.Wait()
		if len(c.times) != 151 || c.most != 1 || len(c.pending) != 0 || len(c.turn) != 0 {
			t.Errorf("%d secrets, %d at the same time, %d pending", len(c.times), c.most, len(c.pending))
		}
		for secret, n := range c.times {
			if n != 1 {
				t.Errorf("%s is derived %d times", secret, n)
			}
		}
	})
}

// TestRootKeyIsShared checks that a derivation goes on for the callers that are left and, once it
// runs, for those to come.
func TestRootKeyIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounted(time.Second)
		brief, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := c.get(brief, t, "running"); err == nil {
				t.Error("a caller waits after its context is done")
			}
		})
		synctest.Wait()
		for _, ctx := range []context.Context{brief, t.Context()} {
			group.Go(func() {
				if took, err := c.get(ctx, t, "waiting"); (err == nil) != (took == 2*time.Second) || (err == nil) != (ctx != brief) {
					t.Errorf("a caller that waits: %v after %v", err, took)
				}
			})
		}
		group.Wait()
		if took, err := c.get(t.Context(), t, "running"); err != nil || took != 0 || c.times["running"] != 1 || c.times["waiting"] != 1 {
			t.Errorf("the abandoned key: %v after %v, derived %d times", err, took, c.times["running"])
		}
		for range 2 {
			if _, err := c.get(t.Context(), t, "bad"); err == nil {
				t.Error("an error is lost")
			}
		}
		if c.times["bad"] != 2 {
			t.Error("an error is kept")
		}
	})
}

// TestRootKeysAreLimited checks which keys are kept: those that were used last and, whatever comes,
// those of proven clients, of which there may be maxRoots as well.
func TestRootKeysAreLimited(t *testing.T) {
	t.Parallel()
	c := newCounted(0)
	get := func(secret string) {
		if _, err := c.get(t.Context(), t, secret); err != nil {
			t.Error(err)
		}
	}
	flood := func(from string) {
		for i := range 3 * maxRoots {
			get(from + strconv.Itoa(i))
			if i%(maxRoots/2) == 0 {
				get("used")
			}
		}
	}
	for _, secret := range []string{"proven", "used", "unused"} {
		get(secret)
	}
	c.prove("id", runtime.NewSecret("proven"))
	c.prove("id", runtime.NewSecret("unknown"))
	flood("a")
	for _, secret := range []string{"proven", "used", "unused"} {
		get(secret)
	}
	if c.times["proven"] != 1 || c.times["used"] != 1 || c.times["unused"] != 2 {
		t.Errorf("proven, used and unused keys are derived %d, %d and %d times, want 1, 1 and 2", c.times["proven"], c.times["used"], c.times["unused"])
	}
	for i := range maxRoots {
		secret := "b" + strconv.Itoa(i)
		get(secret)
		c.prove("id", runtime.NewSecret(secret))
	}
	if get("proven"); c.times["proven"] != 1 {
		t.Error("the key of a client that was proven before many others is dropped at once")
	}
	flood("c")
	if get("proven"); c.times["proven"] != 2 {
		t.Error("the key of a client that was proven before many others is kept forever")
	}
	if n, p := c.others.Len(), c.proven.Len(); n != maxRoots || p != maxRoots || len(c.keys) != n+p {
		t.Errorf("%d keys of proven clients and %d others are kept, and %d in all", p, n, len(c.keys))
	}
}

// TestExchangeProves checks that a client is proven when the server has given a token for a code,
// and not when somebody calls back with a state.
func TestExchangeProves(t *testing.T) {
	t.Parallel()
	f, secret, body := fuzzFlow(time.Now()), rand.Text(), `{"error":"invalid_grant"}`
	author := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
	})}
	flow := MustNew(f.decode, Config[anyClient, fuzzCreds]{Endpoint: f.config.Endpoint, HTTPClient: author})
	client := anyClient{"client_id": "id", "client_secret": secret}
	exchange := func() error {
		address, err := flow.OAuthGetAuthorizationURL(t.Context(), fuzzRedirect, client)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		back := url.Values{"code": {"c"}, "state": {u.Query().Get("state")}}
		_, err = flow.OAuthGetCredentials(t.Context(), fuzzRedirect, client, &http.Request{URL: &url.URL{RawQuery: back.Encode()}})
		return err
	}
	isProven := func() bool {
		roots.mutex.Lock()
		defer roots.mutex.Unlock()
		return roots.keys[rootNameOf("id", runtime.NewSecret(secret))].Value.(*rootKey).in == roots.proven
	}
	if err := exchange(); err == nil || isProven() {
		t.Errorf("a code that the server refuses: %v, proven %t", err, isProven())
	}
	body = `{"access_token":"x"}`
	if err := exchange(); err != nil || !isProven() {
		t.Errorf("a code that the server accepts: %v, proven %t", err, isProven())
	}
}

type anyClient map[string]any

func (c anyClient) Values() map[string]any { return c }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestContext checks that the flow gives up a client that is new to the process when the context
// is done.
func TestContext(t *testing.T) {
	t.Parallel()
	flow := MustNew(fuzzFlow(time.Now()).decode, Config[anyClient, fuzzCreds]{Endpoint: fuzzFlow(time.Now()).config.Endpoint})
	client := anyClient{"client_id": "id", "client_secret": rand.Text()}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := flow.OAuthGetAuthorizationURL(ctx, fuzzRedirect, client); !errors.Is(err, context.Canceled) {
		t.Errorf("the authorization URL: %v", err)
	}
	back := url.Values{"code": {"c"}, "state": {strings.Repeat("A", 75)}}
	_, err := flow.OAuthGetCredentials(ctx, fuzzRedirect, client, &http.Request{URL: &url.URL{RawQuery: back.Encode()}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the credentials: %v", err)
	}
}

// BenchmarkRootKey measures what a client costs once, and what a guess of its secret costs.
func BenchmarkRootKey(b *testing.B) {
	for b.Loop() {
		if _, err := deriveRoot("id", runtime.NewSecret("secret")); err != nil {
			b.Fatal(err)
		}
	}
}
