package runtime

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
)

// InvokeError returns err with the type by which Dify knows what a model's service said: that of
// InvokeErrorType for a *StatusError, ErrorInvokeConnection if the service could not be reached, and
// ErrorInvokeBadRequest for an error of Invalid. Errors of net and net/http it marks as Unreachable does,
// which leaves out the URL. Errors that methods of models return get their types in this way; call it for
// an error from elsewhere. An error that already has a type keeps it. It returns nil for nil.
//
// Users read the message after the name of the provider and what the type stands for, such as
// "[acme] Rate Limit Error, the service returned status 429 Too Many Requests". Of an authorization
// that failed, they read that the credentials are wrong, and not the message.
func InvokeError(err error) error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	if e := (*StatusError)(nil); errors.As(err, &e) {
		if seconds, _ := strconv.Atoi(e.Header.Get("Retry-After")); seconds > 0 {
			err = fmt.Errorf("%w: it asks to try again in %d s", err, seconds)
		}
		return &Error{Type: InvokeErrorType(e.StatusCode), Err: err}
	}
	if e := (*ValidationError)(nil); errors.As(err, &e) {
		return &Error{Type: ErrorInvokeBadRequest, Err: err}
	}
	var ofURL *url.Error
	var ofNet net.Error
	switch isURL := errors.As(err, &ofURL); {
	case errors.Is(err, ErrUnreachable):
	case isURL && ofURL.Op == "parse": // of what the user has entered, mostly
		return &Error{Type: ErrorInvokeBadRequest, Err: errURL}
	case isURL || errors.As(err, &ofNet):
		err = Unreachable(err)
	}
	t := ErrorInvoke
	if errors.Is(err, ErrUnreachable) {
		t = ErrorInvokeConnection
	}
	return &Error{Type: t, Err: err}
}

// InvokeErrorType returns the type of error that a status of a model's service stands for. If users
// have several credentials for a model, Dify rests those with the first three for a while and tries
// others, unless it has got a part of the result.
//
//   - ErrorInvokeAuthorization: 401, 403
//   - ErrorInvokeRateLimit: 429, and 402, which says that the account is used up
//   - ErrorInvokeConnection: 408, since the request did not arrive in time
//   - ErrorInvokeServerUnavailable: 500 and more
//   - ErrorInvokeBadRequest: other ones from 400
//   - ErrorInvoke: all else, which are no failures, such as 0
func InvokeErrorType(status int) ErrorType {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return ErrorInvokeAuthorization
	case status == http.StatusTooManyRequests || status == http.StatusPaymentRequired:
		return ErrorInvokeRateLimit
	case status == http.StatusRequestTimeout:
		return ErrorInvokeConnection
	case status >= http.StatusInternalServerError:
		return ErrorInvokeServerUnavailable
	case status >= http.StatusBadRequest:
		return ErrorInvokeBadRequest
	}
	return ErrorInvoke
}
