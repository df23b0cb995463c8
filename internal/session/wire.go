package session

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/difygen/difygen/runtime"
)

// envelope is a message from the host.
type envelope struct {
	SessionID      string          `json:"session_id"`
	ConversationID string          `json:"conversation_id"`
	MessageID      string          `json:"message_id"`
	AppID          string          `json:"app_id"`
	EndpointID     string          `json:"endpoint_id"`
	Event          string          `json:"event"`
	Context        json.RawMessage `json:"context"`
	Data           any             `json:"data"` // a map[string]any, which encoding/json decodes faster as any
	// http is the HTTP request that the host passes on, if it has been decoded.
	http []byte
}

const eventRequest = "request"

// errData is the error of a message whose data is not an object. Its other fields are valid.
var errData = invalid("the request's data is not a JSON object")

// invalid returns the error of a request that is not as the protocol wants it.
func invalid(problem string) error {
	return &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: errors.New(problem)}
}

// decodeEnvelope decodes a line. Its errors do not quote values.
func decodeEnvelope(line []byte) (e envelope, err error) {
	if e, ok := decodeWebhook(line); ok {
		return e, nil
	}
	err = json.Unmarshal(line, &e)
	if _, isObject := e.Data.(map[string]any); err == nil && !isObject {
		err = errData
	}
	return e, err
}

// rawHTTPField is the field of a request that holds the HTTP request that the host passes on.
const rawHTTPField = "raw_http_request"

// httpStart is what comes before that request, in hexadecimal, and httpElsewhere what stands for it in
// what is left of the line. Nobody can guess it.
var (
	httpStart     = []byte(`,"` + rawHTTPField + `":"`)
	httpElsewhere = rand.Text()
)

// decodeWebhook decodes a line with an HTTP request as the daemon writes it. That makes most of such a line, and
// encoding/json reads it four times. It returns false if the line must be decoded in the usual way.
func decodeWebhook(line []byte) (e envelope, ok bool) {
	start := bytes.Index(line, httpStart)
	if start < 0 {
		return e, false
	}
	start += len(httpStart)
	size := bytes.IndexByte(line[start:], '"')
	if size <= 0 {
		return e, false
	}
	raw, err := hex.AppendDecode(nil, line[start:start+size])
	if err != nil {
		return e, false
	}
	rest := slices.Concat(line[:start], []byte(httpElsewhere), line[start+size:])
	if json.Unmarshal(rest, &e) != nil {
		return envelope{}, false
	}
	data, _ := e.Data.(map[string]any)
	if data[rawHTTPField] != httpElsewhere { // it is part of another object, or there is another one
		return envelope{}, false
	}
	delete(data, rawHTTPField)
	e.http = raw
	return e, true
}

// request returns the request that a message holds, and its action.
func (e *envelope) request() (*runtime.Request, action, error) {
	data, _ := e.Data.(map[string]any)
	req := &runtime.Request{Data: data}
	r := req.Read()
	act := action{r.Text("type"), r.Text("action")}
	req.Call = runtime.Call{
		UserID: r.Text("user_id"), ConversationID: e.ConversationID, MessageID: e.MessageID, AppID: e.AppID, EndpointID: e.EndpointID,
	}
	return req, act, r.Err()
}

// textOf returns a field of a request.
func textOf(req *runtime.Request, field string) (string, error) {
	if v, ok := req.Data[field].(string); ok || req.Data[field] == nil {
		return v, nil
	}
	r := req.Read()
	v := r.Text(field)
	return v, r.Err()
}

// The types of a session's messages.
const (
	typeStream = "stream"
	typeError  = "error"
	typeEnd    = "end"
)

// errorFrame is an error on the wire. The host drops errors with more than ten args.
type errorFrame struct {
	ErrorType runtime.ErrorType `json:"error_type"`
	Message   string            `json:"message"`
	Args      errorArgs         `json:"args"`
}

// errorArgs are more about an error. Of the types that say what a model's service did, Dify shows the
// description and not the message.
type errorArgs struct {
	Description string `json:"description,omitempty"`
}

// describe repeats the message where Dify looks for it.
func (f *errorFrame) describe() {
	switch f.ErrorType {
	case runtime.ErrorInvokeConnection, runtime.ErrorInvokeServerUnavailable, runtime.ErrorInvokeRateLimit,
		runtime.ErrorInvokeAuthorization, runtime.ErrorInvokeBadRequest:
		f.Args.Description = f.Message
	}
}

// encodeLine returns v as a line of JSON.
func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// appender is a result that appends its own JSON, which is valid and on one line. Models write so many
// small pieces that it counts: encoding/json checks and copies what MarshalJSON returns, which takes
// longer than making it.
type appender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// encodeMessage appends a message of a session to b as a line. The ID is in JSON. It writes what
// all messages have by itself, since most of them are small.
func encodeMessage(b, id []byte, typ string, v any) ([]byte, error) {
	start := appendStart(slices.Grow(b, 256), id, typ)
	if a, ok := v.(appender); ok {
		line, err := a.AppendJSON(start)
		if err != nil {
			return nil, err
		}
		return append(line, messageEnd...), nil
	}
	line := bytes.NewBuffer(start)
	enc := json.NewEncoder(line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	line.Truncate(line.Len() - len("\n"))
	line.WriteString(messageEnd)
	return line.Bytes(), nil
}

// messageEnd is what is after the data of a message.
const messageEnd = "}}\n"

// appendEnd appends the message that ends a session.
func appendEnd(lines, id []byte) []byte {
	return append(appendStart(lines, id, typeEnd), "{}"+messageEnd...)
}

// appendStart appends what is before the data of a message.
func appendStart(line, id []byte, typ string) []byte {
	line = append(append(line, `{"event":"session","session_id":`...), id...)
	return append(append(append(line, `,"data":{"type":"`...), typ...), `","data":`...)
}

var heartbeatLine = []byte(`{"event":"heartbeat","session_id":null,"data":{}}` + "\n")

// faultLine returns a message that reports an error outside of any request. The host
// logs it.
func faultLine(sessionID, text string) []byte {
	type fault struct {
		Error string `json:"error"`
	}
	var id any // null for no session
	if sessionID != "" {
		id = sessionID
	}
	line, _ := encodeLine(struct { // strings always encode
		Event     string `json:"event"`
		SessionID any    `json:"session_id"`
		Data      fault  `json:"data"`
	}{"error", id, fault{text}})
	return line
}

// IDOf returns the session_id in the prefix of a line that cannot be decoded, so
// that the request can be ended.
func IDOf(prefix []byte) string {
	dec := json.NewDecoder(bytes.NewReader(prefix))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for {
		key, err := dec.Token()
		if err != nil {
			return ""
		}
		if key == "session_id" {
			id, _ := dec.Token()
			s, _ := id.(string)
			return s
		}
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			return "" // io.EOF, io.ErrUnexpectedEOF or a syntax error: the prefix ends here
		}
	}
}
