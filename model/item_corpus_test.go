package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/model"
)

// TestHostVerdictsOnItems compares LoadItem with what the host made of every item file.
func TestHostVerdictsOnItems(t *testing.T) {
	t.Parallel()
	for _, c := range corpus.Items(t) {
		kind, ok := model.KindOfItem(c.Kind)
		if !ok {
			t.Fatalf("%s: unknown kind %s", c.Name(), c.Kind)
		}
		item, findings := model.LoadItem(c.Name(), c.Source(t), kind)
		diags := findings.Settle()
		for _, d := range diags {
			if d.Pos.Line < 1 || d.Pos.Column < 1 {
				t.Errorf("%s: no position: %v", c.Name(), d)
			}
		}
		if c.Verdict == corpus.CannotLoad {
			if item != nil || !diags.HasErrors() {
				t.Errorf("%s: the host cannot load it (%v), but LoadItem reports no error", c.Name(), c.Reasons)
			}
			continue
		}
		if item == nil {
			t.Errorf("%s: the host loads it (%s), but LoadItem does not: %v", c.Name(), c.Verdict, diags)
			continue
		}
		if c.Verdict == corpus.Accept && diags.HasErrors() {
			t.Errorf("%s: the host accepts it: %v", c.Name(), diags)
		}
		if c.Verdict == corpus.BreaksRules && len(diags) == 0 {
			t.Errorf("%s: it breaks the host's rules (%v), but LoadItem reports nothing", c.Name(), c.Reasons)
		}
		got := corpus.Normal(t, item.HostForm())
		if diff := cmp.Diff(corpus.Normal(t, c.Decoded), got); diff != "" {
			t.Errorf("%s (-host +LoadItem):\n%s", c.Name(), diff)
		}
	}
}
