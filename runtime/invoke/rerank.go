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

// RerankRequest asks how near texts are to a query.
type RerankRequest struct {
	Model runtime.ModelSelector
	Query string
	Docs  []string
	// ScoreThreshold and TopN are what documents must reach, and how many are wanted. nil is what
	// Model says and, if it says nothing, 0, which is no limit.
	ScoreThreshold *float64
	TopN           *int
}

// DocumentRerankRequest asks how near texts and images are to one, of a model that takes both.
type DocumentRerankRequest struct {
	Model          runtime.ModelSelector
	Query          embedding.Document
	Docs           []embedding.Document
	ScoreThreshold *float64 // as in RerankRequest
	TopN           *int     // as in RerankRequest
}

// wireRerank is a call with texts, or with documents.
type wireRerank[T any] struct {
	wireModel
	Query          T       `json:"query"`
	Docs           []T     `json:"docs"`
	ScoreThreshold float64 `json:"score_threshold"`
	TopN           int     `json:"top_n"`
}

// Rerank returns the documents with their scores, the best first. Those under the threshold, and
// those after the first TopN, are missing. Every Index is one of req.Docs.
func (r Rerank) Rerank(ctx context.Context, req *RerankRequest) (*rerank.Result, error) {
	req = given(req)
	if req.Query == "" {
		return nil, errors.New("a call of a rerank model has no Query")
	}
	return rate(ctx, r.service, "rerank", req.Model, wireRerank[string]{Query: req.Query, Docs: req.Docs}, req.ScoreThreshold, req.TopN)
}

// RerankDocuments is Rerank with documents that may be images.
func (r Rerank) RerankDocuments(ctx context.Context, req *DocumentRerankRequest) (*rerank.Result, error) {
	req = given(req)
	if err := req.Query.Validate(); err != nil {
		return nil, fmt.Errorf("the query: %w", err)
	}
	if err := validDocuments(req.Docs); err != nil {
		return nil, err
	}
	w := wireRerank[embedding.Document]{Query: req.Query, Docs: req.Docs}
	return rate(ctx, r.service, "multimodal_rerank", req.Model, w, req.ScoreThreshold, req.TopN)
}

func rate[T any](ctx context.Context, s service, typ string, model runtime.ModelSelector, w wireRerank[T], threshold *float64, topN *int) (*rerank.Result, error) {
	var err error
	if w.wireModel, err = modelOf(model); err != nil {
		return nil, err
	}
	w.ScoreThreshold, w.TopN = first(threshold, model.ScoreThreshold), first(topN, model.TopN)
	if w.TopN < 0 {
		return nil, errors.New("the TopN of a call of a rerank model is negative")
	}
	if w.Docs == nil {
		w.Docs = []T{} // null is refused
	}
	result := new(rerank.Result)
	if err := s.one(ctx, typ, w, result); err != nil {
		return nil, err
	}
	for _, d := range result.Docs {
		if d.Index < 0 || d.Index >= len(w.Docs) {
			return nil, fmt.Errorf("the rerank model has rated document %d of %d", d.Index+1, len(w.Docs))
		}
	}
	return result, nil
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
