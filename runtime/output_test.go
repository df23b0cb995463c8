package runtime_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// recorded is a message as the host reads it.
type recorded struct {
	Type          string
	Message, Meta map[string]any
}

// record returns an output, and the list of its messages.
func record(t *testing.T) (*runtime.ToolOutput, *[]recorded) {
	t.Helper()
	var list []recorded
	return runtime.NewToolOutput(func(m runtime.ToolMessage) error {
		data, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if len(data) > 5<<20 {
			t.Errorf("a message of %d bytes", len(data))
		}
		var r recorded
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		list = append(list, r)
		return nil
	}), &list
}

func TestMessages(t *testing.T) {
	t.Parallel()
	var got []string
	out := runtime.NewToolOutput(func(m runtime.ToolMessage) error {
		data, err := json.Marshal(m)
		got = append(got, string(data))
		return err
	})
	start := time.Unix(1700000000, 500_000_000)
	step, err := out.Log(runtime.LogMessage{ID: "1", Label: "Ask", Status: runtime.LogStart, Data: map[string]any{"with": "x"}})
	_, err2 := out.Log(runtime.LogMessage{
		ID: step, Parent: "0", Label: "Ask", Status: runtime.LogError, Error: "no", Metadata: runtime.LogMetadata{
			StartedAt: start, FinishedAt: start.Add(1500 * time.Millisecond), TotalPrice: "0.0012", Currency: "USD", TotalTokens: 7, Provider: "openai",
		},
	})
	for _, e := range []error{
		err, err2, out.Text("a b"), out.Text(""), out.Link("https://x.example/?k=v"), out.Image("https://x.example/i.png"),
		out.JSON(map[string]any{"n": json.Number("12345678901234567890")}), out.JSON([]string{}), out.SuppressedJSON([]int{1}),
		out.Variable("v", map[string]any{"a": nil}), out.Variable("w", "short"), out.StreamVariable("v", "more"),
		out.Variable("o", runtime.Optional[string]{}), out.Variable("p", runtime.Some("text")), out.Variable("q", runtime.OptionalList[int](nil)),
		out.File([]byte("data"), runtime.FileMeta{Name: "f.txt", MIMEType: "text/plain"}), out.File(nil, runtime.FileMeta{}),
		out.FileFrom(strings.NewReader("data"), 4, runtime.FileMeta{}),
		out.RetrieverResources([]runtime.RetrieverResource{{DocumentName: "D", Content: "c", Score: 0.5}, {Position: 9, Title: "T", Page: 2}}, "all"),
		out.RetrieverResources(nil, ""),
	} {
		if e != nil {
			t.Error(e)
		}
	}
	want := []string{
		`{"type":"log","message":{"data":{"with":"x"},"error":null,"id":"1","label":"Ask","metadata":{},"parent_id":null,"status":"start"},"meta":null}`,
		`{"type":"log","message":{"data":{},"error":"no","id":"1","label":"Ask","metadata":{"currency":"USD","elapsed_time":1.5,"finished_at":1700000002,"provider":"openai","started_at":1700000000.5,"total_price":"0.0012","total_tokens":7},"parent_id":"0","status":"error"},"meta":null}`,
		`{"type":"text","message":{"text":"a b"},"meta":null}`,
		`{"type":"text","message":{"text":""},"meta":null}`,
		`{"type":"link","message":{"text":"https://x.example/?k=v"},"meta":null}`,
		`{"type":"image","message":{"text":"https://x.example/i.png"},"meta":null}`,
		`{"type":"json","message":{"json_object":{"n":12345678901234567890}},"meta":null}`,
		`{"type":"json","message":{"json_object":[]},"meta":null}`,
		`{"type":"json","message":{"json_object":[1],"suppress_output":true},"meta":null}`,
		`{"type":"variable","message":{"stream":false,"variable_name":"v","variable_value":{"a":null}},"meta":null}`,
		`{"type":"variable","message":{"stream":false,"variable_name":"w","variable_value":"short"},"meta":null}`,
		`{"type":"variable","message":{"stream":true,"variable_name":"v","variable_value":"more"},"meta":null}`,
		`{"type":"variable","message":{"stream":false,"variable_name":"o","variable_value":null},"meta":null}`,
		`{"type":"variable","message":{"stream":false,"variable_name":"p","variable_value":"text"},"meta":null}`,
		`{"type":"variable","message":{"stream":false,"variable_name":"q","variable_value":null},"meta":null}`,
		`{"type":"blob","message":{"blob":"ZGF0YQ=="},"meta":{"filename":"f.txt","mime_type":"text/plain"}}`,
		`{"type":"blob","message":{"blob":""},"meta":{}}`,
		`{"type":"blob","message":{"blob":"ZGF0YQ=="},"meta":{}}`,
		`{"type":"retriever_resources","message":{"context":"all","retriever_resources":[{"position":1,"document_name":"D","score":0.5,"content":"c"},{"position":9,"title":"T","page":2,"score":0,"content":""}]},"meta":null}`,
		`{"type":"retriever_resources","message":{"context":"","retriever_resources":[]},"meta":null}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// TestNil checks that a slice or map that is nil, as one without results often is, reaches Dify
// as what its type says.
func TestNil(t *testing.T) {
	t.Parallel()
	out, list := record(t)
	for _, err := range []error{
		out.JSON([]int(nil)), out.JSON(map[string]int(nil)), out.SuppressedJSON([]any(nil)),
		out.Variable("v", []string(nil)), out.Variable("v", map[string]any(nil)), out.Variable("v", nil), out.Variable("v", []byte(nil)),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	var got []any
	for _, m := range *list {
		if m.Type == "json" {
			got = append(got, m.Message["json_object"])
		} else {
			got = append(got, m.Message["variable_value"])
		}
	}
	empty, object := []any{}, map[string]any{}
	if diff := cmp.Diff([]any{empty, object, empty, empty, object, nil, nil}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// TestLongTexts checks that texts that do not fit in a line arrive in pieces, unchanged.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"ASCII": strings.Repeat("x", 6<<20), "runes": "x" + strings.Repeat("世", 600_000), "controls": strings.Repeat("\x01", 2<<20),
	} {
		out, list := record(t)
		if err := errors.Join(out.Text(text), out.Variable("v", text), out.StreamVariable("w", text)); err != nil {
			t.Fatal(err)
		}
		whole := make(map[any]string)
		for _, m := range *list {
			piece, _ := m.Message["text"].(string)
			if m.Type == "variable" {
				piece, _ = m.Message["variable_value"].(string)
				if m.Message["stream"] != true {
					t.Errorf("%s: a piece is not part of a stream", name)
				}
			}
			whole[m.Message["variable_name"]] += piece
		}
		if whole[nil] != text || whole["v"] != text || whole["w"] != text || len(*list) < 6 {
			t.Errorf("%s: %d messages do not hold the texts", name, len(*list))
		}
	}
	out, list := record(t)
	err := errors.Join(out.Text(strings.Repeat("\x80", 600<<10)), out.StreamVariable("v", "\xff"), out.Variable("v", "\xff"))
	if want := "the text is not UTF-8; to send bytes, use File"; err == nil || err.Error() != want+"\n"+want+"\n"+want || len(*list) != 0 {
		t.Errorf("invalid UTF-8: %d messages, %v", len(*list), err)
	}
}

// TestLargeFile reassembles the chunks of a file.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789abcdef"), 100_001)
	for _, size := range []int64{int64(len(data)), -1} {
		out, list := record(t)
		if err := out.FileFrom(iotest.HalfReader(bytes.NewReader(data)), size, runtime.FileMeta{Name: "f"}); err != nil {
			t.Fatal(err)
		}
		wantChunks(t, data, *list)
	}
}

// wantChunks checks that the messages are the chunks of the file f with these data.
func wantChunks(t *testing.T, data []byte, list []recorded) {
	t.Helper()
	var whole []byte
	for i, m := range list {
		text, _ := m.Message["blob"].(string)
		blob, err := base64.StdEncoding.DecodeString(text)
		last := i == len(list)-1
		if err != nil || len(blob) > 8192 || last && len(blob) > 0 {
			t.Fatalf("chunk %d has %d bytes, %v", i, len(blob), err)
		}
		whole = append(whole, blob...)
		delete(m.Message, "blob")
		want := recorded{
			Type: "blob_chunk", Meta: map[string]any{"filename": "f"},
			Message: map[string]any{"id": list[0].Message["id"], "sequence": float64(i), "total_length": float64(len(data)), "end": last},
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Fatalf("chunk %d (-want +got):\n%s", i, diff)
		}
	}
	if !bytes.Equal(whole, data) {
		t.Errorf("%d bytes of %d arrive", len(whole), len(data))
	}
}

// TestWrongFiles checks files that are refused, and what of them is sent.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	broken := iotest.ErrReader(errors.New("broken"))
	for _, test := range []struct {
		name string
		r    io.Reader
		size int64
		sent int
		want string
	}{
		{"too large", broken, 50<<20 + 1, 0, "a file of 52428801 bytes is too large: Dify accepts 52428800"},
		{"unknown", broken, -1, 0, "reading the file: broken"},
		{"unknown and too large", bytes.NewReader(make([]byte, 50<<20+1)), -1, 0, "the file is too large: Dify accepts 52428800 bytes"},
		{"short", strings.NewReader("abc"), 4, 0, "the file has fewer bytes than its size says"},
		{"long", strings.NewReader("abcde"), 4, 0, "the file has more bytes than its size says"},
		{"broken", broken, 4, 0, "reading the file: broken"},
		{"broken at its end", io.MultiReader(strings.NewReader("abcd"), broken), 4, 0, "reading the file: broken"},
		{"cut off", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 4, 0, "reading the file: unexpected EOF"},
		{"cut off at its end", io.MultiReader(strings.NewReader("abcd"), iotest.ErrReader(io.ErrUnexpectedEOF)), 4, 0, "reading the file: unexpected EOF"},
		{"unknown and cut off", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), -1, 0, "reading the file: unexpected EOF"},
		{"large and cut off", io.MultiReader(bytes.NewReader(make([]byte, 9000)), iotest.ErrReader(io.ErrUnexpectedEOF)), 2 << 20, 1, "reading the file: unexpected EOF"},
		{"large and short", bytes.NewReader(make([]byte, 9000)), 2 << 20, 1, "the file has fewer bytes than its size says"},
		{"large and long", bytes.NewReader(make([]byte, 2<<20+1)), 2 << 20, 256, "the file has more bytes than its size says"},
	} {
		out, list := record(t)
		if err := out.FileFrom(test.r, test.size, runtime.FileMeta{}); err == nil || err.Error() != test.want || len(*list) != test.sent {
			t.Errorf("%s: %d messages, got %v, want %s", test.name, len(*list), err, test.want)
		}
	}
	out, list := record(t)
	if err := out.File(make([]byte, 50<<20+1), runtime.FileMeta{}); err == nil || len(*list) > 0 {
		t.Errorf("%d messages of a file that is too large, %v", len(*list), err)
	}
}

func TestWrongMessages(t *testing.T) {
	t.Parallel()
	out, list := record(t)
	for want, err := range map[string]error{
		"JSON message: must be an object or a list":                                      out.JSON("text"),
		"JSON message: must be an object or a list ":                                     out.JSON(nil),
		"JSON message: json: unsupported type: chan int":                                 out.JSON(make(chan int)),
		"a variable must have a name":                                                    out.Variable("", 1),
		`a variable cannot be named "text": Dify makes that output from other messages`:  out.Variable("text", 1),
		`a variable cannot be named "json": Dify makes that output from other messages`:  out.Variable("json", 1),
		`a variable cannot be named "files": Dify makes that output from other messages`: out.StreamVariable("files", ""),
		"json: unsupported type: chan int":                                               out.Variable("v", make(chan int)),
		"the output does not belong to a request":                                        (*runtime.ToolOutput)(nil).Text(""),
		"the output does not belong to a request ":                                       new(runtime.ToolOutput).File(nil, runtime.FileMeta{}),
	} {
		if err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if len(*list) > 0 {
		t.Errorf("%d messages are sent", len(*list))
	}
}

// TestSendFails checks that the first error ends a message that has several parts.
func TestSendFails(t *testing.T) {
	t.Parallel()
	ended, sent := errors.New("the request has ended"), 0
	out := runtime.NewToolOutput(func(runtime.ToolMessage) error {
		sent++
		return ended
	})
	for _, err := range []error{
		out.Text(strings.Repeat("x", 2<<20)), out.Variable("v", strings.Repeat("x", 2<<20)), out.File(make([]byte, 2<<20), runtime.FileMeta{}),
	} {
		if !errors.Is(err, ended) {
			t.Errorf("got %v", err)
		}
	}
	if sent != 3 {
		t.Errorf("%d messages are sent after the end", sent-3)
	}
}

// TestList checks that the list of a tool is never null, but for one that can be.
func TestList(t *testing.T) {
	t.Parallel()
	type item struct {
		Tags runtime.List[string] `json:"tags"`
	}
	data, err := json.Marshal([]runtime.List[item]{nil, {}, {{}, {Tags: []string{"a"}}}})
	if want := `[[],[],[{"tags":[]},{"tags":["a"]}]]`; err != nil || string(data) != want {
		t.Errorf("got %s, %v; want %s", data, err, want)
	}
	data, err = json.Marshal([]runtime.OptionalList[string]{nil, {}, {"a"}})
	if want := `[null,[],["a"]]`; err != nil || string(data) != want {
		t.Errorf("got %s, %v; want %s", data, err, want)
	}
}
