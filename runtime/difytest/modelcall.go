package difytest

import (
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
)

// LLMCall is a call of a language model. Model and Messages are required.
type LLMCall struct {
	Model string
	// Credentials are those that Dify has stored, for the model or for the provider as a whole. A
	// base_model_name among them is added by Dify.
	Credentials map[string]any
	Messages    []llm.Message
	// Parameters are the values that users have set, by the names that the model's schema declares.
	Parameters map[string]any
	Tools      []llm.Tool
	Stop       []string
	Stream     bool
	// JSONSchema is the JSON Schema of structured output. Dify sends it to models with the feature
	// structured-output, as a parameter.
	JSONSchema map[string]any
	// From says who calls the model. Dify gives no more than a UserID.
	From runtime.Call
}

// LLMResult is what Dify makes of what a language model writes.
type LLMResult struct {
	llm.Result // everything, collected

	Chunks []*llm.Chunk
	// Err is the error that ended the call, a *runtime.Error, or nil. What was sent before
	// remains.
	Err error
}

// EmbedCall is a call of an embedding model. Model and Texts are required.
type EmbedCall struct {
	Model       string
	Credentials map[string]any // as in LLMCall
	Texts       []string       // Dify sends at most as many as max_chunks of the model's schema says, or 1
	InputType   embedding.InputType
	From        runtime.Call
}

// EmbedMultimodalCall is a call of an embedding model that takes images, too. Model and Documents are
// required.
type EmbedMultimodalCall struct {
	Model       string
	Credentials map[string]any // as in LLMCall
	Documents   []embedding.Document
	InputType   embedding.InputType
	From        runtime.Call
}

// RerankCall is a call of a rerank model. Model and Query are required.
type RerankCall struct {
	Model          string
	Credentials    map[string]any // as in LLMCall
	Query          string
	Documents      []string
	ScoreThreshold float64 // 0 for none
	TopN           int     // 0 for all
	From           runtime.Call
}

// RerankMultimodalCall is a call of a rerank model that takes images, too. Model and Query are required.
type RerankMultimodalCall struct {
	Model          string
	Credentials    map[string]any // as in LLMCall
	Query          embedding.Document
	Documents      []embedding.Document
	ScoreThreshold float64 // 0 for none
	TopN           int     // 0 for all
	From           runtime.Call
}

// SpeakCall is a call of a text-to-speech model. Model and Text are required.
type SpeakCall struct {
	Model       string
	Credentials map[string]any // as in LLMCall
	Text        string
	Voice       string // if empty, default_voice of the model's schema
	TenantID    string // the workspace; "tenant-1" if empty
	From        runtime.Call
}

// VoicesCall asks for the voices of a text-to-speech model. Model is required.
type VoicesCall struct {
	Model       string
	Credentials map[string]any // as in LLMCall
	Language    string         // such as "en-US"; "" for all
	From        runtime.Call
}

// TranscribeCall is a call of a speech-to-text model. Model and Audio are required.
type TranscribeCall struct {
	Model       string
	Credentials map[string]any // as in LLMCall
	Audio       []byte         // the bytes of the file
	From        runtime.Call
}

// ModerateCall is a call of a moderation model. Model and Text are required.
type ModerateCall struct {
	Model       string
	Credentials map[string]any // as in LLMCall
	Text        string
	From        runtime.Call
}
