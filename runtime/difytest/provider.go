package difytest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// Validate checks credentials that a user has entered: for a model provider those of the
// whole provider. It returns nil if the plugin accepts them.
func (h *Host) Validate(creds map[string]any) error {
	h.tb.Helper()
	p := h.target(runtime.KindTool, runtime.KindModel, runtime.KindDatasource, runtime.KindTrigger)
	if p.kind == runtime.KindModel {
		_, err := h.ValidateProvider(creds)
		return err
	}
	if err := h.refuse(p, undeclared("provider "+p.name, "credential", p.credentials, creds), noSecrets(creds)); err != nil {
		return err
	}
	var result struct{ Result bool }
	return h.decode(host.Request{
		Type: string(p.kind), Action: "validate_" + string(p.kind) + "_credentials",
		Fields: map[string]any{"provider": p.name, "credentials": wire(creds)},
	}, p.secrets(creds), &result)
}

// ValidateProvider checks credentials for a whole model provider. It returns what Dify saves.
func (h *Host) ValidateProvider(creds map[string]any) (saved map[string]any, err error) {
	h.tb.Helper()
	p := h.target(runtime.KindModel)
	return h.validateModel("validate_provider_credentials", p, p.credentials, creds, make(map[string]any))
}

// ValidateModel checks credentials for a model. It returns what Dify saves.
func (h *Host) ValidateModel(t runtime.ModelType, model string, creds map[string]any) (saved map[string]any, err error) {
	h.tb.Helper()
	p := h.target(runtime.KindModel)
	return h.validateModel("validate_model_credentials", p, p.modelCredentials, creds, map[string]any{"model_type": t, "model": model})
}

func (h *Host) validateModel(action string, p *provider, declared []field, creds, fields map[string]any) (map[string]any, error) {
	h.tb.Helper()
	if err := h.refuse(p, undeclared("provider "+p.name, "credential", declared, creds), noSecrets(creds)); err != nil {
		return nil, err
	}
	fields["provider"], fields["credentials"] = p.name, wire(creds)
	var result struct{ Credentials map[string]any }
	err := h.decode(host.Request{Type: "model", Action: action, Fields: fields}, p.secrets(creds), &result)
	return result.Credentials, err
}

// Endpoint sends an HTTP request to the plugin's endpoints, with these settings. The URL's
// path is what follows that of the hook, such as /ask, or begins with it, as the path of a URL that
// [runtime.EndpointCall.URL] has returned does: /e/hook-1/ask. The request gets the headers that Dify
// adds, and loses those that it removes. The body of the response need not be closed. It is there as
// a whole: to see pieces as they come, serve the handler of the endpoint with package
// net/http/httptest, with the context of [Dify.Context] as that of its connections.
//
// If the settings are wrong, the code panics, or the response is broken off, there is an error and
// no response.
func (h *Host) Endpoint(r *http.Request, settings map[string]any) (*http.Response, error) {
	h.tb.Helper()
	const hookID = "hook-1"
	p := h.target(runtime.KindEndpoint)
	if err := h.refuse(p, undeclared("endpoint group", "setting", p.settings, settings), noSecrets(settings)); err != nil {
		return nil, err
	}
	raw, err := host.EncodeEndpoint(belowHook(r, "/e/"+hookID), hookID)
	if err != nil {
		h.tb.Fatal(err)
	}
	secrets := p.secrets(settings)
	response := h.do(host.Request{
		Type: "endpoint", Action: "invoke_endpoint", EndpointID: hookID,
		Fields: map[string]any{"settings": wire(settings), "raw_http_request": raw},
	}, secrets)
	if response.Err != nil {
		err := error(wireError(response.Err))
		if len(response.Results) > 0 {
			err = fmt.Errorf("the response is cut off: %w", err)
		}
		return nil, err
	}
	resp, body, err := host.DecodeEndpoint(response, r)
	if err != nil {
		return nil, err
	}
	texts := [][]byte{body}
	for _, values := range resp.Header {
		texts = append(texts, []byte(values[0]))
	}
	h.checkSecrets("the response of the endpoint", secrets, texts...)
	return resp, nil
}

// belowHook returns a request without the path of the hook at the start of its own.
func belowHook(r *http.Request, hook string) *http.Request {
	if r.URL == nil || r.URL.Path != hook && !strings.HasPrefix(r.URL.Path, hook+"/") {
		return r
	}
	address := *r.URL
	address.Path, address.RawPath = address.Path[len(hook):], strings.TrimPrefix(address.RawPath, hook)
	r = r.WithContext(r.Context()) // a copy
	r.URL = &address
	return r
}
