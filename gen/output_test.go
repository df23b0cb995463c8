package gen

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// TestHidden checks that no method of an output can have the name of one of ToolOutput, which
// it embeds.
func TestHidden(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[*runtime.ToolOutput]()
	for i := range typ.NumMethod() {
		name := typ.Method(i).Name
		if (strings.HasPrefix(name, "Set") || strings.HasPrefix(name, "Stream")) && !slices.Contains(hidden, name) {
			t.Errorf("a method of an output may hide %s", name)
		}
	}
}
