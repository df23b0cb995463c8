package invoke

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

// TextEmbedding calls text embedding models that the workspace has. It needs the permissions
// model.enabled and model.text_embedding.
type TextEmbedding struct{ service service }

// TextEmbedding returns the service.
func (s Session) TextEmbedding() TextEmbedding { return TextEmbedding{s.service()} }

// EmbeddingRequest asks for vectors of texts. Model and Texts are required. How many texts a model
// takes at once differs: Dify does not split a request.
type EmbeddingRequest struct {
	Model     runtime.ModelSelector
	InputType embedding.InputType // empty is embedding.InputDocument
	Texts     []string
}

// DocumentEmbeddingRequest asks for vectors of texts and images, of a model that takes both. Model and
// Documents are required.
type DocumentEmbeddingRequest struct {
	Model     runtime.ModelSelector
	InputType embedding.InputType // empty is embedding.InputDocument
	Documents []embedding.Document
}

type wireEmbedding struct {
	wireModel
	Texts     []string             `json:"texts,omitempty"`
	Documents []embedding.Document `json:"documents,omitempty"`
	InputType embedding.InputType  `json:"input_type"`
}

func (r *EmbeddingRequest) wire() (wireEmbedding, error) {
	if len(r.Texts) == 0 {
		return wireEmbedding{}, errors.New("a call of an embedding model has no Texts")
	}
	return newWireEmbedding(r.Model, r.InputType, wireEmbedding{Texts: r.Texts})
}

func (r *DocumentEmbeddingRequest) wire() (wireEmbedding, error) {
	if len(r.Documents) == 0 {
		return wireEmbedding{}, errors.New("a call of an embedding model has no Documents")
	}
	if err := validDocuments(r.Documents); err != nil {
		return wireEmbedding{}, err
	}
	return newWireEmbedding(r.Model, r.InputType, wireEmbedding{Documents: r.Documents})
}

// newWireEmbedding returns w with a model and a type of inputs.
func newWireEmbedding(model runtime.ModelSelector, typ embedding.InputType, w wireEmbedding) (wireEmbedding, error) {
	var err error
	if w.wireModel, err = modelOf(model); err != nil {
		return w, err
	}
	w.InputType = cmp.Or(typ, embedding.InputDocument)
	if w.InputType != embedding.InputDocument && w.InputType != embedding.InputQuery {
		return w, errors.New("the InputType of a call of an embedding model is neither document nor query")
	}
	return w, nil
}

func validDocuments(docs []embedding.Document) error {
	for i, d := range docs {
		if err := d.Validate(); err != nil {
			return fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return nil
}

// fitDocuments returns an error if a request with these documents is too large to send.
func (s service) fitDocuments(docs ...embedding.Document) error {
	size := 0
	for _, d := range docs {
		size += len(d.Text) + base64.StdEncoding.EncodedLen(len(d.Image))
	}
	return s.fits(size)
}

// Embed returns a vector for each text.
func (t TextEmbedding) Embed(ctx context.Context, req *EmbeddingRequest) (*embedding.Result, error) {
	return t.embed(ctx, typeTextEmbedding, given(req).wire)
}

// EmbedDocuments returns a vector for each document.
func (t TextEmbedding) EmbedDocuments(ctx context.Context, req *DocumentEmbeddingRequest) (*embedding.Result, error) {
	req = given(req)
	if err := t.service.fitDocuments(req.Documents...); err != nil {
		return nil, err
	}
	return t.embed(ctx, typeDocumentEmbedding, req.wire)
}

func (t TextEmbedding) embed(ctx context.Context, typ string, wire func() (wireEmbedding, error)) (*embedding.Result, error) {
	w, err := wire()
	if err != nil {
		return nil, err
	}
	result := new(embedding.Result)
	if err := t.service.one(ctx, typ, w, result); err != nil {
		return nil, err
	}
	if want, got := len(w.Texts)+len(w.Documents), len(result.Embeddings); got != want {
		return nil, fmt.Errorf("the embedding model has given %d vectors for %d inputs", got, want)
	}
	for i, vector := range result.Embeddings {
		if len(vector) == 0 {
			return nil, fmt.Errorf("the embedding model has given an empty vector for input %d", i+1)
		}
	}
	return result, nil
}
