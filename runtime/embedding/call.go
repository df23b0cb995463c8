package embedding

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Call asks an embedding model for the vectors of texts. C are the credentials that a provider
// declares; generated code has an alias for it, EmbedCall.
type Call[C any] struct {
	runtime.ModelCall
	Credentials C
	Texts       []string
	InputType   InputType
}

// MultimodalCall asks an embedding model for the vectors of texts and images.
type MultimodalCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Documents   []Document
	InputType   InputType
}

// Provider is what a provider of embedding models has. Generated code demands it of the author's
// type.
type Provider[C any] interface {
	// Embed returns a vector for each text, in their order.
	Embed(ctx context.Context, call *Call[C]) (*Result, error)
}

// MultimodalProvider is a Provider of models with the feature runtime.FeatureVision.
type MultimodalProvider[C any] interface {
	// EmbedMultimodal returns a vector for each document, in their order.
	EmbedMultimodal(ctx context.Context, call *MultimodalCall[C]) (*Result, error)
}

// TokenCounter is a Provider that can count tokens. Without it, they are estimated.
type TokenCounter[C any] interface {
	// CountEmbedTokens returns how many tokens each text is.
	CountEmbedTokens(ctx context.Context, call *Call[C]) ([]int, error)
}

// Bind returns what Dify can ask of a provider of embedding models, with values as they are on the
// wire. The provider can also be a MultimodalProvider and a TokenCounter.
func Bind[C any](provider Provider[C], decode func(runtime.ModelType, map[string]any) (C, error)) []runtime.ModelAction {
	return nil
}
