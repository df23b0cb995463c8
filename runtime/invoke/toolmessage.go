package invoke

import (
	"cmp"
	"encoding/json"
	"strconv"

	"github.com/difygen/difygen/runtime"
)

// ToolMessage is a message of a tool: *ToolText, *ToolLink, *ToolImage, *ToolFile, *ToolJSON,
// *ToolVariable, *ToolLog, *ToolResources or *UnknownToolMessage (PROTOCOL-CALLS 2.1).
type ToolMessage interface {
	size() int // how many bytes it takes, about
}

// ToolText is a piece of text. Dify joins the pieces.
type ToolText struct {
	Text string
}

// ToolLink is a link.
type ToolLink struct {
	URL  string
	Meta map[string]any // what else the tool or Dify says of it; may be nil
}

// ToolImage is an image that Dify has not stored.
type ToolImage struct {
	URL  string
	Meta map[string]any // may be nil
}

// ToolFile is a file. Either Dify has stored it, which it does with most files of tools, or its
// bytes have come.
type ToolFile struct {
	// Type is what Dify calls the message: image_link, binary_link, file or blob.
	Type string
	// ID is that of a stored file, as in ToolFile.AppInput, and "" of another one.
	ID string
	// URL is where a stored file is. Often it is a path, such as /files/tools/ID.png, which only
	// Dify's own pages can open.
	URL string
	// Data are the bytes of a blob, and nil of a stored file.
	Data     []byte
	Name     string // such as report.pdf; often ""
	MIMEType string // such as application/pdf; "" of a stored file if Dify does not say
	Meta     map[string]any
}

// AppInput returns a stored file as a value for an input of an app. It returns nil if Dify has not
// said which file it is.
func (f *ToolFile) AppInput() map[string]any {
	if f.ID == "" {
		return nil
	}
	typ := fileType(f.Name, f.MIMEType)
	if f.MIMEType == "" && f.Type == "image_link" {
		typ = "image"
	}
	return appInput(f.ID, typ)
}

// ToolJSON is an object or a list.
type ToolJSON struct {
	Value json.RawMessage
	// Suppressed is true if models do not read the value.
	Suppressed bool
}

// ToolVariable sets a variable that the tool's output_schema declares.
type ToolVariable struct {
	Name  string
	Value json.RawMessage
	// Stream is true if Value is a text to append to what the variable has.
	Stream bool
}

// ToolLog is a step of the tool. One with the ID of an earlier one replaces it.
type ToolLog struct {
	runtime.LogMessage
}

// ToolResources are passages that the tool has found, for citations.
type ToolResources struct {
	Resources []runtime.RetrieverResource
	Context   string // what a model reads of them
}

// UnknownToolMessage is a message of a type that difygen does not know.
type UnknownToolMessage struct {
	Type    string
	Message json.RawMessage
	Meta    map[string]any
}

const messageSize = 64 // of a struct, about

func (m *ToolText) size() int     { return messageSize + len(m.Text) }
func (m *ToolLink) size() int     { return messageSize + len(m.URL) + metaSize(m.Meta) }
func (m *ToolImage) size() int    { return messageSize + len(m.URL) + metaSize(m.Meta) }
func (f *ToolFile) size() int     { return messageSize + len(f.URL) + len(f.Data) + metaSize(f.Meta) }
func (m *ToolJSON) size() int     { return messageSize + len(m.Value) }
func (m *ToolVariable) size() int { return messageSize + len(m.Name) + len(m.Value) }
func (m *ToolLog) size() int {
	return messageSize + len(m.ID) + len(m.Label) + len(m.Error) + metaSize(m.Data)
}
func (m *UnknownToolMessage) size() int {
	return messageSize + len(m.Type) + len(m.Message) + metaSize(m.Meta)
}

func (m *ToolResources) size() int {
	n := messageSize + len(m.Context) + len(m.Resources)*resourceSize
	for _, r := range m.Resources {
		n += len(r.DatasetID) + len(r.DatasetName) + len(r.DocumentID) + len(r.DocumentName) + len(r.SegmentID) + len(r.Content) +
			len(r.DataSourceType) + len(r.RetrieverFrom) + len(r.Title) + len(r.IndexNodeHash)
		if r.DocMetadata != nil {
			n += metaSize(r.DocMetadata)
		}
	}
	return n
}

// resourceSize is the size of a passage without its texts and metadata.
const resourceSize = 256

// metaSize returns how many bytes a value takes that was decoded from JSON, about.
func metaSize(v any) int {
	const scalar, object, first, name, list = 16, 64, 256, 32, 40
	n := scalar
	switch v := v.(type) {
	case map[string]any:
		n += object
		if len(v) > 0 {
			n += first
		}
		for key, item := range v {
			n += name + len(key) + metaSize(item)
		}
	case []any:
		n += list + (cap(v)-len(v))*scalar
		for _, item := range v {
			n += metaSize(item)
		}
	case string:
		n += scalar + len(v)
	}
	return n
}

// toolFrame is a message as it is on the wire.
type toolFrame struct {
	Type    string          `json:"type"`
	Message json.RawMessage `json:"message"`
	Meta    map[string]any  `json:"meta"`
}

// toolDecoders make a message of a frame, by its type.
var toolDecoders = map[string]func(toolFrame) (ToolMessage, error){
	"text": func(f toolFrame) (ToolMessage, error) {
		text, err := f.text()
		return &ToolText{text}, err
	},
	"link": func(f toolFrame) (ToolMessage, error) {
		url, err := f.text()
		return &ToolLink{url, f.Meta}, err
	},
	"image": func(f toolFrame) (ToolMessage, error) {
		url, err := f.text()
		return &ToolImage{url, f.Meta}, err
	},
	"image_link":          toolFrame.stored,
	"binary_link":         toolFrame.stored,
	"file":                toolFrame.file,
	"blob":                toolFrame.blob,
	"json":                toolFrame.json,
	"variable":            toolFrame.variable,
	"log":                 toolFrame.log,
	"retriever_resources": toolFrame.resources,
}

// decode decodes the message, of which each type has its own fields.
func (f toolFrame) decode(v any) error {
	if len(f.Message) == 0 {
		return nil // null or absent
	}
	return decode(typeTool, f.Message, v)
}

func (f toolFrame) text() (string, error) {
	var message struct {
		Text string `json:"text"`
	}
	err := f.decode(&message)
	return message.Text, err
}

// stored decodes a file that Dify has stored.
func (f toolFrame) stored() (ToolMessage, error) {
	url, err := f.text()
	return &ToolFile{
		Type: f.Type, URL: url, ID: textOf(f.Meta, "tool_file_id"),
		Name: textOf(f.Meta, "filename"), MIMEType: textOf(f.Meta, "mime_type"), Meta: f.Meta,
	}, err
}

// file decodes a file that a node of a workflow has: an object inside of Dify.
func (f toolFrame) file() (ToolMessage, error) {
	file, _ := f.Meta["file"].(map[string]any)
	message := &ToolFile{
		Type: f.Type, URL: cmp.Or(textOf(file, "url"), textOf(file, "remote_url")),
		Name: textOf(file, "filename"), MIMEType: textOf(file, "mime_type"), Meta: f.Meta,
	}
	if textOf(file, "transfer_method") == transferToolFile {
		message.ID = textOf(file, "related_id")
	}
	return message, nil
}

func (f toolFrame) blob() (ToolMessage, error) {
	var message struct {
		Blob []byte `json:"blob"`
	}
	err := f.decode(&message)
	return newBlob(message.Blob, f.Meta), err
}

// newBlob returns a file whose bytes have come.
func newBlob(data []byte, meta map[string]any) *ToolFile {
	if data == nil {
		data = []byte{}
	}
	return &ToolFile{
		Type: "blob", Data: data, Name: textOf(meta, "filename"),
		MIMEType: cmp.Or(textOf(meta, "mime_type"), "application/octet-stream"), Meta: meta,
	}
}

func (f toolFrame) json() (ToolMessage, error) {
	var message struct {
		Value      json.RawMessage `json:"json_object"`
		Suppressed bool            `json:"suppress_output"`
	}
	err := f.decode(&message)
	return &ToolJSON{notNull(message.Value), message.Suppressed}, err
}

func (f toolFrame) variable() (ToolMessage, error) {
	var message struct {
		Name   string          `json:"variable_name"`
		Value  json.RawMessage `json:"variable_value"`
		Stream bool            `json:"stream"`
	}
	err := f.decode(&message)
	return &ToolVariable{message.Name, notNull(message.Value), message.Stream}, err
}

func (f toolFrame) log() (ToolMessage, error) {
	var message struct {
		ID       string            `json:"id"`
		Label    string            `json:"label"`
		Parent   string            `json:"parent_id"`
		Error    string            `json:"error"`
		Status   runtime.LogStatus `json:"status"`
		Data     map[string]any    `json:"data"`
		Metadata map[string]any    `json:"metadata"`
	}
	err := f.decode(&message)
	return &ToolLog{runtime.LogMessage{
		ID: message.ID, Label: message.Label, Parent: message.Parent, Error: message.Error,
		Status: message.Status, Data: message.Data, Metadata: logMetadata(message.Metadata),
	}}, err
}

func (f toolFrame) resources() (ToolMessage, error) {
	var message struct {
		Resources []runtime.RetrieverResource `json:"retriever_resources"`
		Context   string                      `json:"context"`
	}
	err := f.decode(&message)
	return &ToolResources{message.Resources, message.Context}, err
}

// logMetadata decodes what a step has cost. Plugins write it freely, so what is odd is left out.
func logMetadata(values map[string]any) runtime.LogMetadata {
	price := textOf(values, "total_price")
	if n, ok := values["total_price"].(float64); ok {
		price = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return runtime.LogMetadata{
		StartedAt:   unixTime(numberOf(values, "started_at", 1e11)),
		FinishedAt:  unixTime(numberOf(values, "finished_at", 1e11)),
		Elapsed:     seconds(numberOf(values, "elapsed_time", 1e9)),
		TotalPrice:  price,
		Currency:    textOf(values, "currency"),
		TotalTokens: int(numberOf(values, "total_tokens", 1<<53)),
		Provider:    textOf(values, "provider"),
	}
}

// textOf returns a text, or "" if there is none.
func textOf(values map[string]any, key string) string {
	text, _ := values[key].(string)
	return text
}

// numberOf returns a number, or 0 if there is none of at most that size.
func numberOf(values map[string]any, key string, limit float64) float64 {
	n, _ := values[key].(float64)
	if n < -limit || n > limit {
		return 0
	}
	return n
}

// notNull returns a value, which is null if it is absent.
func notNull(value json.RawMessage) json.RawMessage {
	if value == nil {
		return json.RawMessage("null")
	}
	return value
}
