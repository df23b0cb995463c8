package llm

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

var (
	errNoRequest = errors.New("the output does not belong to a request")
	errReturned  = errors.New("the method that the output is for has already returned")
)

// Output sends what a language model writes, as it comes. If Dify does not want a stream, all is
// held back until the method returns, up to MaxResultBytes, and sent as one chunk, or as a few if
// it is large.
//
// Finish can be called at any time: its reason and usage are sent last, and only if the method
// returns nil. Without Finish, the reason is FinishStop, and the usage that of no tokens.
//
// The methods are safe for concurrent use. They return an error if what they send is wrong, or if the
// request has ended.
type Output struct {
	call    runtime.ModelCall
	stream  bool
	send    func(*Chunk) error
	started time.Time

	mu          sync.Mutex
	closed      error     // why nothing can be sent any more
	index       int       // of the next chunk
	held        Collector // all, if there is no stream
	overflow    error     // of held
	thinking    bool      // <think> is open
	calls       Collector // of tools, without their arguments
	run         textRun
	stops       *stops // of StopAt; nil for none
	fence       *fence // that AskForCodeBlock wants stripped; nil for none
	fingerprint string
	reason      FinishReason
	usage       Usage
}

// textRun is text that comes in pieces, with nothing else between them.
type textRun struct {
	reasoning bool
	broken    string // the start of a character at its end, which may go on
}

// NewOutput returns an output for a call, which passes its chunks to send, one at a time. Call End
// when the method has returned. Those who call a method themselves find Ask easier.
func NewOutput(call runtime.ModelCall, stream bool, send func(*Chunk) error) *Output {
	return &Output{call: call, stream: stream, send: send, started: time.Now()}
}

// Text sends text that the model writes next. A character may be split between two texts; what is not
// UTF-8 is replaced by U+FFFD.
func (o *Output) Text(text string) error {
	return o.do(func() error { return o.write(text, false) })
}

// Reasoning sends text that the model writes while it thinks. Dify has no field for it: it is written
// between <think> and </think>, which are sent where the thinking starts and ends.
func (o *Output) Reasoning(text string) error {
	return o.do(func() error { return o.write(text, true) })
}

// Part sends a part of the content, such as an Image.
func (o *Output) Part(part Part) error {
	if t, ok := part.(*Text); ok && t != nil && len(t.OpaqueBody) == 0 {
		return o.Text(t.Text)
	}
	return o.do(func() error {
		if err := validatePart(part); err != nil {
			return err
		}
		if err := o.endRun(); err != nil {
			return err
		}
		return o.message(Message{Parts: append(o.stopThinking(), part)})
	})
}

// ToolCall sends a call of a tool, or a piece of one (see Collector). Whole calls are safest. The
// first piece must have the name of the tool.
func (o *Output) ToolCall(call ToolCall) error {
	return o.do(func() error {
		if err := o.calls.note(call); err != nil {
			return err
		}
		if err := o.endRun(); err != nil {
			return err
		}
		rest := call.Arguments
		for {
			call.Arguments, rest = cut(rest)
			if err := o.message(Message{Parts: o.stopThinking(), ToolCalls: []ToolCall{call}}); err != nil {
				return err
			}
			if rest == "" {
				return nil
			}
			call = ToolCall{ID: call.ID} // continues the call
		}
	})
}

// SystemFingerprint sets what identifies the version of the model's service. It is sent with the
// chunks that follow.
func (o *Output) SystemFingerprint(fingerprint string) {
	_ = o.do(func() error {
		o.fingerprint = fingerprint
		return nil
	})
}

// OpaqueBody sends JSON that the model gets back with the next request. The last one counts.
func (o *Output) OpaqueBody(body []byte) error {
	return o.do(func() error {
		if len(body) == 0 || !validOpaque(body) {
			return errOpaque
		}
		return o.message(Message{OpaqueBody: body})
	})
}

// Finish says why the model has stopped, and what it has used. Of the usage, the tokens are enough:
// what is left out of the sum, prices, currency and latency comes from the tokens, the model's
// pricing and the clock. A negative number of tokens is an error.
//
// A later call replaces what an earlier one has said. It can be called once for each: an empty reason,
// and an empty usage, keep those of an earlier call.
func (o *Output) Finish(reason FinishReason, usage Usage) error {
	return o.do(func() error {
		if err := usage.check(); err != nil {
			return err
		}
		set(&o.reason, reason)
		if !usage.isZero() {
			o.usage = usage
		}
		return nil
	})
}

// End ends the output of a method that has returned err. If that is nil, it sends what is held
// back, the reason and the usage; else it sends nothing, and returns err. Bind calls it.
func (o *Output) End(err error) error {
	failed := o.do(func() error {
		o.closed = errReturned
		return o.finish(err)
	})
	return cmp.Or(err, failed)
}

// do calls f, unless the output has ended.
func (o *Output) do(f func() error) error {
	if o == nil || o.send == nil {
		return errNoRequest
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed != nil {
		return o.closed
	}
	return f()
}

// abandon ends the output of a request that has ended, and says why. The method may go on, but nothing
// is kept for it.
func (o *Output) abandon(cause error) {
	_ = o.do(func() error {
		o.closed = cause
		o.held, o.calls, o.run, o.stops, o.fence = Collector{}, Collector{}, textRun{}, nil, nil
		return nil
	})
}

func (o *Output) finish(failed error) error {
	if failed != nil {
		return failed
	}
	if err := o.endRun(); err != nil {
		return err
	}
	if parts := o.stopThinking(); parts != nil {
		if err := o.message(Message{Parts: parts}); err != nil {
			return err
		}
	}
	if o.overflow != nil {
		return o.overflow
	}
	usage := o.usage.complete(o.call.Schema)
	if usage.Latency == 0 {
		usage.Latency = time.Since(o.started)
	}
	reason := cmp.Or(o.reason, FinishStop)
	if !o.stream {
		return o.release(reason, &usage)
	}
	return o.chunk(&Chunk{Usage: &usage, FinishReason: reason})
}

// write writes the next text, without the start of a character at its end.
func (o *Output) write(text string, reasoning bool) error {
	if text == "" {
		return nil
	}
	if o.run.reasoning != reasoning {
		if err := o.endRun(); err != nil {
			return err
		}
	}
	text = o.run.broken + text
	whole := wholeRunes(text)
	o.run = textRun{reasoning, text[whole:]}
	return o.whole(text[:whole], reasoning)
}

// endRun writes what is held back of the text so far, since something else follows.
func (o *Output) endRun() error {
	ended := o.run
	o.run = textRun{}
	if err := o.whole(ended.broken, ended.reasoning); err != nil {
		return err
	}
	var text string
	if o.stops != nil {
		text = o.unfenced(o.stops.end())
	}
	if o.fence != nil {
		text += o.fence.end()
	}
	return o.text(text)
}

// whole writes text that does not end within a character.
func (o *Output) whole(text string, reasoning bool) error {
	switch {
	case reasoning && text != "" && !o.thinking:
		o.thinking = true
		return o.pieces(startThinking + text)
	case reasoning:
		return o.pieces(text)
	case o.stops != nil:
		text = o.stops.write(text)
	}
	return o.text(o.unfenced(text))
}

// unfenced returns text without the fence of a code block, if that is asked for.
func (o *Output) unfenced(text string) string {
	if o.fence == nil {
		return text
	}
	return o.fence.write(text)
}

// text writes text of the answer.
func (o *Output) text(text string) error {
	if text != "" && o.thinking {
		o.thinking = false
		text = endThinking + text
	}
	return o.pieces(text)
}

// stopThinking returns what ends the thinking, or nil.
func (o *Output) stopThinking() []Part {
	if !o.thinking {
		return nil
	}
	o.thinking = false
	return []Part{&Text{Text: endThinking}}
}

// pieces sends a text in pieces that a line can hold.
func (o *Output) pieces(text string) error {
	for text != "" {
		var piece string
		piece, text = cut(text)
		if err := o.message(Message{Parts: []Part{&Text{Text: piece}}}); err != nil {
			return err
		}
	}
	return nil
}

// message sends what is new, or holds it back.
func (o *Output) message(m Message) error {
	c := &Chunk{Message: m}
	if o.stream {
		return o.chunk(c)
	}
	err := o.held.Add(c)
	if err != nil {
		o.overflow = err
	}
	return err
}

// chunk sends the next chunk.
func (o *Output) chunk(c *Chunk) error {
	c.Model, c.SystemFingerprint, c.Index, c.Message.Role = o.call.Model, o.fingerprint, o.index, RoleAssistant
	if err := o.send(c); err != nil {
		return err
	}
	o.index++
	return nil
}
