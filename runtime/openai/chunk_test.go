package openai

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// FuzzChunk checks that a chunk that the API could send is the same whether it is read as such or
// leniently, and that nothing is read from what is not a JSON object.
func FuzzChunk(f *testing.F) {
	for _, data := range []string{
		`{"choices":[{"index":0,"delta":{"content":"a","reasoning":"b","tool_calls":[{"index":1,"id":"x","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`,
		`{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"thinking","thinking":[{"text":"b"}]},{"type":"image_url","image_url":"c"}],"function_call":{"name":"f","arguments":{}}}}]}`,
		`{"error":{"message":"a"}}`, `{"error":"a","usage":{"prompt_tokens":"1"}}`, `{"choices":[{"text":5}],"usage":{"prompt_tokens":1e300}}`, `[]`, `{`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parseChunk(data)
		if err != nil {
			if c != nil || !errors.Is(err, errNotChunk) {
				t.Fatal(c, err)
			}
			return
		}
		var object map[string]any
		if json.Unmarshal(data, &object) != nil {
			t.Fatalf("%+v is read from what is not an object", c)
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		lenient := strings.Replace(string(again), "{", `{"x":0,`, 1)
		same, err := parseChunk([]byte(lenient))
		if diff := cmp.Diff(c, same, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(chunk{}, "Error")); diff != "" || err != nil {
			t.Errorf("%v (-once +twice):\n%s", err, diff)
		}
		wrong := strings.Replace(string(again), `{"choices":`, `{"system_fingerprint":[],"choices":`, 1)
		wrong = strings.Replace(wrong, `"system_fingerprint":"`, `"ignored":"`, 1)
		if len(c.Choices) == 0 && c.Usage == nil {
			return
		}
		slow, err := parseChunk([]byte(wrong))
		if err != nil {
			t.Fatalf("%s: %v", wrong, err)
		}
		if diff := cmp.Diff(c, slow, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(chunk{}, "Error", "SystemFingerprint"), cmp.Comparer(sameNumber)); diff != "" {
			t.Errorf("(-fast +lenient):\n%s", diff)
		}
	})
}

// sameNumber compares numbers but for those that no count has.
func sameNumber(a, b int) bool {
	return a == b || a < 0 && b == 0 || a > maxNumber && b == maxNumber
}

// FuzzAnswer checks that whatever a service answers gives text that can be sent or an error, and
// never both the last chunk and an error.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\",\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
		`{"choices":[{"message":{"content":"a","reasoning_content":"b"},"finish_reason":"stop"}]}`, "event: error\ndata: {\"message\":\"a\"}\n\n", "<html>", ": x\n\n", "\uFEFF {}",
		"data: {\"choices\":[{\"delta\":{\"images\":[{\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}]}}]}\n\n",
	} {
		f.Add(body, true)
	}
	f.Fuzz(func(t *testing.T, body string, streamed bool) {
		finished := false
		out := llm.NewOutput(runtime.ModelCall{Model: "m"}, streamed, func(c *llm.Chunk) error {
			if _, err := c.MarshalJSON(); err != nil {
				t.Error(err)
			}
			finished = finished || c.Usage != nil
			return nil
		})
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com", nil)
		req.Header.Set("Authorization", "Bearer sk-0123456789abcdef")
		resp := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}
		err := out.End(newReply(&completion{}, resp, out).read(t.Context()))
		if finished != (err == nil) {
			t.Errorf("finished %v, and yet %v", finished, err)
		}
		if err == nil {
			return
		}
		if m := err.Error(); strings.ContainsAny(m, "\n\r\x1b") || utf8.RuneCountInString(m) > 2*maxMessage || strings.Contains(m, "sk-0123456789") {
			t.Errorf("users read %q", m)
		}
	})
}
