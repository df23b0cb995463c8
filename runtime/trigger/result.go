package trigger

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/difygen/difygen/internal/httphead"
	"github.com/difygen/difygen/runtime/webhook"
)

// dispatched is what Dispatch returns. Of the webhook and what is made of it, it is the largest message.
type dispatched struct {
	userID   string
	events   []string
	payload  json.RawMessage // nil for none
	response []byte
	dropped  []string // headers of the response that Dify cannot pass on
}

// AppendJSON appends what is on the wire to b. The daemon wants a list of events, and fills in an empty payload.
func (d *dispatched) AppendJSON(b []byte) ([]byte, error) {
	head, err := json.Marshal(struct {
		UserID string   `json:"user_id"`
		Events []string `json:"events"`
	}{d.userID, d.events})
	if err != nil {
		return nil, err
	}
	b = slices.Grow(b, len(head)+len(d.payload)+2*len(d.response)+64)
	b = append(b, head[:len(head)-1]...)
	if d.payload != nil {
		b = append(append(b, `,"payload":`...), d.payload...)
	}
	b = hex.AppendEncode(append(b, `,"response":"`...), d.response)
	return append(b, `"}`...), nil
}

// MarshalJSON returns what AppendJSON appends.
func (d *dispatched) MarshalJSON() ([]byte, error) { return d.AppendJSON(nil) }

// Dropped returns the headers of the answer that Dify cannot pass on, for the log.
func (d *dispatched) Dropped() []string { return d.dropped }

// refusal is what Dispatch returns for a webhook that is not from the service.
type refusal struct {
	head   bool   // the webhook has the method HEAD
	answer string // what the sender reads
	reason string // the whole error, for the log
}

// newRefusal returns the answer to a webhook that an error refuses. What is wrong helps who sets up the webhook, and
// tells nothing that the documentation of the service does not say.
func newRefusal(r *http.Request, err error) *refusal {
	answer := webhook.ErrSignature.Error()
	if e := (*webhook.RefusalError)(nil); errors.As(err, &e) { // leaves out what the plugin may have added
		answer = e.Error()
	}
	return &refusal{r.Method == http.MethodHead, answer, err.Error()}
}

// SetFailure replaces why the webhook is refused by what f returns for it: the session redacts it.
func (r *refusal) SetFailure(f func(string) string) { r.answer, r.reason = f(r.answer), f(r.reason) }

// Refused returns why the webhook is refused, for the log.
func (r *refusal) Refused() string { return r.reason }

// AppendJSON appends what is on the wire to b.
func (r *refusal) AppendJSON(b []byte) ([]byte, error) {
	w := &response{headers: httphead.NewHead(), head: r.head}
	http.Error(w, r.answer, http.StatusUnauthorized)
	d, err := new(Dispatcher).result(w)
	if err != nil {
		return nil, err
	}
	return d.AppendJSON(b)
}

// MarshalJSON returns what AppendJSON appends.
func (r *refusal) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }
