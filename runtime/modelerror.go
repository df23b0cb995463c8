package runtime

import "errors"

// InvokeError returns err with the type by which Dify knows what a model's service said: an
// authorization that failed (status 401 and 403), a rate limit (429), a service that is down (5xx) or
// cannot be reached, or a request that is wrong (other 4xx). Dify rests credentials after the first three, and tries
// others. Errors that methods of models return get their types in this way; call it for an error
// from elsewhere. An error that already has a type keeps it. It returns nil for nil.
func InvokeError(err error) error {
	if err == nil {
		return nil
	}
	status := StatusCode(err)
	if status == 0 && errors.Is(err, ErrUnreachable) {
		return typed(ErrorInvokeConnection, err)
	}
	if status == 0 {
		return typed(ErrorInvoke, err)
	}
	return typed(InvokeErrorType(status), err)
}

// InvokeErrorType returns the type of error that a status of a model's service stands for.
func InvokeErrorType(status int) ErrorType {
	switch {
	case status == 401 || status == 403:
		return ErrorInvokeAuthorization
	case status == 429:
		return ErrorInvokeRateLimit
	case status >= 500:
		return ErrorInvokeServerUnavailable
	case status >= 400:
		return ErrorInvokeBadRequest
	}
	return ErrorInvoke
}
