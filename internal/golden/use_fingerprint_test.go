package golden_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/drive"
	"github.com/difygen/difygen/testdata/golden/forecast"
	"github.com/difygen/difygen/testdata/golden/github"
	"github.com/difygen/difygen/testdata/golden/hostile"
	"github.com/difygen/difygen/testdata/golden/mail"
	"github.com/difygen/difygen/testdata/golden/options"
	"github.com/difygen/difygen/testdata/golden/shapes"
	"github.com/difygen/difygen/testdata/golden/webhook"
)

// TestFingerprint checks that generated code has exactly the fingerprint of its YAML.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	for name, generated := range map[string]runtime.Declared{
		"drive":    drive.NewProvider(&drive.Provider{}),
		"forecast": forecast.NewProvider(&forecast.Provider{}),
		"shapes":   shapes.NewAllShapesProvider(&shapes.AllShapesProvider{}),
		"github":   github.NewProvider(&github.Provider{}),
		"hostile":  hostile.NewProvider(&hostile.Provider{}),
		"mail":     mail.NewProvider(&mail.Provider{}),
		"options":  options.NewProvider(&options.Provider{}),
		"webhook":  webhook.NewEndpoints(nil),
	} {
		data, err := os.ReadFile(filepath.Join("../../testdata/golden", name, "provider.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		p, findings, err := model.Load("provider.yaml", data, model.DetectKind(data))
		if err != nil || p == nil {
			t.Fatal(err, findings.Settle())
		}
		if diff := cmp.Diff(p.Fingerprint(), map[string]string(generated.Fingerprint())); diff != "" || len(p.Fingerprint()) == 0 {
			t.Errorf("%s: fingerprint (-YAML +generated):\n%s", name, diff)
		}
		if string(generated.Kind()) != string(p.Kind) {
			t.Errorf("%s: kind %s, want %s", name, generated.Kind(), p.Kind)
		}
	}
}

// TestEndpoints checks the handler, or the error, for the settings of a request.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	endpoints := webhook.NewEndpoints(func(s webhook.Settings) (http.Handler, error) {
		switch s.App.AppID {
		case "none":
			return nil, nil
		case "wrong":
			return nil, errors.New("no such app")
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("App", s.App.AppID) }), nil
	})
	settings := func(app string) map[string]any {
		return map[string]any{"token": "t", "app": map[string]any{"app_id": app}}
	}
	h, err := endpoints.Handler(settings("a"))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	if w.Header().Get("App") != "a" {
		t.Errorf("got %v", w.Header())
	}
	for want, values := range map[string]map[string]any{
		"webhook: Token (token) is required; App (app) is required": nil,
		"the plugin has no handler for the endpoint":                settings("none"),
		"no such app": settings("wrong"),
	} {
		_, err := endpoints.Handler(values)
		var typed *runtime.Error
		if !errors.As(err, &typed) || typed.Type != runtime.ErrorEndpointSetup || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if endpoints.Name() != "webhook" {
		t.Errorf("got the name %q", endpoints.Name())
	}
}
