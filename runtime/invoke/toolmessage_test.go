package invoke_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

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
			"resources", []string{`{"type":"retriever_resources","message":{"retriever_resources":[{"position":1,"dataset_id":null,"score":0.5,"content":"c","page":null},` +
				`{"position":2,"title":"T","data_source_type":"upload_file","retriever_from":"workflow","hit_count":3,"word_count":4,"segment_position":5,` +
				`"index_node_hash":"h","page":6,"doc_metadata":{"by":"Ada"}}],"context":"x"}}`},
			[]invoke.ToolMessage{&invoke.ToolResources{
				Resources: []runtime.RetrieverResource{
					{Position: 1, Score: 0.5, Content: "c"},
					{
						Position: 2, Title: "T", DataSourceType: "upload_file", RetrieverFrom: "workflow", HitCount: 3, WordCount: 4,
						SegmentPosition: 5, IndexNodeHash: "h", Page: 6, DocMetadata: map[string]any{"by": "Ada"},
					},
				},
				Context: "x",
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
			for message, err := range newSession(t, reply(test.replies...)).Tools().Stream(t.Context(), aTool) {
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
