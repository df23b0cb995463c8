// Package datasource has what calls of data sources hold, and what they return: of websites, online
// documents and online drives. The provider_type in the YAML decides which.
//
// Dify shows nothing of a result that is not as it expects, and its daemon ends the request. So what a
// data source returns is checked before it is sent, and an error says what is wrong. It is never
// changed: a text that is not UTF-8, which JSON cannot hold, is an error.
package datasource

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/difygen/difygen/runtime"
)

// maxResult is the size of the largest result where the host sets no limit, in bytes: it is in memory.
const maxResult = 50 << 20

// ErrTooLarge is matched by errors for what is larger than a connection to Dify takes: pages, files, lists and next
// pages. A crawl can end there, with the pages that it has added.
var ErrTooLarge = errors.New("too large")

// errNoRequest is the error of an output that the author has made.
var errNoRequest = errors.New("the output does not belong to a request")

// Decoder decodes the credentials of a call, which mostly lack their type.
type Decoder[C any] = func(runtime.CredentialType, map[string]any) (C, error)

// The actions of Dify's protocol.
const (
	actionCrawl    = "invoke_website_datasource_get_crawl"
	actionPages    = "invoke_online_document_datasource_get_pages"
	actionContent  = "invoke_online_document_datasource_get_page_content"
	actionBrowse   = "invoke_online_drive_browse_files"
	actionDownload = "invoke_online_drive_download_file"
)

// result is a result on the wire.
type result struct {
	Result any `json:"result"`
}

// readObject returns a reader of an object that a request must have.
func readObject(req *runtime.DatasourceRequest, field string) (*runtime.RequestReader, error) {
	r := req.Read()
	values := r.Object(field)
	r.Require(field)
	return (&runtime.Request{Data: values}).Read(), r.Err()
}

// readParameters reads the parameters of a request, which are decoded after its credentials.
func readParameters(req *runtime.DatasourceRequest) (map[string]any, error) {
	const field = "datasource_parameters"
	r := req.Read()
	values := r.Object(field)
	r.Require(field)
	return values, r.Err()
}

// errNotUTF8 is the error of a text that JSON would change, after what has it.
var errNotUTF8 = errors.New("has a text that is not UTF-8")

// valid reports whether JSON can hold texts as they are.
func valid(texts ...string) bool {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return false
		}
	}
	return true
}

// textOrNil returns s, or nil if it is empty: the wire has null for an absent text.
func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// limitOf returns the size of the largest result of a request.
func limitOf(req *runtime.Request) int {
	if req.MaxResult == 0 {
		return maxResult
	}
	return req.MaxResult
}

// newAction returns an action of a data source: it reads a request and decodes its credentials, and serves it.
func newAction[C, R any](
	datasource, name string, decode Decoder[C], read func(*runtime.DatasourceRequest) (R, error),
	serve func(ctx context.Context, req *runtime.Request, creds C, request R) (any, error),
) runtime.DatasourceAction {
	return runtime.DatasourceAction{Datasource: datasource, Name: name, Serve: func(ctx context.Context, req *runtime.DatasourceRequest) (any, error) {
		request, err := read(req)
		if err != nil {
			return nil, err
		}
		creds, err := runtime.DecodeDatasourceCredentials(req, decode)
		if err != nil {
			return nil, err
		}
		return serve(ctx, req.Request, creds, request)
	}}
}
