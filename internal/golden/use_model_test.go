package golden_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/testdata/golden/addedmodels"
	"github.com/difygen/difygen/testdata/golden/fixedmodels"
	"github.com/difygen/difygen/testdata/golden/studio"
)

// ofProvider returns what a user enters for the provider studio, with more values.
func ofProvider(more map[string]any) map[string]any {
	return with(map[string]any{
		"api_key": "k", "org": "o", "region": "eu", "mode": "fast", "proxy": "p", "trace": true, "level": "1", "signature": "s", "team": "t",
		"app": map[string]any{"app_id": "a"},
	}, more)
}

// ofModel returns what a user enters for a model of studio, with more values.
func ofModel(more map[string]any) map[string]any {
	return with(map[string]any{"api_key": "k", "region": "us", "mode": "fast", "proxy": "none", "trace": "on", "level": "1", "signature": "s"}, more)
}

func with(values, more map[string]any) map[string]any {
	maps.Copy(values, more)
	return values
}

// TestDecodeCallCredentials decodes what calls of models get: the values of one form or the other.
func TestDecodeCallCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		modelType runtime.ModelType
		values    map[string]any
		want      studio.Credentials
		err       string
	}{
		"of the provider": {
			runtime.ModelTypeLLM, ofProvider(nil),
			studio.Credentials{
				APIKey: runtime.NewSecret("k"), Org: "o", Region: studio.CredentialsRegionEu, Mode: studio.ModeFast, Proxy: "p",
				Trace: true, Level: "1", Signature: runtime.NewSecret("s"), Team: "t", Cache: true,
				App: &runtime.AppSelector{AppID: "a"},
			}, "",
		},
		"of a model": {
			runtime.ModelTypeLLM, ofModel(map[string]any{"region": "asia", "context_size": "8", "token": "x"}),
			studio.Credentials{
				APIKey: runtime.NewSecret("k"), Region: studio.CredentialsRegionAsia, Mode: studio.ModeFast, Token: "x", Proxy: "none",
				Trace: "on", Level: "1", Signature: runtime.NewSecret("s"), Cache: true, ContextSize: "8",
			}, "",
		},
		"what is for other models, or nowhere, is not kept": {
			runtime.ModelTypeRerank, ofModel(map[string]any{"context_size": "8", "token": "x", "never": "n", "base_model_name": "b"}),
			studio.Credentials{
				APIKey: runtime.NewSecret("k"), Region: studio.CredentialsRegionUs, Mode: studio.ModeFast, Proxy: "none",
				Trace: "on", Level: "1", Signature: runtime.NewSecret("s"), Cache: true,
			}, "",
		},
		"what both forms require": {
			runtime.ModelTypeLLM, nil, studio.Credentials{},
			"Studio: API key (api_key) is required; Mode (mode) is required; Proxy (proxy) is required; Signature (signature) is required",
		},
		"what both require where both show it": {runtime.ModelTypeLLM, ofModel(map[string]any{"mode": "deep"}), studio.Credentials{}, "Studio: Token (token) is required"},
		"limits are the looser ones":           {runtime.ModelTypeLLM, ofProvider(map[string]any{"org": strings.Repeat("o", 31)}), studio.Credentials{}, "Studio: Organization (org) must have at most 30 characters"},
		"an option for other models":           {runtime.ModelTypeTTS, ofModel(map[string]any{"region": "asia"}), studio.Credentials{}, "Studio: Region (region) is an option that is not available here"},
		"a value that is an option of no form": {runtime.ModelTypeTTS, ofModel(map[string]any{"region": "mars"}), studio.Credentials{}, "Studio: Region (region) must be one of eu, us, asia"},
		"a value that is false is not the default": {
			runtime.ModelTypeTTS, ofModel(map[string]any{"cache": false}),
			studio.Credentials{
				APIKey: runtime.NewSecret("k"), Region: studio.CredentialsRegionUs, Mode: studio.ModeFast, Proxy: "none",
				Trace: "on", Level: "1", Signature: runtime.NewSecret("s"),
			}, "",
		},
	} {
		got, err := studio.DecodeCredentials(test.modelType, test.values)
		if diff := cmp.Diff(test.want, got); errorText(err) != test.err || diff != "" {
			t.Errorf("%s: error %q, want %q; credentials (-want +got):\n%s", name, errorText(err), test.err, diff)
		}
	}
}

// TestCheckedCredentials makes what calls get of what a user has just entered.
func TestCheckedCredentials(t *testing.T) {
	t.Parallel()
	provider, err := studio.DecodeProviderCredentials(ofProvider(map[string]any{"credentials": "c"}))
	if err != nil {
		t.Fatal(err)
	}
	model, err := studio.DecodeModelCredentials(runtime.ModelTypeLLM, ofModel(map[string]any{"token": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	off, err := studio.DecodeProviderCredentials(ofProvider(map[string]any{"trace": false}))
	if err != nil {
		t.Fatal(err)
	}
	sent := off.Values()
	delete(sent, "trace") // Dify does not send false
	for name, test := range map[string]struct {
		values map[string]any
		got    studio.Credentials
	}{
		"provider": {provider.Values(), provider.Credentials()}, "a switch that is off": {sent, off.Credentials()},
		"model": {model.Values(), model.Credentials()},
	} {
		want, err := studio.DecodeCredentials(runtime.ModelTypeLLM, test.values)
		if diff := cmp.Diff(want, test.got); diff != "" || err != nil {
			t.Errorf("%s: %v (-decoded +converted):\n%s", name, err, diff)
		}
	}
}

// TestModelParameters reads parameters, and sends them on.
func TestModelParameters(t *testing.T) {
	t.Parallel()
	values := map[string]any{
		"temperature": 0.5, "max_tokens": 5.0, "penalty": 1.0, "response_format": "json_object", "thinking": "low", "top_k": 7.0, "top-k": 8.0, "TopK": 9.0,
		"extra": false, "values": "v", "%": 0.1, "region": "of a model that users added", "seed": "text", "other": []any{1.0},
	}
	got := studio.ReadParameters(values)
	want := studio.LLMParameters{
		Temperature: runtime.Some(0.5), MaxTokens: runtime.Some(5.0), Penalty: runtime.Some(1.0), ResponseFormat: runtime.Some(studio.ResponseFormatJSONObject),
		Thinking: runtime.Some[any]("low"), TopK: runtime.Some[int64](7), TopK2: runtime.Some[int64](8), TopKeys: runtime.Some[int64](9),
		Extra2: runtime.Some(false), Values2: runtime.Some("v"), Field11: runtime.Some(0.1),
		Region: runtime.Some[studio.LLMParametersRegion]("of a model that users added"),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(studio.LLMParameters{}, "Extra")); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"seed": "text", "other": []any{1.0}}, got.Extra.Values()); diff != "" {
		t.Errorf("without a field (-want +got):\n%s", diff)
	}
	values["top_k"], values["top-k"], values["TopK"] = int64(7), int64(8), int64(9)
	if diff := cmp.Diff(values, got.Values()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got := studio.ReadParameters(map[string]any{"penalty": 0.5, "thinking": true, "response_format": "json_schema"}); got.Penalty != runtime.Some(0.5) ||
		got.Thinking != runtime.Some[any](true) || got.ResponseFormat != runtime.Some(studio.ResponseFormatJSONSchema) {
		t.Errorf("parameters of a model that declares other types: %+v", got)
	}
	if got := (studio.LLMParameters{}).Values(); len(got) != 0 {
		t.Errorf("values of none: %v", got)
	}
	added := addedmodels.LLMParameters{Extra: llm.NewExtra(map[string]any{"a": 1.0})}
	if diff := cmp.Diff(map[string]any{"a": 1.0}, added.Values()); diff != "" {
		t.Errorf("values of a model that users added (-want +got):\n%s", diff)
	}
}

// ask sends a request to a provider of models.
func ask(t *testing.T, p runtime.ModelProvider, action string, data map[string]any) (any, error) {
	t.Helper()
	for _, route := range p.Routes() {
		serves := route.Action == action
		for _, key := range route.Keys {
			serves = serves && (key.Field == "provider" || data[key.Field] == key.Value)
		}
		if serves {
			return route.Serve(t.Context(), &runtime.Request{Data: data, Stream: func(any) error { return nil }})
		}
	}
	t.Fatalf("no route for %s", action)
	return nil, nil
}

// TestModelRoutes asks generated providers of models what Dify asks.
func TestModelRoutes(t *testing.T) {
	t.Parallel()
	models := studio.NewProvider(&studio.Provider{})
	added := addedmodels.NewProvider(&addedmodels.Provider{})
	fixed := fixedmodels.NewAcmeProvider(&fixedmodels.AcmeProvider{})
	prompt := []any{map[string]any{"role": "user", "content": "hi"}}
	for name, test := range map[string]struct {
		provider                 runtime.ModelProvider
		action, modelType, model string
		credentials, more        map[string]any
		want, err                string
	}{
		"a schema": {
			models, "get_ai_model_schemas", "rerank", studio.ModelRank, ofModel(nil), nil,
			`{"model_schema":{"deprecated":false,"fetch_from":"predefined-model","label":{"en_US":"Rank"},"model":"rank","model_properties":{"context_size":512},"model_type":"rerank","parameter_rules":[]}}`, "",
		},
		"a schema of a model that shares its name": {
			models, "get_ai_model_schemas", "text-embedding", studio.ModelSmall, ofModel(nil), nil,
			`{"model_schema":{"deprecated":false,"features":["vision"],"fetch_from":"predefined-model","label":{"en_US":"Small"},"model":"small","model_properties":{"context_size":512,"max_chunks":8},"model_type":"text-embedding","parameter_rules":[]}}`, "",
		},
		"no schema": {fixed, "get_ai_model_schemas", "llm", "another", map[string]any{"api_key": "k"}, nil, `{"model_schema":null}`, ""},
		"a call": {
			fixed, "invoke_llm", "llm", fixedmodels.AcmeModelOne, map[string]any{"api_key": "k"},
			map[string]any{"prompt_messages": prompt}, "", runtime.ErrNotImplemented.Error(),
		},
		"a wrong parameter": {
			fixed, "invoke_llm", "llm", fixedmodels.AcmeModelOne, map[string]any{"api_key": "k"},
			map[string]any{"prompt_messages": prompt, "model_parameters": map[string]any{"format": "XML"}}, "", "format) must be one of text, JSON, json",
		},
		"any text for another model": {
			fixed, "invoke_llm", "llm", fixedmodels.AcmeModelM1, map[string]any{"api_key": "k"},
			map[string]any{"prompt_messages": prompt, "model_parameters": map[string]any{"format": "XML"}}, "", runtime.ErrNotImplemented.Error(),
		},
		"wrong credentials": {
			fixed, "invoke_llm", "llm", fixedmodels.AcmeModelOne, map[string]any{"zone": "near"}, map[string]any{"prompt_messages": prompt}, "", "Acme: API key (api_key) is required",
		},
		"polling": {
			models, "start_polling", "llm", studio.ModelSmall, ofModel(nil), map[string]any{"prompt_messages": prompt}, "", runtime.ErrNotImplemented.Error(),
		},
		"images for a rerank model": {
			fixed, "invoke_multimodal_rerank", "rerank", fixedmodels.AcmeModelLens, map[string]any{"api_key": "k"},
			map[string]any{"query": map[string]any{"content": "q", "content_type": "text"}, "docs": []any{map[string]any{"content": "d", "content_type": "text"}}}, "", runtime.ErrNotImplemented.Error(),
		},
		"voices": {
			models, "get_tts_model_voices", "tts", studio.ModelVoice, ofModel(nil), map[string]any{"language": "zh-Hans"},
			`{"voices":[{"name":"Bo","value":"bo"}]}`, "",
		},
		"a model that users added": {
			added, "invoke_speech2text", "speech2text", "ears", map[string]any{"endpoint": "e"}, map[string]any{"file": "00"}, "", runtime.ErrNotImplemented.Error(),
		},
	} {
		data := with(map[string]any{"provider": test.provider.Name(), "model_type": test.modelType, "model": test.model, "credentials": test.credentials}, test.more)
		result, err := ask(t, test.provider, test.action, data)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: got the error %v, want %s", name, err, test.err)
			}
			continue
		}
		got, encodeErr := json.Marshal(result)
		if err != nil || encodeErr != nil || string(got) != test.want {
			t.Errorf("%s: %v, %v: got\n%s\nwant\n%s", name, err, encodeErr, got, test.want)
		}
	}
}
