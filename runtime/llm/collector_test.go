package llm_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/llm"
)

func TestCollector(t *testing.T) {
	t.Parallel()
	u := usage()
	picture := &llm.Image{URL: "u", MIMEType: "image/png"}
	signed := &llm.Text{Text: "!", OpaqueBody: json.RawMessage(`1`)}
	piece := func(id, name, arguments string) *llm.Chunk {
		return &llm.Chunk{Model: "m", Message: llm.Assistant("", llm.ToolCall{ID: id, Name: name, Arguments: arguments})}
	}
	for _, test := range []struct {
		name   string
		chunks []*llm.Chunk
		want   llm.Result
	}{
		{"nothing", nil, llm.Result{Message: llm.Assistant("")}},
		{
			"texts", []*llm.Chunk{
				{Model: "m", Message: llm.Assistant("Hel")}, {Model: "m", Message: llm.Assistant("lo")},
				{Model: "m2", SystemFingerprint: "fp", Usage: &u, FinishReason: llm.FinishStop, StructuredOutput: json.RawMessage(`{}`)},
			},
			llm.Result{Model: "m2", SystemFingerprint: "fp", Message: llm.Assistant("Hello"), Usage: usage(), FinishReason: llm.FinishStop, StructuredOutput: json.RawMessage(`{}`)},
		},
		{
			"parts", []*llm.Chunk{
				{Model: "m", Message: llm.Message{Parts: []llm.Part{&llm.Text{Text: "a"}, picture, nil, (*llm.Text)(nil), &llm.Text{Text: "b"}}}},
				{Model: "m", Message: llm.Message{Parts: []llm.Part{&llm.Text{Text: "c"}, signed, &llm.Text{Text: "d"}}, OpaqueBody: json.RawMessage(`2`)}},
			},
			llm.Result{Model: "m", Message: llm.Message{
				Role: llm.RoleAssistant, Parts: []llm.Part{&llm.Text{Text: "a"}, picture, &llm.Text{Text: "bc"}, signed, &llm.Text{Text: "d"}}, OpaqueBody: json.RawMessage(`2`),
			}},
		},
		{
			"same ID", []*llm.Chunk{piece("1", "f", `{"a"`), piece("2", "g", ""), piece("1", "", `:1}`)},
			llm.Result{Model: "m", Message: llm.Assistant("", llm.ToolCall{"1", "function", "f", `{"a":1}`}, llm.ToolCall{"2", "function", "g", ""})},
		},
		{
			"no ID", []*llm.Chunk{piece("1", "f", `{`), piece("2", "g", ""), piece("1", "", `}`), piece("", "", `{}`)},
			llm.Result{Model: "m", Message: llm.Assistant("", llm.ToolCall{"1", "function", "f", `{}`}, llm.ToolCall{"2", "function", "g", `{}`})},
		},
		{
			"name only", []*llm.Chunk{piece("", "f", `{`), piece("", "", `}`), piece("", "f", `[]`)},
			llm.Result{Model: "m", Message: llm.Assistant("", llm.ToolCall{"made up", "function", "f", `{}`}, llm.ToolCall{"made up", "function", "f", `[]`})},
		},
		{
			"name later", []*llm.Chunk{piece("1", "", `{}`), piece("1", "f", ""), piece("1", "g", "")},
			llm.Result{Model: "m", Message: llm.Assistant("", llm.ToolCall{"1", "function", "g", `{}`})},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var c llm.Collector
			for _, chunk := range test.chunks {
				if err := c.Add(chunk); err != nil {
					t.Fatal(err)
				}
			}
			got := c.Result()
			var made []string
			for i := range got.Message.ToolCalls {
				if call := &got.Message.ToolCalls[i]; strings.HasPrefix(call.ID, "call_") {
					made = append(made, call.ID)
					call.ID = "made up"
				}
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			slices.Sort(made)
			if len(slices.Compact(made)) != len(made) {
				t.Error("two calls have the same ID")
			}
		})
	}
}

func TestCollectorRefuses(t *testing.T) {
	t.Parallel()
	var c llm.Collector
	if err := c.Add(nil); err != nil {
		t.Errorf("no chunk: %v", err)
	}
	err := c.Add(&llm.Chunk{Message: llm.Assistant("kept", llm.ToolCall{Arguments: "{}"})})
	if want := "a piece of a tool call has neither an ID nor a name, and there is no call that it continues"; err == nil || err.Error() != want {
		t.Errorf("a piece of nothing: %v, want %s", err, want)
	}
	const tooMuch = "the model has written more than 32 MiB, which is too much to collect"
	long := strings.Repeat("x", llm.MaxResultBytes/8)
	for _, chunk := range []*llm.Chunk{
		{Message: llm.Assistant(long)},
		{Message: llm.Assistant("", llm.ToolCall{ID: "1", Arguments: long})},
		{Message: llm.Message{Parts: []llm.Part{&llm.Image{Data: []byte(long)}}}},
		{Message: llm.Message{Parts: []llm.Part{&llm.Document{URL: long}, &llm.Text{OpaqueBody: json.RawMessage(`0`)}, &llm.Video{}, &llm.Audio{}}}},
	} {
		c, err, n := llm.Collector{}, error(nil), 0
		for ; err == nil && n < 9; n++ {
			err = c.Add(chunk)
		}
		if err == nil || err.Error() != tooMuch || n < 8 {
			t.Errorf("chunk %d: %v, want %s", n, err, tooMuch)
		}
	}
	// Calls and parts of no length take memory, too.
	number := 0
	for name, empty := range map[string]func() *llm.Chunk{
		"images": func() *llm.Chunk {
			return &llm.Chunk{Message: llm.Message{Parts: slices.Repeat([]llm.Part{&llm.Image{}}, 1000)}}
		},
		"calls": func() *llm.Chunk {
			calls := make([]llm.ToolCall, 1000)
			for i := range calls {
				number++
				calls[i].ID = strconv.Itoa(number)
			}
			return &llm.Chunk{Message: llm.Message{ToolCalls: calls}}
		},
	} {
		var many llm.Collector
		err = nil
		for i := 0; err == nil && i < 1000; i++ {
			err = many.Add(empty())
		}
		if err == nil || err.Error() != tooMuch {
			t.Errorf("a million empty %s: %v", name, err)
		}
	}
}

// TestCollectorWeighs has parts each of whose fields alone is an eighth of what is taken.
func TestCollectorWeighs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", llm.MaxResultBytes/8)
	data, body := []byte(long), json.RawMessage(long)
	for _, p := range []llm.Part{
		&llm.Text{Text: long, OpaqueBody: json.RawMessage("0")}, &llm.Text{OpaqueBody: body},
		&llm.Image{Data: data}, &llm.Image{URL: long}, &llm.Image{MIMEType: long}, &llm.Image{Format: long}, &llm.Image{Filename: long}, &llm.Image{OpaqueBody: body},
		&llm.Audio{Data: data}, &llm.Audio{URL: long}, &llm.Audio{MIMEType: long}, &llm.Audio{Format: long}, &llm.Audio{Filename: long}, &llm.Audio{OpaqueBody: body},
		&llm.Video{Data: data}, &llm.Video{URL: long}, &llm.Document{Data: data}, &llm.Document{URL: long},
	} {
		var c llm.Collector
		var err error
		n := 0
		for ; err == nil && n < 9; n++ {
			err = c.Add(&llm.Chunk{Message: llm.Message{Parts: []llm.Part{p}}})
		}
		if err == nil || n != 8 { // it also weighs itself
			t.Errorf("%T: %d are taken, %v", p, n-1, err)
		}
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, test := range []struct {
		name string
		err  error
	}{{"whole", nil}, {"broken", failed}} {
		result, err := llm.Collect(func(yield func(*llm.Chunk, error) bool) {
			if !yield(&llm.Chunk{Message: llm.Assistant("a")}, nil) {
				return
			}
			if test.err != nil {
				yield(nil, test.err)
			}
		})
		if !errors.Is(err, test.err) || result.Text() != "a" {
			t.Errorf("%s: %q, %v", test.name, result.Text(), err)
		}
	}
	result, err := llm.Collect(func(yield func(*llm.Chunk, error) bool) {
		if yield(&llm.Chunk{Message: llm.Assistant("a", llm.ToolCall{})}, nil) {
			t.Error("a piece of nothing does not end the stream")
		}
	})
	if err == nil || result.Text() != "a" {
		t.Errorf("%q, %v", result.Text(), err)
	}
}

// TestResultsDiffer takes two results of a collector, whose parts could share memory.
func TestResultsDiffer(t *testing.T) {
	t.Parallel()
	var c llm.Collector
	add := func(parts ...llm.Part) {
		t.Helper()
		if err := c.Add(&llm.Chunk{Message: llm.Message{Parts: parts}}); err != nil {
			t.Fatal(err)
		}
	}
	add(&llm.Image{URL: "1"}, &llm.Image{URL: "2"}, &llm.Image{URL: "3"}, &llm.Text{Text: "a"}) // a fourth has room
	first := c.Result()
	add(&llm.Text{Text: "b"})
	second := c.Result()
	if got := first.Text() + " " + second.Text(); got != "a ab" {
		t.Errorf("the texts are %s, want a ab", got)
	}
}

// TestResultStays changes a collector after its result was taken.
func TestResultStays(t *testing.T) {
	t.Parallel()
	var c llm.Collector
	chunk := &llm.Chunk{Message: llm.Message{Parts: []llm.Part{&llm.Text{Text: "a"}, &llm.Image{}}, ToolCalls: []llm.ToolCall{{ID: "1", Arguments: "{"}}}}
	if err := c.Add(chunk); err != nil {
		t.Fatal(err)
	}
	first := c.Result()
	want, err := json.Marshal(first.Message.ToolCalls)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(chunk); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(first.Message.ToolCalls)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" || len(first.Message.Parts) != 2 {
		t.Errorf("the result has changed: %d parts, calls (-want +got):\n%s", len(first.Message.Parts), diff)
	}
}

// FuzzMergeToolCalls cuts tool calls into pieces, which must give the calls again.
func FuzzMergeToolCalls(f *testing.F) {
	f.Add("f\x00g", `{"a":1}`+"\x00"+`{"b":[1,2]}`, []byte{0, 3, 1, 2, 5})
	f.Add("f\x00f\x00", "\x00\x00x", []byte{255, 128, 7})
	f.Fuzz(func(t *testing.T, names, arguments string, cuts []byte) {
		args := strings.Split(arguments, "\x00")
		var whole []llm.ToolCall
		for i, name := range strings.Split(names, "\x00") {
			if i < len(args) {
				whole = append(whole, llm.ToolCall{ID: "id" + string(rune('a'+i%20000)), Type: "function", Name: name, Arguments: args[i]})
			}
		}
		pieces := cut(whole, cuts)
		var c llm.Collector
		for _, p := range pieces {
			data, err := json.Marshal(&llm.Chunk{Model: "m", Message: llm.Assistant("", p)})
			if err != nil {
				t.Fatal(err)
			}
			var chunk llm.Chunk
			if err := json.Unmarshal(data, &chunk); err != nil {
				t.Fatal(err)
			}
			if err := c.Add(&chunk); err != nil {
				t.Fatal(err)
			}
		}
		var want llm.Collector
		if err := want.Add(&llm.Chunk{Model: "m", Message: valid(llm.Assistant("", whole...))}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Result(), c.Result()); diff != "" {
			t.Errorf("of %d pieces (-whole +merged):\n%s", len(pieces), diff)
		}
		// Any pieces at all: no panic.
		var wild llm.Collector
		for i, b := range cuts {
			call := llm.ToolCall{ID: strings.Repeat("i", int(b%3)), Name: strings.Repeat("n", int(b/3%2)), Arguments: arguments}
			if err := wild.Add(&llm.Chunk{Message: llm.Assistant("", call)}); err != nil && i > 0 && len(wild.Result().Message.ToolCalls) > 0 {
				t.Fatal(err)
			}
		}
	})
}

// cut cuts calls where the bytes say. Each call begins before the next one; after that, its pieces
// come in any order among those of others.
func cut(whole []llm.ToolCall, cuts []byte) []llm.ToolCall {
	next := func() int {
		if len(cuts) == 0 {
			return 255
		}
		b := cuts[0]
		cuts = cuts[1:]
		return int(b)
	}
	var pieces []llm.ToolCall
	rest := make([]string, len(whole))
	take := func(i, n int) string {
		runes := []rune(rest[i]) // JSON has no half characters
		n = min(n, len(runes))
		rest[i] = string(runes[n:])
		return string(runes[:n])
	}
	for i, call := range whole {
		rest[i] = call.Arguments
		call.Arguments = take(i, next())
		pieces = append(pieces, call)
		for earlier := next() % (i + 1); next()%2 == 0 && rest[earlier] != ""; {
			pieces = append(pieces, llm.ToolCall{ID: whole[earlier].ID, Arguments: take(earlier, 1+next())})
		}
	}
	for i := range whole {
		for rest[i] != "" {
			p := llm.ToolCall{ID: whole[i].ID, Arguments: take(i, 1+next())}
			if i == len(whole)-1 && next()%2 == 0 {
				p.ID = ""
			}
			pieces = append(pieces, p)
		}
	}
	return pieces
}

// valid returns a message as it is after it was sent: bytes that are not UTF-8 are replaced.
func valid(m llm.Message) llm.Message {
	for i := range m.ToolCalls {
		c := &m.ToolCalls[i]
		c.Name, c.Arguments = string([]rune(c.Name)), string([]rune(c.Arguments))
	}
	return m
}
