// Package gate has endpoints without mistakes.
package gate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// Provider answers what its service says.
type Provider struct {
	HTTPClient *http.Client
	URL        string
}

type item struct {
	ID   int64
	Kind string
}

func (p *Provider) Item(w http.ResponseWriter, r *http.Request, call *ItemCall) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return nil
	}
	mac := hmac.New(sha256.New, []byte(call.Settings.SigningSecret.Reveal()))
	mac.Write(body)
	signature, _ := hex.DecodeString(r.Header.Get("X-Signature"))
	if !hmac.Equal(mac.Sum(nil), signature) {
		http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		return nil
	}
	found := item{ID: call.Path.ID, Kind: call.Path.Kind}
	req, err := runtime.NewJSONRequest(r.Context(), http.MethodPost, p.URL, found)
	if err != nil {
		return err
	}
	if err := runtime.DoJSON(p.HTTPClient, req, &found); err != nil {
		slog.ErrorContext(r.Context(), "The service failed.", "error", err)
		http.Error(w, "the service failed", http.StatusBadGateway)
		return nil
	}
	w.Header().Set("Location", call.URL("/items/1/a"))
	return json.NewEncoder(w).Encode(found)
}

func (p *Provider) File(w http.ResponseWriter, r *http.Request, call *FileCall) error {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !runtime.NewSecret(call.Settings.APIToken).Equal(runtime.NewSecret(token)) {
		http.Error(w, "the token is wrong", http.StatusUnauthorized)
		return nil
	}
	if call.Settings.PageToken == r.FormValue("page") && call.Path.FileName != "" {
		http.Redirect(w, r, call.URL("/items/1/a"), http.StatusFound)
		return nil
	}
	_, err := io.WriteString(w, call.Path.FileName)
	if err != nil {
		return errors.New("the caller is gone")
	}
	return nil
}
