// Package rerank holds the requests and results of rerank models: documents, and their scores. Methods
// of providers of such models get and return them, and calls back into Dify (package runtime/invoke)
// return the same results. Documents are texts, or those of package runtime/embedding.
package rerank

import (
	"encoding/json"
	"errors"
)

// Match is a document that a model has rated.
type Match struct {
	Index int // in the request, from 0
	Text  string
	Score float64 // a higher one is nearer to the query
}

type wireMatch struct {
	Index *int     `json:"index"`
	Text  string   `json:"text"`
	Score *float64 `json:"score"`
}

// MarshalJSON encodes the match as Dify takes it.
func (m Match) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireMatch{&m.Index, m.Text, &m.Score})
}

// UnmarshalJSON decodes a match. Without index or score it is an error.
func (m *Match) UnmarshalJSON(data []byte) error {
	var w wireMatch
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Index == nil || w.Score == nil {
		return errors.New("a match lacks its index or its score")
	}
	*m = Match{*w.Index, w.Text, *w.Score}
	return nil
}

// Result has the rated documents, the best first.
type Result struct {
	Model   string
	Matches []Match
}

type wireResult struct {
	Model   string  `json:"model"`
	Matches []Match `json:"docs"`
}

// MarshalJSON encodes the result as Dify takes it. The list is never null.
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireResult{r.Model, append([]Match{}, r.Matches...)})
}

// UnmarshalJSON decodes a result. It is an error if there is no list of documents.
func (r *Result) UnmarshalJSON(data []byte) error {
	var w wireResult
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Matches == nil {
		return errors.New("docs are missing")
	}
	*r = Result(w)
	return nil
}
