package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/runtime"
)

// baseModelName is a key that Dify adds to model credentials, besides those that start
// with two underscores.
const baseModelName = "base_model_name"

// longValue is the length in bytes from which an undeclared value among credentials counts as
// a secret, whatever its name: tokens are long.
const longValue = 16

// maxParsed is the length in bytes of the longest secret that is looked into.
const maxParsed = 64 << 10

// credentialFields are the fields of a request and of a subscription that hold credentials.
var credentialFields = []string{"credentials", "system_credentials", "settings", "properties"}

// names tells of each declared name whether its values are secret.
type names map[string]bool

func namesOf(f *runtime.Fields) names {
	n := make(names)
	if f == nil {
		return n
	}
	for _, name := range f.Public {
		n[name] = false
	}
	for _, name := range f.Secret {
		n[name] = true
	}
	return n
}

// secretsOf returns the secrets among the fields of a request or a result: values that are
// declared as secret, and undeclared values that look like one.
func (n names) secretsOf(fields map[string]any) []string {
	c := collector{declared: n}
	c.message(fields)
	return c.list
}

// collector collects secrets.
type collector struct {
	declared names
	looks    map[string]bool // whether undeclared names look like those of secrets
	list     []string
}

// plainFields are the texts of the protocol that most requests have. To look at their names takes
// longer than all else here.
var plainFields = map[string]bool{
	"type": true, "action": true, "user_id": true, "provider": true, "tool": true, "model": true, "model_type": true,
	"credential_type": true, "redirect_uri": true, "endpoint": true, rawHTTPField: true,
}

// message collects the secrets among fields of the protocol. The names of its objects say nothing;
// none of its texts has a name like that of a secret.
func (c *collector) message(fields map[string]any) {
	for field, v := range fields {
		text, isText := v.(string)
		switch sub, isObject := v.(map[string]any); {
		case isText:
			if !plainFields[field] && c.looksSecret(field) {
				c.add(text)
			}
		case isObject && field == "subscription":
			c.message(sub)
		case isObject, isList(v):
			where := elsewhere
			if slices.Contains(credentialFields, field) {
				where = amongCredentials
			}
			c.value(v, where)
		}
	}
}

func isList(v any) bool {
	_, ok := v.([]any)
	return ok
}

// place says where a value is.
type place uint8

const (
	elsewhere place = iota
	amongCredentials
	inPublic // in a field that is declared as not secret
)

// value collects the secrets in a value. Among credentials, every long text is one. Names in a field that is
// declared as not secret are those of others, such as of an agent's tools: that a name is public says nothing
// about them.
func (c *collector) value(v any, where place) {
	switch v := v.(type) {
	case string:
		switch {
		case where == amongCredentials && len(v) >= longValue:
			c.add(v)
		case where == inPublic:
			c.value(jsonIn(v), where)
		}
	case []any:
		for _, item := range v {
			c.value(item, where)
		}
	case map[string]any:
		if where != amongCredentials && isSchema(v) {
			return
		}
		c.toolSecrets(v)
		for name, item := range v {
			c.field(name, item, where)
		}
	}
}

// field collects the secrets in a field of an object.
func (c *collector) field(name string, v any, where place) {
	switch secret, declared := c.declared[name]; {
	case name == baseModelName, strings.HasPrefix(name, "__"):
	case declared && !secret && where != inPublic:
		c.value(v, inPublic)
	case secret, c.looksSecret(name):
		c.texts(v)
	default:
		c.value(v, where)
	}
}

// jsonIn returns the list or the object that a text holds as JSON, as decoders of parameters do, or nil.
func jsonIn(s string) any {
	if s = strings.TrimSpace(s); s == "" || len(s) > maxParsed || s[0] != '[' && s[0] != '{' {
		return nil
	}
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return nil
	}
	return v
}

// isSchema reports whether an object is a JSON Schema: it describes secrets, and holds none.
func isSchema(object map[string]any) bool {
	_, has := object["properties"].(map[string]any)
	return has && object["type"] == "object"
}

// secretInput is the type of parameters that hold secrets.
const secretInput = "secret-input"

// toolSecrets collects, if an object is a tool that a user has chosen for an agent, what the user has entered for
// its parameters that hold secrets.
func (c *collector) toolSecrets(tool map[string]any) {
	values, _ := tool["runtime_parameters"].(map[string]any)
	if len(values) == 0 {
		return
	}
	declared, _ := tool["parameters"].([]any)
	for _, item := range declared {
		parameter, _ := item.(map[string]any)
		if name, _ := parameter["name"].(string); parameter["type"] == secretInput {
			c.texts(values[name])
		}
	}
}

// looksSecret is redact.LooksSecret. Lists repeat the names of their objects.
func (c *collector) looksSecret(name string) bool {
	looks, known := c.looks[name]
	if !known {
		if c.looks == nil {
			c.looks = make(map[string]bool)
		}
		looks = redact.LooksSecret(name)
		c.looks[name] = looks
	}
	return looks
}

// longNumber is the length in digits from which a number is a secret: few are, and others occur
// everywhere.
const longNumber = 6

// texts collects all texts in v, and long numbers.
func (c *collector) texts(v any) {
	switch v := v.(type) {
	case string:
		c.add(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); len(text) >= longNumber {
			c.list = append(c.list, text, fmt.Sprint(v))
		}
	case map[string]any:
		for _, item := range v {
			c.texts(item)
		}
	case []any:
		for _, item := range v {
			c.texts(item)
		}
	}
}

// add collects a text, and what messages may quote of it alone: the long lines of one with
// several, such as a private key, and the secrets of one that is JSON, such as the key of a
// service account.
func (c *collector) add(secret string) {
	c.list = append(c.list, secret)
	if len(secret) < 2*longValue || len(secret) > maxParsed {
		return
	}
	if strings.HasPrefix(strings.TrimSpace(secret), "{") {
		var object map[string]any
		if json.Unmarshal([]byte(secret), &object) == nil {
			c.value(object, elsewhere)
		}
		return
	}
	if !strings.Contains(secret, "\n") {
		return
	}
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= longValue && !strings.HasPrefix(line, "-----") {
			c.list = append(c.list, line)
		}
	}
}

// resultFields are the fields of a result in which a plugin hands secrets to the host.
var resultFields = []string{"credentials", "subscription"}

// resultSecrets returns the secrets in a result: those of an OAuth flow, of credentials that a
// check changed, and of a subscription. Other results hold none that the request does not.
func (n names) resultSecrets(result any) []string {
	object, _ := result.(map[string]any)
	var list []string
	for _, field := range resultFields {
		if v, ok := object[field].(map[string]any); ok {
			list = append(list, n.secretsOf(map[string]any{field: v})...)
		}
	}
	return list
}

// plainHeaders are those that most requests have, and whose names suggest no secret: asking that of each takes
// time. Cookies are read apart.
var plainHeaders = map[string]bool{
	"Accept": true, "Accept-Encoding": true, "Accept-Language": true, "Cache-Control": true, "Connection": true, "Content-Length": true,
	"Content-Type": true, "Cookie": true, "Dify-Hook-Id": true, "Dify-Hook-Url": true, "Origin": true, "Referer": true, "User-Agent": true,
	"X-Forwarded-For": true, "X-Forwarded-Host": true, "X-Forwarded-Proto": true, "X-Real-Ip": true,
}

// httpSecrets returns the secrets of an HTTP request: headers, query parameters and form
// values whose names suggest one, cookies, and an OAuth code.
func httpSecrets(r *http.Request) []string {
	var list []string
	for name, values := range r.Header {
		if plainHeaders[name] {
			continue
		}
		if name == "Authorization" || name == "Proxy-Authorization" || redact.LooksSecret(name) {
			for _, v := range values {
				list = append(list, v)
				if fields := strings.Fields(v); len(fields) > 1 { // a scheme, and a token
					list = append(list, fields[1:]...)
				}
			}
		}
	}
	if _, password, ok := r.BasicAuth(); ok {
		list = append(list, password)
	}
	for _, c := range r.Cookies() {
		if len(c.Value) >= longValue || redact.LooksSecret(c.Name) || strings.Contains(strings.ToLower(c.Name), "sess") {
			list = append(list, c.Value)
		}
	}
	query, _ := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "&")) // keep what can be parsed
	for _, values := range []url.Values{query, formOf(r)} {
		for name, v := range values {
			if name == "code" || redact.LooksSecret(name) {
				list = append(list, v...)
			}
		}
	}
	return list
}

// formOf returns the form in a request's body. The body, which is in memory, can be read
// again.
func formOf(r *http.Request) url.Values {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isForm, isMultipart := kind == "application/x-www-form-urlencoded", kind == "multipart/form-data"
	if !isForm && !isMultipart {
		return nil
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if isMultipart {
		return multipartOf(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	values, _ := url.ParseQuery(string(body)) // keep what can be parsed
	return values
}

// maxParts is how many parts of a form are looked at.
const maxParts = 1000

// multipartOf returns the values of a form that are no longer than a secret that is redacted, and
// no files.
func multipartOf(r *multipart.Reader) url.Values {
	values := make(url.Values)
	for range maxParts {
		part, err := r.NextPart()
		if err != nil {
			break // keep what can be parsed
		}
		if part.FileName() == "" {
			data, _ := io.ReadAll(io.LimitReader(part, int64(suppliedLimit.bytes)))
			values.Add(part.FormName(), string(data))
		}
	}
	return values
}
