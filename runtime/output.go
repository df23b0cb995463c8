package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"
)

// maxText is the size up to which a text is sent in one message, in bytes. The host joins
// the texts of several. In JSON, a byte may take six, and a line has at most 5 MiB.
const maxText = 512 << 10

// ToolOutput sends the messages of a tool while it runs. It never changes what they say.
// Its methods are safe for concurrent use. They return an error if the message cannot be
// encoded or the request has ended. To send several messages and return the errors, if any:
//
//	return errors.Join(out.Text(summary), out.JSON(issues), out.SetCount(n))
type ToolOutput struct {
	send func(ToolMessage) error
}

// ToolMessage is a message of a tool as it is encoded for the host.
type ToolMessage struct {
	Type    string         `json:"type"`
	Message map[string]any `json:"message"`
	Meta    map[string]any `json:"meta"` // nil for none
}

// NewToolOutput returns an output that passes its messages to send, which must be safe for
// concurrent use.
func NewToolOutput(send func(ToolMessage) error) *ToolOutput { return &ToolOutput{send} }

func (o *ToolOutput) message(typ string, message map[string]any) error {
	return o.withMeta(typ, message, nil)
}

func (o *ToolOutput) withMeta(typ string, message, meta map[string]any) error {
	if o == nil || o.send == nil {
		return errors.New("the output does not belong to a request")
	}
	return o.send(ToolMessage{typ, message, meta})
}

// Text sends text for people and models, which must be UTF-8. Dify joins the texts of a call.
func (o *ToolOutput) Text(text string) error {
	return pieces(text, func(piece string) error {
		return o.message("text", map[string]any{"text": piece})
	})
}

// errNotUTF8 is the error of a text that JSON would change.
var errNotUTF8 = errors.New("the text is not UTF-8; to send bytes, use File")

// pieces calls send with pieces of text that a message can hold, in order.
func pieces(text string, send func(piece string) error) error {
	if !utf8.ValidString(text) {
		return errNotUTF8
	}
	for len(text) > maxText {
		end := maxText
		for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		if err := send(text[:end]); err != nil {
			return err
		}
		text = text[end:]
	}
	return send(text)
}

// Link sends a link.
func (o *ToolOutput) Link(url string) error {
	return o.message("link", map[string]any{"text": url})
}

// Image sends the URL of an image, which Dify downloads.
func (o *ToolOutput) Image(url string) error {
	return o.message("image", map[string]any{"text": url})
}

// JSON sends an object or a list, for use in later nodes of a workflow. Models read it, too. A
// nil slice is an empty list, and a nil map an empty object.
func (o *ToolOutput) JSON(value any) error { return o.json(value, map[string]any{}) }

// SuppressedJSON is JSON for a value that models do not read.
func (o *ToolOutput) SuppressedJSON(value any) error {
	return o.json(value, map[string]any{"suppress_output": true})
}

func (o *ToolOutput) json(value any, message map[string]any) error {
	data, err := json.Marshal(notNil(value))
	if err != nil {
		return fmt.Errorf("JSON message: %w", err)
	}
	if !bytes.HasPrefix(data, []byte("{")) && !bytes.HasPrefix(data, []byte("[")) {
		return errors.New("JSON message: must be an object or a list")
	}
	message["json_object"] = json.RawMessage(data)
	return o.message("json", message)
}

// Variable sets a variable that the tool's output_schema declares. Set each variable once. A nil
// slice is an empty list, but for that of an OptionalList, and a nil map an empty object.
func (o *ToolOutput) Variable(name string, value any) error {
	if optional, ok := value.(Optional[string]); ok && optional.set {
		value = optional.value
	}
	if text, ok := value.(string); ok {
		switch {
		case len(text) > maxText:
			return o.StreamVariable(name, text)
		case !utf8.ValidString(text):
			return errNotUTF8
		}
	}
	return o.variable(name, notNil(value), false)
}

// StreamVariable appends text to a variable, so that a workflow can show it while it
// grows.
func (o *ToolOutput) StreamVariable(name, text string) error {
	return pieces(text, func(piece string) error { return o.variable(name, piece, true) })
}

func (o *ToolOutput) variable(name string, value any, stream bool) error {
	switch name {
	case "":
		return errors.New("a variable must have a name")
	case "text", "json", "files":
		return fmt.Errorf("a variable cannot be named %q: Dify makes that output from other messages", name)
	}
	return o.message("variable", map[string]any{
		"variable_name": name, "variable_value": value, "stream": stream,
	})
}

// notNil returns value, or what is empty in place of a nil slice or map, which would be null
// in JSON: later nodes of a workflow expect a list or an object. What encodes itself says what nil is.
func notNil(value any) any {
	if _, encodes := value.(json.Marshaler); encodes {
		return value
	}
	switch v := reflect.ValueOf(value); {
	case v.Kind() == reflect.Slice && v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8:
		return []any{}
	case v.Kind() == reflect.Map && v.IsNil():
		return map[string]any{}
	}
	return value
}

// RetrieverResource is a passage that a tool found, which Dify cites. Only Content is needed.
type RetrieverResource struct {
	Position        int            `json:"position"` // from 1; its place in the list if 0
	DatasetID       string         `json:"dataset_id,omitempty"`
	DatasetName     string         `json:"dataset_name,omitempty"`
	DocumentID      string         `json:"document_id,omitempty"`
	DocumentName    string         `json:"document_name,omitempty"`
	DocMetadata     map[string]any `json:"doc_metadata,omitempty"` // that users have given the document
	DataSourceType  string         `json:"data_source_type,omitempty"`
	RetrieverFrom   string         `json:"retriever_from,omitempty"` // such as workflow
	Title           string         `json:"title,omitempty"`
	SegmentID       string         `json:"segment_id,omitempty"`
	SegmentPosition int            `json:"segment_position,omitempty"` // in the document, from 1
	IndexNodeHash   string         `json:"index_node_hash,omitempty"`
	HitCount        int            `json:"hit_count,omitempty"`  // how often it was found
	WordCount       int            `json:"word_count,omitempty"` // of the content
	Page            int            `json:"page,omitempty"`
	Score           float64        `json:"score"`
	Content         string         `json:"content"`
}

// RetrieverResources sends the passages that an answer should cite. The context is the text
// that a model reads of them.
func (o *ToolOutput) RetrieverResources(resources []RetrieverResource, context string) error {
	list := make([]RetrieverResource, len(resources))
	for i, r := range resources {
		if r.Position == 0 {
			r.Position = i + 1
		}
		list[i] = r
	}
	return o.message("retriever_resources", map[string]any{"retriever_resources": list, "context": context})
}

// optional returns s, or nil if it is empty: the wire has null for an absent string.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}
