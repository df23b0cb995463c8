package session

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// TestAppID checks that calls back into Dify know the app that the envelope names.
func TestAppID(t *testing.T) {
	t.Parallel()
	for envelope, want := range map[string]string{`"app-1"`: "app-1", `null`: "", `""`: ""} {
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			return map[string]any{"id": callback.FromContext(ctx).AppID()}, nil
		}))
		in := bytes.Replace(line("s", nil), []byte("{"), []byte(`{"app_id":`+envelope+`,`), 1)
		if got := answer(t, s, in); !cmp.Equal(got, []string{`{"id":"` + want + `"}`}) {
			t.Errorf("%s: got %s, want %q", envelope, got, want)
		}
	}
}
