package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// Dispatcher names the events for which a webhook stands. Its methods are safe for concurrent use. They must be
// called before Dispatch returns.
type Dispatcher struct {
	mu         sync.Mutex
	maxPayload int // in bytes; 0 for no limit
	userID     string
	events     []string
	payload    json.RawMessage // nil before the first event
	answered   bool
}

// Dispatch names an event. Generated code calls it with the type that the payload has. An event that is named
// twice happens once.
//
// Dify keeps one payload for all events of a webhook, as a JSON object, and null as one that is empty: the
// payloads of two events must be the same, as JSON. Its numbers pass through float64, and one that does not fit is an
// error.
func (d *Dispatcher) Dispatch(event string, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("the payload of the event %s is not JSON: %w", event, err)
	}
	if data, err = object(data); err != nil {
		return fmt.Errorf("the payload of the event %s %w", event, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.answered:
		return errAnswered
	case d.maxPayload > 0 && len(data) > d.maxPayload:
		return fmt.Errorf("the payload of the event %s has %d bytes of JSON: Dify accepts %d with the rest", event, len(data), d.maxPayload)
	case d.payload != nil && !sameJSON(d.payload, data):
		return fmt.Errorf("the payload of the event %s is not that of the event %s: Dify keeps one for all events of a webhook", event, d.events[0])
	}
	d.payload = data
	if !slices.Contains(d.events, event) {
		d.events = append(d.events, event)
	}
	return nil
}

// errAnswered is the error of the methods of a Dispatcher after Dispatch has returned.
var errAnswered = errors.New("the webhook has been answered: name its events before Dispatch returns")

// SetUserID sets who has caused the events: the UserID of the calls of events. After Dispatch has returned, it does
// nothing.
func (d *Dispatcher) SetUserID(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.userID = id
}

// sameJSON reports whether two texts, which are JSON, stand for the same value.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// result returns the events with the answer. What is named or written later fails: it would be lost.
func (d *Dispatcher) result(w *response) (*dispatched, error) {
	raw, dropped, err := w.wire()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answered = true
	return &dispatched{d.userID, append([]string{}, d.events...), d.payload, raw, dropped}, nil
}

// end makes the methods fail that are called later.
func (d *Dispatcher) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answered = true
}
