package invoke_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

func TestToolRequests(t *testing.T) {
	for _, test := range []struct {
		name    string
		request *invoke.ToolRequest
		want    string
	}{
		{
			"plain", &invoke.ToolRequest{Type: invoke.ToolWorkflow, Provider: "p", Tool: "t"},
			`{"tool_type":"workflow","provider":"p","tool":"t","tool_parameters":{},"app_id":"app-1"}`,
		},
		{
			"chosen credentials", &invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "o/p/github", Tool: "t", Parameters: map[string]any{"n": 1}},
			`{"tool_type":"builtin","provider":"o/p/github","tool":"t","tool_parameters":{"n":1},"credential_id":"chosen","app_id":"app-1"}`,
		},
		{
			"given credentials",
			&invoke.ToolRequest{
				Type: invoke.ToolMCP, Provider: "o/p/github", Tool: "t", CredentialID: "given",
				CredentialType: runtime.CredentialTypeAPIKey,
			},
			`{"tool_type":"mcp","provider":"o/p/github","tool":"t","tool_parameters":{},"credential_id":"given","credential_type":"api-key","app_id":"app-1"}`,
		},
		{
			"selector",
			invoke.NewToolRequest(runtime.ToolSelector{
				ProviderID: "o/p/github", ToolName: "t", ToolConfiguration: map[string]any{"a": "setting", "b": "setting"},
			}, map[string]any{"b": "model"}),
			`{"tool_type":"builtin","provider":"o/p/github","tool":"t","tool_parameters":{"a":"setting","b":"model"},"credential_id":"chosen","app_id":"app-1"}`,
		},
		{
			"selector with credentials",
			invoke.NewToolRequest(runtime.ToolSelector{ProviderID: "o/p/github", ToolType: "api", ToolName: "t", CredentialID: "of the tool"}, nil),
			`{"tool_type":"api","provider":"o/p/github","tool":"t","tool_parameters":{},"credential_id":"of the tool","app_id":"app-1"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			caller := newCaller(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
				got = string(request)
				if typ != "tool" {
					t.Errorf("a call of type %s", typ)
				}
				return nil, nil
			})
			caller.credentials, caller.app = map[string]string{"o/p/github": "chosen"}, "app-1"
			if _, err := caller.session().Tools().Run(t.Context(), test.request); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestToolRequestsAreChecked(t *testing.T) {
	tools := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("a wrong request has been sent")
		return nil, nil
	}).Tools()
	for _, request := range []*invoke.ToolRequest{
		nil,
		{},
		{Type: invoke.ToolBuiltin, Tool: "t"},
		{Type: invoke.ToolBuiltin, Provider: "p"},
		{Provider: "p", Tool: "t"},
		{Type: "plugin", Provider: "p", Tool: "t"},
	} {
		if _, err := tools.Run(t.Context(), request); err == nil || !strings.HasPrefix(err.Error(), "a call of a tool must have a ") {
			t.Errorf("%+v: error %v", request, err)
		}
	}
}

var aTool = &invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "p", Tool: "t"}

func TestToolMessages(t *testing.T) {
	for _, test := range []struct {
		name    string
		replies []string
		want    []invoke.ToolMessage
	}{
		{"text", []string{`{"type":"text","message":{"text":"a"},"meta":null}`}, []invoke.ToolMessage{&invoke.ToolText{Text: "a"}}},
		{
			"link", []string{`{"type":"link","message":{"text":"https://x"},"meta":{"a":1}}`},
			[]invoke.ToolMessage{&invoke.ToolLink{URL: "https://x", Meta: map[string]any{"a": 1.0}}},
		},
		{"image", []string{`{"type":"image","message":{"text":"https://x"}}`}, []invoke.ToolMessage{&invoke.ToolImage{URL: "https://x"}}},
		{
			"stored image", []string{`{"type":"image_link","message":{"text":"/files/tools/1.png"},"meta":{"tool_file_id":"1","mime_type":"image/png"}}`},
			[]invoke.ToolMessage{&invoke.ToolFile{
				Type: "image_link", ID: "1", URL: "/files/tools/1.png", MIMEType: "image/png",
				Meta: map[string]any{"tool_file_id": "1", "mime_type": "image/png"},
			}},
		},
		{
			"stored file", []string{`{"type":"binary_link","message":{"text":"/files/tools/1.pdf"},"meta":{"filename":"a.pdf"}}`},
			[]invoke.ToolMessage{&invoke.ToolFile{
				Type: "binary_link", URL: "/files/tools/1.pdf", Name: "a.pdf", Meta: map[string]any{"filename": "a.pdf"},
			}},
		},
		{
			"file of a node",
			[]string{`{"type":"file","message":{"file_marker":"file_marker"},"meta":{"file":{"transfer_method":"tool_file","related_id":"1","filename":"a.pdf","mime_type":"application/pdf","remote_url":null,"url":"https://x"}}}`},
			[]invoke.ToolMessage{&invoke.ToolFile{
				Type: "file", ID: "1", URL: "https://x", Name: "a.pdf", MIMEType: "application/pdf",
				Meta: map[string]any{"file": map[string]any{
					"transfer_method": "tool_file", "related_id": "1", "filename": "a.pdf",
					"mime_type": "application/pdf", "remote_url": nil, "url": "https://x",
				}},
			}},
		},
		{
			"blob", []string{`{"type":"blob","message":{"blob":"aGk="},"meta":{"mime_type":"text/plain","filename":"a.txt"}}`},
			[]invoke.ToolMessage{&invoke.ToolFile{
				Type: "blob", Data: []byte("hi"), Name: "a.txt", MIMEType: "text/plain",
				Meta: map[string]any{"mime_type": "text/plain", "filename": "a.txt"},
			}},
		},
		{
			"empty blob", []string{`{"type":"blob","message":{"blob":""},"meta":null}`},
			[]invoke.ToolMessage{&invoke.ToolFile{Type: "blob", Data: []byte{}, MIMEType: "application/octet-stream"}},
		},
		{
			"json", []string{
				`{"type":"json","message":{"json_object":{"a":[1]},"suppress_output":true}}`,
				`{"type":"json","message":{"json_object":[]}}`,
			},
			[]invoke.ToolMessage{
				&invoke.ToolJSON{Value: json.RawMessage(`{"a":[1]}`), Suppressed: true},
				&invoke.ToolJSON{Value: json.RawMessage(`[]`)},
			},
		},
		{
			"variable", []string{
				`{"type":"variable","message":{"variable_name":"n","variable_value":12345678901234567890,"stream":false}}`,
				`{"type":"variable","message":{"variable_name":"n","variable_value":null}}`,
				`{"type":"variable","message":{"variable_name":"s","variable_value":"a","stream":true}}`,
			},
			[]invoke.ToolMessage{
				&invoke.ToolVariable{Name: "n", Value: json.RawMessage("12345678901234567890")},
				&invoke.ToolVariable{Name: "n", Value: json.RawMessage("null")},
				&invoke.ToolVariable{Name: "s", Value: json.RawMessage(`"a"`), Stream: true},
			},
		},
		{
			"log", []string{
				`{"type":"log","message":{"id":"1","label":"L","parent_id":null,"error":null,"status":"start","data":{"a":1},"metadata":{"started_at":1748419593.5,"finished_at":1748419594,"elapsed_time":0.5,"total_price":"0.0012","currency":"USD","total_tokens":7,"provider":"p"}}}`,
				`{"type":"log","message":{"id":"2","label":"L","parent_id":"1","error":"E","status":"error","data":{},"metadata":{"total_price":0.0000012,"total_tokens":"many","elapsed_time":1e300,"started_at":-1e300}}}`,
			},
			[]invoke.ToolMessage{
				&invoke.ToolLog{LogMessage: runtime.LogMessage{
					ID: "1", Label: "L", Status: runtime.LogStart, Data: map[string]any{"a": 1.0},
					Metadata: runtime.LogMetadata{
						StartedAt:  time.UnixMilli(1748419593500).UTC(),
						FinishedAt: time.UnixMilli(1748419594000).UTC(),
						Elapsed:    500 * time.Millisecond, TotalPrice: "0.0012", Currency: "USD", TotalTokens: 7, Provider: "p",
					},
				}},
				&invoke.ToolLog{LogMessage: runtime.LogMessage{
					ID: "2", Label: "L", Parent: "1", Status: runtime.LogError, Error: "E", Data: map[string]any{},
					Metadata: runtime.LogMetadata{TotalPrice: "0.0000012"},
				}},
			},
		},
		{
			"resources", []string{`{"type":"retriever_resources","message":{"retriever_resources":[{"position":1,"dataset_id":null,"score":0.5,"content":"c"}],"context":"x"}}`},
			[]invoke.ToolMessage{&invoke.ToolResources{
				Resources: []runtime.RetrieverResource{{Position: 1, Score: 0.5, Content: "c"}}, Context: "x",
			}},
		},
		{
			"unknown", []string{`{"type":"hologram","message":{"x":1},"meta":{"y":2}}`, `{"type":"hologram","message":null}`},
			[]invoke.ToolMessage{
				&invoke.UnknownToolMessage{Type: "hologram", Message: json.RawMessage(`{"x":1}`), Meta: map[string]any{"y": 2.0}},
				&invoke.UnknownToolMessage{Type: "hologram", Message: json.RawMessage(`null`)},
			},
		},
		{"no message", []string{`{"type":"text","message":null}`}, []invoke.ToolMessage{&invoke.ToolText{}}},
		{
			"chunks", []string{
				chunk("a", "he", false), chunk("b", "wo", false), `{"type":"text","message":{"text":"between"}}`,
				chunk("a", "llo", false), chunk("b", "rld", true), chunk("a", "", true),
			},
			[]invoke.ToolMessage{
				&invoke.ToolText{Text: "between"},
				&invoke.ToolFile{Type: "blob", Data: []byte("world"), MIMEType: "text/plain", Meta: map[string]any{"mime_type": "text/plain"}},
				&invoke.ToolFile{Type: "blob", Data: []byte("hello"), MIMEType: "text/plain", Meta: map[string]any{"mime_type": "text/plain"}},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []invoke.ToolMessage
			for message, err := range newSession(t, reply(test.replies...)).Tools().Invoke(t.Context(), aTool) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, message)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// chunk returns a chunk of a file of 5 bytes.
func chunk(id, data string, end bool) string { return chunkOf(id, 5, []byte(data), end) }

func chunkOf(id string, total int, data []byte, end bool) string {
	return fmt.Sprintf(`{"type":"blob_chunk","message":{"id":%q,"sequence":0,"total_length":%d,"blob":%q,"end":%t},"meta":{"mime_type":"text/plain"}}`,
		id, total, base64.StdEncoding.EncodeToString(data), end)
}

func TestToolErrors(t *testing.T) {
	many := make([]string, 17)
	for i := range many {
		many[i] = chunk(strconv.Itoa(i), "x", false)
	}
	for _, test := range []struct {
		name    string
		replies []string
		want    string
	}{
		{"no object", []string{`"secret"`}, "the reply of Dify to a call of type tool is not as expected"},
		{"wrong type", []string{`{"type":"text","message":{"text":["secret"]}}`}, "text in the reply of Dify to a call of type tool has the wrong type"},
		{"text for a message", []string{`{"type":"text","message":"secret"}`}, "the reply of Dify to a call of type tool is not as expected"},
		{"no base64", []string{`{"type":"blob","message":{"blob":"secret!"}}`}, "the reply of Dify to a call of type tool is not as expected"},
		{"a chunk without ID", []string{chunk("", "x", true)}, "a chunk of a file of the tool has no ID"},
		{"a chunk too large", []string{chunkOf("a", 0, make([]byte, 1<<20+1), true)}, "a chunk of a file of the tool has more than 1048576 bytes"},
		{"too many files", many, "the tool sends the chunks of more than 16 files at once"},
		{"a file announced too large", []string{chunkOf("a", 50<<20+1, nil, false)}, "a file of the tool has more than 52428800 bytes"},
		{"lost bytes", []string{chunk("a", "he", false), chunk("a", "", true)}, "of a file of the tool, 2 of 5 bytes have come"},
		{"not complete", []string{chunk("a", "hello", false)}, "the tool has ended before 1 of its files were complete"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := newSession(t, reply(test.replies...)).Tools().Run(t.Context(), aTool)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestToolRun(t *testing.T) {
	result, err := newSession(t, reply(
		`{"type":"text","message":{"text":"a"}}`, `{"type":"text","message":{"text":"b"}}`,
		`{"type":"link","message":{"text":"https://x"}}`, `{"type":"image","message":{"text":"https://y"}}`,
		`{"type":"blob","message":{"blob":"aGk="}}`, `{"type":"json","message":{"json_object":{"a":1}}}`,
		`{"type":"variable","message":{"variable_name":"n","variable_value":7}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"x","stream":true}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"y","stream":true}}`,
		`{"type":"log","message":{"id":"1","label":"L","status":"start","data":{}}}`,
		`{"type":"log","message":{"id":"2","label":"M","status":"start","data":{}}}`,
		`{"type":"log","message":{"id":"1","label":"L","status":"success","data":{}}}`,
		`{"type":"retriever_resources","message":{"retriever_resources":[{"position":1}],"context":"x"}}`,
		`{"type":"hologram","message":{}}`,
	)).Tools().Run(t.Context(), aTool)
	if err != nil {
		t.Fatal(err)
	}
	want := &invoke.ToolResult{
		Text: "ab", Links: []string{"https://x"}, Images: []string{"https://y"},
		Files: []*invoke.ToolFile{{Type: "blob", Data: []byte("hi"), MIMEType: "application/octet-stream"}},
		JSON:  []json.RawMessage{json.RawMessage(`{"a":1}`)},
		Variables: map[string]json.RawMessage{
			"n": json.RawMessage("7"), "s": json.RawMessage(`"xy"`),
		},
		Logs: []*invoke.ToolLog{
			{LogMessage: runtime.LogMessage{ID: "1", Label: "L", Status: runtime.LogSuccess, Data: map[string]any{}}},
			{LogMessage: runtime.LogMessage{ID: "2", Label: "M", Status: runtime.LogStart, Data: map[string]any{}}},
		},
		Resources: []runtime.RetrieverResource{{Position: 1}}, Context: "x",
		Unknown: []*invoke.UnknownToolMessage{{Type: "hologram", Message: json.RawMessage("{}")}},
	}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}

	var n int
	if ok, err := result.Variable("n", &n); !ok || err != nil || n != 7 {
		t.Errorf("n: %d, %t, %v", n, ok, err)
	}
	if ok, err := result.Variable("none", &n); ok || err != nil {
		t.Errorf("none: %t, %v", ok, err)
	}
	if ok, err := result.Variable("s", &n); !ok || err == nil || strings.Contains(err.Error(), "xy") {
		t.Errorf("s: %t, %v", ok, err)
	}
}

func TestVariablesThatAreSetAndStreamed(t *testing.T) {
	set := func(name, value string) string {
		return fmt.Sprintf(`{"type":"variable","message":{"variable_name":%q,"variable_value":%s,"stream":false}}`, name, value)
	}
	piece := func(name, text string) string {
		return fmt.Sprintf(`{"type":"variable","message":{"variable_name":%q,"variable_value":%q,"stream":true}}`, name, text)
	}
	result, err := newSession(t, reply(
		set("a", `"x"`), piece("a", "y"), piece("a", "z"),
		piece("b", "x"), set("b", "7"),
		piece("c", "x"), set("c", `"y"`), piece("c", "z"),
		set("d", "7"), piece("d", "x"),
	)).Tools().Run(t.Context(), aTool)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]json.RawMessage{
		"a": json.RawMessage(`"xyz"`), "b": json.RawMessage("7"), "c": json.RawMessage(`"yz"`), "d": json.RawMessage(`"x"`),
	}
	if diff := cmp.Diff(want, result.Variables); diff != "" {
		t.Error(diff)
	}

	_, err = newSession(t, reply(`{"type":"variable","message":{"variable_name":"a","variable_value":["secret"],"stream":true}}`)).Tools().Run(t.Context(), aTool)
	if want := "a piece of a variable of the tool is not a text"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestToolRunKeepsWhatCameBeforeAnError(t *testing.T) {
	result, err := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		return raw(`{"type":"text","message":{"text":"a"}}`), refuse("invoke tool failed: no")
	}).Tools().Run(t.Context(), aTool)
	var refusal *invoke.Error
	if !errors.As(err, &refusal) || refusal.Message != "invoke tool failed: no" {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(&invoke.ToolResult{Text: "a", Variables: map[string]json.RawMessage{}}, result); diff != "" {
		t.Error(diff)
	}
}

func TestToolSequenceCanEndEarlyAndBeReadAgain(t *testing.T) {
	calls := 0
	messages := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		calls++
		return raw(chunk("a", "hello", false), `{"type":"text","message":{"text":"1"}}`, `{"type":"text","message":{"text":"2"}}`), nil
	}).Tools().Invoke(t.Context(), aTool)
	for range 2 {
		for message, err := range messages {
			if diff := cmp.Diff(&invoke.ToolText{Text: "1"}, message); diff != "" || err != nil {
				t.Error(diff, err)
			}
			break
		}
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func TestStoredFilesAreInputsOfApps(t *testing.T) {
	for _, test := range []struct {
		file invoke.ToolFile
		want map[string]any
	}{
		{
			invoke.ToolFile{Type: "image_link", ID: "1"},
			map[string]any{"tool_file_id": "1", "transfer_method": "tool_file", "type": "image"},
		},
		{
			invoke.ToolFile{Type: "binary_link", ID: "1", Name: "a.PDF"},
			map[string]any{"tool_file_id": "1", "transfer_method": "tool_file", "type": "document"},
		},
		{invoke.ToolFile{Type: "blob", Data: []byte("x")}, nil},
	} {
		if diff := cmp.Diff(test.want, test.file.AppInput()); diff != "" {
			t.Error(diff)
		}
	}
}

func ExampleTools_Invoke() {
	search := func(ctx context.Context, tools invoke.Tools, out *runtime.ToolOutput) error {
		messages := tools.Invoke(ctx, &invoke.ToolRequest{
			Type: invoke.ToolBuiltin, Provider: "langgenius/google/google", Tool: "google_search",
			Parameters: map[string]any{"query": "Go"},
		})
		for message, err := range messages {
			if err != nil {
				return err
			}
			if text, ok := message.(*invoke.ToolText); ok {
				if err := out.Text(text.Text); err != nil {
					return err
				}
			}
		}
		return nil
	}
	fmt.Println(search(context.Background(), invoke.Tools{}, nil))
	// Output: no call back into Dify: the context is not that of a request
}
