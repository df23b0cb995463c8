package runtime

import (
	"errors"
	"fmt"
	"net/url"
)

// ErrNotImplemented is what a generated stub returns until its author replaces it.
var ErrNotImplemented = errors.New("not implemented")

// ErrUnreachable marks an error of reaching the service, as opposed to a response
// of the service. Test for it with errors.Is; mark with Unreachable.
var ErrUnreachable = errors.New("service unreachable")

// Unreachable marks err as "could not reach the service", so that a user is not
// told that a key is wrong when the network was. It returns nil for nil. The URL
// that net/http puts into an error is left out, since it can hold a key.
func Unreachable(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if err == nil {
		return nil
	}
	return &unreachable{err}
}

type unreachable struct{ err error }

func (e *unreachable) Error() string        { return "could not reach the service: " + e.err.Error() }
func (e *unreachable) Unwrap() error        { return e.err }
func (e *unreachable) Is(target error) bool { return target == ErrUnreachable }

// ErrorType is the name of an error on the wire, by which Dify tells errors apart.
type ErrorType string

// The types of errors in invoking a provider. Those of one kind are declared with it.
const (
	ErrorInvoke                  ErrorType = "InvokeError"
	ErrorInvokeConnection        ErrorType = "InvokeConnectionError"
	ErrorInvokeServerUnavailable ErrorType = "InvokeServerUnavailableError"
	ErrorInvokeRateLimit         ErrorType = "InvokeRateLimitError"
	ErrorInvokeAuthorization     ErrorType = "InvokeAuthorizationError"
	ErrorInvokeBadRequest        ErrorType = "InvokeBadRequestError"

	// ErrorUnsupported is the SDK's name for a request that a provider does not
	// serve, such as OAuth without an oauth_schema.
	ErrorUnsupported ErrorType = "ValueError"
)

// Error is an error with its name on the wire. An author who returns one keeps
// its type; any other error gets the type of what failed.
type Error struct {
	Type ErrorType
	Err  error
}

// Error returns the message of the error inside.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error inside.
func (e *Error) Unwrap() error { return e.Err }

// typed gives err a wire name unless it has one.
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
