package invoke

import (
	"context"
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/rerank"
)

// Rerank calls rerank models that the workspace has. It needs the permissions model.enabled and
// model.rerank.
type Rerank struct{ service service }

// Rerank returns the service.
func (s Session) Rerank() Rerank { return Rerank{s.service()} }

// RerankRequest asks how near texts are to a query. Model and Query are required.
type RerankRequest struct {
	Model     runtime.ModelSelector
	Query     string
	Documents []string
	// ScoreThreshold and TopN are what documents must reach, and how many are wanted. nil is what
	// Model says and, if it says nothing, 0, which is no limit.
	ScoreThreshold *float64
	TopN           *int
}

// DocumentRerankRequest asks how near texts and images are to one, of a model that takes both. Model
// and Query are required.
type DocumentRerankRequest struct {
	Model          runtime.ModelSelector
	Query          embedding.Document
	Documents      []embedding.Document
	ScoreThreshold *float64 // as in RerankRequest
	TopN           *int     // as in RerankRequest
}

// wireRerank is a call with texts, or with documents.
type wireRerank[T any] struct {
	wireModel
	Query          T       `json:"query"`
	Documents      []T     `json:"docs"`
	ScoreThreshold float64 `json:"score_threshold"`
	TopN           int     `json:"top_n"`
}

func (r *RerankRequest) wire() (wireRerank[string], error) {
	if r.Query == "" {
		return wireRerank[string]{}, errors.New("a call of a rerank model has no Query")
	}
	return newWireRerank(r.Model, r.Query, r.Documents, r.ScoreThreshold, r.TopN)
}

func (r *DocumentRerankRequest) wire() (wireRerank[embedding.Document], error) {
	if err := r.Query.Validate(); err != nil {
		return wireRerank[embedding.Document]{}, fmt.Errorf("the query: %w", err)
	}
	if err := validDocuments(r.Documents); err != nil {
		return wireRerank[embedding.Document]{}, err
	}
	return newWireRerank(r.Model, r.Query, r.Documents, r.ScoreThreshold, r.TopN)
}

func newWireRerank[T any](model runtime.ModelSelector, query T, docs []T, threshold *float64, topN *int) (wireRerank[T], error) {
	w := wireRerank[T]{Query: query, Documents: docs, ScoreThreshold: first(threshold, model.ScoreThreshold), TopN: first(topN, model.TopN)}
	if w.Documents == nil {
		w.Documents = []T{} // null is refused
	}
	var err error
	if w.wireModel, err = modelOf(model); err != nil {
		return w, err
	}
	if w.TopN < 0 {
		return w, errors.New("the TopN of a call of a rerank model is negative")
	}
	return w, nil
}

// first returns what the first pointer that is not nil points to, or the zero value.
func first[T any](pointers ...*T) (v T) {
	for _, p := range pointers {
		if p != nil {
			return *p
		}
	}
	return v
}

// Rank returns the documents with their scores, the best first. Those under the threshold, and
// those after the first TopN, are missing. Every Index is one of req.Documents, and
// none is there twice.
func (r Rerank) Rank(ctx context.Context, req *RerankRequest) (*rerank.Result, error) {
	return rate(ctx, r.service, typeRerank, given(req).wire)
}

// RankDocuments is Rank with documents that may be images.
func (r Rerank) RankDocuments(ctx context.Context, req *DocumentRerankRequest) (*rerank.Result, error) {
	req = given(req)
	if err := r.service.fitDocuments(append(req.Documents[:len(req.Documents):len(req.Documents)], req.Query)...); err != nil {
		return nil, err
	}
	return rate(ctx, r.service, typeDocumentRerank, req.wire)
}

func rate[T any](ctx context.Context, s service, typ string, wire func() (wireRerank[T], error)) (*rerank.Result, error) {
	w, err := wire()
	if err != nil {
		return nil, err
	}
	result := new(rerank.Result)
	if err := s.one(ctx, typ, w, result); err != nil {
		return nil, err
	}
	rated := make([]bool, len(w.Documents))
	for _, d := range result.Matches {
		if d.Index < 0 || d.Index >= len(rated) {
			return nil, fmt.Errorf("the rerank model has rated document %d of %d", d.Index+1, len(rated))
		}
		if rated[d.Index] {
			return nil, fmt.Errorf("the rerank model has rated document %d twice", d.Index+1)
		}
		rated[d.Index] = true
	}
	return result, nil
}
