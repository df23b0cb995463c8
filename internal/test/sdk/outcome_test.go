package sdk_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// outcome is what Dify makes of a response.
type outcome struct {
	Results []any
	Error   string // its type
}

// read returns the outcome of a response: without nulls, and what the daemon drops or replaces.
func read(t *testing.T, r *host.Response) outcome {
	t.Helper()
	var o outcome
	if answer, ok := endpointAnswer(r); ok {
		return outcome{Results: []any{answer}}
	}
	if answer, ok := triggerAnswer(r); ok {
		return outcome{Results: []any{normal(answer)}}
	}
	for _, data := range r.Results {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		o.Results = append(o.Results, normal(v))
	}
	if r.Err != nil {
		o.Error = r.Err.Type
	}
	return o
}

// normal returns a value as Dify sees it.
func normal(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case map[string]any:
		for key, value := range v {
			if value, kept := field(key, normal(value)); kept {
				v[key] = value
			} else {
				delete(v, key)
			}
		}
	case string:
		return reported(v)
	}
	return v
}

// field returns the value of a field, and whether it is compared.
func field(key string, v any) (value any, kept bool) {
	list, isList := v.([]any)
	switch {
	case v == nil:
		return nil, false
	case key == "latency":
		return nil, false
	case key == "prompt_messages": // the daemon drops it
		return nil, false
	case (key == "tool_calls" || key == "features" || key == "options" || key == "parameter_rules") && isList && len(list) == 0: // like null
		return nil, false
	case v == "" && (key == "url" || key == "filename"): // of a part
		return nil, false
	case strings.HasSuffix(key, "price") || strings.HasSuffix(key, "price_unit"):
		return decimal(v)
	}
	return v, true
}

// decimal returns a decimal number in one form. None is 0.
func decimal(v any) (value any, kept bool) {
	text, isText := v.(string)
	n, ok := new(big.Rat).SetString(text)
	if !isText || !ok {
		return v, true
	}
	return n.RatString(), n.Sign() != 0
}

// reported returns the JSON in a text that reports what the code of the plugin has seen, without
// what is empty, and other texts as they are.
func reported(text string) any {
	var report map[string]any
	if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &report) != nil || report["messages"] == nil {
		return text
	}
	return filled(report)
}

// filled returns a value without what is empty.
func filled(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = filled(v[i])
		}
	case map[string]any:
		for key, value := range v {
			if value = filled(value); value == nil {
				delete(v, key)
			} else {
				v[key] = value
			}
		}
	}
	return v
}
