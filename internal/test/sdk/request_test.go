package sdk_test

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// object is an object in JSON.
type object = map[string]any

// request is a request to both plugins.
type request struct {
	name   string
	action string
	typ    string // of the model, or of the request if it is not to a model
	model  string // or the data source, or the provider of a trigger
	fields object // others than those above, and than credentials that work
}

// kind returns the type of the request.
func (r request) kind() string {
	if slices.Contains([]string{typeDatasource, typeEndpoint, typeTrigger, typeOptions}, r.typ) {
		return r.typ
	}
	return "model"
}

// all returns all fields of the request.
func (r request) all() object {
	switch r.typ {
	case typeEndpoint:
		return r.fields
	case typeTrigger, typeOptions:
		return with(object{"provider": r.model, "credentials": object{"api_key": "key-1"}, "credential_type": "api-key", "subscription": stored(nil)}, r.fields)
	case typeDatasource:
		return with(object{"provider": r.model, "datasource": r.model, "credentials": object{"api_key": "key-1"}}, r.fields)
	}
	fields := object{"provider": "parrot", "model_type": r.typ, "model": r.model, "credentials": credentials}
	maps.Copy(fields, r.fields)
	return fields
}

var credentials = object{"api_key": "key-1", "region": "eu"}

// with returns an object and, in addition, more.
func with(o, more object) object {
	o = maps.Clone(o)
	maps.Copy(o, more)
	return o
}

// message returns a message to a model, with all of the keys that the daemon sends.
func message(role string, content any) object {
	calls := []any(nil)
	if role == "assistant" {
		calls = []any{}
	}
	return object{"role": role, "content": content, "name": "", "tool_calls": calls, "tool_call_id": ""}
}

// part returns a part of a message, with all of the keys that the daemon sends.
func part(typ string, more object) object {
	return with(object{
		"type": typ, "data": "", "base64_data": "", "url": "", "format": "", "encode_format": "", "mime_type": "", "filename": "", "detail": "",
	}, more)
}

// call returns the fields of a call of a language model with a prompt.
func call(prompt string, more object) object {
	return with(object{
		"prompt_messages":  []any{message("user", prompt)},
		"model_parameters": object{}, "tools": nil, "stop": nil, "stream": true, "json_schema": nil,
	}, more)
}

var (
	echo    = object{"name": "echo", "description": "Says it again.", "parameters": object{"type": "object", "properties": object{"text": object{"type": "string"}}}}
	reverse = object{"name": "reverse", "description": "", "parameters": object{"type": "object", "properties": object{}}}
	blocked = object{"stream": false}
)

// failures are what the service of the plugins can fail with.
var failures = []string{"unauthorized", "limited", "down", "unreachable", "wrong", "other"}

// requests are those that both plugins must answer alike.
func requests() []request {
	list := validations()
	list = append(list, prompts()...)
	list = append(list, parameters()...)
	list = append(list, conversations()...)
	list = append(list, polls()...)
	list = append(list, otherModels()...)
	list = append(list, failing()...)
	list = append(list, schemas()...)
	list = append(list, wrong()...)
	return append(list, random()...)
}

func validations() []request {
	provider := func(name string, creds any) request {
		return request{"provider: " + name, "validate_provider_credentials", "", "", object{"credentials": creds}}
	}
	model := func(name, typ string, creds any) request {
		return request{"model: " + name, "validate_model_credentials", typ, "mine", object{"credentials": creds}}
	}
	return []request{
		provider("all", credentials),
		provider("another region", object{"api_key": "key-1", "region": "us"}),
		provider("without what has a default", object{"api_key": "key-1"}),
		provider("with what no form declares", with(credentials, object{"base_model_name": "gpt-4"})),
		provider("a key that is wrong", object{"api_key": "wrong", "region": "eu"}),
		provider("no key", object{"region": "eu"}),
		provider("an empty key", object{"api_key": "", "region": "eu"}),
		provider("a service that is away", object{"api_key": "key-unreachable", "region": "eu"}),
		provider("null", nil),
		model("llm", "llm", with(credentials, object{"mode": "chat", "context_size": "8000", "function_calling_type": "tool_call"})),
		model("llm without a context size", "llm", credentials),
		model("embedding", "text-embedding", credentials),
		model("rerank", "rerank", credentials),
		model("tts", "tts", credentials),
		model("speech2text", "speech2text", credentials),
		model("moderation", "moderation", credentials),
		model("a key that is wrong", "rerank", object{"api_key": "wrong", "region": "eu"}),
		model("a type that is not supported", "text2img", credentials),
		model("a type that does not exist", "dance", credentials),
	}
}

func prompts() []request {
	var list []request
	for _, stream := range []bool{true, false} {
		mode := map[bool]string{true: "streamed: ", false: "at once: "}[stream]
		for _, prompt := range []string{
			"say hello you", "say  two  spaces ", "say \n\t\"quoted\" \\ </script> é 漢字 🦜 \u2028", "say " + string(rune(0x7f)), "", " ", "hello",
			"nothing", "picture bytes", "think about it for long", "repeat 300 0", "repeat 3 1", "call", "late down", "late other",
		} {
			list = append(list, request{mode + prompt, "invoke_llm", "llm", "words", call(prompt, object{"stream": stream})})
		}
		tools := object{"stream": stream, "tools": []any{echo, reverse}}
		for _, size := range []string{"1", "3", "5", "100"} {
			list = append(list, request{mode + "code block in pieces of " + size, "invoke_llm", "llm", "shaped", call("block "+size, object{
				"stream": stream, "model_parameters": object{"response_format": "JSON"},
			})})
		}
		list = append(list,
			request{mode + "tools", "invoke_llm", "llm", "words", call(`call a "b" é`, tools)},
			request{mode + "long", "invoke_llm", "llm", "words", call("say "+strings.Repeat("long ", 2000)+strings.Repeat("é", 100_000), object{"stream": stream})},
			request{mode + "tools that are not called", "invoke_llm", "llm", "words", call("say hello", tools)},
			request{mode + "without prices", "invoke_llm", "llm", "strict", call("say hello", object{"stream": stream, "model_parameters": object{"tone": "warm", "max_tokens": 10}})},
		)
	}
	return list
}

// parameters are calls that report which parameters the code of the plugin sees.
func parameters() []request {
	params := func(model, name string, p any) request {
		return request{model + ": " + name, "invoke_llm", "llm", model, call("report", object{"model_parameters": p, "stream": false})}
	}
	words := func(name string, p object) request { return params("words", name, p) }
	return []request{
		words("none", object{}),
		words("all", object{
			"temperature": 0.7, "top_p": 0.3, "top_k": 10, "length": 100, "response_format": "text", "seed": 7, "width": -0.125, "steps": 4,
			"style": "loud", "nickname": "Polly", "notes": "a\nb", "repeat": true, "markdown": false,
		}),
		words("null", object{"temperature": nil, "style": nil, "repeat": nil, "seed": nil}),
		words("by the name of the template", object{"max_tokens": 99}),
		words("by both names", object{"max_tokens": 99, "length": 100}),
		words("null, and by the name of the template", object{"max_tokens": 99, "length": nil}),
		words("by the name of the template, wrong", object{"max_tokens": 5000}),
		words("by the name of the template, null", object{"max_tokens": nil}),
		words("undeclared", object{"beak": "open", "frequency_penalty": 0.1}),
		words("a whole number for a float", object{"temperature": 1}),
		words("a float for a float of no places", object{"steps": 4.0}),
		words("places for a float of no places", object{"steps": 4.5}),
		words("a float for an int", object{"seed": 7.5}),
		words("a text for a number", object{"temperature": "0.5"}),
		words("a text for an int", object{"top_k": "5"}),
		words("a boolean for a number", object{"temperature": true}),
		words("a boolean for an int", object{"top_k": true}),
		words("a number for a boolean", object{"markdown": 1}),
		words("a text for a boolean", object{"markdown": "true"}),
		words("a number for a text", object{"nickname": 5}),
		words("a list for a text", object{"notes": []any{"a"}}),
		words("an object for a number", object{"temperature": object{}}),
		words("below the minimum", object{"temperature": -0.01}),
		words("the minimum", object{"temperature": 0}),
		words("the maximum", object{"temperature": 1.0}),
		words("above the maximum", object{"temperature": 1.01}),
		words("below a minimum of the rule", object{"top_p": 0}),
		words("above a maximum of the rule", object{"top_p": 1}),
		words("above a maximum of the template", object{"top_k": 101}),
		words("below the minimum of an int", object{"seed": -1}),
		words("a large int", object{"seed": 9007199254740991}),
		words("too many places", object{"temperature": 0.125}),
		words("too many places for the rule", object{"top_p": 0.25}),
		words("three places", object{"width": 0.001}),
		words("four places", object{"width": 0.0001}),
		words("many places", object{"width": 0.30000000000000004}),
		words("an option", object{"style": "loud"}),
		words("no option", object{"style": "shrill"}),
		words("an option of the template that the rule does not have", object{"response_format": "XML"}),
		words("an empty text", object{"nickname": ""}),
		words("an empty text where there are options", object{"style": ""}),
		params("words", "no object", nil),
		params("strict", "required, without a default", object{"max_tokens": 5}),
		params("strict", "required, with the default of the template", object{"tone": "cold"}),
		params("strict", "all", object{"tone": "cold", "max_tokens": 2048}),
		params("mine", "custom: none", object{}),
		params("mine", "custom: all", object{"temperature": 0.25, "beak": "open", "style": "loud"}),
		params("mine", "custom: above the maximum of the template", object{"temperature": 1.5}),
		params("mine", "custom: no option", object{"beak": "ajar"}),
		params("unknown-1", "unknown: all", object{"temperature": 0.25, "beak": "open"}),
	}
}

// conversations are calls that report which messages the code of the plugin sees.
func conversations() []request {
	toolCall := object{"id": "call-0", "type": "function", "function": object{"name": "echo", "arguments": `{"text":"a"}`}}
	image := part("image", object{"base64_data": "AAEC", "format": "png", "mime_type": "image/png", "filename": "a.png", "detail": "high"})
	remote := part("image", object{"url": "https://example.com/a.jpg", "format": "jpg", "mime_type": "image/jpeg", "detail": "low"})
	document := part("document", object{"base64_data": "AAEC", "format": "pdf", "mime_type": "application/pdf", "filename": "a.pdf"})
	audio := part("audio", object{"base64_data": "AAEC", "format": "mp3", "mime_type": "audio/mpeg"})
	video := part("video", object{"url": "https://example.com/a.mp4", "format": "mp4", "mime_type": "video/mp4"})
	last := message("user", "report")
	conversation := func(name string, messages ...any) request {
		return request{"conversation: " + name, "invoke_llm", "llm", "words", call("", object{"prompt_messages": messages, "stream": false})}
	}
	return []request{
		conversation("roles", message("system", "Be brief."), message("user", "hi"), message("assistant", "hello"), message("developer", "now"), last),
		conversation("parts", message("user", []any{part("text", object{"data": "look"}), image, remote, document, audio, video}), last),
		conversation("no parts", message("user", []any{}), last),
		conversation("one part", message("user", []any{part("text", object{"data": "report"})})),
		conversation("two texts", message("user", []any{part("text", object{"data": "rep"}), part("text", object{"data": "ort"})})),
		conversation("tools", message("user", "hi"), with(message("assistant", ""), object{"tool_calls": []any{toolCall}}),
			with(message("tool", "a"), object{"name": "echo", "tool_call_id": "call-0"}), last),
		conversation("a signed thought", with(message("assistant", "hm"), object{"opaque_body": object{"signature": "x", "n": 1.5}}), last),
		conversation("names", with(message("user", "hi"), object{"name": "Ann"}), last),
		conversation("calls that are null", with(message("assistant", "hello"), object{"tool_calls": nil}), last),
		conversation("empty texts", message("system", ""), message("assistant", ""), last),
		{"conversation: stop", "invoke_llm", "llm", "words", call("report", object{"stop": []any{"\n", "END"}})},
		{"conversation: tools to call", "invoke_llm", "llm", "words", call("report", object{"tools": []any{echo, reverse}})},
		{"conversation: no tools", "invoke_llm", "llm", "words", call("report", object{"tools": []any{}, "stop": []any{}})},
		{"conversation: a schema", "invoke_llm", "llm", "shaped", call("report", object{"model_parameters": object{
			"response_format": "json_schema", "json_schema": `{"name":"llm_response","schema":{"type":"object","properties":{"a":{"type":"string"}}}}`,
		}})},
		{"conversation: a schema that is none", "invoke_llm", "llm", "shaped", call("report", object{"model_parameters": object{"json_schema": "{"}})},
		{"conversation: a schema of the request", "invoke_llm", "llm", "words", call("report", object{"json_schema": object{"type": "object"}})},
		{"tokens", "get_llm_num_tokens", "llm", "words", object{"prompt_messages": []any{message("user", "one two three"), message("user", []any{part("text", object{"data": "four"}), image})}, "tools": []any{echo}}},
		{"tokens without tools", "get_llm_num_tokens", "llm", "words", object{"prompt_messages": []any{message("user", "one")}, "tools": nil}},
		{"tokens of an unknown model", "get_llm_num_tokens", "llm", "unknown-1", object{"prompt_messages": []any{message("user", "one")}, "tools": nil}},
	}
}

func polls() []request {
	check := func(name string, state any) request {
		return request{"polling: " + name, "check_polling", "llm", "patient", object{"plugin_state": state}}
	}
	return []request{
		{"polling: start", "start_polling", "llm", "patient", call("say hello you", blocked)},
		{"polling: start with parameters", "start_polling", "llm", "patient", call("say hello", with(blocked, object{"model_parameters": object{"temperature": 0.5}}))},
		{"polling: start with wrong parameters", "start_polling", "llm", "patient", call("say hello", with(blocked, object{"model_parameters": object{"temperature": 5}}))},
		{"polling: a model that cannot", "start_polling", "llm", "words", call("say hello", blocked)},
		{"polling: check a model that cannot", "check_polling", "llm", "words", object{"plugin_state": object{"prompt": "say a", "left": 0}}},
		check("still running", object{"prompt": "say hello you", "left": 1}),
		check("done", object{"prompt": "say hello you", "left": 0}),
		check("failed", object{"prompt": "refuse", "left": 0}),
		check("empty state", object{}),
		check("no state", nil),
	}
}

func otherModels() []request {
	document := func(typ, content string) object { return object{"content": content, "content_type": typ} }
	texts := []any{"one two three", "é", "", "four"}
	documents := []any{document("text", "one two"), document("image", "AAEC")}
	docs := []any{"red green", "blue", "red blue", "red"}
	ranking := func(name string, threshold, n any) request {
		return request{"rerank: " + name, "invoke_rerank", "rerank", "order", object{"query": "red blue", "docs": docs, "score_threshold": threshold, "top_n": n}}
	}
	voices := func(name string, language any) request {
		return request{"voices: " + name, "get_tts_model_voices", "tts", "voice", object{"language": language}}
	}
	return []request{
		{"embedding", "invoke_text_embedding", "text-embedding", "vector", object{"texts": texts, "input_type": "document"}},
		{"embedding of a query", "invoke_text_embedding", "text-embedding", "vector", object{"texts": []any{"one"}, "input_type": "query"}},
		{"embedding without prices", "invoke_text_embedding", "text-embedding", "free", object{"texts": texts, "input_type": "document"}},
		{"embedding of nothing", "invoke_text_embedding", "text-embedding", "vector", object{"texts": []any{}, "input_type": "document"}},
		{"embedding with an unknown model", "invoke_text_embedding", "text-embedding", "other", object{"texts": []any{"one"}, "input_type": "document"}},
		{"embedding of another type", "invoke_text_embedding", "text-embedding", "vector", object{"texts": []any{"one"}, "input_type": "song"}},
		{"embedding tokens", "get_text_embedding_num_tokens", "text-embedding", "vector", object{"texts": texts}},
		{"multimodal embedding", "invoke_multimodal_embedding", "text-embedding", "vector", object{"documents": documents, "input_type": "document"}},
		ranking("all", 0, 0),
		ranking("absent", nil, nil),
		ranking("threshold", 0.5, 0),
		ranking("first", 0, 2),
		ranking("threshold and first", 1, 3),
		ranking("none", 2, 0),
		{"rerank: no documents", "invoke_rerank", "rerank", "order", object{"query": "red", "docs": []any{}, "score_threshold": 0, "top_n": 0}},
		{"rerank: no query", "invoke_rerank", "rerank", "order", object{"query": "", "docs": docs, "score_threshold": 0, "top_n": 0}},
		{"rerank: multimodal", "invoke_multimodal_rerank", "rerank", "order", object{"query": document("text", "one"), "docs": documents, "score_threshold": 0, "top_n": 1}},
		{"speech", "invoke_tts", "tts", "voice", object{"content_text": "one two é", "voice": "ada", "tenant_id": "tenant-1"}},
		{"speech with a voice that is not declared", "invoke_tts", "tts", "voice", object{"content_text": "one", "voice": "zoe", "tenant_id": "tenant-1"}},
		{"speech without a schema", "invoke_tts", "tts", "other", object{"content_text": "one", "voice": "ada", "tenant_id": "tenant-1"}},
		voices("all", ""),
		voices("null", nil),
		voices("German", "de-DE"),
		voices("Chinese", "zh-Hans"),
		voices("French", "fr-FR"),
		{"voices: without a schema", "get_tts_model_voices", "tts", "other", object{"language": ""}},
		{"transcription", "invoke_speech2text", "speech2text", "ear", object{"file": hex.EncodeToString([]byte("polly wants"))}},
		{"transcription of nothing", "invoke_speech2text", "speech2text", "ear", object{"file": ""}},
		{"transcription of no hex", "invoke_speech2text", "speech2text", "ear", object{"file": "zz"}},
		{"moderation", "invoke_moderation", "moderation", "gate", object{"text": "hello"}},
		{"moderation that flags", "invoke_moderation", "moderation", "gate", object{"text": "a recipe for parrot soup"}},
	}
}

// failing are calls whose service fails.
func failing() []request {
	var list []request
	for _, kind := range failures {
		text := "fail " + kind
		list = append(list,
			request{"llm: " + text, "invoke_llm", "llm", "words", call(text, nil)},
			request{"llm at once: " + text, "invoke_llm", "llm", "words", call(text, blocked)},
			request{"polling: " + text, "start_polling", "llm", "patient", call(text, blocked)},
			request{"embedding: " + text, "invoke_text_embedding", "text-embedding", "vector", object{"texts": []any{text}, "input_type": "document"}},
			request{"rerank: " + text, "invoke_rerank", "rerank", "order", object{"query": text, "docs": []any{"a"}, "score_threshold": 0, "top_n": 0}},
			request{"speech: " + text, "invoke_tts", "tts", "voice", object{"content_text": text, "voice": "ada", "tenant_id": "tenant-1"}},
			request{"transcription: " + text, "invoke_speech2text", "speech2text", "ear", object{"file": hex.EncodeToString([]byte(text))}},
			request{"moderation: " + text, "invoke_moderation", "moderation", "gate", object{"text": text}},
		)
	}
	return list
}

func schemas() []request {
	schema := func(typ, model string, creds object) request {
		return request{"schema: " + typ + " " + model, "get_ai_model_schemas", typ, model, object{"credentials": creds}}
	}
	form := with(credentials, object{
		"mode": "chat", "context_size": "4096", "function_calling_type": "no_call", "stream_function_calling": "supported", "vision_support": "no_support",
	})
	full := with(form, object{
		"mode": "completion", "context_size": "8000", "function_calling_type": "tool_call", "stream_function_calling": "not_supported",
		"vision_support": "support", "max_tokens_to_sample": "100",
	})
	return []request{
		schema("llm", "words", credentials), schema("llm", "strict", credentials), schema("llm", "patient", credentials),
		schema("text-embedding", "vector", credentials), schema("text-embedding", "free", credentials),
		schema("rerank", "order", credentials), schema("tts", "voice", credentials), schema("speech2text", "ear", credentials),
		schema("moderation", "gate", credentials),
		schema("llm", "mine", credentials), schema("llm", "mine with a form", full), schema("llm", "unknown-1", credentials),
		schema("llm", "form", form), schema("llm", "form, filled", full), schema("llm", "form with tools", with(form, object{"function_calling_type": "tool_call"})),
		schema("text-embedding", "form", credentials), schema("text-embedding", "form, filled", with(credentials, object{"context_size": "900"})),
		schema("tts", "form", credentials), schema("tts", "form, filled", with(credentials, object{"voices": "ada, bo"})),
		schema("rerank", "unknown", credentials), schema("llm", "vector", credentials), schema("text2img", "x", credentials),
	}
}

// wrong are requests that lack what they need.
func wrong() []request {
	return []request{
		{"wrong: another provider", "invoke_llm", "llm", "words", call("say hello", object{"provider": "budgie"})},
		{"wrong: no messages", "invoke_llm", "llm", "words", call("", object{"prompt_messages": nil})},
		{"wrong: a role that does not exist", "invoke_llm", "llm", "words", call("", object{"prompt_messages": []any{message("", nil)}})},
		{"wrong: a part that does not exist", "invoke_llm", "llm", "words", call("", object{"prompt_messages": []any{message("user", []any{part("smell", nil)})}})},
		{"wrong: no credentials", "invoke_llm", "llm", "words", call("say hello", object{"credentials": nil})},
		{"wrong: credentials without the key", "invoke_llm", "llm", "words", call("say hello", object{"credentials": object{}})},
		{"wrong: an llm that embeds", "invoke_text_embedding", "llm", "words", object{"texts": []any{"a"}, "input_type": "document"}},
		{"wrong: texts that are none", "invoke_text_embedding", "text-embedding", "vector", object{"texts": "a", "input_type": "document"}},
		{"wrong: no texts", "invoke_text_embedding", "text-embedding", "vector", object{"texts": nil, "input_type": "document"}},
		{"wrong: no documents", "invoke_rerank", "rerank", "order", object{"query": "a", "docs": nil, "score_threshold": 0, "top_n": 0}},
	}
}
