package studio

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// base has the methods of Models for the credentials and parameters of any provider, as packages
// for an API that several services have do.
type base[C any, P interface{ Values() map[string]any }] struct{}

func (base[C, P]) LLM(context.Context, *llm.Call[C, P], *llm.Output) error { return nil }

func (base[C, P]) StartPolling(context.Context, *llm.Call[C, P]) (*llm.Polling, error) {
	return nil, nil
}

func (base[C, P]) CheckPolling(context.Context, *llm.CheckPollingCall[C]) (*llm.Polling, error) {
	return nil, nil
}

func (base[C, P]) Embed(context.Context, *embedding.Call[C]) (*embedding.Result, error) {
	return nil, nil
}

func (base[C, P]) EmbedMultimodal(context.Context, *embedding.MultimodalCall[C]) (*embedding.Result, error) {
	return nil, nil
}

func (base[C, P]) Rerank(context.Context, *rerank.Call[C]) (*rerank.Result, error) { return nil, nil }

func (base[C, P]) Speak(context.Context, *speech.SpeakCall[C], *speech.Output) error { return nil }

func (base[C, P]) Voices(context.Context, *speech.VoicesCall[C]) ([]speech.Voice, error) {
	return nil, nil
}

func (base[C, P]) Transcribe(context.Context, *speech.TranscribeCall[C]) (string, error) {
	return "", nil
}

func (base[C, P]) CustomModel(context.Context, *runtime.CustomModelCall[C]) (*runtime.ModelSchema, error) {
	return nil, nil
}

func (base[C, P]) Moderate(context.Context, *moderation.Call[C]) (bool, error) { return false, nil }

// A type that embeds base needs no methods but the checks of credentials.
var _ Models = struct {
	base[Credentials, LLMParameters]
}{}

// ReadParameters reads checked parameters as a call does.
func ReadParameters(values map[string]any) LLMParameters {
	return decodeLLMParameters(llm.NewParameterReader(values))
}
