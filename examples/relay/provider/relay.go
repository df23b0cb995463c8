// Package relay lets other systems ask a service, or a model of a Dify workspace, over HTTP.
package relay

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// maxBody is the size of the longest question, in bytes.
const maxBody = 1 << 20

// Provider passes on questions to the services and models of its users.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
}

// If Provider lacks a method, the compiler reports it here.
var _ Endpoints = (*Provider)(nil)

// readQuestion returns the question of a request. If there is none, or the request lacks the token
// of the settings, it answers the request.
func readQuestion(w http.ResponseWriter, r *http.Request, settings Settings) (question string, ok bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !settings.Token.Equal(runtime.NewSecret(token)) {
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
