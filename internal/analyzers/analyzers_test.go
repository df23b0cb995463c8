// The race detector would make loading packages ten times slower, and the analyzers start no
// goroutines.
//
//go:build !race

package analyzers_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/difygen/difygen/internal/analyzers"
)

// The packages that the analyzers are tried on use code that difygen generates.
//go:generate go tool difygen -kind tool -o testdata/src/service testdata/src/service/service.yaml
//go:generate go tool difygen -kind trigger -o testdata/src/hook testdata/src/hook/hook.yaml
//go:generate go tool difygen -C testdata/src/chat
//go:generate go tool difygen -C testdata/src/gate
//go:generate go tool difygen -C testdata/src/forge
//go:generate go tool difygen -C testdata/src/planner
//go:generate go tool difygen -C testdata/src/optionalmethod

const seeds = "./internal/analyzers/testdata/src/"

// TestAnalyzers compares what each analyzer finds with the comments in testdata/src, and the fixes
// with the golden files there. The first packages have mistakes of its kind, and code that looks
// like them; in the others, which have no mistakes, it must find nothing.
func TestAnalyzers(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range analyzers.All() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			results := analysistest.RunWithSuggestedFixes(t, root, a, seeds+a.Name+"/...", seeds+"service", seeds+"hook", seeds+"chat", seeds+"gate", seeds+"forge", seeds+"planner")
			found := 0
			for _, r := range results {
				found += len(r.Diagnostics)
			}
			if found == 0 {
				t.Error("it finds nothing")
			}
		})
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	if err := analysis.Validate(analyzers.All()); err != nil {
		t.Fatal(err)
	}
}
