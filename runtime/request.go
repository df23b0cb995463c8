package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// MaxJSON is the size of the largest response that DoJSON reads, in bytes.
const MaxJSON = 8 << 20

// NewJSONRequest returns a request that asks for JSON and, unless body is nil, sends body as
// JSON. Its errors do not quote the URL.
func NewJSONRequest(ctx context.Context, method, url string, body any) (*http.Request, error) {
	if body == nil {
		return newRequest(ctx, method, url, "", http.NoBody)
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("body of the request: %w", err)
	}
	return newRequest(ctx, method, url, "application/json", bytes.NewReader(data))
}

// NewFormRequest returns a request that asks for JSON and sends values as a form, in the body.
// Its errors do not quote the URL.
func NewFormRequest(ctx context.Context, method, url string, values url.Values) (*http.Request, error) {
	return newRequest(ctx, method, url, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

// newRequest returns a request that asks for JSON.
func newRequest(ctx context.Context, method, url, contentType string, body io.Reader) (*http.Request, error) {
	if _, err := parseURL(url); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, fmt.Errorf("the method %q is not valid", method)
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req, nil
}

// DoJSON is Do for a response in JSON, which it decodes into result as json.Unmarshal does. If
// result is nil, or the response has status 204, it ignores the body.
//
// The response has at most MaxJSON bytes. No error quotes the URL or the response.
func DoJSON(client *http.Client, req *http.Request, result any) error {
	_, err := DoJSONHeader(client, req, result)
	return err
}

// DoJSONHeader is DoJSON for those who need the header of the response, as for the link to a
// next page.
func DoJSONHeader(client *http.Client, req *http.Request, result any) (http.Header, error) {
	resp, err := send(client, req, MaxJSON)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if result == nil || resp.StatusCode == http.StatusNoContent {
		_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody) // so that the connection is used again
		return resp.Header, nil
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return resp.Header, unmarshal(data, result)
}

// unmarshal is json.Unmarshal with errors that do not quote the data.
func unmarshal(data []byte, result any) error {
	err := json.Unmarshal(data, result)
	if err == nil {
		return nil
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case !json.Valid(data):
		return errors.New("the response is not JSON")
	case !errors.As(err, &wrongType):
		return errors.New("the response is not the JSON that was expected")
	case wrongType.Field == "":
		return errors.New("the response is JSON of the wrong type")
	}
	return fmt.Errorf("%s in the response has the wrong type", wrongType.Field)
}
