// Package embedding holds the requests and results of embedding models. Methods of providers of such
// models get and return them, and so do calls back into Dify (package runtime/invoke). Dify's daemon
// checks results; encoding makes the same checks first.
package embedding

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/difygen/difygen/internal/latency"
	"github.com/difygen/difygen/internal/price"
	"github.com/difygen/difygen/runtime"
)

// InputType says what vectors are for. Some models make other ones of documents than of queries.
type InputType string

// The types of inputs.
const (
	InputDocument InputType = "document" // to be found
	InputQuery    InputType = "query"    // to find documents with
)

// Usage is what a request has used, and what that costs: tokens × unit price × price unit.
type Usage struct {
	Tokens      int
	TotalTokens int
	UnitPrice   runtime.Decimal
	PriceUnit   runtime.Decimal
	TotalPrice  runtime.Decimal
	Currency    string // such as "USD"
	Latency     time.Duration
}

type wireUsage struct {
	Tokens      int             `json:"tokens"`
	TotalTokens int             `json:"total_tokens"`
	UnitPrice   price.Price     `json:"unit_price"`
	PriceUnit   price.Price     `json:"price_unit"`
	TotalPrice  price.Price     `json:"total_price"`
	Currency    string          `json:"currency"`
	Latency     latency.Seconds `json:"latency"`
}

// MarshalJSON encodes the usage as Dify takes it: prices as texts, the latency in seconds.
func (u Usage) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireUsage{
		u.Tokens, u.TotalTokens, price.Price{Decimal: u.UnitPrice}, price.Price{Decimal: u.PriceUnit}, price.Price{Decimal: u.TotalPrice},
		u.Currency, latency.Seconds(u.Latency),
	})
}

// UnmarshalJSON decodes usage.
func (u *Usage) UnmarshalJSON(data []byte) error {
	var w wireUsage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if err := cmp.Or(w.UnitPrice.Check("unit_price"), w.PriceUnit.Check("price_unit"), w.TotalPrice.Check("total_price")); err != nil {
		return err
	}
	*u = Usage{
		w.Tokens, w.TotalTokens, w.UnitPrice.Decimal, w.PriceUnit.Decimal, w.TotalPrice.Decimal, w.Currency, time.Duration(w.Latency),
	}
	return nil
}

// Result has a vector for each input, in their order.
type Result struct {
	Model      string
	Embeddings [][]float64
	Usage      Usage
}

type wireResult struct {
	Model      string      `json:"model"`
	Embeddings [][]float64 `json:"embeddings"`
	Usage      *Usage      `json:"usage"`
}

// MarshalJSON encodes the result as Dify takes it. Lists are never null.
func (r Result) MarshalJSON() ([]byte, error) {
	w := wireResult{r.Model, slices.Clone(r.Embeddings), &r.Usage}
	if w.Embeddings == nil {
		w.Embeddings = [][]float64{}
	}
	for i, vector := range w.Embeddings {
		if vector == nil {
			w.Embeddings[i] = []float64{}
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON decodes a result. A result without a list of embeddings is an error.
func (r *Result) UnmarshalJSON(data []byte) error {
	var w wireResult
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Embeddings == nil {
		return errors.New("embeddings are missing")
	}
	*r = Result{Model: w.Model, Embeddings: w.Embeddings}
	if w.Usage != nil {
		r.Usage = *w.Usage
	}
	return nil
}
