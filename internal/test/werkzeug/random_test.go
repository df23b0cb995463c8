package werkzeug_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// value is a value in a pattern, and texts that fit it, or nearly.
type value struct {
	typ   string
	texts []string
}

var values = []value{
	{"", []string{"a", "ab", "7", "x-y", "%C3%BC", "%0A", "1.5", "a%2Fb"}},
	{"string", []string{"a", "b7", "abc", "+", "%FF", "%E2%82"}},
	{"string(length=2)", []string{"ab", "a", "abc", "%C3%BCx", "%FF%FF", "%E2%82x"}},
	{"string(minlength=2)", []string{"ab", "a", "abcd"}},
	{"string(2, 3)", []string{"ab", "abc", "abcd", "a"}},
	{"string(minlength=0)", []string{"", "a"}},
	{"string(minlength=0, maxlength=1)", []string{"", "a", "ab"}},
	{"default(maxlength=2)", []string{"a", "ab", "abc"}},
	{"int", []string{"0", "7", "007", "12345", "-7", "7a", "1.0"}},
	{"int(3)", []string{"123", "12", "007", "1234"}},
	{"int(min=3, max=7)", []string{"2", "3", "7", "8", "05"}},
	{"int(min=2.5)", []string{"2", "3"}},
	{"int(signed=True)", []string{"-7", "7", "--7", "-", "-0"}},
	{"int(fixed_digits=2, signed=True)", []string{"-7", "77", "-77"}},
	{"float", []string{"1.5", "0.0", "1", "1.", ".5", "-1.5", "1.5.5", "00.10"}},
	{"float(min=1, max=2.5)", []string{"1.0", "0.9", "2.5", "2.51"}},
	{"float(signed=True)", []string{"-1.5", "1.5", "-0.0"}},
	{"uuid", []string{"6f1c0e1a-0f3b-4c0e-9a3e-0123456789ab", "6F1C0E1A-0F3B-4C0E-9A3E-0123456789AB", "6f1c0e1a0f3b4c0e9a3e0123456789ab"}},
	{"path", []string{"a", "a/b", "a/", "/a", "a//b", "7", "a/7/", "%0Aa", "a%0A", "a%2F"}},
	{"any(a, ab)", []string{"a", "ab", "b", ""}},
	{"any(ab, a)", []string{"a", "ab", "abb"}},
	{"any('', \"x.y\")", []string{"", "x.y", "xzy"}},
	{"any(1,2)", []string{"1", "1,2"}},
}

// Values that Werkzeug or pathpattern refuses, so that both read patterns in the same way.
var wrongValues = []string{
	"in", "int(min=-1)", "int(a=1)", "int(1,2,3,4,5)", "any(1)", "any", "path(3)", "string(3, 2)", "string(2,5)", "float(fixed_digits=1)", "any(a b)", "int(min='1')",
	"string(length=x)", "any('a/b')", "string(length=None)", "string(length=2.9)", "any(u'a', R\"b\")", "int(min=1, min=2)", "string(1, minlength=2)", "any(a,b,)", "any( a , b )", "int( )",
	"string(length=\"3\")", "string(length=1_0)", "any(a)b)", "any('x)y')", "any(<)", "any(None)", "any(inf)", "any(1e5)", "any(1.)", "any(.)", "int(signed=)", "string(True, 3)", "int(True)",
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// randomSet returns up to six endpoints, and requests that nearly match them.
func randomSet(r *rand.Rand) (s set) {
	var samples []func() string
	for range 1 + r.IntN(6) {
		pattern, sample := randomPattern(r)
		s.Rules = append(s.Rules, [2]string{pick(r, []string{"GET", "GET", "GET", "POST", "HEAD", "DELETE"}), pattern})
		samples = append(samples, sample)
	}
	for range 20 {
		path := pick(r, samples)()
		for r.IntN(3) == 0 {
			path = "/" + strings.TrimPrefix(mutate(r, path), "/")
		}
		s.Requests = append(s.Requests, [2]string{pick(r, []string{"GET", "GET", "GET", "POST", "HEAD", "DELETE", "OPTIONS"}), path})
	}
	return s
}

// randomPattern returns a pattern, and a function that returns paths for it.
func randomPattern(r *rand.Rand) (pattern string, sample func() string) {
	var b strings.Builder
	var samples []func() string
	add := func(text string, texts ...string) {
		b.WriteString(text)
		samples = append(samples, func() string { return pick(r, texts) })
	}
	for i := range 1 + r.IntN(3) {
		add("/", "/")
		for j := range pick(r, []int{0, 1, 1, 1, 1, 2, 3}) {
			if r.IntN(5) < 2 {
				text := pick(r, []string{"a", "ab", "b", "x.y", "7", "-", "ü"})
				add(text, strings.ReplaceAll(text, "ü", "%C3%BC"))
				continue
			}
			v := pick(r, values)
			if r.IntN(100) == 0 {
				v = value{pick(r, wrongValues), []string{"a", "b", "7"}}
			}
			name := fmt.Sprintf("v%d%d", i, j)
			if v.typ != "" {
				name = v.typ + ":" + name
			}
			add("<"+name+">", v.texts...)
		}
	}
	if r.IntN(3) == 0 {
		add(pick(r, []string{"/", "/", "//"}), "/")
	}
	return b.String(), func() string {
		var path strings.Builder
		for _, sample := range samples {
			path.WriteString(sample())
		}
		return path.String()
	}
}

// mutate changes a path a little.
func mutate(r *rand.Rand, path string) string {
	i := r.IntN(len(path) + 1)
	for i > 0 && i < len(path) && strings.Contains(path[max(0, i-2):i], "%") { // not within an escape
		i--
	}
	switch r.IntN(6) {
	case 0:
		return path + "/"
	case 1:
		if len(path) > 1 {
			return strings.TrimSuffix(path, "/")
		}
		return path
	case 2:
		return path[:i] + "/" + path[i:]
	case 3:
		return path[:i] + pick(r, []string{"a", "7", "-", ".", "%0A", "%00", "%2F", "%FF"}) + path[i:]
	case 4:
		return path[:i] + strings.Replace(path[i:], "/", "", 1)
	default:
		if j := strings.LastIndexByte(path, '/'); j > 0 {
			return path[:j]
		}
		return path
	}
}
