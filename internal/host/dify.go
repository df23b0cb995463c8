package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Dify answers calls back into Dify as a real one does: it refuses what the manifest does not
// permit and what lacks a field, keeps storage and uploads in memory, and gives all others the
// answers that Program sets. Its method Handle is a Handler. It is safe for concurrent use.
type Dify struct {
	storage storage
	uploads uploads
	handled sync.WaitGroup // calls that Go handles

	mu         sync.Mutex
	permission Permission
	refused    map[string]bool // by type
	programs   map[string]Program
	overrides  map[string]Handler
	calls      []*Record
}

// Program answers the calls of a type with Struct or Stream. Its error fails the call, with the
// words that Dify puts before it. It returns, at the latest, when the call's context is done.
type Program func(*Callback) error

// Refused is an error of a program with Dify's whole text: nothing is put before it.
type Refused string

func (r Refused) Error() string { return string(r) }

// Record is a call back that a Dify has got.
type Record struct {
	Session, From, Type string // as in Callback
	Request             json.RawMessage
	Err                 string // the text with which the call has failed; "" if it has not, or not yet
	Unknown             bool   // whether nothing was programmed for it
}

// NewDify returns a Dify for a plugin that has these permissions.
func NewDify(p Permission) *Dify {
	d := &Dify{permission: p, refused: make(map[string]bool), programs: make(map[string]Program), overrides: make(map[string]Handler)}
	d.storage.limit = p.Storage.Size
	d.programs["storage"], d.programs["upload_file"] = d.storage.answer, d.uploads.answer
	return d
}

// Close stops the server of uploads.
func (d *Dify) Close() { d.uploads.close() }

// Go is Handle in a goroutine of its own, for a call that belongs to no request of a host.
func (d *Dify) Go(cb *Callback) { d.handled.Go(func() { d.Handle(cb) }) }

// Wait waits for the calls of Go, whose contexts are done.
func (d *Dify) Wait() error { return returned(&d.handled) }

// Permit changes what the plugin may do.
func (d *Dify) Permit(p Permission) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.permission = p
}

// Refuse refuses calls of a type, as if the manifest did not permit them.
func (d *Dify) Refuse(typ string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused[typ] = true
}

// Program sets the answers to permitted and valid calls of a type. A nil program fails them, as
// is so at the beginning.
func (d *Dify) Program(typ string, p Program) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.programs[typ] = p
}

// Override sets what answers all calls of a type, or of all types if it is "", whatever is
// wrong with them. It sends the end, too, if there is to be one. A nil handler restores what was.
func (d *Dify) Override(typ string, h Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.overrides[typ] = h
}

// Calls returns the calls so far, the first one first.
func (d *Dify) Calls() []Record {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Record, len(d.calls))
	for i, c := range d.calls {
		list[i] = *c
	}
	return list
}

// Handle answers a call back.
func (d *Dify) Handle(cb *Callback) {
	d.mu.Lock()
	override := d.overrides[cb.Type]
	if override == nil {
		override = d.overrides[""]
	}
	permission, program := d.permission, d.programs[cb.Type]
	if d.refused[cb.Type] {
		permission = Permission{}
	}
	d.mu.Unlock()
	record := &Record{Session: cb.Session, From: cb.From, Type: cb.Type, Request: cb.Request}
	text := ""
	if override == nil {
		text = refusal(cb, &permission)
		record.Unknown = text == "" && program == nil
	}
	d.mu.Lock()
	d.calls = append(d.calls, record)
	d.mu.Unlock()
	if override != nil {
		override(cb)
		return
	}
	d.finish(cb, record, text, program)
}

// finish sends what is the answer to a call, and the end. If the program ends its goroutine, as
// testing.TB.FailNow does, or panics, the call fails.
func (d *Dify) finish(cb *Callback, record *Record, text string, program Program) {
	defer func() {
		if text != "" {
			d.mu.Lock()
			record.Err = text
			d.mu.Unlock()
			cb.Error(text)
		}
		cb.End()
	}()
	if text == "" {
		text = "the answer of this host to a call of type " + cb.Type + " has not returned"
		text = run(cb, program)
	}
}

// refusal returns why Dify refuses a call, or "".
func refusal(cb *Callback, p *Permission) string {
	if cb.From == "model" {
		return "you can not invoke dify from model"
	}
	s, known := services[cb.Type]
	switch {
	case !known:
		return "unsupported invoke type: " + cb.Type
	case !s.permitted(p):
		return "permission denied, you need to enable " + s.word + " access in plugin manifest"
	}
	if err := s.check(cb.Request); err != nil {
		return "unmarshal backwards invoke request failed: " + err.Error()
	}
	return ""
}

// run runs the program of a call and returns the text of its error, or "".
func run(cb *Callback, program Program) string {
	if program == nil {
		program = func(cb *Callback) error {
			return fmt.Errorf("this host has no answer to calls of type %s", cb.Type)
		}
	}
	err := program(cb)
	var refused Refused
	switch {
	case errors.As(err, &refused):
		return string(refused)
	case err != nil:
		return services[cb.Type].failure + err.Error()
	}
	return ""
}

// Permission is what a plugin's manifest permits, in resource.permission.
type Permission struct {
	Tool, Node, App struct{ Enabled bool }
	Model           struct {
		Enabled                 bool
		LLM                     bool
		TextEmbedding           bool `json:"text_embedding"`
		Rerank, TTS, Moderation bool
		Speech2Text             bool
	}
	Storage struct {
		Enabled bool
		Size    int64 // in bytes; 0 for as much as Dify gives
	}
}

// ReadPermission returns what a manifest, in JSON, permits.
func ReadPermission(manifest []byte) (Permission, error) {
	var m struct {
		Resource struct{ Permission Permission }
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		return Permission{}, fmt.Errorf("decoding a manifest: %w", err)
	}
	return m.Resource.Permission, nil
}

// Types returns the types of the calls that Dify knows, sorted.
func Types() []string {
	var list []string
	for typ := range services {
		list = append(list, typ)
	}
	slices.Sort(list)
	return list
}
