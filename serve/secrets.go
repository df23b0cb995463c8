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

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// redacted stands where a secret would.
const redacted = "[redacted]"

// shortSecret is the length in characters up to which a secret counts only where it
// stands alone: it could be part of any word.
const shortSecret = 3

// secrets are the secret values of one request, taken from it before the author's code
// can change it. The rest is done only when something is said.
type secrets struct {
	mu       sync.Mutex
	values   []string
	prepared bool
	replacer *strings.Replacer
	alone    []string
}

// add adds secrets that turned up while the request is answered.
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
	for _, secret := range s.alone {
		out = replaceAlone(out, secret)
	}
	return out
}

func (s *secrets) prepare() {
	values := slices.Clone(s.values)
	// A secret that holds another one goes first.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	s.alone = nil
	for _, v := range slices.Compact(values) {
		switch n := utf8.RuneCountInString(v); {
		case strings.TrimSpace(v) == "":
		case n <= shortSecret:
			s.alone = append(s.alone, v)
		default:
			for _, spelling := range spellings(v) {
				pairs = append(pairs, spelling, redacted)
			}
		}
	}
	s.replacer, s.prepared = strings.NewReplacer(pairs...), true
}

// replaceAlone replaces a secret where no letter or digit stands next to it.
func replaceAlone(in, secret string) string {
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

// spellings are the ways in which a secret can turn up in a message.
func spellings(secret string) []string {
	quoted := strconv.Quote(secret)
	inJSON, _ := json.Marshal(secret) // texts always encode
	list := []string{
		secret, strings.TrimSpace(secret), text.Line(secret), url.QueryEscape(secret), url.PathEscape(secret),
		quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	list = slices.DeleteFunc(list, func(s string) bool { return utf8.RuneCountInString(s) <= shortSecret })
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}

// baseModelName is a key that Dify adds to credentials of models, like those that
// begin with two underscores.
const baseModelName = "base_model_name"

// longValue is from how many characters on a value that the YAML does not declare
// counts as a secret whatever its name: tokens are long.
const longValue = 16

// secretsOf are the secrets in a request: the values that the YAML declares as secret,
// and those that it does not declare but that look like one.
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
			case undeclared && !model.LooksSecret(key):
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

// httpSecrets are what an HTTP request authorizes with: headers and parameters whose
// names say so, cookies, and the code of OAuth, also from a form.
func httpSecrets(r *http.Request) []string {
	var list []string
	for name, values := range r.Header {
		if name == "Authorization" || name == "Proxy-Authorization" || model.LooksSecret(name) {
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
		if len(c.Value) >= longValue || model.LooksSecret(c.Name) || strings.Contains(strings.ToLower(c.Name), "sess") {
			list = append(list, c.Value)
		}
	}
	for _, values := range []url.Values{r.URL.Query(), formOf(r)} {
		for name, v := range values {
			if name == "code" || model.LooksSecret(name) {
				list = append(list, v...)
			}
		}
	}
	return list
}

// formOf reads the form in a request's body, which is in memory, and leaves the body
// to be read again.
func formOf(r *http.Request) url.Values {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	values, _ := url.ParseQuery(string(body)) // what does parse
	return values
}
