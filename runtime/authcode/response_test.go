package authcode_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// TestResponses checks responses of odd and hostile servers with status 200.
func TestResponses(t *testing.T) {
	t.Parallel()
	const (
		unknown = "in an unknown way"
		noToken = "has no access_token"
		noParse = "neither JSON nor form-encoded"
	)
	never, hour, soon := time.Time{}, start.Add(time.Hour), start.Add(2*time.Minute)
	token := func(more string) string { return `{"access_token":"s3cret",` + more + `}` }
	both := func(more string) string { return token(`"refresh_token":"s3cret",` + more) }
	for _, test := range []struct {
		name, body string
		expires    time.Time
		want       string // an error
	}{
		{"no expiry", `{"access_token":"s3cret"}`, never, ""},
		{"no expiry, with a refresh token", `{"access_token":"s3cret","refresh_token":"s3cret"}`, hour, ""},
		{"null expiry", token(`"expires_in":null`), never, ""},
		{"empty expiry", token(`"expires_in":""`), never, ""},
		{"text", token(`"expires_in":" 3600 "`), hour, ""},
		{"float", token(`"expires_in":3600.9`), hour, ""},
		{"exponent", token(`"expires_in":3.6e3`), hour, ""},
		{"zero, with a refresh token", both(`"expires_in":0`), soon, ""},
		{"zero, without", token(`"expires_in":0`), never, ""},
		{"negative", both(`"expires_in":-5`), soon, ""},
		{"negative, without a refresh token", token(`"expires_in":-1`), never, ""},
		{"very negative", both(`"expires_in":-99999999`), never, unknown},
		{"tiny", token(`"expires_in":1`), soon, ""},
		{"huge", token(`"expires_in":1e308`), never, unknown},
		{"too huge for a number", token(`"expires_in":1e999`), never, unknown},
		{"not a number", token(`"expires_in":"NaN"`), never, unknown},
		{"infinity", token(`"expires_in":"Infinity"`), never, unknown},
		{"words", token(`"expires_in":"soon"`), never, unknown},
		{"a list", token(`"expires_in":[3600]`), never, unknown},
		{"an object", token(`"expires_in":{"s":3600}`), never, unknown},
		{"a flag", token(`"expires":true`), never, ""},
		{"a flag beside it", token(`"expires":true,"expires_at":1800003600`), hour, ""},
		{"camel case", token(`"expiresIn":3600`), hour, ""},
		{"expire_in", token(`"expire_in":3600`), hour, ""},
		{"expireIn", token(`"expireIn":"3600"`), hour, ""},
		{"expires, seconds that are left", token(`"expires":3600`), hour, ""},
		{"expires, seconds", token(`"expires":1800003600`), hour, ""},
		{"expires, milliseconds", token(`"expires":1800003600000`), hour, ""},
		{"expires_at, seconds", token(`"expires_at":1800003600`), hour, ""},
		{"expires_at, milliseconds", token(`"expires_at":1800003600123`), hour, ""},
		{"expires_at, text", token(`"expires_at":"1800003600"`), hour, ""},
		{"expires_at, microseconds", token(`"expires_at":1800003600000000`), never, unknown},
		{"expires_at, a date", token(`"expires_at":"` + hour.UTC().Format(time.RFC3339) + `"`), hour, ""},
		{"expires, a date of HTTP", token(`"expires":"` + hour.UTC().Format(http.TimeFormat) + `"`), hour, ""},
		{"expires_at, a date in the past", token(`"expires_at":"2026-01-01T00:00:00Z"`), never, unknown},
		{"expires_at, seconds in the past", token(`"expires_at":1700000000`), never, unknown},
		{"expires_at, of a slow clock", both(`"expires_at":1799999000`), soon, ""},
		{"expires_at, the year 9999", both(`"expires_at":253402300799`), never, ""},
		{"expires_on", token(`"expires_on":"1800003600"`), hour, ""},
		{"lifetime and time", token(`"expires_at":1800009999,"expires_in":3600`), hour, ""},
		{"lifetime of decades", token(`"expires_in":1500000000`), start.Add(1500000000 * time.Second), ""},
		{"expiry in data", both(`"data":{"expires_in":3600}`), hour, ""},
		{"all in data", `{"code":0,"message":"success","data":{"access_token":"s3cret","expires_in":3600,"refresh_token":"s3cret"}}`, hour, ""},
		{"data without a token", `{"data":{"expires_in":3600}}`, never, noToken},
		{"form", `access_token=s3cret&expires_in=3600&scope=a+b`, hour, ""},
		{"JSON with a mark", "\ufeff {\"access_token\":\"s3cret\"}", never, ""},
		{"HTML", `<html>access_token=s3cret`, never, noParse},
		{"empty", ` `, never, "the token response is empty"},
		{"null", `null`, never, noParse},
		{"a list of tokens", `["s3cret"]`, never, noParse},
		{"text only", `s3cret`, never, noParse},
		{"broken JSON", `{"access_token":"s3cret`, never, noParse},
		{"two objects", `{"access_token":"s3cret"}{"error":"x"}`, never, noParse},
		{"deep JSON", `{"access_token":"s3cret","x":` + strings.Repeat("[", 20000) + `}`, never, "the token response has more than 10,000 values"},
		{"broken form", `access_token=%zzs3cret`, never, noParse},
		{"no token", `{"refresh_token":"s3cret"}`, never, noToken},
		{"token is null", `{"access_token":null}`, never, noToken},
		{"token is empty", `{"access_token":""}`, never, noToken},
		{"token is an object", `{"access_token":{"s3cret":1}}`, never, noToken},
		{"token is a number", `{"access_token":12345}`, never, noToken},
		{"token is a boolean", `{"access_token":true}`, never, noToken},
		{"token with a line", `{"access_token":"s3cret\nX-Evil: 1"}`, never, "control characters in access_token"},
		{"refresh token with a control character", `{"access_token":"s3cret","refresh_token":"s3\u0000cret"}`, never, "control characters in refresh_token"},
		{"bearer, in another case", token(`"token_type":"BEARER"`), never, ""},
		{"another type", token(`"token_type":"mac"`), never, "a token_type other than Bearer"},
		{"an allowed type", token(`"token_type":"Bot"`), never, ""},
		{"type is null", token(`"token_type":null`), never, ""},
		{"refused with 200", `{"error":"bad_code","error_description":"s3cret-code\nis\twrong"}`, never, "returned bad_code: [redacted] is wrong [status 200]"},
		{"refused in a form", `error=bad_code&error_description=No`, never, "returned bad_code: No [status 200]"},
		{"no error, in words", token(`"error":false`), never, ""},
		{"no error, in a number", token(`"error":0`), never, ""},
		{"refused with all it knows", `{"error":"x","access_token":"tok/en-1","error_description":"tok/en-1 tok%2Fen-1 czNjcmV0LWNvZGU= s3cret-client"}`, never, "returned x: [redacted] [redacted] [redacted] [redacted]"},
		{"refused with ok", `{"ok":false,"error":"invalid_code"}`, never, "returned invalid_code [status 200]"},
		{"refused with ok alone", `{"ok":false}`, never, "returned an error without a code [status 200]"},
		{"refused with success", `{"success":false,"message":"No"}`, never, "returned an error without a code: No [status 200]"},
		{"refused with true", `{"error":true,"message":"No"}`, never, "returned an error without a code: No [status 200]"},
		{"refused with an object", `{"error":{"code":190,"message":"Invalid"}}`, never, "returned 190: Invalid [status 200]"},
		{"refused with an object's type", `{"error":{"type":"OAuthException","message":"Invalid"}}`, never, "returned OAuthException: Invalid [status 200]"},
		{"refused with a message alone", `{"error":{"message":"Invalid"}}`, never, "returned an error without a code: Invalid [status 200]"},
		{"errcode", `{"errcode":40001,"errmsg":"invalid credential"}`, never, "returned 40001: invalid credential [status 200]"},
		{"errcode 0", token(`"errcode":0,"errmsg":"ok"`), never, ""},
		{"code", `{"code":99991663,"msg":"token invalid"}`, never, "returned 99991663: token invalid [status 200]"},
		{"code 0", token(`"code":0,"msg":"success"`), never, ""},
		{"code 200", `{"code":200,"message":"OK","data":{"access_token":"s3cret"}}`, never, ""},
		{"code 200 without a token", `{"code":200,"message":"OK"}`, never, noToken},
		{"code that is text", `{"code":"expired","message":"The code has expired"}`, never, "returned expired: The code has expired [status 200]"},
		{"code that belongs to something else", token(`"code":"DE"`), never, ""},
		{"many values", `{"access_token":"s3cret","x":[` + strings.Repeat("{},", 300_000) + `{}]}`, never, "the token response has more than 10,000 values"},
		{"huge body", `{"access_token":"` + strings.Repeat("s3cret", 1<<18), never, "larger than 1 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := respond(t, test.body)
			c.TokenTypes = []string{"bot"}
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

// TestLifetime checks what the configuration says about expiry.
func TestLifetime(t *testing.T) {
	t.Parallel()
	const plain, refreshable = `{"access_token":"s3cret"}`, `{"access_token":"s3cret","refresh_token":"s3cret"}`
	nested := func(r authcode.TokenResponse) (time.Time, error) { return r.Time("token", "ttl") }
	for _, test := range []struct {
		name, body string
		change     func(*config)
		expires    time.Time
		want       string
	}{
		{"lifetime", plain, func(c *config) { c.Lifetime = 2 * time.Hour }, start.Add(2 * time.Hour), ""},
		{"lifetime, and said", `{"access_token":"s3cret","expires_in":3600}`, func(c *config) { c.Lifetime = 2 * time.Hour }, start.Add(time.Hour), ""},
		{"lasting", refreshable, func(c *config) { c.Lasting = true }, time.Time{}, ""},
		{"lasting, and said", `{"access_token":"s3cret","expires_in":3600}`, func(c *config) { c.Lasting = true }, start.Add(time.Hour), ""},
		{"expiry", `{"access_token":"s3cret","token":{"ttl":600}}`, func(c *config) { c.Expiry = nested }, start.Add(10 * time.Minute), ""},
		{"expiry is not there", refreshable, func(c *config) { c.Expiry = nested }, start.Add(time.Hour), ""},
		{"nonsense under the usual names", `{"access_token":"s3cret","expires_in":"soon"}`, func(c *config) { c.Expiry = nested }, time.Time{}, ""},
		{"expiry is elsewhere", `{"access_token":"s3cret","expires_in":600}`, func(c *config) { c.Expiry = nested }, start.Add(10 * time.Minute), ""},
		{"expiry comes first", `{"access_token":"s3cret","expires_in":600,"token":{"ttl":1200}}`, func(c *config) { c.Expiry = nested }, start.Add(20 * time.Minute), ""},
		{"expiry is the whole path", `{"data":{"access_token":"s3cret","token":{"ttl":600}}}`, func(c *config) { c.Expiry = nested }, time.Time{}, ""},
		{"expiry fails", `{"access_token":"s3cret","token":{"ttl":"soon"}}`, func(c *config) { c.Expiry = nested }, time.Time{}, "in an unknown way"},
		{"refresh token from elsewhere", plain, func(c *config) {
			c.Fields = func(client, authcode.TokenResponse) (map[string]any, error) {
				return map[string]any{"refresh_token": "s3cret"}, nil
			}
		}, start.Add(time.Hour), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := respond(t, test.body)
			test.change(c)
			_, back := authorize(t, c)
			result, err := exchange(t, c, back)
			if test.want != "" {
				check(t, err, test.want)
				return
			}
			unix := ""
			if !test.expires.IsZero() {
				unix = strconv.FormatInt(test.expires.Unix(), 10)
			}
			if err != nil || !result.ExpiresAt.Equal(test.expires) || result.Credentials.expiresAt != unix {
				t.Errorf("got %v, %q, %v, want %v", result.ExpiresAt, result.Credentials.expiresAt, err, test.expires)
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
		{400, ``, "authorize again: the token endpoint returned status 400", false, true},
		{401, ` `, "authorize again: the token endpoint returned status 401", false, true},
		{401, `<html>s3cret`, "the token endpoint returned status 401", false, false},
		{403, ``, "the token endpoint returned status 403", false, false},
		{400, `{"message":"Bad verification code"}`, "returned an error without a code: Bad verification code [status 400]", false, false},
		{401, `{"error":{"code":401,"message":"Unauthorized"}}`, "returned 401: Unauthorized [status 401]", false, false},
		{200, `{"errcode":40029,"errmsg":"invalid code"}`, "authorize again: the authorization server returned 40029: invalid code [status 200]", false, true},
		{500, `{"error":"own_word"}`, "authorize again: the authorization server returned own_word", false, true},
		{500, `{"error":"other_word"}`, "the token endpoint returned status 500", true, false},
		{500, `s3cret`, "the token endpoint returned status 500", true, false},
		{206, `{"error":"x"}`, "returned x [status 206]", false, false},
		{204, ``, "the token response is empty", false, false},
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
			c.Reauthorize = func(e *authcode.Error) bool { return e.Code == "own_word" || e.Code == "40029" }
			_, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, creds{refresh: runtime.NewSecret("s3cret-2")})
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
