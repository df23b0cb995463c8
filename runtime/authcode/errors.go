package authcode

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// ErrReauthorize marks a refresh that failed for good: the user has to authorize
// again. Test for it with errors.Is.
var ErrReauthorize = errors.New("authorize again")

// Error is a refusal of the authorization server, of a user to authorize (RFC
// 6749, section 4.1.2.1) or to give out a token (section 5.2).
type Error struct {
	Code        string // such as access_denied or invalid_grant
	Description string // for people; may be empty
	URI         string // of a page about it; may be empty
	Status      int    // of HTTP; 0 in a callback

	reauthorize bool
}

// Error returns one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.reauthorize {
		b.WriteString(ErrReauthorize.Error() + ": ")
	}
	b.WriteString("the authorization server refuses: " + e.Code)
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

// Is reports whether the user has to authorize again, for ErrReauthorize.
func (e *Error) Is(target error) bool { return target == ErrReauthorize && e.reauthorize }

// newError makes a refusal from what a server says, without the secrets that it
// may repeat, as they are or encoded.
func newError(code, description, uri string, status int, secrets ...string) *Error {
	var spellings []string
	for _, secret := range secrets {
		if len(secret) >= minSecret {
			spellings = append(spellings, secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)))
		}
	}
	slices.SortFunc(spellings, func(a, b string) int { return len(b) - len(a) })
	clean := func(s string, most int) string {
		for _, spelling := range spellings {
			s = strings.ReplaceAll(s, spelling, "[redacted]")
		}
		return text.Cut(text.Line(s), most)
	}
	return &Error{
		Code: cmp.Or(clean(code, 60), "an error without a code"), Description: clean(description, 200), URI: clean(uri, 200), Status: status,
	}
}

// minSecret is the length under which a text occurs by accident.
const minSecret = 4
