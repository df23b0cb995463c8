// Package relay lets other systems ask a service, or a model of a Dify workspace, over HTTP.
package relay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// maxBody is the size of the longest question, in bytes.
const maxBody = 1 << 20

// Provider passes on questions to the services of its users.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
}

// If Provider lacks a method, the compiler reports it here.
var _ EndpointHandler = (*Provider)(nil)

// Handler returns the handler of the endpoint for the settings that a user entered.
func (p *Provider) Handler(settings Settings) (http.Handler, error) {
	u, err := url.Parse(settings.ServiceURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("the service URL must start with https://")
	}
	r := &relay{settings, p.HTTPClient}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ask", r.ask)
	mux.HandleFunc("POST /chat", r.chat)
	return mux, nil
}

type relay struct {
	settings Settings
	client   *http.Client
}

// order is the request to the service.
type order struct {
	Question string         `json:"question"`
	AppID    string         `json:"app_id"`
	Model    map[string]any `json:"model,omitempty"`
	Tools    []any          `json:"tools,omitempty"`
	From     string         `json:"from,omitempty"`
}

type answer struct {
	Answer string `json:"answer"`
}

// question returns the question of a request. If there is none, it answers the request.
func (e *relay) question(w http.ResponseWriter, r *http.Request) (question string, ok bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !e.settings.Token.Equal(runtime.NewSecret(token)) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
		return "", false
	}
	var q struct{ Question string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&q); err != nil || q.Question == "" {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, `send JSON such as {"question": "..."}`, status)
		return "", false
	}
	return q.Question, true
}

// ask answers a question with what the service says.
func (e *relay) ask(w http.ResponseWriter, r *http.Request) {
	question, ok := e.question(w, r)
	if !ok {
		return
	}
	a, err := e.passOn(r, question)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, "the service timed out", http.StatusGatewayTimeout)
	case err != nil || a.Answer == "":
		http.Error(w, "the service failed", http.StatusBadGateway)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a) // the client may be gone
	}
}

// passOn passes on the question of a request.
func (e *relay) passOn(r *http.Request, question string) (a answer, err error) {
	o := order{Question: question, AppID: e.settings.App.AppID, Tools: runtime.ToolSelectorValues(e.settings.Tools)}
	if e.settings.Model != nil {
		o.Model = e.settings.Model.Values()
	}
	if e.settings.ForwardCaller {
		o.From = r.Header.Get("User-Agent")
	}
	req, err := runtime.NewJSONRequest(r.Context(), http.MethodPost, e.settings.ServiceURL, o)
	if err != nil {
		return a, err
	}
	err = runtime.DoJSON(e.client, req, &a)
	return a, err
}
