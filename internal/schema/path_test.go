package schema_test

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/model"
)

// FuzzPath checks that the schema of endpoints takes every path that code can be generated for, and that
// editors, whose expressions backtrack, need not try many ways to read one.
func FuzzPath(f *testing.F) {
	for _, path := range []string{
		"/", "/items/<int:id>", "/a>b/<c>.<default:d>", `/<any(a, "b)<:", 'c'):d>`, "/<string(minlength=2, maxlength=7):a>/", "/<path:rest>/raw", "/<uuid:a>-<float(signed=True):b>",
		"items", "/<", "/<a", "/<integer:a>", "/<int:2>", "/<int():a>", "/<A_1>", "/ä/<_:b>", "/a\nb", "/<any(a,\nb):c>",
		"/<any(1):a>", "/<any(1)2):a>", "/<any(1\"):a>", `/<any("):", '):b'):c>`, `/<any("):b>"):c>`, "/<any(1)):a>/<any(1)):b>",
		"/" + strings.Repeat("<any():a>", 24) + "<", "/" + strings.Repeat("<any():a", 24), "/" + strings.Repeat(`<any("):a"`, 24) + `"):a>`,
	} {
		f.Add(path)
	}
	var pattern *regexp.Regexp
	var prog *syntax.Prog
	for _, k := range model.KindEndpoint.ItemSpec().Keys {
		if k.Key == "path" {
			pattern = regexp.MustCompile(k.Spec.Pattern)
			prog = compile(f, k.Spec.Pattern)
		}
	}
	f.Fuzz(func(t *testing.T, path string) {
		if _, err := pathpattern.Parse(path); err == nil && !pattern.MatchString(path) {
			t.Errorf("the schema refuses %q", path)
		}
		if n := waysToRead(prog, path); n > 4 {
			t.Errorf("there are %v ways to read the start of %q", n, path)
		}
	})
}

func compile(tb testing.TB, expr string) *syntax.Prog {
	tb.Helper()
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		tb.Fatal(err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		tb.Fatal(err)
	}
	return prog
}

// waysToRead returns in how many ways an expression can read the start of a text, at the character where
// there are most. An expression that backtracks may try all of them.
func waysToRead(prog *syntax.Prog, text string) (most float64) {
	ways := make(map[uint32]float64) // to come to an instruction that takes a character
	var add func(to map[uint32]float64, pc uint32, n float64)
	add = func(to map[uint32]float64, pc uint32, n float64) {
		switch i := prog.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			add(to, i.Out, n)
			add(to, i.Arg, n)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			add(to, i.Out, n)
		default:
			to[pc] += n
		}
	}
	add(ways, uint32(prog.Start), 1)
	for _, r := range text {
		next, total := make(map[uint32]float64), 0.0
		for pc, n := range ways {
			if i := &prog.Inst[pc]; i.Op != syntax.InstMatch && i.Op != syntax.InstFail && i.MatchRune(r) {
				add(next, i.Out, n)
				total += n
			}
		}
		ways, most = next, max(most, total)
	}
	return most
}
