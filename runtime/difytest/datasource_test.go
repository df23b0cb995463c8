package difytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

// sourceDeclaration declares a data source of a provider_type, with two ways to authorize it.
const sourceDeclaration = `{"identity":{"name":"docs"},"provider_type":"TYPE","datasources":[
	{"identity":{"name":"site"},"parameters":[{"name":"depth","type":"number"}],"output_schema":SCHEMA}],
	"credentials_schema":[{"name":"key","type":"secret-input"},{"name":"region","type":"text-input"}],
	"oauth_schema":{"client_schema":[],"credentials_schema":[{"name":"token","type":"secret-input"}]}}`

// source returns a plugin with that data source.
func source(typ, schema string, actions ...runtime.DatasourceAction) *serve.Plugin {
	return pluginOf("datasource_declaration", strings.NewReplacer("TYPE", typ, "SCHEMA", schema).Replace(sourceDeclaration),
		runtime.NewDatasource(runtime.DatasourceConfig{Name: "docs", Actions: actions, Fields: &runtime.Fields{Secret: []string{"key", "token"}}}))
}

// given are credentials and parameters as they are.
type given = map[string]any

func anyCredentials(t runtime.CredentialType, values given) (given, error) {
	if t != "" {
		return nil, fmt.Errorf("the request has the credential type %q", t)
	}
	return values, nil
}

func anyParameters(values given) (given, error) { return values, nil }

func crawl(f func(creds, params given, out *datasource.CrawlOutput) error) *serve.Plugin {
	return source("website_crawl", "null", datasource.BindCrawl("site", anyCredentials, anyParameters,
		func(_ context.Context, _ runtime.Call, creds, params given, out *datasource.CrawlOutput) error {
			return f(creds, params, out)
		}))
}

func TestCrawl(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, crawl(func(creds, params given, out *datasource.CrawlOutput) error {
		if params["depth"] != 2.0 {
			return fmt.Errorf("depth %v", params["depth"])
		}
		return errors.Join(out.Progress(0, 0), out.Progress(1, 2), out.AddPage(datasource.WebPage{SourceURL: "https://site.example", Title: "<T>", Content: strconv.Itoa(len(creds))}))
	}))
	want := &difytest.CrawlResult{
		Pages:    []datasource.WebPage{{SourceURL: "https://site.example", Title: "<T>", Content: "1"}},
		Progress: []difytest.CrawlProgress{{}, {Completed: 1, Total: 2}},
	}
	for _, creds := range []given{{"key": "k-123"}, {"token": "t-123"}, {"region": "eu"}} {
		if diff := cmp.Diff(want, h.Crawl("site", creds, given{"depth": 2})); diff != "" {
			t.Errorf("%v (-want +got):\n%s", creds, diff)
		}
	}
	result := h.Crawl("site", nil, nil)
	difytest.WantError(t, result.Err, runtime.ErrorInvoke, "depth <nil>")
}

func TestPages(t *testing.T) {
	t.Parallel()
	edited := time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	want := []datasource.Workspace{{ID: "w", Name: "W", Icon: "i", Total: 9, Pages: []datasource.Page{
		{ID: "p", Name: "P", Icon: &datasource.Icon{URL: "u"}, Type: "page", LastEdited: edited, ParentID: "q"},
		{ID: "q", Icon: &datasource.Icon{Emoji: "e"}},
	}}}
	h := difytest.Start(t, source("online_document", "null",
		datasource.BindPages("site", anyCredentials, anyParameters, func(_ context.Context, _ runtime.Call, creds, _ given) ([]datasource.Workspace, error) {
			if creds["region"] == "moon" {
				return nil, errors.New("no such region")
			}
			return want, nil
		}),
		datasource.BindPageContent("site", anyCredentials, func(_ context.Context, _ runtime.Call, _ given, page datasource.PageRequest, out *datasource.PageContentOutput) error {
			return errors.Join(out.StreamContent("a"), out.StreamContent("b"), out.SetTitle(page.Type), out.Variable("tags", []string{"t"}))
		})))
	got, err := h.Pages("site", nil, nil)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	_, err = h.Pages("site", given{"region": "moon"}, nil)
	difytest.WantError(t, err, runtime.ErrorInvoke, "no such region")
	content := &difytest.PageContentResult{
		Content: "ab", Title: "page", PageID: "p", WorkspaceID: "w",
		Variables: given{"content": "ab", "title": "page", "page_id": "p", "workspace_id": "w", "tags": []any{"t"}},
	}
	if diff := cmp.Diff(content, h.PageContent("site", nil, datasource.PageRequest{WorkspaceID: "w", PageID: "p", Type: "page"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// drive returns a plugin with a drive of ten files, which are numbered, and a request for a next page
// has a number that float64 cannot hold.
func drive() *serve.Plugin {
	const start = 1<<53 + 1
	return source("online_drive", "null",
		datasource.BindBrowse("site", anyCredentials, func(_ context.Context, _ runtime.Call, _ given, folder datasource.BrowseRequest, out *datasource.BrowseOutput) error {
			if folder.Bucket == "" {
				out.AddBucket("b")
				return nil
			}
			next := int64(start)
			if err := folder.NextPage(&next); err != nil {
				return err
			}
			for range folder.MaxKeys {
				out.AddFile(datasource.File{ID: strconv.FormatInt(next, 10), Name: folder.Prefix, Size: next - start})
				next++
			}
			out.AddFolder(datasource.Folder{ID: "f/", Name: "f"})
			if next < start+10 {
				return out.SetNextPage(next)
			}
			return nil
		}),
		datasource.BindDownload("site", anyCredentials, func(_ context.Context, _ runtime.Call, _ given, file datasource.DownloadRequest, out *datasource.DownloadOutput) error {
			if file.ID == "large" {
				return out.File(make([]byte, out.MaxSize()+1), datasource.FileMeta{Name: "large"})
			}
			return out.File([]byte(file.Bucket), datasource.FileMeta{Name: file.ID})
		}))
}

// TestBrowse walks through all pages of a folder.
func TestBrowse(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, drive())
	root, err := h.Browse("site", nil, datasource.BrowseRequest{})
	if diff := cmp.Diff(&difytest.BrowseResult{Buckets: []string{"b"}}, root, cmpopts.IgnoreUnexported(difytest.BrowseResult{})); diff != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	folder := datasource.BrowseRequest{Bucket: root.Buckets[0], Prefix: "p", MaxKeys: 3}
	sizes, pages := []int64{}, 0
	for more := true; more; pages++ {
		page, err := h.Browse("site", nil, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page.Files {
			if f.ID != strconv.FormatInt(1<<53+1+f.Size, 10) || f.Name != "p" {
				t.Errorf("got %v", f)
			}
			sizes = append(sizes, f.Size)
		}
		if diff := cmp.Diff([]datasource.Folder{{ID: "f/", Name: "f"}}, page.Folders); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		folder, more = page.Next()
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, sizes); diff != "" || pages != 4 {
		t.Errorf("%d pages (-want +got):\n%s", pages, diff)
	}
	page, err := h.Browse("site", nil, datasource.BrowseRequest{Bucket: "b", Prefix: "p"})
	if err != nil || len(page.Files) != 20 {
		t.Errorf("%v, %v", page, err)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, drive())
	file, err := h.Download("site", nil, datasource.DownloadRequest{Bucket: "b", ID: "f"})
	if diff := cmp.Diff(&difytest.File{Name: "f", MIMEType: "application/octet-stream", Data: []byte("b")}, file); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	_, err = h.Download("site", nil, datasource.DownloadRequest{ID: "large"})
	difytest.WantError(t, err, runtime.ErrorInvoke, "the file is too large: over this connection, it may have 39")
}

// raw returns an action that sends values as they are.
func raw(action string, values ...string) runtime.DatasourceAction {
	return runtime.DatasourceAction{Datasource: "site", Name: action, Serve: func(_ context.Context, req *runtime.DatasourceRequest) (any, error) {
		for _, v := range values {
			if err := req.Stream(json.RawMessage(v)); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}}
}

// TestWrongDatasources checks that calls which Dify would not make, and results which it would reject or
// which have secrets, are errors of the test.
func TestWrongDatasources(t *testing.T) {
	t.Parallel()
	key := given{"key": "a-secret-key"}
	leak := func(creds, _ given, out *datasource.CrawlOutput) error {
		key, _ := creds["key"].(string)
		return out.AddPage(datasource.WebPage{SourceURL: "u", Content: key})
	}
	calls := map[string]func(h *difytest.Host) error{
		"crawl": func(h *difytest.Host) error { return h.Crawl("site", key, nil).Err },
		"pages": func(h *difytest.Host) error { _, err := h.Pages("site", key, nil); return err },
		"content": func(h *difytest.Host) error {
			return h.PageContent("site", key, datasource.PageRequest{PageID: "p"}).Err
		},
		"browse": func(h *difytest.Host) error { _, err := h.Browse("site", key, datasource.BrowseRequest{}); return err },
		"download": func(h *difytest.Host) error {
			_, err := h.Download("site", key, datasource.DownloadRequest{ID: "f"})
			return err
		},
	}
	document := source("online_document", "null",
		raw("invoke_online_document_datasource_get_pages", `{"result":[{"workspace_id":""}]}`),
		raw("invoke_online_document_datasource_get_page_content", `{"type":"text","message":{"text":"t"}}`))
	content := func(f func(out *datasource.PageContentOutput) error) *serve.Plugin {
		return source("online_document", `{"properties":{"size":{"type":"integer"}}}`, datasource.BindPageContent("site", anyCredentials,
			func(_ context.Context, _ runtime.Call, _ given, _ datasource.PageRequest, out *datasource.PageContentOutput) error {
				return errors.Join(out.SetContent("c"), f(out))
			}))
	}
	browse := func(values ...string) *serve.Plugin {
		return source("online_drive", "null", raw("invoke_online_drive_browse_files", values...))
	}
	const entry = `{"id":"a","name":"a","size":1,"type":"file"}`
	const typeOfDocs = "the provider docs has the provider_type online_drive: Dify asks this only of "
	for name, test := range map[string]struct {
		plugin *serve.Plugin
		call   func(h *difytest.Host) error
		want   []string // the starts of what is reported
	}{
		"no data source": {drive(), func(h *difytest.Host) error { _, err := h.Pages("sites", key, nil); return err }, []string{"no data source sites; docs has site"}},
		"a crawl":        {drive(), calls["crawl"], []string{typeOfDocs + "website_crawl"}},
		"pages":          {drive(), calls["pages"], []string{typeOfDocs + "online_document"}},
		"content":        {drive(), calls["content"], []string{typeOfDocs + "online_document"}},
		"browse": {
			document, calls["browse"], []string{"the provider docs has the provider_type online_document: Dify asks this only of online_drive"},
		},
		"a parameter":  {crawl(leak), func(h *difytest.Host) error { return h.Crawl("site", nil, given{"deep": 1}).Err }, []string{"the data source site declares no parameter deep; it has depth"}},
		"a credential": {crawl(leak), func(h *difytest.Host) error { return h.Crawl("site", given{"kye": "k"}, nil).Err }, []string{"the provider docs declares no credential kye; it has key, region, token"}},
		"two ways": {
			crawl(leak), func(h *difytest.Host) error { return h.Crawl("site", given{"key": "k", "token": "t"}, nil).Err },
			[]string{"the credentials are of several ways to authorize the provider docs: Dify sends those of one"},
		},
		"a runtime.Secret": {crawl(leak), func(h *difytest.Host) error { return h.Crawl("site", given{"key": runtime.NewSecret("k")}, nil).Err }, []string{"key is a runtime.Secret"}},
		"no page":          {document, func(h *difytest.Host) error { return h.PageContent("site", nil, datasource.PageRequest{}).Err }, []string{"the request has no PageID, without which Dify asks for no document"}},
		"no file": {drive(), func(h *difytest.Host) error {
			_, err := h.Download("site", nil, datasource.DownloadRequest{})
			return err
		}, []string{"the request has no ID, without which Dify asks for no file"}},
		"max keys": {
			drive(), func(h *difytest.Host) error {
				_, err := h.Browse("site", nil, datasource.BrowseRequest{MaxKeys: -1})
				return err
			},
			[]string{"the request has a negative MaxKeys, for which Dify asks for nothing"},
		},
		"another kind": {weather(nil), calls["crawl"], []string{"the plugin declares no data source provider; it has weather (tool)"}},

		"a secret":              {crawl(leak), calls["crawl"], []string{"the result of site holds the secret key"}},
		"a secret that is fine": {crawl(leak), func(h *difytest.Host) error { return h.AllowSecrets().Crawl("site", key, nil).Err }, nil},
		"a secret in a file": {source("online_drive", "null", datasource.BindDownload("site", anyCredentials,
			func(_ context.Context, _ runtime.Call, creds given, _ datasource.DownloadRequest, out *datasource.DownloadOutput) error {
				return out.File(fmt.Append(nil, creds), datasource.FileMeta{Name: "f"})
			})), calls["download"], []string{"the result of site holds the secret key (in base64)"}},
		"a secret in a next page": {source("online_drive", "null", datasource.BindBrowse("site", anyCredentials,
			func(_ context.Context, _ runtime.Call, creds given, _ datasource.BrowseRequest, out *datasource.BrowseOutput) error {
				return out.SetNextPage(creds)
			})), func(h *difytest.Host) error {
			_, err := h.Browse("site", given{"key": `quoted "key"`}, datasource.BrowseRequest{})
			return err
		}, []string{"the result of site holds the secret key"}},
		"a secret in pieces": {source("online_document", "null", datasource.BindPageContent("site", anyCredentials,
			func(_ context.Context, _ runtime.Call, _ given, _ datasource.PageRequest, out *datasource.PageContentOutput) error {
				return errors.Join(out.StreamContent("a-secret"), out.StreamContent("-key"))
			})), calls["content"], []string{"the result of site holds the secret key"}},

		"an output":     {content(func(out *datasource.PageContentOutput) error { return out.Variable("pages", 1) }), calls["content"], []string{"the data source site sends the variable pages, which its output_schema does not declare"}},
		"its type":      {content(func(out *datasource.PageContentOutput) error { return out.Variable("size", 1.5) }), calls["content"], []string{"the data source site sends the variable size as number, but its output_schema declares integer"}},
		"right outputs": {content(func(out *datasource.PageContentOutput) error { return out.Variable("size", 1) }), calls["content"], nil},

		"no end of a crawl":  {source("website_crawl", "null", raw("invoke_website_datasource_get_crawl", `{"result":{"status":"processing"}}`)), calls["crawl"], []string{"Dify would reject what the plugin sends: the last result of invoke_website_datasource_get_crawl does not have status completed"}},
		"a workspace":        {document, calls["pages"], []string{"Dify would reject what the plugin sends: a result of invoke_online_document_datasource_get_pages: result[0].workspace_id is empty"}},
		"text of a document": {document, calls["content"], []string{"Dify would reject what the plugin sends: a data source's message of type text", "Dify would reject what the plugin sends: a document has no content"}},
		"null":               {browse(`{"result":null}`), calls["browse"], []string{"Dify would reject what the plugin sends: a result of invoke_online_drive_browse_files: result is missing, or null"}},
		"nothing":            {browse(), calls["browse"], []string{"Dify would reject what the plugin sends: invoke_online_drive_browse_files has no result"}},
		"no next page": {
			browse(`{"result":[{"files":[],"is_truncated":true}]}`), calls["browse"],
			[]string{"the result of site: is_truncated is set, but there are no next_page_parameters, so that Dify asks for the first page again"},
		},
		"a next page without is_truncated": {
			browse(`{"result":[{"files":[],"is_truncated":false,"next_page_parameters":{"a":1}}]}`), calls["browse"],
			[]string{"the result of site: it has next_page_parameters, but is_truncated is not set, so that Dify does not ask for that page"},
		},
		"another bucket": {
			browse(`{"result":[{"bucket":"zzz","files":[` + entry + `]}]}`), calls["browse"],
			[]string{`the result of site: its bucket is "zzz", but the one of the request is ""`},
		},
		"two folders": {
			browse(`{"result":[{"files":[` + entry + `]},{"files":[` + entry + `]}]}`), calls["browse"],
			[]string{"the result of site: it has 2 entries, but not all are buckets without files: the root has those alone, and a folder has one entry"},
		},
		"a secret that is nested": {
			browse(`{"result":[{"files":[],"is_truncated":true,"next_page_parameters":{"x":[{"y":"a-secret\u002dkey"}]}}]}`), calls["browse"],
			[]string{"the result of site holds the secret key"},
		},
		"a secret in JSON in a text": {
			browse(`{"result":[{"files":[],"is_truncated":true,"next_page_parameters":{"next_page":"{\"a\\u002dsecret-key\":1}"}}]}`), calls["browse"],
			[]string{"the result of site holds the secret key"},
		},
		"a file's name": {
			source("online_drive", "null", raw("invoke_online_drive_download_file", `{"type":"blob","message":{"blob":""},"meta":{"filename":"f"}}`)), calls["download"],
			[]string{"Dify would reject what the plugin sends: a data source's file has no file_name in its meta"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				_ = test.call(difytest.Start(tb, test.plugin))
			})
			fits := len(errs) == len(test.want)
			for i := range min(len(errs), len(test.want)) {
				fits = fits && strings.HasPrefix(errs[i], test.want[i])
			}
			if !fits {
				t.Errorf("reported:\n%s\nwant %s", strings.Join(errs, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
