package rerank

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

// Call asks a rerank model how well documents answer a query. C are the credentials that a provider
// declares; generated code has an alias for it, RerankCall.
type Call[C any] struct {
	runtime.ModelCall
	Credentials    C
	Query          string
	Documents      []string                  // at least one
	ScoreThreshold runtime.Optional[float64] // lower scores are to be left out
	TopN           runtime.Optional[int]     // how many matches are wanted
}

// MultimodalCall is a Call with texts and images.
type MultimodalCall[C any] struct {
	runtime.ModelCall
	Credentials    C
	Query          embedding.Document
	Documents      []embedding.Document // at least one
	ScoreThreshold runtime.Optional[float64]
	TopN           runtime.Optional[int]
}

// Provider is what a provider of rerank models has. Generated code demands it of the author's type.
type Provider[C any] interface {
	// Rerank returns the documents with their scores. A Text that is left out is that of the document.
	// Dify gets the best first, without those below ScoreThreshold and beyond TopN, whether or not the
	// method does that.
	Rerank(ctx context.Context, call *Call[C]) (*Result, error)
}

// MultimodalProvider is a Provider of models with the feature runtime.FeatureVision.
type MultimodalProvider[C any] interface {
	// RerankMultimodal is Rerank for texts and images.
	RerankMultimodal(ctx context.Context, call *MultimodalCall[C]) (*Result, error)
}
