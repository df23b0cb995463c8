// Package modeltest calls model providers as Dify does, but for the transport.
package modeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// Answer sends a request with these fields, a JSON object, to the model m, whose schema has the name and
// properties, features and prices of schema. It returns the results, joined by " + ", and the error with
// its type. Credentials are {"key":"k"} if the fields have none.
func Answer(tb testing.TB, actions []runtime.ModelAction, schema, action, fields string) string {
	tb.Helper()
	c := runtime.ModelConfig{Name: "p", Actions: actions}
	if schema != "" {
		c.Models = []string{schema}
	}
	data := map[string]any{"model": "m", "credentials": map[string]any{"key": "k"}}
	if err := json.Unmarshal([]byte(fields), &data); err != nil {
		tb.Fatal(err)
	}
	for _, r := range runtime.NewModel(c).Routes() {
		if r.Action != action {
			continue
		}
		if _, ok := data["model_type"]; !ok && len(r.Keys) > 1 {
			data["model_type"] = r.Keys[1].Value
		}
		return serve(tb, &r, data)
	}
	return "no route " + action
}

func serve(tb testing.TB, r *runtime.Route, data map[string]any) string {
	tb.Helper()
	var mu sync.Mutex
	var texts []string
	add := func(result any) error {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false) // as on the wire
		if err := e.Encode(result); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		texts = append(texts, strings.TrimSpace(b.String()))
		return nil
	}
	req := &runtime.Request{Call: runtime.Call{UserID: "u"}, Data: data, Stream: add}
	result, err := r.Serve(tb.Context(), req)
	if err == nil && result != nil {
		err = add(result)
	}
	if err != nil {
		text := err.Error()
		if e := (*runtime.Error)(nil); errors.As(err, &e) {
			text = string(e.Type) + ": " + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " + ")
}

// Key decodes the credentials {"key":…}, which are required.
func Key(_ runtime.ModelType, values map[string]any) (string, error) {
	d := runtime.NewDecoder("P", values)
	key := d.Text("key", "Key", runtime.FieldRequired)
	return key, d.Err()
}
