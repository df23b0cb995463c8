package llm

import (
	"context"
	"encoding/json"

	"github.com/difygen/difygen/runtime"
)

// Call is a call of a language model. C are the credentials and P the parameters that a provider
// declares; generated code has an alias for it, LLMCall.
type Call[C, P any] struct {
	runtime.ModelCall
	Credentials C
	Parameters  P // checked against the rules of the model
	Messages    []Message
	Tools       []Tool
	Stop        []string // the model stops where it would write one of these
	// Stream says that Dify wants what the model writes as it comes. Output sends the same either way.
	Stream bool
	// JSONSchema is what the model must write, in JSON; nil for anything. It is no parameter.
	JSONSchema *JSONSchema
}

// JSONSchema is what the JSON that a model writes must be like.
type JSONSchema struct {
	Name   string          // "" for none
	Schema json.RawMessage // an object
	Strict bool
}

// Provider is what a provider of language models has. Generated code demands it of the author's type.
type Provider[C, P any] interface {
	// LLM calls a language model.
	LLM(ctx context.Context, call *Call[C, P], out *Output) error
}

// TokenCounter is a Provider that can count tokens. Without it, EstimateTokens does.
type TokenCounter[C, P any] interface {
	// CountTokens returns how many tokens the messages and tools of a call are.
	CountTokens(ctx context.Context, call *Call[C, P]) (int, error)
}

// Poller is a Provider of models with the feature runtime.FeaturePolling, whose calls take so long
// that Dify asks for the result from time to time.
type Poller[C, P any] interface {
	// StartPolling starts a call.
	StartPolling(ctx context.Context, call *Call[C, P]) (*Polling, error)
	// CheckPolling looks how a call that StartPolling has started goes on.
	CheckPolling(ctx context.Context, call *PollingCall[C, P]) (*Polling, error)
}

// PollingCall asks how a call goes on.
type PollingCall[C, P any] struct {
	Call[C, P]

	// State is what Polling.State was the last time.
	State json.RawMessage
}

// Bind returns what Dify can ask of a provider of language models, with values as they are on the
// wire. The provider can also be a TokenCounter and a Poller.
func Bind[C, P any](
	provider Provider[C, P],
	decodeCredentials func(runtime.ModelType, map[string]any) (C, error),
	decodeParameters func(*ParameterReader) P,
) []runtime.ModelAction {
	return nil
}

// EstimateTokens estimates how many tokens messages and tools are, without knowing how the model makes them of text.
func EstimateTokens(messages []Message, tools []Tool) int { return 0 }
