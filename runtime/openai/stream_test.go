package openai_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// said is what a model has answered, without what the clock says.
type said struct {
	Text   string
	Calls  []llm.ToolCall
	Reason llm.FinishReason
	Tokens [3]int
}

func saidOf(r *llm.Result) said {
	return said{r.Text(), r.Message.ToolCalls, r.FinishReason, [3]int{r.Usage.PromptTokens, r.Usage.CompletionTokens, r.Usage.TotalTokens}}
}

// weather is a call of a tool.
func weather(id, arguments string) llm.ToolCall {
	return llm.ToolCall{ID: id, Type: "function", Name: "weather", Arguments: arguments}
}

var tokens = [3]int{3, 2, 5}

// anyID takes IDs that were made up for the same.
var anyID = cmp.Transformer("madeUp", func(c llm.ToolCall) llm.ToolCall {
	if strings.HasPrefix(c.ID, "call_") && len(c.ID) == 31 {
		c.ID = "made up"
	}
	return c
})

// answers are answers as services give them, and what Dify gets.
var answers = map[string]struct {
	answer string
	want   said
}{
	"a stream": {
		stream(delta(`"role":"assistant","content":""`), delta(`"content":"Hel"`), delta(`"content":"lo"`), finish("stop"), usage, "[DONE]"),
		said{"Hello", nil, "stop", tokens},
	},
	"no [DONE]": {stream(delta(`"content":"Hello"`), finish("stop"), usage), said{"Hello", nil, "stop", tokens}},
	"no finish_reason, but [DONE]": {
		stream(delta(`"content":"Hello"`), usage, "[DONE]"), said{"Hello", nil, "stop", tokens},
	},
	"no line feeds at the end": {
		strings.TrimSpace(stream(delta(`"content":"Hello"`), finish("length"), usage, "[DONE]")), said{"Hello", nil, "length", tokens},
	},
	"CRLF, comments, no spaces and empty data": {
		": PROCESSING\r\n\r\ndata:" + delta(`"content":"Hello"`) + "\r\n\r\ndata:\r\n\r\ndata: " + finish("stop") + "\r\n\r\ndata:" + usage + "\r\n\r\ndata:[DONE]\r\n\r\n",
		said{"Hello", nil, "stop", tokens},
	},
	"one line feed after each chunk": {
		strings.ReplaceAll(stream(delta(`"content":"Hel"`), delta(`"content":"lo"`), usage, "[DONE]"), "\n\n", "\n"), said{"Hello", nil, "stop", tokens},
	},
	"a chunk of several lines": {
		"data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"Hello\"}}]}\n\n" + stream(finish("stop"), usage), said{"Hello", nil, "stop", tokens},
	},
	"nulls and lists of nothing": {
		stream(
			`{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}`,
			`{"system_fingerprint":null,"usage":null,"error":null,"choices":[{"index":0,"text":null,"usage":null,"delta":{"content":"Hello","refusal":null,"tool_calls":null,"function_call":null,"reasoning":null,"images":null},"finish_reason":null}]}`,
			`{"choices":[{"delta":{"content":null,"tool_calls":[]},"finish_reason":"stop"}]}`, usage, "[DONE]",
		), said{"Hello", nil, "stop", tokens},
	},
	"usage in each chunk, and in a choice": {
		stream(
			`{"choices":[{"delta":{"content":"Hello"}}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}`,
			`{"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}]}`, "[DONE]",
		), said{"Hello", nil, "stop", tokens},
	},
	"usage without a sum": {
		stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}`, "[DONE]"), said{"Hello", nil, "stop", tokens},
	},
	"other choices": {
		stream(`{"choices":[{"index":1,"delta":{"content":"No"}},{"index":0,"delta":{"content":"Yes"}}]}`, finish("stop"), usage), said{"Yes", nil, "stop", tokens},
	},
	"messages in place of deltas": {
		stream(`{"choices":[{"index":0,"message":{"content":"Hello"}}]}`, finish("stop"), usage), said{"Hello", nil, "stop", tokens},
	},
	"the whole answer": {
		`{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0}}}`,
		said{"Hello", nil, "stop", tokens},
	},
	"the whole answer after blanks": {
		"\uFEFF\n\n  {\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n",
		said{"Hello", nil, "stop", tokens},
	},
	"less than no tokens": {
		stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":2,"total_tokens":-1}}`), said{"Hello", nil, "stop", [3]int{0, 2, 2}},
	},
	"thinking": {
		stream(delta(`"reasoning_content":"Hm"`), delta(`"reasoning_content":"m","content":""`), delta(`"reasoning_content":null,"content":"Yes"`), finish("stop"), usage),
		said{"<think>\nHmm\n</think>Yes", nil, "stop", tokens},
	},
	"thinking, by its other name": {
		stream(delta(`"reasoning":"Hmm"`), delta(`"content":"Yes"`), finish("stop"), usage), said{"<think>\nHmm\n</think>Yes", nil, "stop", tokens},
	},
	"thinking, by both": {
		stream(delta(`"reasoning":"Hmm","reasoning_content":"Hmm"`), delta(`"content":"Yes"`), finish("stop"), usage),
		said{"<think>\nHmm\n</think>Yes", nil, "stop", tokens},
	},
	"content in parts": {
		stream(
			delta(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hmm"}]}]`), delta(`"content":[{"type":"text","text":"Yes"},{"type":"text","text":"!"},{"type":"reference"}]`),
			finish("stop"), usage,
		), said{"<think>\nHmm\n</think>Yes!", nil, "stop", tokens},
	},
	"a refusal": {
		stream(delta(`"refusal":"I can"`), delta(`"refusal":"not"`), finish("stop"), usage), said{"I cannot", nil, "stop", tokens},
	},
	"wrong types": {
		stream(
			`{"system_fingerprint":1,"choices":[{"index":"0","delta":{"content":5,"reasoning":{"x":1},"tool_calls":"none"},"finish_reason":false}]}`,
			`{"choices":[{"index":0.0,"delta":"","finish_reason":"stop"},"x"],"usage":{"prompt_tokens":3.0,"completion_tokens":"2","total_tokens":5}}`,
		), said{"5", nil, "stop", tokens},
	},
	"tool calls in pieces": {
		stream(
			delta(`"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}]`),
			delta(`"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]`),
			delta(`"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"weather","arguments":"{\"c"}},{"index":0,"function":{"arguments":"\"Bonn\"}"}}]`),
			delta(`"tool_calls":[{"index":1,"function":{"arguments":"ity\":\"Ulm\"}"}}]`),
			finish("tool_calls"), usage, "[DONE]",
		), said{"", []llm.ToolCall{weather("a", `{"city":"Bonn"}`), weather("b", `{"city":"Ulm"}`)}, "tool_calls", tokens},
	},
	"tool calls after a text": {
		stream(delta(`"content":"Let me see."`), delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{}"}}]`), finish("stop"), usage),
		said{"Let me see.", []llm.ToolCall{weather("a", `{}`)}, "stop", tokens},
	},
	"tool calls that all have the index 0": {
		stream(
			delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"weather","arguments":"{}"}}]`),
			delta(`"tool_calls":[{"index":0,"id":"c","function":{"name":"weather","arguments":"{"}}]`), delta(`"tool_calls":[{"index":0,"id":"c","function":{"name":"weather","arguments":"}"}}]`),
			finish("tool_calls"), usage,
		), said{"", []llm.ToolCall{weather("a", `{}`), weather("b", `{}`), weather("c", `{}`)}, "tool_calls", tokens},
	},
	"tool calls that all have the index 0, and no IDs": {
		stream(
			delta(`"tool_calls":[{"index":0,"function":{"name":"weather","arguments":"{}"}},{"index":0,"function":{"name":"weather","arguments":"{"}}]`),
			delta(`"tool_calls":[{"index":0,"function":{"name":"weather","arguments":"}"}}]`), finish("tool_calls"), usage,
		), said{"", []llm.ToolCall{weather("made up", `{}`), weather("made up", `{}`)}, "tool_calls", tokens},
	},
	"an ID of its own for each piece": {
		stream(
			delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"weather"}}]`), delta(`"tool_calls":[{"index":0,"id":"b","function":{"arguments":"{"}}]`),
			delta(`"tool_calls":[{"index":0,"id":"c","function":{"name":"","arguments":"}"}}]`), finish("tool_calls"), usage,
		), said{"", []llm.ToolCall{weather("a", `{}`)}, "tool_calls", tokens},
	},
	"no indexes": {
		stream(
			delta(`"tool_calls":[{"id":"a","function":{"name":"weather","arguments":"{"}}]`), delta(`"tool_calls":[{"id":"a","function":{"arguments":"}"}}]`),
			delta(`"tool_calls":[{"id":"b","function":{"name":"weather","arguments":"{"}}]`), delta(`"tool_calls":[{"function":{"arguments":"}"}}]`), finish("tool_calls"), usage,
		), said{"", []llm.ToolCall{weather("a", `{}`), weather("b", `{}`)}, "tool_calls", tokens},
	},
	"neither indexes nor IDs": {
		stream(
			delta(`"tool_calls":[{"function":{"name":"weather","arguments":"{"}}]`), delta(`"tool_calls":[{"function":{"arguments":"}"}}]`),
			delta(`"tool_calls":[{"function":{"name":"weather","arguments":null}}]`), finish("tool_calls"), usage,
		), said{"", []llm.ToolCall{weather("made up", `{}`), weather("made up", `{}`)}, "tool_calls", tokens},
	},
	"the same ID for all, and arguments that are objects": {
		stream(
			delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":{"city":"Bonn"}}},{"index":1,"id":"a","function":{"name":"weather","arguments":{}}}]`),
			finish("tool_calls"), usage,
		), said{"", []llm.ToolCall{weather("a", `{"city":"Bonn"}`), weather("made up", `{}`)}, "tool_calls", tokens},
	},
	"empty pieces": {
		stream(delta(`"tool_calls":[{"index":0}]`), delta(`"tool_calls":[{}],"content":"Hello"`), finish("stop"), usage), said{"Hello", nil, "stop", tokens},
	},
	"tool calls of a whole answer": {
		`{"choices":[{"message":{"content":null,"tool_calls":[{"type":"function","function":{"name":"weather","arguments":"{}"}},{"type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`,
		said{"", []llm.ToolCall{weather("made up", `{}`), weather("made up", `{}`)}, "tool_calls", tokens},
	},
	"the same ID for all calls of a whole answer": {
		`{"choices":[{"message":{"content":null,"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":""}},{"index":0,"id":"a","function":{"name":"weather","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`,
		said{"", []llm.ToolCall{weather("a", `{}`), weather("made up", `{}`)}, "tool_calls", tokens},
	},
	"the older form of calls": {
		stream(delta(`"function_call":{"name":"weather"}`), delta(`"function_call":{"arguments":"{\"city\":"}`), delta(`"function_call":{"name":"","arguments":"\"Bonn\"}"}`), finish("function_call"), usage),
		said{"", []llm.ToolCall{weather("made up", `{"city":"Bonn"}`)}, "tool_calls", tokens},
	},
	"the older form, whole": {
		`{"choices":[{"message":{"content":null,"function_call":{"name":"weather","arguments":"{}"}},"finish_reason":"function_call"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`,
		said{"", []llm.ToolCall{weather("made up", `{}`)}, "tool_calls", tokens},
	},
	"usage of wrong types": {
		stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":3.0,"completion_tokens":"2","total_tokens":"5.0"}}`, "[DONE]"), said{"Hello", nil, "stop", tokens},
	},
	"usage that cannot be read, after one that can": {
		stream(delta(`"content":"Hello"`), finish("stop"), usage, `{"choices":[],"usage":{"prompt_tokens":{},"completion_tokens":null}}`, `{"choices":[],"usage":"none"}`, `{"choices":[],"usage":[1]}`, `{"system_fingerprint":5,"usage":5}`, "[DONE]"),
		said{"Hello", nil, "stop", tokens},
	},
	"usage that cannot be": {
		stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":-3,"completion_tokens":2,"total_tokens":2}}`, "[DONE]"), said{"Hello", nil, "stop", [3]int{0, 2, 2}},
	},
	"usage that is far too much": {
		stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":9223372036854775807,"completion_tokens":"9223372036854775807"}}`, "[DONE]"),
		said{"Hello", nil, "stop", [3]int{1 << 40, 1 << 40, 1 << 41}},
	},
	"usage that is not a number": {
		stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":"NaN","completion_tokens":"2","total_tokens":"-Inf"}}`, "[DONE]"), said{"Hello", nil, "stop", [3]int{0, 2, 2}},
	},
	"an error of success": {
		`{"error":{"code":0,"message":"success"},"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`,
		said{"Hello", nil, "stop", tokens},
	},
	"an error of success with each chunk": {
		stream(`{"error":{"code":"Success","message":""},"choices":[{"delta":{"content":"Hello"}}]}`, finish("stop"), `{"error":{"code":"0"},"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`, "[DONE]"),
		said{"Hello", nil, "stop", tokens},
	},
	"an answer of nothing": {
		`{"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`, said{"", nil, "stop", tokens},
	},
	"a filter": {stream(delta(`"content":"He"`), finish("content_filter"), usage), said{"He", nil, "content_filter", tokens}},
}

// TestAnswers checks what Dify gets of answers.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, say(http.StatusOK, test.answer))
			for _, streamed := range []bool{true, false} {
				call := chatCall(s.URL)
				call.Stream = streamed
				result, chunks, err := ask(t.Context(), call)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, saidOf(result), anyID); diff != "" {
					t.Errorf("stream %v (-want +got):\n%s", streamed, diff)
				}
				if !streamed && len(chunks) != 1 {
					t.Errorf("%d chunks without a stream", len(chunks))
				}
			}
		})
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	s := serve(t, say(http.StatusOK, stream(
		delta(`"content":"Look:"`), delta(`"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAE="}},{"type":"image_url","image_url":{"url":"data:,"}},{"type":"image_url"}]`),
		delta(`"content":[{"type":"image_url","image_url":"https://example.com/a.png"}]`), finish("stop"), usage,
	)))
	result, _, err := ask(t.Context(), chatCall(s.URL))
	want := []llm.Part{&llm.Text{Text: "Look:"}, &llm.Image{Data: []byte{0, 1}, MIMEType: "image/png"}, &llm.Image{URL: "https://example.com/a.png", MIMEType: "image/png"}}
	if diff := cmp.Diff(want, result.Message.Parts, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestChunks says what is sent when: the text as it comes, tool calls whole, and the rest last.
func TestChunks(t *testing.T) {
	t.Parallel()
	s := serve(t, say(http.StatusOK, stream(
		`{"system_fingerprint":"fp","choices":[{"delta":{"content":"a"}}]}`, delta(`"content":"b"`), delta(`"tool_calls":[{"index":0,"id":"x","function":{"name":"weather","arguments":"{"}}]`),
		delta(`"tool_calls":[{"index":0,"function":{"arguments":"}"}}]`), finish("tool_calls"), usage, "[DONE]",
	)))
	_, chunks, err := ask(t.Context(), chatCall(s.URL))
	if err != nil || len(chunks) != 4 {
		t.Fatalf("%d chunks, %v", len(chunks), err)
	}
	if got := []string{chunks[0].Text(), chunks[1].Text()}; got[0] != "a" || got[1] != "b" || chunks[0].SystemFingerprint != "fp" {
		t.Errorf("texts %q of %q", got, chunks[0].SystemFingerprint)
	}
	if calls := chunks[2].Message.ToolCalls; len(calls) != 1 || calls[0].Arguments != "{}" {
		t.Errorf("tool calls %v", calls)
	}
	if last := chunks[3]; last.SystemFingerprint != "fp" || last.Usage == nil || last.Usage.TotalTokens != 5 || last.FinishReason != "tool_calls" {
		t.Errorf("the last chunk %+v", last)
	}
}

// TestEstimate says what is told of tokens where the service says nothing.
func TestEstimate(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("some words and more. ", 10000)
	s := serve(t, say(http.StatusOK, stream(delta(`"content":"`+long+`"`), finish("stop"), "[DONE]")))
	call := chatCall(s.URL)
	result, _, err := ask(t.Context(), call)
	want := llm.EstimateTokens([]llm.Message{llm.Assistant(long)}, nil)
	if u := result.Usage; err != nil || u.PromptTokens != llm.EstimateTokens(call.Messages, nil) || u.CompletionTokens < want*9/10 || u.CompletionTokens > want*11/10 || u.TotalTokens != u.PromptTokens+u.CompletionTokens {
		t.Errorf("%+v, want about %d, %v", result.Usage, want, err)
	}
}

// TestUnreadableUsage checks that what was used is estimated where the service says it in no way that is
// known.
func TestUnreadableUsage(t *testing.T) {
	t.Parallel()
	for _, said := range []string{`"none"`, `[]`, `5`, `{}`, `{"prompt_tokens":0,"completion_tokens":0}`, `{"prompt_tokens":[1],"total_tokens":"?"}`, `{"total_tokens":` + strings.Repeat("1", 400) + `e9}`} {
		s := serve(t, say(http.StatusOK, stream(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":`+said+`}`, "[DONE]")))
		call := chatCall(s.URL)
		result, _, err := ask(t.Context(), call)
		if err != nil || result.Text() != "Hello" || result.Usage.PromptTokens != llm.EstimateTokens(call.Messages, nil) || result.Usage.CompletionTokens == 0 {
			t.Errorf("%.50s: %v, %+v", said, err, result.Usage)
		}
	}
}

func TestCompletionMode(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a stream":  stream(`{"object":"text_completion","choices":[{"index":0,"text":"Hel","finish_reason":null}]}`, `{"choices":[{"index":0,"text":"lo","finish_reason":"stop"}]}`, usage, "[DONE]"),
		"the whole": `{"choices":[{"index":0,"text":"Hello","finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`,
	} {
		s := serve(t, say(http.StatusOK, answer))
		call := chatCall(s.URL)
		call.Schema = &runtime.ModelSchema{Properties: map[string]any{"mode": "completion"}}
		call.Messages = []llm.Message{llm.System("Be nice."), llm.User("Say hello.")}
		call.Tools = []llm.Tool{{Name: "weather"}}
		result, _, err := ask(t.Context(), call)
		if diff := cmp.Diff(said{"Hello", nil, "stop", tokens}, saidOf(result)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		got := s.got()[0]
		want := map[string]any{
			"model": "small", "prompt": "Be nice.\n\nSay hello.", "stream": true, "stream_options": map[string]any{"include_usage": true}, "user": "u1",
		}
		if diff := cmp.Diff(want, got.Body); diff != "" || got.Path != "/v1/completions" {
			t.Errorf("%s (-want +got):\n%s", got.Path, diff)
		}
	}
}

// TestCancel checks that the end of a call ends its request.
func TestCancel(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(stream(delta(`"content":"Hello"`), finish("stop"))))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})
	ctx, cancel := context.WithCancel(t.Context())
	call := chatCall(s.URL)
	out := llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error { cancel(); return nil })
	err := newBase().LLM(ctx, call, out)
	<-ended
	checkError(t, err, runtime.ErrorInvokeConnection, "could not reach the service: context canceled")
}

// TestConnection checks that calls share a connection, and that none waits for the end of one that
// the service keeps open.
func TestConnection(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	var hold atomic.Bool
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, hello+":"+strings.Repeat(" ", 12<<10)+"\n\n")
		w.(http.Flusher).Flush()
		if hold.Load() {
			<-r.Context().Done()
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	// A service that ends late, as on a busy machine, costs a connection, but not each time.
	shared := false
	for round := 0; round < 50 && !shared; round++ {
		before := connections.Load()
		for range 3 {
			if _, _, err := ask(t.Context(), chatCall(s.URL)); err != nil {
				t.Fatal(err)
			}
		}
		shared = connections.Load()-before <= 1
	}
	if !shared {
		t.Error("calls never share a connection")
	}
	hold.Store(true)
	if result, _, err := ask(t.Context(), chatCall(s.URL)); err != nil || result.Text() != "Hello" {
		t.Errorf("a service that does not end: %q, %v", result.Text(), err)
	}
}
