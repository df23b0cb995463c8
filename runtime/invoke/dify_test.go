package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// These tests ask the Dify of package difytest, which checks calls as Dify does.

func TestStorageOfDify(t *testing.T) {
	dify := difytest.NewDify(t)
	dify.LimitStorage(8)
	ctx := dify.Context(t.Context())
	s := servicesOf(invoke.ForGeneratedCode(ctx)).storage

	if err := s.Set(ctx, "a/b c:ü", []byte("\x00hi")); err != nil {
		t.Error(err)
	}
	if value, err := s.Get(ctx, "a/b c:ü"); string(value) != "\x00hi" || err != nil {
		t.Errorf("%q, %v", value, err)
	}
	if ok, err := s.Exists(ctx, "a/b c:ü"); !ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if err := s.Delete(ctx, "a/b c:ü"); err != nil {
		t.Error(err)
	}
	if err := s.Delete(ctx, "a/b c:ü"); !errors.Is(err, invoke.ErrNotFound) {
		t.Errorf("error %v, want %v", err, invoke.ErrNotFound)
	}
	if _, err := s.Get(ctx, "a/b c:ü"); !errors.Is(err, invoke.ErrNotFound) {
		t.Errorf("error %v, want %v", err, invoke.ErrNotFound)
	}
	if ok, err := s.Exists(ctx, "a/b c:ü"); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if err := s.Set(ctx, "k", make([]byte, 9)); !errors.Is(err, invoke.ErrStorageFull) {
		t.Errorf("error %v, want %v", err, invoke.ErrStorageFull)
	}
	if value, ok := dify.Stored("k"); !ok || len(value) != 9 {
		t.Errorf("%q is stored, %t", value, ok)
	}
	dify.Refuse(difytest.Storage)
	if err := s.Set(ctx, "k", nil); !errors.Is(err, invoke.ErrPermission) {
		t.Errorf("error %v, want %v", err, invoke.ErrPermission)
	}
}

func TestUploadToDify(t *testing.T) {
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	upload := servicesOf(invoke.ForGeneratedCode(ctx)).upload
	content := strings.Repeat("x", 1<<20)
	file, err := upload.File(ctx, "a ü.png", "", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	if file.ID == "" || file.Name != "a ü.png" || file.Size != 1<<20 || file.Type() != "image" {
		t.Errorf("%+v", file)
	}
	if uploads := dify.Uploads(); len(uploads) != 1 || string(uploads[0].Data) != content {
		t.Errorf("%d uploads", len(uploads))
	}
}

func TestRequestsThatDifyTakes(t *testing.T) {
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	s := servicesOf(invoke.ForGeneratedCode(ctx))
	answer := func(typ, reply string) {
		dify.Answer(typ, func(_ context.Context, _ json.RawMessage, send func(any)) error {
			send(json.RawMessage(reply))
			return nil
		})
	}
	answer("tool", `{"type":"text","message":{"text":"a"},"meta":null}`)
	answer("app", `{"event":"message","answer":"a"}`)
	answer("fetch_app", `{"opening_statement":"a"}`)
	answer("node_parameter_extractor", `{"inputs":{},"process_data":{},"outputs":{"n":1,"__is_success":1}}`)
	answer("node_question_classifier", `{"inputs":{},"process_data":{},"outputs":{"class_id":"1","class_name":"N"}}`)
	for name, call := range calls {
		if err := call(ctx, s); err != nil && !errors.Is(err, invoke.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a model says can be sent back to it, whatever it has said beside texts and calls.
func TestMessagesOfModelsThatDifyTakes(t *testing.T) {
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	call := llm.ToolCall{ID: "1", Name: "now"}
	dify.LLM(func(_ context.Context, req *invoke.LLMRequest) ([]*llm.Chunk, error) {
		chunks := difytest.Chunks(fmt.Sprint(len(req.Messages), req.ToolChoice.Mode))
		chunks[0].Message.OpaqueBody = json.RawMessage(`{"signature":"s"}`)
		chunks[0].Message.ToolCalls = []llm.ToolCall{call}
		return chunks, nil
	})
	req := &invoke.LLMRequest{
		Model: model, Messages: []llm.Message{llm.User("When?")},
		Tools: []llm.Tool{{Name: "now"}}, ToolChoice: llm.ToolChoice{Mode: llm.ChooseRequired},
	}
	for _, want := range []string{"1required", "3required"} {
		result, err := invoke.ForGeneratedCode(ctx).LLM().Generate(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		if result.Text() != want || result.Message.OpaqueBody == nil {
			t.Errorf("text %q, opaque body %s, want %q", result.Text(), result.Message.OpaqueBody, want)
		}
		req.Messages = append(req.Messages, result.Message, llm.ToolResult(call, "Now."))
	}
}

// A tool's messages are those that package runtime sends.
func TestMessagesOfToolOutput(t *testing.T) {
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	file := strings.Repeat("0123456789", 300_000)
	dify.Answer("tool", func(_ context.Context, _ json.RawMessage, send func(any)) error {
		out := runtime.NewToolOutput(func(m runtime.ToolMessage) error { send(m); return nil })
		_, err := out.Log(runtime.LogMessage{ID: "1", Label: "L"})
		return errors.Join(
			err, out.Text("a"), out.Text("b"), out.Link("https://x"), out.Image("https://y"), out.JSON([]int{1}),
			out.SuppressedJSON(map[string]any{}), out.Variable("n", 7), out.StreamVariable("s", "x"), out.StreamVariable("s", "y"),
			out.File([]byte("small"), runtime.FileMeta{Name: "a.txt", MIMEType: "text/plain"}),
			out.File([]byte(file), runtime.FileMeta{Name: "b.txt", MIMEType: "text/plain"}),
			out.RetrieverResources([]runtime.RetrieverResource{{Content: "c"}}, "x"),
		)
	})
	result, err := servicesOf(invoke.ForGeneratedCode(ctx)).tools.Run(ctx, aTool)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Files) != 2 || string(result.Files[1].Data) != file {
		t.Fatalf("%d files, or another one", len(result.Files))
	}
	result.Files[1].Data = nil // go-cmp compares byte by byte
	meta := func(name string) map[string]any { return map[string]any{"filename": name, "mime_type": "text/plain"} }
	want := &invoke.ToolResult{
		Text: "ab", Links: []string{"https://x"}, Images: []string{"https://y"},
		Files: []*invoke.ToolFile{
			{Type: "blob", Data: []byte("small"), Name: "a.txt", MIMEType: "text/plain", Meta: meta("a.txt")},
			{Type: "blob", Name: "b.txt", MIMEType: "text/plain", Meta: meta("b.txt")},
		},
		JSON:      []json.RawMessage{json.RawMessage("[1]"), json.RawMessage("{}")},
		Variables: map[string]json.RawMessage{"n": json.RawMessage("7"), "s": json.RawMessage(`"xy"`)},
		Logs:      []*invoke.ToolLog{{LogMessage: runtime.LogMessage{ID: "1", Label: "L", Status: runtime.LogSuccess, Data: map[string]any{}}}},
		Resources: []runtime.RetrieverResource{{Position: 1, Content: "c"}}, Context: "x",
	}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}
}

func TestAnAppThatIsGivenUp(t *testing.T) {
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	dify.Answer("app", func(ctx context.Context, _ json.RawMessage, send func(any)) error {
		for i := 0; ctx.Err() == nil && i < 1000; i++ {
			send(json.RawMessage(fmt.Sprintf(`{"event":"text_chunk","data":{"text":"%d"}}`, i)))
		}
		return nil
	})
	n := 0
	for _, err := range servicesOf(invoke.ForGeneratedCode(ctx)).apps.Workflow(ctx, &invoke.WorkflowRequest{AppID: "a"}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break // difytest fails the test if the call stays open
		}
	}
}
