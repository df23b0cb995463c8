package openai

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

const (
	maxMessage = 300 // characters of what a service says that users read
	maxScanned = 16 << 10
	// sharedRun is how many characters of a secret a message must have to be kept from users.
	sharedRun = 12
)

// serviceError is what a service says about a request that has failed.
type serviceError struct {
	status  *runtime.StatusError // of the response, or one that an event means; nil if unknown
	during  bool                 // the response had status 200
	message string               // on one line, for users; "" if there is none
	raw     string               // as the service says it
	code    string               // such as "model_not_found"
}

func (e *serviceError) Error() string {
	switch {
	case e.during && e.message == "":
		return "the service reports an error"
	case e.during:
		return "the service reports an error: " + e.message
	case e.message == "":
		return e.status.Error()
	}
	return e.status.Error() + ": " + e.message
}

func (e *serviceError) Unwrap() error {
	if e.status == nil {
		return nil
	}
	return e.status
}

// unreachable is an error of a service that has been reached, but has not answered, or not all.
type unreachable struct{ message string }

func (e *unreachable) Error() string { return e.message }

func (e *unreachable) Is(target error) bool { return target == runtime.ErrUnreachable }

// errBrokenOff is the error of an answer that ends before it is complete.
var errBrokenOff error = &unreachable{"the service has broken off its answer"}

// brokenOff returns an error of reading an answer. If the connection has ended, that is errBrokenOff: to
// say that the service could not be reached would be wrong.
func brokenOff(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout():
		return err
	case errors.Is(err, runtime.ErrUnreachable):
		return errBrokenOff
	}
	return err
}

// invokeError returns an error with its type.
func invokeError(err error) error {
	switch {
	case errors.Is(err, errKey):
		return &runtime.Error{Type: runtime.ErrorInvokeAuthorization, Err: err}
	case errors.Is(err, errRedirected):
		return &runtime.Error{Type: runtime.ErrorInvokeBadRequest, Err: err}
	}
	return runtime.InvokeError(err)
}

// explain returns an error of a request with what the service says about it.
func explain(err error, req *http.Request) error {
	var status *runtime.StatusError
	if !errors.As(err, &status) {
		return err
	}
	var body json.RawMessage
	_ = status.DecodeBody(&body) // what is not JSON says nothing
	e := parseError(body, req)
	if e == nil {
		e = &serviceError{}
	}
	e.status = status
	return e
}

// reported returns the error that a service reports in place of an answer, or nil if it does not.
func reported(data []byte, req *http.Request) error {
	e := parseError(data, req)
	if e == nil {
		return nil
	}
	e.during = true
	if status := e.meant(); status != 0 {
		e.status = &runtime.StatusError{StatusCode: status}
	}
	return e
}

// wireError are the forms in which services say what is wrong.
type wireError struct {
	Error   json.RawMessage `json:"error"`
	Object  string          `json:"object"`
	Message json.RawMessage `json:"message"`
	Msg     json.RawMessage `json:"msg"`
	Detail  json.RawMessage `json:"detail"`
	Code    json.RawMessage `json:"code"`
	Type    json.RawMessage `json:"type"`
}

// parseError returns what is wrong, or nil if data does not say that something is: {"error":
// {"message": …}} as in the API, {"error": "…"}, {"message": …}, and {"detail": …} with a text or a
// list.
func parseError(data []byte, req *http.Request) *serviceError {
	var w wireError
	if err := json.Unmarshal(data, &w); err != nil && !errors.As(err, new(*json.UnmarshalTypeError)) {
		return nil
	}
	inner := w
	if isSet(w.Error) {
		if inner = (wireError{}); w.Error[0] == '{' {
			_ = json.Unmarshal(w.Error, &inner)
		} else {
			inner.Message = w.Error
		}
	}
	e := &serviceError{code: firstText(inner.Code, inner.Type, w.Code)}
	e.raw = firstText(inner.Message, inner.Msg, inner.Detail, w.Message)
	if !isSet(w.Error) && e.raw == "" {
		return nil
	}
	e.message = readable(e.raw, req)
	return e
}

// isSet reports whether a value says something.
func isSet(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "false", `""`, "{}", "[]":
		return false
	}
	return true
}

// isFailure reports whether an error that is beside an answer says that something is wrong. Some services
// always have one, with the code 0 or "success".
func isFailure(raw json.RawMessage) bool {
	var w wireError
	if !isSet(raw) || json.Unmarshal(raw, &w) != nil {
		return isSet(raw)
	}
	switch strings.ToLower(firstText(w.Code)) {
	case "0", "success", "ok":
		return false
	}
	return true
}

// firstText returns the first text that there is: a number as it is, and of a list, as FastAPI
// sends it, the first message.
func firstText(values ...json.RawMessage) string {
	for _, raw := range values {
		var s string
		var list []struct{ Msg string }
		switch {
		case !isSet(raw):
		case json.Unmarshal(raw, &s) == nil:
		case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
			s = string(raw)
		case json.Unmarshal(raw, &list) == nil && len(list) > 0:
			s = list[0].Msg
		}
		if s != "" {
			return s
		}
	}
	return ""
}

// meant returns the status that an error stands for which comes with status 200, or 0.
func (e *serviceError) meant() int {
	if n, err := strconv.Atoi(e.code); err == nil && n >= 400 && n <= 599 {
		return n
	}
	for _, known := range []struct {
		word   string
		status int
	}{
		{"rate_limit", http.StatusTooManyRequests},
		{"quota", http.StatusTooManyRequests},
		{"authentication", http.StatusUnauthorized},
		{"api_key", http.StatusUnauthorized},
		{"permission", http.StatusForbidden},
		{"not_found", http.StatusNotFound},
		{"overloaded", http.StatusServiceUnavailable},
		{"server_error", http.StatusInternalServerError},
		{"internal", http.StatusInternalServerError},
		{"invalid_request", http.StatusBadRequest},
		{"badrequest", http.StatusBadRequest},
		{"context_length", http.StatusBadRequest},
	} {
		if strings.Contains(strings.ToLower(e.code), known.word) {
			return known.status
		}
	}
	return 0
}

// mentions reports whether a service has refused a request, and said a word, or words that follow one
// another. An invoice is not about a voice.
func mentions(err error, words ...string) bool {
	var e *serviceError
	if !errors.As(err, &e) || e.status == nil {
		return false
	}
	switch e.status.StatusCode {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
	default:
		return false
	}
	said := spaced(e.raw[:min(len(e.raw), maxScanned)] + " " + e.code)
	for _, word := range words {
		if strings.Contains(said, spaced(word)) {
			return true
		}
	}
	return false
}

// spaced returns the words of a text in lower case, with a space around each. They are of letters and
// digits of ASCII, as names are: there are none around them in Chinese. ModelNotFound is three words.
func spaced(s string) string {
	b := []byte{' '}
	for i := range len(s) {
		c := s[i]
		upper := 'A' <= c && c <= 'Z'
		word := upper || 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		if (!word || upper && i > 0 && 'a' <= s[i-1] && s[i-1] <= 'z') && b[len(b)-1] != ' ' {
			b = append(b, ' ')
		}
		if word {
			b = append(b, c)
		}
	}
	return string(bytes.ToLower(append(b, ' ')))
}

// readable returns what a service says on one line of some length, or "" if it repeats a secret of
// the request.
func readable(message string, req *http.Request) string {
	if len(message) > maxScanned {
		message = message[:maxScanned]
	}
	secrets := secretsOf(req)
	if redact.New(secrets...).Redact(message) != message {
		return ""
	}
	for _, secret := range secrets {
		for i := 0; i+sharedRun <= min(len(secret), maxScanned); i++ {
			if strings.Contains(message, secret[i:i+sharedRun]) {
				return ""
			}
		}
	}
	return text.Cut(text.Line(message), maxMessage)
}

// secretsOf returns what in the headers and the query of a request may be secret.
func secretsOf(req *http.Request) []string {
	var secrets []string
	for name, values := range req.Header {
		switch name {
		case "Accept", "Content-Type", "User-Agent":
			continue
		}
		for _, value := range values {
			scheme, token, ok := strings.Cut(value, " ")
			if ok && name == "Authorization" {
				value = token
			}
			secrets = append(secrets, value)
			if plain, err := base64.StdEncoding.DecodeString(token); err == nil && strings.EqualFold(scheme, "Basic") {
				_, password, _ := strings.Cut(string(plain), ":")
				secrets = append(secrets, password)
			}
		}
	}
	for _, values := range req.URL.Query() {
		for _, value := range values {
			if len(value) >= sharedRun { // shorter ones are versions and the like
				secrets = append(secrets, value)
			}
		}
	}
	return secrets
}
