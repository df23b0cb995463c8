package difytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// ToolResult is what Dify makes of what a tool sends.
type ToolResult struct {
	Text      string // all texts, joined
	Links     []string
	Images    []string // URLs
	JSON      []any    // as encoding/json decodes them
	Files     []File
	Variables map[string]any // those of StreamVariable are joined
	Logs      []Log          // in the order in which the steps started
	Messages  []Message      // everything, as it is on the wire
	// Err is the error that ended the call, a *runtime.Error, or nil. What was sent before
	// remains.
	Err error
}

// File is a file that a tool or data source sends.
type File struct {
	Name     string
	MIMEType string // application/octet-stream if the plugin gives none
	Data     []byte
}

// Log is a step of a tool. A later one with the same ID has replaced earlier ones.
type Log struct {
	ID       string
	ParentID string
	Label    string
	Status   string // start, success or error
	Error    string
	Data     map[string]any
	Metadata map[string]any
}

// Message is a message of a tool on the wire.
type Message struct {
	Type    string
	Message json.RawMessage
	Meta    json.RawMessage
}

// Decode decodes the JSON that a tool has sent into the value that v points to. It returns
// an error if the call failed, or if the tool has not sent exactly one JSON value.
func (r *ToolResult) Decode(v any) error {
	if r.Err != nil {
		return r.Err
	}
	if len(r.JSON) != 1 {
		return fmt.Errorf("the tool sends %d JSON values, want 1", len(r.JSON))
	}
	data, err := json.Marshal(r.JSON[0])
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("decoding what the tool sends: %w", err)
	}
	return nil
}

// newToolResult returns the result of messages. What Dify rejects is left out.
func newToolResult(results []json.RawMessage) *ToolResult {
	result, _ := host.NewToolResult(results)
	return convert(result)
}

func convert(from *host.ToolResult) *ToolResult {
	to := &ToolResult{Text: from.Text, Links: from.Links, Images: from.Images, Variables: from.Variables}
	for _, data := range from.JSON {
		var v any
		_ = json.Unmarshal(data, &v) // it is part of JSON that has been decoded
		to.JSON = append(to.JSON, v)
	}
	for _, f := range from.Files {
		to.Files = append(to.Files, File(f))
	}
	for _, l := range from.Logs {
		to.Logs = append(to.Logs, Log(l))
	}
	for _, m := range from.Messages {
		to.Messages = append(to.Messages, Message(m))
	}
	return to
}

// texts returns everything in which a secret could be.
func (r *ToolResult) texts() [][]byte {
	texts := [][]byte{[]byte(r.Text)}
	for _, m := range r.Messages {
		texts = append(texts, m.Message, m.Meta)
	}
	for _, f := range r.Files {
		texts = append(texts, f.Data)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Variables)) {
		if s, ok := r.Variables[name].(string); ok {
			texts = append(texts, []byte(s)) // may have been streamed
		}
	}
	return texts
}

// NewOutput returns an output for a test of one method, and a function that returns what has
// been sent to it so far. It reports what Dify would reject.
//
//	out, sent := difytest.NewOutput(t)
//	err := p.ListIssues(t.Context(), call, &github.ListIssuesOutput{ToolOutput: out})
//	if got := sent(); err != nil || got.Text != "no issues" { … }
func NewOutput(tb testing.TB) (out *runtime.ToolOutput, sent func() *ToolResult) {
	tb.Helper()
	var mu sync.Mutex
	var messages []json.RawMessage
	out = runtime.NewToolOutput(func(message runtime.ToolMessage) error {
		data, err := json.Marshal(message)
		if err != nil {
			return fmt.Errorf("encoding a message: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		messages = append(messages, data)
		return nil
	})
	return out, func() *ToolResult {
		tb.Helper()
		mu.Lock()
		defer mu.Unlock()
		result, faults := host.NewToolResult(messages)
		for _, fault := range faults {
			tb.Errorf("Dify would reject what the tool sends: %s", fault)
		}
		return convert(result)
	}
}
