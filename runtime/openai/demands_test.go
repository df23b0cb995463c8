package openai

import (
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		said, word string
		want       bool
	}{
		{"Invalid voice: alloy", "voice", true},
		{"Voice", "voice", true},
		{"the 'voice'.", "voice", true},
		{"参数voice不合法", "voice", true},
		{"No invoice is paid", "voice", false},
		{"voiced", "voice", false},
		{"The upstream has failed", "stream", false},
		{"upstream_error", "stream", false},
		{"Unknown parameter: stream_options", "stream", true},
		{"Unknown parameter: stream_options.include_usage", "stream_options", true},
		{"Unknown parameter: downstream_options", "stream_options", false},
		{"model_not_found", "model", true},
		{"ModelNotFound", "model", true},
		{"InvalidModel", "model", true},
		{"MODEL_NOT_FOUND", "model", true},
		{"remodeled", "model", false},
		{"max_tokens or model  output limit was reached.", "output limit was reached", true},
		{"output limit was never reached", "output limit was reached", false},
		{"", "model", false},
		{strings.Repeat("é ", maxScanned) + "model", "model", false}, // what is far down
	} {
		for _, e := range []*serviceError{{raw: test.said}, {code: test.said}} {
			if e.code != "" && len(e.code) > maxScanned {
				continue
			}
			e.status = &runtime.StatusError{StatusCode: http.StatusBadRequest}
			if got := mentions(e, "unsaid", test.word); got != test.want {
				t.Errorf("%.60q mentions %s: %v", test.said, test.word, got)
			}
			e.status.StatusCode = http.StatusTooManyRequests
			if mentions(e, test.word) {
				t.Errorf("%.60q is a request refused for what it asks", test.said)
			}
		}
	}
}
