package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

func TestLoop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(runtime.FeatureStreamToolCall),
		calls("Let me see.", "search", `{"q":"a"}`, "clock", ``),
		calls("", "search", `{"q":"fail"}`),
		difytest.Chunks("At ", "noon."))
	result, err := w.run.Loop(w.ctx, nil, 5)
	if err != nil || result.Text() != "At noon." {
		t.Fatalf("got %v, %v", result, err)
	}
	if err := w.run.Out.End(nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("Let me see.\nAt noon.", w.text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	want := []string{
		"user when?", `assistant Let me see. [c1 search{"q":"a"}] [c2 clock]`, "tool c1: found a", "tool c2: 12:00",
		`assistant  [c1 search{"q":"fail"}]`, "tool c1: The call has failed: the quota is used up", "assistant At noon.",
	}
	if diff := cmp.Diff(want, w.conversation()); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	want = []string{
		"/Round 1/gpt success", "/Round 1/Call search success", "/Round 1/Call clock success", "/Round 1 success",
		"/Round 2/gpt success", "/Round 2/Call search error: " + failing("the quota is used up"), "/Round 2 success",
		"/Round 3/gpt success", "/Round 3 success",
	}
	if diff := cmp.Diff(want, w.steps()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if u := w.run.Out.Usage(); u.TotalTokens != 20 || u.TotalPrice.String() != "0.002" {
		t.Errorf("usage: %+v", u)
	}
	for i, r := range w.model.asked {
		if len(r.Tools) != 2 || r.NoStream || len(r.Messages) != []int{1, 4, 6}[i] || r.Parameters["temperature"] != 0.5 {
			t.Errorf("call %d of the model: %+v", i+1, r)
		}
	}
}

// failing returns how Dify says that a tool fails.
func failing(text string) string { return "read tool response failed: request failed: " + text }

// TestLoopIsBounded checks that the last time, the model is asked without tools.
func TestLoopIsBounded(t *testing.T) {
	t.Parallel()
	clock := calls("", "clock", "{}")
	for name, test := range map[string]struct {
		rounds  int
		answers [][]*llm.Chunk
		want    string
		err     string
	}{
		"two rounds":   {2, [][]*llm.Chunk{clock, clock, difytest.Chunks("noon")}, "noon", ""},
		"no rounds":    {-1, [][]*llm.Chunk{clock, difytest.Chunks("noon")}, "noon", ""},
		"to the end":   {1, [][]*llm.Chunk{clock, clock}, "", "the model gpt has not answered, but called tools to the end"},
		"with a text":  {1, [][]*llm.Chunk{clock, calls("noon", "clock", "{}")}, "noon", ""},
		"without tool": {1, [][]*llm.Chunk{difytest.Chunks("noon")}, "noon", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, gpt(runtime.FeatureToolCall), test.answers...)
			result, err := w.run.Loop(w.ctx, nil, test.rounds)
			if errorText(err) != test.err {
				t.Fatalf("got error %v, want %q", err, test.err)
			}
			if err == nil && result.Text() != test.want {
				t.Errorf("got %q, want %q", result.Text(), test.want)
			}
			for i, r := range w.model.asked {
				last := i == max(test.rounds, 1)
				if (len(r.Tools) == 0) != last || r.NoStream == last {
					t.Errorf("call %d of the model: %d tools, NoStream %v", i+1, len(r.Tools), r.NoStream)
				}
			}
			for _, m := range w.run.Messages {
				for _, c := range m.ToolCalls {
					answered := slices.ContainsFunc(w.run.Messages, func(m llm.Message) bool { return m.ToolCallID == c.ID })
					if !answered {
						t.Errorf("the call %s is not answered", c.ID)
					}
				}
			}
		})
	}
}

// TestLoopWithoutAnswer checks that a model must say something to the user, in every round.
func TestLoopWithoutAnswer(t *testing.T) {
	t.Parallel()
	const said = "the model gpt has answered with neither a text nor a file"
	clock := calls("", "clock", "{}")
	picture := func(part llm.Part) []*llm.Chunk {
		return []*llm.Chunk{{Message: llm.Message{Role: llm.RoleAssistant, Parts: []llm.Part{part}}}}
	}
	for name, test := range map[string]struct {
		answers [][]*llm.Chunk
		err     string
	}{
		"at once":                  {[][]*llm.Chunk{difytest.Chunks(" \n")}, said},
		"after a tool":             {[][]*llm.Chunk{clock, difytest.Chunks("")}, said},
		"at last":                  {[][]*llm.Chunk{clock, clock, difytest.Chunks("")}, said},
		"only thoughts":            {[][]*llm.Chunk{difytest.Chunks("<think>\nHm.\n</think>\n\n")}, said},
		"only thoughts at last":    {[][]*llm.Chunk{clock, clock, calls("<think>Hm.</think>", "clock", "{}")}, "the model gpt has not answered, but called tools to the end"},
		"a file that is left out":  {[][]*llm.Chunk{picture(&llm.Image{URL: "ftp://x.example/a", MIMEType: "image/png"})}, said},
		"a file":                   {[][]*llm.Chunk{picture(&llm.Image{Data: []byte("a"), MIMEType: "image/png"})}, ""},
		"thoughts before the call": {[][]*llm.Chunk{calls("<think>Hm.</think>", "clock", "{}"), difytest.Chunks("noon")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, gpt(runtime.FeatureToolCall), test.answers...)
			if _, err := w.run.Loop(w.ctx, nil, 2); errorText(err) != test.err {
				t.Errorf("got error %v, want %q", err, test.err)
			}
			if steps := w.steps(); test.err != "" && !strings.HasSuffix(steps[len(steps)-1], " error: "+test.err) {
				t.Errorf("steps: %q", steps)
			}
		})
	}
}

// TestIncompleteRun checks that a Run tells what it lacks.
func TestIncompleteRun(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*agent.Run){
		"the Run has no Out":   func(r *agent.Run) { r.Out = nil },
		"the Run has no LLM":   func(r *agent.Run) { r.LLM = invoke.LLM{} },
		"the Run has no Model": func(r *agent.Run) { r.Model = agent.Model{} },
	} {
		w := newWorld(t, gpt())
		change(w.run)
		_, asked := w.run.Ask(w.ctx, nil, agent.Question{})
		_, looped := w.run.Loop(w.ctx, nil, 1)
		for method, err := range map[string]error{"Ask": asked, "Loop": looped} {
			if err == nil || !strings.HasPrefix(err.Error(), want+": ") {
				t.Errorf("%s: got %v, want %s", method, err, want)
			}
		}
	}
	if _, err := new(agent.Run).CallTool(t.Context(), nil, llm.ToolCall{Name: "clock"}); err == nil {
		t.Error("CallTool without Out: no error")
	}
}

// TestLoopWithinAStep checks that the rounds are within the step that Loop gets.
func TestLoopWithinAStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(), difytest.Chunks("noon"))
	w.run.Tools = nil
	step := w.run.Out.Step("Plan", "")
	_, err := w.run.Loop(w.ctx, step, 1)
	if err := errors.Join(err, step.End(nil, nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/Plan/Round 1/gpt success", "/Plan/Round 1 success", "/Plan success"}, w.steps()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestLoopPassesOnFiles checks that an image that the model makes goes to the user, but no odd address.
func TestLoopPassesOnFiles(t *testing.T) {
	t.Parallel()
	picture := llm.User("Look: ", &llm.Image{URL: "javascript:alert(1)", MIMEType: "image/png"}, &llm.Image{Data: []byte("a"), MIMEType: "image/png"})
	picture.Role = llm.RoleAssistant
	w := newWorld(t, gpt(runtime.FeatureToolCall), []*llm.Chunk{{Message: picture}})
	if _, err := w.run.Loop(w.ctx, nil, 1); err != nil {
		t.Fatal(err)
	}
	sent := slices.DeleteFunc(w.sent(), func(s string) bool { return s == "log" })
	if diff := cmp.Diff([]string{`text "Look: "`, "blob"}, sent); diff != "" {
		t.Errorf("what the user gets (-want +got):\n%s", diff)
	}
	if last := encode(t, w.messages[len(w.messages)-1].Message["data"]); !strings.Contains(last, "is left out: "+noAddress) {
		t.Errorf("the round shows %s", last)
	}
}

func TestAsk(t *testing.T) {
	t.Parallel()
	unknown := gpt()
	unknown.Schema = nil
	guessed := gpt()
	guessed.Schema.Features = nil
	stops := gpt()
	stops.CompletionParams = map[string]any{"stop": []any{"END", "", 5.0}, "seed": 1.0}
	stop := gpt()
	stop.CompletionParams = map[string]any{"stop": "END"}
	for name, test := range map[string]struct {
		model    agent.Model
		question agent.Question
		want     *invoke.LLMRequest // what matters of it
		err      string
	}{
		"a model that calls no tools": {gpt(runtime.FeatureVision), agent.Question{Tools: true}, nil, "the model gpt cannot call tools: choose one that can"},
		"without tools":               {gpt(runtime.FeatureVision), agent.Question{}, &invoke.LLMRequest{}, ""},
		"an unknown model":            {unknown, agent.Question{Tools: true}, &invoke.LLMRequest{NoStream: true, Tools: make([]llm.Tool, 2)}, ""},
		"a guessed model":             {guessed, agent.Question{Tools: true}, &invoke.LLMRequest{NoStream: true, Tools: make([]llm.Tool, 2)}, ""},
		"stop words":                  {stops, agent.Question{Stop: []string{"\n"}}, &invoke.LLMRequest{Stop: []string{"END", "\n"}, Parameters: map[string]any{"seed": 1.0}}, ""},
		"a stop word":                 {stop, agent.Question{}, &invoke.LLMRequest{Stop: []string{"END"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.model, difytest.Chunks("a", "", "b"))
			var pieces []string
			test.question.Text = func(text string) error {
				pieces = append(pieces, text)
				return nil
			}
			before := len(test.model.CompletionParams)
			result, err := w.run.Ask(w.ctx, nil, test.question)
			if errorText(err) != test.err {
				t.Fatalf("got error %v, want %q", err, test.err)
			}
			if err != nil {
				return
			}
			if result.Text() != "ab" || !slices.Equal(pieces, []string{"a", "b"}) {
				t.Errorf("got %q in %q", result.Text(), pieces)
			}
			if len(test.model.CompletionParams) != before {
				t.Error("the parameters of the model have changed")
			}
			got := w.model.asked[0]
			if got.NoStream != test.want.NoStream || len(got.Tools) != len(test.want.Tools) || !slices.Equal(got.Stop, test.want.Stop) {
				t.Errorf("got %+v", got)
			}
			if test.want.Parameters != nil && !cmp.Equal(got.Parameters, test.want.Parameters) {
				t.Errorf("got the parameters %v", got.Parameters)
			}
			if diff := cmp.Diff([]string{"/gpt success"}, w.steps()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAskFailures(t *testing.T) {
	t.Parallel()
	full := errors.New("no room")
	w := newWorld(t, gpt(), difytest.Chunks("a"), calls("used"), nil)
	if _, err := w.run.Ask(w.ctx, nil, agent.Question{Text: func(string) error { return full }}); !errors.Is(err, full) {
		t.Errorf("the text cannot be sent: got %v", err)
	}
	w.dify.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
		return calls("used"), errors.New("overloaded")
	})
	if _, err := w.run.Ask(w.ctx, nil, agent.Question{}); errorText(err) != "asking the model gpt: overloaded" || !errors.As(err, new(*invoke.Error)) {
		t.Errorf("the model fails: got %v", err)
	}
	if n := w.run.Out.Usage().TotalTokens; n != 10 {
		t.Errorf("%d tokens of the answer that was cut off", n)
	}
	w.dify.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) { return nil, nil })
	if _, err := w.run.Ask(w.ctx, nil, agent.Question{}); errorText(err) != "asking the model gpt: it has not answered" {
		t.Errorf("no answer: got %v", err)
	}
	if len(w.run.Messages) != 1 {
		t.Errorf("answers that have failed are in the conversation: %q", w.conversation())
	}
	for _, step := range w.steps() {
		if !strings.HasPrefix(step, "/gpt error: ") {
			t.Errorf("got the step %s", step)
		}
	}
}

func TestCallToolsThatFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt())
	for name, test := range map[string]struct {
		call llm.ToolCall
		want string
	}{
		"unknown":            {llm.ToolCall{Name: "rm"}, `The call has failed: there is no tool "rm"; the tools are: clock, search`},
		"no JSON":            {llm.ToolCall{Name: "search", Arguments: `{"q":`}, `The call has failed: the arguments of a call of "search" are not JSON: they must be a JSON object`},
		"no object":          {llm.ToolCall{Name: "search", Arguments: `["a"]`}, `The call has failed: the arguments of a call of "search" do not fit: they must be a JSON object`},
		"null":               {llm.ToolCall{Name: "clock", Arguments: `null`}, "12:00"},
		"left out":           {llm.ToolCall{Name: "clock", Arguments: `{"q":"a","f":1}`}, "12:00\nThese arguments were left out, since a model cannot set them: f, q."},
		"fails":              {llm.ToolCall{Name: "search", Arguments: `{"q":"fail"}`}, "The call has failed: the quota is used up"},
		"fails in the midst": {llm.ToolCall{Name: "search", Arguments: `{"q":"half"}`}, "half\nThe call has failed: cut off"},
	} {
		got, err := w.run.CallTool(w.ctx, nil, test.call)
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v\nwant %q", name, got, err, test.want)
		}
	}
	w.run.Tools = nil
	if got, err := w.run.CallTool(w.ctx, nil, llm.ToolCall{Name: "clock"}); err != nil || !strings.Contains(got, "the tools are: none") {
		t.Errorf("without tools: got %q, %v", got, err)
	}
}

// TestManyCalls checks that a model cannot call tools without end in one round.
func TestManyCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt())
	calls := slices.Repeat([]llm.ToolCall{{ID: "c", Name: "clock"}}, agent.MaxCalls+2)
	if err := w.run.CallTools(w.ctx, nil, calls); err != nil {
		t.Fatal(err)
	}
	said := w.run.Messages[1:]
	if n := len(w.dify.Calls(difytest.Tools)); n != agent.MaxCalls || len(said) != len(calls) {
		t.Fatalf("%d calls and %d answers", n, len(said))
	}
	for i, want := range map[int]string{agent.MaxCalls - 1: "12:00", agent.MaxCalls: "The tool was not called: call at most 128 at once."} {
		if got := said[i].Text(); got != want {
			t.Errorf("answer %d: got %q, want %q", i, got, want)
		}
	}
}

// TestMissingTool checks that a model learns of a tool that the workspace has no more.
func TestMissingTool(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt())
	w.dify.Tools(func(context.Context, *invoke.ToolRequest, *difytest.ToolAnswer) error { return difytest.ErrNoTool })
	got, err := w.run.CallTool(w.ctx, nil, llm.ToolCall{Name: "clock"})
	if err != nil || got != "The call has failed: Tool with name clock not found" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestCanceled checks that a canceled run ends, and that all calls of the model are answered then.
func TestCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(runtime.FeatureToolCall), calls("", "clock", "", "search", `{"q":"a"}`, "clock", ""))
	stop := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(w.ctx)
	w.dify.Tools(func(ctx context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
		if r.Tool == "search" {
			cancel(stop)
			<-ctx.Done()
			return ctx.Err()
		}
		return out.Text("12:00")
	})
	if _, err := w.run.Loop(ctx, nil, 3); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	want := []string{
		"user when?", `assistant  [c1 clock] [c2 search{"q":"a"}] [c3 clock]`,
		"tool c1: 12:00", "tool c2: The call was canceled.", "tool c3: The call was canceled.",
	}
	if diff := cmp.Diff(want, w.conversation()); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	if _, err := w.run.Loop(ctx, nil, 3); !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
		t.Errorf("a run that is canceled: got %v", err)
	}
}

// TestOutside checks that a run without a request ends with an error, and does not blame the tool.
func TestOutside(t *testing.T) {
	t.Parallel()
	var r recorder
	run := &agent.Run{Out: agent.NewOutput(t.Context(), r.send), Model: gpt(), Tools: agent.NewToolset(invoke.Tools{}, chosen()), Messages: []llm.Message{llm.User("a")}}
	if _, err := run.CallTool(t.Context(), nil, llm.ToolCall{Name: "clock"}); !errors.Is(err, invoke.ErrOutside) {
		t.Errorf("a tool: got %v", err)
	}
	if _, err := run.Ask(t.Context(), nil, agent.Question{}); !errors.Is(err, invoke.ErrOutside) {
		t.Errorf("the model: got %v", err)
	}
}

// TestStepsAreShort checks that what steps show is bounded, and JSON.
func TestStepsAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 1<<20)
	w := newWorld(t, gpt(), difytest.Chunks(long))
	if _, err := w.run.Ask(w.ctx, nil, agent.Question{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.run.CallTool(w.ctx, nil, llm.ToolCall{Name: long, Arguments: long}); err != nil {
		t.Fatal(err)
	}
	many := slices.Repeat([]string{"clock", `{"q":"` + long[:64<<10] + `"}`}, 100)
	w.dify.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) { return calls("", many...), nil })
	if _, err := w.run.Ask(w.ctx, nil, agent.Question{}); err != nil {
		t.Fatal(err)
	}
	if err := w.run.Out.Step("s", "").End(nil, errors.New(long)); err != nil {
		t.Fatal(err)
	}
	for _, m := range w.messages {
		if data, err := json.Marshal(m); err != nil || len(data) > 512<<10 {
			t.Errorf("a step of %d bytes, %v", len(data), err)
		}
	}
}
