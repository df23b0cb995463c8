// Package documents puts files into a WebDAV store and gets them back.
package documents

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// client has a longer timeout than runtime's, for large files.
var client = &http.Client{Timeout: 2 * time.Minute}

// Provider connects a WebDAV store.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials looks at the root folder.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	_, err := p.list(ctx, creds, "/", "0")
	return err
}

// resource is a file or folder of the store.
type resource struct {
	Href     string    `xml:"href"`
	Size     int64     `xml:"propstat>prop>getcontentlength"`
	Modified string    `xml:"propstat>prop>getlastmodified"`
	Folder   *struct{} `xml:"propstat>prop>resourcetype>collection"`
}

// list returns a folder (depth 0), or also what is in it (depth 1).
func (p *Provider) list(ctx context.Context, creds Credentials, folder, depth string) ([]resource, error) {
	resp, err := p.do(ctx, creds, "PROPFIND", folder, nil, http.Header{"Depth": {depth}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var found struct {
		Resources []resource `xml:"response"`
	}
	if err := xml.NewDecoder(io.LimitReader(resp.Body, runtime.MaxJSON)).Decode(&found); err != nil {
		return nil, errors.New("the response is not from a WebDAV store: check the server URL")
	}
	return found.Resources, nil
}

// address returns the URL of a path in the store.
func address(creds Credentials, path string) (string, error) {
	u, err := url.Parse(creds.ServerURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", errors.New("the server URL must be one such as https://cloud.example.com/dav")
	}
	return u.JoinPath(path).String(), nil
}

// do sends a request. The body of the response must be closed.
func (p *Provider) do(ctx context.Context, creds Credentials, method, path string, body io.Reader, header http.Header) (*http.Response, error) {
	address, err := address(creds, path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, errors.New("the path is not valid")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.SetBasicAuth(creds.Username, creds.AppPassword.Reveal())
	resp, err := runtime.Do(client, req)
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		err = errors.New("the store rejects the user name or the app password")
	case http.StatusForbidden:
		err = fmt.Errorf("the store denies access to %s", path)
	case http.StatusNotFound, http.StatusConflict:
		err = fmt.Errorf("there is no %s", path)
	case http.StatusMethodNotAllowed:
		err = errExists
	case http.StatusInsufficientStorage:
		err = errors.New("the store is full")
	}
	return resp, err
}

// errExists is the error for a folder that is there already.
var errExists = errors.New("it exists already")

// path returns a path in the store as the tools show it.
func (r *resource) path(creds Credentials) string {
	root, _ := url.Parse(creds.ServerURL)
	path, _ := url.PathUnescape(r.Href)
	return "/" + strings.Trim(strings.TrimPrefix(path, strings.TrimSuffix(root.Path, "/")), "/")
}
