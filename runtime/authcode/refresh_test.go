package authcode_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

func TestRefresh(t *testing.T) {
	t.Parallel()
	old := creds{access: runtime.NewSecret("s3cret-1"), refresh: runtime.NewSecret("s3cret-2"), team: "7", expiresAt: "1", clientSecret: "s3cret-x"}
	hour := strconv.FormatInt(start.Add(time.Hour).Unix(), 10) // what the server does not say
	for _, test := range []struct {
		name, body string
		want       creds
	}{
		{"kept", `{"access_token":"s3cret-3"}`, creds{access: runtime.NewSecret("s3cret-3"), refresh: runtime.NewSecret("s3cret-2"), team: "7", scope: "read write", expiresAt: hour}},
		{"empty is kept", `{"access_token":"s3cret-3","refresh_token":""}`, creds{access: runtime.NewSecret("s3cret-3"), refresh: runtime.NewSecret("s3cret-2"), team: "7", scope: "read write", expiresAt: hour}},
		{"rotated", `{"access_token":"s3cret-3","refresh_token":"s3cret-4"}`, creds{access: runtime.NewSecret("s3cret-3"), refresh: runtime.NewSecret("s3cret-4"), team: "7", scope: "read write", expiresAt: hour}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var form url.Values
			c := startServer(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				form = r.PostForm
				fmt.Fprint(w, test.body)
			})
			c.TokenParams = map[string]string{"audience": "api"}
			result, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, old)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, result.Credentials, cmp.AllowUnexported(creds{})); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
			want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"s3cret-2"}, "client_id": {"client-id"}, "client_secret": {"s3cret-client"}, "audience": {"api"}}
			if diff := cmp.Diff(want, form); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
	_, err := flow(t, respond(t, `{"refresh_token":"s3cret-4"}`)).OAuthRefreshCredentials(t.Context(), redirect, app, old)
	check(t, err, "has no access_token")
	_, err = flow(t, respond(t, ``)).OAuthRefreshCredentials(t.Context(), redirect, app, creds{access: runtime.NewSecret("s3cret-1")})
	check(t, err, "authorize again: there is no refresh token")
	if !errors.Is(err, authcode.ErrReauthorize) {
		t.Errorf("%v does not say that the user must authorize again", err)
	}
	c := startServer(t, func(http.ResponseWriter, *http.Request) { t.Error("a request is made") })
	c.Lasting = true
	result, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, creds{access: runtime.NewSecret("s3cret-1")})
	if err != nil || result.Credentials.access.Reveal() != "s3cret-1" || !result.ExpiresAt.IsZero() {
		t.Errorf("a lasting token: %v, %v", result, err)
	}
}

// TestRefreshIsShared refreshes one token many times, with a server that rotates it and
// treats a second use as theft.
func TestRefreshIsShared(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	c := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) > 1 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"s3cret-3","refresh_token":"s3cret-4"}`)
	})
	old := creds{refresh: runtime.NewSecret("s3cret-2")}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			result, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, old)
			if err != nil || result.Credentials.refresh.Reveal() != "s3cret-4" {
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	if calls.Load() != 1 {
		t.Errorf("%d requests", calls.Load())
	}
	// A different request is not shared, such as one with a wrong client secret.
	_, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, client{app.id, "s3cret-other"}, old)
	check(t, err, "invalid_grant")
	c.TokenParams = map[string]string{"audience": "x"}
	_, err = flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, old)
	check(t, err, "invalid_grant")
}

// TestCanceledRefresh cancels a refresh after the server has received the token. The
// next refresh must get the response.
func TestCanceledRefresh(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	var calls atomic.Int32
	c := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		close(arrived)
		<-release
		fmt.Fprint(w, `{"access_token":"s3cret-3","refresh_token":"s3cret-4"}`)
	})
	old := creds{refresh: runtime.NewSecret("s3cret-gave-up")}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := flow(t, c).OAuthRefreshCredentials(ctx, redirect, app, old)
		first <- err
	}()
	<-arrived
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) || errors.Is(err, runtime.ErrUnreachable) {
		t.Errorf("the first: %v", err)
	}
	close(release)
	result, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, old)
	if err != nil || result.Credentials.refresh.Reveal() != "s3cret-4" || calls.Load() != 1 {
		t.Errorf("the second: %v after %d requests", err, calls.Load())
	}
}
