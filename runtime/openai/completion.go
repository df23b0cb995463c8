package openai

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// completion is a call of a language model.
type completion struct {
	messages   []llm.Message
	tools      []llm.Tool
	stop       []string
	stream     bool
	schema     *llm.JSONSchema
	parameters map[string]any
}

// complete asks for a completion and sends it to out. If the service refuses the request for
// something that it could do without, it is asked again.
func (c *client) complete(ctx context.Context, call *completion, out *llm.Output) error {
	var d demands
	resp, err := c.postCompletion(ctx, call, d)
	for d.learn(err, call, &c.config) {
		resp, err = c.postCompletion(ctx, call, d)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return newReply(call, resp, out).read(ctx)
}

func (c *client) postCompletion(ctx context.Context, call *completion, d demands) (*http.Response, error) {
	path, body, err := c.completionBody(call)
	if err != nil {
		return nil, err
	}
	stream := call.stream || d.stream
	body["stream"] = stream
	if stream && !c.config.NoStreamUsage && !d.noStreamUsage {
		body["stream_options"] = map[string]any{"include_usage": true}
	}
	if d.newLimit {
		body["max_completion_tokens"] = body["max_tokens"]
		delete(body, "max_tokens")
	}
	return c.post(ctx, path, body)
}

var errNoSchema = &runtime.Error{Type: runtime.ErrorInvokeBadRequest, Err: errors.New("the response format is json_schema, but the JSON schema is missing")}

// completionBody returns the endpoint, and what it is sent. What is empty is left out: some services
// refuse null, and empty lists.
func (c *client) completionBody(call *completion) (path string, body map[string]any, err error) {
	body = maps.Clone(call.parameters)
	maps.DeleteFunc(body, func(_ string, v any) bool { return isEmpty(v) })
	if body == nil {
		body = map[string]any{}
	}
	if err := setFormat(body, call.schema); err != nil {
		return "", nil, err
	}
	body["model"] = c.model
	if len(call.stop) > 0 {
		body["stop"] = call.stop
	}
	if _, ok := body["user"]; !ok && c.call.UserID != "" {
		body["user"] = c.call.UserID
	}
	if c.call.Schema.PropertyText(runtime.PropertyMode) == "completion" {
		body["prompt"] = promptText(call.messages)
		return pathCompletions, body, nil
	}
	body["messages"] = chatMessages(call.messages, c.config.Functions)
	switch {
	case len(call.tools) == 0:
	case c.config.Functions:
		body["functions"] = chatFunctions(call.tools)
	default:
		body["tools"] = chatTools(call.tools)
		if _, ok := body["tool_choice"]; !ok {
			body["tool_choice"] = "auto" // not all services have the API's default
		}
	}
	return pathChat, body, nil
}

// setFormat replaces the parameters that say what is to be written, as Dify has them, by those of
// the API.
func setFormat(body map[string]any, schema *llm.JSONSchema) error {
	delete(body, "json_schema")
	format, ok := body["response_format"].(string)
	switch {
	case !ok && body["response_format"] != nil:
		return nil // the provider has made it
	case schema != nil && (format == "" || format == "json_schema"):
		wire := map[string]any{"name": schema.Name, "schema": schema.Schema}
		if schema.Name == "" { // the API wants one
			wire["name"] = "response"
		}
		if schema.Strict {
			wire["strict"] = true
		}
		body["response_format"] = map[string]any{"type": "json_schema", "json_schema": wire}
	case format == "json_schema":
		return errNoSchema
	case format == "JSON": // as Dify's older models call it
		body["response_format"] = map[string]any{"type": "json_object"}
	case format == "XML" || format == "":
		delete(body, "response_format")
	default:
		body["response_format"] = map[string]any{"type": format}
	}
	return nil
}

// isEmpty reports whether a parameter is null, "" or a list or an object of nothing.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool, float64, int64, int:
		return false
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return r.Len() == 0
	case reflect.Pointer:
		return r.IsNil()
	default:
		return false
	}
}
