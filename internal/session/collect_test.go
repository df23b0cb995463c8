package session

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestSecretsOf checks which values of a request are secrets.
func TestSecretsOf(t *testing.T) {
	t.Parallel()
	const long = "0123456789abcdef"
	declared := namesOf(&runtime.Fields{Secret: []string{"key", "pin", "both"}, Public: []string{"scope", "what", "access_token", "both"}})
	for name, test := range map[string]struct {
		fields string
		want   []string
	}{
		"declared":                 {`{"credentials":{"key":"k","scope":"` + long + `","access_token":"public","both":"b"}}`, []string{"b", "k"}},
		"all texts of a secret":    {`{"settings":{"key":{"a":["x",{"b":"y"}],"n":1}}}`, []string{"x", "y"}},
		"in what is not":           {`{"settings":{"scope":[{"key":"k","token":"t","access_token":"a","note":"` + long + `","what":"w"}]}}`, []string{"a", "k", "t"}},
		"undeclared":               {`{"credentials":{"token":"t","region":"eu","session":"` + long + `"}}`, []string{long, "t"}},
		"the host's own":           {`{"credentials":{"base_model_name":"` + long + `","__model_type":"` + long + `"}}`, nil},
		"a system client":          {`{"system_credentials":{"client_secret":"c","note":"` + long + `"}}`, []string{long, "c"}},
		"a subscription":           {`{"subscription":{"endpoint":"https://dify.example/` + long + `","parameters":{"pin":"p","topic":"` + long + `"},"properties":{"hook":"` + long + `","pin":"q"}}}`, []string{long, "p", "q"}},
		"parameters":               {`{"parameters":{"pin":"p","topic":"` + long + `","secret":"s"}}`, []string{"p", "s"}},
		"parameters of a tool":     {`{"tool_parameters":{"pin":"p","what":"` + long + `","other":"` + long + `","token":"t"}}`, []string{"p", "t"}},
		"nested":                   {`{"tool_parameters":{"more":[{"pin":"p"},{"deep":{"password":"w"}}]},"agent_strategy_params":{"model":{"key":"k"}}}`, []string{"k", "p", "w"}},
		"nested among credentials": {`{"credentials":{"extra":{"token":"t","list":["` + long + `","short"]}}}`, []string{long, "t"}},
		"the protocol's own":       {`{"type":"` + long + `","redirect_uri":"https://dify.example/callback","raw_http_request":"00"}`, nil},
		"fields unknown to it":     {`{"token":"t","subscription":{"client_secret":"c"},"text":"` + long + `"}`, []string{"c", "t"}},
		"a number":                 {`{"credentials":{"key":84123456789,"scope":12345678}}`, []string{"8.4123456789e+10", "84123456789"}},
		"a model":                  {`{"agent_strategy_params":{"what":{"model":"m","max_tokens":1000000,"completion_params":{"api_key":"c","stop":["` + long + `"]}}}}`, []string{"c"}},
		"tools":                    {`{"agent_strategy_params":{"what":[` + toolWith(`"hook":"h","code":"c1","city":"`+long+`","access_token":"a"`) + `]}}`, []string{"a", "c1", "h"}},
		"tools of a tool":          {`{"tool_parameters":{"scope":[` + toolWith(`"hook":["h"],"code":1234567`) + `]}}`, []string{"1.234567e+06", "1234567", "h"}},
		"tools as text":            {`{"tool_parameters":{"what":` + quoted(`[`+toolWith(`"hook":"h"`)+`]`) + `}}`, []string{"h"}},
		"a text like tools":        {`{"tool_parameters":{"what":"[not JSON: password"}}`, nil},
		"tools without a name":     {`{"tool_parameters":{"other":[` + toolWith(`"hook":"h","code":null`) + `]}}`, []string{"h"}},
		"tools without values":     {`{"tool_parameters":{"what":[` + toolWith("") + `]}}`, nil},
		"what describes secrets":   {`{"tools":[{"name":"f","parameters":{"type":"object","properties":{"api_key":{"type":"string","description":"the key"}}}}]}`, nil},
		"of a wrong type":          {`{"credentials":["` + long + `"],"settings":"` + long + `"}`, []string{long}},
	} {
		var fields map[string]any
		if err := json.Unmarshal([]byte(test.fields), &fields); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, slices.Sorted(slices.Values(declared.secretsOf(fields)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := namesOf(nil).secretsOf(map[string]any{"credentials": map[string]any{"api_key": "k"}}); !cmp.Equal(got, []string{"k"}) {
		t.Errorf("without declared names: got %q", got)
	}
}

func quoted(text string) string {
	data, _ := json.Marshal(text) // strings always encode
	return string(data)
}

// toolWith returns a tool that a user has chosen for an agent, with values for its parameters. Its declaration holds
// no secrets.
func toolWith(values string) string {
	return `{"identity":{"author":"difygen","name":"weather","provider":"langgenius/weather/weather","label":{"en_US":"API token"}},
		"description":{"human":{"en_US":"Needs a password"},"llm":"Needs a password"},"provider_type":"builtin","credential_id":"5f3e","runtime_parameters":{` + values + `},
		"parameters":[{"name":"hook","label":{"en_US":"Secret"},"type":"secret-input","form":"form","default":"d","options":[{"value":"a","label":{"en_US":"A"}}]},
			{"name":"code","type":"secret-input","form":"form"},{"name":"access_token","type":"string","form":"llm","llm_description":"the token"},{"name":"city","type":"string","form":"llm",
			"input_schema":{"type":"object","properties":{"token":{"type":"string"}}}},null],
		"output_schema":{"type":"object","properties":{"session_token":{"type":"string","description":"made anew"}}}}`
}

// TestMoreHTTPSecrets checks values that are written in unusual ways.
func TestMoreHTTPSecrets(t *testing.T) {
	t.Parallel()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("password", "in-a-part")
	_ = w.WriteField("note", "public")
	file, _ := w.CreateFormFile("token", "file")
	_, _ = file.Write([]byte("a file"))
	w.Close()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x?a=1;token=semicolon&b=%zz&secret=s", bytes.NewReader(form.Bytes()))
	r.Header.Set("Authorization", "Bearer\ttabbed")
	r.Header.Set("Content-Type", w.FormDataContentType())
	got := slices.Sorted(slices.Values(httpSecrets(r)))
	want := []string{"Bearer\ttabbed", "in-a-part", "s", "semicolon", "tabbed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if left, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(left, form.Bytes()) {
		t.Errorf("the handler reads %q, %v", left, err)
	}
}

func TestHTTPSecrets(t *testing.T) {
	t.Parallel()
	const body = "code=c2&state=s&id_token=i"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cb?code=c1&x=y&access_token=a", strings.NewReader(body))
	r.SetBasicAuth("user", "pass")
	r.Header.Set("X-Api-Key", "key")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.AddCookie(&http.Cookie{Name: "session", Value: "cookie"})
	got := slices.DeleteFunc(slices.Sorted(slices.Values(httpSecrets(r))), func(s string) bool { return s == "" })
	want := []string{"Basic dXNlcjpwYXNz", "a", "c1", "c2", "cookie", "dXNlcjpwYXNz", "i", "key", "pass"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if left, err := io.ReadAll(r.Body); err != nil || string(left) != body {
		t.Errorf("the handler reads %q, %v", left, err)
	}
}
