package gen

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	sources "github.com/difygen/difygen/runtime/datasource"
)

// TestHidden checks that no setter of an output can have the name of a method of the type that its own
// embeds.
func TestHidden(t *testing.T) {
	t.Parallel()
	for typ, hidden := range map[reflect.Type][]string{
		reflect.TypeFor[*runtime.ToolOutput]():        toolOutputMethods,
		reflect.TypeFor[*agent.Output]():              strategyOutputMethods,
		reflect.TypeFor[*sources.PageContentOutput](): pageOutputMethods,
	} {
		for i := range typ.NumMethod() {
			name := typ.Method(i).Name
			if (strings.HasPrefix(name, "Set") || strings.HasPrefix(name, "Stream")) && !slices.Contains(hidden, name) {
				t.Errorf("a method of an output may hide %s of %s", name, typ)
			}
		}
	}
}
