package plugintest_test

import "encoding/hex"

// gateway calls each action of models.
func gateway(url string) example {
	creds := map[string]any{"base_url": url, "auth_method": "api_key", "api_key": key, "base_model_name": nil}
	fields := map[string]any{"provider": "gateway", "credentials": creds, "model_type": "llm", "model": "small"}
	of := func(modelType, model string, more map[string]any) map[string]any {
		return with(with(fields, map[string]any{"model_type": modelType, "model": model}), more)
	}
	prompt := map[string]any{"prompt_messages": []any{map[string]any{"role": "user", "content": "hello?"}}, "model_parameters": map[string]any{}}
	text, image := map[string]any{"content": "hello?", "content_type": "text"}, map[string]any{"content": "AAE=", "content_type": "image"}
	limits := map[string]any{"score_threshold": 0.5, "top_n": 3}
	return example{requests: []request{
		{"model", "validate_provider_credentials", fields, `"result":true`},
		{"model", "validate_model_credentials", fields, `"context_size":"4096"`},
		{"model", "validate_model_credentials", with(fields, map[string]any{"credentials": with(creds, map[string]any{"api_key": "another"})}), "CredentialsValidateFailedError: the service does not accept these credentials"},
		{"model", "validate_provider_credentials", with(fields, map[string]any{"credentials": nil}), "CredentialsValidateFailedError: LLM Gateway: Base URL (base_url) is required"},
		{"model", "get_ai_model_schemas", fields, `"context_size":8192`},
		{"model", "invoke_llm", with(with(fields, prompt), map[string]any{"stream": true}), `"content":"hello!"`},
		{"model", "invoke_llm", fields, "ValidationError: "},
		{"model", "get_llm_num_tokens", with(fields, prompt), `{"num_tokens":`},
		{"model", "start_polling", of("llm", "research", prompt), `{"status":"running","plugin_state":{"id":"resp_1"},"next_check_after_seconds":5}`},
		{"model", "check_polling", of("llm", "research", map[string]any{"plugin_state": map[string]any{"id": "resp_1"}}), `{"status":"succeeded","result":{"model":"research","message":{"role":"assistant","content":"hello!"`},
		{"model", "check_polling", of("llm", "research", map[string]any{"plugin_state": map[string]any{"id": "resp_2"}}), "InvokeBadRequestError: the service returned status 404 Not Found"},
		{"model", "start_polling", with(fields, prompt), "the model small does not have the feature polling"},
		{"model", "invoke_text_embedding", of("text-embedding", "embedding", map[string]any{"texts": []any{"hello?"}}), `"embeddings":[[0.5]]`},
		{"model", "get_text_embedding_num_tokens", of("text-embedding", "embedding", map[string]any{"texts": []any{"hello?"}}), `{"num_tokens":[`},
		{"model", "invoke_multimodal_embedding", of("text-embedding", "pictures", map[string]any{"documents": []any{image}, "input_type": "document"}), `"embeddings":[[0.5]]`},
		{"model", "invoke_multimodal_embedding", of("text-embedding", "pictures", map[string]any{"documents": []any{text, image}, "input_type": "document"}), "InvokeError: the model has returned 1 vectors for 2 inputs"},
		{"model", "invoke_rerank", of("rerank", "reranker", with(limits, map[string]any{"query": "hello?", "docs": []any{"a", "b"}})), `"docs":[{"index":1,"text":"b","score":0.75}]`},
		{"model", "invoke_multimodal_rerank", of("rerank", "viewer", with(limits, map[string]any{"query": text, "docs": []any{text, image}})), `"docs":[{"index":1,"text":"","score":0.75}]`},
		{"model", "invoke_tts", of("tts", "voice", map[string]any{"content_text": "hello!", "voice": "alloy", "tenant_id": "t"}), `"result":"` + hex.EncodeToString([]byte("ID3 hello!"))},
		{"model", "get_tts_model_voices", of("tts", "voice", map[string]any{"language": "de-DE"}), `{"voices":[{"name":"Alloy","value":"alloy"}]}`},
		{"model", "invoke_speech2text", of("speech2text", "whisper", map[string]any{"file": hex.EncodeToString([]byte("ID3"))}), `{"result":"hello!"}`},
		{"model", "invoke_moderation", of("moderation", "moderator", map[string]any{"text": "bad"}), `{"result":true}`},
	}}
}
