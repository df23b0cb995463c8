package golden_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/endpointclash"
	"github.com/difygen/difygen/testdata/golden/hook"
	"github.com/difygen/difygen/testdata/golden/shop"
	"github.com/difygen/difygen/testdata/golden/webhook"
)

// endpoints returns the handler of an endpoint provider, as package httptest takes it.
func endpoints(t *testing.T, adapter runtime.Endpoints, settings map[string]any) http.Handler {
	t.Helper()
	h, err := adapter.Handler(settings)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// send sends a request, and returns the response and its body.
func send(t *testing.T, h http.Handler, method, path string, header http.Header) (w *httptest.ResponseRecorder, body string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header = header
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, strings.TrimSpace(w.Body.String())
}

// TestEndpoints sends requests to every endpoint of a case, and some to none.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	h := endpoints(t, shop.NewEndpoints(&shop.Provider{}), map[string]any{"token": "t"})
	const notFound, failed = "404 page not found", "Internal Server Error"
	answer := func(method, path string) string {
		return `{"currency":"EUR","method":"` + method + `","path":` + path + `}`
	}
	for _, test := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/", 200, answer("Items", "null")},
		{"POST", "/", 404, notFound},
		{"GET", "/items/latest", 500, failed},
		{"GET", "/items/7", 200, answer("Item", `{"ID":7}`)},
		{"GET", "/items/007", 200, answer("Item", `{"ID":7}`)},
		{"GET", "/items/0", 404, notFound},
		{"GET", "/items/100000", 404, notFound},
		{"GET", "/items/-7", 404, notFound},
		{"GET", "/items/7/", 404, notFound},
		{"GET", "/items/name", 200, answer("Sorted", `{"By":"name"}`)},
		{"GET", "/items/newest%20first", 200, answer("Sorted", `{"By":"newest first"}`)},
		{"GET", "/items/oldest", 404, notFound},
		{"HEAD", "/items/7", 200, answer("Item", `{"ID":7}`)}, // a server leaves out the body
		{"OPTIONS", "/items/7", 204, ""},
		{"OPTIONS", "/items/name", 404, notFound},
		{"POST", "/offers/2026/-19.99", 200, answer("Offer", `{"Year":2026,"Price":-19.99}`)},
		{"POST", "/offers/26/19.99", 404, notFound},
		{"POST", "/offers/2026/20", 404, notFound},
		{"PUT", "/orders/1/lines/2", 404, notFound},
		{"DELETE", "/codes/abc.json", 200, answer("Code", `{"Code":"abc","Type":"json"}`)},
		{"DELETE", "/codes/abcd.json", 404, notFound},
		{"DELETE", "/codes/abc.j", 404, notFound},
		{"HEAD", "/pages/a/b", 200, ""},
		{"GET", "/pages/a/b", 200, answer("Page", `{"Page":"a/b"}`)},
		{"GET", "/pages/", 404, notFound},
		{"POST", "/carts/3/a%20b", 200, answer("PostCartsCartItem", `{"Cart":3,"Item":"a b"}`)},
		{"POST", "/carts/3", 404, notFound},
		{
			"PUT", "/orders/0B2F1C9E-5d1e-4c1b-9a51-2f6f0c7a3b11/lines/2", 200,
			answer("Order", `{"OrderID":"0b2f1c9e-5d1e-4c1b-9a51-2f6f0c7a3b11","Line":2}`),
		},
	} {
		w, body := send(t, h, test.method, test.path, nil)
		if w.Code != test.status || body != test.body {
			t.Errorf("%s %s: got %d %s, want %d %s", test.method, test.path, w.Code, body, test.status, test.body)
		}
	}
}

// TestEndpointSettings checks that a method gets the settings.
func TestEndpointSettings(t *testing.T) {
	t.Parallel()
	adapter := shop.NewEndpoints(&shop.Provider{})
	h := endpoints(t, adapter, map[string]any{"token": "t", "currency": "CHF"})
	w, body := send(t, h, http.MethodGet, "/hello-Ada!", http.Header{"X-Token": {"t"}})
	if want := `{"currency":"CHF","method":"Endpoint2hello","path":{"Name":"Ada"}}`; w.Code != http.StatusOK || body != want {
		t.Errorf("got %d %s, want %s", w.Code, body, want)
	}
	w, body = send(t, h, http.MethodGet, "/hello-Ada!", http.Header{"X-Token": {"u"}})
	if w.Code != http.StatusForbidden || body != "the token is wrong" {
		t.Errorf("got %d %s", w.Code, body)
	}
	w, _ = send(t, h, http.MethodHead, "/pages/a/b", nil)
	if got := w.Header().Get("X-Page"); got != "a/b" {
		t.Errorf("the endpoint for HEAD sees page %q", got)
	}
	_, err := adapter.Handler(map[string]any{"currency": "CHF"})
	var typed *runtime.Error
	if !errors.As(err, &typed) || typed.Type != runtime.ErrorEndpointSetup || err.Error() != "shop: Token (token) is required" {
		t.Errorf("without a token: got %v", err)
	}
}

// TestEndpointRoute invokes endpoints as Dify does.
func TestEndpointRoute(t *testing.T) {
	t.Parallel()
	routes := shop.NewEndpoints(&shop.Provider{}).Routes()
	if len(routes) != 1 || routes[0].Action != "invoke_endpoint" {
		t.Fatalf("got %v", routes)
	}
	invoke := func(path string, settings map[string]any) (any, error) {
		return routes[0].Serve(t.Context(), &runtime.Request{
			Data: map[string]any{"settings": settings}, HTTP: httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil),
		})
	}
	got, err := invoke("/items/7", map[string]any{"token": "t"})
	h, isHandler := got.(http.Handler)
	if err != nil || !isHandler {
		t.Fatalf("got %v, %v", got, err)
	}
	if _, body := send(t, h, http.MethodGet, "/items/7", nil); body != `{"currency":"EUR","method":"Item","path":{"ID":7}}` {
		t.Errorf("got %s", body)
	}
	if _, err := invoke("/items/7", map[string]any{}); err == nil || err.Error() != "shop: Token (token) is required" {
		t.Errorf("without a token: got %v", err)
	}
}

// TestEndpointStubs sends requests to stubs, and to endpoints whose names or requests clash.
func TestEndpointStubs(t *testing.T) {
	t.Parallel()
	stubs := endpoints(t, hook.NewEndpoints(&hook.Provider{}), nil)
	clash := endpoints(t, endpointclash.NewEndpoints(&endpointclash.Provider{}), nil)
	for _, test := range []struct {
		h            http.Handler
		method, path string
		status       int
	}{
		{stubs, "POST", "/hook", 500}, {stubs, "GET", "/hook", 404}, {stubs, "POST", "/hook/", 404},
		{clash, "POST", "/a_b", 500}, {clash, "GET", "/users/a/1/b", 500}, {clash, "GET", "/users/a/b/c", 404},
		{clash, "HEAD", "/get/x", 500}, {clash, "GET", "/get/1", 500}, {clash, "GET", "/a_b", 404},
	} {
		if w, body := send(t, test.h, test.method, test.path, nil); w.Code != test.status || strings.Contains(body, "implemented") {
			t.Errorf("%s %s: got %d %s, want %d", test.method, test.path, w.Code, body, test.status)
		}
	}
}

// TestEndpointHandler serves endpoints of code for credentials alone: one handler has them all.
func TestEndpointHandler(t *testing.T) {
	t.Parallel()
	adapter := webhook.NewEndpoints(func(settings webhook.Settings) (http.Handler, error) {
		if settings.Model != nil {
			return nil, errors.New("no model, please")
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(settings.App.AppID + r.URL.Path)) }), nil
	})
	settings := map[string]any{"token": "t", "app": map[string]any{"app_id": "a"}}
	if _, body := send(t, endpoints(t, adapter, settings), http.MethodGet, "/any", nil); body != "a/any" {
		t.Errorf("got %s", body)
	}
	settings["model"] = map[string]any{"provider": "p", "model": "m", "model_type": "llm"}
	_, err := adapter.Handler(settings)
	var typed *runtime.Error
	if !errors.As(err, &typed) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff("EndpointSetupFailedError: no model, please", string(typed.Type)+": "+err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
