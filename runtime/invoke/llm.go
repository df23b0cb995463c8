package invoke

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// LLM calls large language models that the workspace has. It needs the permissions model.enabled
// and model.llm.
//
// Dify drops pieces of an answer that it cannot pass on fast enough, and does not say so. Where an
// answer must be whole, check its FinishReason: one that was cut off has none.
type LLM struct{ service service }

// LLM returns the service.
func (s Session) LLM() LLM { return LLM{s.service()} }

// LLMRequest asks a large language model. Model and Messages are required.
type LLMRequest struct {
	// Model is the model, such as a parameter of type model-selector. Its Provider is a full ID, such
	// as "langgenius/openai/openai". Its CompletionParams are sent.
	Model runtime.ModelSelector
	// Messages are sent without their OpaqueBody, which Dify's daemon refuses. Those of parts are sent.
	Messages []llm.Message
	// Parameters are those of the model, such as temperature. They override those in
	// Model.CompletionParams.
	Parameters map[string]any
	Tools      []llm.Tool
	// ToolChoice says whether the model must ask for one of Tools, which it may do otherwise. A Dify
	// that does not know of it ignores it.
	ToolChoice llm.ToolChoice
	Stop       []string // texts at which the model stops writing
	// NoStream asks Dify for the answer as one chunk. Models without runtime.FeatureStreamToolCall may
	// ask for tools only then. Dify leaves out the finish reason, and a model that answers with several
	// chunks all the same loses all but the first.
	NoStream bool
	// Schema is the JSON Schema of structured output. It is an error in calls other than Structured.
	Schema map[string]any
}

// wireLLM is a call of type llm, or llm_structured_output if it has a schema.
type wireLLM struct {
	wireModel
	Mode             string         `json:"mode"`
	CompletionParams map[string]any `json:"completion_params"`
	PromptMessages   []llm.Message  `json:"prompt_messages"`
	Tools            []llm.Tool     `json:"tools"`
	ToolChoice       llm.ToolChoice `json:"tool_choice,omitzero"`
	Stop             []string       `json:"stop"`
	Stream           bool           `json:"stream"`
	Schema           map[string]any `json:"structured_output_schema,omitempty"`
}

// wire returns the call, if Dify would take it.
func (r *LLMRequest) wire() (*wireLLM, error) {
	model, err := modelOf(r.Model)
	if err != nil {
		return nil, err
	}
	mode, err := modeOf(r.Model)
	if err != nil {
		return nil, err
	}
	if len(r.Messages) == 0 {
		return nil, errors.New("a call of a language model has no Messages")
	}
	for i, m := range r.Messages {
		if err := m.Validate(); err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	for i, t := range r.Tools {
		if err := t.Validate(); err != nil {
			return nil, fmt.Errorf("tool %d: %w", i+1, err)
		}
	}
	if err := r.validateChoice(); err != nil {
		return nil, err
	}
	w := &wireLLM{
		wireModel: model, Mode: mode, CompletionParams: map[string]any{},
		PromptMessages: withoutOpaque(r.Messages), Tools: r.Tools, ToolChoice: r.ToolChoice, Stop: r.Stop, Stream: !r.NoStream,
	}
	maps.Copy(w.CompletionParams, r.Model.CompletionParams)
	maps.Copy(w.CompletionParams, r.Parameters)
	return w, nil
}

// withoutOpaque returns messages that the daemon can decode: it has mapstructure store the JSON of a
// call, which does not store an object or a text into a json.RawMessage.
func withoutOpaque(messages []llm.Message) []llm.Message {
	messages = slices.Clone(messages)
	for i := range messages {
		messages[i].OpaqueBody = nil
	}
	return messages
}

// leastSize returns how many bytes the call has on the wire, or fewer: texts can have escapes.
func (w *wireLLM) leastSize() int {
	size := 0
	media := func(data []byte, url string) { size += base64.StdEncoding.EncodedLen(len(data)) + len(url) }
	for _, m := range w.PromptMessages {
		for _, p := range m.Parts {
			switch p := p.(type) {
			case *llm.Text:
				size += len(p.Text)
			case *llm.Image:
				media(p.Data, p.URL)
			case *llm.Audio:
				media(p.Data, p.URL)
			case *llm.Video:
				media(p.Data, p.URL)
			case *llm.Document:
				media(p.Data, p.URL)
			}
		}
		for _, c := range m.ToolCalls {
			size += len(c.Arguments)
		}
	}
	return size
}

// validateChoice reports a choice that no model can make.
func (r *LLMRequest) validateChoice() error {
	c := r.ToolChoice
	if c == (llm.ToolChoice{}) {
		return nil
	}
	if err := c.Validate(); err != nil {
		return err
	}
	switch {
	case c.Mode == llm.ChooseRequired && len(r.Tools) == 0:
		return errors.New("a call of a language model that must choose a tool has no Tools")
	case c.Mode == llm.ChooseTool && !slices.ContainsFunc(r.Tools, func(t llm.Tool) bool { return t.Name == c.Name }):
		return errors.New("a call of a language model that must choose a tool has none of that name in Tools")
	}
	return nil
}

// Stream asks a model, and returns what it writes, chunk by chunk.
func (l LLM) Stream(ctx context.Context, req *LLMRequest) iter.Seq2[*llm.Chunk, error] {
	return l.stream(ctx, typeLLM, func() (*wireLLM, error) {
		req := given(req)
		if req.Schema != nil {
			return nil, errors.New("a call of a language model with a Schema: only Structured takes one")
		}
		return req.wire()
	})
}

func (l LLM) stream(ctx context.Context, typ string, wire func() (*wireLLM, error)) iter.Seq2[*llm.Chunk, error] {
	fitting := func() (*wireLLM, error) {
		w, err := wire()
		if err == nil {
			err = l.service.fits(w.leastSize())
		}
		return w, err
	}
	return stream(ctx, l.service, typ, fitting, func(data json.RawMessage) (*llm.Chunk, error) {
		chunk := new(llm.Chunk)
		if err := decode(typ, data, chunk); err != nil {
			return nil, err
		}
		return chunk, nil
	})
}

// Generate asks a model, and returns all that it has written, at most llm.MaxResultBytes. With an
// error it returns nil.
func (l LLM) Generate(ctx context.Context, req *LLMRequest) (*llm.Result, error) {
	return collect(typeLLM, l.Stream(ctx, req))
}

func collect(typ string, chunks iter.Seq2[*llm.Chunk, error]) (*llm.Result, error) {
	result, err := llm.Collect(chunks)
	switch {
	case err != nil:
		return nil, err
	case result.Model == "": // every chunk has one
		return nil, errNoReply(typ)
	}
	return result, nil
}
