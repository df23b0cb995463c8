package runtime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ErrNotImplemented is the error that a generated stub returns until its author
// replaces it.
var ErrNotImplemented = errors.New("not implemented")

// ErrIgnore is the error that the method of an event returns if the event does not concern the
// workflow: Dify then does not start it, and reports no failure. It is not for Dispatch, which fails with it as with
// any other error: a webhook that stands for no event is one for which Dispatch names none, and returns nil.
var ErrIgnore = errors.New("the event is ignored")

// ErrUnreachable marks a failure to reach the service, as opposed to an error that the
// service returned. Test for it with errors.Is; mark an error with Unreachable.
var ErrUnreachable = errors.New("service unreachable")

// Unreachable marks err as a failure to reach the service, so that users are not told
// that a key is wrong when the network failed. It returns nil for nil. It leaves out
// the URL that net/http adds to an error, because the URL can contain a key. Of a service that
// could be reached, but whose answer took longer than the request may, it says that. An error of
// reading a File that a request sends, it does not mark: the service is not to blame.
func Unreachable(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if err == nil {
		return nil
	}
	if e := (*fileError)(nil); errors.As(err, &e) {
		return err
	}
	if strings.HasPrefix(err.Error(), "failed to parse Location header") { // net/http quotes it
		err = errors.New("the response redirects to an invalid URL")
	}
	return &unreachable{err}
}

type unreachable struct{ err error }

func (e *unreachable) Error() string {
	if !tookTooLong(e.err) {
		return "could not reach the service: " + e.err.Error()
	}
	const deadline = ": context deadline exceeded" // says nothing more
	return "the service took too long to answer" + strings.TrimSuffix(": "+e.err.Error(), deadline)
}

func (e *unreachable) Unwrap() error        { return e.err }
func (e *unreachable) Is(target error) bool { return target == ErrUnreachable }

// tookTooLong reports whether a time limit is why there is no answer, and not that no connection could
// be made.
func tookTooLong(err error) bool {
	if e := (*net.OpError)(nil); errors.As(err, &e) && e.Op == "dial" {
		return false
	}
	var e net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &e) && e.Timeout()
}

// ErrorType is the name by which Dify knows a type of error.
type ErrorType string

// The types of errors that do not belong to one kind of provider.
const (
	ErrorInvoke                  ErrorType = "InvokeError"
	ErrorInvokeConnection        ErrorType = "InvokeConnectionError"
	ErrorInvokeServerUnavailable ErrorType = "InvokeServerUnavailableError"
	ErrorInvokeRateLimit         ErrorType = "InvokeRateLimitError"
	ErrorInvokeAuthorization     ErrorType = "InvokeAuthorizationError"
	ErrorInvokeBadRequest        ErrorType = "InvokeBadRequestError"

	// ErrorTimeout is the type of a request that took longer than the plugin allows.
	ErrorTimeout ErrorType = "TimeoutError"

	// ErrorUnsupported is the SDK's type for a request that a provider does not
	// support, such as OAuth without an oauth_schema.
	ErrorUnsupported ErrorType = "ValueError"
)

// Error is an error with its type on the wire. If a plugin returns one, it keeps its
// type; any other error gets the type of the operation that failed.
type Error struct {
	Type ErrorType
	Err  error
}

// Error returns the message of e.Err, or the type if there is none.
func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Type)
	}
	return e.Err.Error()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// typed returns err with type t, unless it already has a type.
func typed(t ErrorType, err error) error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	return &Error{Type: t, Err: err}
}

func unsupported(provider, what string) error {
	return &Error{Type: ErrorUnsupported, Err: fmt.Errorf("provider %s does not support %s", provider, what)}
}
