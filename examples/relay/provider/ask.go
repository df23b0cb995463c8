package relay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

// order is the request to the service.
type order struct {
	Question string         `json:"question"`
	Topic    string         `json:"topic"`
	AppID    string         `json:"app_id"`
	Model    map[string]any `json:"model,omitempty"`
	Tools    []any          `json:"tools,omitempty"`
	From     string         `json:"from,omitempty"`
}

type answer struct {
	Answer string `json:"answer"`
}

// Ask answers a question about a topic, such as products/printers, with what the service says.
func (p *Provider) Ask(w http.ResponseWriter, r *http.Request, call *AskCall) error {
	question, ok := readQuestion(w, r, call.Settings)
	if !ok {
		return nil
	}
	u, err := url.Parse(call.Settings.ServiceURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return errors.New("the service URL of the settings must start with https://") // for the log, not for who asks
	}
	a, err := p.passOn(r, call, question)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, "the service timed out", http.StatusGatewayTimeout)
	case err != nil || a.Answer == "":
		http.Error(w, "the service failed", http.StatusBadGateway)
	default:
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(a)
	}
	return nil
}

// passOn passes on the question of a request.
func (p *Provider) passOn(r *http.Request, call *AskCall, question string) (a answer, err error) {
	settings := call.Settings
	o := order{Question: question, Topic: call.Path.Topic, AppID: settings.App.AppID, Tools: runtime.ToolSelectorValues(settings.Tools)}
	if settings.Model != nil {
		o.Model = settings.Model.Values()
	}
	if settings.ForwardCaller {
		o.From = r.Header.Get("User-Agent")
	}
	req, err := runtime.NewJSONRequest(r.Context(), http.MethodPost, settings.ServiceURL, o)
	if err != nil {
		return a, err
	}
	err = runtime.DoJSON(p.HTTPClient, req, &a)
	return a, err
}
