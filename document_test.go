package difygen_test

import (
	"slices"
	"testing"

	"github.com/difygen/difygen/internal/test/docscript"
	"github.com/difygen/difygen/internal/testmodule"
)

// TestDocuments does what the documents say: it writes their files, runs their commands, and
// compares what they show.
func TestDocuments(t *testing.T) {
	t.Parallel()
	if err := testmodule.Watch("."); err != nil {
		t.Fatal(err)
	}
	docscript.Run(t, ".", slices.Concat(glob(t, "*.md"), glob(t, "docs/*.md"), glob(t, "deploy/*.md"))...)
}
