package pipeline_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLackedOfAlias checks that the methods of a type count for its aliases.
func TestLackedOfAlias(t *testing.T) {
	t.Parallel()
	const method = "func (p *impl) Say(context.Context, *SayCall, *SayOutput) error { return nil }\n"
	for name, test := range map[string]struct {
		code string
		want []string // the methods that the type lacks, or the stub that has them
	}{
		"an alias":                {"type Provider = impl\ntype impl struct{}\n" + method, nil},
		"an alias of an alias":    {"type (\n\tProvider = (other)\n\tother = impl\n\timpl struct{}\n)\n" + method, nil},
		"a method of the alias":   {"type Provider struct{}\ntype impl = Provider\n" + method, nil},
		"an alias without it":     {"type Provider = impl\ntype impl struct{}\n", []string{"say.go"}},
		"a type of another":       {"type Provider = other.Provider\n", []string{"Say"}},
		"a circle":                {"type Provider = impl\ntype impl = Provider\n", []string{"Say"}},
		"a method of a different": {"type Provider struct{}\ntype impl struct{}\n" + method, []string{"say.go"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(say)
			files["provider/box.go"] = "package box\n\n" + test.code
			result := runWhole(t, newPlugin(t, "{tools: [provider/box.yaml]}", files))
			var got []string
			for _, m := range result.Missing {
				got = append(got, m.Method)
			}
			for _, c := range result.Changes {
				if filepath.Base(c.Name) == "say.go" {
					got = append(got, "say.go")
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lacks (-want +got):\n%s", diff)
			}
		})
	}
}
