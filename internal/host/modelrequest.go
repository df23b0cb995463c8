package host

import (
	"encoding/json"
	"fmt"
	"maps"
)

// modelFields are the fields of requests to models beside those that all have, with what Dify sends if
// its caller leaves them out.
var modelFields = map[string]map[string]any{
	"validate_model_credentials":    {},
	"get_ai_model_schemas":          {},
	"invoke_llm":                    prompt(),
	"get_llm_num_tokens":            {"prompt_messages": nil, "tools": nil},
	"start_polling":                 prompt(),
	"check_polling":                 {"plugin_state": nil},
	"invoke_text_embedding":         {"texts": nil, "input_type": ""},
	"invoke_multimodal_embedding":   {"documents": nil, "input_type": ""},
	"get_text_embedding_num_tokens": {"texts": nil},
	"invoke_rerank":                 {"query": "", "docs": nil, "score_threshold": 0, "top_n": 0},
	"invoke_multimodal_rerank":      {"query": map[string]any{"content": "", "content_type": ""}, "docs": nil, "score_threshold": 0, "top_n": 0},
	"invoke_tts":                    {"content_text": "", "voice": "", "tenant_id": ""},
	"get_tts_model_voices":          {"language": ""},
	"invoke_speech2text":            {"file": ""},
	"invoke_moderation":             {"text": ""},
}

func prompt() map[string]any {
	return map[string]any{
		"model_parameters": nil, "prompt_messages": nil, "tools": nil, "stop": nil, "stream": false, "json_schema": nil,
	}
}

// The fields of messages and their parts.
var (
	messageFields = map[string]any{"role": "", "content": nil, "name": "", "tool_calls": nil, "tool_call_id": ""}
	partFields    = map[string]any{
		"type": "", "data": "", "base64_data": "", "url": "", "format": "", "encode_format": "", "mime_type": "", "filename": "", "detail": "",
	}
)

// ModelRequest returns a request to a model as Dify sends it: with all fields of its action, and all of
// each message. The fields are encoded as JSON.
func ModelRequest(action string, fields map[string]any) (Request, error) {
	defaults, ok := modelFields[action]
	if !ok {
		return Request{}, fmt.Errorf("the host knows no action %s of models", action)
	}
	if fields == nil {
		fields = map[string]any{}
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return Request{}, fmt.Errorf("encoding the fields of a request: %w", err)
	}
	all := map[string]any{"provider": "", "model_type": "", "model": "", "credentials": nil}
	maps.Copy(all, defaults)
	if err := json.Unmarshal(data, &all); err != nil {
		return Request{}, fmt.Errorf("decoding the fields of a request: %w", err)
	}
	if messages, ok := all["prompt_messages"].([]any); ok {
		fill(messages, messageFields)
		for _, m := range messages {
			if m, ok := m.(map[string]any); ok {
				parts, _ := m["content"].([]any)
				fill(parts, partFields)
			}
		}
	}
	return Request{Type: "model", Action: action, Fields: all}, nil
}

// fill adds to objects what they leave out.
func fill(objects []any, defaults map[string]any) {
	for _, o := range objects {
		o, ok := o.(map[string]any)
		for name, v := range defaults {
			if _, given := o[name]; ok && !given {
				o[name] = v
			}
		}
	}
}
