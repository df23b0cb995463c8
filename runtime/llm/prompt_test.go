package llm_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/llm"
)

// FuzzPrompt checks that prompts are read from requests as messages are from JSON, and that what is
// encoded again is read as the same.
func FuzzPrompt(f *testing.F) {
	f.Add([]byte(`[{"role":"user","content":[{"type":"text","data":"hi"},{"type":"image","base64_data":"iVBO","format":"png","mime_type":"image/png","detail":"high"}]}]`))
	f.Add([]byte(`[{"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}],"opaque_body":{"a":[1e3,null]}}]`))
	f.Add([]byte(`[{"role":"developer","content":"x","name":null,"tool_call_id":"c"},{"role":"","content":null}]`))
	f.Add([]byte(`[{"role":"user","content":[{"type":"image","base64_data":"iVBO","mime_type":"image/.png"}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var list []any
		if json.Unmarshal(data, &list) != nil {
			t.Skip()
		}
		got, err := promptOf(t, list)
		if err != nil || len(got) == 0 {
			return
		}
		again, err := json.Marshal(got)
		if err != nil {
			return // what Dify sends, it does not always take
		}
		var want []llm.Message
		if err := json.Unmarshal(again, &want); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		var relisted []any
		if err := json.Unmarshal(again, &relisted); err != nil {
			t.Fatal(err)
		}
		reread, err := promptOf(t, relisted)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if diff := cmp.Diff(want, reread); diff != "" {
			t.Errorf("decoded and read (-want +got):\n%s", diff)
		}
		last, err := json.Marshal(reread)
		if err != nil || string(last) != string(again) {
			t.Errorf("got %s, %v, want %s", last, err, again)
		}
	})
}

// promptOf returns the messages that a provider gets of a prompt.
func promptOf(tb testing.TB, list []any) (got []llm.Message, err error) {
	tb.Helper()
	req := request(tb, `{}`)
	req.Data["prompt_messages"] = list
	_, err = serve(tb, writer(func(call *call, _ *llm.Output) error {
		got = call.Messages
		return nil
	}), "invoke_llm", req)
	return got, err
}
