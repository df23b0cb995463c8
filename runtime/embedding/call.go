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
	Texts       []string // at least one
	InputType   InputType
}

// MultimodalCall asks an embedding model for the vectors of texts and images.
type MultimodalCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Documents   []Document // at least one
	InputType   InputType
}

// Provider is what a provider of embedding models has. Generated code demands it of the author's
// type.
type Provider[C any] interface {
	// Embed returns a vector for each text, in their order, all of the same length. Of the usage,
	// Tokens are enough: what is left out of the rest comes from the model's pricing and the clock.
	Embed(ctx context.Context, call *Call[C]) (*Result, error)
}

// MultimodalProvider is a Provider of models with the feature runtime.FeatureVision.
type MultimodalProvider[C any] interface {
	// EmbedMultimodal returns a vector for each document, as Embed does for texts.
	EmbedMultimodal(ctx context.Context, call *MultimodalCall[C]) (*Result, error)
}

// TokenCounter is a Provider that can count tokens. Without it, they are estimated as by
// llm.EstimateTextTokens.
type TokenCounter[C any] interface {
	// CountEmbedTokens returns how many tokens each text is, in their order. It is not called
	// without texts.
	CountEmbedTokens(ctx context.Context, call *Call[C]) ([]int, error)
}
