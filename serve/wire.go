package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/difygen/difygen/runtime"
)

// envelope is a message from the host.
type envelope struct {
	SessionID string          `json:"session_id"`
	Event     string          `json:"event"`
	Data      json.RawMessage `json:"data"`
}

const eventRequest = "request"

// request is the data of a request, with the fields of all actions.
type request struct {
	Type   string `json:"type"`
	Action string `json:"action"`

	Provider       string         `json:"provider"`
	Credentials    map[string]any `json:"credentials"`
	CredentialType string         `json:"credential_type"`

	ModelType string `json:"model_type"`
	Model     string `json:"model"`

	RedirectURI       string         `json:"redirect_uri"`
	SystemCredentials map[string]any `json:"system_credentials"`
	RawHTTPRequest    string         `json:"raw_http_request"`

	Settings map[string]any `json:"settings"`

	Endpoint     string                `json:"endpoint"`
	Parameters   map[string]any        `json:"parameters"`
	Subscription *runtime.Subscription `json:"subscription"`

	ProviderAction string `json:"provider_action"`
	Parameter      string `json:"parameter"`

	Tool           string         `json:"tool"`
	ToolParameters map[string]any `json:"tool_parameters"`
}

// errorInvalidRequest is the SDK's name for a request whose fields have wrong types.
const errorInvalidRequest runtime.ErrorType = "ValidationError"

// decodeRequest decodes the data of a request. Its error does not quote values.
func decodeRequest(data json.RawMessage) (*request, error) {
	req := new(request)
	err := json.Unmarshal(data, req)
	if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) && e.Field != "" {
		err = errors.New("field " + e.Field + " of the request has the wrong type")
	} else if err != nil {
		err = errors.New("the request's data is not a JSON object")
	}
	return req, err
}

// The types of a session's messages.
const (
	typeStream = "stream"
	typeError  = "error"
	typeEnd    = "end"
)

// sessionMessage is a message to the host about a request.
type sessionMessage struct {
	Event     string      `json:"event"`
	SessionID string      `json:"session_id"`
	Data      sessionData `json:"data"`
}

type sessionData struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

// errorFrame is an error on the wire. The host drops errors with more than ten args.
type errorFrame struct {
	ErrorType runtime.ErrorType `json:"error_type"`
	Message   string            `json:"message"`
	Args      struct{}          `json:"args"`
}

// encodeLine returns v as a line of JSON.
func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

var heartbeatLine = []byte(`{"event":"heartbeat","session_id":null,"data":{}}` + "\n")

// faultLine returns a message that reports an error outside of any request. The host
// logs it.
func faultLine(sessionID, text string) []byte {
	type fault struct {
		Error string `json:"error"`
	}
	line, _ := encodeLine(struct { // strings always encode
		Event     string `json:"event"`
		SessionID any    `json:"session_id"`
		Data      fault  `json:"data"`
	}{"error", optional(sessionID), fault{text}})
	return line
}

// sessionOf returns the session_id in the prefix of a line that cannot be decoded, so
// that the request can be ended.
func sessionOf(prefix []byte) string {
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

// readAll is like io.ReadAll, but returns errTooLong after limit bytes.
func readAll(r io.Reader, limit int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && len(data) > limit {
		return data[:limit], errTooLong
	}
	return data, err
}
