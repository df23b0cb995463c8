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
	Documents      []string
	ScoreThreshold runtime.Optional[float64] // lower scores are to be left out
	TopN           runtime.Optional[int]     // how many matches are wanted
}

// MultimodalCall is a Call with texts and images.
type MultimodalCall[C any] struct {
	runtime.ModelCall
	Credentials    C
	Query          embedding.Document
	Documents      []embedding.Document
	ScoreThreshold runtime.Optional[float64]
	TopN           runtime.Optional[int]
}

// Provider is what a provider of rerank models has. Generated code demands it of the author's type.
type Provider[C any] interface {
	// Rerank returns the documents that answer the query, the best first. Matches below
	// ScoreThreshold and beyond TopN are left out, whether or not the method does so.
	Rerank(ctx context.Context, call *Call[C]) (*Result, error)
}

// MultimodalProvider is a Provider of models with the feature runtime.FeatureVision.
type MultimodalProvider[C any] interface {
	RerankMultimodal(ctx context.Context, call *MultimodalCall[C]) (*Result, error)
}

// Bind returns what Dify can ask of a provider of rerank models, with values as they are on the
// wire. The provider can also be a MultimodalProvider.
func Bind[C any](provider Provider[C], decode func(runtime.ModelType, map[string]any) (C, error)) []runtime.ModelAction {
	return nil
}
