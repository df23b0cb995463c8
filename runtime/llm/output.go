package llm

import "github.com/difygen/difygen/runtime"

// Output sends what a language model writes, as it comes. If Dify does not want a stream, it is sent
// as one chunk when the method has returned. Finish can be called at any time: its reason and usage are sent last, and
// only if the method returns nil. Without Finish, the reason is FinishStop and the usage zero.
// The methods are safe for concurrent use. They return an error if what they send is wrong or the request has ended.
type Output struct {
	send func(*Chunk) error
}

// NewOutput returns an output for a call, which passes its chunks to send.
func NewOutput(call runtime.ModelCall, stream bool, send func(*Chunk) error) *Output {
	return &Output{send: send}
}

// Text sends text that the model writes next.
func (o *Output) Text(text string) error { return nil }

// Reasoning sends text that the model writes while it thinks. Dify has no field for it: it is written between <think> and </think>,
// which are sent where the thinking starts and ends.
func (o *Output) Reasoning(text string) error { return nil }

// Part sends a part of the content, such as an Image.
func (o *Output) Part(part Part) error { return nil }

// ToolCall sends a call of a tool, or a piece of one (see Collector). Whole calls are safest.
func (o *Output) ToolCall(call ToolCall) error { return nil }

// SystemFingerprint sets what identifies the version of the model's service.
func (o *Output) SystemFingerprint(fingerprint string) {}

// OpaqueBody sends JSON that the model gets back with the next request.
func (o *Output) OpaqueBody(body []byte) error { return nil }

// Finish says why the model has stopped, and what it has used. Of the usage, the tokens are enough:
// what is left out of prices, currency and latency comes from the model's pricing and the clock.
func (o *Output) Finish(reason FinishReason, usage Usage) error { return nil }
