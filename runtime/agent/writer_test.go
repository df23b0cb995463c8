package agent_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/llm"
)

// recorder keeps what an output sends.
type recorder struct {
	mu       sync.Mutex
	messages []runtime.ToolMessage
	err      error
	refused  string // a type of messages for which there is no room
}

func (r *recorder) send(m runtime.ToolMessage) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Type == r.refused {
		return errors.New("no room")
	}
	if r.err == nil {
		r.messages = append(r.messages, m)
	}
	return r.err
}

// sent returns what has been sent so far, one line a message.
func (r *recorder) sent() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.messages {
		switch m.Type {
		case "text", "link":
			list = append(list, fmt.Sprintf("%s %q", m.Type, m.Message["text"]))
		case "variable":
			list = append(list, fmt.Sprintf("variable %s %q", m.Message["variable_name"], m.Message["variable_value"]))
		default:
			list = append(list, m.Type)
		}
	}
	return list
}

func TestOutputJoins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		write func(*agent.Output) error
		want  []string
	}{
		"texts":         {func(o *agent.Output) error { return errors.Join(o.Text("a"), o.Text(""), o.Text("ü"), o.Text("\n")) }, []string{`text "aü\n"`}},
		"an empty text": {func(o *agent.Output) error { return o.Text("") }, nil},
		"texts before another message": {
			func(o *agent.Output) error { return errors.Join(o.Text("a"), o.Text("b"), o.Link("u"), o.Text("c")) },
			[]string{`text "ab"`, `link "u"`, `text "c"`},
		},
		"a variable": {
			func(o *agent.Output) error {
				return errors.Join(o.StreamVariable("v", "1"), o.StreamVariable("v", "2"), o.Text("a"), o.StreamVariable("w", "3"), o.StreamVariable("v", "4"))
			},
			[]string{`variable v "124"`, `text "a"`, `variable w "3"`},
		},
		"an empty variable": {func(o *agent.Output) error { return o.StreamVariable("v", "") }, []string{`variable v ""`}},
		"a variable that is set": {
			func(o *agent.Output) error { return errors.Join(o.StreamVariable("v", "1"), o.Variable("v", "2")) },
			[]string{`variable v "1"`, `variable v "2"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			out := agent.NewOutput(t.Context(), r.send)
			if err := out.End(test.write(out)); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, r.sent()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutputSendsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		out := agent.NewOutput(t.Context(), r.send)
		for range 7 { // one every 30 ms
			if err := out.Text("x"); err != nil {
				t.Error(err)
			}
			time.Sleep(30 * time.Millisecond)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{`text "xxxx"`}, r.sent()); diff != "" {
			t.Errorf("after 210 ms (-want +got):\n%s", diff)
		}
		time.Sleep(30 * time.Millisecond)
		synctest.Wait()
		if diff := cmp.Diff([]string{`text "xxxx"`, `text "xxx"`}, r.sent()); diff != "" {
			t.Errorf("after 240 ms (-want +got):\n%s", diff)
		}
		if err := out.End(nil); err != nil {
			t.Error(err)
		}
	})
}

// TestManyTokens checks that a long answer is a few messages, whose texts are it: Dify's daemon drops
// messages if more than 128 wait.
func TestManyTokens(t *testing.T) {
	t.Parallel()
	const tokens, most = 20_000, 25
	var r recorder
	var want strings.Builder
	out := agent.NewOutput(t.Context(), r.send)
	for i := range tokens {
		text := []string{"tok", "ü€", " 😀", "\n"}[i%4]
		want.WriteString(text)
		if err := out.Text(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.End(nil); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, m := range r.messages {
		text, _ := m.Message["text"].(string)
		got.WriteString(text)
		if strings.ToValidUTF8(text, "") != text {
			t.Errorf("a character is split in %q", text)
		}
	}
	if got.String() != want.String() {
		t.Error("the text has changed")
	}
	if n := len(r.messages); n > most {
		t.Errorf("%d tokens are %d messages, want at most %d", tokens, n, most)
	}
}

// TestManyPieces checks that texts and pieces of variables that alternate are joined, too, of many variables
// as of one.
func TestManyPieces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for variables, most := range map[int]int{1: 2, 15: 16, 100: 2000} {
			var r recorder
			out := agent.NewOutput(t.Context(), r.send)
			want := make(map[string]string)
			for i := range 1000 {
				name := fmt.Sprintf("v%d", i%variables)
				want[""], want[name] = want[""]+"#", want[name]+strconv.Itoa(i%7)
				if err := errors.Join(out.Text("#"), out.StreamVariable(name, strconv.Itoa(i%7))); err != nil {
					t.Fatal(err)
				}
			}
			if err := out.End(nil); err != nil {
				t.Fatal(err)
			}
			got := make(map[string]string)
			for _, m := range r.messages {
				text, _ := m.Message["text"].(string)
				name, _ := m.Message["variable_name"].(string)
				piece, _ := m.Message["variable_value"].(string)
				got[name] += text + piece
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d variables (-want +got):\n%s", variables, diff)
			}
			if n := len(r.messages); n > most {
				t.Errorf("%d messages of %d variables, want at most %d", n, variables, most)
			}
		}
	})
}

func TestOutputOfLongTexts(t *testing.T) {
	t.Parallel()
	var r recorder
	out := agent.NewOutput(t.Context(), r.send)
	long := strings.Repeat("x", 512<<10)
	if err := out.End(errors.Join(out.Text("a"), out.Text(long), out.Text("b"))); err != nil {
		t.Error(err)
	}
	for i, want := range []string{"a", long, "b"} {
		if got := r.messages[i].Message["text"]; got != want {
			t.Errorf("message %d is another text", i)
		}
	}
}

// TestConcurrentOutput checks, with -race, that methods can be called at once, and that nothing is lost.
func TestConcurrentOutput(t *testing.T) {
	t.Parallel()
	var r recorder
	out := agent.NewOutput(t.Context(), r.send)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				if err := errors.Join(out.Text("#"), out.StreamVariable("v", "+")); err != nil {
					t.Error(err)
				}
				out.AddUsage(llm.Usage{TotalTokens: 1})
			}
			if err := out.Step("s", "").End(nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := out.End(nil); err != nil {
		t.Error(err)
	}
	all := strings.Join(r.sent(), "\n")
	if x, y, steps := strings.Count(all, "#"), strings.Count(all, "+"), strings.Count(all, "log"); x != 4000 || y != 4000 || steps != 16 {
		t.Errorf("got %d texts, %d pieces and %d steps", x, y, steps)
	}
	if n := out.Usage().TotalTokens; n != 4000 {
		t.Errorf("got %d tokens", n)
	}
}

func TestOutputFailures(t *testing.T) {
	t.Parallel()
	gone := errors.New("the request has ended")
	r := recorder{err: gone}
	out := agent.NewOutput(t.Context(), r.send)
	if err := out.Text("a"); err != nil {
		t.Errorf("a text that waits: %v", err)
	}
	if err := out.Link("u"); !errors.Is(err, gone) {
		t.Errorf("the next message: got %v", err)
	}
	if err := out.Text("b"); !errors.Is(err, gone) {
		t.Errorf("the next text: got %v", err)
	}
	if err := out.Step("s", "").End(nil, nil); !errors.Is(err, gone) {
		t.Errorf("a step: got %v", err)
	}
	if err := out.End(nil); !errors.Is(err, gone) {
		t.Errorf("the end: got %v", err)
	}
	failed := errors.New("failed")
	if err := agent.NewOutput(t.Context(), r.send).End(failed); !errors.Is(err, failed) {
		t.Errorf("the end of a strategy that has failed: got %v", err)
	}
}

func TestOutputAfterEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		out := agent.NewOutput(t.Context(), r.send)
		if err := out.End(out.Text("a")); err != nil {
			t.Error(err)
		}
		if out.Text("b") == nil || out.Link("u") == nil || out.StreamVariable("v", "") == nil {
			t.Error("no error after the end")
		}
		time.Sleep(time.Second)
		if diff := cmp.Diff([]string{`text "a"`}, r.sent()); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	})
}

// TestStrategyEnds checks what is sent of a strategy that fails or panics.
func TestStrategyEnds(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, test := range map[string]struct {
		end     func() error
		want    error
		panics  bool
		numSent int
	}{
		"returns": {func() error { return nil }, nil, false, 2}, // and the usage
		"fails":   {func() error { return failed }, failed, false, 1},
		"panics":  {func() error { panic("oops") }, nil, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			handler := agent.BindStrategy(
				func(map[string]any) (int, error) { return 1, nil },
				func(_ context.Context, _ runtime.Call, _ int, out *agent.Output) error {
					out.AddUsage(llm.Usage{TotalTokens: 1})
					return errors.Join(out.Text("half"), test.end())
				},
			)
			req := &runtime.Request{Stream: func(m any) error { return r.send(m.(runtime.ToolMessage)) }} //nolint:forcetypeassert // it is one
			defer func() {
				if p := recover(); (p != nil) != test.panics {
					t.Errorf("panic: %v", p)
				}
				if sent := r.sent(); len(sent) != test.numSent || sent[0] != `text "half"` {
					t.Errorf("sent: %q", sent)
				}
			}()
			if err := handler(t.Context(), req, nil); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// BenchmarkOutput writes a text of 1000 tokens. It reports how many messages that is.
func BenchmarkOutput(b *testing.B) {
	messages := 0
	for b.Loop() {
		out := agent.NewOutput(b.Context(), func(runtime.ToolMessage) error { messages++; return nil })
		for range 1000 {
			if err := out.Text("token "); err != nil {
				b.Fatal(err)
			}
		}
		if err := out.End(nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(messages)/float64(b.N), "messages/op")
}
