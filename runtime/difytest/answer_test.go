package difytest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
)

// model is one of a workspace. Its answers say what they were asked.
var model = runtime.ModelSelector{Provider: "a/b/c", Model: "m", Mode: "chat"}

// seen returns what an answer was asked.
func seen(asked *any, request any) { *asked = request }

// TestAnswers checks that the answer to each service gets the request as the plugin made it, and
// that the plugin gets the answer.
func TestAnswers(t *testing.T) {
	t.Parallel()
	audio, three, half := []byte{0, 255}, 3, 0.5
	docs := []embedding.Document{{Text: "a"}, {Image: audio}}
	for name, test := range map[string]struct {
		program func(d *difytest.Dify, asked *any)
		call    func(ctx context.Context, s invoke.Session) (any, error)
		request any // what the answer is asked
		want    any
	}{
		"LLM": {
			func(d *difytest.Dify, asked *any) {
				d.LLM(func(_ context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
					seen(asked, r)
					return difytest.Chunks("Hello", " you"), nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				return s.LLM().Generate(ctx, &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Parameters: map[string]any{"temperature": 0.5}, ToolChoice: llm.ToolChoice{Mode: llm.ChooseNone}, Stop: []string{"."}})
			},
			&invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Parameters: map[string]any{"temperature": 0.5}, ToolChoice: llm.ToolChoice{Mode: llm.ChooseNone}, Stop: []string{"."}},
			&llm.Result{Model: "m", Message: llm.Assistant("Hello you"), Usage: llm.Usage{Currency: "USD"}, FinishReason: llm.FinishStop},
		},
		"Structured": {
			func(d *difytest.Dify, asked *any) {
				d.Structured(func(_ context.Context, r *invoke.LLMRequest) (any, error) {
					seen(asked, r.Schema["type"])
					return map[string]int{"n": 7}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				var v struct {
					N int `json:"n"`
				}
				_, err := s.LLM().Structured(ctx, &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}, &v)
				return v.N, err
			},
			"object", 7,
		},
		"TextEmbedding": {
			func(d *difytest.Dify, asked *any) {
				d.TextEmbedding(func(_ context.Context, r *invoke.EmbeddingRequest) ([][]float64, error) {
					seen(asked, r)
					return [][]float64{{1, 2}}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.TextEmbedding().Embed(ctx, &invoke.EmbeddingRequest{Model: model, Texts: []string{"a"}, InputType: embedding.InputQuery})
				return r.Embeddings, err
			},
			&invoke.EmbeddingRequest{Model: runtime.ModelSelector{Provider: "a/b/c", Model: "m"}, Texts: []string{"a"}, InputType: embedding.InputQuery}, [][]float64{{1, 2}},
		},
		"DocumentEmbedding": {
			func(d *difytest.Dify, asked *any) {
				d.DocumentEmbedding(func(_ context.Context, r *invoke.DocumentEmbeddingRequest) ([][]float64, error) {
					seen(asked, r.Documents)
					return [][]float64{{1}, {2}}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.TextEmbedding().EmbedDocuments(ctx, &invoke.DocumentEmbeddingRequest{Model: model, Documents: docs})
				return r.Embeddings, err
			},
			docs, [][]float64{{1}, {2}},
		},
		"Rerank": {
			func(d *difytest.Dify, asked *any) {
				d.Rerank(func(_ context.Context, r *invoke.RerankRequest) ([]rerank.Match, error) {
					seen(asked, r)
					return []rerank.Match{{Index: 1, Text: "b", Score: 0.75}}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.Rerank().Rank(ctx, &invoke.RerankRequest{Model: model, Query: "q", Documents: []string{"a", "b"}, TopN: &three, ScoreThreshold: &half})
				return r, err
			},
			&invoke.RerankRequest{Model: runtime.ModelSelector{Provider: "a/b/c", Model: "m"}, Query: "q", Documents: []string{"a", "b"}, TopN: &three, ScoreThreshold: &half},
			&rerank.Result{Model: "m", Matches: []rerank.Match{{Index: 1, Text: "b", Score: 0.75}}},
		},
		"DocumentRerank": {
			func(d *difytest.Dify, asked *any) {
				d.DocumentRerank(func(_ context.Context, r *invoke.DocumentRerankRequest) ([]rerank.Match, error) {
					seen(asked, r)
					return nil, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.Rerank().RankDocuments(ctx, &invoke.DocumentRerankRequest{Model: model, Query: docs[1], Documents: docs})
				return len(r.Matches), err
			},
			&invoke.DocumentRerankRequest{Model: runtime.ModelSelector{Provider: "a/b/c", Model: "m"}, Query: docs[1], Documents: docs}, 0,
		},
		"Speech": {
			func(d *difytest.Dify, asked *any) {
				d.Speech(func(_ context.Context, r *invoke.SpeechRequest) ([][]byte, error) {
					seen(asked, r.Text+" "+r.Voice)
					return [][]byte{audio, {1}}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				var file []byte
				for piece, err := range s.Speech().Speak(ctx, &invoke.SpeechRequest{Model: model, Text: "hi", Voice: "v"}) {
					if err != nil {
						return nil, err
					}
					file = append(file, piece...)
				}
				return file, nil
			},
			"hi v", []byte{0, 255, 1},
		},
		"Transcription": {
			func(d *difytest.Dify, asked *any) {
				d.Transcription(func(_ context.Context, r *invoke.TranscriptionRequest) (string, error) {
					seen(asked, r.Audio)
					return "hi", nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				return s.Transcription().Transcribe(ctx, &invoke.TranscriptionRequest{Model: model, Audio: audio})
			},
			audio, "hi",
		},
		"Moderation": {
			func(d *difytest.Dify, asked *any) {
				d.Moderation(func(_ context.Context, r *invoke.ModerationRequest) (bool, error) {
					seen(asked, r.Text)
					return true, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				return s.Moderation().Moderate(ctx, &invoke.ModerationRequest{Model: model, Text: "t"})
			},
			"t", true,
		},
		"Summary": {
			func(d *difytest.Dify, asked *any) {
				d.Summary(func(_ context.Context, text, instruction string) (string, error) {
					seen(asked, fmt.Sprint(len(text), instruction))
					return "short", nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				return s.Summary().Summarize(ctx, strings.Repeat("x", 2000), "be brief")
			},
			"2000be brief", "short",
		},
		"Tools": {
			func(d *difytest.Dify, asked *any) {
				d.ChooseCredential("a/b/c", "id-1")
				d.Tools(func(_ context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
					seen(asked, r)
					return errors.Join(out.Text("Hello"), out.File(make([]byte, 2<<20), runtime.FileMeta{Name: "f.txt"}), out.Variable("n", 1))
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.Tools().Run(ctx, &invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "a/b/c", Tool: "t", Parameters: map[string]any{"x": "y"}})
				return fmt.Sprint(r.Text, " ", r.Files[0].Name, " ", len(r.Files[0].Data), " ", string(r.Variables["n"])), err
			},
			&invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "a/b/c", Tool: "t", Parameters: map[string]any{"x": "y"}, CredentialID: "id-1"},
			"Hello f.txt 2097152 1",
		},
		"Apps": {
			func(d *difytest.Dify, asked *any) {
				d.Apps(func(_ context.Context, r *difytest.AppRequest) ([]any, error) {
					seen(asked, r)
					return r.Answer("Hello", " you"), nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				var said []string
				for event, err := range s.Apps().Chat(ctx, &invoke.ChatRequest{AppID: "a", Query: "q", ConversationID: "c"}) {
					if err != nil {
						return nil, err
					}
					switch e := event.(type) {
					case *invoke.AppMessage:
						said = append(said, e.ConversationID, e.Answer)
					case *invoke.AppMessageEnd:
						said = append(said, e.Metadata.Usage.Currency)
					}
				}
				return said, nil
			},
			&difytest.AppRequest{AppID: "a", Query: "q", Inputs: map[string]any{}, ConversationID: "c"}, []string{"c", "Hello", "c", " you", "USD"},
		},
		"Apps, blocking": {
			func(d *difytest.Dify, asked *any) {
				d.Apps(func(_ context.Context, r *difytest.AppRequest) ([]any, error) {
					seen(asked, r)
					return r.Answer("Hello", " you"), nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				a, err := s.Apps().ChatBlocking(ctx, &invoke.ChatRequest{AppID: "a", Query: "q"})
				return a.ConversationID + a.Mode + a.Answer, err
			},
			&difytest.AppRequest{AppID: "a", Query: "q", Inputs: map[string]any{}, Blocking: true}, "conversation-1chatHello you",
		},
		"Apps, workflow": {
			func(d *difytest.Dify, asked *any) {
				d.Apps(func(_ context.Context, r *difytest.AppRequest) ([]any, error) {
					seen(asked, r)
					return r.Outputs(map[string]any{"n": 7}), nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				var said []string
				for event, err := range s.Apps().Workflow(ctx, &invoke.WorkflowRequest{AppID: "a", Inputs: map[string]any{"x": "y"}}) {
					if err != nil {
						return nil, err
					}
					switch e := event.(type) {
					case *invoke.AppWorkflowStarted:
						said = append(said, fmt.Sprint(e.Inputs))
					case *invoke.AppWorkflowFinished:
						said = append(said, e.Status, fmt.Sprint(e.Outputs, e.Err()))
					}
				}
				return said, nil
			},
			&difytest.AppRequest{AppID: "a", Inputs: map[string]any{"x": "y"}}, []string{"map[x:y]", "succeeded", "map[n:7] <nil>"},
		},
		"Apps, workflow, blocking": {
			func(d *difytest.Dify, asked *any) {
				d.Apps(func(_ context.Context, r *difytest.AppRequest) ([]any, error) {
					seen(asked, r.Blocking)
					return r.Outputs(map[string]any{"n": 7}), nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.Apps().WorkflowBlocking(ctx, &invoke.WorkflowRequest{AppID: "a"})
				return r.Outputs, err
			},
			true, map[string]any{"n": 7.0},
		},
		"AppParameters": {
			func(d *difytest.Dify, asked *any) {
				d.AppParameters(func(_ context.Context, appID string) (map[string]any, error) {
					seen(asked, appID)
					return map[string]any{"opening_statement": "Hello"}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				p, err := s.Apps().Parameters(ctx, "a")
				return p.OpeningStatement, err
			},
			"a", "Hello",
		},
		"ExtractParameters": {
			func(d *difytest.Dify, asked *any) {
				d.ExtractParameters(func(_ context.Context, r *invoke.ExtractRequest) (map[string]any, error) {
					seen(asked, r)
					return map[string]any{"city": "Rome"}, nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.Nodes().ExtractParameters(ctx, &invoke.ExtractRequest{
					Model: model, Parameters: []invoke.ExtractedParameter{{Name: "city", Type: invoke.ExtractString}}, Instruction: "i", Query: "q",
				})
				return fmt.Sprint(r.Parameters, r.Success), err
			},
			&invoke.ExtractRequest{
				Model:      runtime.ModelSelector{Provider: "a/b/c", Model: "m", Mode: "chat", CompletionParams: map[string]any{}},
				Parameters: []invoke.ExtractedParameter{{Name: "city", Type: invoke.ExtractString}}, Instruction: "i", Query: "q",
			}, "map[city:Rome] true",
		},
		"ClassifyQuestion": {
			func(d *difytest.Dify, asked *any) {
				d.ClassifyQuestion(func(_ context.Context, r *invoke.ClassifyRequest) (invoke.Class, error) {
					seen(asked, r.Query)
					return r.Classes[1], nil
				})
			},
			func(ctx context.Context, s invoke.Session) (any, error) {
				r, err := s.Nodes().ClassifyQuestion(ctx, &invoke.ClassifyRequest{Model: model, Classes: []invoke.Class{{ID: "1", Name: "a"}, {ID: "2", Name: "b"}}, Query: "q"})
				return r.Class, err
			},
			"q", invoke.Class{ID: "2", Name: "b"},
		},
		"Upload": {
			func(*difytest.Dify, *any) {},
			func(ctx context.Context, s invoke.Session) (any, error) {
				f, err := s.Upload().File(ctx, "f.txt", "text/plain", []byte("hello"))
				if err != nil {
					return nil, err
				}
				return f.Name + f.Extension, nil
			},
			nil, "f.txt.txt",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dify := difytest.NewDify(t)
			ctx := dify.Context(t.Context())
			var asked any
			test.program(dify, &asked)
			got, err := test.call(ctx, invoke.ForGeneratedCode(ctx))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.request, asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFailingAnswers checks that a call fails with the words of Dify, after what came before.
func TestFailingAnswers(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	failure := errors.New("overloaded")
	dify.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
		return difytest.Chunks("so", "far"), failure
	})
	dify.Structured(func(context.Context, *invoke.LLMRequest) (any, error) { return nil, failure })
	dify.Moderation(func(context.Context, *invoke.ModerationRequest) (bool, error) { return false, failure })
	ctx := dify.Context(t.Context())
	s := invoke.ForGeneratedCode(ctx)
	request := &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}
	var text strings.Builder
	err := error(nil)
	for chunk, failed := range s.LLM().Stream(ctx, request) {
		if err = failed; err == nil {
			text.WriteString(chunk.Text())
		}
	}
	_, structuredErr := s.LLM().Structured(ctx, request, &struct{}{})
	_, moderationErr := s.Moderation().Moderate(ctx, &invoke.ModerationRequest{Model: model, Text: "t"})
	got := []string{text.String(), fmt.Sprint(err), fmt.Sprint(structuredErr), fmt.Sprint(moderationErr)}
	want := []string{
		"sofar", "read llm model failed: request failed: overloaded", "read llm with structured output model failed: request failed: overloaded",
		"invoke moderation model failed: request failed: overloaded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if e := (*invoke.Error)(nil); !errors.As(err, &e) || e.Type != "llm" {
		t.Errorf("got %v", err)
	}
}

// TestWrongAnswer checks that the test fails if Dify would not send a reply.
func TestWrongAnswer(t *testing.T) {
	t.Parallel()
	got, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		dify := difytest.NewDify(tb)
		dify.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
			return []*llm.Chunk{{Message: llm.User("I am the model")}}, nil
		})
		ctx := dify.Context(context.Background())
		if _, err := invoke.ForGeneratedCode(ctx).LLM().Generate(ctx, &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}); err == nil {
			t.Error("there is no error")
		}
	})
	if len(got) != 1 || !strings.HasPrefix(got[0], "Dify would not send such a reply to a call of type llm: ") {
		t.Errorf("got %q", got)
	}
}
