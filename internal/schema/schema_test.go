package schema_test

import (
	"testing"

	"github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/internal/schema"
)

// TestFiles compares the schemas with those in testdata.
func TestFiles(t *testing.T) {
	t.Parallel()
	for _, f := range schema.Files() {
		golden.Check(t, "testdata/"+f.Name, f.Data)
	}
}
