package yamldoc

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// host has a field of every type that structs that mirror the host's have.
type host struct {
	Name   string           `yaml:"name"`
	On     bool             `yaml:"on"`
	Count  int              `yaml:"count"`
	Share  *float64         `yaml:"share"`
	Any    any              `yaml:"any"`
	Words  []string         `yaml:"words"`
	Map    map[string]int   `yaml:"map"`
	Inner  *inner           `yaml:"inner"`
	Inners []Sourced[inner] `yaml:"inners"`
	Node   Node             `yaml:"node"`
}

type inner struct {
	Name string `yaml:"name"`
	On   bool   `yaml:"on"`
}

func (inner) DescribeYAML() Words {
	return Words{One: "an inner (a map with name)", List: "a list of inners"}
}

func decode(t *testing.T, source string) (*Document, []string) {
	t.Helper()
	doc, err := Parse([]byte(source))
	if err != nil {
		return nil, []string{err.Error()}
	}
	if doc.Root == nil {
		return doc, nil
	}
	errs, ok := doc.Decode(doc.Root, new(host))
	if ok != (len(errs) == 0) {
		t.Errorf("ok is %v with %v", ok, errs)
	}
	var lines []string
	for _, e := range errs {
		line := e.Error()
		if e.Suggestion != "" {
			line += " (" + e.Suggestion + ")"
		}
		lines = append(lines, line)
	}
	return doc, lines
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"":                            nil,
		"name: 1\nany: [1, {a: 2}]\n": nil,
		"on: yes\nshare: 1\nnode: {a: 1, a: 2}\nother: {a: 1, a: 2}\n": nil,
		"on: 1\ncount: x\nshare: [1]\nname: {}\n": {
			"1:5: on must be true or false, not a number (true)", "2:8: count must be a whole number, not text",
			"3:8: share must be a number, not a list", "4:7: name must be text, not a map",
		},
		"words: [a, [b]]\nmap: {a: b, c: 1}\n": {"1:12: words[1] must be text, not a list", "2:10: map.a must be a whole number, not text"},
		"words: a\nmap: 1\ninner: []\ninners: {}\n": {
			"1:8: words must be a list, not text", "2:6: map must be a map, not a number",
			"3:8: inner must be an inner (a map with name), not a list", "4:9: inners must be a list of inners, not a map",
		},
		"inners:\n- on: maybe\n- 5\n- name: x\n  name: y\n": {
			"2:7: inners[0].on must be true or false, not text", "3:3: inners[1] must be an inner (a map with name), not a number",
			"5:3: key name is already defined on line 4",
		},
		"any: {a: {b: 1, b: 2}}\nany: 1\n":                  {"2:1: key any is already defined on line 1"},
		"any: {a: {b: 1, b: 2, b: 3}}\n":                    {"1:17: key b is already defined on line 1", "1:23: key b is already defined on line 1"},
		"any: &a {on: 7}\ninner: *a\n":                      {"1:14: any.on must be true or false, not a number"},
		"any: &a {on: 7, name: x}\ninner: {<<: *a}\n":       {"1:14: any.on must be true or false, not a number"},
		"any: &a {on: 7, name: x}\ninner: {<<: *a, on: no}": nil,
		"? [a]\n: 1\n":                         {"1:3: the document must be text, not a list"},
		"[a]":                                  {"1:1: the document must be a map, not a list"},
		"inner: {<<: 1}\n":                     {"1:9: << must be a map or a list of maps"},
		"any: &a [*a]\n":                       {"1:6: the value of this anchor contains itself"},
		"any: !!int secret\n":                  {`1:6: any does not match its tag "!!int"`},
		"name: {{secret}}\nany: {{hunter2}}\n": {"1:8: a key in name is not text; put text that starts with { or [ in quotes"},
		"any: &m {a: 1, <<: {a: *m}}\nname: []\n":              {"2:7: name must be text, not a list"},
		"any: &m {a: 1, <<: [*n, {a: {b: 1, b: 2}}]}\n":        {"1:21: not YAML: this alias has no anchor; put text that starts with * in quotes"},
		"any: {a: 1, <<: {a: {b: 1, b: 2}, c: 1}}\nname: []\n": {"2:7: name must be text, not a list"},
		"a: [1\n":         {"1:4: not YAML: the [ opened here is not closed"},
		"a: *b\n":         {"1:4: not YAML: this alias has no anchor; put text that starts with * in quotes"},
		"a: 1\nb: \xff\n": {"2:4: the file is not valid UTF-8; save it as UTF-8"},
		"a: \x01\n":       {"1:4: not YAML: found the control character U+0001; remove it"},
	} {
		if _, got := decode(t, source); !cmp.Equal(want, got) {
			t.Errorf("%q (-want +got):\n%s", source, cmp.Diff(want, got))
		}
	}
}

// TestRefusedOnce checks that only one call says why a document is refused.
func TestRefusedOnce(t *testing.T) {
	t.Parallel()
	doc, err := Parse([]byte("node: &a [" + strings.Repeat("x, ", 1000) + "]\nany: [" + strings.Repeat("*a, ", 1000) + "]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		errs, ok := doc.Decode(doc.Root, new(host))
		if ok || len(errs) != want || want > 0 && errs[0].Fault != Expansion {
			t.Errorf("decode %d: %v, %v", i, errs, ok)
		}
	}
}

func TestMaps(t *testing.T) {
	t.Parallel()
	var got []string
	for _, m := range Maps[host]("top") {
		got = append(got, strings.Join(m.Path, ".")+" "+strings.Join(m.Keys, ","))
		if m.Is(inner{}) != (len(m.Path) == 2) {
			t.Errorf("%v is an inner: %v", m.Path, m.Is(inner{}))
		}
	}
	want := []string{"top name,on,count,share,any,words,map,inner,inners,node", "top.inner name,on"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("maps (-want +got):\n%s", diff)
	}
}

// FuzzDecode compares the errors of Decode with those of the YAML package: the same lines
// are wrong, and every error is explained.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"name: {}\non: 1\n", "any: &a {on: 7}\ninner: {<<: *a}\n", "inners: [{name: a, name: b}, 5, {<<: [{on: x}, {on: y}]}]\n",
		"? [a]\n: 1\n", "map: {a: b, <<: {c: d}}\n", "words: [*a]\nany: &a []\n", "any: {a: {b: 1, b: 2, b: 3}}\n",
		"a: &a {<<: *a}\n", "any: &m {a: 1, <<: {a: *m}}\nname: []\n", "any: {{a}}\n", "? &k name\n: 1\n? *k\n: 2\n", "inner: {on: {}, <<: {on: 1}}\n", "share: .nan\ncount: 1.5\n",
		"? {? {a: 1} : 2}\n: 3\n", "<<: {name: []}\nname: x\n", "any: !!float x\n", "\ufeffname: [1\n", "a: 'x\n\n", "%YAML 1.1\n---\na: 1\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		doc, err := Parse([]byte(source))
		var syntax *Error
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || syntax.Message == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if doc.Root == nil {
			return
		}
		for _, c := range doc.Comments("difygen") {
			if c.First > c.Last || c.Line < 1 || c.Column < 1 || c.Element != (Position{}) && c.Element.Line != c.First {
				t.Errorf("comment %+v", c)
			}
		}
		if whole := new(budget); !whole.afford(doc.Root, nil) {
			return
		}
		var list *yaml.TypeError
		raw := guarded(func() error { return doc.Root.Decode(new(host)) })
		errs, ok := doc.Decode(doc.Root, new(host))
		if ok != (raw == nil) {
			t.Fatalf("ok is %v, the decoder says %v", ok, raw)
		}
		if !errors.As(raw, &list) {
			return
		}
		want, got := make(map[int]bool), make(map[int]bool)
		for _, message := range list.Errors {
			line, _, _ := cutLine(message)
			want[line] = true
		}
		for _, e := range errs {
			got[e.Line] = true
			if strings.Contains(e.Message, "has the wrong type") {
				t.Errorf("%v is unexplained: %v", e, raw)
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("lines (-decoder +ours):\n%s%v\n%v", diff, raw, errs)
		}
	})
}

func TestRest(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]Position{
		" a: 1\nb: 2\n": {2, 1}, "  a:\n    b: |\n      c\n\n# d\n e: 1\n": {6, 2}, "\ufeff  - a\n- b\n": {2, 1},
		"  a: b\n  c: \"d\n e\"\n  f: g\n": {}, "  a: {b: c,\n d: e}\n  f: g\n": {}, "--- !!map\na: 1\nb: 2\n": {}, "--- &x\na: 1\nb: 2\n": {},
		"a: 1\nb: 2\n": {}, " a: 1\n b: 2\n": {}, " a: 1\n---\nb: 2\n": {}, " a: 1\n...\nb\n": {}, " {a: 1,\nb: 2}\n": {}, "": {}, " 'a\nb'\n": {},
		" a: 1\n# b: 2\n": {},
	} {
		doc, err := Parse([]byte(source))
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		if got, ok := doc.Rest(); got != want || ok != (want != Position{}) {
			t.Errorf("%q: got %v, %t, want %v", source, got, ok, want)
		}
	}
}
