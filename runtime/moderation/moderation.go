// Package moderation holds the requests and results of moderation models. Methods of providers of such
// models get and return them, and calls back into Dify (package runtime/invoke) return the same results.
package moderation

import (
	"encoding/json"
	"errors"
)

// Result says whether a text is against the rules.
type Result struct {
	Flagged bool
}

type wireResult struct {
	Result *bool `json:"result"`
}

// MarshalJSON encodes the result as Dify takes it.
func (r Result) MarshalJSON() ([]byte, error) { return json.Marshal(wireResult{&r.Flagged}) }

// UnmarshalJSON decodes a result. No answer is an error: it does not say that a text is harmless.
func (r *Result) UnmarshalJSON(data []byte) error {
	var w wireResult
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Result == nil {
		return errors.New("the result is missing")
	}
	*r = Result{*w.Result}
	return nil
}
