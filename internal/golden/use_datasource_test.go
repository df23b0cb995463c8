package golden_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/testdata/golden/cloud"
	"github.com/difygen/difygen/testdata/golden/nosource"
	"github.com/difygen/difygen/testdata/golden/shares"
	"github.com/difygen/difygen/testdata/golden/sourceclash"
	"github.com/difygen/difygen/testdata/golden/spider"
	"github.com/difygen/difygen/testdata/golden/wiki"
)

func TestDecodeDatasourceParameters(t *testing.T) {
	t.Parallel()
	got, err := spider.DecodeCrawlParameters(map[string]any{"url": "https://example.com", "limit": "5", "crawl_subpages": nil, "cookie": "c"})
	want := spider.CrawlParameters{
		URL: "https://example.com", CrawlSubpages: true, Limit: 5, Delay: 0.5, Format: spider.FormatMarkdown, Cookie: runtime.NewSecret("c"),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("decoded (-want +got): %v\n%s", err, diff)
	}
	_, err = spider.DecodeCrawlParameters(map[string]any{"limit": 1000.0, "max_depth": -1.0, "format": "pdf"})
	const wrong = "Crawl: Start URL (url) is required; Format (format) must be one of markdown, html; Limit (limit) must be at most 100; Depth (max_depth) must be at least 0"
	if errorText(err) != wrong {
		t.Errorf("got  %v\nwant %s", err, wrong)
	}
}

// TestDatasourceRoutes checks which requests reach the author's methods, and with which credentials:
// Dify does not say of which type they are.
func TestDatasourceRoutes(t *testing.T) {
	t.Parallel()
	const (
		crawl, pages, content = "invoke_website_datasource_get_crawl", "invoke_online_document_datasource_get_pages", "invoke_online_document_datasource_get_page_content"
		browse, download      = "invoke_online_drive_browse_files", "invoke_online_drive_download_file"
		apiKey, token         = "Cloud: API key (api_key)", "Cloud: Access token (access_token)"
		masked                = "[__HIDDEN__]"
	)
	stub := runtime.ErrNotImplemented.Error()
	parameters := func(creds, params map[string]any) map[string]any {
		return map[string]any{"credentials": creds, "datasource_parameters": params}
	}
	drive := func(creds, request map[string]any) map[string]any {
		return map[string]any{"credentials": creds, "request": request}
	}
	var (
		key     = map[string]any{"api_key": "k"}
		folder  = map[string]any{"prefix": "", "max_keys": 20.0}
		file    = map[string]any{"id": "f"}
		aSpider = spider.NewProvider(&spider.Provider{})
		aWiki   = wiki.NewProvider(&wiki.Provider{})
		aCloud  = cloud.NewProvider(&cloud.Provider{})
		aDrive  = shares.NewProvider(&shares.Provider{})
		aClash  = sourceclash.NewProvider(&sourceclash.Provider{})
		granted = map[string]any{"access_token": "t"}
		page    = map[string]any{"credentials": granted, "page": map[string]any{"workspace_id": "w", "page_id": "p", "type": "page"}}
	)
	checkRoutes(t, map[string]routeTest{
		"a website":                         {aSpider, crawl, "spider crawl", parameters(key, map[string]any{"url": "u"}), stub},
		"another website":                   {aSpider, crawl, "spider sitemap", parameters(key, nil), stub},
		"a website with wrong parameters":   {aSpider, crawl, "spider crawl", parameters(key, nil), "Crawl: Start URL (url) is required"},
		"a website without credentials":     {aSpider, crawl, "spider crawl", parameters(nil, map[string]any{"url": "u"}), "Spider: API key (api_key) is required"},
		"documents":                         {aWiki, pages, "wiki documents", parameters(granted, map[string]any{}), stub},
		"documents without credentials":     {aWiki, pages, "wiki documents", parameters(nil, map[string]any{}), "Wiki: Access token (access_token) is required"},
		"a document":                        {aWiki, content, "wiki archive", page, stub},
		"a folder":                          {aCloud, browse, "cloud cloud", drive(key, folder), stub},
		"a folder with OAuth":               {aCloud, browse, "cloud cloud", drive(granted, folder), stub},
		"a folder with a masked key":        {aCloud, browse, "cloud cloud", drive(map[string]any{"api_key": masked}, folder), apiKey + " arrived masked from Dify; enter it again"},
		"a folder with a masked token":      {aCloud, browse, "cloud cloud", drive(map[string]any{"access_token": masked}, folder), token + " arrived masked from Dify; enter it again"},
		"a folder without credentials":      {aCloud, browse, "cloud cloud", drive(nil, folder), apiKey + " is required"},
		"a file":                            {aCloud, download, "cloud cloud", drive(key, file), stub},
		"a drive that needs no credentials": {aDrive, browse, "shares docs_in_site", drive(nil, folder), stub},
		"the other one of two":              {aDrive, download, "shares docs_in_group", drive(nil, file), stub},
		"names that clash":                  {aClash, pages, "sourceclash team-docs", parameters(key, map[string]any{}), stub},
	})
	for _, route := range nosource.NewProvider(&nosource.Provider{}).Routes() {
		if strings.HasPrefix(route.Action, "invoke_") {
			t.Errorf("a provider of an unknown type answers %s", route.Action)
		}
	}
}

// TestPageOutputs checks what the setters of a document's outputs send.
func TestPageOutputs(t *testing.T) {
	t.Parallel()
	read := func(_ context.Context, _ runtime.Call, _ runtime.NoCredentials, _ datasource.PageRequest, page *datasource.PageContentOutput) error {
		out := wiki.DocumentsPageContentOutput{PageContentOutput: page}
		author := wiki.DocumentsAuthor{Name: "Ada", ID: 1}
		return errors.Join(
			out.SetContent("text"), out.SetContent2("other"), out.SetAuthor(author), out.SetEditors(nil), out.SetLabels([]string{"a"}),
			out.StreamURL("https://"), out.StreamURL("wiki.example"), out.SetViews(3), out.SetVariable("v"), out.SetAnything([]int{1}),
		)
	}
	var got []string
	request := &runtime.DatasourceRequest{Request: &runtime.Request{
		Data: map[string]any{"page": map[string]any{"workspace_id": "w", "page_id": "p", "type": "page"}},
		Stream: func(result any) error {
			data, err := json.Marshal(result)
			if err != nil {
				return err
			}
			var m struct {
				Message struct {
					Name  string          `json:"variable_name"`
					Value json.RawMessage `json:"variable_value"`
				}
			}
			got = append(got, "")
			err = json.Unmarshal(data, &m)
			got[len(got)-1] = m.Message.Name + " " + string(m.Message.Value)
			return err
		},
	}}
	if _, err := datasource.BindPageContent("documents", runtime.DecodeNoCredentials, read).Serve(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`content "text"`, `Content "other"`, `author {"name":"Ada","id":1}`, `editors []`, `labels ["a"]`, `url "https://"`, `url "wiki.example"`,
		`views 3`, `variable "v"`, `anything [1]`, `page_id "p"`, `workspace_id "w"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}
