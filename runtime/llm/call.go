package llm

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// Call is a call of a language model. C are the credentials and P the parameters that a provider
// declares; generated code has an alias for it, LLMCall.
type Call[C, P any] struct {
	runtime.ModelCall
	Credentials C
	Parameters  P // checked against the rules of the model
	Messages    []Message
	Tools       []Tool
	Stop        []string // the model stops where it would write one of these
	// Stream says that Dify wants what the model writes as it comes. Output sends the same either
	// way.
	Stream bool
	// JSONSchema is what the model must write, in JSON; nil for anything. Dify sends it as a
	// parameter: if the model has a rule for json_schema, its text is among the Parameters, too.
	JSONSchema *JSONSchema
}

// JSONSchema says what the JSON that a model writes must be like.
type JSONSchema struct {
	Name   string          // "" if Dify gives none
	Schema json.RawMessage // an object, on one line
	Strict bool
}

// System returns the instructions for the model: the texts of the messages of role system and
// developer, with a blank line between them. With Conversation, it is for services that take
// instructions apart from messages.
func (c *Call[C, P]) System() string {
	var texts []string
	for _, m := range c.Messages {
		if text := m.Text(); m.instructs() && text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// Conversation returns the messages without the instructions that System returns.
func (c *Call[C, P]) Conversation() []Message {
	var messages []Message
	for _, m := range c.Messages {
		if !m.instructs() {
			messages = append(messages, m)
		}
	}
	return messages
}

func (m *Message) instructs() bool { return m.Role == RoleSystem || m.Role == RoleDeveloper }

// Provider is what a provider of language models has. Generated code demands it of the author's type.
type Provider[C, P any] interface {
	// LLM calls a language model.
	LLM(ctx context.Context, call *Call[C, P], out *Output) error
}

// TokenCounter is a Provider that can count tokens. Without it, EstimateTokens does.
type TokenCounter[C, P any] interface {
	// CountTokens returns how many tokens the messages and tools of a call are.
	CountTokens(ctx context.Context, call *Call[C, P]) (int, error)
}

// Poller is a Provider of models with the feature runtime.FeaturePolling, whose calls take so long
// that Dify asks for the result from time to time.
type Poller[C, P any] interface {
	// StartPolling starts a call.
	StartPolling(ctx context.Context, call *Call[C, P]) (*Polling, error)
	// CheckPolling reports on a call that StartPolling started.
	CheckPolling(ctx context.Context, call *CheckPollingCall[C]) (*Polling, error)
}

// CheckPollingCall asks how a call goes on. Dify sends nothing of the call itself but what State has.
type CheckPollingCall[C any] struct {
	runtime.ModelCall
	Credentials C
	State       json.RawMessage // what Polling.State was the last time
}
