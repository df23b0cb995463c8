package llm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/difygen/difygen/runtime"
)

// Polling is how a call goes on that Dify asks for from time to time: it runs, has succeeded, or
// has failed. Exactly one of State, Result and Failure is set.
type Polling struct {
	// State of a call that runs comes back with the next request. It is a JSON object that is not
	// empty. On the way, numbers lose what a float64 cannot hold: write long ones as texts.
	State json.RawMessage
	// Result of a call that has succeeded. Its Model may be left out, and so may what the model's
	// pricing says of its Usage.
	Result *Result
	// Failure is why a call has failed. Users read it on one line, without secrets of the request.
	Failure string

	// While a call runs: after what time Dify asks again (at least a second), and after what time and
	// how many times it gives up. What is 0 is left to Dify: 1 to 30 seconds, 2 hours and 240 times.
	CheckAfter  time.Duration
	GiveUpAfter time.Duration
	MaxAttempts int
}

// Validate reports what Dify would not take.
func (p *Polling) Validate() error {
	if p == nil {
		return errors.New("the method returned no Polling")
	}
	set := 0
	for _, given := range []bool{len(p.State) > 0, p.Result != nil, p.Failure != ""} {
		if given {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("%d of State, Result and Failure of a Polling are set: set exactly one", set)
	case len(p.State) > 0 && !isState(p.State):
		return errors.New("the State of a Polling must be a JSON object that is not empty")
	case p.CheckAfter < 0 || p.GiveUpAfter < 0 || p.MaxAttempts < 0:
		return errors.New("CheckAfter, GiveUpAfter and MaxAttempts of a Polling must not be negative")
	case p.Result != nil && p.Result.Message.Role != "" && p.Result.Message.Role != RoleAssistant:
		return errors.New("the message of a Result must be one of the assistant")
	case p.Result != nil && slices.ContainsFunc(p.Result.Message.ToolCalls, func(c ToolCall) bool { return c.Name == "" }):
		return errors.New("a tool call of a Result has no Name")
	case p.Result != nil:
		return p.Result.Usage.check()
	}
	return nil
}

// isState reports whether data is a JSON object that is not empty.
func isState(data []byte) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(data, &members) == nil && len(members) > 0
}

// wirePolling is a Polling on the wire (PROTOCOL-CALLS, section 1.4).
type wirePolling struct {
	Status      string          `json:"status"`
	State       json.RawMessage `json:"plugin_state,omitempty"`
	CheckAfter  int64           `json:"next_check_after_seconds,omitempty"`
	GiveUpAfter int64           `json:"expires_after_seconds,omitempty"`
	MaxAttempts int             `json:"max_attempts,omitempty"`
	Result      *wireResult     `json:"result,omitempty"`
	Failure     string          `json:"error,omitempty"`
}

type wireResult struct {
	Model             string          `json:"model"`
	Message           Message         `json:"message"`
	Usage             Usage           `json:"usage"`
	SystemFingerprint string          `json:"system_fingerprint,omitempty"`
	StructuredOutput  json.RawMessage `json:"structured_output,omitempty"`
}

// wire returns the Polling of a call as it is on the wire.
func (p *Polling) wire(call runtime.ModelCall) (*wirePolling, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	switch {
	case p.Failure != "":
		return &wirePolling{Status: "failed", Failure: p.Failure}, nil
	case p.Result == nil:
		return &wirePolling{
			Status: "running", State: bytes.TrimSpace(p.State),
			CheckAfter: seconds(p.CheckAfter), GiveUpAfter: seconds(p.GiveUpAfter), MaxAttempts: p.MaxAttempts,
		}, nil
	}
	r := &wireResult{
		cmp.Or(p.Result.Model, call.Model), p.Result.Message, p.Result.Usage.complete(call.Schema), p.Result.SystemFingerprint, p.Result.StructuredOutput,
	}
	r.Message.Role = RoleAssistant
	return &wirePolling{Status: "succeeded", Result: r}, nil
}

// SetFailure replaces why a call has failed by what f returns for it: the session redacts it.
func (w *wirePolling) SetFailure(f func(string) string) {
	if w.Failure != "" {
		w.Failure = f(w.Failure)
	}
}

// seconds returns whole seconds, rounded up.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
