package host

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// messageCheck checks messages such as those of a tool, of which those with chunks of a file depend on
// each other.
type messageCheck struct {
	sender    string         // such as "tool"
	maxFile   int            // of a file, in bytes
	losesLast bool           // whether Dify loses the bytes of the last chunk of a file
	sizes     map[string]int // of files that are not complete, by ID
}

func newToolCheck() *messageCheck   { return &messageCheck{sender: "tool", maxFile: MaxFile} }
func newSourceCheck() *messageCheck { return &messageCheck{sender: "data source", maxFile: MaxFile} }
func newAgentCheck() *messageCheck {
	return &messageCheck{sender: "strategy", maxFile: MaxAgentFile, losesLast: true}
}

func (c *messageCheck) result(data json.RawMessage) error {
	_, err := c.decode(data)
	return err
}

func (c *messageCheck) end() error {
	if len(c.sizes) == 0 {
		return nil
	}
	return fmt.Errorf("a file is lost, since no chunk has end: %s", strings.Join(slices.Sorted(maps.Keys(c.sizes)), ", "))
}

// decodedMessage is a message and what is in it, depending on its type.
type decodedMessage struct {
	ToolMessage
	text     string // of text, link and image
	json     json.RawMessage
	data     []byte // of blob and blob_chunk
	chunk    blobChunk
	variable variable
	log      Log
}

type blobChunk struct {
	ID          string `json:"id"`
	Sequence    int    `json:"sequence"`
	TotalLength int    `json:"total_length"`
	Blob        string `json:"blob"`
	End         bool   `json:"end"`
}

// file returns the file of a blob.
func (m *decodedMessage) file() File {
	var meta struct {
		Name     string `json:"filename"`
		MIMEType string `json:"mime_type"`
	}
	_ = json.Unmarshal(m.Meta, &meta) // what does not fit is as if it were absent
	if meta.MIMEType == "" {
		meta.MIMEType = "application/octet-stream"
	}
	return File{Name: meta.Name, MIMEType: meta.MIMEType, Data: m.data}
}

// decode decodes and checks the next message.
func (c *messageCheck) decode(data json.RawMessage) (*decodedMessage, error) {
	m := new(decodedMessage)
	if err := json.Unmarshal(data, &m.ToolMessage); err != nil {
		return nil, fmt.Errorf("a %s's message that Dify cannot decode: %w", c.sender, err)
	}
	wrong := func(err error) error {
		return fmt.Errorf("a %s's message of type %s: %w", c.sender, m.Type, err)
	}
	for _, part := range []json.RawMessage{m.Message, m.Meta} {
		if len(part) > 0 && !bytes.HasPrefix(part, []byte("{")) && !bytes.Equal(part, []byte("null")) {
			return nil, wrong(errors.New("its message or meta is not an object"))
		}
	}
	decode, known := toolMessages[m.Type]
	if !known {
		return nil, fmt.Errorf("a %s's message of type %q", c.sender, m.Type)
	}
	if err := decode(c, m); err != nil {
		return nil, wrong(err)
	}
	return m, nil
}

// mimeTypeRE matches a MIME type, with parameters.
var mimeTypeRE = regexp.MustCompile(`^[^/\s]+/[^/\s;]+`)

// toolMessages has, by the type of a message, the function that decodes and checks it.
var toolMessages = map[string]func(*messageCheck, *decodedMessage) error{
	"text":                (*messageCheck).decodeText,
	"link":                (*messageCheck).decodeLink,
	"image":               (*messageCheck).decodeImage,
	"image_link":          (*messageCheck).decodeStored,
	"binary_link":         (*messageCheck).decodeStored,
	"json":                (*messageCheck).decodeJSON,
	"blob":                (*messageCheck).decodeBlob,
	"blob_chunk":          (*messageCheck).decodeChunk,
	"variable":            (*messageCheck).decodeVariable,
	"log":                 (*messageCheck).decodeLog,
	"retriever_resources": func(*messageCheck, *decodedMessage) error { return nil },
}

func (c *messageCheck) decodeText(m *decodedMessage) error {
	var message struct{ Text *string }
	if err := json.Unmarshal(m.Message, &message); err != nil || message.Text == nil {
		return errors.New("it has no text")
	}
	m.text = *message.Text
	return nil
}

func (c *messageCheck) decodeLink(m *decodedMessage) error {
	if err := c.decodeText(m); err != nil {
		return err
	}
	if m.text == "" {
		return errors.New("it has no URL")
	}
	return nil
}

func (c *messageCheck) decodeImage(m *decodedMessage) error {
	if err := c.decodeText(m); err != nil {
		return err
	}
	u, err := url.Parse(m.text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("its text is not an absolute URL with http or https, which Dify could download")
	}
	return nil
}

// decodeStored checks a file that Dify has stored before, such as one that a tool has made for an agent.
func (c *messageCheck) decodeStored(m *decodedMessage) error {
	var meta struct {
		ID string `json:"tool_file_id"`
	}
	if err := json.Unmarshal(m.Meta, &meta); err != nil || meta.ID == "" {
		return errors.New("its meta has no tool_file_id, which says which file it is")
	}
	return c.decodeLink(m)
}

func (c *messageCheck) decodeJSON(m *decodedMessage) error {
	var message struct {
		Value json.RawMessage `json:"json_object"`
	}
	if err := json.Unmarshal(m.Message, &message); err != nil || !bytes.HasPrefix(message.Value, []byte("{")) && !bytes.HasPrefix(message.Value, []byte("[")) {
		return errors.New("its json_object is neither an object nor a list")
	}
	m.json = message.Value
	return nil
}

func (c *messageCheck) decodeBlob(m *decodedMessage) error {
	var message struct{ Blob *string }
	if err := json.Unmarshal(m.Message, &message); err != nil || message.Blob == nil {
		return errors.New("it has no blob")
	}
	return c.decodeData(m, *message.Blob, c.maxFile)
}

// decodeData decodes the content of a blob or a chunk.
func (c *messageCheck) decodeData(m *decodedMessage, blob string, limit int) (err error) {
	if typ := m.file().MIMEType; !mimeTypeRE.MatchString(typ) {
		return fmt.Errorf("its mime_type is %q, not one such as text/plain", typ)
	}
	if m.data, err = base64.StdEncoding.DecodeString(blob); err != nil {
		return errors.New("its blob is not in base64")
	}
	if len(m.data) > limit {
		return fmt.Errorf("its blob has %d bytes, more than %d", len(m.data), limit)
	}
	return nil
}

func (c *messageCheck) decodeChunk(m *decodedMessage) error {
	if err := json.Unmarshal(m.Message, &m.chunk); err != nil || m.chunk.ID == "" {
		return errors.New("it has no id, or its fields have wrong types")
	}
	if err := c.decodeData(m, m.chunk.Blob, MaxBlobChunk); err != nil {
		return err
	}
	size := c.sizes[m.chunk.ID] + len(m.data)
	switch {
	case size > c.maxFile:
		return fmt.Errorf("the file has more than %d bytes", c.maxFile)
	case c.losesLast && m.chunk.End && len(m.data) > 0:
		delete(c.sizes, m.chunk.ID)
		return fmt.Errorf("Dify loses its %d bytes, since it has end: end a file with a chunk without bytes", len(m.data))
	case m.chunk.End:
		delete(c.sizes, m.chunk.ID)
		return nil
	}
	if c.sizes == nil {
		c.sizes = make(map[string]int)
	}
	c.sizes[m.chunk.ID] = size
	return nil
}

func (c *messageCheck) decodeVariable(m *decodedMessage) error {
	if err := json.Unmarshal(m.Message, &m.variable); err != nil || m.variable.Name == "" {
		return errors.New("it has no variable_name, or its fields have wrong types")
	}
	if slices.Contains([]string{"json", "text", "files"}, m.variable.Name) {
		return fmt.Errorf("its name is %s, which Dify refuses", m.variable.Name)
	}
	if _, text := m.variable.Value.(string); m.variable.Stream && !text {
		return fmt.Errorf("the value of %s is not text, although stream is set", m.variable.Name)
	}
	return nil
}

func (c *messageCheck) decodeLog(m *decodedMessage) error {
	err := json.Unmarshal(m.Message, &m.log)
	switch {
	case err != nil || m.log.ID == "" || m.log.Label == "":
		return errors.New("it has no id or label, or its fields have wrong types")
	case !slices.Contains([]string{"start", "success", "error"}, m.log.Status):
		return fmt.Errorf("its status is %q", m.log.Status)
	}
	return nil
}
