package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// answerModel sends a request to a route of a model provider, and returns the result in JSON.
func answerModel(t *testing.T, p runtime.ModelProvider, action string, fields string) (string, error) {
	t.Helper()
	return answerModelWithin(t.Context(), t, p, action, fields)
}

// answerModelWithin is answerModel with a context.
func answerModelWithin(ctx context.Context, t *testing.T, p runtime.ModelProvider, action string, fields string) (string, error) {
	t.Helper()
	for _, r := range p.Routes() {
		if r.Action != action {
			continue
		}
		result, err := r.Serve(ctx, &runtime.Request{Call: runtime.Call{UserID: "u"}, Data: decodeAny(t, []byte(fields))})
		if err != nil {
			return "", err
		}
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false) // as on the wire
		if err := e.Encode(result); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(b.String()), nil
	}
	return "", fmt.Errorf("no route %s", action)
}

// serveSchema returns what Dify gets to know about a model that CustomModel returns.
func serveSchema(t *testing.T, schema *runtime.ModelSchema) map[string]any {
	t.Helper()
	p := runtime.NewModel(runtime.ModelConfig{
		Name: "p", CustomModel: func(context.Context, runtime.ModelCall, map[string]any) (*runtime.ModelSchema, error) {
			return schema, nil
		},
	})
	asked := map[string]any{"model_type": "llm", "model": "m", "credentials": map[string]any{}}
	if schema.Type != "" {
		asked["model_type"] = schema.Type
	}
	if schema.Model != "" {
		asked["model"] = schema.Model
	}
	result, err := answerModel(t, p, "get_ai_model_schemas", string(encodeJSON(t, asked)))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := decodeAny(t, []byte(result))["model_schema"].(map[string]any)
	return got
}

// gateway is a provider whose models show what they are called with.
func gateway(custom func(context.Context, runtime.ModelCall, map[string]any) (*runtime.ModelSchema, error)) runtime.ModelProvider {
	return runtime.NewModel(runtime.ModelConfig{
		Name: "p", CustomModel: custom,
		Models: []string{
			`{"model":"small","model_type":"llm","label":{"en_US":"<old>"}}`,
			`{"model":"small","model_type":"rerank","label":{"en_US":"Small"}}`,
			`{"model":"small","model_type":"llm","label":{"en_US":"<Small>"},"fetch_from":"predefined-model","unknown":1}`,
		},
		Actions: []runtime.ModelAction{
			{Type: runtime.ModelTypeLLM, Name: "invoke_llm", Serve: func(_ context.Context, req *runtime.ModelRequest) (any, error) {
				label := "none"
				if req.ModelCall.Schema != nil {
					label = req.ModelCall.Schema.Label
				}
				m := req.ModelCall
				return fmt.Sprint(m.UserID, " ", m.ModelType, " ", m.Model, " ", m.BaseModelName, " ", label, " ", req.Credentials, " ", req.Data["text"]), nil
			}},
		},
	})
}

func TestModelRoutes(t *testing.T) {
	t.Parallel()
	custom := func(_ context.Context, call runtime.ModelCall, creds map[string]any) (*runtime.ModelSchema, error) {
		switch call.Model {
		case "large":
			return &runtime.ModelSchema{Label: fmt.Sprint("Large ", creds["key"], " ", call.UserID, " ", call.Schema == nil)}, nil
		case "broken":
			return &runtime.ModelSchema{Features: []runtime.ModelFeature{"smell"}}, nil
		case "failing":
			return nil, &runtime.StatusError{StatusCode: http.StatusTooManyRequests}
		}
		return nil, nil
	}
	const wrongFeature = "schema of the model broken: the feature smell is unknown to Dify: it must be one of tool-call, multi-tool-call, stream-tool-call, agent-thought, vision, document, video, audio …"
	for _, test := range []struct{ name, action, fields, want, wantErr string }{
		{"declared", "invoke_llm", `{"model_type":"llm","model":"small","credentials":{"base_model_name":"b"},"text":"hi"}`, `"u llm small b <Small> map[base_model_name:b] hi"`, ""},
		{"custom", "invoke_llm", `{"model_type":"llm","model":"large","credentials":{"key":"k"}}`, `"u llm large  Large k u true map[key:k] <nil>"`, ""},
		{"unknown", "invoke_llm", `{"model_type":"llm","model":"none","credentials":null}`, `"u llm none  none map[] <nil>"`, ""},
		{"broken", "invoke_llm", `{"model_type":"llm","model":"broken","credentials":{}}`, "", "InvokeError: " + wrongFeature},
		{"failing", "invoke_llm", `{"model_type":"llm","model":"failing","credentials":{}}`, "", "InvokeRateLimitError: the service returned status 429 Too Many Requests"},
		{"no model", "invoke_llm", `{"model_type":"llm","model":"","credentials":null}`, "", "ValidationError: model of the request is missing"},
		{"wrong types", "invoke_llm", `{"model_type":1,"model":[],"credentials":""}`, "", "ValidationError: model_type, model, credentials of the request have the wrong type"},

		{
			"schema", "get_ai_model_schemas", `{"model_type":"llm","model":"small","credentials":{}}`,
			`{"model_schema":{"model":"small","model_type":"llm","label":{"en_US":"<Small>"},"fetch_from":"predefined-model","unknown":1}}`, "",
		},
		{"schema of the other type", "get_ai_model_schemas", `{"model_type":"rerank","model":"small","credentials":{}}`, `{"model_schema":{"model":"small","model_type":"rerank","label":{"en_US":"Small"}}}`, ""},
		{
			"custom schema", "get_ai_model_schemas", `{"model_type":"tts","model":"large","credentials":{"key":"k"}}`,
			`{"model_schema":{"model":"large","label":{"en_US":"Large k u true"},"model_type":"tts","features":null,"fetch_from":"customizable-model","model_properties":{},"deprecated":false,"parameter_rules":[],"pricing":null}}`, "",
		},
		{"no schema", "get_ai_model_schemas", `{"model_type":"tts","model":"small","credentials":null}`, `{"model_schema":null}`, ""},
		{"broken schema", "get_ai_model_schemas", `{"model_type":"llm","model":"broken","credentials":{}}`, "", "InvokeError: " + wrongFeature},
		{"failing schema", "get_ai_model_schemas", `{"model_type":"llm","model":"failing","credentials":{}}`, "", "InvokeRateLimitError: the service returned status 429 Too Many Requests"},
		{"schema of nothing", "get_ai_model_schemas", `{}`, "", "ValidationError: model_type, model of the request are missing"},
	} {
		got, err := answerModel(t, gateway(custom), test.action, test.fields)
		if got != test.want || typedText(err) != test.wantErr {
			t.Errorf("%s: got %s, %s, want %s, %s", test.name, got, typedText(err), test.want, test.wantErr)
		}
	}
	if got, err := answerModel(t, gateway(nil), "get_ai_model_schemas", `{"model_type":"llm","model":"large"}`); got != `{"model_schema":null}` || err != nil {
		t.Errorf("without CustomModel: %s, %v", got, err)
	}
}

// typedText returns the type and the message of an error.
func typedText(err error) string {
	var e *runtime.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return string(e.Type) + ": " + err.Error()
	}
	return err.Error()
}

func TestModelRouteKeys(t *testing.T) {
	t.Parallel()
	var got []string
	for _, r := range gateway(nil).Routes() {
		got = append(got, fmt.Sprint(r.Type, " ", r.Action, " ", r.Keys, " ", r.ErrorType))
	}
	want := []string{"model invoke_llm [{provider p} {model_type llm}] InvokeError", "model get_ai_model_schemas [{provider p}] InvokeError"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if routes := runtime.NewModel(runtime.ModelConfig{Name: "p"}).Routes(); len(routes) != 0 {
		t.Errorf("a provider without anything has the routes %v", routes)
	}
}

// TestModelCredentialsOfType checks credentials for models of types that a provider has, or does not have.
func TestModelCredentialsOfType(t *testing.T) {
	t.Parallel()
	c := runtime.ModelConfig{
		Name: "p",
		ValidateModelCredentials: func(context.Context, runtime.ModelType, string, map[string]any) (map[string]any, error) {
			return nil, nil
		},
	}
	action := runtime.ModelAction{Type: "llm", Name: "invoke_llm"}
	for _, test := range []struct {
		actions      []runtime.ModelAction
		fields, want string
	}{
		{[]runtime.ModelAction{action}, `{"model_type":"llm","model":"m"}`, `{"credentials":{},"result":true}`},
		{[]runtime.ModelAction{action}, `{"model_type":"tts","model":"m"}`, "ValueError: provider p does not support models of type tts"},
		{nil, `{"model_type":"tts","model":"m"}`, `{"credentials":{},"result":true}`},
		{nil, `{"model_type":"","model":"m"}`, "ValidationError: model_type of the request is missing"},
	} {
		c.Actions = test.actions
		got, err := answerModel(t, runtime.NewModel(c), "validate_model_credentials", test.fields)
		if got += typedText(err); got != test.want {
			t.Errorf("%s: got %s, want %s", test.fields, got, test.want)
		}
	}
}

func TestModelsWrong(t *testing.T) {
	t.Parallel()
	for models, want := range map[string]string{
		`{`:  "InvokeError: model 2 that the provider declares is not valid: unexpected end of JSON input",
		`{}`: "InvokeError: model 2 that the provider declares is not valid: it has no name",
		`{"model":"m","model_type":"llm","features":1}`: "InvokeError: the model m that the provider declares is not valid: json: cannot unmarshal number into Go struct field wireSchema.features of type []runtime.ModelFeature",
	} {
		p := runtime.NewModel(runtime.ModelConfig{
			Name: "p", Models: []string{`{"model":"a","model_type":"llm"}`, models},
			Actions: []runtime.ModelAction{{Type: "llm", Name: "invoke_llm", Serve: func(context.Context, *runtime.ModelRequest) (any, error) { return "", nil }}},
		})
		if _, err := answerModel(t, p, "invoke_llm", `{"model_type":"llm","model":"m"}`); typedText(err) != want {
			t.Errorf("%s: got %s, want %s", models, typedText(err), want)
		}
	}
}

// TestModelErrors checks the types that errors of models get.
func TestModelErrors(t *testing.T) {
	t.Parallel()
	missing := &runtime.ValidationError{Provider: "P", Problems: []runtime.Problem{{Field: "api_key", Label: "API Key", Reason: "is required"}}}
	status := func(code int, header ...string) error {
		e := &runtime.StatusError{StatusCode: code, Header: make(http.Header)}
		for _, h := range header {
			e.Header.Set("Retry-After", h)
		}
		return e
	}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"credentials", missing, "InvokeBadRequestError: P: API Key (api_key) is required"},
		{"invalid", fmt.Errorf("asking: %w", runtime.Invalid("seed", "Seed", "must be odd")), "InvokeBadRequestError: asking: Seed (seed) must be odd"},
		{"typed", &runtime.Error{Type: "X", Err: missing}, "X: P: API Key (api_key) is required"},
		{"plain", errors.New("no"), "InvokeError: no"},
		{"unreachable", runtime.Unreachable(errors.New("refused")), "InvokeConnectionError: could not reach the service: refused"},
		{"400", status(400), "InvokeBadRequestError: the service returned status 400 Bad Request"},
		{"401", fmt.Errorf("listing: %w", status(401)), "InvokeAuthorizationError: listing: the service returned status 401 Unauthorized"},
		{"402", status(402), "InvokeRateLimitError: the service returned status 402 Payment Required"},
		{"403", status(403), "InvokeAuthorizationError: the service returned status 403 Forbidden"},
		{"408", status(408), "InvokeConnectionError: the service returned status 408 Request Timeout"},
		{"429", status(429), "InvokeRateLimitError: the service returned status 429 Too Many Requests"},
		{"retry", status(429, "20"), "InvokeRateLimitError: the service returned status 429 Too Many Requests: it asks to try again in 20 s"},
		{"retry at a time", status(503, "Fri, 31 Dec 1999 23:59:59 GMT"), "InvokeServerUnavailableError: the service returned status 503 Service Unavailable"},
		{"529", status(529), "InvokeServerUnavailableError: the service returned status 529"},
		{"101", status(101), "InvokeError: the service returned status 101 Switching Protocols"},
	} {
		p := runtime.NewModel(runtime.ModelConfig{
			Name: "p",
			Actions: []runtime.ModelAction{{Type: "llm", Name: "invoke_llm", Serve: func(context.Context, *runtime.ModelRequest) (any, error) {
				return nil, test.err
			}}},
		})
		_, err := answerModel(t, p, "invoke_llm", `{"model_type":"llm","model":"m","credentials":{}}`)
		if got := typedText(err); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	if runtime.InvokeError(nil) != nil {
		t.Error("nil is an error")
	}
}

// TestInvokeErrorOfNet checks errors of code that does not use Do.
func TestInvokeErrorOfNet(t *testing.T) {
	t.Parallel()
	const secret = "https://127.0.0.1:1/?key=secret"
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}
	for _, test := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Get", URL: secret, Err: refused}, "InvokeConnectionError: could not reach the service: dial tcp: connect: connection refused"},
		{fmt.Errorf("asking: %w", &url.Error{Op: "Get", URL: secret, Err: io.EOF}), "InvokeConnectionError: could not reach the service: EOF"},
		{&url.Error{Op: "Get", URL: secret, Err: context.DeadlineExceeded}, "InvokeConnectionError: the service took too long to answer"},
		{fmt.Errorf("reading: %w", refused), "InvokeConnectionError: could not reach the service: reading: dial tcp: connect: connection refused"},
		{runtime.Unreachable(&url.Error{Op: "Get", URL: secret, Err: refused}), "InvokeConnectionError: could not reach the service: dial tcp: connect: connection refused"},
		{&url.Error{Op: "parse", URL: secret, Err: errors.New("secret")}, "InvokeBadRequestError: the URL is not valid: it must be one such as https://api.example.com"},
		{io.EOF, "InvokeError: EOF"},
	} {
		if got := typedText(runtime.InvokeError(test.err)); got != test.want {
			t.Errorf("%v: got %s, want %s", test.err, got, test.want)
		}
	}
}

// TestCredentialsDecoder checks the types of errors in the credentials of a call.
func TestCredentialsDecoder(t *testing.T) {
	t.Parallel()
	missing := &runtime.ValidationError{Provider: "P", Problems: []runtime.Problem{{Field: "api_key", Label: "API Key", Reason: "is required"}}}
	for _, test := range []struct {
		err         error
		creds, want string
	}{
		{missing, `{}`, "InvokeAuthorizationError: P: API Key (api_key) is required"},
		{missing, `null`, "ValidationError: the request has no credentials, which happens if Dify cannot read the rest of it: P: API Key (api_key) is required"},
		{&runtime.Error{Type: "X", Err: missing}, `{}`, "X: P: API Key (api_key) is required"},
		{errors.New("no"), `{}`, "InvokeAuthorizationError: no"},
		{nil, `{}`, ""},
		{nil, `null`, ""},
	} {
		var decode runtime.CredentialsDecoder[string] = func(modelType runtime.ModelType, values map[string]any) (string, error) {
			return fmt.Sprint(modelType, len(values)), test.err
		}
		p := runtime.NewModel(runtime.ModelConfig{
			Name: "p",
			Actions: []runtime.ModelAction{{Type: "llm", Name: "invoke_llm", Serve: func(_ context.Context, req *runtime.ModelRequest) (any, error) {
				return decode.Decode(req)
			}}},
		})
		result, err := answerModel(t, p, "invoke_llm", `{"model_type":"llm","model":"m","credentials":`+test.creds+`}`)
		if got := typedText(err); got != test.want || err == nil && result != `"llm0"` {
			t.Errorf("%v of %s: got %s, %s, want %s", test.err, test.creds, result, got, test.want)
		}
	}
}

// TestBindCustomModel checks what a method that returns schemas is called with.
func TestBindCustomModel(t *testing.T) {
	t.Parallel()
	decode := func(typ runtime.ModelType, values map[string]any) (creds, error) {
		values = maps.Clone(values)
		if typ == "tts" {
			delete(values, "token")
		}
		return decodeCreds(values)
	}
	p := runtime.NewModel(runtime.ModelConfig{
		Name: "p",
		CustomModel: runtime.BindCustomModel(decode, func(_ context.Context, call *runtime.CustomModelCall[creds]) (*runtime.ModelSchema, error) {
			return &runtime.ModelSchema{Label: call.Model + " " + call.Credentials.Token.Reveal()}, nil
		}),
	})
	got, err := answerModel(t, p, "get_ai_model_schemas", `{"model_type":"rerank","model":"m","credentials":{"token":"t"}}`)
	var result struct {
		Schema runtime.ModelSchema `json:"model_schema"`
	}
	if err != nil || json.Unmarshal([]byte(got), &result) != nil || result.Schema.Label != "m t" || result.Schema.Type != "rerank" || result.Schema.Model != "m" {
		t.Errorf("got %s, %v", got, err)
	}
	_, err = answerModel(t, p, "get_ai_model_schemas", `{"model_type":"tts","model":"m","credentials":{"token":"t"}}`)
	if want := "InvokeAuthorizationError: P: Token (token) is required"; typedText(err) != want {
		t.Errorf("got %s, want %s", typedText(err), want)
	}
}
