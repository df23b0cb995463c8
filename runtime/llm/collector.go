package llm

import (
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// MaxResultBytes is how much a Collector takes: 32 MiB.
const MaxResultBytes = 32 << 20

// overhead is what a part or a tool call counts beyond its bytes.
const overhead = 64

// Collector merges the chunks of a stream into a Result as Dify does:
//
//   - Texts are joined. Other parts are kept in their order.
//   - A tool call with the ID of an earlier one continues it: its arguments are appended, and its
//     name and type, if there are any, replace the earlier ones.
//   - A tool call without an ID continues the last one. If it has a name, it begins one with an ID
//     that the Collector makes up.
//   - Of all else, the last one given counts.
//
// The zero Collector is ready to use. It is not safe for concurrent use.
type Collector struct {
	result Result
	parts  []Part
	text   strings.Builder // follows parts
	calls  []*collectedCall
	byID   map[string]*collectedCall
	size   int
}

type collectedCall struct {
	id, typ, name string
	arguments     strings.Builder
}

// Add adds the next chunk; nil adds nothing. It is an error if more than MaxResultBytes is
// collected, or if a tool call without an ID and a name continues none. It then keeps what came
// before in the chunk.
func (c *Collector) Add(chunk *Chunk) error {
	if chunk == nil {
		return nil
	}
	set(&c.result.Model, chunk.Model)
	set(&c.result.SystemFingerprint, chunk.SystemFingerprint)
	set(&c.result.FinishReason, chunk.FinishReason)
	set(&c.result.Message.Name, chunk.Message.Name)
	if chunk.Usage != nil {
		c.result.Usage = *chunk.Usage
	}
	if chunk.StructuredOutput != nil {
		c.result.StructuredOutput = chunk.StructuredOutput
	}
	if chunk.Message.OpaqueBody != nil {
		c.result.Message.OpaqueBody = chunk.Message.OpaqueBody
	}
	for _, p := range chunk.Message.Parts {
		if err := c.part(p); err != nil {
			return err
		}
	}
	for _, call := range chunk.Message.ToolCalls {
		if err := c.call(call); err != nil {
			return err
		}
	}
	return nil
}

// set replaces a value by one that is not empty.
func set[T ~string](old *T, value T) {
	if value != "" {
		*old = value
	}
}

// grow makes room for that many bytes.
func (c *Collector) grow(n int) error {
	if n > MaxResultBytes-c.size {
		return fmt.Errorf("the model has written more than %d MiB, which is too much to collect", MaxResultBytes>>20)
	}
	c.size += n
	return nil
}

func (c *Collector) part(p Part) error {
	t, ok := p.(*Text)
	if p == nil || ok && t == nil {
		return nil
	}
	if !ok || t.OpaqueBody != nil { // it ends a text, which is then a part as well
		if err := c.grow(2*overhead + weight(p)); err != nil {
			return err
		}
		c.endText()
		c.parts = append(c.parts, p)
		return nil
	}
	if err := c.grow(len(t.Text)); err != nil {
		return err
	}
	c.text.WriteString(t.Text)
	return nil
}

// weight returns the bytes of a part.
func weight(p Part) int {
	of := func(m media) int {
		return len(m.Data) + len(m.URL) + len(m.MIMEType) + len(m.Format) + len(m.Filename) + len(m.OpaqueBody)
	}
	switch p := p.(type) {
	case *Text:
		return len(p.Text) + len(p.OpaqueBody)
	case *Image:
		if p != nil {
			return of(p.media())
		}
	case *Audio:
		if p != nil {
			return of(media(*p))
		}
	case *Video:
		if p != nil {
			return of(media(*p))
		}
	case *Document:
		if p != nil {
			return of(media(*p))
		}
	}
	return 0
}

// endText makes a part of the text so far.
func (c *Collector) endText() {
	if c.text.Len() > 0 {
		c.parts = append(c.parts, &Text{Text: c.text.String()})
		c.text.Reset()
	}
}

var errNoCall = errors.New("a piece of a tool call has neither an ID nor a name, and there is no call that it continues")

// note notes a tool call, without its arguments, that an answer begins or continues. It is an error
// if the answer has no call that the piece continues, and the piece no name with which to begin one.
func (c *Collector) note(piece ToolCall) error {
	if piece.ID != "" && piece.Name == "" && c.byID[piece.ID] == nil {
		return errors.New("a tool call has no Name, and its ID is not that of an earlier one, which it would continue")
	}
	return c.call(ToolCall{ID: piece.ID, Name: piece.Name})
}

func (c *Collector) call(delta ToolCall) error {
	if err := c.grow(len(delta.ID) + len(delta.Type) + len(delta.Name) + len(delta.Arguments)); err != nil {
		return err
	}
	call := c.byID[delta.ID]
	switch {
	case delta.ID == "" && delta.Name != "":
		delta.ID = "call_" + rand.Text()
	case delta.ID == "" && len(c.calls) == 0:
		return errNoCall
	case delta.ID == "":
		call = c.calls[len(c.calls)-1]
	}
	if call == nil {
		if err := c.grow(overhead); err != nil {
			return err
		}
		call = &collectedCall{id: delta.ID, typ: "function"}
		c.calls = append(c.calls, call)
		if c.byID == nil {
			c.byID = make(map[string]*collectedCall)
		}
		c.byID[delta.ID] = call
	}
	set(&call.typ, delta.Type)
	set(&call.name, delta.Name)
	call.arguments.WriteString(delta.Arguments)
	return nil
}

// Result returns what has been collected so far. Later chunks do not change it.
func (c *Collector) Result() *Result {
	r := c.result
	r.Message.Role = RoleAssistant
	r.Message.Parts = append([]Part(nil), c.parts...)
	if c.text.Len() > 0 {
		r.Message.Parts = append(r.Message.Parts, &Text{Text: c.text.String()})
	}
	for _, call := range c.calls {
		r.Message.ToolCalls = append(r.Message.ToolCalls, ToolCall{call.id, call.typ, call.name, call.arguments.String()})
	}
	return &r
}

// Collect reads a stream of chunks to its end, such as that of invoke.LLM.Stream, and returns what
// they are together. With an error of the stream, it returns what had come before.
func Collect(chunks iter.Seq2[*Chunk, error]) (*Result, error) {
	var c Collector
	for chunk, err := range chunks {
		if err == nil {
			err = c.Add(chunk)
		}
		if err != nil {
			return c.Result(), err
		}
	}
	return c.Result(), nil
}
