package llm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// TestAsk checks that what has come is returned with an error, whether Dify wants a stream or not, and
// that of much text, what is cut off is not returned as all.
func TestAsk(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	piece := strings.Repeat("x", llm.MaxResultBytes/4)
	for _, stream := range []bool{true, false} {
		for name, test := range map[string]struct {
			write writer
			want  string
			err   string
		}{
			"an answer":   {func(_ *call, out *llm.Output) error { return errors.Join(out.Text("a"), out.Text("b")) }, "ab", ""},
			"credentials": {func(call *call, out *llm.Output) error { return out.Text(call.Credentials.Key) }, "k", ""},
			"an error":    {func(_ *call, out *llm.Output) error { return errors.Join(out.Text("a"), out.Text("b"), failed) }, "ab", "failed"},
			"at once":     {func(*call, *llm.Output) error { return failed }, "", "failed"},
			"a question": {func(call *call, out *llm.Output) error {
				return out.Text(map[bool]string{true: "yes", false: "no"}[call.Stream])
			}, map[bool]string{true: "yes", false: "no"}[stream], ""},
			"too much": {func(_ *call, out *llm.Output) error {
				for range 5 {
					_ = out.Text(piece)
				}
				return nil
			}, strings.Repeat(piece, 4), "the model has written more than 32 MiB, which is too much to collect"},
		} {
			result, err := llm.Ask(t.Context(), test.write, &call{ModelCall: runtime.ModelCall{Model: "m"}, Credentials: credentials{"k"}, Stream: stream})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.err || result.Text() != test.want || err == nil && result.FinishReason != llm.FinishStop {
				t.Errorf("%s, stream %t: got %.20q and %q, want %.20q and %q", name, stream, result.Text(), got, test.want, test.err)
			}
		}
	}
}
