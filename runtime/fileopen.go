package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// MaxFile is the size of the largest file that can be opened, in bytes.
const MaxFile = 100 << 20

// Open downloads the file. Reading fails 30 seconds after Open, and beyond the size that
// the host announced, if it did, or MaxFile. The error of a server that is down matches
// ErrUnreachable. No error contains the URL, which is signed.
func (f File) Open(ctx context.Context) (io.ReadCloser, error) {
	return f.OpenWith(ctx, nil)
}

// OpenWith is Open with that client; nil means http.DefaultClient. Its Timeout, if it has one,
// replaces the 30 seconds.
func (f File) OpenWith(ctx context.Context, client *http.Client) (io.ReadCloser, error) {
	limit, err := f.limit()
	if err != nil {
		return nil, err
	}
	body, err := f.open(ctx, client, limit)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	return fileBody{body}, nil
}

// ReadAll downloads the file and returns its bytes. It keeps to the limits of Open.
func (f File) ReadAll(ctx context.Context) ([]byte, error) {
	body, err := f.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// limit returns how many bytes the file may have.
func (f File) limit() (int64, error) {
	switch {
	case f.IsZero():
		return 0, errors.New("no file was given")
	case f.Size > MaxFile:
		return 0, fmt.Errorf("the file has %d bytes, which is more than %d", f.Size, MaxFile)
	case f.Size > 0:
		return f.Size, nil
	}
	return MaxFile, nil
}

func (f File) open(ctx context.Context, client *http.Client, limit int64) (io.ReadCloser, error) {
	u, err := parseURL(f.URL)
	if err != nil {
		if u != nil && u.Scheme == "" && u.Host == "" {
			err = errors.New("its URL has no scheme and host: FILES_URL is not set on the Dify host")
		}
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, errURL
	}
	resp, err := send(client, req, limit)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		err = newStatusError(resp)
	} else if resp.ContentLength > limit {
		err = errTooLong
	}
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp.Body, nil
}

var errTooLong = errors.New("the file has more bytes than Dify announced, or than can be opened")

// fileBody is the body of a file.
type fileBody struct{ io.ReadCloser }

func (b fileBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch tooLong := (*tooLongError)(nil); {
	case err == nil || err == io.EOF:
		return n, err
	case errors.As(err, &tooLong):
		return n, &fileError{errTooLong}
	}
	return n, &fileError{fmt.Errorf("reading the file: %w", err)}
}

// fileError is an error of reading a file. If a request sends the file, its error wraps this
// one, although the service has done nothing wrong.
type fileError struct{ err error }

func (e *fileError) Error() string { return e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }
