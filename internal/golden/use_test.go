package golden_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/forecast"
	"github.com/difygen/difygen/testdata/golden/github"
	"github.com/difygen/difygen/testdata/golden/hostile"
	"github.com/difygen/difygen/testdata/golden/mail"
	"github.com/difygen/difygen/testdata/golden/names"
	"github.com/difygen/difygen/testdata/golden/options"
	"github.com/difygen/difygen/testdata/golden/shapes"
	"github.com/difygen/difygen/testdata/golden/webhook"
)

// allShapes returns a value for every required field of testdata/golden/shapes.
func allShapes() map[string]any {
	return map[string]any{
		"text": "t", "text_required_default": "trd", "secret": "s", "flag_required": 1.0, "region": "us-east-1",
		"app":   map[string]any{"app_id": "a"},
		"model": map[string]any{"provider": "p", "model": "m", "model_type": "llm"},
		"tools": []any{map[string]any{"provider_id": "p", "tool_name": "t", "tool_description": ""}},
	}
}

func TestDecodeShapes(t *testing.T) {
	t.Parallel()
	got, err := shapes.DecodeAllShapesCredentials(allShapes())
	if err != nil {
		t.Fatal(err)
	}
	want := shapes.AllShapesCredentials{
		Text: "t", TextDefault: "8080", TextRequiredDefault: "trd",
		Secret: runtime.NewSecret("s"), SecretDefault: runtime.NewSecret("guest"),
		FlagRequired: true, FlagOn: true,
		Region: shapes.AllShapesRegionUsEast1, Verify: shapes.AllShapesVerifyTrue,
		App:   runtime.AppSelector{AppID: "a"},
		Model: runtime.ModelSelector{Provider: "p", Model: "m", ModelType: "llm"},
		Tools: []runtime.ToolSelector{{ProviderID: "p", ToolName: "t"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	again, err := shapes.DecodeAllShapesCredentials(got.Values())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("Decode, Values, Decode (-first +second):\n%s", diff)
	}
	if !got.Verify.Bool() || shapes.AllShapesVerifyFalse.Bool() {
		t.Error("Bool is wrong")
	}
}

// TestDecodeShapesWrong checks that each wrong value is refused with an error that names the
// field and does not contain the value.
func TestDecodeShapesWrong(t *testing.T) {
	t.Parallel()
	all := map[string]string{
		"text": "Text (text)", "secret": "Secret (secret)", "flag_required": "Required flag (flag_required)",
		"region": "Region (region)", "app": "App (app)", "model": "Model (model)", "tools": "Tools (tools)",
	}
	for key, named := range all {
		for _, wrong := range []any{nil, "", "[__HIDDEN__]", "SFlCUklEOabc", 12345.5, "hunter2", []any{"hunter2"}, map[string]any{"hunter2": 1}} {
			if s, ok := wrong.(string); ok && s == "hunter2" && (key == "text" || key == "secret") {
				continue // valid values
			}
			values := allShapes()
			if values[key] = wrong; wrong == nil {
				delete(values, key)
			}
			_, err := shapes.DecodeAllShapesCredentials(values)
			if err == nil {
				t.Errorf("%s: %v is accepted", key, wrong)
				continue
			}
			if got := err.Error(); !strings.Contains(got, named) || strings.Contains(got, "hunter2") || strings.Contains(got, "12345") || strings.Contains(got, "HYBRID") {
				t.Errorf("%s: %v: %s", key, wrong, got)
			}
		}
	}
	_, err := shapes.DecodeAllShapesCredentials(nil)
	want := "All shapes: Text (text) is required; Secret (secret) is required; Required flag (flag_required) is required; " +
		"Region (region) is required; App (app) is required; Model (model) is required; Tools (tools) is required"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAnyCredentials(t *testing.T) {
	t.Parallel()
	values := map[string]any{"access_token": "t"}
	for _, typ := range []runtime.CredentialType{runtime.CredentialTypeAPIKey, ""} {
		got, err := github.DecodeAnyCredentials(typ, values)
		creds, ok := got.(github.Credentials)
		if err != nil || !ok || creds.AccessToken.Reveal() != "t" || creds.Deployment != github.DeploymentCloud {
			t.Errorf("%q gives %#v, %v", typ, got, err)
		}
	}
	got, err := github.DecodeAnyCredentials(runtime.CredentialTypeOAuth2, values)
	if creds, ok := got.(github.OAuthCredentials); err != nil || !ok || creds.AccessToken.Reveal() != "t" {
		t.Errorf("oauth2 gives %#v, %v", got, err)
	}
	for _, typ := range []runtime.CredentialType{"unauthorized", "magic"} {
		if got, err := github.DecodeAnyCredentials(typ, values); err == nil || got != nil {
			t.Errorf("%q gives %#v, %v", typ, got, err)
		}
	}
	if got, err := github.DecodeAnyCredentials("", nil); err == nil || got != nil {
		t.Errorf("no values give %#v, %v", got, err)
	}
}

// TestProviderAdapter calls what the generated NewProvider returns as a host would.
func TestProviderAdapter(t *testing.T) {
	t.Parallel()
	p := github.NewProvider(&github.Provider{})
	if p.Name() != "github" || p.Kind() != runtime.KindTool {
		t.Errorf("got %s %s", p.Kind(), p.Name())
	}
	client := map[string]any{"client_id": "id", "client_secret": "secret"}
	u, err := p.OAuth().AuthorizationURL(t.Context(), "https://dify.example/cb", client)
	if err != nil || u != "https://dify.example/cb?client_id=id" {
		t.Errorf("got %s, %v", u, err)
	}
	callback := &http.Request{URL: &url.URL{RawQuery: "code=abc"}}
	grant, err := p.OAuth().Credentials(t.Context(), "https://dify.example/cb", client, callback)
	if err != nil {
		t.Fatal(err)
	}
	want := runtime.OAuthGrant{Credentials: runtime.NewValues(map[string]any{"access_token": "abc"}), ExpiresAt: -1}
	if diff := cmp.Diff(want, grant); diff != "" {
		t.Errorf("grant (-want +got):\n%s", diff)
	}
}

func TestHardNames(t *testing.T) {
	t.Parallel()
	creds, err := names.DecodePlugin9NamesOfAllKindsCredentials(map[string]any{"values": "a", "Values": "b", "": "c", "x.y": "d", "日本": "e"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"values": "a", "Values": "b", "x.y": "d", "日本": "e"}
	if diff := cmp.Diff(want, creds.Values()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestHostileTextIsData(t *testing.T) {
	t.Parallel()
	creds, err := hostile.DecodeCredentials(nil)
	if err != nil {
		t.Fatal(err)
	}
	if creds.CommentEnd != "*/ func init() { panic(1) } /*" || creds.Nul != "NUL \x00 ESC \x1b[31m BEL \a" {
		t.Errorf("defaults are %q and %q", creds.CommentEnd, creds.Nul)
	}
	got, err := options.DecodeCredentials(map[string]any{"quotes": "\\\"`'%s\\n"})
	if err != nil || got.Many != options.ManyV126 || len(options.ManyValues()) != 127 {
		t.Errorf("got %v, %v", got, err)
	}
}

// FuzzDecode decodes any JSON with generated decoders of every kind. The values that they
// accept must be valid, and the same after they were encoded and decoded again.
func FuzzDecode(f *testing.F) {
	seed, _ := json.Marshal(allShapes())
	f.Add(seed)
	f.Add([]byte(`{"text":null,"flag":"true","verify":true,"model_optional":{"provider":1},"tools_optional":[{}],"text_default":8080}`))
	f.Add([]byte(`{"app_optional":{"app_id":"x"},"region":"1","free":"SFlCUklEO"}`))
	f.Add([]byte(`{"mode":"completion","token":"t","streams":"false","vision":1,"context_size":"","task":"write"}`))
	f.Add([]byte(`{"limit":"3.5","papers":[{"url":"u","size":1e300}],"folders":"inbox","since":null,"anything":{"a":[1]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var fuzzed map[string]any
		if json.Unmarshal(data, &fuzzed) != nil {
			return
		}
		values := allShapes()
		maps.Copy(values, fuzzed)
		survives(t, values, shapes.DecodeAllShapesCredentials)
		survives(t, fuzzed, webhook.DecodeSettings)
		params, ok := survives(t, fuzzed, mail.DecodeSubscriptionParameters)
		isValid(t, params, ok)
		properties, ok := survives(t, fuzzed, mail.DecodeSubscriptionProperties)
		isValid(t, properties, ok)
		granted, ok := survives(t, fuzzed, github.DecodeOAuthCredentials)
		isValid(t, granted, ok)
		survives(t, fuzzed, forecast.DecodeProviderCredentials)
		for _, modelType := range []runtime.ModelType{runtime.ModelTypeLLM, runtime.ModelTypeTextEmbedding, "other"} {
			survives(t, fuzzed, func(v map[string]any) (forecast.ModelCredentials, error) {
				return forecast.DecodeModelCredentials(modelType, v)
			})
		}
	})
}

// isValid checks that values are valid if they were decoded.
func isValid[T interface{ Validate() error }](t *testing.T, values T, decoded bool) {
	t.Helper()
	if err := values.Validate(); decoded && err != nil {
		t.Errorf("decoded but not valid: %v", err)
	}
}

// survives checks that values are refused with a message, or are the same after they were
// encoded and decoded again. It returns what was decoded.
func survives[T interface{ Values() map[string]any }](t *testing.T, values map[string]any, decode func(map[string]any) (T, error)) (got T, decoded bool) {
	t.Helper()
	creds, err := decode(values)
	if err != nil {
		if err.Error() == "" {
			t.Error("an empty error")
		}
		return creds, false
	}
	out, err := json.Marshal(creds.Values())
	if err != nil {
		t.Fatal(err)
	}
	var wire map[string]any
	if err := json.Unmarshal(out, &wire); err != nil {
		t.Fatal(err)
	}
	again, err := decode(wire)
	if err != nil {
		t.Fatalf("the encoded values are refused: %v", err)
	}
	if diff := cmp.Diff(creds, again); diff != "" {
		t.Errorf("Decode, Values, Decode (-first +second):\n%s", diff)
	}
	return creds, true
}
