package host

import (
	"bytes"
	"context"
	"encoding/json"
)

// event is a line that a plugin sends.
type event struct {
	Event     string  `json:"event"`
	SessionID *string `json:"session_id"`
	Data      struct {
		Type  string          `json:"type"`
		Data  json.RawMessage `json:"data"`
		Error string          `json:"error"`
	} `json:"data"`
}

// call is a request whose response has not ended.
type call struct {
	typ      string // of the request, such as "tool"
	response Response
	check    check         // nil for none
	done     chan struct{} // closed at the end
	gone     bool          // whether its caller has given up

	// The context of its calls back; nil before the first.
	ctx    context.Context //nolint:containedctx // of a session
	cancel context.CancelFunc
}

func newCall(typ, action string) *call {
	return &call{typ: typ, check: newCheck(action), done: make(chan struct{})}
}

// typeOf returns the type of the request in a line, or "".
func typeOf(line []byte) string {
	var request struct{ Data struct{ Type string } }
	_ = json.Unmarshal(line, &request) // tests send what they like
	return request.Data.Type
}

// context returns the context of the call's calls back, which close ends.
func (c *call) context(parent context.Context) context.Context {
	if c.ctx == nil {
		c.ctx, c.cancel = context.WithCancel(parent)
		if c.gone {
			c.cancel()
		}
	}
	return c.ctx
}

// leave ends the calls back, because the caller has gone.
func (c *call) leave() {
	c.gone = true
	c.close()
}

// close ends the calls back.
func (c *call) close() {
	if c.cancel != nil {
		c.cancel()
	}
}

// described are the types of errors of which Dify shows args.description instead of the message.
var described = map[string]bool{
	"InvokeConnectionError": true, "InvokeServerUnavailableError": true, "InvokeRateLimitError": true,
	"InvokeAuthorizationError": true, "InvokeBadRequestError": true,
}

// receive adds a message to the response and reports whether it was the last.
func (c *call) receive(e *event, f *faults) (end bool) {
	switch e.Data.Type {
	case "stream":
		c.result(e.Data.Data, f)
	case "error":
		if c.response.Err != nil {
			f.add("a second error")
		}
		c.response.Err = new(Error)
		if err := json.Unmarshal(e.Data.Data, c.response.Err); err != nil || c.response.Err.Type == "" || len(c.response.Err.Args) > 10 {
			f.add("an error that the host drops: %s", e.Data.Data)
		} else if text, _ := c.response.Err.Args["description"].(string); described[c.response.Err.Type] && text == "" {
			f.add("an error of type %s without args.description, which is what Dify shows of it", c.response.Err.Type)
		}
	case "end":
		if e.Data.Data == nil {
			f.add("an end without data, which the host drops")
		}
		if c.check != nil && c.response.Err == nil {
			c.fault(c.check.end(), f)
		}
		return true
	default:
		f.add("a session message of type %q", e.Data.Type)
	}
	return false
}

func isObject(data json.RawMessage) bool { return bytes.HasPrefix(data, []byte("{")) }

func (c *call) result(data json.RawMessage, f *faults) {
	object := isObject(data)
	if !object {
		f.add("a result is not an object: %.100s", data)
	}
	if c.response.Err != nil {
		f.add("a result after an error")
	}
	c.response.Results = append(c.response.Results, data)
	if object && c.check != nil {
		c.fault(c.check.result(data), f)
	}
}

func (c *call) fault(err error, f *faults) {
	if err != nil {
		f.add("%v", err)
	}
}
