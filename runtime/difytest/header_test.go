package difytest_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/trigger"
)

// TestDroppedHeaders checks that headers which Dify does not pass on are errors of the test.
func TestDroppedHeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   []string
	}{
		"fine": {http.Header{"Set-Cookie": {"a=1"}, "Link": {"<a>", "<b>"}}, nil},
		"dropped": {http.Header{"Set-Cookie": {"a=1", "b=2"}, "Bad Name": {"x"}}, []string{
			`Dify drops of the answer to an HTTP request: "Bad Name", the cookie a; it passes on one cookie, and headers with valid names`,
		}},
	} {
		errs, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			h := difytest.Start(tb, git(func(w http.ResponseWriter, _ hookCall, _ *trigger.Dispatcher) error {
				for key, values := range test.header {
					w.Header()[key] = values
				}
				return nil
			}, nil))
			if d := h.Dispatch(hook(t, "/", "")); d.Err != nil {
				t.Error(d.Err)
			}
		})
		if diff := cmp.Diff(test.want, errs); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}
