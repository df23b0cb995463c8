package llm_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/llm"
)

// FuzzText compares texts, and JSON that goes through, with what encoding/json makes of them.
func FuzzText(f *testing.F) {
	f.Add("a\x00\"\\\n\r\t\x1f é\u2028<&>\x7f", []byte("{ \"a\" :\n [1] }"))
	f.Add("\xff\xfeb\xc3", []byte(`"x`))
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		m := llm.Message{Role: llm.RoleUser, Parts: []llm.Part{&llm.Text{Text: text}}}
		if json.Valid(body) {
			m.OpaqueBody = body
		}
		data, err := m.MarshalJSON()
		if err != nil || bytes.ContainsRune(data, '\n') {
			t.Fatalf("%s, %v", data, err)
		}
		var got, want struct {
			Content    string          `json:"content"`
			OpaqueBody json.RawMessage `json:"opaque_body"`
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		want.Content, want.OpaqueBody = string([]rune(text)), nil
		if m.OpaqueBody != nil {
			var b bytes.Buffer
			if err := json.Compact(&b, body); err != nil {
				t.Fatal(err)
			}
			want.OpaqueBody = b.Bytes()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		var decoded llm.Message
		if err := decoded.UnmarshalJSON(data); err != nil || decoded.Text() != want.Content {
			t.Errorf("decoded as %q, %v", decoded.Text(), err)
		}
	})
}

// TestEncodeOnce counts allocations: a chunk, and a message with a large image, take one buffer.
func TestEncodeOnce(t *testing.T) { //nolint:paralleltest // it counts allocations
	image := llm.User("What is this?", &llm.Image{Data: make([]byte, 4<<20), MIMEType: "image/png"})
	for name, encode := range map[string]func() ([]byte, error){
		"a text": chunks()["text"].MarshalJSON, "calls": chunks()["calls"].MarshalJSON, "an image": image.MarshalJSON,
	} {
		n := testing.AllocsPerRun(3, func() {
			if _, err := encode(); err != nil {
				t.Fatal(err)
			}
		})
		if n != 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// plainChunk is a chunk without methods, which has the same JSON.
type plainChunk struct {
	Model string     `json:"model"`
	Delta plainDelta `json:"delta"`
}

type plainDelta struct {
	Index        int          `json:"index"`
	Message      plainMessage `json:"message"`
	Usage        *plainUsage  `json:"usage"`
	FinishReason *string      `json:"finish_reason"`
}

type plainMessage struct {
	Role      string      `json:"role"`
	Content   string      `json:"content"`
	ToolCalls []plainCall `json:"tool_calls"`
}

type plainCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type plainUsage struct {
	PromptTokens        int     `json:"prompt_tokens"`
	PromptUnitPrice     string  `json:"prompt_unit_price"`
	PromptPriceUnit     string  `json:"prompt_price_unit"`
	PromptPrice         string  `json:"prompt_price"`
	CompletionTokens    int     `json:"completion_tokens"`
	CompletionUnitPrice string  `json:"completion_unit_price"`
	CompletionPriceUnit string  `json:"completion_price_unit"`
	CompletionPrice     string  `json:"completion_price"`
	TotalTokens         int     `json:"total_tokens"`
	TotalPrice          string  `json:"total_price"`
	Currency            string  `json:"currency"`
	Latency             float64 `json:"latency"`
}

// chunks are those that a stream has many of, and its last one.
func chunks() map[string]*llm.Chunk {
	u := usage()
	call := llm.ToolCall{ID: "call_1", Type: "function", Name: "weather", Arguments: `{"city":"Bonn"}`}
	return map[string]*llm.Chunk{
		"text":  {Model: "gpt-4o-mini", Index: 7, Message: llm.Assistant(" the quick\nbrown")},
		"calls": {Model: "gpt-4o-mini", Index: 8, Message: llm.Assistant("", call)},
		"last":  {Model: "gpt-4o-mini", Index: 9, Message: llm.Assistant(""), Usage: &u, FinishReason: llm.FinishStop},
	}
}

// plainOf returns the plain chunk with the same JSON.
func plainOf(tb testing.TB, data []byte) *plainChunk {
	tb.Helper()
	p := new(plainChunk)
	if err := json.Unmarshal(data, p); err != nil {
		tb.Fatal(err)
	}
	if same, err := json.Marshal(p); err != nil || string(same) != string(data) {
		tb.Fatalf("%s, %v, want %s", same, err, data)
	}
	return p
}

// BenchmarkChunk encodes and decodes chunks, and compares with plain structs of the same JSON. What
// sends chunks calls MarshalJSON; json.Marshal copies and checks what that returns.
func BenchmarkChunk(b *testing.B) {
	for name, chunk := range chunks() {
		data, err := chunk.MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		plain := plainOf(b, data)
		for way, test := range map[string]struct{ own, plain func() error }{
			"MarshalJSON":   {func() error { _, err := chunk.MarshalJSON(); return err }, func() error { _, err := json.Marshal(plain); return err }},
			"json.Marshal":  {func() error { _, err := json.Marshal(chunk); return err }, func() error { _, err := json.Marshal(plain); return err }},
			"UnmarshalJSON": {func() error { return new(llm.Chunk).UnmarshalJSON(data) }, func() error { return json.Unmarshal(data, new(plainChunk)) }},
		} {
			b.Run(name+"/"+way, func(b *testing.B) { ratio(b, test.own, test.plain) })
		}
	}
}

// ratio measures two functions in turn, and reports how much longer the first takes.
func ratio(b *testing.B, own, plain func() error) {
	b.Helper()
	b.ReportAllocs()
	const times = 50
	var took [2]float64
	for b.Loop() {
		for i, f := range []func() error{own, plain} {
			start := b.Elapsed()
			for range times {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			took[i] += float64(b.Elapsed() - start)
		}
	}
	b.ReportMetric(took[0]/took[1], "ratio")
}

// BenchmarkImage encodes and decodes a message with an image.
func BenchmarkImage(b *testing.B) {
	m := llm.User("What is this?", &llm.Image{Data: []byte(strings.Repeat("\x89PNG", 1<<20)), MIMEType: "image/png"})
	data, err := m.MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	plain := struct{ Data []byte }{m.Parts[1].(*llm.Image).Data}
	plainData, err := json.Marshal(plain)
	if err != nil {
		b.Fatal(err)
	}
	for way, test := range map[string]struct{ own, plain func() error }{
		"MarshalJSON":   {func() error { _, err := m.MarshalJSON(); return err }, func() error { _, err := json.Marshal(plain); return err }},
		"json.Marshal":  {func() error { _, err := json.Marshal(m); return err }, func() error { _, err := json.Marshal(plain); return err }},
		"UnmarshalJSON": {func() error { return new(llm.Message).UnmarshalJSON(data) }, func() error { return json.Unmarshal(plainData, new(struct{ Data []byte })) }},
	} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := test.own(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(way+"/plain", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := test.plain(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
