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

// Answer is what a token endpoint gave out. Nothing prints it.
type Answer struct {
	AccessToken  runtime.Secret
	RefreshToken runtime.Secret // zero if none was sent
	IDToken      runtime.Secret // of OpenID Connect, not verified
	TokenType    string
	Scope        string    // granted, with spaces between; as before or as asked for if the answer does not say
	ExpiresAt    time.Time // zero for never

	values map[string]any
}

// Value returns what the answer holds under a key: a string, json.Number, bool,
// []any, map[string]any or nil. It may be a secret.
func (a Answer) Value(key string) any { return a.values[key] }

// Format writes a placeholder for every verb.
func (a Answer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token answer]") }

const (
	// minLifetime is a floor under what servers say: Dify refreshes a token that
	// expires within a minute on every use.
	minLifetime = 2 * time.Minute
	// maxLifetime is more than any server means.
	maxLifetime = 100 * 365 * 24 * time.Hour
)

var errNoAnswer = errors.New("the token endpoint's answer is neither JSON nor a form")

// parseAnswer reads the body of a token endpoint's answer, JSON (RFC 6749, section
// 5.1) or form-encoded, whatever its media type says.
func parseAnswer(body []byte, now time.Time) (Answer, error) {
	values, err := parseValues(body)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{
		AccessToken: secret(values, "access_token"), RefreshToken: secret(values, "refresh_token"), IDToken: secret(values, "id_token"),
		TokenType: scalar(values["token_type"]), Scope: scopeOf(values["scope"]),
		values: values,
	}
	lifetime, limited := lifetimeOf(values["expires_in"])
	switch {
	case !limited:
	case lifetime <= 0 && a.RefreshToken.IsZero():
		// Nothing could be done about a token that is said to have expired.
	default:
		a.ExpiresAt = now.Add(max(lifetime, minLifetime))
	}
	return a, nil
}

func parseValues(body []byte) (map[string]any, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return nil, errors.New("the token endpoint's answer is empty")
	case body[0] == '{':
		var values map[string]any
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&values); err != nil {
			return nil, errNoAnswer // without the text around the fault
		}
		return values, nil
	case body[0] == '<' || body[0] == '[' || !bytes.Contains(body, []byte("=")):
		return nil, errNoAnswer
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errNoAnswer
	}
	values := make(map[string]any, len(form))
	for key := range form {
		values[key] = form.Get(key)
	}
	return values, nil
}

// lifetimeOf reads expires_in, which comes as a number or text; false for none.
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

// scopeOf reads the scope, which some servers send as a list.
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

// scalar spells a value of an answer; "" for what is no text, number or boolean.
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

// secret is a token of an answer, which is a string and nothing else.
func secret(values map[string]any, key string) runtime.Secret {
	s, _ := values[key].(string)
	return runtime.NewSecret(s)
}

// refusal is the error in an answer, nil if there is none. Some servers refuse with
// status 200, or with a boolean beside the error.
func (a Answer) refusal(status int, secrets []string) *Error {
	for _, token := range []runtime.Secret{a.AccessToken, a.RefreshToken, a.IDToken} {
		secrets = append(secrets[:len(secrets):len(secrets)], token.Reveal())
	}
	code := scalar(a.values["error"])
	if a.values["error"] == false || code == "0" {
		code = "" // no error, in the words of some
	}
	description := scalar(a.values["error_description"])
	if nested, ok := a.values["error"].(map[string]any); ok {
		code, description = scalar(nested["code"]), scalar(nested["message"])
	}
	if code == "" && (status < 200 || status > 299) && scalar(a.values["code"]) != "" {
		code, description = scalar(a.values["code"]), scalar(a.values["message"])
	}
	if code == "" {
		return nil
	}
	return newError(code, description, scalar(a.values["error_uri"]), status, secrets...)
}
