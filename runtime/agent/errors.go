package agent

import (
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime/invoke"
)

// modelError is the error of a model that does not answer.
type modelError struct {
	model string
	err   error
}

func (e *modelError) Error() string {
	return fmt.Sprintf("asking the model %s: %s", e.model, reason(e.err))
}
func (e *modelError) Unwrap() error { return e.err }

// reason returns what an error says: not the words that Dify's daemon puts before those of a model or a
// tool. It is "" for nil.
func reason(err error) string {
	var refusal *invoke.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal) && refusal.Message == err.Error(): // otherwise, err says more
		return refusal.Reason()
	}
	return err.Error()
}
