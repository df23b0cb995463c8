package pathpattern_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/internal/pathpattern"
)

func number(f float64) *float64 { return &f }

func length(n int) *int { return &n }

func TestParse(t *testing.T) {
	text := func(s string) pathpattern.Segment { return pathpattern.Segment{Text: s} }
	expression := func(s string) pathpattern.Segment { return pathpattern.Segment{Expression: s} }
	for pattern, want := range map[string]pathpattern.Pattern{
		"/":          {Segments: []pathpattern.Segment{text("")}},
		"//a///b//":  {Segments: []pathpattern.Segment{text("a"), text("b"), text("")}},
		"/a>b c.d":   {Segments: []pathpattern.Segment{text("a>b c.d")}},
		"/<id>":      {Segments: []pathpattern.Segment{expression("([^/]+)")}, Values: []pathpattern.Value{{Name: "id"}}},
		"/a.b<id>.c": {Segments: []pathpattern.Segment{expression(`a\.b([^/]+)\.c`)}, Values: []pathpattern.Value{{Name: "id"}}},
		"/<string(length=2):l>/<string(minlength=2,maxlength=2):m>/<string(0):n>/<default(minlength=2):o>": {
			Segments: []pathpattern.Segment{expression("([^/]{2})"), expression("([^/]{2,2})"), expression("([^/]*)"), expression("([^/]{2,})")},
			Values: []pathpattern.Value{
				{Name: "l", MinLength: length(2), MaxLength: length(2)}, {Name: "m", MinLength: length(2), MaxLength: length(2)},
				{Name: "n", MinLength: length(0)}, {Name: "o", MinLength: length(2)},
			},
		},
		"/<int(4, min=1.5, max=2_000, signed=True):year>-<float(1, 2.5):f>": {
			Segments: []pathpattern.Segment{expression(`(-?[0-9]+)-([0-9]+\.[0-9]+)`)},
			Values: []pathpattern.Value{
				{Name: "year", Type: pathpattern.Int, Digits: 4, Min: number(1.5), Max: number(2000)},
				{Name: "f", Type: pathpattern.Float, Min: number(1), Max: number(2.5)},
			},
		},
		`/<any(about, "x,y", 'a.b', u"ü", 1,2, about,):page>`: {
			Segments: []pathpattern.Segment{expression(`(about|x,y|a\.b|ü|1,2|about)`)},
			Values:   []pathpattern.Value{{Name: "page", Choices: []string{"about", "x,y", "a.b", "ü", "1,2"}}},
		},
		`/<any("a)b", ">"):x>`: {
			Segments: []pathpattern.Segment{expression(`(a\)b|>)`)},
			Values:   []pathpattern.Value{{Name: "x", Choices: []string{"a)b", ">"}}},
		},
		"/<int(1000):i>": {
			Segments: []pathpattern.Segment{expression("([0-9]+)")},
			Values:   []pathpattern.Value{{Name: "i", Type: pathpattern.Int, Digits: 1000}},
		},
		"/<string(1):a>/<string(maxlength=3):b>/<string(0, 0):c>": {
			Segments: []pathpattern.Segment{expression("([^/]+)"), expression("([^/]{1,3})"), expression("([^/]{0,0})")},
			Values:   []pathpattern.Value{{Name: "a"}, {Name: "b", MaxLength: length(3)}, {Name: "c", MinLength: length(0), MaxLength: length(0)}},
		},
		"/<uuid:u>": {
			Segments: []pathpattern.Segment{expression("([A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12})")},
			Values:   []pathpattern.Value{{Name: "u", Type: pathpattern.UUID}},
		},
		"/w/<path:p>/edit/<int:id>": {
			Segments: []pathpattern.Segment{text("w"), {Expression: "([^/].*?)/edit/([0-9]+)", Rest: true}},
			Values:   []pathpattern.Value{{Name: "p", Slashes: true}, {Name: "id", Type: pathpattern.Int}},
		},
		"/w/<path:p>/": {
			Segments: []pathpattern.Segment{text("w"), {Expression: "([^/].*?)", Slash: true}, text("")},
			Values:   []pathpattern.Value{{Name: "p", Slashes: true}},
		},
		`/<any("a/b"):x><path():p>`: {
			Segments: []pathpattern.Segment{{Expression: "(a/b)([^/].*?)", Rest: true}},
			Values:   []pathpattern.Value{{Name: "x", Choices: []string{"a/b"}}, {Name: "p", Slashes: true}},
		},
		"/<int(min=nan, max=inf, fixed_digits=None, signed=''):i>": {
			Segments: []pathpattern.Segment{expression("([0-9]+)")},
			Values:   []pathpattern.Value{{Name: "i", Type: pathpattern.Int}},
		},
		"/<string(length=2, minlength=no):x>/<string(length=None, maxlength=3):y>/<string('2', True):z>": {},
	} {
		got, err := pathpattern.Parse(pattern)
		if len(want.Segments) == 0 {
			if err == nil || !strings.Contains(err.Error(), "larger than its maxlength") {
				t.Errorf("%s: got %v", pattern, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if diff := cmp.Diff(&want, got, cmpopts.IgnoreUnexported(pathpattern.Pattern{}), cmpopts.IgnoreFields(pathpattern.Pattern{}, "Words"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", pattern, diff)
		}
	}
}

func parse(t *testing.T, pattern string) *pathpattern.Pattern {
	t.Helper()
	p, err := pathpattern.Parse(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWords(t *testing.T) {
	for pattern, want := range map[string][]string{
		"/":                                      nil,
		`//a_b/<any("x>y", c):id>.<int:n>/`:      {"a_b", "id", ".", "n"},
		"/files/<path:file>/as/<string(2):type>": {"files", "file", "as", "type"},
	} {
		if diff := cmp.Diff(want, parse(t, pattern).Words); diff != "" {
			t.Errorf("%s: -want +got:\n%s", pattern, diff)
		}
	}
}

func TestTakesAll(t *testing.T) {
	before := parse(t, "/x/<int(min=3):a>")
	pathpattern.Rank([]*pathpattern.Pattern{parse(t, "/<a>b"), before})
	for pattern, want := range map[string]bool{"/x/<int:b>": true, "/x/<b>": false, "/y/<int:b>": false, "/x/<int:b>/": false} {
		if got := before.TakesAll(parse(t, pattern)); got != want {
			t.Errorf("%s: got %t", pattern, got)
		}
	}
}

func TestParseErrors(t *testing.T) {
	var many strings.Builder
	for i := range 20 {
		fmt.Fprintf(&many, "/<v%d>", i)
	}
	if _, err := pathpattern.Parse(many.String()); err != nil {
		t.Error(err)
	}
	for pattern, want := range map[string]string{
		many.String() + "/<x>":                    `the path has more than 20 values: take several of them as one of the type path`,
		"":                                        `the path must start with a slash`,
		"/\xff<a>":                                `the path is not valid UTF-8`,
		"items":                                   `the path must start with a slash`,
		"/" + strings.Repeat("a", 4096):           `the path is too long: it can have 4096 bytes at most`,
		"/a<b/c":                                  `"<b/c" is not a value: write <NAME> or <TYPE:NAME>, such as <int:id>`,
		"/<int:>":                                 `"<int:>" is not a value: write <NAME> or <TYPE:NAME>, such as <int:id>`,
		"/<my-id>":                                `"<my-id>" is not a value: write <NAME> or <TYPE:NAME>, such as <int:id>`,
		"/<integer:id>":                           `"<integer:id>": there is no type integer; did you mean int?`,
		"/<regexp:id>":                            `"<regexp:id>": there is no type regexp: the types are any, default, float, int, path, string, uuid`,
		"/<id>/<int:id>":                          `two values have the name id: give one of them another name`,
		"/<int(minimum=3):id>":                    `"<int(minimum=3):id>": the type int has no argument minimum; did you mean min?`,
		"/<int(zzz=3):id>":                        `"<int(zzz=3):id>": the type int has no argument zzz: it has fixed_digits, min, max, signed`,
		"/<float(fixed_digits=3):id>":             `"<float(fixed_digits=3):id>": the type float has no argument fixed_digits: it has min, max, signed`,
		"/<int(1, 2, 3, 4, 5):id>":                `"<int(1, 2, 3, 4, 5):id>": the type int takes at most 4 arguments`,
		"/<uuid(1):id>":                           `"<uuid(1):id>": the type uuid takes no arguments`,
		"/<path(length=1):id>":                    `"<path(length=1):id>": the type path takes no arguments`,
		"/<any(a=b):id>":                          `"<any(a=b):id>": the type any takes words and texts without names: leave a= out`,
		"/<any:id>":                               `"<any:id>": the type any needs choices, such as any(draft, final)`,
		"/<any(a, 1):id>":                         `"<any(a, 1):id>": the choice 1 is not a text: write it in quotes`,
		"/<any(True):id>":                         `"<any(True):id>": the choice True is not a text: write it in quotes`,
		"/<any('a/b', c):id>":                     `the choice a/b of id contains a slash, which it never matches: write an endpoint for it`,
		"/<int(min=-1):id>":                       `"<int(min=-1):id>": the argument "min=-1" cannot be read: write a number, True, False, None, a word or a text in quotes`,
		"/<int(min=1, max=):id>":                  `"<int(min=1, max=):id>": the argument "max=" cannot be read: write a number, True, False, None, a word or a text in quotes`,
		"/<int(min='1'):id>":                      `"<int(min='1'):id>": "'1'" is not a number`,
		"/<int(min=1, min=2):id>":                 `"<int(min=1, min=2):id>": the argument min is given twice`,
		"/<float(1, min=2):id>":                   `"<float(1, min=2):id>": the argument min is given twice, with and without its name`,
		"/<int(min=3, max=2):id>":                 `"<int(min=3, max=2):id>": no number is as large as its min 3 and as small as its max: change one of them`,
		"/<float(min=inf):id>":                    `"<float(min=inf):id>": no number is as large as its min +Inf and as small as its max: change one of them`,
		"/<int(max=9007199254740993):id>":         `"<int(max=9007199254740993):id>": the number 9007199254740993 has too many digits: write one that a float has exactly`,
		"/<int(fixed_digits='4'):id>":             `"<int(fixed_digits='4'):id>": "'4'" is not a number of digits`,
		"/<int(1001):id>":                         `"<int(1001):id>": 1001 is not a number of digits`,
		"/<string(minlength=None):id>":            `"<string(minlength=None):id>": None is not a length`,
		"/<string(length='-2'):id>":               `"<string(length='-2'):id>": "'-2'" is not a length`,
		"/<string(2,5):id>":                       `"<string(2,5):id>": "2,5" is not a length`,
		"/<string(maxlength=1001):id>":            `"<string(maxlength=1001):id>": a length of 1001 is too large: it can be 1000 at most`,
		"/<string(3, 2):id>":                      `"<string(3, 2):id>": its minlength 3 is larger than its maxlength 2`,
		"/<string(length=600):a>-<string(500):b>": `the lengths between two slashes add up to 1100: it can be 1000 at most`,
	} {
		if p, err := pathpattern.Parse(pattern); err == nil {
			t.Errorf("%s: got %v", pattern, p)
		} else if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", pattern, diff)
		}
	}
}

func TestRank(t *testing.T) {
	var patterns []*pathpattern.Pattern
	for _, pattern := range []string{
		"/<a>", "/<path:a>", "/<int:a>", "/x<a>", "/xy<path:a>", "/<a>b<c>d", "/<b>", "/<a>-<int:b>", "/static/<uuid:u>", "/ü<a>",
	} {
		p, err := pathpattern.Parse(pattern)
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, p)
	}
	pathpattern.Rank(patterns)
	var got []int
	for _, p := range patterns {
		got = append(got, p.Segments[len(p.Segments)-1].Rank)
	}
	if diff := cmp.Diff([]int{5, 6, 4, 3, 1, 0, 5, 2, 5, 3}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{
		"/", "/items/<int:id>", "/<any(a, 'b,c'):x>/<path:p>/", "/<float(min=1, max=2.5, signed=True):f>", "/<string(length=2):s><uuid:u>", "/a<b",
	} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		p, err := pathpattern.Parse(pattern)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("the error has several lines: %v", err)
			}
			return
		}
		pathpattern.Rank([]*pathpattern.Pattern{p})
		for i, segment := range p.Segments {
			if _, err := regexp.Compile(`\A(?:` + segment.Expression + `)\z`); err != nil {
				t.Errorf("%q: %v", pattern, err)
			}
			if last := len(p.Segments) - 1; segment.Rest && i != last || segment.Slash && (i != last-1 || p.Segments[last] != pathpattern.Segment{}) {
				t.Errorf("segment %d of %q takes all, and others follow: %+v", i, pattern, p.Segments)
			}
		}
	})
}
