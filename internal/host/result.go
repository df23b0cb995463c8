package host

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// check checks the results of a call as Dify does.
type check interface {
	// result checks the next result.
	result(data json.RawMessage) error
	// end checks whether something is missing at the end of a response without an error.
	end() error
}

// newCheck returns the check of an action's results, or nil if there is none.
func newCheck(action string) check {
	if c := checks[action]; c != nil {
		return c()
	}
	for _, results := range shapes {
		if e, ok := results[action]; ok {
			return &shapeCheck{expected: e, action: action}
		}
	}
	return nil
}

// Actions returns all actions that Dify asks plugins for, sorted.
func Actions() []string {
	actions := slices.Collect(maps.Keys(checks))
	for _, results := range shapes {
		actions = slices.AppendSeq(actions, maps.Keys(results))
	}
	slices.Sort(actions)
	return actions
}

// shapes has the results of actions that are checked by their shape.
var shapes = []map[string]expected{modelResults, datasourceResults, triggerResults}

// checks has the checks of other actions. Dify decodes each result, and rejects one that does not
// fit; it drops fields that it does not know.
var checks = map[string]func() check{
	"validate_tool_credentials":       each(validated),
	"validate_datasource_credentials": each(validated),
	"validate_trigger_credentials":    each(validated),
	"validate_provider_credentials":   each(saved),
	"validate_model_credentials":      each(saved),
	"get_authorization_url":           each(authorization),
	"get_credentials":                 each(grant),
	"refresh_credentials":             each(grant),
	"fetch_parameter_options":         each(options),
	"get_tool_runtime_parameters":     each(parameters),
	"invoke_endpoint":                 func() check { return new(endpointCheck) },
	"invoke_tool":                     func() check { return newToolCheck() },
	ActionAgent:                       func() check { return newAgentCheck() },
	ActionCrawl:                       func() check { return new(crawlCheck) },
	ActionPageContent:                 func() check { return new(contentCheck) },
	ActionDownload:                    func() check { return new(downloadCheck) },
}

// each returns the check of results of type T, each for itself.
func each[T any](verify func(*T) error) func() check {
	return func() check {
		return eachCheck(func(data json.RawMessage) error {
			result := new(T)
			if err := json.Unmarshal(data, result); err != nil {
				return fmt.Errorf("a result that Dify cannot decode: %w", err)
			}
			return verify(result)
		})
	}
}

type eachCheck func(json.RawMessage) error

func (c eachCheck) result(data json.RawMessage) error { return c(data) }
func (c eachCheck) end() error                        { return nil }

// object is an object whose fields are not checked.
type object map[string]json.RawMessage

func lacks(what, field string) error { return fmt.Errorf("%s lacks %s, or it is null", what, field) }

type validatedResult struct {
	Result      *bool
	Credentials object
}

func validated(r *validatedResult) error {
	if r.Result == nil {
		return lacks("a check of credentials", "result")
	}
	return nil
}

func saved(r *validatedResult) error {
	if r.Credentials == nil {
		return lacks("a check of a model's credentials", "credentials")
	}
	return validated(r)
}

func authorization(r *struct {
	URL *string `json:"authorization_url"`
},
) error {
	if r.URL == nil {
		return lacks("an authorization", "authorization_url")
	}
	return nil
}

func grant(r *struct {
	Metadata    object
	Credentials object
	ExpiresAt   float64 `json:"expires_at"`
},
) error {
	if r.Credentials == nil {
		return lacks("an OAuth result", "credentials")
	}
	return whole("expires_at of an OAuth result", r.ExpiresAt)
}

func whole(what string, n float64) error {
	if n != math.Trunc(n) {
		return fmt.Errorf("%s is not an integer", what)
	}
	return nil
}

func options(r *struct{ Options []Option }) error {
	if r.Options == nil {
		return lacks("a result", "options")
	}
	for _, o := range r.Options {
		if o.Value == "" || o.Label["en_US"] == "" {
			return lacks("an option", "value or label.en_US")
		}
	}
	return nil
}

// Option is a choice that a plugin offers for a parameter.
type Option struct {
	Value string            `json:"value"`
	Label map[string]string `json:"label"` // by language, such as "en_US"
	Icon  string            `json:"icon"`
}

func parameters(r *struct{ Parameters []object }) error {
	if r.Parameters == nil {
		return lacks("a result", "parameters")
	}
	return nil
}

// endpointResult is a part of an endpoint's response: the first has the status.
type endpointResult struct {
	Status  *int              `json:"status"`
	Headers map[string]string `json:"headers"`
	Result  *string           `json:"result"` // the body in hexadecimal
}

// endpointCheck checks the response of an endpoint.
type endpointCheck struct{ started bool }

func (c *endpointCheck) result(data json.RawMessage) error {
	first := !c.started
	c.started = true
	var r endpointResult
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("a result that Dify cannot decode: %w", err)
	}
	switch {
	case first && r.Status == nil:
		return lacks("the first result of an endpoint", "status")
	case !first && r.Result == nil:
		return lacks("a later result of an endpoint", "result")
	case r.Result == nil:
		return nil
	}
	if _, err := hex.DecodeString(*r.Result); err != nil {
		return errors.New("a result of an endpoint is not in hexadecimal")
	}
	return nil
}

func (c *endpointCheck) end() error {
	if !c.started {
		return errors.New("an endpoint sends no response")
	}
	return nil
}
