package openai

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/sse"
)

// reply is the answer to a call of a language model, on its way to out.
type reply struct {
	call   *completion
	header http.Header
	req    *http.Request
	closer io.Closer
	body   *bufio.Reader // of closer
	out    *llm.Output

	begun       bool // a choice has come
	done        bool // [DONE] has come
	fingerprint string
	reason      string
	usage       *usage
	tools       toolCalls
	sample      []byte // of what the model has written, to estimate its tokens
	size        int    // of what the model has written
}

// maxSample is how many bytes of an answer are kept to estimate its tokens.
const maxSample = 64 << 10

func newReply(call *completion, resp *http.Response, out *llm.Output) *reply {
	return &reply{call: call, header: resp.Header, req: resp.Request, closer: resp.Body, body: bufio.NewReader(resp.Body), out: out}
}

// read reads the answer, whether or not it is a stream: services that cannot stream ignore that it
// was asked for, and some always stream.
func (r *reply) read(ctx context.Context) error {
	first, err := r.firstByte()
	switch {
	case errors.Is(err, io.EOF):
		return errNothing
	case err != nil:
		return brokenOff(err)
	case first == '<':
		return errWebPage
	case first == '{':
		err = r.readWhole()
	default:
		err = r.readStream(ctx)
	}
	if err != nil {
		return err
	}
	return r.finish()
}

// firstByte returns the first byte of the body that is not white space.
func (r *reply) firstByte() (byte, error) {
	if mark, err := r.body.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = r.body.Discard(len(mark))
	}
	for {
		c, err := r.body.ReadByte()
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n"), rune(c)) {
			return c, r.body.UnreadByte()
		}
	}
}

func (r *reply) readWhole() error {
	data, err := readAnswer(r.body, maxAnswer)
	if err != nil {
		return err
	}
	if err := r.chunk(data, true); err != nil {
		return err
	}
	if !r.begun {
		return cmp.Or(reported(data, r.req), errNoChoice)
	}
	return nil
}

var errNoChoice = errors.New("the answer of the service has no choices, or nothing in them")

var done = []byte("[DONE]")

func (r *reply) readStream(ctx context.Context) error {
	events := 0
	for event, err := range sse.NewReader(r.body).Events() {
		incomplete := errors.Is(err, sse.ErrIncomplete) // which may be all
		if err != nil && !incomplete {
			return r.failed(ctx, err)
		}
		switch data := bytes.TrimSpace(event.Data); {
		case bytes.Equal(data, done):
			r.done = true
			r.drain()
			return r.ended()
		case len(data) > 0:
			if err := r.event(data); err != nil && (!incomplete || !errors.Is(err, errNotChunk)) {
				return err
			}
			events++
		}
	}
	if events == 0 && mediaType(r.header) != "text/event-stream" {
		return notJSON(r.header)
	}
	return r.ended()
}

// failed returns the error of a stream that cannot be read to its end, or nil if only the end is
// missing.
func (r *reply) failed(ctx context.Context, err error) error {
	if r.reason != "" && ctx.Err() == nil && !errors.Is(err, sse.ErrTooLong) {
		return nil
	}
	return brokenOff(err)
}

const (
	maxRest  = 16 << 10
	restTime = 50 * time.Millisecond
)

// drain reads what follows the end of an answer, so that the connection is used again. Most
// services send the end of the response at once; for others, it does not wait.
func (r *reply) drain() {
	timer := time.AfterFunc(restTime, func() { _ = r.closer.Close() })
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, r.body, maxRest)
}

// event sends what is in an event: a chunk, or several, of services that end each with one line feed
// only.
func (r *reply) event(data []byte) error {
	if !bytes.ContainsRune(data, '\n') || json.Valid(data) {
		return r.chunk(data, false)
	}
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
			continue
		case bytes.Equal(line, done):
			r.done = true
			return nil
		}
		if err := r.chunk(line, false); err != nil {
			return err
		}
	}
	return nil
}

// ended returns an error if a stream that has ended is not a whole answer.
func (r *reply) ended() error {
	if r.begun && (r.done || r.reason != "") {
		return nil
	}
	return errBrokenOff
}

// chunk sends what is in a chunk, or in a whole answer.
func (r *reply) chunk(data []byte, whole bool) error {
	c, err := parseChunk(data)
	if err != nil || isFailure(c.Error) || len(c.Choices) == 0 && c.Usage == nil {
		if failed := reported(data, r.req); failed != nil {
			return failed
		}
	}
	if err != nil {
		return err
	}
	if c.Usage.known() {
		r.usage = c.Usage
	}
	if c.SystemFingerprint != "" && c.SystemFingerprint != r.fingerprint {
		r.fingerprint = c.SystemFingerprint
		r.out.SystemFingerprint(c.SystemFingerprint)
	}
	for i := range c.Choices {
		if c.Choices[i].Index != 0 { // others, which were not asked for
			continue
		}
		if err := r.choice(&c.Choices[i], whole); err != nil {
			return err
		}
	}
	return nil
}

func (r *reply) choice(c *choice, whole bool) error {
	m := c.Delta
	if m == nil {
		m = c.Message
	}
	r.begun = r.begun || c.FinishReason != "" || c.Text != "" || m != nil && (!whole || !m.isEmpty())
	if c.FinishReason != "" {
		r.reason = c.FinishReason
	}
	if c.Usage.known() {
		r.usage = c.Usage
	}
	if err := r.text(c.Text); err != nil {
		return err
	}
	if m == nil {
		return nil
	}
	reasoning := m.ReasoningContent
	if reasoning == "" { // some services send both, which are the same
		reasoning = m.Reasoning
	}
	if reasoning != "" {
		r.written(reasoning)
		if err := r.out.Reasoning(reasoning); err != nil {
			return err
		}
	}
	for _, s := range []string{m.Content, m.Refusal} {
		if err := r.text(s); err != nil {
			return err
		}
	}
	for _, i := range m.Images {
		if part := imagePart(i.ImageURL.URL); part != nil {
			if err := r.out.Part(part); err != nil {
				return err
			}
		}
	}
	return r.toolCalls(m, whole)
}

func (r *reply) toolCalls(m *message, whole bool) error {
	for i, call := range m.ToolCalls {
		if whole {
			call.Index = &i
		}
		if err := r.tools.add(call); err != nil {
			return err
		}
	}
	if f := m.FunctionCall; f != nil {
		return r.tools.add(toolCall{Index: new(int), Function: *f})
	}
	return nil
}

func (r *reply) text(s string) error {
	if s == "" {
		return nil
	}
	r.written(s)
	return r.out.Text(s)
}

// written counts what the model has written.
func (r *reply) written(s string) {
	r.size += len(s)
	r.sample = append(r.sample, s[:min(len(s), maxSample-len(r.sample))]...)
}

// finish sends what goes last.
func (r *reply) finish() error {
	calls, err := r.tools.calls()
	if err != nil {
		return err
	}
	for _, call := range calls {
		r.written(call.Name + call.Arguments)
		if err := r.out.ToolCall(call); err != nil {
			return err
		}
	}
	if r.reason == "function_call" { // the older form
		r.reason = string(llm.FinishToolCalls)
	}
	return r.out.Finish(llm.FinishReason(r.reason), r.used())
}

// used returns what was used. Where the service has not said, it is estimated.
func (r *reply) used() llm.Usage {
	if u := r.usage; u != nil {
		return llm.Usage{PromptTokens: max(0, u.PromptTokens), CompletionTokens: max(0, u.CompletionTokens), TotalTokens: max(0, u.TotalTokens)}
	}
	u := llm.Usage{PromptTokens: llm.EstimateTokens(r.call.messages, r.call.tools)}
	if len(r.sample) > 0 {
		sampled := llm.EstimateTokens([]llm.Message{llm.Assistant(string(r.sample))}, nil)
		u.CompletionTokens = int(float64(sampled) * float64(r.size) / float64(len(r.sample)))
	}
	u.TotalTokens = u.PromptTokens + u.CompletionTokens
	return u
}
