package openai

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/rerank"
)

// rerankAnswer is that of Jina and Cohere, or of Voyage, which calls the list data.
type rerankAnswer struct {
	Results []rating `json:"results"`
	Data    []rating `json:"data"`
}

type rating struct {
	Index          *int     `json:"index"`
	RelevanceScore *float64 `json:"relevance_score"`
	Score          *float64 `json:"score"` // where there is no relevance_score
}

func (a *rerankAnswer) empty() bool { return a.Results == nil && a.Data == nil }

var errRating = errors.New("the service has rated a document without its index or its score, or one that there is not")

// rounding is by how much a score of a service that normalizes may be outside of 0 to 1.
const rounding = 1e-3

// rerank rates documents.
func (c *client) rerank(ctx context.Context, query string, documents []string, topN runtime.Optional[int]) (*rerank.Result, error) {
	result := &rerank.Result{Model: c.call.Model}
	if len(documents) == 0 {
		return result, nil
	}
	body := map[string]any{"model": c.model, "query": query, "documents": documents}
	if n, ok := topN.Get(); ok {
		body["top_n"] = n
	}
	var answer rerankAnswer
	if err := c.postJSON(ctx, pathRerank, body, &answer); err != nil {
		return nil, err
	}
	logits := false
	for _, r := range append(answer.Results, answer.Data...) {
		score := r.RelevanceScore
		if score == nil {
			score = r.Score
		}
		if r.Index == nil || *r.Index < 0 || *r.Index >= len(documents) || score == nil {
			return nil, errRating
		}
		logits = logits || *score < -rounding || *score > 1+rounding
		result.Matches = append(result.Matches, rerank.Match{Index: *r.Index, Text: documents[*r.Index], Score: *score})
	}
	for i := range result.Matches {
		score := &result.Matches[i].Score
		if logits {
			*score = 1 / (1 + math.Exp(-*score))
		}
		*score = min(max(*score, 0), 1)
	}
	slices.SortStableFunc(result.Matches, func(a, b rerank.Match) int { return cmp.Compare(b.Score, a.Score) })
	return result, nil
}
