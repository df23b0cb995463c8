// Package invoke makes calls back into Dify: to its storage, models, tools, apps and more. A plugin
// does so through the generated struct Dify, which has a field for what the permissions in
// manifest.yaml (resource.permission) allow:
//
//	func (p *Provider) Remember(ctx context.Context, call *RememberCall, out *RememberOutput) error {
//		return call.Dify.Storage.Set(ctx, "last", []byte(call.Parameters.Text))
//	}
//
// A call ends with its context, when the request that it belongs to has ended, or when Dify has sent
// nothing for MAX_INVOCATION_TIMEOUT (250 seconds by default). A call that lacks what Dify requires
// is not sent. The errors of this package, such as ErrPermission, are those of every call.
//
// While a call is being written, it heeds neither its context nor the end of the request: if the host
// does not read, that takes until the transport gives up, or over standard output until the host reads
// again. Calls that wait for another one to be written do heed them.
//
// Methods that return a sequence send the call when a loop over it begins, and give it up when the
// loop is left. An error comes last. A second loop is a second call.
package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/weigh"
)

// Error is Dify's answer to a call that it refuses or that has failed. Dify sends no more than a
// text.
type Error = callback.Error

// TooLargeError is the error of a call that is too large for the transport: more than 5 MiB over
// standard output, and more than 6 MiB in serverless mode. Over TCP there is no limit. Nothing of
// the call has been sent.
type TooLargeError = callback.TooLargeError

// Errors of all calls.
var (
	// ErrTimeout: Dify has sent nothing for MAX_INVOCATION_TIMEOUT. That is so, too, if whoever
	// called the plugin has gone: Dify does not answer calls then.
	ErrTimeout = callback.ErrTimeout
	// ErrOverflow: the plugin reads the replies of a call too slowly, or one of them would take more
	// than 256 MiB of memory. Other calls go on.
	ErrOverflow = callback.ErrOverflow
	// ErrEnded: the request that the call belongs to has ended.
	ErrEnded = callback.ErrEnded
	// ErrOutside: the context is not that of a request of Dify, nor derived from one.
	ErrOutside = callback.ErrOutside
)

// Session makes the calls of one request.
type Session struct{ caller callback.Caller }

// ForGeneratedCode returns the calls of the request that ctx belongs to. Generated code picks from
// it what manifest.yaml permits. Do not call it yourself: Dify refuses what is not permitted.
func ForGeneratedCode(ctx context.Context) Session { return Session{callback.FromContext(ctx)} }

// The types of calls (PROTOCOL-CALLS 8).
const (
	typeStorage           = "storage"
	typeLLM               = "llm"
	typeStructured        = "llm_structured_output"
	typeTextEmbedding     = "text_embedding"
	typeDocumentEmbedding = "multimodal_embedding"
	typeRerank            = "rerank"
	typeDocumentRerank    = "multimodal_rerank"
	typeSpeech            = "tts"
	typeTranscription     = "speech2text"
	typeModeration        = "moderation"
	typeSummary           = "system_summary"
	typeTool              = "tool"
	typeApp               = "app"
	typeFetchApp          = "fetch_app"
	typeExtract           = "node_parameter_extractor"
	typeClassify          = "node_question_classifier"
	typeUpload            = "upload_file"
)

// service is what every service of Dify has. The zero value belongs to no request.
type service struct{ from callback.Caller }

func (s Session) service() service { return service{s.caller} }

// caller returns what makes the calls.
func (s service) caller() callback.Caller {
	if s.from == nil {
		return callback.Failing{Err: ErrOutside}
	}
	return s.from
}

// fits returns an error if a request of so many bytes, or more, is too large to send. It is for
// large values, before they are encoded: the caller checks every call.
func (s service) fits(size int) error {
	if limit := s.caller().Limit(); limit > 0 && size > limit {
		return &TooLargeError{Size: size, Limit: limit}
	}
	return nil
}

// one makes a call that has one reply, and decodes it into the value that v points to.
func (s service) one(ctx context.Context, typ string, wire, v any) error {
	replies, err := s.caller().Invoke(ctx, typ, wire)
	if err != nil {
		return err
	}
	defer replies.Close()
	data, err := replies.Next()
	if errors.Is(err, io.EOF) {
		return errNoReply(typ)
	}
	if err != nil {
		return meaning(err)
	}
	return decode(typ, data, v)
}

// stream makes a call that has any number of replies, each time that the sequence is read.
func stream[W, T any](ctx context.Context, s service, typ string, wire func() (W, error), decode func(json.RawMessage) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		w, err := wire()
		if err != nil {
			yield(none, err)
			return
		}
		replies, err := s.caller().Invoke(ctx, typ, w)
		if err != nil {
			yield(none, err)
			return
		}
		defer replies.Close()
		for {
			data, err := replies.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			v := none
			if err != nil {
				err = meaning(err)
			} else {
				v, err = decode(data)
			}
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// given returns a request, or an empty one for nil, whose error says what is missing.
func given[T any](req *T) *T {
	if req == nil {
		return new(T)
	}
	return req
}

// orEmpty returns values, of which Dify requires an object.
func orEmpty(values map[string]any) map[string]any {
	if values == nil {
		return map[string]any{}
	}
	return values
}

// present returns a field of a reply, or an error if it is missing.
func present[T any](typ, field string, v *T) (T, error) {
	if v == nil {
		var none T
		return none, fmt.Errorf("%s is missing in the reply of Dify to a call of type %s", field, typ)
	}
	return *v, nil
}

// errNoReply is the error of a call that was not answered.
func errNoReply(typ string) error { return fmt.Errorf("no reply of Dify to a call of type %s", typ) }

// heavyError is the error of a reply that would take too much memory, decoded.
type heavyError struct{ typ string }

func (e heavyError) Error() string {
	return fmt.Sprintf("a reply of Dify to a call of type %s would take more than %d MiB of memory", e.typ, weigh.Max>>20)
}

func (heavyError) Unwrap() error { return ErrOverflow }

// decode is json.Unmarshal with an error that does not quote the data. Those of types that decode
// themselves, such as llm.Chunk, do not quote it either.
func decode(typ string, data json.RawMessage, v any) error {
	if weigh.TooMuch(data) {
		return heavyError{typ}
	}
	err := json.Unmarshal(data, v)
	var wrongType *json.UnmarshalTypeError
	_, own := v.(json.Unmarshaler)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Errorf("%s in the reply of Dify to a call of type %s has the wrong type", wrongType.Field, typ)
	case !own || wrongType != nil || errors.As(err, new(*json.SyntaxError)):
		return fmt.Errorf("the reply of Dify to a call of type %s is not as expected", typ)
	}
	return fmt.Errorf("the reply of Dify to a call of type %s is not as expected: %w", typ, err)
}
