package embedding

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// Document is a text or an image, for models that take both. Exactly one is set.
type Document struct {
	Text  string
	Image []byte // the bytes of the file
}

// Validate reports what Dify would not take.
func (d Document) Validate() error {
	switch {
	case d.Text == "" && len(d.Image) == 0:
		return errors.New("a document has neither a Text nor an Image")
	case d.Text != "" && len(d.Image) > 0:
		return errors.New("a document has both a Text and an Image: make two of it")
	}
	return nil
}

type wireDocument struct {
	Content     string `json:"content"`
	ContentType string `json:"content_type"`
}

// MarshalJSON encodes the document as Dify takes it, if Validate finds nothing.
func (d Document) MarshalJSON() ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if d.Text != "" {
		return json.Marshal(wireDocument{d.Text, "text"})
	}
	return json.Marshal(wireDocument{base64.StdEncoding.EncodeToString(d.Image), "image"})
}

// UnmarshalJSON decodes a document.
func (d *Document) UnmarshalJSON(data []byte) error {
	var w wireDocument
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	var err error
	*d, err = w.document()
	return err
}

func (w wireDocument) document() (Document, error) {
	switch w.ContentType {
	case "text":
		return Document{Text: w.Content}, nil
	case "image":
		image, err := base64.StdEncoding.DecodeString(w.Content)
		if err != nil {
			return Document{}, errors.New("the content of a document of type image is not base64")
		}
		return Document{Image: image}, nil
	}
	return Document{}, errors.New("the content_type of a document is neither text nor image")
}

// ReadDocument returns the document that encoding/json has decoded into v. It does not encode it again,
// which would copy large images. What Dify sends can be empty.
func ReadDocument(v any) (Document, error) {
	values, ok := v.(map[string]any)
	if !ok {
		return Document{}, errors.New("a document must be an object")
	}
	content, isText := values["content"].(string)
	typ, _ := values["content_type"].(string)
	if !isText {
		return Document{}, errors.New("the content of a document must be a text")
	}
	return wireDocument{content, typ}.document()
}

// ReadDocuments is ReadDocument for a list. Null is no list.
func ReadDocuments(v any) ([]Document, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errors.New("there is no list of documents")
	}
	documents := make([]Document, len(list))
	for i, item := range list {
		var err error
		if documents[i], err = ReadDocument(item); err != nil {
			return nil, fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return documents, nil
}
