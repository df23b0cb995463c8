package authcode_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

func TestResponses(t *testing.T) {
	t.Parallel()
	never := time.Time{}
	for _, test := range []struct {
		name, body string
		expires    time.Time
		want       string // an error
	}{
		{"no expiry", `{"access_token":"s3cret"}`, never, ""},
		{"null expiry", `{"access_token":"s3cret","expires_in":null}`, never, ""},
		{"text", `{"access_token":"s3cret","expires_in":" 3600 "}`, start.Add(time.Hour), ""},
		{"float", `{"access_token":"s3cret","expires_in":3600.9}`, start.Add(time.Hour), ""},
		{"exponent", `{"access_token":"s3cret","expires_in":3.6e3}`, start.Add(time.Hour), ""},
		{"zero, with a refresh token", `{"access_token":"s3cret","refresh_token":"s3cret","expires_in":0}`, start.Add(2 * time.Minute), ""},
		{"zero, without", `{"access_token":"s3cret","expires_in":0}`, never, ""},
		{"negative", `{"access_token":"s3cret","refresh_token":"s3cret","expires_in":-5}`, start.Add(2 * time.Minute), ""},
		{"tiny", `{"access_token":"s3cret","expires_in":1}`, start.Add(2 * time.Minute), ""},
		{"huge", `{"access_token":"s3cret","expires_in":1e300}`, never, ""},
		{"not a number", `{"access_token":"s3cret","expires_in":"soon"}`, never, ""},
		{"form", `access_token=s3cret&expires_in=3600&scope=a+b`, start.Add(time.Hour), ""},
		{"JSON with a mark", "\ufeff {\"access_token\":\"s3cret\"}", never, ""},
		{"HTML", `<html>access_token=s3cret`, never, "neither JSON nor form-encoded"},
		{"empty", ` `, never, "the token response is empty"},
		{"a list", `["s3cret"]`, never, "neither JSON nor form-encoded"},
		{"text only", `s3cret`, never, "neither JSON nor form-encoded"},
		{"broken JSON", `{"access_token":"s3cret`, never, "neither JSON nor form-encoded"},
		{"no token", `{"refresh_token":"s3cret"}`, never, "has no access_token"},
		{"token is null", `{"access_token":null}`, never, "has no access_token"},
		{"token is an object", `{"access_token":{"s3cret":1}}`, never, "has no access_token"},
		{"refused with 200", `{"error":"bad_code","error_description":"s3cret-code\nis\twrong"}`, never, "returned bad_code: [redacted] is wrong [status 200]"},
		{"refused in a form", `error=bad_code&error_description=No`, never, "returned bad_code: No [status 200]"},
		{"no error, in words", `{"error":false,"access_token":"s3cret"}`, never, ""},
		{"no error, in a number", `{"error":0,"access_token":"s3cret"}`, never, ""},
		{"token is a boolean", `{"access_token":true}`, never, "has no access_token"},
		{"expiry of its own", `{"access_token":"s3cret","expires_at":"2026-01-01T00:00:00Z"}`, never, ""},
		{"refused with all it knows", `{"error":"x","access_token":"tok/en-1","error_description":"tok/en-1 tok%2Fen-1 czNjcmV0LWNvZGU= s3cret-client"}`, never, "returned x: [redacted] [redacted] [redacted] [redacted]"},
		{"refused with ok", `{"ok":false,"error":"invalid_code"}`, never, "returned invalid_code [status 200]"},
		{"refused with an object", `{"error":{"code":190,"message":"Invalid"}}`, never, "returned 190: Invalid [status 200]"},
		{"huge body", `{"access_token":"` + strings.Repeat("s3cret", 1<<18), never, "larger than 1 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := respond(t, test.body)
			_, back := authorize(t, c)
			result, err := exchange(t, c, back)
			if test.want != "" {
				check(t, err, test.want)
				return
			}
			if err != nil || result.Credentials.access.Reveal() != "s3cret" || !result.ExpiresAt.Equal(test.expires) {
				t.Errorf("got %v, %v, want %v", result.ExpiresAt, err, test.expires)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status            int
		body, want        string
		unreachable, over bool // over: the user has to authorize again
	}{
		{400, `{"error":"invalid_grant","error_description":"expired"}`, "authorize again: the authorization server returned invalid_grant: expired [status 400]", false, true},
		{401, `{"error":"invalid_client"}`, "the authorization server returned invalid_client [status 401]", false, false},
		{400, `{"code":"validation_error","message":"no"}`, "returned validation_error: no [status 400]", false, false},
		{404, `<html>s3cret`, "the token endpoint returned status 404", false, false},
		{429, `{"error":"rate_limited"}`, "the token endpoint returned status 429", true, false},
		{400, `{"error":"temporarily_unavailable"}`, "the token endpoint returned status 400", true, false},
		{200, `{"error":"bad_refresh_token"}`, "authorize again: the authorization server returned bad_refresh_token", false, true},
		{400, `{"error":"own_word"}`, "authorize again: the authorization server returned own_word", false, true},
		{429, `s3cret`, "the token endpoint returned status 429", true, false},
		{503, `{"error":"temporarily_unavailable"}`, "the token endpoint returned status 503", true, false},
		{500, `{"error":"invalid_grant"}`, "authorize again", false, true},
		{302, ``, "the token endpoint redirects, with status 302", false, false},
	} {
		t.Run(fmt.Sprint(test.status, test.body), func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			c := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			c.Reauthorize = func(e *authcode.Error) bool { return e.Code == "own_word" }
			_, err := c.Refresh(t.Context(), redirect, app, creds{refresh: runtime.NewSecret("s3cret-2")})
			check(t, err, test.want)
			if errors.Is(err, runtime.ErrUnreachable) != test.unreachable || errors.Is(err, authcode.ErrReauthorize) != test.over {
				t.Errorf("%v: unreachable %v, over %v", err, !test.unreachable, !test.over)
			}
			want := int32(1)
			if test.status == http.StatusServiceUnavailable {
				want = 2
			}
			if calls.Load() != want {
				t.Errorf("%d calls", calls.Load())
			}
			calls.Store(0)
			_, back := authorize(t, c)
			_, err = exchange(t, c, back)
			if err == nil || errors.Is(err, authcode.ErrReauthorize) || calls.Load() != 1 {
				t.Errorf("exchange: %v after %d calls", err, calls.Load())
			}
		})
	}
}
