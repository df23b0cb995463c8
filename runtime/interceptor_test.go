package runtime_test

import (
	"testing"

	"github.com/difygen/difygen/runtime"
)

func TestCallInfoKey(t *testing.T) {
	t.Parallel()
	info := runtime.CallInfo{Keys: []runtime.RouteKey{{Field: "provider", Value: "github"}, {Field: "tool", Value: "list_issues"}}}
	for field, want := range map[string]string{"provider": "github", "tool": "list_issues", "model": "", "": ""} {
		if got := info.Key(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}
