package session

import (
	"fmt"
	"net/url"
	"testing"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	const odd = "p\"q/ü\n+1"
	for _, test := range []struct {
		text    string
		secrets []string
		want    string
	}{
		{"the key sk-1 is wrong", []string{"sk-1"}, "the key [redacted] is wrong"},
		{"nothing", []string{"", "  "}, "nothing"},
		{"abcabcd", []string{"abc", "abcd"}, "[redacted][redacted]"},
		{"sk-123 and sk-1234", []string{"sk-123", "sk-1234"}, "[redacted] and [redacted]"},
		{"as " + odd + ".", []string{odd}, "as [redacted]."},
		{fmt.Sprintf("as %q.", odd), []string{odd}, `as "[redacted]".`},
		{"?k=" + url.QueryEscape(odd) + "&p=" + url.PathEscape(odd), []string{odd}, "?k=[redacted]&p=[redacted]"},
		{`{"k":"p\"q/ü\n+1"}`, []string{odd}, `{"k":"[redacted]"}`},
		{"on one line: p\"q/ü +1", []string{odd}, "on one line: [redacted]"},
		{"in base64: c2stMTIzNA==", []string{"sk-1234"}, "in base64: [redacted]"},
		{"trimmed: word", []string{" word\n"}, "trimmed: [redacted]"},
		{"status 401: 1 problem with a1", []string{"1"}, "status 401: [redacted] problem with a1"},
		{"bytes \xff here", []string{"\xff"}, "bytes [redacted] here"},
		{"it is a cat", []string{"a"}, "it is [redacted] cat"},
	} {
		s := new(secrets)
		s.add(test.secrets...)
		if got := s.redact(test.text); got != test.want {
			t.Errorf("%q without %q: got %q, want %q", test.text, test.secrets, got, test.want)
		}
	}
}
