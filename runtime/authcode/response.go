package authcode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TokenResponse is the response of a token endpoint. Code that prints, logs, compares or
// encodes one, alone or inside other values, shows no token.
type TokenResponse struct {
	AccessToken  runtime.Secret
	RefreshToken runtime.Secret // zero if the server sent none
	IDToken      runtime.Secret // of OpenID Connect, not verified
	TokenType    string
	Scope        string    // granted, separated by spaces; if the server sent none, the previous or requested scope
	ExpiresAt    time.Time // zero for never

	members  runtime.Secret // all of the response, as JSON, since any member can be a token
	length   int            // of members
	received time.Time
}

// Value returns the member with the given key or, given several, the one that is nested in
// objects under those keys: a string, json.Number, bool, []any, map[string]any or nil. It may
// be a secret. A form-encoded response has strings only.
func (r TokenResponse) Value(path ...string) any {
	var value any = r.values()
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// Time returns the time at which a token expires that the member under the given keys, as for
// Value, says. It can be the number of seconds that are left; the time in seconds or
// milliseconds since 1970, if that is in 2001 or later; either of them as text; or text as in
// RFC 3339 or in HTTP headers. It returns the zero time if there is no such member, or it is
// null or empty. The keys are the whole path, also below an object data. For anything else,
// there is an error, which does not quote it.
func (r TokenResponse) Time(path ...string) (time.Time, error) {
	return parseExpiry(r.Value(path...), r.received, false)
}

const placeholder = "[token response]"

// Format writes a placeholder for every verb.
func (r TokenResponse) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, placeholder) }

// LogValue returns a placeholder.
func (r TokenResponse) LogValue() slog.Value { return slog.StringValue(placeholder) }

// maxValues limits the number of values in a token response. In small ones, it takes about 35 times
// its size.
const maxValues = 10_000

var (
	errNotParsed = errors.New("the token response is neither JSON nor form-encoded")
	errTooMany   = errors.New("the token response has more than 10,000 values")
)

// newResponse returns the response with those members.
func newResponse(values map[string]any, received time.Time) TokenResponse {
	r := TokenResponse{received: received}
	r.set(values)
	return r
}

// set sets all that is taken from the members of a response.
func (r *TokenResponse) set(values map[string]any) {
	all, _ := json.Marshal(values) // has been decoded from JSON or a form
	r.members, r.length = runtime.NewSecret(string(all)), len(all)
	values = unwrapped(values)
	r.AccessToken, r.RefreshToken, r.IDToken = secret(values, "access_token"), secret(values, "refresh_token"), secret(values, "id_token")
	r.TokenType, r.Scope = scalar(values["token_type"]), scopeOf(values["scope"])
}

// values returns the members of the response.
func (r TokenResponse) values() map[string]any {
	values, _ := decodeObject([]byte(r.members.Reveal()))
	return values
}

// only returns the response without the other members.
func (r TokenResponse) only(isKept func(name string) bool) TokenResponse {
	values := unwrapped(r.values())
	maps.DeleteFunc(values, func(name string, _ any) bool { return !isKept(name) })
	r.set(values)
	return r
}

// shareOverhead is how much memory a response that is kept takes besides its members.
const shareOverhead = 1 << 10

// size returns how much memory the response takes, in bytes. It has tokens twice.
func (r TokenResponse) size() int { return shareOverhead + 2*r.length }

// unwrapped returns the members of a response. Those of an object data are on a level with
// the others if it has the access token, as with TikTok and Lark.
func unwrapped(values map[string]any) map[string]any {
	data, _ := values["data"].(map[string]any)
	if _, isWrapped := data["access_token"].(string); !isWrapped || values["access_token"] != nil {
		return values
	}
	all := make(map[string]any, len(values)+len(data))
	maps.Copy(all, values)
	delete(all, "data")
	maps.Copy(all, data)
	return all
}

// parseValues parses the body of a token response, which is JSON (RFC 6749, section
// 5.1) or form-encoded. It ignores the media type.
func parseValues(body []byte) (map[string]any, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return nil, errors.New("the token response is empty")
	case body[0] == '{' && countValues(body) > maxValues:
		return nil, errTooMany
	case body[0] == '{':
		return decodeObject(body)
	case body[0] == '<' || body[0] == '[' || !bytes.Contains(body, []byte("=")):
		return nil, errNotParsed
	case bytes.Count(body, []byte("&")) >= maxValues:
		return nil, errTooMany
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errNotParsed
	}
	values := make(map[string]any, len(form))
	for key := range form { // as for JSON, what is not UTF-8 is replaced
		values[strings.ToValidUTF8(key, "\ufffd")] = strings.ToValidUTF8(form.Get(key), "\ufffd")
	}
	return values, nil
}

// countValues returns how many values there are in JSON, with objects and lists. An empty one of
// those counts as two. For what is not JSON, the number means nothing.
func countValues(body []byte) int {
	count, quoted := 1, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == '{' || c == '[' || c == ','):
			count++
		}
	}
	return count
}

// decodeObject decodes a JSON object.
func decodeObject(body []byte) (map[string]any, error) {
	var values map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&values); err != nil {
		return nil, errNotParsed // err would quote the body
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotParsed
	}
	return values, nil
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
