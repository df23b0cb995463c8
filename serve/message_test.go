package serve_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/serve"
)

// say runs a tool and returns its messages and its error.
func say(t *testing.T, tool serve.ToolFunc[creds]) (messages []string, failure string) {
	t.Helper()
	bindings := newBox().bindings()
	bindings[1] = serve.NewTool("echo", decodeCall, tool)
	p := startLocal(t, boxFiles(), bindings...)
	response, err := p.host.Call(t.Context(), "tool", "invoke_tool", tool0())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range response.Results {
		messages = append(messages, string(r))
	}
	if response.Err != nil {
		failure = response.Err.Error()
	}
	return messages, failure
}

func tool0() map[string]any { return tool("echo", withMode("")) }

func TestMessages(t *testing.T) {
	t.Parallel()
	got, failure := say(t, func(_ context.Context, _ creds, _ map[string]any, out *serve.Messages) error {
		step, err := out.Log(serve.LogMessage{ID: "1", Label: "Ask", Status: serve.LogStart, Data: map[string]any{"with": secret}})
		for _, e := range []error{
			err, out.Text("a <b> of " + secret), out.Link("https://x.example/?k=" + secret), out.Image("https://x.example/i.png"),
			out.JSON(map[string]any{"n": json.Number("12345678901234567890"), secret: []any{secret, 1.5}}), out.JSON([]string{}), out.JSON(json.RawMessage(`{"key":"sk-very\/secret\u002bvalue"}`)),
			out.Variable("v", map[string]any{"a": nil}), out.StreamVariable("v", "more"),
			out.Blob([]byte("data"), serve.File{Name: "f.txt", MIMEType: "text/plain"}), out.Blob(nil, serve.File{}),
		} {
			if e != nil {
				t.Error(e)
			}
		}
		_, err = out.Log(serve.LogMessage{ID: step, Parent: "0", Label: "Ask", Status: serve.LogError, Error: "no"})
		return err
	})
	want := []string{
		`{"type":"log","message":{"data":{"with":"[redacted]"},"error":null,"id":"1","label":"Ask","metadata":{},"parent_id":null,"status":"start"},"meta":null}`,
		`{"type":"text","message":{"text":"a <b> of [redacted]"},"meta":null}`,
		`{"type":"link","message":{"text":"https://x.example/?k=[redacted]"},"meta":null}`,
		`{"type":"image","message":{"text":"https://x.example/i.png"},"meta":null}`,
		`{"type":"json","message":{"json_object":{"[redacted]":["[redacted]",1.5],"n":12345678901234567890}},"meta":null}`,
		`{"type":"json","message":{"json_object":[]},"meta":null}`,
		`{"type":"json","message":{"json_object":{"key":"[redacted]"}},"meta":null}`,
		`{"type":"variable","message":{"stream":false,"variable_name":"v","variable_value":{"a":null}},"meta":null}`,
		`{"type":"variable","message":{"stream":true,"variable_name":"v","variable_value":"more"},"meta":null}`,
		`{"type":"blob","message":{"blob":"ZGF0YQ=="},"meta":{"filename":"f.txt","mime_type":"text/plain"}}`,
		`{"type":"blob","message":{"blob":""},"meta":{}}`,
		`{"type":"log","message":{"data":{},"error":"no","id":"1","label":"Ask","metadata":{},"parent_id":"0","status":"error"},"meta":null}`,
	}
	if diff := cmp.Diff(want, got); diff != "" || failure != "" {
		t.Errorf("%s (-want +got):\n%s", failure, diff)
	}
}

// TestLargeBlob reassembles the chunks of a file.
func TestLargeBlob(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789abcdef"), 100_001)
	messages, failure := say(t, func(_ context.Context, _ creds, _ map[string]any, out *serve.Messages) error {
		return out.Blob(data, serve.File{Name: "f"})
	})
	var whole []byte
	for i, m := range messages {
		var chunk struct {
			Type    string
			Message struct {
				ID          string
				Sequence    int
				TotalLength int `json:"total_length"`
				Blob        string
				End         bool
			}
		}
		if err := json.Unmarshal([]byte(m), &chunk); err != nil {
			t.Fatal(err)
		}
		blob, err := base64.StdEncoding.DecodeString(chunk.Message.Blob)
		if last := i == len(messages)-1; err != nil || chunk.Type != "blob_chunk" || chunk.Message.Sequence != i || chunk.Message.ID == "" ||
			chunk.Message.TotalLength != len(data) || chunk.Message.End != last || len(blob) > 8192 {
			t.Fatalf("chunk %d of %d: %.200s, %v", i, len(messages), m, err)
		}
		whole = append(whole, blob...)
	}
	if !bytes.Equal(whole, data) || failure != "" {
		t.Errorf("%d bytes of %d arrive, %s", len(whole), len(data), failure)
	}
}

func TestInvalidMessages(t *testing.T) {
	t.Parallel()
	_, failure := say(t, func(_ context.Context, _ creds, _ map[string]any, out *serve.Messages) error {
		for want, err := range map[string]error{
			"JSON message: must be an object or a list":                          out.JSON("text"),
			"JSON message: json: unsupported type: chan int":                     out.JSON(make(chan int)),
			"cannot encode the result as JSON: json: unsupported type: chan int": out.Variable("v", make(chan int)),
			"a result of 6291583 bytes is too large: the host accepts 5242879":   out.Text(strings.Repeat("x", 6<<20)),
		} {
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		return out.JSON("text")
	})
	if failure != "InvokeError: JSON message: must be an object or a list" {
		t.Error(failure)
	}
}

// TestMessageAfterEnd checks that a message after the end of the request is refused.
func TestMessageAfterEnd(t *testing.T) {
	t.Parallel()
	late := make(chan *serve.Messages, 1)
	say(t, func(_ context.Context, _ creds, _ map[string]any, out *serve.Messages) error {
		late <- out
		return nil
	})
	if err := (<-late).Text("more"); err == nil || err.Error() != "the request has already ended" {
		t.Errorf("got %v", err)
	}
}
