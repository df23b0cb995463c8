package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// TestGo checks what Go returns, and that a panic is reported.
func TestGo(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	var reported []any
	ctx := runtime.WithPanicReport(t.Context(), func(_ context.Context, value any) { reported = append(reported, value) })
	for name, test := range map[string]struct {
		f    func(context.Context) error
		want error
	}{
		"nothing":  {func(context.Context) error { return nil }, nil},
		"an error": {func(context.Context) error { return wrong }, wrong},
	} {
		wait := runtime.Go(ctx, test.f)
		for range 2 {
			if err := wait(); !errors.Is(err, test.want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	for name, f := range map[string]func(context.Context) error{
		"a panic": func(context.Context) error { panic("oh") },
		"an exit": func(context.Context) error { goruntime.Goexit(); return nil },
	} {
		e := (*runtime.Error)(nil)
		if err := runtime.Go(ctx, f)(); !errors.As(err, &e) || e.Type != runtime.ErrorInvoke {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(reported) != 2 || !slices.Contains(reported, any("oh")) || !slices.Contains(reported, nil) {
		t.Errorf("reported %v", reported)
	}
}
