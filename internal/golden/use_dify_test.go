package golden_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/testdata/golden/hook"
	"github.com/difygen/difygen/testdata/golden/toolbox"
	"github.com/difygen/difygen/testdata/golden/trigger"
)

// oneAnswer is a caller that notes each call, and answers it with the same JSON.
type oneAnswer struct {
	callback.Failing

	answer string
	calls  []string
}

func (c *oneAnswer) Invoke(_ context.Context, typ string, request any) (callback.Replies, error) {
	data, err := json.Marshal(request)
	c.calls = append(c.calls, typ+" "+string(data))
	return &oneReply{json.RawMessage(c.answer)}, err
}

type oneReply struct{ data json.RawMessage }

func (r *oneReply) Next() (json.RawMessage, error) {
	if r.data == nil {
		return nil, io.EOF
	}
	data := r.data
	r.data = nil
	return data, nil
}

func (*oneReply) Close() {}

// TestDify stores a value, from a request and outside of one.
func TestDify(t *testing.T) {
	t.Parallel()
	caller := &oneAnswer{answer: `{"data":"ok"}`}
	ctx := callback.NewContext(t.Context(), caller)
	if err := toolbox.DifyFromContext(ctx).Storage.Set(ctx, "key", []byte("v")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{`storage {"opt":"set","key":"key","value":"76"}`}, caller.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	err := toolbox.DifyFromContext(t.Context()).Storage.Set(ctx, "key", nil)
	if !errors.Is(err, invoke.ErrOutside) {
		t.Errorf("outside of a request: got %v", err)
	}
}

// TestDifyFields checks which fields the generated structs have, and that all of them are set.
func TestDifyFields(t *testing.T) {
	t.Parallel()
	ctx := callback.NewContext(t.Context(), &oneAnswer{})
	for _, test := range []struct {
		dify any
		want []string
	}{
		{hook.DifyFromContext(ctx), []string{"Upload"}},
		{trigger.DifyFromContext(ctx), []string{"Upload"}},
		{toolbox.DifyFromContext(ctx), []string{
			"Storage", "LLM", "Summary", "TextEmbedding", "Rerank", "Speech", "Transcription", "Moderation", "Tools", "Apps", "Nodes", "Upload",
		}},
	} {
		v := reflect.ValueOf(test.dify)
		var got []string
		for i := range v.NumField() {
			got = append(got, v.Type().Field(i).Name)
			if v.Field(i).IsZero() {
				t.Errorf("%s of %T is not set", v.Type().Field(i).Name, test.dify)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", test.dify, diff)
		}
	}
}
