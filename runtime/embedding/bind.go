package embedding

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/difygen/difygen/internal/documents"
	"github.com/difygen/difygen/internal/tokens"
	"github.com/difygen/difygen/runtime"
)

// Bind returns what Dify can ask of a provider of embedding models, with values as they are on the
// wire. The provider can also be a MultimodalProvider and a TokenCounter. For no texts, the provider is
// not called.
func Bind[C any](provider Provider[C], decode runtime.CredentialsDecoder[C]) []runtime.ModelAction {
	b := &binding[C]{provider, decode}
	action := func(name string, serve runtime.ModelHandler) runtime.ModelAction {
		return runtime.ModelAction{Type: runtime.ModelTypeTextEmbedding, Name: name, Serve: serve}
	}
	actions := []runtime.ModelAction{action("invoke_text_embedding", b.embed), action("get_text_embedding_num_tokens", b.countTokens)}
	if p, ok := provider.(MultimodalProvider[C]); ok {
		actions = append(actions, action("invoke_multimodal_embedding", func(ctx context.Context, req *runtime.ModelRequest) (any, error) {
			return b.embedMultimodal(ctx, p, req)
		}))
	}
	return actions
}

// binding makes typed calls of requests.
type binding[C any] struct {
	provider    Provider[C]
	credentials runtime.CredentialsDecoder[C]
}

// call returns the call that a request asks for.
func (b *binding[C]) call(req *runtime.ModelRequest) (*Call[C], error) {
	call := &Call[C]{ModelCall: req.ModelCall}
	r := req.Read()
	call.Texts, call.InputType = r.Texts("texts"), InputType(cmp.Or(r.Text("input_type"), string(InputDocument)))
	r.Require("texts")
	err := r.Err()
	if err == nil {
		call.Credentials, err = b.credentials.Decode(req)
	}
	return call, err
}

func (b *binding[C]) embed(ctx context.Context, req *runtime.ModelRequest) (any, error) {
	call, err := b.call(req)
	if err != nil {
		return nil, err
	}
	return finish(call.ModelCall, len(call.Texts), func() (*Result, error) { return b.provider.Embed(ctx, call) })
}

func (b *binding[C]) embedMultimodal(ctx context.Context, p MultimodalProvider[C], req *runtime.ModelRequest) (any, error) {
	call := &MultimodalCall[C]{ModelCall: req.ModelCall}
	r := req.Read()
	call.InputType = InputType(cmp.Or(r.Text("input_type"), string(InputDocument)))
	err := r.Err()
	if err != nil {
		return nil, err
	}
	if call.Documents, err = documents.ReadList[Document](req.Data["documents"]); err != nil {
		return nil, &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: fmt.Errorf("documents of the request: %w", err)}
	}
	delete(req.Data, "documents") // they are large
	if call.Credentials, err = b.credentials.Decode(req); err != nil {
		return nil, err
	}
	return finish(call.ModelCall, len(call.Documents), func() (*Result, error) { return p.EmbedMultimodal(ctx, call) })
}

func (b *binding[C]) countTokens(ctx context.Context, req *runtime.ModelRequest) (any, error) {
	call, err := b.call(req)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(call.Texts))
	if counter, ok := b.provider.(TokenCounter[C]); ok && len(call.Texts) > 0 {
		if counts, err = counter.CountEmbedTokens(ctx, call); err != nil {
			return nil, err
		}
	} else {
		for i, text := range call.Texts {
			counts[i] = tokens.Estimate(text)
		}
	}
	if len(counts) != len(call.Texts) {
		return nil, fmt.Errorf("tokens of %d texts were counted, but there are %d", len(counts), len(call.Texts))
	}
	if i := slices.IndexFunc(counts, func(n int) bool { return n < 0 }); i >= 0 {
		return nil, fmt.Errorf("the provider has counted %d tokens of text %d", counts[i], i+1)
	}
	return map[string][]int{"num_tokens": counts}, nil
}

// finish calls a method for so many inputs, and completes and checks its result.
func finish(call runtime.ModelCall, inputs int, embed func() (*Result, error)) (*Result, error) {
	if inputs == 0 {
		return &Result{Model: call.Model, Usage: Usage{}.complete(call, 0)}, nil
	}
	start := time.Now()
	result, err := embed()
	switch {
	case err != nil:
		return nil, err
	case result == nil:
		return nil, errors.New("the provider returns neither vectors nor an error")
	}
	if err := check(result.Embeddings, inputs); err != nil {
		return nil, err
	}
	if result.Usage.Tokens < 0 || result.Usage.TotalTokens < 0 {
		return nil, errors.New("the Usage of the vectors has a negative number of tokens")
	}
	done := *result
	done.Model = cmp.Or(done.Model, call.Model)
	done.Usage = done.Usage.complete(call, time.Since(start))
	return &done, nil
}

// check reports vectors that cannot be those of so many inputs.
func check(vectors [][]float64, inputs int) error {
	if len(vectors) != inputs {
		return fmt.Errorf("the model has returned %d vectors for %d inputs", len(vectors), inputs)
	}
	for i, v := range vectors {
		if len(v) == 0 || len(v) != len(vectors[0]) {
			return fmt.Errorf("the model has returned a vector of length %d for input %d, and one of length %d for input 1", len(v), i+1, len(vectors[0]))
		}
		for _, f := range v {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				return fmt.Errorf("the vector that the model has returned for input %d has an element that is not a number", i+1)
			}
		}
	}
	return nil
}

// complete returns the usage with what it leaves out: prices by the model's pricing, unless there is
// one, and how long the call took.
func (u Usage) complete(call runtime.ModelCall, latency time.Duration) Usage {
	u.TotalTokens, u.Latency = cmp.Or(u.TotalTokens, u.Tokens), cmp.Or(u.Latency, latency)
	var pricing *runtime.ModelPricing
	if call.Schema != nil {
		pricing = call.Schema.Pricing
	}
	if pricing != nil && u.UnitPrice.IsZero() && u.PriceUnit.IsZero() && u.TotalPrice.IsZero() {
		u.UnitPrice, u.PriceUnit, u.TotalPrice = pricing.Input, pricing.Unit, pricing.Price(u.Tokens, pricing.Input)
		u.Currency = cmp.Or(u.Currency, pricing.Currency)
	}
	u.Currency = cmp.Or(u.Currency, "USD")
	return u
}
