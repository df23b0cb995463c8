package difytest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestSpellings looks for a secret in the ways in which results can hold it.
func TestSpellings(t *testing.T) {
	t.Parallel()
	const value = `a "<key>" & more/1`
	inJSON := func(escapeHTML bool) string {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(escapeHTML)
		if err := enc.Encode(map[string][]string{"list": {"the key is " + value}}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, test := range []struct{ name, in, want string }{
		{"plain", "x" + value + "y", ""},
		{"JSON", inJSON(false), ""},
		{"JSON for HTML", inJSON(true), ""},
		{"query", "https://x/?k=" + url.QueryEscape(value), " (URL-encoded)"},
		{"path", "https://x/" + strings.ToLower(url.PathEscape(value)), " (URL-encoded)"},
		{"Basic", "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+value)), " (in base64)"},
		{"hexadecimal", hex.EncodeToString([]byte("x" + value)), " (in hexadecimal)"},
		{"upper case", strings.ToUpper(hex.EncodeToString([]byte(value))), " (in hexadecimal)"},
	} {
		how, found := secret{field: "key", value: value}.in([][]byte{[]byte("nothing"), []byte(test.in)})
		if !found || how != test.want {
			t.Errorf("%s: got %t, %q", test.name, found, how)
		}
	}
	if how, found := (secret{field: "key", value: value}).in([][]byte{[]byte(fmt.Sprint(value[:5], value[6:]))}); found {
		t.Errorf("found%s where it is not", how)
	}
}
