// Package webhook verifies that a webhook comes from the service for which a plugin waits. There is a
// function for some services, HMAC for others that sign the body, and Token for those that send a secret.
//
// Each takes the request and the secret that the service and the plugin share, and returns the body. It
// compares in constant time, and refuses every request if the secret is empty: without one, anybody could sign.
// The body of the request can be read again afterwards, also if the request is refused. So verify before you
// read it: that the body has been read already is an error, which does not match ErrSignature.
//
// Return the error from Dispatch: an error that matches ErrSignature answers the sender with the status 401.
package webhook

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// MaxBody is the size of the largest body that is verified, in bytes. Dify passes on no larger ones.
const MaxBody = 10 << 20

// ErrSignature is what every error matches that refuses a request. Code that verifies webhooks by itself can
// return it, too.
var ErrSignature = errors.New("the webhook is not from the service")

// RefusalError is the error that refuses a request. It matches ErrSignature.
type RefusalError struct {
	Reason string // why: whoever has sent the request reads it, without secrets of the request
}

// Error returns the text of ErrSignature and the reason.
func (e *RefusalError) Error() string { return ErrSignature.Error() + ": " + e.Reason }

// Unwrap returns ErrSignature.
func (*RefusalError) Unwrap() error { return ErrSignature }

func refuse(format string, args ...any) error { return &RefusalError{fmt.Sprintf(format, args...)} }

// Token verifies a request of a service that sends the secret itself in a header, such as GitLab in
// X-Gitlab-Token, and returns its body. Nothing protects the body then but the connection.
func Token(r *http.Request, header string, secret runtime.Secret) (body []byte, err error) {
	body, token, err := open(r, header, secret)
	if err != nil {
		return nil, err
	}
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(secret.Reveal())) // of the same length
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return nil, refuse("header %s holds another token", header)
	}
	return body, nil
}

// open returns what every verification needs: the body, and the only value of the header.
func open(r *http.Request, header string, secret runtime.Secret) (body []byte, value string, err error) {
	if secret.IsZero() {
		return nil, "", refuse("the plugin has no secret to verify it with")
	}
	if value, err = only(r, header); err != nil {
		return nil, "", err
	}
	body, err = read(r)
	return body, value, err
}

// only returns the value of a header that a request has once: of several, a proxy and the plugin may each
// read another one.
func only(r *http.Request, header string) (string, error) {
	switch values := r.Header.Values(header); {
	case len(values) > 1:
		return "", refuse("header %s is repeated", header)
	case len(values) == 0 || values[0] == "":
		return "", refuse("header %s is missing", header)
	default:
		return values[0], nil
	}
}

// errRead is the error of a plugin that verifies too late, and not of a request.
var errRead = errors.New("the body of the webhook has been read before it was verified: verify it first, which returns the body, and leaves r.Body to be read again")

// read returns the body of a request and leaves it to be read again.
func read(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	var buf bytes.Buffer
	buf.Grow(int(max(0, min(r.ContentLength, MaxBody))) + bytes.MinRead)
	_, err := buf.ReadFrom(io.LimitReader(r.Body, MaxBody+1))
	body := buf.Bytes()
	switch {
	case err != nil:
		r.Body = again(body, r.Body)
		return nil, fmt.Errorf("reading the body of the webhook: %w", err)
	case len(body) > MaxBody:
		r.Body = again(body, r.Body)
		return nil, refuse("its body has more than %d bytes", MaxBody)
	case len(body) == 0 && r.ContentLength > 0:
		return nil, errRead
	}
	r.Body = again(body, r.Body)
	return body, nil
}

// again returns a body that begins with what has been read of it.
func again(begin []byte, rest io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), rest), rest}
}
