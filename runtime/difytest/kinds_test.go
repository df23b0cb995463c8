package difytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	plugin := pluginOf("endpoint_declaration", `{"settings":[{"name":"token","type":"secret-input"}],"endpoints":[]}`,
		runtime.NewEndpoints(runtime.EndpointsConfig[map[string]any]{
			Name: "hooks", Fields: &runtime.Fields{Secret: []string{"token"}},
			DecodeSettings: func(settings map[string]any) (map[string]any, error) {
				if settings == nil {
					return nil, errors.New("there is no token")
				}
				return settings, nil
			},
			Handler: func(settings map[string]any) (http.Handler, error) {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					w.Header().Set("X-Token", fmt.Sprint(settings["token"]))
					w.WriteHeader(http.StatusAccepted)
					fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL, r.Header.Get("Dify-Hook-Id"), body)
				}), nil
			},
		}))
	errs, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		h := difytest.Start(tb, plugin)
		for body, want := range map[string]string{"": "POST /ask?a=b&c=d hook-1 ", "hi": "POST /ask?a=b&c=d hook-1 hi", "ho": "POST /ask?a=b&c=d hook-1 ho"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ask?c=d&a=b", strings.NewReader(body))
			resp, err := h.Endpoint(r, map[string]any{"token": "a-token"})
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if got, _ := io.ReadAll(resp.Body); string(got) != want || resp.StatusCode != http.StatusAccepted {
				t.Errorf("got %s, %s, want %s", resp.Status, got, want)
			}
		}
		resp, err := h.Endpoint(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), nil)
		if err == nil {
			defer resp.Body.Close()
		}
		if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorEndpointSetup {
			t.Errorf("got %v", err)
		}
	})
	const leak = "the response of the endpoint holds the secret token"
	if len(errs) != 3 || slices.ContainsFunc(errs, func(e string) bool { return !strings.HasPrefix(e, leak) }) {
		t.Errorf("reported %q", errs)
	}
}

// TestEndpointPaths checks which endpoint gets a request, and that one that no endpoint answers is not
// found.
func TestEndpointPaths(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, pluginOf("endpoint_declaration", `{"settings":[],"endpoints":[]}`, runtime.NewEndpoints(runtime.EndpointsConfig[map[string]any]{
		DecodeSettings: func(settings map[string]any) (map[string]any, error) { return settings, nil },
		Endpoints: []runtime.EndpointBinding[map[string]any]{{
			Method: http.MethodGet, Pattern: "/items/<int:id>",
			Segments: []runtime.PathSegment{{Text: "items"}, {Expression: "([0-9]+)"}},
			Values:   []runtime.PathValue{{Name: "id", Type: runtime.PathInt}},
			Serve: func(w http.ResponseWriter, _ *http.Request, call runtime.EndpointCall, _ map[string]any, values runtime.PathValues) error {
				if values.Int("id") == 0 {
					return errors.New("there is no item 0")
				}
				_, err := fmt.Fprint(w, values.Int("id"), " ", call.EndpointID, " ", call.URL("/items/8"))
				return err
			},
		}},
	})))
	for request, want := range map[string]string{
		"GET /items/7":  "200 7 hook-1 http://example.com/e/hook-1/items/8",
		"HEAD /items/7": "200 ",
		"GET /items/0":  "500 Internal Server Error\n",
		"POST /items/7": "404 404 page not found\n",
		"GET /items/x":  "404 404 page not found\n",
		"GET /items/7/": "404 404 page not found\n",
		"GET /":         "404 404 page not found\n",
	} {
		method, path, _ := strings.Cut(request, " ")
		resp, err := h.Endpoint(httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody), nil)
		if err != nil {
			t.Errorf("%s: %v", request, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if got := fmt.Sprint(resp.StatusCode, " ", string(body)); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", request, got, err, want)
		}
	}
}

// TestEndpointHook checks that addresses below the hook, which code gets of a call, can be requested.
func TestEndpointHook(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, pluginOf("endpoint_declaration", `{"settings":[],"endpoints":[]}`, runtime.NewEndpoints(runtime.EndpointsConfig[map[string]any]{
		DecodeSettings: func(settings map[string]any) (map[string]any, error) { return settings, nil },
		Handler: func(map[string]any) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, r.URL, " ", r.Header.Get("Dify-Hook-Url"))
			}), nil
		},
	})))
	for address, want := range map[string]string{
		"http://h.example/e/hook-1/a%2Fb?c=d": "/a%2Fb?c=d http://h.example/e/hook-1/a/b",
		"http://h.example/e/hook-1":           "/ http://h.example/e/hook-1/",
		"http://h.example/e/hook-1/":          "/ http://h.example/e/hook-1/",
		"http://h.example/e/hook-12/a":        "/e/hook-12/a http://h.example/e/hook-1/e/hook-12/a",
		"http://h.example/a":                  "/a http://h.example/e/hook-1/a",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		resp, err := h.Endpoint(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if string(body) != want || err != nil || r.URL.String() != address {
			t.Errorf("%s: got %s, %v, want %s", address, body, err, want)
		}
	}
}

// TestUndeclaredSetting checks that a request with a setting that the plugin does not declare is not
// sent.
func TestUndeclaredSetting(t *testing.T) {
	t.Parallel()
	plugin := pluginOf("endpoint_declaration", `{"settings":[{"name":"token","type":"secret-input"}],"endpoints":[]}`,
		runtime.NewEndpoints(runtime.EndpointsConfig[map[string]any]{
			DecodeSettings: func(map[string]any) (map[string]any, error) {
				t.Error("the request is sent")
				return nil, nil
			},
			Handler: func(map[string]any) (http.Handler, error) { return http.NotFoundHandler(), nil },
		}))
	const want = "the endpoint group declares no setting tokn; it has token"
	errs, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		resp, err := difytest.Start(tb, plugin).Endpoint(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), map[string]any{"tokn": "t"})
		if err == nil {
			_ = resp.Body.Close()
		}
		if err == nil || err.Error() != want {
			tb.Errorf("got %v", err)
		}
	})
	if diff := cmp.Diff([]string{want}, errs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCutOff checks that the error of an endpoint that fails after the start of its response
// has the type that Dify sees.
func TestCutOff(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, pluginOf("endpoint_declaration", `{"settings":[],"endpoints":[]}`, runtime.NewEndpoints(runtime.EndpointsConfig[map[string]any]{
		DecodeSettings: func(settings map[string]any) (map[string]any, error) { return settings, nil },
		Handler: func(map[string]any) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, "so far")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				panic(http.ErrAbortHandler)
			}), nil
		},
	})))
	resp, err := h.Endpoint(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), nil)
	if err == nil {
		defer resp.Body.Close()
	}
	difytest.WantError(t, err, runtime.ErrorInvoke, "the plugin gave up its response")
	if err == nil || !strings.HasPrefix(err.Error(), "the response is cut off: ") {
		t.Errorf("got %v", err)
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, pluginOf("model_declaration", `{"provider":"models","provider_credential_schema":{"credential_form_schemas":[{"variable":"key","type":"text-input"}]}}`,
		runtime.NewModel(runtime.ModelConfig{
			Name: "models",
			ValidateProviderCredentials: func(_ context.Context, values map[string]any) (map[string]any, error) {
				return map[string]any{"saved": values["key"]}, nil
			},
			ValidateModelCredentials: func(_ context.Context, t runtime.ModelType, model string, _ map[string]any) (map[string]any, error) {
				return nil, fmt.Errorf("no %s named %s", t, model)
			},
		})))
	if saved, err := h.ValidateProvider(map[string]any{"key": "k"}); err != nil || saved["saved"] != "k" {
		t.Errorf("got %v, %v", saved, err)
	}
	if err := h.Validate(nil); err != nil {
		t.Error(err)
	}
	if _, err := h.ValidateModel(runtime.ModelTypeLLM, "m", nil); err == nil || err.Error() != "no llm named m" {
		t.Errorf("got %v", err)
	}
}

// subscriptions is a constructor whose subscriptions hold what they are told to.
type subscriptions struct{}

func (subscriptions) Create(_ context.Context, endpoint string, params map[string]any, t runtime.CredentialType, creds map[string]any) (runtime.Subscription, error) {
	return runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint, Parameters: runtime.NewValues(map[string]any{"repo": params["repo"]}),
		Properties: runtime.NewValues(map[string]any{"secret": creds["token"], "type": t, "note": params["note"]}),
	}, nil
}

func (subscriptions) Refresh(_ context.Context, sub runtime.Subscription, _ runtime.CredentialType, _ map[string]any) (runtime.Subscription, error) {
	sub.ExpiresAt = 1_900_000_000
	return sub, nil
}

func (subscriptions) Delete(_ context.Context, sub runtime.Subscription, _ runtime.CredentialType, _ map[string]any) error {
	if sub.ExpiresAt == -1 {
		return &runtime.Error{Type: runtime.ErrorUnsubscribe, Err: errors.New("not refreshed")}
	}
	return nil
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	const declaration = `{"identity":{"name":"git"},"events":[],"subscription_schema":[{"name":"secret","type":"secret-input"},{"name":"type","type":"text-input"}],
		"subscription_constructor":{"parameters":[{"name":"repo","type":"string"},{"name":"note","type":"string"}],"credentials_schema":[{"name":"token","type":"secret-input"}]}}`
	plugin := pluginOf("trigger_declaration", declaration, runtime.NewTrigger(runtime.TriggerConfig{Name: "git", Subscriptions: subscriptions{}}))
	creds := map[string]any{"token": "a-token"}
	errs, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		h := difytest.Start(tb, plugin)
		sub, err := h.Subscribe("https://hook", map[string]any{"repo": "r"}, creds)
		want := runtime.Subscription{
			ExpiresAt: -1, Endpoint: "https://hook", Parameters: runtime.NewValues(map[string]any{"repo": "r"}),
			Properties: runtime.NewValues(map[string]any{"secret": "a-token", "type": "api-key", "note": nil}),
		}
		if diff := cmp.Diff(want, sub); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if err := h.Unsubscribe(sub, creds); err == nil || err.Error() != "not refreshed" {
			t.Errorf("got %v", err)
		}
		if sub, err = h.RefreshSubscription(sub, creds); err != nil || sub.Expiry() != time.Unix(1_900_000_000, 0) {
			t.Errorf("got %v, %v", sub, err)
		}
		if err := h.Unsubscribe(sub, creds); err != nil {
			t.Error(err)
		}
		if tb.Failed() {
			t.Error("a secret property is reported")
		}
		if _, err := h.Subscribe("https://hook", map[string]any{"note": "a-token"}, creds); err != nil {
			t.Error(err)
		}
	})
	want := []string{
		"the subscription has the properties note, which subscription_schema of git does not declare, so that Dify stores them in plain text: declare them",
		"the subscription holds the secret token; users and models see it (call it on Host.AllowSecrets if it must)",
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Errorf("reported (-want +got):\n%s", diff)
	}
}

// TestOAuthSteps runs a flow step by step.
func TestOAuthSteps(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	h := difytest.Start(t, newPlugin(oauthDeclaration, wrong(t, server, mistake{})))
	flow := h.OAuth(map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret})
	location, err := flow.AuthorizationURL()
	if err != nil {
		t.Fatal(err)
	}
	callback := server.Browse(t, location)
	grant, err := flow.Exchange(callback)
	if err != nil || grant.Credentials.Reveal()["access_token"] == nil {
		t.Errorf("got %v, %v", grant, err)
	}
	again, err := flow.Refresh(grant.Credentials.Reveal())
	if err != nil || again.Credentials.Reveal()["access_token"] == grant.Credentials.Reveal()["access_token"] {
		t.Errorf("got %v, %v", again, err)
	}
	_, err = flow.Exchange(callback)
	if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorToolOAuth {
		t.Errorf("got %v", err)
	}
}
