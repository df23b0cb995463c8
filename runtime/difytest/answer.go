package difytest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// answers has the methods that answer calls of a type; Answer is for the others.
var answers = map[string]string{
	"llm": "LLM", "llm_structured_output": "Structured", "text_embedding": "TextEmbedding", "multimodal_embedding": "DocumentEmbedding",
	"rerank": "Rerank", "multimodal_rerank": "DocumentRerank", "tts": "Speech", "speech2text": "Transcription", "moderation": "Moderation",
	"system_summary": "Summary", "tool": "Tools", "app": "Apps", "fetch_app": "AppParameters", "node_parameter_extractor": "ExtractParameters",
	"node_question_classifier": "ClassifyQuestion",
}

// wireModel are the fields of all calls of models.
type wireModel struct{ Provider, Model string }

func (m wireModel) selector() runtime.ModelSelector {
	return runtime.ModelSelector{Provider: m.Provider, Model: m.Model}
}

// decodeCall decodes the request of a call.
func decodeCall[T any](request json.RawMessage) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(request, v); err != nil {
		return nil, fmt.Errorf("decoding a call: %w", err)
	}
	return v, nil
}

type wireLLM struct {
	wireModel
	Mode             string
	CompletionParams map[string]any `json:"completion_params"`
	PromptMessages   []llm.Message  `json:"prompt_messages"`
	Tools            []llm.Tool
	ToolChoice       llm.ToolChoice `json:"tool_choice"`
	Stop             []string
	Stream           bool
	Schema           map[string]any `json:"structured_output_schema"`
}

func (w *wireLLM) request() *invoke.LLMRequest {
	model := w.selector()
	model.Mode = w.Mode
	return &invoke.LLMRequest{
		Model: model, Messages: w.PromptMessages, Parameters: w.CompletionParams, Tools: w.Tools, ToolChoice: w.ToolChoice, Stop: w.Stop, NoStream: !w.Stream, Schema: w.Schema,
	}
}

// decodeLLM decodes the request of a call of a language model. It reports what real models refuse.
func (d *Dify) decodeLLM(request json.RawMessage) (*wireLLM, error) {
	w, err := decodeCall[wireLLM](request)
	if err != nil {
		return nil, err
	}
	if problem := misplacedCall(w.PromptMessages); problem != "" {
		d.tb.Errorf("a real model refuses this prompt: %s", problem)
	}
	return w, nil
}

// Chunks returns chunks of these texts, as a language model streams them. The last one says that the
// model has stopped, and what it has used: nothing.
func Chunks(texts ...string) []*llm.Chunk {
	if len(texts) == 0 {
		texts = []string{""}
	}
	chunks := make([]*llm.Chunk, len(texts))
	for i, text := range texts {
		chunks[i] = &llm.Chunk{Index: i, Message: llm.Assistant(text)}
	}
	last := chunks[len(chunks)-1]
	last.Usage, last.FinishReason = &llm.Usage{Currency: "USD"}, llm.FinishStop
	return chunks
}

// LLM sets what language models answer, with Chunks or others. A chunk without Model is one of the
// model that is asked. Parameters of the request has all parameters. With an error, the call fails
// after the chunks.
//
// As real models demand, the calls of tools in a message of the assistant must be answered by as many messages with the
// role tool right after it: the test fails otherwise.
func (d *Dify) LLM(answer func(ctx context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error)) {
	d.Answer("llm", func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := d.decodeLLM(request)
		if err != nil {
			return err
		}
		chunks, err := answer(ctx, w.request())
		for _, c := range chunks {
			reply(c)
		}
		return err
	})
}

// StreamLLM sets what language models answer, as LLM does, for what is about time: each chunk is
// sent when it is yielded. One that stops in the middle of a sentence waits for the end of ctx
// then. It ends with the request, but not when the plugin gives up the call: Dify does not learn
// of that. With an error, the call fails.
func (d *Dify) StreamLLM(answer func(ctx context.Context, r *invoke.LLMRequest) iter.Seq2[*llm.Chunk, error]) {
	d.Answer("llm", func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := d.decodeLLM(request)
		if err != nil {
			return err
		}
		for chunk, err := range answer(ctx, w.request()) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			reply(chunk)
		}
		return nil
	})
}

// Structured sets the structured output that language models answer: a value that encodes as an
// object in JSON. Schema of the request says which.
func (d *Dify) Structured(answer func(ctx context.Context, r *invoke.LLMRequest) (any, error)) {
	d.Answer("llm_structured_output", func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := d.decodeLLM(request)
		if err != nil {
			return err
		}
		value, err := answer(ctx, w.request())
		if err != nil {
			return err
		}
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		chunks := Chunks(string(data))
		chunks[0].StructuredOutput = data
		reply(chunks[0])
		return nil
	})
}

// one sets the answer to calls of a type that have one reply.
func one[Wire, Result any](d *Dify, typ string, answer func(context.Context, *Wire) (Result, error)) {
	d.Answer(typ, func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := decodeCall[Wire](request)
		if err != nil {
			return err
		}
		result, err := answer(ctx, w)
		if err == nil {
			reply(result)
		}
		return err
	})
}

type wireEmbedding struct {
	wireModel
	Texts     []string
	Documents []embedding.Document
	InputType embedding.InputType `json:"input_type"`
}

func (w *wireEmbedding) result(vectors [][]float64, err error) (embedding.Result, error) {
	return embedding.Result{Model: w.Model, Embeddings: vectors, Usage: embedding.Usage{Currency: "USD"}}, err
}

// TextEmbedding sets the vectors that embedding models answer, one for each text.
func (d *Dify) TextEmbedding(answer func(ctx context.Context, r *invoke.EmbeddingRequest) ([][]float64, error)) {
	one(d, "text_embedding", func(ctx context.Context, w *wireEmbedding) (embedding.Result, error) {
		return w.result(answer(ctx, &invoke.EmbeddingRequest{Model: w.selector(), InputType: w.InputType, Texts: w.Texts}))
	})
}

// DocumentEmbedding sets the vectors that embedding models answer, one for each text or image.
func (d *Dify) DocumentEmbedding(answer func(ctx context.Context, r *invoke.DocumentEmbeddingRequest) ([][]float64, error)) {
	one(d, "multimodal_embedding", func(ctx context.Context, w *wireEmbedding) (embedding.Result, error) {
		return w.result(answer(ctx, &invoke.DocumentEmbeddingRequest{Model: w.selector(), InputType: w.InputType, Documents: w.Documents}))
	})
}

type wireRerank[T any] struct {
	wireModel
	Query          T
	Docs           []T
	ScoreThreshold float64 `json:"score_threshold"`
	TopN           int     `json:"top_n"`
}

func (w *wireRerank[T]) result(docs []rerank.Match, err error) (rerank.Result, error) {
	return rerank.Result{Model: w.Model, Matches: docs}, err
}

// limit returns a limit, or nil if there is none.
func limit[T int | float64](n T) *T {
	if n == 0 {
		return nil
	}
	return &n
}

// Rerank sets the scores that rerank models answer.
func (d *Dify) Rerank(answer func(ctx context.Context, r *invoke.RerankRequest) ([]rerank.Match, error)) {
	one(d, "rerank", func(ctx context.Context, w *wireRerank[string]) (rerank.Result, error) {
		return w.result(answer(ctx, &invoke.RerankRequest{
			Model: w.selector(), Query: w.Query, Documents: w.Docs, ScoreThreshold: limit(w.ScoreThreshold), TopN: limit(w.TopN),
		}))
	})
}

// DocumentRerank sets the scores that rerank models answer for texts and images.
func (d *Dify) DocumentRerank(answer func(ctx context.Context, r *invoke.DocumentRerankRequest) ([]rerank.Match, error)) {
	one(d, "multimodal_rerank", func(ctx context.Context, w *wireRerank[embedding.Document]) (rerank.Result, error) {
		return w.result(answer(ctx, &invoke.DocumentRerankRequest{
			Model: w.selector(), Query: w.Query, Documents: w.Docs, ScoreThreshold: limit(w.ScoreThreshold), TopN: limit(w.TopN),
		}))
	})
}

// Speech sets the pieces of the audio file that text-to-speech models answer.
func (d *Dify) Speech(answer func(ctx context.Context, r *invoke.SpeechRequest) ([][]byte, error)) {
	d.Answer("tts", func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := decodeCall[struct {
			wireModel
			Text  string `json:"content_text"`
			Voice string
		}](request)
		if err != nil {
			return err
		}
		pieces, err := answer(ctx, &invoke.SpeechRequest{Model: w.selector(), Text: w.Text, Voice: w.Voice})
		for _, p := range pieces {
			reply(speech.Chunk{Audio: p})
		}
		return err
	})
}

// Transcription sets the text that speech-to-text models answer.
func (d *Dify) Transcription(answer func(ctx context.Context, r *invoke.TranscriptionRequest) (string, error)) {
	type wire struct {
		wireModel
		File string
	}
	one(d, "speech2text", func(ctx context.Context, w *wire) (map[string]string, error) {
		audio, err := hex.DecodeString(w.File)
		if err != nil {
			return nil, fmt.Errorf("decoding a call: %w", err)
		}
		text, err := answer(ctx, &invoke.TranscriptionRequest{Model: w.selector(), Audio: audio})
		return map[string]string{"result": text}, err
	})
}

// Moderation sets whether moderation models flag a text.
func (d *Dify) Moderation(answer func(ctx context.Context, r *invoke.ModerationRequest) (flagged bool, err error)) {
	type wire struct {
		wireModel
		Text string
	}
	one(d, "moderation", func(ctx context.Context, w *wire) (moderation.Result, error) {
		flagged, err := answer(ctx, &invoke.ModerationRequest{Model: w.selector(), Text: w.Text})
		return moderation.Result{Flagged: flagged}, err
	})
}

// Summary sets the summaries of texts.
func (d *Dify) Summary(answer func(ctx context.Context, text, instruction string) (string, error)) {
	type wire struct{ Text, Instruction string }
	one(d, "system_summary", func(ctx context.Context, w *wire) (map[string]string, error) {
		summary, err := answer(ctx, w.Text, w.Instruction)
		return map[string]string{"summary": summary}, err
	})
}
