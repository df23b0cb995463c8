// Package openai calls models of services that speak OpenAI's API, as many do. A provider of such
// models is its YAML and this:
//
//	type Provider struct {
//		openai.Base[Credentials, LLMParameters]
//	}
//
//	func New() *Provider {
//		return &Provider{openai.Base[Credentials, LLMParameters]{Config: func(c Credentials) openai.Config {
//			return openai.Config{BaseURL: c.BaseURL, APIKey: c.APIKey}
//		}}}
//	}
//
//	func (p *Provider) ValidateProviderCredentials(ctx context.Context, c ProviderCredentials) error {
//		return p.CheckProvider(ctx, c.Credentials())
//	}
//
// The package needs the standard library alone. OpenAI's own client would bring types for all of
// OpenAI's API, of which Dify has a use for six requests. It would not bring what other services
// need: most of them leave out, add or change something, such as the IDs of tool calls, the text of
// a model that thinks, or how a stream ends, and the client decodes what OpenAI answers. It retries
// by itself, where Dify tries other credentials, and its errors quote the request with its URL, and
// the response, where keys can be.
package openai

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// Config says how to reach a service.
type Config struct {
	// BaseURL is where the API is, as users type it:
	//
	//   - https://api.example.com is https://api.example.com/v1. Slashes at the end do not matter.
	//   - A path is taken as it is: https://api.example.com/openai/v2.
	//   - Of the URL of an endpoint, what comes before counts. Nothing is added to it:
	//     https://api.example.com/chat/completions has no /v1.
	//   - A query goes with all requests: https://api.example.com/v1?api-version=1.
	BaseURL string
	// APIKey is sent as a bearer token, without the white space around it. An empty one is not sent.
	APIKey runtime.Secret
	// Authorize changes a request so that the service accepts it, by another header than that of
	// APIKey for example. nil changes nothing. What it sets in headers, but Accept, Content-Type and
	// User-Agent, or in the query, is kept out of errors.
	Authorize func(*http.Request)
	// Model is what the service calls the model; empty is the name by which Dify addresses it.
	Model string
	// NoStream asks for whole answers of language models, for services that cannot stream.
	NoStream bool
	// NoStreamUsage does not ask for usage in streams, for services that refuse that. Without it,
	// such a service gets each request twice.
	NoStreamUsage bool
	// Functions asks for tools in the API's older form, functions, for services that know no other.
	// Answers are read in both forms.
	Functions bool
	// Prepare changes a request before it is sent, for parameters that the service calls otherwise,
	// or does not take, and for endpoints that it has elsewhere. nil changes nothing. Requests without
	// a body, as for lists of models, are made without it.
	Prepare func(*Request)
}

// Request is what a service is sent.
type Request struct {
	// Path is that of the endpoint, below the base URL: "chat/completions", "completions",
	// "embeddings", "rerank", "audio/speech", "audio/transcriptions", "moderations", or one of Ask.
	Path string
	// Body is JSON. Of a transcription, it has the fields of a form, to which the file is added. It is
	// nil only for Ask.
	Body map[string]any
	// Call is the call for which the request is made, by the name of the model by which Dify
	// addresses it. That of CheckModel has no user and no base model.
	Call runtime.ModelCall
}

// Base has the methods of a provider whose service speaks OpenAI's API. Embed it. C are the
// credentials and P the parameters of language models that a provider declares.
//
// Requests last as long as the call of Dify, and those of other contexts as long as those of
// runtime.Do. All that a service answers is bounded. Errors say what the service says, if that is not
// longer than a few lines, unless it repeats a key. They have the types of runtime.InvokeError.
type Base[C any, P interface{ Values() map[string]any }] struct {
	// Config is required.
	Config func(C) Config
	// HTTPClient makes the requests; nil means http.DefaultClient. A Timeout that it has also ends
	// streams.
	HTTPClient *http.Client
}

var errNoConfig = errors.New("openai.Base has no Config: set it where the provider is made")

// client returns a client for a model.
func (b *Base[C, P]) client(creds C, call runtime.ModelCall) (*client, error) {
	if b.Config == nil {
		return nil, errNoConfig
	}
	config := b.Config(creds)
	base, err := parseBase(config.BaseURL)
	if err != nil {
		return nil, &runtime.Error{Type: runtime.ErrorInvokeBadRequest, Err: err}
	}
	return &client{http: keepMethod(b.HTTPClient), config: config, base: base, call: call, model: cmp.Or(config.Model, call.Model)}, nil
}

// LLM calls a language model: a chat model, or one of property mode "completion", which gets the
// text of the messages. Parameters are sent by their names, those that are not empty. Thoughts in
// earlier messages of the model are not sent (see llm.SplitReasoning). Where the service does not say
// what was used, that is estimated.
//
// Of response_format, "JSON" is sent as json_object; "XML", which the API does not know, is left
// out. A service is asked again, and differently, if it refuses stream_options, wants a stream, or
// wants max_completion_tokens in place of max_tokens.
func (b *Base[C, P]) LLM(ctx context.Context, call *llm.Call[C, P], out *llm.Output) error {
	c, err := b.client(call.Credentials, call.ModelCall)
	if err != nil {
		return err
	}
	return invokeError(c.complete(ctx, &completion{
		messages: withoutThoughts(call.Messages), tools: call.Tools, stop: call.Stop,
		stream: call.Stream && !c.config.NoStream, schema: call.JSONSchema, parameters: call.Parameters.Values(),
	}, out))
}

// Embed returns a vector for each text. As many texts go with a request as the property max_chunks
// of the model says, or all. A text is never cut, whatever the property context_size says: a service
// that does not read so much refuses it or cuts it.
func (b *Base[C, P]) Embed(ctx context.Context, call *embedding.Call[C]) (*embedding.Result, error) {
	c, err := b.client(call.Credentials, call.ModelCall)
	if err != nil {
		return nil, err
	}
	result, err := c.embed(ctx, call.Texts)
	return result, invokeError(err)
}

// Rerank rates documents. The API is that of Jina and Cohere, which many services have. Scores
// outside of 0 to 1, by more than rounding explains, are logits, of services that do not normalize:
// those of the whole answer are then made probabilities, by the logistic function.
func (b *Base[C, P]) Rerank(ctx context.Context, call *rerank.Call[C]) (*rerank.Result, error) {
	c, err := b.client(call.Credentials, call.ModelCall)
	if err != nil {
		return nil, err
	}
	result, err := c.rerank(ctx, call.Query, call.Documents, call.TopN)
	return result, invokeError(err)
}

// Speak speaks a text, in the format that the property audio_type of the model says, or mp3. A text
// with more characters than its property word_limit is sent in parts, unless files of the format
// cannot be joined, as those of wav and flac.
func (b *Base[C, P]) Speak(ctx context.Context, call *speech.SpeakCall[C], out *speech.Output) error {
	c, err := b.client(call.Credentials, call.ModelCall)
	if err != nil {
		return err
	}
	return invokeError(c.speak(ctx, call.Text, call.Voice, out))
}

// Voices returns the voices that are declared for the model.
func (b *Base[C, P]) Voices(_ context.Context, call *speech.VoicesCall[C]) ([]speech.Voice, error) {
	return call.DeclaredVoices(), nil
}

// Transcribe returns what is said in a recording.
func (b *Base[C, P]) Transcribe(ctx context.Context, call *speech.TranscribeCall[C]) (string, error) {
	c, err := b.client(call.Credentials, call.ModelCall)
	if err != nil {
		return "", err
	}
	said, err := c.transcribe(ctx, call.Audio)
	return said, invokeError(err)
}

// Moderate reports whether a text is against the rules. A text with more characters than the
// property max_characters_per_chunk of the model is sent in parts, as many at once as its property
// max_chunks says, or all.
func (b *Base[C, P]) Moderate(ctx context.Context, call *moderation.Call[C]) (bool, error) {
	c, err := b.client(call.Credentials, call.ModelCall)
	if err != nil {
		return false, err
	}
	flagged, err := c.moderate(ctx, call.Text)
	return flagged, invokeError(err)
}

// Ask makes a request for which Base has no method, and decodes the JSON of the answer into result, a
// pointer. It is a POST, or a GET if the Body is nil. The URL, the key, the bounds and the errors are those
// of the other methods. The body is sent as it is, with the name of the model that it has. What comes with
// status 200 is not taken for an error, whatever it says.
func (b *Base[C, P]) Ask(ctx context.Context, creds C, request *Request, result any) error {
	c, err := b.client(creds, request.Call)
	if err != nil {
		return err
	}
	return invokeError(c.ask(ctx, request, result))
}

// CustomModel returns the schema that the usual fields of the form say (see
// runtime.CustomModelCall.FormSchema).
func (b *Base[C, P]) CustomModel(_ context.Context, call *runtime.CustomModelCall[C]) (*runtime.ModelSchema, error) {
	return call.FormSchema(), nil
}
