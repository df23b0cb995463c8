package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	timeout = 60 * time.Second // for the service
	maxBody = 1 << 20          // bytes of a question or an answer
)

// New returns the handler of the endpoint for the settings that a user entered. It calls
// the service with client; nil means http.DefaultClient.
func New(settings Settings, client *http.Client) (http.Handler, error) {
	u, err := url.Parse(settings.ServiceURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("the service URL must start with https://")
	}
	if client == nil {
		client = http.DefaultClient
	}
	mux := http.NewServeMux()
	mux.Handle("POST /ask", &relay{settings, client})
	return mux, nil
}

type relay struct {
	settings Settings
	client   *http.Client
}

type question struct {
	Question string `json:"question"`
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

func (e *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !e.settings.Token.Equal(runtime.NewSecret(token)) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
		return
	}
	var q question
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&q); err != nil || q.Question == "" {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, `send JSON such as {"question": "..."}`, status)
		return
	}
	a, err := e.ask(r.Context(), e.order(q, r))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, "the service timed out", http.StatusGatewayTimeout)
	case err != nil:
		http.Error(w, "the service failed", http.StatusBadGateway)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a) // the client may be gone
	}
}

// order returns the request for a question with these settings.
func (e *relay) order(q question, r *http.Request) order {
	o := order{Question: q.Question, AppID: e.settings.App.AppID, Tools: runtime.ToolSelectorValues(e.settings.Tools)}
	if e.settings.Model != nil {
		o.Model = e.settings.Model.Values()
	}
	if e.settings.ForwardCaller {
		o.From = r.Header.Get("User-Agent")
	}
	return o
}

func (e *relay) ask(ctx context.Context, o order) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(o)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.settings.ServiceURL, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := e.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return answer{}, errors.New("the service returned " + resp.Status)
	}
	var a answer
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&a); err != nil {
		return answer{}, err
	}
	if a.Answer == "" {
		return answer{}, errors.New("the service's answer is empty")
	}
	return a, nil
}
