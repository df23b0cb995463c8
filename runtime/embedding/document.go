package embedding

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/difygen/difygen/internal/documents"
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
	*d, err = documents.New[Document](w.ContentType, w.Content)
	return err
}
