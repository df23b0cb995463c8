package golden_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/drive"
	"github.com/difygen/difygen/testdata/golden/forecast"
	"github.com/difygen/difygen/testdata/golden/webhook"
)

func TestDecodeModelForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		modelType runtime.ModelType
		json      string
		want      string // JSON of Values
		err       string
	}{
		{
			"a hidden field is neither required nor kept", runtime.ModelTypeTextEmbedding,
			`{"mode":"chat","streams":"false","token":"t","context_size":"1","detail":"d","unknown":1}`,
			`{"cache":false,"context_size":"1","detail":"d","vision":true}`, "",
		},
		{
			"conditions on a later field", runtime.ModelTypeLLM, `{"mode":"chat","streams":"false"}`,
			`{"cache":true,"context_size":"4096","mode":"chat","streams":"false","vision":true}`, "",
		},
		{"default of a shown field", runtime.ModelTypeLLM, `{"mode":"chat"}`, `{"cache":true,"context_size":"4096","mode":"chat","streams":"true","vision":true}`, ""},
		{"default fills an empty value", runtime.ModelTypeLLM, `{"mode":"chat","context_size":""}`, `{"cache":true,"context_size":"4096","mode":"chat","streams":"true","vision":true}`, ""},
		{"no default in another declaration", runtime.ModelTypeTextEmbedding, `{}`, `{"cache":false,"vision":true}`, ""},
		{"required if any shown declaration is", runtime.ModelTypeLLM, `{"mode":"completion"}`, "", "Forecast: Token (token) is required"},
		{"optional if only the other is shown", runtime.ModelTypeLLM, `{"mode":"chat","token":"t"}`, `{"cache":true,"context_size":"4096","mode":"chat","streams":"true","token":"t","vision":true}`, ""},
		{"option of this type of model", runtime.ModelTypeTextEmbedding, `{"task":"embed"}`, `{"cache":false,"task":"embed","vision":true}`, ""},
		{"option of another type of model", runtime.ModelTypeTextEmbedding, `{"task":"write"}`, "", "Forecast: Task (task) must be one of embed"},
		{"option under a condition", runtime.ModelTypeLLM, `{"mode":"chat","task":"talk"}`, `{"cache":true,"context_size":"4096","mode":"chat","streams":"true","task":"talk","vision":true}`, ""},
		{"option under a condition that does not hold", runtime.ModelTypeLLM, `{"mode":"completion","token":"t","task":"talk"}`, "", "Forecast: Task (task) is an option that is not available here"},
		{"switch as text", runtime.ModelTypeTTS, `{"vision":"false","detail":"d"}`, `{"cache":false,"vision":false}`, ""},
		{
			"a boolean that would default to true", runtime.ModelTypeLLM, `{"mode":"chat","cache":"false","detail":"long","trim":false}`,
			`{"cache":false,"context_size":"4096","detail":"long","mode":"chat","streams":"true","trim":false,"vision":true}`, "",
		},
		{"missing", runtime.ModelTypeLLM, `{}`, "", "Forecast: Mode (mode) is required"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var values map[string]any
			if err := json.Unmarshal([]byte(test.json), &values); err != nil {
				t.Fatal(err)
			}
			creds, err := forecast.DecodeModelCredentials(test.modelType, values)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("got %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out, err := json.Marshal(creds.Values())
			if err != nil {
				t.Fatal(err)
			}
			if string(out) != test.want {
				t.Errorf("got  %s\nwant %s", out, test.want)
			}
			again, err := forecast.DecodeModelCredentials(test.modelType, creds.Values())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(creds, again); diff != "" {
				t.Errorf("Decode, Values, Decode (-first +second):\n%s", diff)
			}
		})
	}
}

func TestDecodeProviderForm(t *testing.T) {
	t.Parallel()
	long := "0123456789012345678901234567890123456789012345678901234567890123é"
	for values, want := range map[[2]string]string{
		{"api_key", "k"}:  "",
		{"api_key", ""}:   "Forecast: API key (api_key) is required",
		{"api_key", long}: "Forecast: API key (api_key) must have at most 64 characters",
		{"", ""}:          "Forecast: API key (api_key) is required",
		{"iam", "k"}:      "Forecast: Role (role) is required",
	} {
		creds, err := forecast.DecodeProviderCredentials(map[string]any{"auth_method": values[0], "api_key": values[1], "never": "x"})
		switch {
		case want == "" && (err != nil || creds.Never != "" || creds.Session):
			t.Errorf("%v: %v, %v", values, creds, err)
		case want != "" && (err == nil || err.Error() != want):
			t.Errorf("%v: got %v, want %s", values, err, want)
		}
	}
	creds, err := forecast.DecodeProviderCredentials(map[string]any{"auth_method": "iam", "role": "r", "trace": "false"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"auth_method": "iam", "role": "r", "session": true, "trace": false}
	if diff := cmp.Diff(want, creds.Values()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// TestModelAdapter calls a generated model provider as a host would.
func TestModelAdapter(t *testing.T) {
	t.Parallel()
	p := forecast.NewProvider(&forecast.Provider{})
	if p.Kind() != runtime.KindModel || p.Name() != "forecast" || p.OAuth() != nil {
		t.Fatalf("got %v", p)
	}
	_, err := p.ValidateProviderCredentials(t.Context(), nil)
	var typed *runtime.Error
	if !errors.As(err, &typed) || typed.Type != runtime.ErrorModelCredentials {
		t.Errorf("got %v", err)
	}
	given := map[string]any{"mode": "chat", "base_model_name": "m", "detail": nil}
	if _, err := p.ValidateModelCredentials(t.Context(), runtime.ModelTypeLLM, "m", given); !errors.Is(err, runtime.ErrNotImplemented) {
		t.Errorf("got %v, want the stub's error", err)
	}
	accept := runtime.BindModelCredentials(forecast.DecodeModelCredentials,
		func(_ context.Context, modelType runtime.ModelType, model string, creds forecast.ModelCredentials) error {
			if modelType != runtime.ModelTypeLLM || model != "m" || creds.Mode != forecast.ModeChat {
				t.Errorf("got %s, %s, %v", modelType, model, creds)
			}
			return nil
		}, "mode", "token", "trim")
	given["trim"], given["token"] = true, "hidden"
	saved, err := accept(t.Context(), runtime.ModelTypeLLM, "m", given)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"mode": "chat", "base_model_name": "m", "context_size": "4096", "streams": "true", "cache": true, "vision": true, "token": "hidden"}
	if diff := cmp.Diff(want, saved); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	if err := p.ValidateCredentials(t.Context(), nil); !errors.As(err, &typed) || typed.Type != runtime.ErrorUnsupported {
		t.Errorf("got %v", err)
	}
	empty := runtime.NewModel(runtime.ModelConfig{Name: "empty"})
	if _, err := empty.ValidateProviderCredentials(t.Context(), nil); !errors.As(err, &typed) || typed.Type != runtime.ErrorUnsupported {
		t.Errorf("got %v", err)
	}
	if _, err := empty.ValidateModelCredentials(t.Context(), "", "", nil); !errors.As(err, &typed) || typed.Type != runtime.ErrorUnsupported {
		t.Errorf("got %v", err)
	}
}

func TestDatasourceAdapter(t *testing.T) {
	t.Parallel()
	p := drive.NewProvider(&drive.Provider{})
	var typed *runtime.Error
	if err := p.ValidateCredentials(t.Context(), nil); !errors.As(err, &typed) || typed.Type != runtime.ErrorDatasourceCredentials {
		t.Errorf("got %v", err)
	}
	grant, err := p.OAuth().Credentials(t.Context(), "https://dify.example/cb", map[string]any{"client_id": "c"}, &http.Request{})
	if err != nil || grant.Metadata == nil || grant.Metadata.Name != "Ada" || p.Kind() != runtime.KindDatasource {
		t.Errorf("got %v, %v", grant, err)
	}
	if _, err := p.OAuth().Credentials(t.Context(), "/cb", nil, nil); !errors.As(err, &typed) || typed.Type != runtime.ErrorDatasourceOAuth {
		t.Errorf("got %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	settings, err := webhook.DecodeSettings(map[string]any{"token": "t", "app": map[string]any{"app_id": "a"}})
	if err != nil || settings.App.AppID != "a" || settings.Model != nil {
		t.Errorf("got %v, %v", settings, err)
	}
	_, err = webhook.DecodeSettings(nil)
	if want := "webhook: Token (token) is required; App (app) is required"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
