package difytest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/runtime"
)

// shortSecret is the length in bytes up to which a secret is not looked for: it could be
// part of any word.
const shortSecret = 3

// secret is the value of a field that a provider declares as secret, or of a setting of a model or tool.
type secret struct {
	field, value string
	setting      bool // that calls of the model or the tool have
}

// secrets returns the secrets among the values of requests.
func (p *provider) secrets(sections ...map[string]any) []secret {
	var list []secret
	for _, values := range sections {
		for name, v := range values {
			if s, ok := v.(string); ok && len(s) > shortSecret && p.secret(name) {
				list = append(list, secret{field: name, value: s})
			}
			list = append(list, settingSecrets(v)...)
		}
	}
	slices.SortFunc(list, func(a, b secret) int { return strings.Compare(a.field, b.field) })
	return slices.Compact(list)
}

// settingSecrets returns the secrets among the settings of a model or of tools that are a parameter of an agent.
func settingSecrets(v any) []secret {
	var list []secret
	add := func(values map[string]any, isSecret func(name string) bool) {
		for name, v := range values {
			if s, ok := v.(string); ok && len(s) > shortSecret && isSecret(name) {
				list = append(list, secret{name, s, true})
			}
		}
	}
	switch v := v.(type) {
	case AgentModel:
		add(v.CompletionParams, redact.LooksSecret)
	case []AgentTool:
		for _, t := range v {
			add(t.Settings, t.secret)
		}
	}
	return list
}

// secret reports whether the tool has a parameter of that name which is a secret.
func (t AgentTool) secret(name string) bool {
	return slices.ContainsFunc(t.Parameters, func(p runtime.Parameter) bool { return p.Name == name && p.Type == secretInput })
}

// checkSecrets reports secrets that a result holds, by name. What names the result.
func (h *Host) checkSecrets(what string, secrets []secret, result ...[]byte) {
	h.tb.Helper()
	if h.allowSecrets {
		return
	}
	for _, s := range secrets {
		if how, found := s.in(result); found {
			h.tb.Errorf("%s holds the secret %s%s; users and models see it (call it on Host.AllowSecrets if it must)", what, s.field, how)
		}
	}
}

// lower returns secrets in lower case, for texts whose case does not matter.
func lower(secrets []secret) []secret {
	list := slices.Clone(secrets)
	for i := range list {
		list[i].value = strings.ToLower(list[i].value)
	}
	return list
}

// in reports whether texts hold the secret, and how.
func (s secret) in(texts [][]byte) (how string, found bool) {
	for _, encoding := range []struct {
		how       string
		spellings []string
	}{
		{"", s.plain()}, {" (URL-encoded)", s.inURL()}, {" (in base64)", s.base64()}, {" (in hexadecimal)", s.hex()},
	} {
		for _, spelling := range encoding.spellings {
			for _, text := range texts {
				if bytes.Contains(text, []byte(spelling)) {
					return encoding.how, true
				}
			}
		}
	}
	return "", false
}

// plain returns the secret as it is in text and in JSON, in which an encoder may escape what
// HTML has a meaning for.
func (s secret) plain() []string {
	escaped, _ := json.Marshal(s.value) // a string always encodes
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s.value) // as above
	quoted := bytes.TrimSpace(b.Bytes())
	return []string{s.value, string(escaped[1 : len(escaped)-1]), string(quoted[1 : len(quoted)-1])}
}

// inURL returns the secret as it is in URLs.
func (s secret) inURL() []string {
	list := []string{url.QueryEscape(s.value), url.PathEscape(s.value)}
	for _, spelling := range list {
		list = append(list, urlEscape.ReplaceAllStringFunc(spelling, strings.ToLower))
	}
	return list
}

// urlEscape matches the escapes in a URL.
var urlEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

// hex returns the secret in hexadecimal.
func (s secret) hex() []string {
	spelling := hex.EncodeToString([]byte(s.value))
	return []string{spelling, strings.ToUpper(spelling)}
}

// base64 returns what base64 has in common for all texts that the secret is a part of, for
// each position that the secret can have in a group of three bytes.
func (s secret) base64() []string {
	var list []string
	for before := range 3 {
		data := append(make([]byte, before), s.value...)
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			spelling := encoding.EncodeToString(data[:len(data)/3*3])
			spelling = spelling[(before*8+5)/6:] // the first characters depend on what is before
			if len(spelling) > shortSecret {
				list = append(list, spelling)
			}
		}
	}
	return list
}
