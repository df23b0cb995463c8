package serve

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	// maxBlob is how much a blob may hold that goes out in one message, in bytes; a
	// larger one goes in chunks of the size that the host's parts take.
	maxBlob   = 1 << 20
	chunkSize = 8 << 10
)

// Messages are what a tool gives out while it runs. Its methods can be called from
// several goroutines. Their errors say that the message cannot be encoded or that
// nobody waits for it any more.
type Messages struct {
	send   func(message) error
	redact func(string) string // takes secrets out of what the author gives out, but for files
}

// message is a message of a tool as the wire has it.
type message struct {
	Type    string `json:"type"`
	Message any    `json:"message"`
	Meta    any    `json:"meta"`
}

// clean is a value of the author without secrets.
func (m *Messages) clean(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return value // the session says what is wrong with it
	}
	// JSON can spell a text in many ways, so it is the decoded one that counts.
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return value // as above
	}
	changed := false
	v = mapTexts(v, func(text string) string {
		clean := m.redact(text)
		changed = changed || clean != text
		return clean
	})
	if changed {
		return v
	}
	return value
}

// mapTexts changes every text in a value of JSON.
func mapTexts(v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		return change(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[change(key)] = mapTexts(item, change)
		}
		return out
	case []any:
		for i, item := range v {
			v[i] = mapTexts(item, change)
		}
	}
	return v
}

type textMessage struct {
	Text string `json:"text"`
}

// Text gives out text for people and models.
func (m *Messages) Text(text string) error {
	return m.send(message{Type: "text", Message: textMessage{m.redact(text)}})
}

// Link gives out a link.
func (m *Messages) Link(url string) error {
	return m.send(message{Type: "link", Message: textMessage{m.redact(url)}})
}

// Image gives out the URL of an image, which Dify fetches.
func (m *Messages) Image(url string) error {
	return m.send(message{Type: "image", Message: textMessage{m.redact(url)}})
}

// JSON gives out an object or a list, which later nodes of a workflow can use.
func (m *Messages) JSON(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("message of JSON: %w", err)
	}
	if !bytes.HasPrefix(data, []byte("{")) && !bytes.HasPrefix(data, []byte("[")) {
		return errors.New("message of JSON: must be an object or a list")
	}
	return m.send(message{Type: "json", Message: map[string]any{"json_object": m.clean(json.RawMessage(data))}})
}

// Variable sets a variable that the tool's output_schema declares.
func (m *Messages) Variable(name string, value any) error {
	return m.variable(name, value, false)
}

// StreamVariable adds to the text of a variable, so that a workflow shows it as it
// grows.
func (m *Messages) StreamVariable(name, text string) error {
	return m.variable(name, text, true)
}

func (m *Messages) variable(name string, value any, stream bool) error {
	return m.send(message{Type: "variable", Message: map[string]any{
		"variable_name": name, "variable_value": m.clean(value), "stream": stream,
	}})
}

// File describes a blob.
type File struct {
	Name     string // such as report.pdf; may be empty
	MIMEType string // such as application/pdf
}

// Blob gives out a file. One of more than a megabyte goes in chunks.
func (m *Messages) Blob(data []byte, file File) error {
	meta := make(map[string]any)
	if file.Name != "" {
		meta["filename"] = file.Name
	}
	if file.MIMEType != "" {
		meta["mime_type"] = file.MIMEType
	}
	if len(data) <= maxBlob {
		return m.send(message{"blob", map[string]any{"blob": base64.StdEncoding.EncodeToString(data)}, meta})
	}
	id, total := newID(), len(data)
	for sequence := 0; ; sequence++ {
		chunk := data[:min(len(data), chunkSize)]
		data = data[len(chunk):]
		err := m.send(message{"blob_chunk", map[string]any{
			"id": id, "sequence": sequence, "total_length": total,
			"blob": base64.StdEncoding.EncodeToString(chunk), "end": len(chunk) == 0,
		}, meta})
		if err != nil || len(chunk) == 0 {
			return err
		}
	}
}

// LogStatus says how a step of a tool goes.
type LogStatus string

// The host's words.
const (
	LogStart   LogStatus = "start"
	LogSuccess LogStatus = "success"
	LogError   LogStatus = "error"
)

// LogMessage is a step of a tool, which Dify shows to whoever watches it run.
type LogMessage struct {
	ID     string // of the step; a later message with it replaces the earlier one
	Parent string // the step that this one is part of; may be empty
	Label  string
	Status LogStatus // LogSuccess if empty
	Error  string    // for LogError
	Data   map[string]any
}

// Log gives out a step and returns its ID.
func (m *Messages) Log(step LogMessage) (id string, err error) {
	if step.ID == "" {
		step.ID = newID()
	}
	if step.Status == "" {
		step.Status = LogSuccess
	}
	if step.Data == nil {
		step.Data = map[string]any{}
	}
	return step.ID, m.send(message{Type: "log", Message: map[string]any{
		"id": step.ID, "parent_id": optional(step.Parent), "label": m.redact(step.Label), "status": step.Status,
		"error": optional(m.redact(step.Error)), "data": m.clean(step.Data), "metadata": map[string]any{},
	}})
}

// optional is s for the wire, where no text is null.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
