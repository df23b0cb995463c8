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
	// maxBlob is the size up to which a blob is sent in one message, in bytes. A larger
	// one is sent in chunks of the size that the host accepts.
	maxBlob       = 1 << 20
	blobChunkSize = 8 << 10
)

// Messages sends the messages of a tool while it runs. Its methods are safe for
// concurrent use. They return an error if the message cannot be encoded or the request
// has ended.
type Messages struct {
	send   func(message) error
	redact func(string) string // removes secrets, except from files
}

// message is a tool's message on the wire.
type message struct {
	Type    string `json:"type"`
	Message any    `json:"message"`
	Meta    any    `json:"meta"`
}

// clean returns the tool's value without secrets.
func (m *Messages) clean(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return value // sending it reports the error
	}
	// JSON can encode a string in many ways, so redact the decoded strings.
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

// mapTexts applies change to every string in a decoded JSON value.
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

// Text sends text for people and models.
func (m *Messages) Text(text string) error {
	return m.send(message{Type: "text", Message: textMessage{m.redact(text)}})
}

// Link sends a link.
func (m *Messages) Link(url string) error {
	return m.send(message{Type: "link", Message: textMessage{m.redact(url)}})
}

// Image sends the URL of an image, which Dify downloads.
func (m *Messages) Image(url string) error {
	return m.send(message{Type: "image", Message: textMessage{m.redact(url)}})
}

// JSON sends an object or a list, for use in later nodes of a workflow.
func (m *Messages) JSON(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("JSON message: %w", err)
	}
	if !bytes.HasPrefix(data, []byte("{")) && !bytes.HasPrefix(data, []byte("[")) {
		return errors.New("JSON message: must be an object or a list")
	}
	return m.send(message{Type: "json", Message: map[string]any{"json_object": m.clean(json.RawMessage(data))}})
}

// Variable sets a variable that the tool's output_schema declares.
func (m *Messages) Variable(name string, value any) error {
	return m.variable(name, value, false)
}

// StreamVariable appends text to a variable, so that a workflow can show it while it
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
	Name     string // such as report.pdf; optional
	MIMEType string // such as application/pdf; optional
}

// Blob sends a file, in chunks if it is larger than 1 MiB.
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
		chunk := data[:min(len(data), blobChunkSize)]
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

// LogStatus is the status of a step of a tool.
type LogStatus string

// The statuses that the host supports.
const (
	LogStart   LogStatus = "start"
	LogSuccess LogStatus = "success"
	LogError   LogStatus = "error"
)

// LogMessage is a step of a tool, which Dify shows to users while the tool runs.
type LogMessage struct {
	ID     string // generated if empty; a message with the ID of an earlier one replaces it
	Parent string // ID of the step that contains this one; optional
	Label  string
	Status LogStatus // LogSuccess if empty
	Error  string    // for LogError
	Data   map[string]any
}

// Log sends a step and returns its ID.
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

// optional returns s, or nil if it is empty: the wire has null for an absent string.
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
