// Package wren has endpoints that need no service: they say what they were asked.
package wren

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Provider has the endpoints.
type Provider struct{}

var _ Endpoints = (*Provider)(nil)

// say answers with the values in the path and the rest of the request, as JSON.
func say(w http.ResponseWriter, r *http.Request, settings Settings, values map[string]any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	switch r.URL.Query().Get("do") {
	case "fail":
		return errors.New("the wren flies away")
	case "tea":
		w.WriteHeader(http.StatusTeapot)
		_, err := io.WriteString(w, "tea")
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "values": values, "query": r.URL.Query(), "body": string(body), "token": settings.Token.Reveal() == "t", "type": r.Header.Get("Content-Type"),
	})
}

// Item says what it was asked.
func (p *Provider) Item(w http.ResponseWriter, r *http.Request, call *ItemCall) error {
	return say(w, r, call.Settings, map[string]any{"id": call.Path.ID})
}

// Name says what it was asked.
func (p *Provider) Name(w http.ResponseWriter, r *http.Request, call *NameCall) error {
	return say(w, r, call.Settings, map[string]any{"name": call.Path.Name})
}

// Price says what it was asked.
func (p *Provider) Price(w http.ResponseWriter, r *http.Request, call *PriceCall) error {
	return say(w, r, call.Settings, map[string]any{"f": call.Path.F})
}

// User says what it was asked.
func (p *Provider) User(w http.ResponseWriter, r *http.Request, call *UserCall) error {
	return say(w, r, call.Settings, map[string]any{"u": call.Path.U})
}

// File says what it was asked.
func (p *Provider) File(w http.ResponseWriter, r *http.Request, call *FileCall) error {
	return say(w, r, call.Settings, map[string]any{"p": call.Path.P})
}

// Color says what it was asked.
func (p *Provider) Color(w http.ResponseWriter, r *http.Request, call *ColorCall) error {
	return say(w, r, call.Settings, map[string]any{"c": call.Path.C, "s": call.Path.S})
}

// Ask says what it was asked.
func (p *Provider) Ask(w http.ResponseWriter, r *http.Request, call *AskCall) error {
	return say(w, r, call.Settings, map[string]any{})
}

// Options says what it was asked.
func (p *Provider) Options(w http.ResponseWriter, r *http.Request, call *OptionsCall) error {
	return say(w, r, call.Settings, map[string]any{})
}

// Folder says what it was asked.
func (p *Provider) Folder(w http.ResponseWriter, r *http.Request, call *FolderCall) error {
	return say(w, r, call.Settings, map[string]any{})
}
