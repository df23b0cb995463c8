package serve

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/internal/text"
)

// redacted replaces a secret.
const redacted = "[redacted]"

// shortSecret is the length in characters up to which a secret is redacted only as a
// separate word: it could occur in any word.
const shortSecret = 3

// secrets holds the secret values of one request. They are collected before the
// author's code can change the request, and prepared for redaction at first use.
type secrets struct {
	mu       sync.Mutex
	values   []string
	prepared bool
	replacer *strings.Replacer
	short    []string
}

// add adds secrets that are found while the request runs.
func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, values...)
	s.prepared = false
}

// redact replaces every secret in a text.
func (s *secrets) redact(in string) string {
	if in == "" {
		return in
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.prepared {
		s.prepare()
	}
	out := s.replacer.Replace(in)
	for _, secret := range s.short {
		out = replaceWord(out, secret)
	}
	return out
}

func (s *secrets) prepare() {
	values := slices.Clone(s.values)
	// Longer secrets first, since they may contain shorter ones.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	s.short = nil
	for _, v := range slices.Compact(values) {
		switch n := utf8.RuneCountInString(v); {
		case strings.TrimSpace(v) == "":
		case n <= shortSecret:
			s.short = append(s.short, v)
		default:
			for _, spelling := range spellings(v) {
				pairs = append(pairs, spelling, redacted)
			}
		}
	}
	s.replacer, s.prepared = strings.NewReplacer(pairs...), true
}

// replaceWord redacts a secret where no letter or digit is next to it.
func replaceWord(in, secret string) string {
	var out strings.Builder
	for rest := in; ; {
		i := strings.Index(rest, secret)
		if i < 0 {
			out.WriteString(rest)
			return out.String()
		}
		end := i + len(secret)
		before, _ := utf8.DecodeLastRuneInString(in[:len(in)-len(rest)+i])
		after, _ := utf8.DecodeRuneInString(rest[end:])
		out.WriteString(rest[:i])
		if isWord(before) || isWord(after) {
			out.WriteString(secret)
		} else {
			out.WriteString(redacted)
		}
		rest = rest[end:]
	}
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// spellings returns the encodings in which a secret can occur in a message.
func spellings(secret string) []string {
	quoted := strconv.Quote(secret)
	inJSON, _ := json.Marshal(secret) // strings always encode
	list := []string{
		secret, strings.TrimSpace(secret), text.Line(secret), url.QueryEscape(secret), url.PathEscape(secret),
		quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	list = slices.DeleteFunc(list, func(s string) bool { return utf8.RuneCountInString(s) <= shortSecret })
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}

// baseModelName is a key that Dify adds to model credentials, besides those that start
// with two underscores.
const baseModelName = "base_model_name"

// longValue is the length in bytes from which an undeclared value counts as a secret,
// whatever its name: tokens are long.
const longValue = 16

// secretsOf returns the secrets in a request: values that the YAML declares as secret,
// and undeclared values that look like one.
func (p *plugin) secretsOf(req *request) []string {
	var list []string
	bags := []map[string]any{req.Credentials, req.SystemCredentials, req.Settings}
	if req.Subscription != nil {
		bags = append(bags, req.Subscription.Properties)
	}
	for _, bag := range bags {
		for key, v := range bag {
			switch undeclared := !p.secret[key]; {
			case p.public[key] || key == baseModelName || strings.HasPrefix(key, "__"):
			case undeclared && !redact.LooksSecret(key):
				list = append(list, slices.DeleteFunc(appendTexts(nil, v), func(s string) bool { return len(s) < longValue })...)
			default:
				list = appendTexts(list, v)
			}
		}
	}
	for key, v := range req.ToolParameters {
		if p.secret[key] {
			list = appendTexts(list, v)
		}
	}
	return list
}

func appendTexts(list []string, v any) []string {
	switch v := v.(type) {
	case string:
		list = append(list, v)
	case map[string]any:
		for _, item := range v {
			list = appendTexts(list, item)
		}
	case []any:
		for _, item := range v {
			list = appendTexts(list, item)
		}
	}
	return list
}

// httpSecrets returns the secrets of an HTTP request: headers, query parameters and form
// values whose names suggest one, cookies, and an OAuth code.
func httpSecrets(r *http.Request) []string {
	var list []string
	for name, values := range r.Header {
		if name == "Authorization" || name == "Proxy-Authorization" || redact.LooksSecret(name) {
			for _, v := range values {
				_, token, _ := strings.Cut(v, " ")
				list = append(list, v, token)
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
	for _, values := range []url.Values{r.URL.Query(), formOf(r)} {
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
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	values, _ := url.ParseQuery(string(body)) // keep what can be parsed
	return values
}
