package agent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

const maxFile = 15 << 20

func TestFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		send     func(*agent.Output) error
		messages int
		err      string
	}{
		"small":                {func(o *agent.Output) error { return o.File(make([]byte, 1<<20), runtime.FileMeta{}) }, 1, ""},
		"the largest":          {func(o *agent.Output) error { return o.File(make([]byte, maxFile), runtime.FileMeta{}) }, maxFile/(8<<10) + 1, ""},
		"too large":            {func(o *agent.Output) error { return o.File(make([]byte, maxFile+1), runtime.FileMeta{}) }, 0, "Dify accepts 15728640 bytes from an agent"},
		"of a tool, too large": {func(o *agent.Output) error { return o.ToolFile(&invoke.ToolFile{Data: make([]byte, maxFile+1)}) }, 0, "Dify accepts 15728640 bytes from an agent"},
		"of unknown size":      {func(o *agent.Output) error { return o.FileFrom(strings.NewReader("abc"), -1, runtime.FileMeta{}) }, 1, ""},
		"endless":              {func(o *agent.Output) error { return o.FileFrom(endless{}, -1, runtime.FileMeta{}) }, 0, "too large"},
		"that breaks off": {func(o *agent.Output) error {
			return o.FileFrom(iotest.ErrReader(errors.New("cut")), -1, runtime.FileMeta{})
		}, 0, "reading the file: cut"},
		"that is too long": {func(o *agent.Output) error { return o.FileFrom(strings.NewReader("abc"), 2, runtime.FileMeta{}) }, 0, "more bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			err := test.send(agent.NewOutput(t.Context(), r.send))
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got error %v, want %q", err, test.err)
			}
			if n := len(r.sent()); n != test.messages {
				t.Errorf("%d messages, want %d", n, test.messages)
			}
		})
	}
}

// endless is a file that never ends.
type endless struct{}

func (endless) Read(data []byte) (int, error) { return len(data), nil }

func TestToolFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file invoke.ToolFile
		want string
	}{
		"bytes":            {invoke.ToolFile{Type: "blob", Data: []byte("a"), Name: "a.txt", MIMEType: "text/plain"}, `{"type":"blob","message":{"blob":"YQ=="},"meta":{"filename":"a.txt","mime_type":"text/plain"}}`},
		"a stored image":   {invoke.ToolFile{Type: "image_link", ID: "f1", URL: "/files/f1.png", MIMEType: "image/png"}, `{"type":"image_link","message":{"text":"/files/f1.png"},"meta":{"mime_type":"image/png","tool_file_id":"f1"}}`},
		"a stored file":    {invoke.ToolFile{Type: "file", ID: "f1", URL: "/files/f1", Name: "a.pdf"}, `{"type":"binary_link","message":{"text":"/files/f1"},"meta":{"filename":"a.pdf","tool_file_id":"f1"}}`},
		"a file of HTTP":   {invoke.ToolFile{Type: "binary_link", ID: "f1", URL: "http://x.example/f1"}, `{"type":"binary_link","message":{"text":"http://x.example/f1"},"meta":{"tool_file_id":"f1"}}`},
		"a file elsewhere": {invoke.ToolFile{Type: "file", URL: "https://example.com/a"}, `{"type":"link","message":{"text":"https://example.com/a"},"meta":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			out := agent.NewOutput(t.Context(), r.send)
			if err := out.End(errors.Join(out.Text("before"), out.ToolFile(&test.file))); err != nil {
				t.Fatal(err)
			}
			if got := encode(t, r.messages[len(r.messages)-1]); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if len(r.messages) != 2 {
				t.Errorf("%d messages, want the text before and the file", len(r.messages))
			}
		})
	}
}

func TestPart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		part llm.Part
		want []string
	}{
		"nil":              {nil, nil},
		"a nil image":      {(*llm.Image)(nil), nil},
		"a nil recording":  {(*llm.Audio)(nil), nil},
		"a nil video":      {(*llm.Video)(nil), nil},
		"a nil document":   {(*llm.Document)(nil), nil},
		"a text":           {&llm.Text{Text: "a"}, nil},
		"an image":         {&llm.Image{Data: []byte("a"), MIMEType: "image/png"}, []string{"blob"}},
		"a URL of one":     {&llm.Image{URL: "https://x.example/a.png"}, []string{"image"}},
		"a recording":      {&llm.Audio{Data: []byte("a")}, []string{"blob"}},
		"a video":          {&llm.Video{URL: "https://x.example/a"}, []string{`link "https://x.example/a"`}},
		"a document":       {&llm.Document{Data: []byte("a"), Filename: "a.pdf"}, []string{"blob"}},
		"a URL of another": {&llm.Document{URL: "https://x.example/b"}, []string{`link "https://x.example/b"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			if err := agent.NewOutput(t.Context(), r.send).Part(test.part); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, r.sent()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAddresses checks that users do not get addresses that they cannot open, or should not.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/page", "//x.example/files/a", "https:", "http://[", "ftp://x.example/a"} {
		var r recorder
		out := agent.NewOutput(t.Context(), r.send)
		for what, err := range map[string]error{
			"an image":   out.Part(&llm.Image{URL: address}),
			"a document": out.Part(&llm.Document{URL: address}),
			"a file":     out.ToolFile(&invoke.ToolFile{ID: "f", URL: address}),
			"a link":     out.ToolFile(&invoke.ToolFile{URL: address}),
		} {
			if err == nil || len(r.sent()) > 0 {
				t.Errorf("%s with the address %q: got %q, %v", what, address, r.sent(), err)
			}
		}
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// TestUsage checks what Dify reads of the usage, which must be in the last object that is sent.
func TestUsage(t *testing.T) {
	t.Parallel()
	var r recorder
	out := agent.NewOutput(t.Context(), r.send)
	out.AddUsage(llm.Usage{
		PromptTokens: 1, CompletionTokens: 2, TotalTokens: 3, Currency: "EUR", Latency: 1500 * time.Millisecond,
		TotalPrice: runtime.NewDecimal(12, -4), PromptUnitPrice: runtime.NewDecimal(15, -2), PromptPriceUnit: runtime.NewDecimal(1, -6),
	})
	out.AddUsage(llm.Usage{PromptTokens: 10, TotalTokens: 10, Currency: "EUR", TotalPrice: runtime.NewDecimal(1, -4)})
	if err := out.End(out.JSON(map[string]any{"mine": 1})); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"type":"json","message":{"json_object":{"mine":1}},"meta":null}`,
		`{"type":"json","message":{"json_object":{"execution_metadata":{"completion_price":0,"completion_price_unit":0,"completion_tokens":2,` +
			`"completion_unit_price":0,"currency":"EUR","latency":1.5,"prompt_price":0,"prompt_price_unit":0.000001,"prompt_tokens":11,` +
			`"prompt_unit_price":0.15,"total_price":0.0013,"total_tokens":13}}},"meta":null}`,
	}
	var got []string
	for _, m := range r.messages {
		got = append(got, encode(t, m))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// TestUsageOfOddModels checks that usage that cannot be does not become a sum that cannot be.
func TestUsageOfOddModels(t *testing.T) {
	t.Parallel()
	var r recorder
	out := agent.NewOutput(t.Context(), r.send)
	step := out.Step("s", "")
	step.AddUsage(llm.Usage{TotalTokens: -5, PromptTokens: math.MinInt, CompletionTokens: -1, Latency: -time.Hour})
	if u := out.Usage(); !cmp.Equal(u, llm.Usage{}) {
		t.Errorf("negative numbers are %+v", u)
	}
	for range 2 {
		step.AddUsage(llm.Usage{TotalTokens: math.MaxInt, PromptTokens: math.MaxInt, CompletionTokens: 1, Latency: math.MaxInt64})
	}
	if u, want := out.Usage(), (llm.Usage{TotalTokens: math.MaxInt, PromptTokens: math.MaxInt, CompletionTokens: 2, Latency: math.MaxInt64}); !cmp.Equal(u, want) {
		t.Errorf("got %+v, want %+v", u, want)
	}
	if err := step.End(nil, nil); err != nil {
		t.Fatal(err)
	}
	if used := encode(t, r.messages[1].Message["metadata"]); !strings.Contains(used, `"total_tokens":9223372036854775807`) {
		t.Errorf("the step shows %s", used)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		out := agent.NewOutput(t.Context(), r.send)
		round := out.Step("Round 1", "")
		model := round.Step("gpt", "langgenius/openai/openai")
		time.Sleep(2 * time.Second)
		model.AddUsage(llm.Usage{TotalTokens: 5, TotalPrice: runtime.NewDecimal(1, -3), Currency: "USD"})
		tool := round.Step("Call search", "langgenius/google/google")
		err := errors.Join(model.End(map[string]any{"output": "hi"}, nil), tool.End(nil, errors.New("no network")), round.End(nil, nil))
		if err := out.End(err); err != nil {
			t.Fatal(err)
		}
		got := make([]string, 0, 6)
		for _, m := range r.messages[:6] {
			text := encode(t, m.Message)
			for id, name := range map[string]string{round.ID(): "R", model.ID(): "M", tool.ID(): "T"} {
				text = strings.ReplaceAll(text, id, name)
			}
			got = append(got, text)
		}
		const used = `"currency":"USD","elapsed_time":2,"finished_at":946684802,"`
		want := []string{
			`{"data":{},"error":null,"id":"R","label":"Round 1","metadata":{"started_at":946684800},"parent_id":null,"status":"start"}`,
			`{"data":{},"error":null,"id":"M","label":"gpt","metadata":{"provider":"langgenius/openai/openai","started_at":946684800},"parent_id":"R","status":"start"}`,
			`{"data":{},"error":null,"id":"T","label":"Call search","metadata":{"provider":"langgenius/google/google","started_at":946684802},"parent_id":"R","status":"start"}`,
			`{"data":{"output":"hi"},"error":null,"id":"M","label":"gpt","metadata":{` + used + `provider":"langgenius/openai/openai","started_at":946684800,"total_price":"0.001","total_tokens":5},"parent_id":"R","status":"success"}`,
			`{"data":{},"error":"no network","id":"T","label":"Call search","metadata":{"finished_at":946684802,"provider":"langgenius/google/google","started_at":946684802},"parent_id":"R","status":"error"}`,
			`{"data":{},"error":null,"id":"R","label":"Round 1","metadata":{` + used + `started_at":946684800,"total_price":"0.001","total_tokens":5},"parent_id":null,"status":"success"}`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
	})
}
