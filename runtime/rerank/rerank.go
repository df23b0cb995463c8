// Package rerank has what rerank models give: documents with scores. Calls back into Dify (package
// runtime/invoke) give them. What rerank models take is texts, or documents of package
// runtime/embedding.
package rerank

import (
	"encoding/json"
	"errors"
)

// Document is a document that a model has rated.
type Document struct {
	Index int // in the request, from 0
	Text  string
	Score float64 // a higher one is nearer to the query
}

type wireDocument struct {
	Index *int     `json:"index"`
	Text  string   `json:"text"`
	Score *float64 `json:"score"`
}

// MarshalJSON encodes the document as Dify takes it.
func (d Document) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireDocument{&d.Index, d.Text, &d.Score})
}

// UnmarshalJSON decodes a document. Without index or score it is an error.
func (d *Document) UnmarshalJSON(data []byte) error {
	var w wireDocument
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Index == nil || w.Score == nil {
		return errors.New("a document lacks its index or its score")
	}
	*d = Document{*w.Index, w.Text, *w.Score}
	return nil
}

// Result has the documents, the best first.
type Result struct {
	Model string
	Docs  []Document
}

type wireResult struct {
	Model string     `json:"model"`
	Docs  []Document `json:"docs"`
}

// MarshalJSON encodes the result as Dify takes it. The list is never null.
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireResult{r.Model, append([]Document{}, r.Docs...)})
}

// UnmarshalJSON decodes a result. It is an error if there is no list of documents.
func (r *Result) UnmarshalJSON(data []byte) error {
	var w wireResult
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Docs == nil {
		return errors.New("docs are missing")
	}
	*r = Result(w)
	return nil
}
