package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/difygen/difygen/internal/latency"
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

type wireUsage struct {
	PromptTokens        int             `json:"prompt_tokens"`
	PromptUnitPrice     runtime.Decimal `json:"prompt_unit_price"`
	PromptPriceUnit     runtime.Decimal `json:"prompt_price_unit"`
	PromptPrice         runtime.Decimal `json:"prompt_price"`
	CompletionTokens    int             `json:"completion_tokens"`
	CompletionUnitPrice runtime.Decimal `json:"completion_unit_price"`
	CompletionPriceUnit runtime.Decimal `json:"completion_price_unit"`
	CompletionPrice     runtime.Decimal `json:"completion_price"`
	TotalTokens         int             `json:"total_tokens"`
	TotalPrice          runtime.Decimal `json:"total_price"`
	Currency            string          `json:"currency"`
	Latency             latency.Seconds `json:"latency"`
}

// MarshalJSON encodes the usage as Dify takes it: prices as texts, the latency in seconds.
func (u Usage) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireUsage{
		u.PromptTokens, u.PromptUnitPrice, u.PromptPriceUnit, u.PromptPrice,
		u.CompletionTokens, u.CompletionUnitPrice, u.CompletionPriceUnit, u.CompletionPrice,
		u.TotalTokens, u.TotalPrice, u.Currency, latency.Seconds(u.Latency),
	})
}

// UnmarshalJSON decodes usage.
func (u *Usage) UnmarshalJSON(data []byte) error {
	var w wireUsage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*u = Usage{
		w.PromptTokens, w.PromptUnitPrice, w.PromptPriceUnit, w.PromptPrice,
		w.CompletionTokens, w.CompletionUnitPrice, w.CompletionPriceUnit, w.CompletionPrice,
		w.TotalTokens, w.TotalPrice, w.Currency, time.Duration(w.Latency),
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
	}
	return c.message().Validate()
}

// message returns the message with its role.
func (c Chunk) message() Message {
	m := c.Message
	m.Role = RoleAssistant
	return m
}

type wireChunk struct {
	Model             string          `json:"model"`
	SystemFingerprint string          `json:"system_fingerprint,omitempty"`
	Delta             *wireDelta      `json:"delta"`
	StructuredOutput  json.RawMessage `json:"structured_output,omitempty"`
}

type wireDelta struct {
	Index        int           `json:"index"`
	Message      Message       `json:"message"`
	Usage        *Usage        `json:"usage"`
	FinishReason *FinishReason `json:"finish_reason"`
}

// MarshalJSON encodes the chunk as Dify takes it, if Validate finds nothing. A message without a
// role is one of the assistant.
func (c Chunk) MarshalJSON() ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	delta := wireDelta{Index: c.Index, Message: c.message(), Usage: c.Usage}
	if c.FinishReason != "" {
		delta.FinishReason = &c.FinishReason
	}
	return encode(wireChunk{c.Model, c.SystemFingerprint, &delta, c.StructuredOutput})
}

// UnmarshalJSON decodes a chunk. What is no chunk, since it has no delta, is an error.
func (c *Chunk) UnmarshalJSON(data []byte) error {
	var w wireChunk
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Delta == nil {
		return errors.New("a chunk has no delta")
	}
	*c = Chunk{
		Model: w.Model, SystemFingerprint: w.SystemFingerprint, Index: w.Delta.Index, Message: w.Delta.Message,
		Usage: w.Delta.Usage, StructuredOutput: opaque(w.StructuredOutput),
	}
	if w.Delta.FinishReason != nil {
		c.FinishReason = *w.Delta.FinishReason
	}
	return nil
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
