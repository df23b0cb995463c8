package authcode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TokenResponse is the response of a token endpoint. Package fmt does not print it.
type TokenResponse struct {
	AccessToken  runtime.Secret
	RefreshToken runtime.Secret // zero if the server sent none
	IDToken      runtime.Secret // of OpenID Connect, not verified
	TokenType    string
	Scope        string    // granted, separated by spaces; if the server sent none, the previous or requested scope
	ExpiresAt    time.Time // zero for never

	values map[string]any
}

// Value returns the member with the given key: a string, json.Number, bool, []any,
// map[string]any or nil. It may be a secret.
func (r TokenResponse) Value(key string) any { return r.values[key] }

// Format writes a placeholder for every verb.
func (r TokenResponse) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token response]") }

const (
	// minLifetime replaces shorter lifetimes: Dify refreshes a token that expires
	// within a minute on every use.
	minLifetime = 2 * time.Minute
	// maxLifetime is the lifetime from which a token counts as never expiring.
	maxLifetime = 100 * 365 * 24 * time.Hour
)

var errNotParsed = errors.New("the token response is neither JSON nor form-encoded")

// parseResponse parses the body of a token response, which is JSON (RFC 6749, section
// 5.1) or form-encoded. It ignores the media type.
func parseResponse(body []byte, now time.Time) (TokenResponse, error) {
	values, err := parseValues(body)
	if err != nil {
		return TokenResponse{}, err
	}
	r := TokenResponse{
		AccessToken: secret(values, "access_token"), RefreshToken: secret(values, "refresh_token"), IDToken: secret(values, "id_token"),
		TokenType: scalar(values["token_type"]), Scope: scopeOf(values["scope"]),
		values: values,
	}
	lifetime, limited := lifetimeOf(values["expires_in"])
	switch {
	case !limited:
	case lifetime <= 0 && r.RefreshToken.IsZero():
		// The token cannot be refreshed, so an expiry would be of no use.
	default:
		r.ExpiresAt = now.Add(max(lifetime, minLifetime))
	}
	return r, nil
}

func parseValues(body []byte) (map[string]any, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return nil, errors.New("the token response is empty")
	case body[0] == '{':
		var values map[string]any
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&values); err != nil {
			return nil, errNotParsed // err would quote the body
		}
		return values, nil
	case body[0] == '<' || body[0] == '[' || !bytes.Contains(body, []byte("=")):
		return nil, errNotParsed
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errNotParsed
	}
	values := make(map[string]any, len(form))
	for key := range form {
		values[key] = form.Get(key)
	}
	return values, nil
}

// lifetimeOf parses expires_in, which may be a number or text. It returns false if there
// is no limit.
func lifetimeOf(v any) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(scalar(v)), 64)
	switch {
	case err != nil || math.IsNaN(seconds) || seconds > maxLifetime.Seconds():
		return 0, false
	case seconds < 0:
		return 0, true
	}
	return time.Duration(seconds) * time.Second, true
}

// scopeOf returns the scope as text. Some servers send a list.
func scopeOf(v any) string {
	list, ok := v.([]any)
	if !ok {
		return scalar(v)
	}
	var scopes []string
	for _, item := range list {
		scopes = append(scopes, scalar(item))
	}
	return strings.Join(scopes, " ")
}

// scalar returns a string, number or boolean as text, and "" for anything else.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// secret returns a token, or a zero Secret if the value is not a string.
func secret(values map[string]any, key string) runtime.Secret {
	s, _ := values[key].(string)
	return runtime.NewSecret(s)
}

// refusal returns the error in the response, or nil. Some servers send errors with
// status 200, or with a boolean beside the error.
func (r TokenResponse) refusal(status int, secrets []string) *Error {
	for _, token := range []runtime.Secret{r.AccessToken, r.RefreshToken, r.IDToken} {
		secrets = append(secrets[:len(secrets):len(secrets)], token.Reveal())
	}
	code := scalar(r.values["error"])
	if r.values["error"] == false || code == "0" {
		code = "" // how some servers say that there is no error
	}
	description := scalar(r.values["error_description"])
	if nested, ok := r.values["error"].(map[string]any); ok {
		code, description = scalar(nested["code"]), scalar(nested["message"])
	}
	if code == "" && (status < 200 || status > 299) && scalar(r.values["code"]) != "" {
		code, description = scalar(r.values["code"]), scalar(r.values["message"])
	}
	if code == "" {
		return nil
	}
	return newError(code, description, scalar(r.values["error_uri"]), status, secrets...)
}
