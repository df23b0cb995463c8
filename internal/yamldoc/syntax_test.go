package yamldoc

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf16"

	"gopkg.in/yaml.v3"
)

// TestSyntaxErrors checks the place and the message of every kind of fault.
func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		// Indentation. The line at fault can be far above the one that does not fit.
		"f:\n  a:\n    type: text\n   required: true\n    label: x\n":                     "4:4: this line is indented by 3 spaces, which fits nothing above; indent it by 4 to follow line 3 (the host reports line 1)",
		"f:\n  a:\n    type: text\n     required: true\n    label: x\n":                   "4:6: this line is indented by 5 spaces, which fits nothing above; indent it by 4 to follow line 3",
		"f:\n  a:\n    b: c\n  label:\n      en: x\n      de: x\n    help: x\n    d: e\n": "4:3: this line is indented by 2 spaces, so that line 7 fits nothing; indent this line by 4 (the host reports line 1)",
		"f:\n   label:\n      en: x\n  help: x\n  type: x\ng: h\n":                        "2:4: this line is indented by 3 spaces, so that line 4 fits nothing; indent this line by 2 (the host reports line 3)",
		"f:\n  - a: b\n    c: d\n - a: e\n   c: f\ng: h\n":                                "4:2: this line does not continue anything above; check its indentation of 1 space (the host reports line 3)",
		"f:\n  label:\n    - a: b\n     c: d\n      e: f\n    - a: g\n":                   "4:6: this line is indented by 5 spaces, which fits nothing above; indent it by 6 to follow line 3 (the host reports line 2)",
		"f: |\n  text\n text\n  text\ng: h\ni: j\n":                                       "3:2: this line is indented by 1 space, which fits nothing above; indent it by 2 to follow line 2 (the host reports line 2)",
		"a: 1\n- b\n":                         "2:1: this line does not continue anything above; check its indentation of 0 spaces (the host reports line 1)",
		"f:\r\n  b: c\r\n d: e\r\nf: g\r\n":   "3:2: this line is indented by 1 space, which fits nothing above; indent it by 2 to follow line 2 (the host reports line 2)",
		"f:\n  a:\n\ttype: text\n":            "3:1: found a tab; indent with spaces",
		"f:\n  a: text\n\tb: text\n":          "3:1: found a tab; indent with spaces (the host reports line 2)",
		"f: |\n  text\n\ttext\n":              "3:1: found a tab; indent with spaces",
		"f:\n  - a: b\n  -\tc: d\n":           "3:4: found a tab; indent with spaces",
		"f:\n  type text\n  required: true\n": "2:3: a colon is missing after the key on this line (the host reports line 3)",
		"f:\n  type: text\n  required true\n  label: x\n  g: {required: x}\n": "3:3: a colon is missing after the key on this line",
		"f:\n  type: text\n  required true\ng:\n  required: true\n":           "3:3: a colon is missing after required",
		"f:\n  en_US: x\n  g:\n    en_US y\n    de: z\n":                      "4:5: a colon is missing after en_US (the host reports line 5)",
		"f:\n  a: b\n  s3cret word\n  c: d\n":                                 "3:3: a colon is missing after the key on this line",
		"f:\n  type: text\n  required:true\n  label: x\n":                     "3:3: a space is missing after the colon of the key on this line",
		"f:\n  type:text\n  required: true\n":                                 "2:3: a space is missing after the colon of the key on this line (the host reports line 3)",
		"a: b\nurl:https://x\nc: d\n":                                         "2:1: a space is missing after the colon of the key on this line",
		"f:\n  - a: b\n  -c: d\n  - e: f\n":                                   "3:3: a space is missing after the dash (the host reports line 1)",
		"f:\n  a: b\n  S3cret:word\n  c: d\n":                                 "3:3: a space is missing after the colon of the key on this line",
		"f:\n  label\n    en: x\n  b: c\n":                                    "2:3: a colon is missing after the key on this line (the host reports line 3)",
		"a: \"x\n":                                                            `1:4: the quote " opened here is not closed (the host reports line 2)`,
		"a: 'x\nb: 'y'\nc: d\n":                                               "1:4: the quote ' opened here is not closed",
		"a: 1\nb: {c: \"x, d: 'y'}\ne: \"z\"\nf: g\n":                         `2:8: the quote " opened here is not closed (the host reports line 1)`,
		"\"a: x\nb: y\nc: \"z\"\nd: e\n":                                      `1:1: the quote " opened here is not closed (the host reports line 4)`,
		"a: \"multi\n  line\n  text\nb: c\nd: \"e\"\nf: g\nh: i\n":            `3:3: the quote " opened on line 1 is not closed; add " at the end of this line (the host reports line 4)`,
		"a: This text\n  has a: colon.'\nb: c\nd: e\n":                        "1:4: the text that starts here ends with a quote; add ' before it (the host reports line 2)",
		"a: 'it's'\n":                            "1:8: found text after a closing quote; put the whole text in quotes, and escape quotes in it",
		"a: \"x\n---\ny\"\n":                     `1:4: the quote " opened here is not closed (the host reports line 2)`,
		`a: "C:\dir"`:                            `1:7: found \d, which double quotes do not allow; write \\ for a backslash, or use single quotes`,
		`a: "\uD800"`:                            `1:5: found \u, which double quotes do not allow; write \\ for a backslash, or use single quotes`,
		"a: [1\n":                                "1:4: the [ opened here is not closed",
		"a: [1, 2\nb:\n  c: d\ne: f\ng: h\n":     "1:4: the [ opened here is not closed",
		"a: {b: c\n\n\nd: e\nf: g\nh: i\n":       "1:4: the { opened here is not closed (the host reports line 3)",
		"a: [{b: c}, {d: [e\nf: g\nh: i\nj: k\n": "1:4: the [ opened here is not closed",
		"a: [x,\n  y,\nb: c\nd: e\nf: g\nh: i\n": "2:3: the [ opened on line 1 is not closed; add ] at the end of this line (the host reports line 3)",
		"a:\n  [b: c\n  d: e\nf: g\nh: i\n":      "2:3: the [ opened here is not closed (the host reports line 1)",
		"a: [1}\n":                               "1:6: found } without its opening bracket; put text with } in quotes",
		"a: b\nc: ]\n":                           "2:4: found ] without its opening bracket; put text with ] in quotes (the host reports line 1)",
		"a: [b,, c]\n":                           "1:7: found a comma with nothing before it; put text that starts with a comma in quotes",
		"a: [\"b\" c]\n":                         "1:9: a comma or a closing bracket is missing before this",
		"a: b: c\n":                              "1:5: found a colon in the text of a value; put the text in quotes, or the key on a line of its own",
		"a: - b\n":                               "1:4: found a - that cannot start a list here; put it on a line of its own, or the text in quotes",
		"a: ? b\n":                               "1:4: found ?; put text that starts with ? in quotes",
		"a: @x\n":                                "1:4: found @; put text that starts with @ in quotes",
		"%YAML 1.2\n---\na: b\n":                 "1:1: the host reads version 1.1 of YAML only; remove this line",
		"%YAML 1\n---\na: b\n":                   "1:1: found %; put text that starts with % in quotes",
		"a: %x\n":                                "1:4: found %; put text that starts with % in quotes",
		"a: 1\nb: `x`\n":                         "2:4: found `; put text that starts with ` in quotes",
		"a: [|]\n":                               "1:5: found |; put text that starts with | in quotes",
		"a: **b**\n":                             "1:4: found *; put text that starts with * in quotes",
		"a: & b\n":                               "1:4: found &; put text that starts with & in quotes",
		"a: !x!y z\n":                            "1:4: found !; put text that starts with ! in quotes",
		"a: !<\n":                                "1:4: found !; put text that starts with ! in quotes",
		"a: |x\n":                                "1:5: found text after | or >; start it on the next line, or put text that starts with | or > in quotes",
		"# *b\na: \"*b\"\nc: *b\n":               "3:4: this alias has no anchor; put text that starts with * in quotes",
		"a: *b\nc: &b d\n":                       "1:4: this alias has no anchor; put text that starts with * in quotes",
		"%FOO\n---\na: 1\n":                      "1:1: found %; put text that starts with % in quotes",
		"%YAML 1.1\na: 1\n":                      "2:1: a line of --- is missing after the one that starts with %",
		"a: 1\n---\n@\n":                         "3:1: found @; put text that starts with @ in quotes",
		strings.Repeat("[", maxDepth+1):          "1:10001: nested deeper than 10000 levels",
		// The encoding.
		"\ufeffé: é @\nb: @\n":  "2:4: found @; put text that starts with @ in quotes",
		"a: é \x85\n":           "1:6: the file is not valid UTF-8; save it as UTF-8",
		"a: x\nb: \u0080\n":     "2:4: found the control character U+0080; remove it",
		"\xff\xfea\x00\x00\xd8": "1:2: the file is not valid UTF-16; save it as UTF-8",
		utf16Of("é: 1\nb: @\n"): "2:4: found @; put text that starts with @ in quotes",
	} {
		_, err := Parse([]byte(source))
		if err == nil {
			t.Errorf("%.40q: accepted", source)
			continue
		}
		if got := strings.Replace(err.Error(), "not YAML: ", "", 1); got != want {
			t.Errorf("%.60q:\n got %s\nwant %s", source, got, want)
		}
	}
}

// utf16Of returns text as UTF-16 with a byte order mark.
func utf16Of(text string) string {
	out := []byte{0xfe, 0xff}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return string(out)
}

// TestLargeSyntaxError checks that a file that is too large for repairs has a position.
func TestLargeSyntaxError(t *testing.T) {
	t.Parallel()
	source := "a:\n  b: c\n d: e\n" + strings.Repeat("f: g\n", maxRepaired/5+1)
	_, err := Parse([]byte(source))
	want := "3:2: not YAML: this line does not continue anything above; check its indentation of 1 space (the host reports line 2)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// FuzzSyntax checks that every refused input has an error at a position in it, and that
// the scanner finds a fault only where the YAML package does.
func FuzzSyntax(f *testing.F) {
	for _, seed := range []string{
		"f:\n  a:\n    type: text\n   required: true\n    label: x\n", "a: \"x\nb: 'y'\n", "a: [{b: c}, {d: [e\nf: g\n", "a: |\n  text\n text\n", "- a\n-\tb: c\n",
		"%YAML 1.1\n---\na: !!str &b [x, {y: z}, ? q : r]\nb: *b\n? |\n - x\n: >-\n  y\n...\nd", "a: \"\\x41\\u\"\r\n", "%TAG !x! y:\n---\na: !x!z !<t> b", utf16Of("a: [\n"), "a: \xff", "a: \u0085b\u2028c: @", "a: |\n \x00b\n c\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		_, err := Parse([]byte(source))
		plain := plainText([]byte(source))
		s := read(plain, math.MaxInt)
		// The YAML package passes some byte order marks inside the text.
		marked := strings.Contains(source[min(len(source), 1):], "\ufeff") || strings.Contains(string(plain), "\ufeff")
		if err == nil {
			// The YAML package takes a flow collection without content for no key.
			if odd := marked || strings.ContainsAny(string(plain), "[{"); s.fault != nil && !s.later && !odd {
				t.Errorf("accepted, but the scanner finds %+v", *s.fault)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || strings.ContainsAny(e.Message, "\n\x00") {
			t.Fatalf("%v", err)
		}
		if end := endOf(plain); e.Line < 1 || e.Column < 1 || e.Line > end.Line+1 || e.Line == end.Line && e.Column > end.Column {
			t.Errorf("%v is not in the text, which ends at %v", e, end)
		}
		unread := marked || strings.Contains(e.Message, "not valid") || strings.Contains(e.Message, "control character")
		if s.fault == nil && !unread && !strings.ContainsAny(string(plain), "!%") {
			t.Errorf("the scanner finds no fault, but: %v", guarded(func() error { return yaml.Unmarshal([]byte(source), new(yaml.Node)) }))
		}
	})
}
