package agent

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// maxFile is how many bytes a file of an agent has: Dify's daemon takes no more (PROTOCOL-CALLS, section 9).
const maxFile = 15 << 20

// Output sends what a strategy returns while it runs: what a tool sends, and the steps of the agent. Its
// methods are safe for concurrent use.
//
// Texts are joined up to 4 KiB, or for 100 ms, and so are the pieces of each variable: Dify's daemon drops
// messages that wait while 128 others do, and does not say so. Texts keep their order, and the pieces of a
// variable theirs; what else is sent comes after what was written before. For the same reason, after 64
// messages at once, a method waits for a millisecond a message. The wait ends with the request.
type Output struct {
	*runtime.ToolOutput

	writer *writer
	mu     sync.Mutex
	usage  *llm.Usage // nil for none
}

// NewOutput returns an output that passes its messages to send, one at a time. Methods that wait end with
// the context. Whoever makes one calls End.
func NewOutput(ctx context.Context, send func(runtime.ToolMessage) error) *Output {
	w := &writer{send: send, pacer: newPacer(ctx)}
	return &Output{ToolOutput: runtime.NewToolOutput(w.write), writer: w}
}

// End sends what is still to be sent: the end of a text, and what models have cost, unless the strategy
// has failed with an error. It returns that error or, if it is nil, the one of sending. The output sends
// nothing afterwards. Strategies do not call it.
func (o *Output) End(err error) error {
	if err == nil {
		err = o.sendUsage()
	}
	return cmp.Or(err, o.writer.end())
}

// AddUsage adds what a model has used to what the run has used in all, which Dify shows. Run and Step do
// so for what goes through them. Numbers below 0, which models may claim, count as 0.
func (o *Output) AddUsage(u llm.Usage) {
	u = counted(u)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.usage != nil {
		u = o.usage.Add(u)
	}
	o.usage = &u
}

// Usage returns what models have used so far.
func (o *Output) Usage() llm.Usage {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.usage == nil {
		return llm.Usage{}
	}
	return *o.usage
}

// sendUsage sends what models have used. Dify takes it from the last object that is sent as JSON, and
// forgets what an earlier one has said.
func (o *Output) sendUsage() error {
	o.mu.Lock()
	used := o.usage != nil
	o.mu.Unlock()
	if !used {
		return nil
	}
	return o.JSON(map[string]any{"execution_metadata": executionMetadata(o.Usage())})
}

// executionMetadata returns usage as Dify reads it of an agent: prices are numbers.
func executionMetadata(u llm.Usage) map[string]any {
	price := func(d runtime.Decimal) json.Number { return json.Number(d.String()) }
	return map[string]any{
		"prompt_tokens": u.PromptTokens, "completion_tokens": u.CompletionTokens, "total_tokens": u.TotalTokens,
		"prompt_unit_price": price(u.PromptUnitPrice), "prompt_price_unit": price(u.PromptPriceUnit), "prompt_price": price(u.PromptPrice),
		"completion_unit_price": price(u.CompletionUnitPrice), "completion_price_unit": price(u.CompletionPriceUnit),
		"completion_price": price(u.CompletionPrice), "total_price": price(u.TotalPrice),
		"currency": cmp.Or(u.Currency, "USD"), "latency": u.Latency.Seconds(),
	}
}

// File sends a file of at most 15 MiB.
func (o *Output) File(data []byte, meta runtime.FileMeta) error {
	return o.FileFrom(bytes.NewReader(data), int64(len(data)), meta)
}

// FileFrom sends a file of at most 15 MiB, which it reads from r. It returns an error if r has more or
// fewer bytes than size; a part of the file may have been sent by then. A size of -1, as in
// http.Response, is unknown: the file is read into memory first.
func (o *Output) FileFrom(r io.Reader, size int64, meta runtime.FileMeta) error {
	if size < 0 {
		data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err != nil {
			return fmt.Errorf("reading the file: %w", err)
		}
		r, size = bytes.NewReader(data), int64(len(data))
	}
	if size > maxFile {
		return fmt.Errorf("the file is too large: Dify accepts %d bytes from an agent", maxFile)
	}
	return o.ToolOutput.FileFrom(r, size, meta)
}

// ToolFile sends a file that a tool has made: the bytes, if they have come, or the file that Dify has
// stored, or else its URL as a link. It returns an error for a URL that is neither one of http or https nor a
// path of Dify's files.
func (o *Output) ToolFile(f *invoke.ToolFile) error {
	if f.Data != nil {
		return o.File(f.Data, runtime.FileMeta{Name: f.Name, MIMEType: f.MIMEType})
	}
	if err := checkAddress(f.URL); err != nil {
		return err
	}
	if f.ID == "" {
		return o.Link(f.URL)
	}
	typ := "binary_link"
	if f.Type == "image_link" {
		typ = f.Type
	}
	meta := map[string]any{"tool_file_id": f.ID}
	for key, text := range map[string]string{"filename": f.Name, "mime_type": f.MIMEType} {
		if text != "" {
			meta[key] = text
		}
	}
	return o.writer.write(runtime.ToolMessage{Type: typ, Message: map[string]any{"text": f.URL}, Meta: meta})
}

// Part sends what a model has made beside texts: the bytes of a file or, if they have not come, its URL as
// an image or a link. It returns an error for a URL that is neither one of http or https nor a path of Dify's
// files. Of a text or nil it sends nothing.
func (o *Output) Part(p llm.Part) error {
	switch p := p.(type) {
	case *llm.Image:
		if p != nil {
			return o.made(p.Data, p.URL, runtime.FileMeta{Name: p.Filename, MIMEType: p.MIMEType}, o.Image)
		}
	case *llm.Audio:
		return o.document((*llm.Document)(p))
	case *llm.Video:
		return o.document((*llm.Document)(p))
	case *llm.Document:
		return o.document(p)
	}
	return nil
}

func (o *Output) document(d *llm.Document) error {
	if d == nil {
		return nil
	}
	return o.made(d.Data, d.URL, runtime.FileMeta{Name: d.Filename, MIMEType: d.MIMEType}, o.Link)
}

// made sends a file or, if it has not come, its address.
func (o *Output) made(data []byte, address string, meta runtime.FileMeta, send func(string) error) error {
	if len(data) > 0 {
		return o.File(data, meta)
	}
	if err := checkAddress(address); err != nil {
		return err
	}
	return send(address)
}
