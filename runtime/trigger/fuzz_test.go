package trigger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/trigger"
)

// FuzzPayload passes a payload on, as Dify does, and decodes it for the event.
func FuzzPayload(f *testing.F) {
	for _, payload := range []string{
		`{"ref":"r","number":1.5}`, `{"ref":"\u0000"}`, `{}`, `null`, `[]`, `1e400`, `{"a":1e999}`, `{"a\\\"":[-1e400,"\\\\"],"b":1E+308}`, `{"a":` + strings.Repeat("9", 309) + `}`,
		`{"a":{"a":[{}]}}`, `{"ref":"a","ref":"b"}`,
	} {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		got, failure := dispatch(t, func(_ http.ResponseWriter, _ *http.Request, _, _ string, to *trigger.Dispatcher) error {
			return to.Dispatch("push", json.RawMessage(payload))
		}, `{}`, post(""))
		text := bytes.TrimLeft(payload, " \t\r\n")
		var value any // as Dify decodes it
		isObject := json.Unmarshal(payload, &value) == nil && (text[0] == '{' || text[0] == 'n')
		if isObject != (failure == "") {
			t.Fatalf("%q: %s", payload, failure)
		}
		if !isObject {
			return
		}
		var want, seen any
		result := serve(t, provider(nil, func(_ context.Context, _ trigger.EventCall, payload *push, _, _, _ string) (any, error) {
			seen = *payload
			return payload, nil
		}), "invoke_trigger_event", `{"payload":`+string(got.Payload)+`}`, post(""))
		var direct push
		if json.Unmarshal(payload, &direct) != nil {
			if !strings.HasPrefix(result, "ValidationError: payload") {
				t.Errorf("%q: got %s", payload, result)
			}
			return
		}
		if want = direct; !cmp.Equal(want, seen) {
			t.Errorf("%q: got %v, want %v", payload, seen, want)
		}
	})
}
