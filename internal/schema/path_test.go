package schema_test

import (
	"regexp"
	"testing"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/model"
)

// FuzzPath checks that the schema of endpoints takes every path that code can be generated for.
func FuzzPath(f *testing.F) {
	for _, path := range []string{
		"/", "/items/<int:id>", "/a>b/<c>.<default:d>", `/<any(a, "b)<:", 'c'):d>`, "/<string(minlength=2, maxlength=7):a>/", "/<path:rest>/raw", "/<uuid:a>-<float(signed=True):b>",
		"items", "/<", "/<a", "/<integer:a>", "/<int:2>", "/<int():a>", "/<A_1>", "/ä/<_:b>", "/a\nb", "/<any(a,\nb):c>",
	} {
		f.Add(path)
	}
	var pattern *regexp.Regexp
	for _, k := range model.KindEndpoint.ItemSpec().Keys {
		if k.Key == "path" {
			pattern = regexp.MustCompile(k.Spec.Pattern)
		}
	}
	f.Fuzz(func(t *testing.T, path string) {
		if _, err := pathpattern.Parse(path); err == nil && !pattern.MatchString(path) {
			t.Errorf("the schema refuses %q", path)
		}
	})
}
