package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	weather "github.com/difygen/difygen/internal/ports/weather/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const key = "wx-key-1"

func creds() map[string]any { return map[string]any{"api_key": key} }

// start runs the plugin with a fake service, whose last query it stores.
func start(t *testing.T) (h *difytest.Host, query *string) {
	t.Helper()
	query = new(string)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /languages", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"code":"en","name":"English"},{"code":"nb"}]`)
	})
	mux.HandleFunc("GET /weather", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"temperature":-3.5,"condition":"snow","location":{"name":"Oslo","country":"NO"}}`)
	})
	mux.HandleFunc("GET /forecast", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"location":{"name":"Oslo","coordinates":{"latitude":59.9,"longitude":10.7}},"days":[
			{"date":"2026-05-01","high":9,"low":-1,"conditions":["sun","wind"],"wind":{"speed":12,"direction":"N"}},
			{"date":"2026-05-02","high":8.5,"low":0}],"warnings":["storm"]}`)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("appid") != key {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message":"bad key %s"}`, q.Get("appid"))
			return
		}
		if q.Get("q") == "Atlantis" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		q.Del("appid")
		*query = q.Encode()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(&weather.Provider{URL: server.URL})), query
}

func TestCurrentWeather(t *testing.T) {
	t.Parallel()
	h, query := start(t)
	r := h.Tool("current_weather", creds(), map[string]any{"city": "Oslo"})
	if r.Err != nil || r.Text != "Oslo: snow, -3.5°" || *query != "lang=&q=Oslo&units=metric" {
		t.Errorf("got %q, %v for %s", r.Text, r.Err, *query)
	}
	want := map[string]any{
		"temperature": -3.5, "condition": "snow",
		"location": map[string]any{"name": "Oslo", "country": "NO"},
	}
	if diff := cmp.Diff(want, r.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestForecast(t *testing.T) {
	t.Parallel()
	h, query := start(t)
	r := h.Tool("forecast", creds(), map[string]any{"city": "Oslo", "days": "3", "units": "imperial", "language": "nb"})
	if r.Err != nil || *query != "days=3&lang=nb&q=Oslo&units=imperial" {
		t.Errorf("got %v for %s", r.Err, *query)
	}
	lines := "2026-05-01: -1° to 9°, sun, wind\n2026-05-02: 0° to 8.5°, \n"
	want := map[string]any{
		"location": map[string]any{"name": "Oslo", "country": "", "coordinates": map[string]any{"latitude": 59.9, "longitude": 10.7}},
		"count":    2.0,
		"summary":  lines,
		"days": []any{
			map[string]any{"date": "2026-05-01", "high": 9.0, "low": -1.0, "conditions": []any{"sun", "wind"}, "wind": map[string]any{"speed": 12.0, "direction": "N"}},
			map[string]any{"date": "2026-05-02", "high": 8.5, "low": 0.0, "conditions": []any{}},
		},
		"warnings": []any{"storm"},
	}
	if diff := cmp.Diff(want, r.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if r.Text != lines {
		t.Errorf("got %q", r.Text)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	h, query := start(t)
	for name, test := range map[string]struct {
		params map[string]any
		query  string
		err    string
	}{
		"defaults":       {map[string]any{"city": "Oslo"}, "days=3&lang=&q=Oslo&units=metric", ""},
		"null":           {map[string]any{"city": "Oslo", "days": nil, "units": nil, "language": nil}, "days=3&lang=&q=Oslo&units=metric", ""},
		"empty":          {map[string]any{"city": "Oslo", "days": "", "units": ""}, "days=3&lang=&q=Oslo&units=metric", ""},
		"number as text": {map[string]any{"city": "Oslo", "days": "7"}, "days=7&lang=&q=Oslo&units=metric", ""},
		"float":          {map[string]any{"city": "Oslo", "days": 7.0}, "days=7&lang=&q=Oslo&units=metric", ""},
		"no city":        {map[string]any{}, "", "Forecast: City (city) is required"},
		"empty city":     {map[string]any{"city": ""}, "", "Forecast: City (city) is required"},
		"several": {
			map[string]any{"days": 8, "units": "kelvin"}, "",
			"Forecast: City (city) is required; Units (units) must be one of metric, imperial; Days (days) must be at most 7",
		},
		"zero":         {map[string]any{"city": "Oslo", "days": 0}, "", "Forecast: Days (days) must be at least 1"},
		"not whole":    {map[string]any{"city": "Oslo", "days": 1.5}, "", "Forecast: Days (days) must be a whole number"},
		"not a number": {map[string]any{"city": "Oslo", "days": "many"}, "", "Forecast: Days (days) must be a whole number"},
		"unknown city": {map[string]any{"city": "Atlantis"}, "", "the service does not know this city"},
	} {
		*query = ""
		r := h.Tool("forecast", creds(), test.params)
		got := ""
		if r.Err != nil {
			got = r.Err.Error()
		}
		if got != test.err || *query != test.query {
			t.Errorf("%s: got %q for %q\nwant %q for %q", name, got, *query, test.err, test.query)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	h, _ := start(t)
	for _, tool := range []string{"forecast", "current_weather"} {
		got, err := h.Options(tool, "language", creds())
		want := []runtime.Choice{{Value: "en", Label: "English"}, {Value: "nb", Label: "nb"}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, choices (-want +got):\n%s", tool, err, diff)
		}
	}
	_, err := h.Options("forecast", "language", map[string]any{"api_key": "another-key"})
	if err == nil || err.Error() != "the service rejects the API key" {
		t.Errorf("got %v", err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h, _ := start(t)
	down := httptest.NewServer(nil)
	down.Close()
	difytest.TestCredentials(t, h, difytest.CredentialsTest{
		Valid: creds(), Wrong: map[string]any{"api_key": "another-key"},
		Unreachable: newPlugin(&weather.Provider{URL: down.URL}),
	})
	r := difytest.Start(t, newPlugin(&weather.Provider{URL: down.URL})).Tool("forecast", creds(), map[string]any{"city": "Oslo"})
	if r.Err == nil || strings.Contains(r.Err.Error(), key) || !strings.HasPrefix(r.Err.Error(), "could not reach the service") {
		t.Errorf("got %v", r.Err)
	}
}
