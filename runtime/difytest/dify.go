package difytest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime/llm"
)

// Dify is what a plugin calls back: the storage, models, tools, apps and nodes of a workspace. It
// refuses what manifest.yaml does not permit, and calls that lack what Dify requires, in Dify's
// words. Storage and uploads work at once. For all else, the test says what the answers are; a call
// without an answer fails, and so does the test. Its methods are safe for concurrent use.
type Dify struct {
	tb   testing.TB
	dify *host.Dify

	mu          sync.Mutex
	credentials map[string]string // IDs by provider
	reported    int               // calls
	problems    []string          // not reported yet
	mayWait     bool              // whether calls can take as long as on a real host
	opened      []*replies        // by Context
}

// Dify returns the Dify that the plugin calls back.
func (h *Host) Dify() *Dify { return h.dify }

// NewDify returns a Dify that permits everything, for a test of a single method. The method gets it
// with Context:
//
//	dify := difytest.NewDify(t)
//	ctx := dify.Context(t.Context())
//	call := &github.ListIssuesCall{Dify: github.DifyFromContext(ctx), …}
func NewDify(tb testing.TB) *Dify {
	tb.Helper()
	var everything host.Permission
	everything.Tool.Enabled, everything.Node.Enabled, everything.App.Enabled, everything.Storage.Enabled = true, true, true, true
	m := &everything.Model
	m.Enabled, m.LLM, m.TextEmbedding, m.Rerank, m.TTS, m.Speech2Text, m.Moderation = true, true, true, true, true, true, true
	return newDify(tb, everything)
}

// open notes a call with Context.
func (d *Dify) open(r *replies) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, r)
}

// closeAll ends the calls with Context, and notes those that are open.
func (d *Dify) closeAll() {
	d.mu.Lock()
	opened := d.opened
	d.mu.Unlock()
	var types []string
	for _, r := range opened {
		r.mu.Lock()
		if !r.closed {
			types = append(types, r.typ)
		}
		r.mu.Unlock()
		r.Close()
	}
	if types != nil {
		d.hang("the test", types)
	}
}

func newDify(tb testing.TB, permission host.Permission) *Dify {
	tb.Helper()
	d := &Dify{tb: tb, dify: host.NewDify(permission), credentials: make(map[string]string)}
	tb.Cleanup(func() {
		tb.Helper()
		d.closeAll()
		if err := d.dify.Wait(); err != nil {
			tb.Error(err)
		}
		d.report()
		d.dify.Close()
	})
	return d
}

// Store stores a value, as if the plugin had stored it before.
func (d *Dify) Store(key string, value []byte) { d.dify.Store(key, value) }

// Stored returns the value that is stored for a key, and whether there is one.
func (d *Dify) Stored(key string) (value []byte, ok bool) {
	value, ok = d.dify.Stored()[key]
	return value, ok
}

// StoredKeys returns the keys of all that is stored, sorted. A plugin cannot ask for them.
func (d *Dify) StoredKeys() []string { return slices.Sorted(maps.Keys(d.dify.Stored())) }

// LimitStorage sets how many bytes the plugin can store. At first, that is what manifest.yaml says
// (resource.permission.storage.size), and at most 100 MiB.
func (d *Dify) LimitStorage(bytes int64) { d.dify.SetStorageLimit(bytes) }

// Uploads returns the files that the plugin has uploaded.
func (d *Dify) Uploads() []File {
	var list []File
	for _, f := range d.dify.Uploads() {
		list = append(list, File(f))
	}
	return list
}

// ChooseCredential sets which credentials the user of the next requests has chosen for the tools of
// a provider.
func (d *Dify) ChooseCredential(provider, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.credentials[provider] = id
}

// chosen returns the credentials that the user has chosen, or nil.
func (d *Dify) chosen() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.credentials) == 0 {
		return nil
	}
	return maps.Clone(d.credentials)
}

// wait notes that calls can take as long as on a real host.
func (d *Dify) wait() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mayWait = true
}

func (d *Dify) waits() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mayWait
}

// Answer sets the answer to calls of a type on the wire, such as "llm", for what the other methods
// cannot do. Each [Service] has its types. The answer gives replies to reply, which encodes them as
// objects in JSON: one or, if the type streams, any number. An *llm.Chunk
// without Model is one of the model that is asked. With an error, the call fails after the replies: the
// text is what a service behind Dify says, before which Dify puts words of its own. A nil function
// takes the answer back.
func (d *Dify) Answer(typ string, answer func(ctx context.Context, request json.RawMessage, reply func(any)) error) {
	d.tb.Helper()
	if !slices.Contains(host.Types(), typ) {
		d.tb.Errorf("Dify.Answer: Dify has no calls of type %s; it has those of %s", typ, list(host.Types()))
		return
	}
	if answer == nil {
		d.dify.Program(typ, nil)
		return
	}
	d.wait() // the answer can wait for the end of its context
	d.program(typ, func(cb *host.Callback, reply func(any)) error { return answer(cb.Context(), cb.Request, reply) })
}

// streamed are the types whose calls have any number of replies.
var streamed = []string{"llm", "llm_structured_output", "tts", "tool", "app"}

func (d *Dify) program(typ string, answer func(cb *host.Callback, reply func(any)) error) {
	d.dify.Program(typ, func(cb *host.Callback) error {
		send := cb.Struct
		if slices.Contains(streamed, typ) {
			send = cb.Stream
		}
		return answer(cb, func(v any) {
			data, err := encodeReply(cb, v)
			if err != nil {
				d.tb.Errorf("Dify would not send such a reply to a call of type %s: %v", typ, err)
				return
			}
			send(json.RawMessage(data))
		})
	})
}

// encodeReply returns a reply to a call as an object in JSON.
func encodeReply(cb *host.Callback, v any) ([]byte, error) {
	if c, ok := v.(*llm.Chunk); ok && c != nil && c.Model == "" {
		var asked wireModel
		if err := json.Unmarshal(cb.Request, &asked); err != nil {
			return nil, err
		}
		whole := *c
		whole.Model = asked.Model
		v = &whole
	}
	data, err := json.Marshal(v)
	if err == nil && data[0] != '{' {
		err = errors.New("it is not an object")
	}
	return data, err
}

// Callback is a call back into Dify that the plugin has made.
type Callback struct {
	// Type is that of the call on the wire, such as "llm" or "llm_structured_output" (see [Service]).
	Type string
	// From is the type of the request in which the plugin has made the call, such as "tool". It is
	// empty for a call with Dify.Context.
	From    string
	Request json.RawMessage // as it is on the wire
	Err     string          // the text with which the call has failed, or ""
}

// Decode decodes the request into the value that v points to.
func (c Callback) Decode(v any) error {
	if err := json.Unmarshal(c.Request, v); err != nil {
		return fmt.Errorf("decoding a call of type %s: %w", c.Type, err)
	}
	return nil
}

// hang notes that code has returned while calls were open.
func (d *Dify) hang(action string, types []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problems = append(d.problems, fmt.Sprintf("%s returns while calls back into Dify are open: %s; read each to its end, or break the loop", action, list(types)))
}

// drop notes headers of an answer that Dify does not pass on.
func (d *Dify) drop(names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problems = append(d.problems, "Dify drops of the answer to an HTTP request: "+list(names)+"; it passes on one cookie, and headers with valid names")
}

// report reports answers without all of their headers, calls without an answer, and those that code has left
// open, since the last report.
func (d *Dify) report() {
	d.tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, problem := range d.problems {
		d.tb.Errorf("%s", problem)
	}
	d.problems = nil
	calls := d.dify.Calls()
	for _, c := range calls[d.reported:] {
		if c.Unknown {
			d.tb.Errorf("the plugin makes a call back into Dify of type %s, for which the test has no answer: use Dify.%s", c.Type, cmp.Or(answers[c.Type], "Answer"))
		}
	}
	d.reported = len(calls)
}

// checkCalls reports calls of a session that hold secrets of its request. Storage may: it is the
// plugin's own. So may the settings of a model or a tool that is called.
func (h *Host) checkCalls(session string, secrets []secret) {
	h.tb.Helper()
	var settings, others []secret
	for _, s := range secrets {
		if s.setting {
			settings = append(settings, s)
		} else {
			others = append(others, s)
		}
	}
	for _, c := range h.dify.dify.Calls() {
		if c.Session == session && c.Type != "storage" {
			what := "a call back into Dify of type " + c.Type
			h.checkSecrets(what, others, c.Request)
			h.checkSecrets(what, settings, withoutSettings(c.Request))
		}
	}
}

// withoutSettings returns the request of a call without the settings of the model or the tool that is called.
func withoutSettings(request json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(request, &fields) != nil {
		return request
	}
	delete(fields, "completion_params")
	delete(fields, "tool_parameters")
	data, _ := json.Marshal(fields) // they are JSON
	return data
}
