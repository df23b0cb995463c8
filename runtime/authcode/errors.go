package authcode

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/internal/text"
)

// ErrReauthorize means that a refresh has failed permanently: the user has to authorize
// again. Test for it with errors.Is.
var ErrReauthorize = errors.New("authorize again")

// Error is an error response of the authorization server, in a callback (RFC 6749,
// section 4.1.2.1) or to a token request (section 5.2).
type Error struct {
	Code        string // such as access_denied, invalid_grant or 40001; empty if there is none
	Description string // for people; optional
	URI         string // of a page about the error; optional
	Status      int    // HTTP status; 0 in a callback

	reauthorize bool
}

// Error returns the error on one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.reauthorize {
		b.WriteString(ErrReauthorize.Error() + ": ")
	}
	if e.Code == "" && e.Description == "" && e.Status > 299 {
		return b.String() + statusError(e.Status).Error()
	}
	b.WriteString("the authorization server returned " + cmp.Or(e.Code, "an error without a code"))
	if e.Description != "" {
		b.WriteString(": " + e.Description)
	}
	if e.URI != "" {
		b.WriteString(" (see " + e.URI + ")")
	}
	if e.Status != 0 {
		b.WriteString(" [status " + strconv.Itoa(e.Status) + "]")
	}
	return b.String()
}

// Is reports whether target is ErrReauthorize and the user has to authorize again.
func (e *Error) Is(target error) bool { return target == ErrReauthorize && e.reauthorize }

// newError returns an Error with the secrets redacted, since the server may repeat them in
// any spelling.
func newError(code, description, uri string, status int, secrets ...string) *Error {
	r := redact.New(secrets...)
	clean := func(s string, limit int) string { return text.Cut(text.Line(r.Redact(s)), limit) }
	return &Error{Code: clean(code, 60), Description: clean(description, 200), URI: clean(uri, 200), Status: status}
}
