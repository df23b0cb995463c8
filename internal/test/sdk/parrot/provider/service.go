package parrot

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
)

// The service of the models. service.py is the same in Python.

// failure is the error of a kind, as a service would fail.
func failure(kind string) error {
	switch kind {
	case "unauthorized":
		return &runtime.StatusError{StatusCode: http.StatusUnauthorized}
	case "limited":
		return &runtime.StatusError{StatusCode: http.StatusTooManyRequests}
	case "down":
		return &runtime.StatusError{StatusCode: http.StatusServiceUnavailable}
	case "wrong":
		return &runtime.StatusError{StatusCode: http.StatusBadRequest}
	case "unreachable":
		return runtime.Unreachable(errors.New("the parrot bites"))
	}
	return errors.New("the parrot bites")
}

// refused returns the failure that a text such as "fail down" asks for.
func refused(text string) error {
	if kind, ok := strings.CutPrefix(text, "fail "); ok {
		return failure(kind)
	}
	return nil
}

// piece is what the model writes next.
type piece struct {
	text      string
	image     []byte
	call      *llm.ToolCall
	reasoning bool
}

func words(text string) int { return len(strings.Fields(text)) }

// speak does what the first word of the last message says.
func speak(ctx context.Context, call *LLMCall) iter.Seq2[piece, error] {
	command, rest, _ := strings.Cut(prompt(call), " ")
	return func(yield func(piece, error) bool) {
		switch command {
		case "say":
			for _, word := range strings.Split(rest, " ") {
				if !yield(piece{text: word + " "}, nil) {
					return
				}
			}
		case "repeat":
			repeat(ctx, rest, yield)
		case "report":
			text, err := report(call)
			yield(piece{text: text}, err)
		case "call":
			for i, tool := range call.Tools {
				arguments, err := json.Marshal(map[string]string{"text": rest})
				if !yield(piece{call: &llm.ToolCall{ID: "call-" + strconv.Itoa(i), Name: tool.Name, Arguments: string(arguments)}}, err) {
					return
				}
			}
		case "picture":
			_ = yield(piece{text: "Look: "}, nil) && yield(piece{image: []byte(rest)}, nil)
		case "think":
			for _, word := range strings.Split(rest, " ") {
				if !yield(piece{text: word + " ", reasoning: true}, nil) {
					return
				}
			}
			yield(piece{text: "That is all."}, nil)
		case "block":
			block(rest, yield)
		case "late":
			_ = yield(piece{text: "One moment. "}, nil) && yield(piece{}, failure(rest))
		case "nothing":
		default:
			yield(piece{text: prompt(call)}, nil)
		}
	}
}

// repeat writes a word as often as the text says, one each so many milliseconds.
func repeat(ctx context.Context, text string, yield func(piece, error) bool) {
	count, pause, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(count)
	ms, err2 := strconv.Atoi(pause)
	if err := errors.Join(err, err2); err != nil {
		yield(piece{}, err)
		return
	}
	due := time.Now()
	for range n {
		due = due.Add(time.Duration(ms) * time.Millisecond)
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				yield(piece{}, ctx.Err())
				return
			}
		}
		if !yield(piece{text: "word "}, nil) {
			return
		}
	}
}

// block writes a code block, in pieces of so many bytes.
func block(size string, yield func(piece, error) bool) {
	n, err := strconv.Atoi(size)
	if err != nil {
		yield(piece{}, err)
		return
	}
	for part := range slices.Chunk([]byte("```json\n{\"answer\": \"yes\"}\n```"), n) {
		if !yield(piece{text: string(part)}, nil) {
			return
		}
	}
}

// prompt is the text of the last message.
func prompt(call *LLMCall) string {
	if len(call.Messages) == 0 {
		return ""
	}
	return call.Messages[len(call.Messages)-1].Text()
}

func finish(call *LLMCall) llm.FinishReason {
	command, _, _ := strings.Cut(prompt(call), " ")
	switch command {
	case "call":
		return llm.FinishToolCalls
	case "repeat":
		return llm.FinishLength
	}
	return llm.FinishStop
}

// report returns all that has arrived, as JSON.
func report(call *LLMCall) (string, error) {
	messages := make([]any, len(call.Messages))
	for i, m := range call.Messages {
		messages[i] = describe(m)
	}
	text, err := json.Marshal(map[string]any{
		"messages": messages, "parameters": call.Parameters.Values(), "tools": call.Tools, "stop": call.Stop, "user": call.UserID,
	})
	return string(text), err
}

func describe(m llm.Message) map[string]any {
	var parts []any
	for _, p := range m.Parts {
		parts = append(parts, describePart(p))
	}
	return map[string]any{
		"role": m.Role, "name": m.Name, "parts": parts, "calls": m.ToolCalls, "opaque": m.OpaqueBody, "call": m.ToolCallID,
	}
}

func describePart(part llm.Part) map[string]any {
	file := func(typ, url, format, mimeType, filename string) map[string]any {
		return map[string]any{"type": typ, "url": url, "format": format, "mime_type": mimeType, "filename": filename}
	}
	switch p := part.(type) {
	case *llm.Text:
		return map[string]any{"text": p.Text}
	case *llm.Image:
		described := file("image", p.DataURL(), p.Format, p.MIMEType, p.Filename)
		described["detail"] = p.Detail
		return described
	case *llm.Audio:
		return file("audio", p.DataURL(), p.Format, p.MIMEType, p.Filename)
	case *llm.Video:
		return file("video", p.DataURL(), p.Format, p.MIMEType, p.Filename)
	case *llm.Document:
		return file("document", p.DataURL(), p.Format, p.MIMEType, p.Filename)
	}
	return nil
}

// vector returns the length, the sum and the first byte, each as a part of something larger.
func vector(data []byte) []float64 {
	sum, first := 0, byte(0)
	for _, b := range data {
		sum += int(b)
	}
	if len(data) > 0 {
		first = data[0]
	}
	return []float64{float64(len(data)) / 1024, float64(sum%997) / 997, float64(first) / 255}
}

// score returns which share of the query's words is in the document.
func score(query, document string) float64 {
	asked, known := strings.Fields(query), strings.Fields(document)
	if len(asked) == 0 {
		return 0
	}
	n := 0
	for _, word := range asked {
		if slices.Contains(known, word) {
			n++
		}
	}
	return float64(n) / float64(len(asked))
}

func content(d embedding.Document) []byte {
	if len(d.Image) > 0 {
		return d.Image
	}
	return []byte(d.Text)
}
