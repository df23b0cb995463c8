package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
)

// model is a selected model.
var model = runtime.ModelSelector{Provider: "o/p/p", Model: "m"}

// sent is a call as Dify gets it.
type sent struct{ typ, request string }

// record returns an answer that also stores the last call.
func record(to *sent, a answer) answer {
	return func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
		*to = sent{typ, string(request)}
		return a(typ, request)
	}
}

// modelCase is a call of a model, and what must come of it.
type modelCase struct {
	name  string
	call  func(context.Context, invoke.Session) (any, error)
	reply string // of Dify; empty for none
	typ   string // of the call; empty if none must be sent
	want  string // the request
	got   any    // what the call returns
	err   string
}

func runModelCases(t *testing.T, tests []modelCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var call sent
			a := reply()
			if test.reply != "" {
				a = reply(test.reply)
			}
			got, err := test.call(context.Background(), newSession(t, record(&call, a)))
			if diff := cmp.Diff(sent{test.typ, test.want}, call, cmp.AllowUnexported(sent{})); diff != "" && (test.want != "" || call.typ != test.typ) {
				t.Errorf("call (-want +got):\n%s", diff)
			}
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("error: %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.got, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

const (
	noModel = "a call of a model has no Provider or no Model: pass on a parameter of type model-selector, or name one, such as langgenius/openai/openai and gpt-4o"
	usage   = `"usage":{"tokens":3,"total_tokens":3,"unit_price":"0","price_unit":"0","total_price":"0","currency":"USD","latency":0.5}`
)

func TestTextEmbedding(t *testing.T) {
	t.Parallel()
	embed := func(req invoke.EmbeddingRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) {
			result, err := s.TextEmbedding().Embed(ctx, &req)
			if err != nil {
				return nil, err
			}
			return result.Embeddings, nil
		}
	}
	documents := func(req invoke.DocumentEmbeddingRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) {
			return s.TextEmbedding().EmbedDocuments(ctx, &req)
		}
	}
	texts := []string{"a", ""}
	runModelCases(t, []modelCase{
		{
			"texts", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}),
			`{"model":"m","embeddings":[[1],[0.5]],` + usage + `}`,
			"text_embedding", `{"provider":"o/p/p","model":"m","texts":["a",""],"input_type":"document"}`, [][]float64{{1}, {0.5}}, "",
		},
		{
			"query", embed(invoke.EmbeddingRequest{Model: model, Texts: texts[:1], InputType: embedding.InputQuery}),
			`{"model":"m","embeddings":[[1]]}`,
			"text_embedding", `{"provider":"o/p/p","model":"m","texts":["a"],"input_type":"query"}`, [][]float64{{1}}, "",
		},
		{
			"documents", documents(invoke.DocumentEmbeddingRequest{Model: model, Documents: []embedding.Document{{Text: "a"}, {Image: []byte("x")}}}),
			`{"model":"m","embeddings":[[1],[2]],"usage":null}`,
			"multimodal_embedding", `{"provider":"o/p/p","model":"m","documents":[{"content":"a","content_type":"text"},{"content":"eA==","content_type":"image"}],"input_type":"document"}`,
			&embedding.Result{Model: "m", Embeddings: [][]float64{{1}, {2}}}, "",
		},
		{"no texts", embed(invoke.EmbeddingRequest{Model: model}), "", "", "", nil, "a call of an embedding model has no Texts"},
		{"no documents", documents(invoke.DocumentEmbeddingRequest{Model: model}), "", "", "", nil, "a call of an embedding model has no Documents"},
		{
			"empty document", documents(invoke.DocumentEmbeddingRequest{Model: model, Documents: []embedding.Document{{Text: "a"}, {}}}),
			"", "", "", nil, "document 2: a document has neither a Text nor an Image",
		},
		{"no model", embed(invoke.EmbeddingRequest{Texts: texts}), "", "", "", nil, noModel},
		{"input type", embed(invoke.EmbeddingRequest{Model: model, Texts: texts, InputType: "x"}), "", "", "", nil, "the InputType of a call of an embedding model is neither document nor query"},
		{"no reply", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}), "", "text_embedding", "", nil, "no reply of Dify to a call of type text_embedding"},
		{
			"too few", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}), `{"model":"m","embeddings":[[1]]}`,
			"text_embedding", "", nil, "the embedding model has given 1 vectors for 2 inputs",
		},
		{
			"null", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}), `{"model":"m","embeddings":[[1],null]}`,
			"text_embedding", "", nil, "the embedding model has given an empty vector for input 2",
		},
		{
			"empty", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}), `{"model":"m","embeddings":[[],[1]]}`,
			"text_embedding", "", nil, "the embedding model has given an empty vector for input 1",
		},
		{
			"no vectors", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}), `{"model":"m"}`,
			"text_embedding", "", nil, "the reply of Dify to a call of type text_embedding is not as expected: embeddings are missing",
		},
		{
			"wrong vectors", embed(invoke.EmbeddingRequest{Model: model, Texts: texts}), `{"model":"m","embeddings":["QUJD"]}`,
			"text_embedding", "", nil, "embeddings in the reply of Dify to a call of type text_embedding has the wrong type",
		},
	})
}

// TestDocumentsTooLarge has documents that are too large for the transport, which is found before
// they are encoded.
func TestDocumentsTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 300
	for _, image := range [][]byte{make([]byte, limit/4*3), make([]byte, limit/4*3-3)} {
		caller := newCaller(t, refusal("it is encoded"))
		caller.limit = limit
		d := embedding.Document{Image: image}
		_, embedErr := caller.session().TextEmbedding().EmbedDocuments(context.Background(), &invoke.DocumentEmbeddingRequest{
			Model: model, Documents: []embedding.Document{{Text: "ab"}, d},
		})
		_, rerankErr := caller.session().Rerank().RankDocuments(context.Background(), &invoke.DocumentRerankRequest{
			Model: model, Query: d, Documents: []embedding.Document{{Text: "a"}, {Text: "b"}},
		})
		for _, err := range []error{embedErr, rerankErr} {
			var tooLarge *invoke.TooLargeError
			if errors.As(err, &tooLarge) != (len(image) == limit/4*3) || tooLarge != nil && tooLarge.Size != limit+2 {
				t.Errorf("an image of %d bytes: %v", len(image), err)
			}
		}
	}
}

func TestRerank(t *testing.T) {
	t.Parallel()
	rate := func(req invoke.RerankRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) { return s.Rerank().Rank(ctx, &req) }
	}
	documents := func(req invoke.DocumentRerankRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) { return s.Rerank().RankDocuments(ctx, &req) }
	}
	docs := []string{"a", "b"}
	selected := model
	half, two, zero, none := 0.5, 2, 0.0, 0
	selected.ScoreThreshold, selected.TopN = &half, &two
	const rated = `{"model":"m","docs":[{"index":1,"text":"b","score":0.9}]}`
	result := &rerank.Result{Model: "m", Matches: []rerank.Match{{Index: 1, Text: "b", Score: 0.9}}}
	negative := -1
	runModelCases(t, []modelCase{
		{"plain", rate(invoke.RerankRequest{Model: model, Query: "q", Documents: docs}), rated,
			"rerank", `{"provider":"o/p/p","model":"m","query":"q","docs":["a","b"],"score_threshold":0,"top_n":0}`, result, ""},
		{"selected", rate(invoke.RerankRequest{Model: selected, Query: "q", Documents: docs}), rated,
			"rerank", `{"provider":"o/p/p","model":"m","query":"q","docs":["a","b"],"score_threshold":0.5,"top_n":2}`, result, ""},
		{"given", rate(invoke.RerankRequest{Model: selected, Query: "q", Documents: docs, ScoreThreshold: &zero, TopN: &none}), rated,
			"rerank", `{"provider":"o/p/p","model":"m","query":"q","docs":["a","b"],"score_threshold":0,"top_n":0}`, result, ""},
		{"no docs", rate(invoke.RerankRequest{Model: model, Query: "q"}), `{"model":"m","docs":[]}`,
			"rerank", `{"provider":"o/p/p","model":"m","query":"q","docs":[],"score_threshold":0,"top_n":0}`, &rerank.Result{Model: "m", Matches: []rerank.Match{}}, ""},
		{"documents", documents(invoke.DocumentRerankRequest{Model: selected, Query: embedding.Document{Image: []byte("x")}, Documents: []embedding.Document{{Text: "a"}, {Text: "b"}}}), rated,
			"multimodal_rerank", `{"provider":"o/p/p","model":"m","query":{"content":"eA==","content_type":"image"},"docs":[{"content":"a","content_type":"text"},{"content":"b","content_type":"text"}],"score_threshold":0.5,"top_n":2}`, result, ""},
		{"no query", rate(invoke.RerankRequest{Model: model, Documents: docs}), "", "", "", nil, "a call of a rerank model has no Query"},
		{"no model", rate(invoke.RerankRequest{Query: "q", Documents: docs}), "", "", "", nil, noModel},
		{"negative", rate(invoke.RerankRequest{Model: model, Query: "q", TopN: &negative}), "", "", "", nil, "the TopN of a call of a rerank model is negative"},
		{"empty query", documents(invoke.DocumentRerankRequest{Model: model}), "", "", "", nil, "the query: a document has neither a Text nor an Image"},
		{"empty document", documents(invoke.DocumentRerankRequest{Model: model, Query: embedding.Document{Text: "q"}, Documents: []embedding.Document{{}}}),
			"", "", "", nil, "document 1: a document has neither a Text nor an Image"},
		{"index", rate(invoke.RerankRequest{Model: model, Query: "q", Documents: docs[:1]}), rated, "rerank", "", nil, "the rerank model has rated document 2 of 1"},
		{"twice", rate(invoke.RerankRequest{Model: model, Query: "q", Documents: docs}), `{"model":"m","docs":[{"index":0,"text":"a","score":1},{"index":0,"text":"a","score":1}]}`,
			"rerank", "", nil, "the rerank model has rated document 1 twice"},
		{"no index", rate(invoke.RerankRequest{Model: model, Query: "q", Documents: docs}), `{"docs":[{"score":1}]}`,
			"rerank", "", nil, "the reply of Dify to a call of type rerank is not as expected: a match lacks its index or its score"},
	})
}

func TestSpeech(t *testing.T) {
	t.Parallel()
	speak := func(req invoke.SpeechRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) {
			var pieces []string
			for piece, err := range s.Speech().Speak(ctx, &req) {
				if err != nil {
					return nil, err
				}
				pieces = append(pieces, string(piece))
			}
			return pieces, nil
		}
	}
	selected := model
	selected.Voice = "alloy"
	runModelCases(t, []modelCase{
		{"selected voice", speak(invoke.SpeechRequest{Model: selected, Text: "t"}), `{"result":"4869"}`,
			"tts", `{"provider":"o/p/p","model":"m","content_text":"t","voice":"alloy"}`, []string{"Hi"}, ""},
		{"given voice", speak(invoke.SpeechRequest{Model: selected, Text: "t", Voice: "echo"}), "",
			"tts", `{"provider":"o/p/p","model":"m","content_text":"t","voice":"echo"}`, []string(nil), ""},
		{"no voice", speak(invoke.SpeechRequest{Model: model, Text: "t"}), "", "", "", nil,
			"a call of a text-to-speech model has no Voice: neither the request nor its Model says one"},
		{"no text", speak(invoke.SpeechRequest{Model: selected}), "", "", "", nil, "a call of a text-to-speech model has no Text"},
		{"no model", speak(invoke.SpeechRequest{Text: "t"}), "", "", "", nil, noModel},
		{"garbage", speak(invoke.SpeechRequest{Model: selected, Text: "t"}), `{"result":"secret"}`,
			"tts", "", nil, "the reply of Dify to a call of type tts is not as expected: the audio is not hexadecimal"},
	})
	t.Run("left", func(t *testing.T) { // newSession sees whether the replies are closed
		t.Parallel()
		for piece := range newSession(t, reply(`{"result":"61"}`, `{"result":"62"}`)).Speech().Speak(context.Background(), &invoke.SpeechRequest{Model: selected, Text: "t"}) {
			if string(piece) != "a" {
				t.Errorf("piece %q", piece)
			}
			break
		}
	})
}

func TestTranscription(t *testing.T) {
	t.Parallel()
	transcribe := func(req invoke.TranscriptionRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) {
			return s.Transcription().Transcribe(ctx, &req)
		}
	}
	runModelCases(t, []modelCase{
		{"text", transcribe(invoke.TranscriptionRequest{Model: model, Audio: []byte("ab")}), `{"result":"Hi."}`,
			"speech2text", `{"provider":"o/p/p","model":"m","file":"6162"}`, "Hi.", ""},
		{"silence", transcribe(invoke.TranscriptionRequest{Model: model, Audio: []byte("ab")}), `{"result":""}`, "speech2text", "", "", ""},
		{"nothing", transcribe(invoke.TranscriptionRequest{Model: model, Audio: []byte("ab")}), `{}`,
			"speech2text", "", nil, "result is missing in the reply of Dify to a call of type speech2text"},
		{"no audio", transcribe(invoke.TranscriptionRequest{Model: model}), "", "", "", nil, "a call of a speech-to-text model has no Audio"},
		{"no model", transcribe(invoke.TranscriptionRequest{Audio: []byte("ab")}), "", "", "", nil, noModel},
	})
	caller := newCaller(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("a call that is too large is sent")
		return nil, nil
	})
	caller.limit = 100
	_, err := caller.session().Transcription().Transcribe(context.Background(), &invoke.TranscriptionRequest{Model: model, Audio: make([]byte, 51)})
	if tooLarge := (*invoke.TooLargeError)(nil); !errors.As(err, &tooLarge) || tooLarge.Limit != 100 {
		t.Errorf("51 bytes in hexadecimal, of 100: %v", err)
	}
}

func TestModeration(t *testing.T) {
	t.Parallel()
	moderate := func(req invoke.ModerationRequest) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) { return s.Moderation().Moderate(ctx, &req) }
	}
	runModelCases(t, []modelCase{
		{"flagged", moderate(invoke.ModerationRequest{Model: model, Text: "t"}), `{"result":true}`, "moderation", `{"provider":"o/p/p","model":"m","text":"t"}`, true, ""},
		{"harmless", moderate(invoke.ModerationRequest{Model: model, Text: "t"}), `{"result":false}`, "moderation", "", false, ""},
		{"unknown", moderate(invoke.ModerationRequest{Model: model, Text: "t"}), `{}`,
			"moderation", "", nil, "the reply of Dify to a call of type moderation is not as expected: the result is missing"},
		{"wrong", moderate(invoke.ModerationRequest{Model: model, Text: "t"}), `{"result":"no"}`,
			"moderation", "", nil, "result in the reply of Dify to a call of type moderation has the wrong type"},
		{"no text", moderate(invoke.ModerationRequest{Model: model}), "", "", "", nil, "a call of a moderation model has no Text"},
		{"no model", moderate(invoke.ModerationRequest{Text: "t"}), "", "", "", nil, noModel},
	})
}

func TestSummary(t *testing.T) {
	t.Parallel()
	summarize := func(text string) func(context.Context, invoke.Session) (any, error) {
		return func(ctx context.Context, s invoke.Session) (any, error) {
			return s.Summary().Summarize(ctx, text, "Be brief.")
		}
	}
	long, short := strings.Repeat("ü", 1024), strings.Repeat("ü", 1023)
	runModelCases(t, []modelCase{
		{"long", summarize(long), `{"summary":"s"}`, "system_summary", `{"text":"` + long + `","instruction":"Be brief."}`, "s", ""},
		{"short", summarize(short), "", "", "", short, ""},
		{"empty", summarize(""), "", "", "", "", ""},
		{"missing", summarize(long), `{}`, "system_summary", "", nil, "summary is missing in the reply of Dify to a call of type system_summary"},
	})
}

// Nobody is asked about a short text.
func TestShortSummaryOutsideOfARequest(t *testing.T) {
	t.Parallel()
	if text, err := (invoke.Summary{}).Summarize(context.Background(), "short", "Shout."); text != "short" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// modelServices are the services that call models.
type modelServices struct {
	llm           invoke.LLM
	embedding     invoke.TextEmbedding
	rerank        invoke.Rerank
	speech        invoke.Speech
	transcription invoke.Transcription
	moderation    invoke.Moderation
	summary       invoke.Summary
}

func modelServicesOf(s invoke.Session) modelServices {
	return modelServices{s.LLM(), s.TextEmbedding(), s.Rerank(), s.Speech(), s.Transcription(), s.Moderation(), s.Summary()}
}

// modelCalls are one call of each method, with a request or, of nil, without one.
var modelCalls = map[string]func(s modelServices, without bool) error{
	"LLM.Stream": func(s modelServices, without bool) error {
		return last(s.llm.Stream(context.Background(), unless(without, invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("")}})))
	},
	"LLM.Generate": func(s modelServices, without bool) error {
		_, err := s.llm.Generate(context.Background(), unless(without, invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("")}}))
		return err
	},
	"LLM.Structured": func(s modelServices, without bool) error {
		_, err := s.llm.Structured(context.Background(), unless(without, invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("")}}), new(struct{}))
		return err
	},
	"TextEmbedding.Embed": func(s modelServices, without bool) error {
		_, err := s.embedding.Embed(context.Background(), unless(without, invoke.EmbeddingRequest{Model: model, Texts: []string{""}}))
		return err
	},
	"TextEmbedding.EmbedDocuments": func(s modelServices, without bool) error {
		_, err := s.embedding.EmbedDocuments(context.Background(), unless(without, invoke.DocumentEmbeddingRequest{Model: model, Documents: []embedding.Document{{Text: "t"}}}))
		return err
	},
	"Rerank.Rank": func(s modelServices, without bool) error {
		_, err := s.rerank.Rank(context.Background(), unless(without, invoke.RerankRequest{Model: model, Query: "q"}))
		return err
	},
	"Rerank.RankDocuments": func(s modelServices, without bool) error {
		_, err := s.rerank.RankDocuments(context.Background(), unless(without, invoke.DocumentRerankRequest{Model: model, Query: embedding.Document{Text: "q"}}))
		return err
	},
	"Speech.Speak": func(s modelServices, without bool) error {
		return last(s.speech.Speak(context.Background(), unless(without, invoke.SpeechRequest{Model: model, Text: "t", Voice: "v"})))
	},
	"Transcription.Transcribe": func(s modelServices, without bool) error {
		_, err := s.transcription.Transcribe(context.Background(), unless(without, invoke.TranscriptionRequest{Model: model, Audio: []byte("a")}))
		return err
	},
	"Moderation.Moderate": func(s modelServices, without bool) error {
		_, err := s.moderation.Moderate(context.Background(), unless(without, invoke.ModerationRequest{Model: model, Text: "t"}))
		return err
	},
	"Summary.Summarize": func(s modelServices, without bool) error {
		if without {
			return errors.New("it has no request")
		}
		_, err := s.summary.Summarize(context.Background(), strings.Repeat("x", 1024), "")
		return err
	},
}

// last returns the error at the end of a sequence.
func last[T any](seq iter.Seq2[T, error]) (last error) {
	for _, err := range seq {
		last = err
	}
	return last
}

// unless returns a pointer to a request, or nil.
func unless[T any](without bool, req T) *T {
	if without {
		return nil
	}
	return &req
}

func TestModelCallsFail(t *testing.T) {
	t.Parallel()
	for name, call := range modelCalls {
		if err := call(modelServices{}, false); !errors.Is(err, invoke.ErrOutside) {
			t.Errorf("%s of a zero value: error %v", name, err)
		}
		if err := call(modelServicesOf(invoke.ForGeneratedCode(context.Background())), false); !errors.Is(err, invoke.ErrOutside) {
			t.Errorf("%s with another context: error %v", name, err)
		}
		s := modelServicesOf(newSession(t, refusal("permission denied, you need to enable tts access in plugin manifest")))
		permission := new(invoke.PermissionError)
		if err := call(s, false); !errors.Is(err, invoke.ErrPermission) || !errors.As(err, &permission) || permission.Permission != "resource.permission.model.tts" {
			t.Errorf("%s: error %v, want one of a permission", name, err)
		}
		if err := call(s, true); err == nil || errors.Is(err, invoke.ErrPermission) {
			t.Errorf("%s without a request: error %v", name, err)
		}
	}
}
