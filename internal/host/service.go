package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// service is what Dify requires of calls of a type.
type service struct {
	word      string // in the refusal
	permitted func(*Permission) bool
	name      string // of the host's struct
	fields    []rule
	failure   string // what the text of an error begins with
}

// rule is what Dify requires of a field. Fields of another type do not decode; the host drops
// those that it does not know.
type rule struct {
	key, path string // path is what validation errors name
	decode    func(json.RawMessage) (empty bool, err error)
	required  bool
	tag       string   // of a check beside required
	oneOf     []string // what that check allows; nil for no check
	items     []rule   // of the objects in a list
}

// The types of fields. They report whether a value is what "required" refuses: the zero value.
func textField(data json.RawMessage) (bool, error) {
	var s string
	err := json.Unmarshal(data, &s)
	return s == "", err
}

func boolField(data json.RawMessage) (bool, error) {
	var b bool
	err := json.Unmarshal(data, &b)
	return !b, err
}

func numberField(data json.RawMessage) (bool, error) {
	var n float64
	err := json.Unmarshal(data, &n)
	return n == 0, err
}

func intField(data json.RawMessage) (bool, error) {
	var n float64
	err := json.Unmarshal(data, &n)
	if err == nil && n != math.Trunc(n) {
		err = errors.New("json: cannot unmarshal number into Go value of type int")
	}
	return n == 0, err
}

func objectField(data json.RawMessage) (bool, error) {
	var m map[string]json.RawMessage
	err := json.Unmarshal(data, &m)
	return m == nil, err
}

func listOf[T any](data json.RawMessage) (bool, error) {
	var list []T
	err := json.Unmarshal(data, &list)
	return list == nil, err
}

// messagesField is a list of messages, which have a content that is text or a list of parts. A host
// whose field opaque_body is a json.RawMessage stores nothing but null and lists into it.
func messagesField(data json.RawMessage) (bool, error) {
	var list []struct {
		Content json.RawMessage
		Opaque  any `json:"opaque_body"`
	}
	err := json.Unmarshal(data, &list)
	for _, m := range list {
		if _, isList := m.Opaque.([]any); m.Opaque != nil && !isList {
			return false, errors.New("opaque_body: source data must be an array or slice")
		}
		if c := string(m.Content); !strings.HasPrefix(c, `"`) && !strings.HasPrefix(c, "[") {
			return false, errors.New("the content of a message is neither text nor a list")
		}
	}
	return list == nil, err
}

func requiredText(key, path string) rule {
	return rule{key: key, path: path, decode: textField, required: true}
}

func optionalText(key string) rule { return rule{key: key, decode: textField} }

// model are the fields of all calls of models.
func model(more ...rule) []rule {
	return append([]rule{requiredText("provider", "BaseRequestInvokeModel.Provider"), requiredText("model", "BaseRequestInvokeModel.Model")}, more...)
}

func llm(more ...rule) []rule {
	return append(model(
		requiredText("mode", "InvokeLLMSchema.Mode"), rule{key: "completion_params", decode: objectField}, rule{key: "prompt_messages", decode: messagesField},
		rule{key: "tools", decode: listOf[map[string]any]}, rule{key: "stop", decode: listOf[string]}, rule{key: "stream", decode: boolField},
		rule{key: "tool_choice", path: "InvokeLLMSchema.ToolChoice", decode: objectField, items: []rule{
			{key: "mode", path: "Mode", decode: textField, required: true, tag: "oneof", oneOf: []string{"auto", "none", "required", "tool"}}, optionalText("name"),
		}},
	), more...)
}

// node are the fields of calls of nodes.
func node(items rule) []rule {
	return []rule{
		items,
		{key: "model", path: "Model", decode: objectField, required: true, items: []rule{
			requiredText("provider", "Provider"), requiredText("name", "Name"), requiredText("mode", "Mode"), {key: "completion_params", decode: objectField},
		}},
		optionalText("instruction"), requiredText("query", "Query"),
	}
}

// services has what Dify knows, by type.
var services = map[string]service{
	"llm": {"llm", permitsLLM, "InvokeLLMRequest", llm(), "read llm model failed: request failed: "},
	"llm_structured_output": {"llm", permitsLLM, "InvokeLLMWithStructuredOutputRequest", llm(
		rule{key: "structured_output_schema", path: "StructuredOutputSchema", decode: objectField, required: true},
	), "read llm with structured output model failed: request failed: "},
	"text_embedding": {"text-embedding", permitsEmbedding, "InvokeTextEmbeddingRequest", model(
		rule{key: "texts", path: "InvokeTextEmbeddingSchema.Texts", decode: listOf[string], required: true}, optionalText("input_type"),
	), "invoke text-embedding model failed: request failed: "},
	"multimodal_embedding": {"text-embedding", permitsEmbedding, "InvokeMultimodalEmbeddingRequest", model(
		rule{key: "documents", path: "InvokeMultimodalEmbeddingSchema.Documents", decode: listOf[map[string]any], required: true},
		rule{
			key: "input_type", path: "InvokeMultimodalEmbeddingSchema.InputType", decode: textField, required: true,
			tag: "oneof", oneOf: []string{"document", "query"},
		},
	), "invoke multimodal-embedding model failed: request failed: "},
	"rerank": {"rerank", permitsRerank, "InvokeRerankRequest", model(
		requiredText("query", "InvokeRerankSchema.Query"), rule{key: "docs", path: "InvokeRerankSchema.Docs", decode: listOf[string], required: true},
		rule{key: "score_threshold", decode: numberField}, rule{key: "top_n", decode: intField},
	), "invoke rerank model failed: request failed: "},
	"multimodal_rerank": {"rerank", permitsRerank, "InvokeMultimodalRerankRequest", model(
		rule{key: "query", path: "InvokeMultimodalRerankSchema.Query", decode: objectField, required: true},
		rule{key: "docs", path: "InvokeMultimodalRerankSchema.Docs", decode: listOf[map[string]any], required: true},
		rule{key: "score_threshold", decode: numberField}, rule{key: "top_n", decode: intField},
	), "invoke multimodal-rerank model failed: request failed: "},
	"tts": {"tts", func(p *Permission) bool { return p.Model.Enabled && p.Model.TTS }, "InvokeTTSRequest", model(
		requiredText("content_text", "InvokeTTSSchema.ContentText"), requiredText("voice", "InvokeTTSSchema.Voice"),
	), "read tts model failed: request failed: "},
	"speech2text": {"speech2text", func(p *Permission) bool { return p.Model.Enabled && p.Model.Speech2Text }, "InvokeSpeech2TextRequest", model(
		requiredText("file", "InvokeSpeech2TextSchema.File"),
	), "invoke speech2text model failed: request failed: "},
	"moderation": {"moderation", func(p *Permission) bool { return p.Model.Enabled && p.Model.Moderation }, "InvokeModerationRequest", model(
		requiredText("text", "InvokeModerationSchema.Text"),
	), "invoke moderation model failed: request failed: "},
	"system_summary": {"llm", permitsLLM, "InvokeSummaryRequest", []rule{
		requiredText("text", "InvokeSummarySchema.Text"), optionalText("instruction"),
	}, "invoke summary failed: request failed: "},
	"tool": {"tool", func(p *Permission) bool { return p.Tool.Enabled }, "InvokeToolRequest", []rule{
		{key: "tool_type", path: "ToolType", decode: textField, required: true, tag: "tool_type", oneOf: []string{"builtin", "workflow", "api", "mcp"}},
		requiredText("provider", "InvokeToolSchema.Provider"), requiredText("tool", "InvokeToolSchema.Tool"), {key: "tool_parameters", decode: objectField},
		optionalText("credential_id"), optionalText("credential_type"),
	}, "read tool response failed: request failed: "},
	"app": {"app", permitsApp, "InvokeAppRequest", []rule{
		requiredText("app_id", "InvokeAppSchema.AppId"), {key: "inputs", decode: objectField}, optionalText("query"), optionalText("response_mode"),
		optionalText("conversation_id"),
	}, "read app failed: request failed: "},
	"fetch_app": {"app", permitsApp, "FetchAppRequest", []rule{requiredText("app_id", "AppId")}, "fetch app failed: request failed: "},
	"node_parameter_extractor": {"node", permitsNode, "InvokeParameterExtractorRequest", node(rule{
		key: "parameters", path: "Parameters", decode: listOf[map[string]any], required: true, items: []rule{
			requiredText("name", "Name"),
			{
				key: "type", path: "Type", decode: textField, required: true, tag: "oneof",
				oneOf: []string{"string", "number", "bool", "select", "array[string]", "array[number]", "array[object]"},
			},
			{key: "options", decode: listOf[string]}, optionalText("description"), {key: "required", decode: boolField},
		},
	}), "invoke parameter extractor failed: request failed: "},
	"node_question_classifier": {"node", permitsNode, "InvokeQuestionClassifierRequest", node(rule{
		key: "classes", path: "Classes", decode: listOf[map[string]any], required: true, items: []rule{requiredText("id", "ID"), requiredText("name", "Name")},
	}), "invoke question classifier failed: request failed: "},
	"storage": {"storage", func(p *Permission) bool { return p.Storage.Enabled }, "InvokeStorageRequest", []rule{
		{key: "opt", path: "Opt", decode: textField, required: true, tag: "storage_opt", oneOf: []string{"get", "set", "del", "exist"}},
		requiredText("key", "Key"), optionalText("value"),
	}, ""},
	"upload_file": {"", func(*Permission) bool { return true }, "UploadFileRequest", []rule{
		requiredText("filename", "Filename"), requiredText("mimetype", "MimeType"),
	}, "upload file failed: request failed: "},
}

func permitsLLM(p *Permission) bool       { return p.Model.Enabled && p.Model.LLM }
func permitsEmbedding(p *Permission) bool { return p.Model.Enabled && p.Model.TextEmbedding }
func permitsRerank(p *Permission) bool    { return p.Model.Enabled && p.Model.Rerank }
func permitsApp(p *Permission) bool       { return p.App.Enabled }
func permitsNode(p *Permission) bool      { return p.Node.Enabled }

// check returns what Dify says of a request that does not fit.
func (s service) check(request json.RawMessage) error {
	problems, err := checkObject(request, s.fields, s.name)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return errors.New("error validating struct: " + strings.Join(problems, "\n"))
	}
	return nil
}

// checkObject returns the problems of an object's fields, or an error if it does not decode.
func checkObject(data json.RawMessage, fields []rule, path string) (problems []string, err error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	for _, f := range fields {
		more, err := f.check(object[f.key], path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
		problems = append(problems, more...)
	}
	return problems, nil
}

func (r rule) check(data json.RawMessage, path string) (problems []string, err error) {
	empty := true
	if data != nil && string(data) != "null" {
		if empty, err = r.decode(data); err != nil {
			return nil, err
		}
	}
	path += "." + r.path
	switch {
	case empty && r.required:
		return []string{violation(path, "required")}, nil
	case empty:
		return nil, nil
	}
	if r.oneOf != nil {
		var value string
		if _ = json.Unmarshal(data, &value); !slices.Contains(r.oneOf, value) { // has been decoded
			return []string{violation(path, r.tag)}, nil
		}
	}
	return r.checkItems(data, path)
}

// checkItems checks the fields of an object, or of the objects in a list.
func (r rule) checkItems(data json.RawMessage, path string) (problems []string, err error) {
	if r.items == nil {
		return nil, nil
	}
	if isObject(data) {
		return checkObject(data, r.items, path)
	}
	var list []json.RawMessage
	_ = json.Unmarshal(data, &list) // has been decoded
	for i, item := range list {
		more, err := checkObject(item, r.items, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		problems = append(problems, more...)
	}
	return problems, nil
}

func violation(path, tag string) string {
	return fmt.Sprintf("Key: '%s' Error:Field validation for '%s' failed on the '%s' tag", path, path[strings.LastIndexByte(path, '.')+1:], tag)
}
