package host_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

// replaced returns a text with some parts replaced.
func replaced(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}

// TestModelResults checks that results of models that Dify would reject are recorded as faults.
func TestModelResults(t *testing.T) {
	t.Parallel()
	const (
		usage   = `{"prompt_tokens":1,"completion_tokens":0,"total_tokens":1,"currency":"","latency":0.5,"prompt_unit_price":"1e-6","prompt_price":0.5,"total_price":null}`
		chunk   = `{"model":"m","delta":{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"","type":"function","function":{"name":"f","arguments":""}}]},"usage":` + usage + `,"finish_reason":"stop"}}`
		parts   = `{"model":"m","system_fingerprint":"f","delta":{"index":1,"message":{"role":"assistant","content":[{"type":"image","base64_data":"AA==","detail":"low"}],"opaque_body":[1]},"usage":null,"finish_reason":null}}`
		vectors = `{"model":"m","embeddings":[[1,0.5]],"usage":{"tokens":1,"total_tokens":1,"currency":"USD","latency":0}}`
		docs    = `{"model":"m","docs":[{"index":0,"text":"","score":0.5}]}`
		entity  = `{"model_schema":{"model":"m","label":{"en_US":"M"},"model_type":"llm","features":["vision"],"fetch_from":"predefined-model","model_properties":{"mode":"chat"},"deprecated":false,` +
			`"parameter_rules":[{"name":"a","use_template":null,"label":{"en_US":"A"},"type":"int","help":null,"required":false,"default":1,"min":0,"max":null,"precision":0,"options":[]}],` +
			`"pricing":{"input":"1","output":null,"unit":"0.1","currency":"USD"}}}`
		running = `{"status":"running","plugin_state":{"a":1},"next_check_after_seconds":1,"max_attempts":null}`
	)
	for name, test := range map[string]struct {
		action  string
		results []string
		want    string // "" for no fault
	}{
		"chunks":              {"invoke_llm", []string{chunk, parts}, ""},
		"no chunk":            {"invoke_llm", nil, "invoke_llm has no result"},
		"no model":            {"invoke_llm", []string{replaced(chunk, `"m"`, `""`)}, "a result of invoke_llm: model is empty"},
		"null content":        {"invoke_llm", []string{replaced(chunk, `"content":""`, `"content":null`)}, "a result of invoke_llm: delta.message.content is missing, or null"},
		"object as content":   {"invoke_llm", []string{replaced(chunk, `"content":""`, `"content":{}`)}, "delta.message.content is neither a text nor a list of parts"},
		"part":                {"invoke_llm", []string{replaced(parts, `"image"`, `"smell"`)}, "delta.message.content[0].type is not one of text, image, audio, video, document"},
		"data":                {"invoke_llm", []string{replaced(parts, `"image"`, `"text","data":5`)}, "delta.message.content[0].data is not a text"},
		"url":                 {"invoke_llm", []string{replaced(parts, `"base64_data":"AA=="`, `"url":5`)}, "delta.message.content[0].url is not a text"},
		"data of an image":    {"invoke_llm", []string{replaced(parts, `AA==`, `A`)}, "delta.message.content[0].base64_data is not a text in base64"},
		"detail":              {"invoke_llm", []string{replaced(parts, `"low"`, `"medium"`)}, "delta.message.content[0].detail is not one of low, high"},
		"no detail":           {"invoke_llm", []string{replaced(parts, `,"detail":"low"`, ``)}, "delta.message.content[0].detail is missing, or null"},
		"empty detail":        {"invoke_llm", []string{replaced(parts, `"low"`, `""`)}, "delta.message.content[0].detail is not one of low, high"},
		"a text, no detail":   {"invoke_llm", []string{replaced(parts, `"image","base64_data":"AA==","detail":"low"`, `"text","data":"a"`)}, ""},
		"developer":           {"invoke_llm", []string{replaced(chunk, `"assistant"`, `"developer"`)}, "delta.message.role is not one of system, user, assistant, tool"},
		"no index":            {"invoke_llm", []string{replaced(chunk, `"index":0,`, ``)}, "delta.index is missing, or null"},
		"fraction of tokens":  {"invoke_llm", []string{replaced(chunk, `"prompt_tokens":1`, `"prompt_tokens":1.5`)}, "delta.usage.prompt_tokens is not an integer"},
		"no latency":          {"invoke_llm", []string{replaced(chunk, `"latency":0.5`, `"latency":null`)}, "delta.usage.latency is missing, or null"},
		"price":               {"invoke_llm", []string{replaced(chunk, `"1e-6"`, `"cheap"`)}, "delta.usage.prompt_unit_price is not a decimal number"},
		"id of a tool call":   {"invoke_llm", []string{replaced(chunk, `"id":""`, `"id":null`)}, "delta.message.tool_calls[0].id is missing, or null"},
		"arguments":           {"invoke_llm", []string{replaced(chunk, `"arguments":""`, `"arguments":{}`)}, "delta.message.tool_calls[0].function.arguments is not a text"},
		"a null tool call":    {"invoke_llm", []string{replaced(parts, `"opaque_body":[1]`, `"tool_calls":[null]`)}, "delta.message.tool_calls[0] is null"},
		"a result of an LLM":  {"invoke_llm", []string{`{"model":"m","message":{"role":"assistant","content":""},"usage":` + usage + `}`}, "delta is missing, or null"},
		"tokens":              {"get_llm_num_tokens", []string{`{"num_tokens":5}`}, ""},
		"list of tokens":      {"get_llm_num_tokens", []string{`{"num_tokens":[5]}`}, "num_tokens is not an integer"},
		"running":             {"start_polling", []string{running}, ""},
		"running again":       {"check_polling", []string{running, running}, "a second result of check_polling, of which Dify takes one"},
		"succeeded":           {"check_polling", []string{`{"status":"succeeded","result":{"model":"m","message":{"role":"assistant","content":""},"usage":` + usage + `}}`}, ""},
		"an empty result":     {"check_polling", []string{`{"status":"succeeded","result":{}}`}, "result.model is missing, or null"},
		"no usage of a poll":  {"check_polling", []string{`{"status":"succeeded","result":{"model":"m","message":{"role":"assistant","content":""}}}`}, "result.usage is missing, or null"},
		"no result of a call": {"check_polling", []string{`{"status":"succeeded"}`}, "result is missing, or null"},
		"failed":              {"check_polling", []string{`{"status":"failed","error":"e"}`}, ""},
		"why":                 {"check_polling", []string{`{"status":"failed"}`}, "error is missing, or null"},
		"empty state":         {"start_polling", []string{replaced(running, `{"a":1}`, `{}`)}, "plugin_state is not an object that has fields"},
		"next check":          {"start_polling", []string{replaced(running, `seconds":1`, `seconds":0`)}, "next_check_after_seconds is less than 1"},
		"attempts":            {"start_polling", []string{replaced(running, `attempts":null`, `attempts":1.5`)}, "max_attempts is not an integer"},
		"status":              {"start_polling", []string{`{"status":"waiting"}`}, "status is not one of running, succeeded, failed"},

		"vectors":          {"invoke_text_embedding", []string{vectors}, ""},
		"no vectors":       {"invoke_multimodal_embedding", []string{replaced(vectors, `[[1,0.5]]`, `[]`)}, ""},
		"null vectors":     {"invoke_text_embedding", []string{replaced(vectors, `[[1,0.5]]`, `null`)}, "embeddings is missing, or null"},
		"null in a vector": {"invoke_text_embedding", []string{replaced(vectors, `[[1,0.5]]`, `[[null]]`)}, "embeddings[0][0] is null"},
		"no usage":         {"invoke_multimodal_embedding", []string{`{"model":"m","embeddings":[]}`}, "usage is missing, or null"},
		"token list":       {"get_text_embedding_num_tokens", []string{`{"num_tokens":[5,0]}`}, ""},
		"one number":       {"get_text_embedding_num_tokens", []string{`{"num_tokens":5}`}, "num_tokens is not a list"},
		"docs":             {"invoke_rerank", []string{docs}, ""},
		"null docs":        {"invoke_multimodal_rerank", []string{`{"model":"m","docs":null}`}, "docs is missing, or null"},
		"no score":         {"invoke_rerank", []string{replaced(docs, `,"score":0.5`, ``)}, "docs[0].score is missing, or null"},
		"audio":            {"invoke_tts", []string{`{"result":"00ff"}`, `{"result":"","mime_type":"audio/mpeg"}`}, ""},
		"silence":          {"invoke_tts", nil, ""},
		"base64":           {"invoke_tts", []string{`{"result":"AAA="}`}, "result is not a text in hexadecimal"},
		"voices":           {"get_tts_model_voices", []string{`{"voices":[{"name":"A","value":"a"}]}`}, ""},
		"null voices":      {"get_tts_model_voices", []string{`{"voices":null}`}, "voices is missing, or null"},
		"voice":            {"get_tts_model_voices", []string{`{"voices":[{"name":"A","value":""}]}`}, "voices[0].value is empty"},
		"text":             {"invoke_speech2text", []string{`{"result":""}`}, ""},
		"null text":        {"invoke_speech2text", []string{`{"result":null}`}, "result is missing, or null"},
		"flagged":          {"invoke_moderation", []string{`{"result":false}`}, ""},
		"flagged in text":  {"invoke_moderation", []string{`{"result":"no"}`}, "result is not a boolean"},
		"no moderation":    {"invoke_moderation", nil, "invoke_moderation has no result"},

		"schema":        {"get_ai_model_schemas", []string{entity}, ""},
		"no schema":     {"get_ai_model_schemas", []string{`{"model_schema":null}`}, ""},
		"label":         {"get_ai_model_schemas", []string{replaced(entity, `"label":{"en_US":"M"}`, `"label":{"zh_Hans":"M"}`)}, "model_schema.label.en_US is missing, or null"},
		"model type":    {"get_ai_model_schemas", []string{replaced(entity, `"llm"`, `"text2img"`)}, "model_schema.model_type is not one of llm"},
		"feature":       {"get_ai_model_schemas", []string{replaced(entity, `"vision"`, `"smell"`)}, "model_schema.features[0] is not one of tool-call"},
		"property":      {"get_ai_model_schemas", []string{replaced(entity, `"mode"`, `"moda"`)}, "model_schema.model_properties.moda is none of Dify's properties"},
		"properties":    {"get_ai_model_schemas", []string{replaced(entity, `{"mode":"chat"}`, `[]`)}, "model_schema.model_properties is not an object"},
		"rule":          {"get_ai_model_schemas", []string{replaced(entity, `"int"`, `"number"`)}, "model_schema.parameter_rules[0].type is not one of float, int"},
		"no type":       {"get_ai_model_schemas", []string{replaced(entity, `"int"`, `null`)}, "model_schema.parameter_rules[0].type is missing, or null, and there is no use_template"},
		"of a template": {"get_ai_model_schemas", []string{replaced(entity, `"int"`, `null`, `"use_template":null`, `"use_template":"top_k"`)}, ""},
		"template":      {"get_ai_model_schemas", []string{replaced(entity, `"use_template":null`, `"use_template":"heat"`)}, "model_schema.parameter_rules[0].use_template is not one of temperature, top_p"},
		"default":       {"get_ai_model_schemas", []string{replaced(entity, `"default":1`, `"default":{}`)}, "model_schema.parameter_rules[0].default is not a text, a number or a boolean"},
		"help":          {"get_ai_model_schemas", []string{replaced(entity, `"help":null`, `"help":{"en_US":5}`)}, "model_schema.parameter_rules[0].help.en_US is not a text"},
		"mode":          {"get_ai_model_schemas", []string{replaced(entity, `"chat"`, `"wat"`)}, "model_schema.model_properties.mode is not one of chat, completion"},
		"limit":         {"get_ai_model_schemas", []string{replaced(entity, `"min":0`, `"min":"0"`)}, "model_schema.parameter_rules[0].min is not a number"},
		"currency":      {"get_ai_model_schemas", []string{replaced(entity, `"USD"`, `null`)}, "model_schema.pricing.currency is missing, or null"},
		"no object":     {"get_ai_model_schemas", []string{replaced(entity, entity, `{"model_schema":"m"}`)}, "model_schema is not an object"},
		"price, wrong":  {"get_ai_model_schemas", []string{replaced(entity, `"input":"1"`, `"input":true`)}, "model_schema.pricing.input is not a decimal number"},
	} {
		faults := strings.Join(respond(t, test.action, test.results...), "\n")
		if (test.want == "") != (faults == "") || !strings.Contains(faults, test.want) {
			t.Errorf("%s: faults %q, want %q", name, faults, test.want)
		}
	}
}

func TestModelRequest(t *testing.T) {
	t.Parallel()
	type part struct {
		Type string `json:"type"`
		Data string `json:"data"`
	}
	for _, test := range []struct {
		action string
		fields map[string]any
		want   string
	}{
		{"get_tts_model_voices", nil, `{"credentials":null,"language":"","model":"","model_type":"","provider":""}`},
		{"invoke_moderation", map[string]any{"provider": "p"}, `{"credentials":null,"model":"","model_type":"","provider":"p","text":""}`},
		{"invoke_rerank", map[string]any{"top_n": 2, "extra": true}, `{"credentials":null,"docs":null,"extra":true,"model":"","model_type":"","provider":"","query":"","score_threshold":0,"top_n":2}`},
		{
			"get_llm_num_tokens", map[string]any{"prompt_messages": []any{
				map[string]any{"role": "user", "content": []part{{"text", "hi"}}}, map[string]any{"role": "tool", "content": "c", "tool_call_id": "t"}, 5,
			}},
			`{"credentials":null,"model":"","model_type":"","prompt_messages":[` +
				`{"content":[{"base64_data":"","data":"hi","detail":"","encode_format":"","filename":"","format":"","mime_type":"","type":"text","url":""}],"name":"","role":"user","tool_call_id":"","tool_calls":null},` +
				`{"content":"c","name":"","role":"tool","tool_call_id":"t","tool_calls":null},5],"provider":"","tools":null}`,
		},
	} {
		req, err := host.ModelRequest(test.action, test.fields)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(req.Fields)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(got)); diff != "" || req.Type != "model" || req.Action != test.action {
			t.Errorf("%s: %+v (-want +got):\n%s", test.action, req, diff)
		}
	}
	for action, fields := range map[string]map[string]any{"invoke_smell": nil, "invoke_llm": {"a": func() {}}} {
		if req, err := host.ModelRequest(action, fields); err == nil {
			t.Errorf("%s: %+v", action, req)
		}
	}
}
