package callback_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
)

func TestFromContext(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ctx  context.Context //nolint:containedctx // it is what the test is about
		want error
	}{
		"none":    {t.Context(), callback.ErrOutside},
		"nil":     {callback.NewContext(t.Context(), nil), callback.ErrOutside},
		"a model": {callback.NewContext(t.Context(), callback.Failing{Err: callback.ErrModel}), callback.ErrModel},
	} {
		c := callback.FromContext(test.ctx)
		if replies, err := c.Invoke(test.ctx, "storage", nil); !errors.Is(err, test.want) || replies != nil {
			t.Errorf("%s: %v, %v, want %v", name, replies, err, test.want)
		}
		if c.Limit() != 0 || c.ToolCredential("a/b/c") != "" || c.AppID() != "" {
			t.Errorf("%s: a limit, credentials or an app", name)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	got := []string{
		(&callback.Error{Type: "storage", Message: "save data failed"}).Error(),
		(&callback.TooLargeError{Size: 7, Limit: 5}).Error(),
	}
	want := []string{"save data failed", "a call back into Dify of 7 bytes is too large: this transport carries 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"read tool response failed: request failed: no such city":                                                                      "no such city",
		"read llm model failed: request failed: a failed: request failed: b":                                                           "a failed: request failed: b",
		`invoke tool failed: request failed with status code: 400 and respond with: {"code":"invalid_param","message":"no such tool"}`: "no such tool",
		`invoke tool failed: request failed with status code: 502 and respond with: <html>`:                                            "invoke tool failed: request failed with status code: 502 and respond with: <html>",
		`invoke tool failed: request failed with status code: 400 and respond with: {}`:                                                "invoke tool failed: request failed with status code: 400 and respond with: {}",
		"permission denied, you need to enable tool access in plugin manifest":                                                         "permission denied, you need to enable tool access in plugin manifest",
		"": "",
	} {
		if got := (&callback.Error{Message: message}).Reason(); got != want {
			t.Errorf("%s: got %q, want %q", message, got, want)
		}
	}
}
