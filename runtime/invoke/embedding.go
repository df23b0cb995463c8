package invoke

import (
	"cmp"
	"context"
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

// EmbeddingRequest asks for vectors of texts. How many texts a model takes at once differs: Dify
// does not split a request.
type EmbeddingRequest struct {
	Model     runtime.ModelSelector
	InputType embedding.InputType // empty is embedding.InputDocument
	Texts     []string
}

// DocumentEmbeddingRequest asks for vectors of texts and images, of a model that takes both.
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

// Embed returns a vector for each text.
func (t TextEmbedding) Embed(ctx context.Context, req *EmbeddingRequest) (*embedding.Result, error) {
	req = given(req)
	if len(req.Texts) == 0 {
		return nil, errors.New("a call of an embedding model has no Texts")
	}
	return t.embed(ctx, "text_embedding", req.Model, &wireEmbedding{Texts: req.Texts, InputType: req.InputType})
}

// EmbedDocuments returns a vector for each document.
func (t TextEmbedding) EmbedDocuments(ctx context.Context, req *DocumentEmbeddingRequest) (*embedding.Result, error) {
	req = given(req)
	if len(req.Documents) == 0 {
		return nil, errors.New("a call of an embedding model has no Documents")
	}
	if err := validDocuments(req.Documents); err != nil {
		return nil, err
	}
	return t.embed(ctx, "multimodal_embedding", req.Model, &wireEmbedding{Documents: req.Documents, InputType: req.InputType})
}

func validDocuments(docs []embedding.Document) error {
	for i, d := range docs {
		if err := d.Validate(); err != nil {
			return fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return nil
}

func (t TextEmbedding) embed(ctx context.Context, typ string, model runtime.ModelSelector, w *wireEmbedding) (*embedding.Result, error) {
	var err error
	if w.wireModel, err = modelOf(model); err != nil {
		return nil, err
	}
	w.InputType = cmp.Or(w.InputType, embedding.InputDocument)
	if w.InputType != embedding.InputDocument && w.InputType != embedding.InputQuery {
		return nil, errors.New("the InputType of a call of an embedding model is neither document nor query")
	}
	result := new(embedding.Result)
	if err := t.service.one(ctx, typ, w, result); err != nil {
		return nil, err
	}
	if want, got := len(w.Texts)+len(w.Documents), len(result.Embeddings); got != want {
		return nil, fmt.Errorf("the embedding model has given %d vectors for %d inputs", got, want)
	}
	return result, nil
}
