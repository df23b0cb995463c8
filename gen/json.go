package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// jsonWidth is up to how many bytes a value is on one line.
const jsonWidth = 120

// prettyJSON returns a value as JSON, with what fits on a line on one, so that a change of the
// value is a small change of the text. The text has only printable characters, and can be in
// a raw string of Go.
func prettyJSON(v any) (string, error) {
	plain, err := plainJSON(v)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	writeJSON(&b, plain, "", "")
	return b.String(), nil
}

// lineJSON is prettyJSON on one line.
func lineJSON(v any) (string, error) {
	plain, err := plainJSON(v)
	if err != nil {
		return "", err
	}
	return compactJSON(plain), nil
}

// plainJSON returns what encoding/json makes of a value, with numbers as they are written.
func plainJSON(v any) (plain any, err error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	err = dec.Decode(&plain)
	return plain, err
}

// compactJSON returns on one line what plainJSON has returned.
func compactJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // what was decoded can be encoded
	return escapeJSON(strings.TrimSuffix(b.String(), "\n"))
}

// writeJSON writes a value. The text before it on its line is as long as before; indent starts
// the lines below.
func writeJSON(b *strings.Builder, v any, before, indent string) {
	compact := compactJSON(v)
	inner := indent + "\t"
	switch v := v.(type) {
	case map[string]any:
		if len(before)+len(indent)+len(compact) > jsonWidth && len(v) > 0 {
			b.WriteString("{\n")
			for i, key := range slices.Sorted(maps.Keys(v)) {
				if i > 0 {
					b.WriteString(",\n")
				}
				name := compactJSON(key) + ": "
				b.WriteString(inner + name)
				writeJSON(b, v[key], name, inner)
			}
			b.WriteString("\n" + indent + "}")
			return
		}
	case []any:
		if len(before)+len(indent)+len(compact) > jsonWidth && len(v) > 0 {
			b.WriteString("[\n")
			for i, item := range v {
				if i > 0 {
					b.WriteString(",\n")
				}
				b.WriteString(inner)
				writeJSON(b, item, "", inner)
			}
			b.WriteString("\n" + indent + "]")
			return
		}
	}
	b.WriteString(compact)
}

// escapeJSON escapes what a raw string of Go cannot hold, and what a reader would not see. In
// JSON, such characters are only in strings.
func escapeJSON(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c != '`' && (unicode.IsPrint(c) || c == '\n' || c == '\t') {
			b.WriteRune(c)
			continue
		}
		if hi, lo := utf16.EncodeRune(c); hi != unicode.ReplacementChar {
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}
