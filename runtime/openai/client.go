package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/difygen/difygen/runtime"
)

const (
	// maxAnswer is the size of the largest answer in JSON, in bytes: some thousand vectors.
	maxAnswer = 64 << 20
	maxModels = 8 << 20 // of a list
)

// client calls a model of a service.
type client struct {
	http   *http.Client
	config Config
	base   *url.URL
	call   runtime.ModelCall
	model  string // as the service calls it
}

var errRedirected = errors.New("the service redirects requests, which then lose what they ask for: check the base URL, and whether it needs https")

// errKey is the error of an API key that cannot be right.
var errKey = errors.New("the API key has a line break or another character that no key has")

// keepMethod returns a client that follows no redirect which would make another request of it.
func keepMethod(from *http.Client) *http.Client {
	if from == nil {
		from = http.DefaultClient
	}
	c := *from
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case req.Method != via[0].Method:
			return errRedirected
		case from.CheckRedirect != nil:
			return from.CheckRedirect(req, via)
		}
		return nil
	}
	return &c
}

func (c *client) url(path string) string { return c.base.JoinPath(path).String() }

// prepare returns what is sent to an endpoint, as the provider wants it.
func (c *client) prepare(path string, body map[string]any) *Request {
	req := &Request{Path: path, Body: body, Call: c.call}
	if c.config.Prepare != nil {
		c.config.Prepare(req)
	}
	return req
}

// ask makes a request for which this package has no type, and decodes the answer.
func (c *client) ask(ctx context.Context, request *Request, result any) error {
	resp, err := c.send(ctx, request)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := readObject(resp, maxAnswer)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, result); err != nil {
		return wrongJSON(err)
	}
	return nil
}

// send makes a request. The body of the response must be closed.
func (c *client) send(ctx context.Context, request *Request) (*http.Response, error) {
	if request.Body != nil {
		return c.post(ctx, request.Path, request.Body)
	}
	return c.get(ctx, request.Path)
}

func (c *client) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, c.url(path), nil)
	if err != nil {
		return nil, err
	}
	return c.do(req)
}

// post sends JSON to an endpoint. The body of the response must be closed.
func (c *client) post(ctx context.Context, path string, body map[string]any) (*http.Response, error) {
	prepared := c.prepare(path, body)
	req, err := runtime.NewJSONRequest(ctx, http.MethodPost, c.url(prepared.Path), prepared.Body)
	if err != nil {
		return nil, err
	}
	if prepared.Body["stream"] == true {
		req.Header.Set("Accept", "text/event-stream")
	}
	return c.do(req)
}

// do authorizes and sends a request.
func (c *client) do(req *http.Request) (*http.Response, error) {
	if key := strings.TrimSpace(c.config.APIKey.Reveal()); key != "" {
		if strings.ContainsFunc(key, unicode.IsControl) { // net/http would say that the network failed
			return nil, errKey
		}
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if c.config.Authorize != nil {
		c.config.Authorize(req)
	}
	resp, err := runtime.Do(c.http, req)
	switch {
	case err == nil:
		resp.Request = req // the one that has the secrets, whatever followed
	case errors.Is(err, errRedirected): // and not that the service could not be reached
		return nil, errRedirected
	}
	return resp, explain(err, req)
}

// answer is one in JSON, which knows whether it has what was asked for.
type answer interface{ empty() bool }

// postJSON sends JSON to an endpoint, and decodes what it answers.
func (c *client) postJSON(ctx context.Context, path string, body map[string]any, into answer) error {
	resp, err := c.post(ctx, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return decodeAnswer(resp, maxAnswer, into)
}

// What services answer in place of JSON.
var (
	errNothing  = errors.New("the service has answered nothing")
	errWebPage  = errors.New("the service has answered with a web page: check the base URL")
	errNotJSON  = errors.New("the service has not answered in JSON: check the base URL")
	errNoAnswer = errors.New("the answer of the service lacks what was asked for")
)

// decodeAnswer decodes an answer of that many bytes at most. Errors that come with status 200 are
// found where an answer is not what it should be.
func decodeAnswer(resp *http.Response, limit int, into answer) error {
	data, err := readObject(resp, limit)
	if err != nil {
		return err
	}
	err = json.Unmarshal(data, into)
	if err != nil || into.empty() {
		if failed := reported(data, resp.Request); failed != nil {
			return failed
		}
	}
	switch {
	case err != nil:
		return wrongJSON(err)
	case into.empty():
		return errNoAnswer
	}
	return nil
}

// errorInPlaceOf returns the error that a service has answered in place of what is not JSON.
func errorInPlaceOf(resp *http.Response) error {
	data, err := readObject(resp, maxAnswer)
	if err != nil {
		return err
	}
	return cmp.Or(reported(data, resp.Request), errNoAnswer)
}

// readObject returns an answer that begins as a JSON object does.
func readObject(resp *http.Response, limit int) ([]byte, error) {
	data, err := readAnswer(resp.Body, limit)
	if err != nil {
		return nil, err
	}
	switch data = bytes.TrimSpace(data); {
	case len(data) == 0:
		return nil, errNothing
	case data[0] == '{':
		return data, nil
	case data[0] == '<':
		return nil, errWebPage
	}
	return nil, notJSON(resp.Header)
}

func readAnswer(body io.Reader, limit int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	if err == nil && len(data) > limit {
		err = fmt.Errorf("the service has answered more than %d MiB", limit>>20)
	}
	return data, brokenOff(err)
}

// wrongJSON returns an error that does not quote the answer.
func wrongJSON(err error) error {
	if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) && e.Field != "" {
		return fmt.Errorf("%s in the answer of the service has the wrong type", e.Field)
	}
	return errors.New("the answer of the service is not the JSON that was expected")
}

// notJSON returns the error for an answer that is not a JSON object.
func notJSON(header http.Header) error {
	if mediaType(header) == "text/html" {
		return errWebPage
	}
	return errNotJSON
}

func mediaType(header http.Header) string {
	typ, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return typ
}
