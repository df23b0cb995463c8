package llm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/difygen/difygen/internal/latency"
	"github.com/difygen/difygen/internal/price"
	"github.com/difygen/difygen/runtime"
)

// FinishReason says why a model has stopped, in the model's own words. Unknown ones are kept.
type FinishReason string

// The usual reasons.
const (
	FinishStop          FinishReason = "stop"           // it was done
	FinishLength        FinishReason = "length"         // it had written as much as it may
	FinishToolCalls     FinishReason = "tool_calls"     // it waits for the results of tools
	FinishContentFilter FinishReason = "content_filter" // what it wrote was not allowed
)

// Usage is what a request has used, and what that costs: a price is tokens × unit price × price
// unit, such as 1000 × 0.15 × 0.000001.
type Usage struct {
	PromptTokens        int
	PromptUnitPrice     runtime.Decimal
	PromptPriceUnit     runtime.Decimal
	PromptPrice         runtime.Decimal
	CompletionTokens    int
	CompletionUnitPrice runtime.Decimal
	CompletionPriceUnit runtime.Decimal
	CompletionPrice     runtime.Decimal
	TotalTokens         int
	TotalPrice          runtime.Decimal
	Currency            string // such as "USD"
	Latency             time.Duration
}

// isZero reports whether the usage says nothing.
func (u *Usage) isZero() bool {
	return u.PromptTokens == 0 && u.CompletionTokens == 0 && u.TotalTokens == 0 && u.Currency == "" && u.Latency == 0 && u.isFree()
}

// isFree reports whether the usage has no prices.
func (u *Usage) isFree() bool {
	for _, price := range []runtime.Decimal{
		u.PromptUnitPrice, u.PromptPriceUnit, u.PromptPrice, u.CompletionUnitPrice, u.CompletionPriceUnit, u.CompletionPrice, u.TotalPrice,
	} {
		if !price.IsZero() {
			return false
		}
	}
	return true
}

// Add returns what two requests have used together. Unit prices are those of u or, if it has none, of v.
// Prices in another currency than that of u, if it has one, are left out. A sum that is too large for its
// type is the largest number of it.
func (u Usage) Add(v Usage) Usage {
	if u.Currency != "" && v.Currency != "" && u.Currency != v.Currency {
		v = Usage{PromptTokens: v.PromptTokens, CompletionTokens: v.CompletionTokens, TotalTokens: v.TotalTokens, Latency: v.Latency}
	}
	return Usage{
		PromptTokens: add(u.PromptTokens, v.PromptTokens, math.MaxInt), CompletionTokens: add(u.CompletionTokens, v.CompletionTokens, math.MaxInt),
		TotalTokens: add(u.TotalTokens, v.TotalTokens, math.MaxInt), Latency: add(u.Latency, v.Latency, math.MaxInt64),
		Currency:    cmp.Or(u.Currency, v.Currency),
		PromptPrice: u.PromptPrice.Add(v.PromptPrice), CompletionPrice: u.CompletionPrice.Add(v.CompletionPrice),
		TotalPrice:      u.TotalPrice.Add(v.TotalPrice),
		PromptUnitPrice: either(u.PromptUnitPrice, v.PromptUnitPrice), PromptPriceUnit: either(u.PromptPriceUnit, v.PromptPriceUnit),
		CompletionUnitPrice: either(u.CompletionUnitPrice, v.CompletionUnitPrice),
		CompletionPriceUnit: either(u.CompletionPriceUnit, v.CompletionPriceUnit),
	}
}

// add returns a + b, or most if that is more.
func add[T int | time.Duration](a, b, most T) T {
	if b > 0 && a > most-b {
		return most
	}
	return a + b
}

// either returns the first of two prices that is not 0.
func either(a, b runtime.Decimal) runtime.Decimal {
	if a.IsZero() {
		return b
	}
	return a
}

// check reports a number of tokens that cannot be.
func (u *Usage) check() error {
	if u.PromptTokens < 0 || u.CompletionTokens < 0 || u.TotalTokens < 0 {
		return errors.New("a Usage has a negative number of tokens")
	}
	return nil
}

// complete returns usage with what is left out: the sum of the tokens, and what the model's pricing
// says.
func (u Usage) complete(schema *runtime.ModelSchema) Usage {
	if u.TotalTokens == 0 {
		u.TotalTokens = u.PromptTokens + min(u.CompletionTokens, math.MaxInt-u.PromptTokens)
	}
	if schema != nil && schema.Pricing != nil {
		p := schema.Pricing
		if u.isFree() {
			u.PromptUnitPrice, u.PromptPriceUnit, u.PromptPrice = p.Input, p.Unit, p.Price(u.PromptTokens, p.Input)
			u.CompletionUnitPrice, u.CompletionPriceUnit, u.CompletionPrice = p.Output, p.Unit, p.Price(u.CompletionTokens, p.Output)
			u.TotalPrice = u.PromptPrice.Add(u.CompletionPrice)
		}
		u.Currency = cmp.Or(u.Currency, p.Currency)
	}
	u.Currency = cmp.Or(u.Currency, "USD")
	return u
}

// MarshalJSON encodes the usage as Dify takes it: prices as texts, the latency in seconds.
func (u Usage) MarshalJSON() ([]byte, error) { return appendUsage(make([]byte, 0, 384), &u), nil }

// UnmarshalJSON decodes usage.
func (u *Usage) UnmarshalJSON(data []byte) error {
	var w wireUsage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	return w.usage(u)
}

// wireUsage is usage that comes over the wire.
type wireUsage struct {
	PromptTokens        int             `json:"prompt_tokens"`
	PromptUnitPrice     price.Price     `json:"prompt_unit_price"`
	PromptPriceUnit     price.Price     `json:"prompt_price_unit"`
	PromptPrice         price.Price     `json:"prompt_price"`
	CompletionTokens    int             `json:"completion_tokens"`
	CompletionUnitPrice price.Price     `json:"completion_unit_price"`
	CompletionPriceUnit price.Price     `json:"completion_price_unit"`
	CompletionPrice     price.Price     `json:"completion_price"`
	TotalTokens         int             `json:"total_tokens"`
	TotalPrice          price.Price     `json:"total_price"`
	Currency            string          `json:"currency"`
	Latency             latency.Seconds `json:"latency"`
}

// usage stores the usage in u.
func (w *wireUsage) usage(u *Usage) error {
	err := cmp.Or(
		w.PromptUnitPrice.Check("prompt_unit_price"), w.PromptPriceUnit.Check("prompt_price_unit"), w.PromptPrice.Check("prompt_price"),
		w.CompletionUnitPrice.Check("completion_unit_price"), w.CompletionPriceUnit.Check("completion_price_unit"),
		w.CompletionPrice.Check("completion_price"), w.TotalPrice.Check("total_price"),
	)
	if err != nil {
		return err
	}
	*u = Usage{
		w.PromptTokens, w.PromptUnitPrice.Decimal, w.PromptPriceUnit.Decimal, w.PromptPrice.Decimal,
		w.CompletionTokens, w.CompletionUnitPrice.Decimal, w.CompletionPriceUnit.Decimal, w.CompletionPrice.Decimal,
		w.TotalTokens, w.TotalPrice.Decimal, w.Currency, time.Duration(w.Latency),
	}
	return nil
}

// Chunk is a piece of what a model writes.
type Chunk struct {
	Model             string
	SystemFingerprint string
	Index             int // of the chunk; not all models count
	// Message holds what is new: the next text, and tool calls or pieces of them (see Collector).
	// Its role is assistant.
	Message Message
	// Usage, of the whole request, is in the last chunk.
	Usage *Usage
	// FinishReason is in the last chunk.
	FinishReason FinishReason
	// StructuredOutput is a JSON object, in the last chunk of a call with a schema.
	StructuredOutput json.RawMessage
}

// Text returns the text that is new.
func (c *Chunk) Text() string { return c.Message.Text() }

// Validate reports what Dify would not take.
func (c Chunk) Validate() error {
	switch {
	case c.Model == "":
		return errors.New("a chunk has no Model")
	case c.Message.Role != RoleAssistant && c.Message.Role != "":
		return fmt.Errorf("the message of a chunk has the role %s: want assistant", c.Message.Role)
	case !validOpaque(c.StructuredOutput):
		return errors.New("StructuredOutput of a chunk is not JSON")
	case len(c.StructuredOutput) > 0 && bytes.TrimSpace(c.StructuredOutput)[0] != '{':
		return errors.New("StructuredOutput of a chunk is not an object")
	}
	c.Message.Role = RoleAssistant
	return c.Message.Validate()
}

// MarshalJSON encodes the chunk as Dify takes it, if Validate finds nothing. A message without a
// role is one of the assistant. Call it or AppendJSON where many chunks are sent: json.Marshal checks
// and copies what it returns, which takes much longer than the encoding.
func (c Chunk) MarshalJSON() ([]byte, error) {
	return c.AppendJSON(make([]byte, 0, sizeOf(&c.Message)))
}

// AppendJSON appends what MarshalJSON returns to b.
func (c Chunk) AppendJSON(b []byte) ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return appendChunk(slices.Grow(b, sizeOf(&c.Message)), &c), nil
}

// UnmarshalJSON decodes a chunk. What is not a chunk, since it has no delta, is an error.
func (c *Chunk) UnmarshalJSON(data []byte) error {
	var w wireChunk
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Delta == nil {
		return errors.New("a chunk has no delta")
	}
	*c = Chunk{
		Model: w.Model, SystemFingerprint: w.SystemFingerprint, Index: w.Delta.Index, StructuredOutput: opaque(w.StructuredOutput),
		FinishReason: w.Delta.FinishReason,
	}
	if err := w.Delta.Message.message(&c.Message); err != nil {
		return err
	}
	if w.Delta.Usage == nil {
		return nil
	}
	c.Usage = new(Usage)
	return w.Delta.Usage.usage(c.Usage)
}

// wireChunk is a chunk that comes over the wire.
type wireChunk struct {
	Model             string `json:"model"`
	SystemFingerprint string `json:"system_fingerprint"`
	Delta             *struct {
		Index        int          `json:"index"`
		Message      wireMessage  `json:"message"`
		Usage        *wireUsage   `json:"usage"`
		FinishReason FinishReason `json:"finish_reason"`
	} `json:"delta"`
	StructuredOutput json.RawMessage `json:"structured_output"`
}

// Result is all that a model has written.
type Result struct {
	Model             string          `json:"model"`
	SystemFingerprint string          `json:"system_fingerprint,omitempty"`
	Message           Message         `json:"message"`
	Usage             Usage           `json:"usage"`
	FinishReason      FinishReason    `json:"finish_reason,omitempty"`
	StructuredOutput  json.RawMessage `json:"structured_output,omitempty"`
}

// Text returns the text that the model has written.
func (r *Result) Text() string { return r.Message.Text() }
