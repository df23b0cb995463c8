package rerank

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/difygen/difygen/internal/documents"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

// Bind returns what Dify can ask of a provider of rerank models, with values as they are on the
// wire. The provider can also be a MultimodalProvider. For no documents, the provider is not called.
func Bind[C any](provider Provider[C], decode runtime.CredentialsDecoder[C]) []runtime.ModelAction {
	b := &binding[C]{provider, decode}
	action := func(name string, serve runtime.ModelHandler) runtime.ModelAction {
		return runtime.ModelAction{Type: runtime.ModelTypeRerank, Name: name, Serve: serve}
	}
	actions := []runtime.ModelAction{action("invoke_rerank", b.rerank)}
	if p, ok := provider.(MultimodalProvider[C]); ok {
		actions = append(actions, action("invoke_multimodal_rerank", func(ctx context.Context, req *runtime.ModelRequest) (any, error) {
			return b.rerankMultimodal(ctx, p, req)
		}))
	}
	return actions
}

// binding makes typed calls of requests.
type binding[C any] struct {
	provider    Provider[C]
	credentials runtime.CredentialsDecoder[C]
}

func (b *binding[C]) rerank(ctx context.Context, req *runtime.ModelRequest) (any, error) {
	r := req.Read()
	call := &Call[C]{ModelCall: req.ModelCall, Query: r.Text("query"), Documents: r.Texts("docs")}
	call.ScoreThreshold, call.TopN = readLimits(r)
	r.Require("docs")
	err := r.Err()
	if err == nil {
		call.Credentials, err = b.credentials.Decode(req)
	}
	if err != nil {
		return nil, err
	}
	l := limits{call.ScoreThreshold, call.TopN}
	return l.finish(call.ModelCall, call.Documents, func() (*Result, error) { return b.provider.Rerank(ctx, call) })
}

func (b *binding[C]) rerankMultimodal(ctx context.Context, p MultimodalProvider[C], req *runtime.ModelRequest) (any, error) {
	r := req.Read()
	call := &MultimodalCall[C]{ModelCall: req.ModelCall}
	call.ScoreThreshold, call.TopN = readLimits(r)
	err := r.Err()
	if err != nil {
		return nil, err
	}
	if call.Query, err = documents.Read[embedding.Document](req.Data["query"]); err != nil {
		return nil, &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: fmt.Errorf("query of the request: %w", err)}
	}
	if call.Documents, err = documents.ReadList[embedding.Document](req.Data["docs"]); err != nil {
		return nil, &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: fmt.Errorf("docs of the request: %w", err)}
	}
	delete(req.Data, "docs") // they are large
	if call.Credentials, err = b.credentials.Decode(req); err != nil {
		return nil, err
	}
	texts := make([]string, len(call.Documents)) // of an image ""
	for i, d := range call.Documents {
		texts[i] = d.Text
	}
	l := limits{call.ScoreThreshold, call.TopN}
	return l.finish(call.ModelCall, texts, func() (*Result, error) { return p.RerankMultimodal(ctx, call) })
}

// limits are those of the matches that are wanted.
type limits struct {
	threshold runtime.Optional[float64]
	topN      runtime.Optional[int]
}

// readLimits reads the limits of a request. Dify sends 0 for none (PROTOCOL-CALLS, section 1).
func readLimits(r *runtime.RequestReader) (threshold runtime.Optional[float64], topN runtime.Optional[int]) {
	if f := r.Number("score_threshold"); f != 0 {
		threshold = runtime.Some(f)
	}
	if n := r.Number("top_n"); n >= 1 {
		topN = runtime.Some(int(min(n, math.MaxInt32)))
	}
	return threshold, topN
}

// finish calls a method for documents, of which it has the texts, and completes, checks and limits its
// result.
func (l limits) finish(call runtime.ModelCall, texts []string, rerank func() (*Result, error)) (*Result, error) {
	if len(texts) == 0 {
		return &Result{Model: call.Model}, nil
	}
	result, err := rerank()
	switch {
	case err != nil:
		return nil, err
	case result == nil:
		return nil, errors.New("the provider returns neither matches nor an error")
	}
	matches := slices.Clone(result.Matches)
	rated := make([]bool, len(texts))
	for i := range matches {
		m := &matches[i]
		switch {
		case m.Index < 0 || m.Index >= len(texts):
			return nil, fmt.Errorf("the model has rated document %d, but there are %d", m.Index+1, len(texts))
		case rated[m.Index]:
			return nil, fmt.Errorf("the model has rated document %d twice", m.Index+1)
		case math.IsNaN(m.Score) || math.IsInf(m.Score, 0):
			return nil, fmt.Errorf("the score of document %d is not a number", m.Index+1)
		}
		rated[m.Index] = true
		m.Text = cmp.Or(m.Text, texts[m.Index])
	}
	return &Result{cmp.Or(result.Model, call.Model), l.limit(matches)}, nil
}

// limit returns the matches that are wanted, the best first. It reuses the list.
func (l limits) limit(matches []Match) []Match {
	slices.SortStableFunc(matches, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	if threshold, ok := l.threshold.Get(); ok {
		matches = slices.DeleteFunc(matches, func(m Match) bool { return m.Score < threshold })
	}
	if n, ok := l.topN.Get(); ok && n < len(matches) {
		matches = matches[:n]
	}
	return matches
}
