package datasource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// answer sends a request with these fields, a JSON object, to a data source. It returns the results,
// joined by " + ", and the error with its type. Credentials are {"key":"k"} if the fields have none.
func answer(tb testing.TB, a runtime.DatasourceAction, fields string, maxResult int) string {
	tb.Helper()
	data := map[string]any{"credentials": map[string]any{"key": "k"}}
	if err := json.Unmarshal([]byte(fields), &data); err != nil {
		tb.Fatal(err)
	}
	var texts []string
	add := func(result any) error {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false) // as on the wire
		if err := e.Encode(result); err != nil {
			return err
		}
		texts = append(texts, strings.TrimSpace(b.String()))
		return nil
	}
	p := runtime.NewDatasource(runtime.DatasourceConfig{Name: "p", Actions: []runtime.DatasourceAction{a}})
	for _, r := range p.Routes() {
		if r.Action != a.Name {
			continue
		}
		req := &runtime.Request{Call: runtime.Call{UserID: "u"}, Data: data, Stream: add, MaxResult: maxResult}
		result, err := r.Serve(tb.Context(), req)
		if err == nil && result != nil {
			err = add(result)
		}
		if err != nil {
			texts = append(texts, wireError(err))
		}
	}
	return strings.Join(texts, " + ")
}

func wireError(err error) string {
	if e := (*runtime.Error)(nil); errors.As(err, &e) {
		return string(e.Type) + ": " + err.Error()
	}
	return err.Error()
}

// key decodes the credentials {"key":…}, which are required.
func key(_ runtime.CredentialType, values map[string]any) (string, error) {
	d := runtime.NewDecoder("P", values)
	key := d.Text("key", "Key", runtime.FieldRequired)
	return key, d.Err()
}

// city decodes the parameters {"city":…}.
func city(values map[string]any) (string, error) {
	d := runtime.NewParameterDecoder("P", values)
	city := d.Text("city", "City", runtime.FieldOptional)
	d.MaxLength("city", "City", 5, city)
	return city, d.Err()
}

// TestRequests checks what each action takes of a request, and what it refuses.
func TestRequests(t *testing.T) {
	t.Parallel()
	var seen string
	see := func(call runtime.Call, values ...any) error {
		data, err := json.Marshal(append([]any{call.UserID}, values...))
		seen = string(data)
		return errors.Join(err, errors.New("seen"))
	}
	crawl := datasource.BindCrawl("d", key, city, func(_ context.Context, call runtime.Call, creds, params string, _ *datasource.CrawlOutput) error {
		return see(call, creds, params)
	})
	pages := datasource.BindPages("d", key, city, func(_ context.Context, call runtime.Call, creds, params string) ([]datasource.Workspace, error) {
		return nil, see(call, creds, params)
	})
	content := datasource.BindPageContent("d", key, func(_ context.Context, call runtime.Call, creds string, page datasource.PageRequest, _ *datasource.PageContentOutput) error {
		return see(call, creds, page)
	})
	browse := datasource.BindBrowse("d", key, func(_ context.Context, call runtime.Call, creds string, folder datasource.BrowseRequest, _ *datasource.BrowseOutput) error {
		return see(call, creds, folder)
	})
	download := datasource.BindDownload("d", key, func(_ context.Context, call runtime.Call, creds string, file datasource.DownloadRequest, _ *datasource.DownloadOutput) error {
		return see(call, creds, file)
	})
	const (
		missing = "ValidationError: datasource_parameters of the request is missing"
		noKey   = "DatasourceCredentialValidationError: P: Key (key) is required"
	)
	for _, test := range []struct {
		action       runtime.DatasourceAction
		fields, want string
	}{
		{crawl, `{"datasource_parameters":{"city":"Rome"}}`, `["u","k","Rome"]`},
		{crawl, `{"datasource_parameters":{}}`, `["u","k",""]`},
		{crawl, `{"datasource_parameters":null,"credentials":null}`, missing},
		{crawl, `{"datasource_parameters":[]}`, "ValidationError: datasource_parameters of the request has the wrong type"},
		{crawl, `{"datasource_parameters":{"city":"Venice"},"credentials":{}}`, noKey},
		{crawl, `{"datasource_parameters":{"city":"Venice"}}`, "P: City (city) must have at most 5 characters"},
		{crawl, `{"datasource_parameters":{},"credentials":"k"}`, "ValidationError: credentials of the request has the wrong type"},
		{pages, `{"datasource_parameters":{"city":"Rome"}}`, `["u","k","Rome"]`},
		{pages, `{"credentials":null}`, missing},
		{pages, `{"datasource_parameters":{},"credentials":null}`, noKey},

		{content, `{"page":{"workspace_id":"w","page_id":"p","type":"page"}}`, `["u","k",{"WorkspaceID":"w","PageID":"p","Type":"page"}]`},
		{content, `{"page":{"page_id":"p","workspace_id":null}}`, `["u","k",{"WorkspaceID":"","PageID":"p","Type":""}]`},
		{content, `{"page":{"page_id":"p"},"credentials":{}}`, noKey},
		{content, `{"page":{"page_id":"","type":1}}`, "ValidationError: type of the request has the wrong type; page_id of the request is missing"},
		{content, `{"page":{}}`, "ValidationError: page_id of the request is missing"},
		{content, `{"page":null,"credentials":null}`, "ValidationError: page of the request is missing"},
		{content, `{"page":"p"}`, "ValidationError: page of the request has the wrong type"},

		{browse, `{"request":{"bucket":"b","prefix":"f","max_keys":7,"next_page_parameters":null}}`, `["u","k",{"Bucket":"b","Prefix":"f","MaxKeys":7}]`},
		{browse, `{"request":{"bucket":null,"prefix":"","max_keys":0,"next_page_parameters":{}}}`, `["u","k",{"Bucket":"","Prefix":"","MaxKeys":20}]`},
		{browse, `{"request":{"max_keys":1e300}}`, `["u","k",{"Bucket":"","Prefix":"","MaxKeys":2147483647}]`},
		{browse, `{"request":{"max_keys":-1}}`, `["u","k",{"Bucket":"","Prefix":"","MaxKeys":20}]`},
		{browse, `{"request":{},"credentials":{}}`, noKey},
		{browse, `{"request":null,"credentials":null}`, "ValidationError: request of the request is missing"},
		{browse, `{"request":{"bucket":1,"prefix":[],"max_keys":"1","next_page_parameters":"x"}}`, "ValidationError: bucket, prefix, next_page_parameters, max_keys of the request have the wrong type"},

		{download, `{"request":{"bucket":"b","id":"f"}}`, `["u","k",{"Bucket":"b","ID":"f"}]`},
		{download, `{"request":{"bucket":null,"id":"f"}}`, `["u","k",{"Bucket":"","ID":"f"}]`},
		{download, `{"request":{"id":"f"},"credentials":{}}`, noKey},
		{download, `{"request":{"id":""}}`, "ValidationError: id of the request is missing"},
		{download, `{"request":{"bucket":1,"id":2}}`, "ValidationError: bucket, id of the request have the wrong type"},
		{download, `{}`, "ValidationError: request of the request is missing"},
	} {
		seen = ""
		got := answer(t, test.action, test.fields, 0)
		if got == "seen" {
			got = seen
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.action.Name, test.fields, diff)
		}
	}
}

// TestOutputsOfNoRequest checks that outputs that the author has made return errors.
func TestOutputsOfNoRequest(t *testing.T) {
	t.Parallel()
	const want = "the output does not belong to a request"
	var crawl *datasource.CrawlOutput
	var content *datasource.PageContentOutput
	var browse *datasource.BrowseOutput
	browse.AddBucket("")
	browse.AddFile(datasource.File{})
	browse.AddFolder(datasource.Folder{})
	var download *datasource.DownloadOutput
	for i, err := range []error{
		crawl.AddPage(datasource.WebPage{}), new(datasource.CrawlOutput).AddPage(datasource.WebPage{}),
		crawl.Progress(1, 1), new(datasource.CrawlOutput).Progress(1, 1),
		content.SetTitle(""), new(datasource.PageContentOutput).StreamContent(""),
		browse.SetNextPage(1), download.File(nil, datasource.FileMeta{}), new(datasource.DownloadOutput).File(nil, datasource.FileMeta{}),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := download.MaxSize() + new(datasource.DownloadOutput).MaxSize(); n != 0 {
		t.Errorf("the largest file of no request has %d bytes", n)
	}
}
