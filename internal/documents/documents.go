// Package documents decodes the documents of multimodal requests.
package documents

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// Like is the types that are like embedding.Document, which embedding shares with rerank.
type Like interface {
	~struct {
		Text  string
		Image []byte
	}
}

// New returns a document with content of a type, "text" or "image".
func New[D Like](contentType, content string) (d D, err error) {
	switch contentType {
	case "text":
		return D{Text: content}, nil
	case "image":
		image, err := base64.StdEncoding.DecodeString(content)
		if err != nil {
			return d, errors.New("the content of a document of type image is not base64")
		}
		return D{Image: image}, nil
	}
	return d, errors.New("the content_type of a document is neither text nor image")
}

// Read returns the document that encoding/json has decoded into v. It does not encode it again, which
// would copy large images. What Dify sends can be empty.
func Read[D Like](v any) (d D, err error) {
	values, ok := v.(map[string]any)
	if !ok {
		return d, errors.New("a document must be an object")
	}
	content, isText := values["content"].(string)
	contentType, _ := values["content_type"].(string)
	if !isText {
		return d, errors.New("the content of a document must be a text")
	}
	return New[D](contentType, content)
}

// ReadList is Read for a list. Null is not a list.
func ReadList[D Like](v any) ([]D, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errors.New("the list of documents is missing")
	}
	documents := make([]D, len(list))
	for i, item := range list {
		var err error
		if documents[i], err = Read[D](item); err != nil {
			return nil, fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return documents, nil
}
