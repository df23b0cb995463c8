package host

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// modelResults has what Dify takes from models.
var modelResults = map[string]expected{
	"invoke_llm":         {llmChunk, true},
	"get_llm_num_tokens": {objectOf(needs("num_tokens", anyInt)), false},
	"start_polling":      {polling, false},
	"check_polling":      {polling, false},

	"invoke_text_embedding":         {embeddings, false},
	"invoke_multimodal_embedding":   {embeddings, false},
	"get_text_embedding_num_tokens": {objectOf(needs("num_tokens", listWith(anyInt))), false},

	"invoke_rerank":            {ranking, false},
	"invoke_multimodal_rerank": {ranking, false},

	"invoke_tts": {objectOf(needs("result", hexText), may("mime_type", anyText)), true},
	"get_tts_model_voices": {objectOf(needs("voices", listWith(objectOf(
		needs("name", filledText), needs("value", filledText),
	)))), false},
	"invoke_speech2text": {objectOf(needs("result", anyText)), false},
	"invoke_moderation":  {objectOf(needs("result", anyBool)), false},

	"get_ai_model_schemas": {objectOf(may("model_schema", modelEntity)), false},
}

// The parts of results (PROTOCOL-CALLS, section 1).
var (
	llmUsage = objectOf(
		needs("prompt_tokens", anyInt), needs("completion_tokens", anyInt), needs("total_tokens", anyInt),
		needs("currency", anyText), needs("latency", anyNumber),
		may("prompt_unit_price", anyDecimal), may("prompt_price_unit", anyDecimal), may("prompt_price", anyDecimal),
		may("completion_unit_price", anyDecimal), may("completion_price_unit", anyDecimal), may("completion_price", anyDecimal),
		may("total_price", anyDecimal),
	)
	llmMessage = objectOf(
		needs("role", wordOf("system", "user", "assistant", "tool")), needs("content", messageContent), may("name", anyText),
		may("tool_calls", listWith(objectOf(
			needs("id", anyText), needs("type", anyText), needs("function", objectOf(needs("name", anyText), needs("arguments", anyText))),
		))),
		may("opaque_body", anything),
	)
	llmChunk = objectOf(
		needs("model", filledText), may("system_fingerprint", anyText),
		needs("delta", objectOf(
			needs("index", anyInt), needs("message", llmMessage), may("usage", llmUsage), may("finish_reason", anyText),
		)),
	)
	llmResult = objectOf(
		needs("model", filledText), needs("message", llmMessage), needs("usage", llmUsage), may("system_fingerprint", anyText), may("structured_output", anyObject),
	)
	embeddings = objectOf(
		needs("model", filledText), needs("embeddings", listWith(listWith(anyNumber))),
		needs("usage", objectOf(
			needs("tokens", anyInt), needs("total_tokens", anyInt), needs("currency", anyText), needs("latency", anyNumber),
			may("unit_price", anyDecimal), may("price_unit", anyDecimal), may("total_price", anyDecimal),
		)),
	)
	ranking = objectOf(
		needs("model", filledText), needs("docs", listWith(objectOf(
			needs("index", anyInt), needs("text", anyText), needs("score", anyNumber),
		))),
	)
)

func messageContent(data json.RawMessage) error {
	if data[0] == '"' {
		return nil
	}
	if data[0] != '[' {
		return errors.New("is neither a text nor a list of parts")
	}
	return listWith(messagePart)(data)
}

// mediaPart is a part of the content. The daemon decodes all of it as texts; what is in base64, the API
// stores as a file.
var mediaPart = objectOf(
	needs("type", wordOf("text", "image", "audio", "video", "document")), may("data", anyText), may("base64_data", base64Text), may("url", anyText),
	may("format", anyText), may("encode_format", anyText), may("mime_type", anyText), may("filename", anyText), may("detail", anyText),
)

func messagePart(data json.RawMessage) error {
	if err := mediaPart(data); err != nil {
		return err
	}
	var part struct{ Type string }
	if json.Unmarshal(data, &part) == nil && part.Type == "image" {
		// The daemon writes one that is missing as "", which the API does not take.
		return objectOf(needs("detail", wordOf("low", "high")))(data)
	}
	return nil
}

// polling is how a call goes on. The daemon passes on the result of one that has succeeded as it is, and
// Dify's API decodes it.
func polling(data json.RawMessage) error {
	var state struct{ Status string }
	if json.Unmarshal(data, &state) != nil {
		return errors.New("is not an object with a status")
	}
	switch state.Status {
	case "running":
		return objectOf(
			needs("plugin_state", notEmpty), may("next_check_after_seconds", positive), may("expires_after_seconds", positive), may("max_attempts", positive),
		)(data)
	case "succeeded":
		return objectOf(needs("result", llmResult))(data)
	case "failed":
		return objectOf(needs("error", anyText))(data)
	}
	return &pathError{"status", "is not one of running, succeeded, failed"}
}

func notEmpty(data json.RawMessage) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil || len(fields) == 0 {
		return errors.New("is not an object that has fields")
	}
	return nil
}

// modelEntity is what Dify is told about a model. It takes no other words than these.
var modelEntity = objectOf(
	needs("model", filledText), needs("label", objectOf(needs("en_US", filledText))),
	needs("model_type", wordOf("llm", "text-embedding", "rerank", "speech2text", "moderation", "tts")),
	may("features", listWith(wordOf(
		"tool-call", "multi-tool-call", "stream-tool-call", "agent-thought", "vision", "document", "video", "audio", "structured-output", "polling",
	))),
	needs("fetch_from", wordOf("predefined-model", "customizable-model")),
	needs("model_properties", modelProperties), may("deprecated", anyBool),
	may("parameter_rules", listWith(parameterRule)),
	may("pricing", objectOf(
		needs("input", anyDecimal), may("output", anyDecimal), needs("unit", anyDecimal), needs("currency", anyText),
	)),
)

var (
	ruleMembers = objectOf(
		needs("name", filledText), may("use_template", wordOf(
			"temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "max_tokens", "response_format", "json_schema",
		)),
		may("label", words), may("type", wordOf("float", "int", "string", "boolean", "text")), may("help", words), may("required", anyBool),
		may("default", basic), may("min", anyNumber), may("max", anyNumber), may("precision", anyInt), may("options", listWith(anyText)),
	)
	words = objectOf(needs("en_US", anyText), may("zh_Hans", anyText), may("ja_JP", anyText), may("pt_BR", anyText))
)

// parameterRule is the rule of a parameter. The daemon fills in what a template has, and refuses another
// template; the API needs a type.
func parameterRule(data json.RawMessage) error {
	if err := ruleMembers(data); err != nil {
		return err
	}
	var rule struct {
		Type     *string
		Template *string `json:"use_template"`
	}
	if json.Unmarshal(data, &rule) == nil && rule.Type == nil && rule.Template == nil {
		return &pathError{"type", "is missing, or null, and there is no use_template"}
	}
	return nil
}

func modelProperties(data json.RawMessage) error {
	known := []string{
		"mode", "context_size", "max_chunks", "file_upload_limit", "supported_file_extensions", "max_characters_per_chunk",
		"default_voice", "voices", "word_limit", "audio_type", "max_workers",
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return errors.New("is not an object")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			return &pathError{name, "is none of Dify's properties: " + strings.Join(known, ", ")}
		}
	}
	return objectOf(may("mode", wordOf("chat", "completion")))(data)
}
