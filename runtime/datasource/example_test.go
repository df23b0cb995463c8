package datasource_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// The types that generated code has for the data sources of a provider.
type (
	DocsBrowseCall struct {
		runtime.Call
		datasource.BrowseRequest
	}
	DocsDownloadCall struct {
		runtime.Call
		datasource.DownloadRequest
	}
	SiteCrawlCall     struct{ runtime.Call }
	SpacesPagesCall   struct{ runtime.Call }
	SpacesContentCall struct {
		runtime.Call
		datasource.PageRequest
	}
)

// Provider has a drive with three files.
type Provider struct{}

var names = []string{"a.txt", "b.txt", "c.txt"}

// DocsBrowse lists the files, as many at once as Dify asks for.
func (*Provider) DocsBrowse(_ context.Context, call *DocsBrowseCall, out *datasource.BrowseOutput) error {
	var next struct{ Offset int }
	if err := call.NextPage(&next); err != nil {
		return err
	}
	next.Offset = min(max(next.Offset, 0), len(names)) // it is what a user sends
	page := names[next.Offset:]
	if len(page) > call.MaxKeys {
		page = page[:call.MaxKeys]
		next.Offset += call.MaxKeys
		if err := out.SetNextPage(next); err != nil {
			return err
		}
	}
	for _, name := range page {
		out.AddFile(datasource.File{ID: name, Name: name, Size: 5})
	}
	return nil
}

// DocsDownload sends a file.
func (*Provider) DocsDownload(_ context.Context, call *DocsDownloadCall, out *datasource.DownloadOutput) error {
	body := strings.NewReader("hello") // mostly the body of an http.Response, with its ContentLength
	return out.FileFrom(body, body.Size(), datasource.FileMeta{Name: call.ID, MIMEType: "text/plain"})
}

// SiteCrawl sends the pages of a website, and tells users how far it has come.
func (*Provider) SiteCrawl(_ context.Context, _ *SiteCrawlCall, out *datasource.CrawlOutput) error {
	paths := []string{"/", "/about"}
	for i, path := range paths {
		if err := out.Progress(i, len(paths)); err != nil {
			return err
		}
		err := out.AddPage(datasource.WebPage{SourceURL: "https://site.example" + path, Content: "# " + path})
		if errors.Is(err, datasource.ErrTooLarge) {
			return nil // with the pages before this one
		} else if err != nil {
			return err
		}
	}
	return nil
}

// SpacesPages lists the documents that a user can choose from.
func (*Provider) SpacesPages(context.Context, *SpacesPagesCall) ([]datasource.Workspace, error) {
	return []datasource.Workspace{{ID: "w", Name: "Team", Pages: []datasource.Page{
		{ID: "p", Name: "Plan", Icon: &datasource.Icon{Emoji: "🐦"}, Type: "page"},
	}}}, nil
}

// SpacesPageContent sends a document.
func (*Provider) SpacesPageContent(_ context.Context, call *SpacesContentCall, out *datasource.PageContentOutput) error {
	if err := out.SetTitle("Plan"); err != nil {
		return err
	}
	return out.SetContent("# Plan of " + call.WorkspaceID)
}

// ask sends a request to a data source, and prints what it sends. Difygen generates the binding.
func ask(action runtime.DatasourceAction, data map[string]any) {
	show := func(result any) error {
		text, err := json.Marshal(result)
		fmt.Println(string(text))
		return err
	}
	request := &runtime.Request{Data: data, Stream: show}
	result, err := action.Serve(context.Background(), &runtime.DatasourceRequest{Request: request})
	if err == nil && result != nil {
		err = show(result)
	}
	if err != nil {
		fmt.Println(err)
	}
}

// A drive lists a page of a folder at a time. What it sets for the next page comes back with the request
// for it.
func ExampleBrowseOutput_SetNextPage() {
	p := new(Provider)
	action := datasource.BindBrowse("docs", runtime.DecodeNoCredentials,
		func(ctx context.Context, call runtime.Call, _ runtime.NoCredentials, folder datasource.BrowseRequest, out *datasource.BrowseOutput) error {
			return p.DocsBrowse(ctx, &DocsBrowseCall{call, folder}, out)
		})
	ask(action, map[string]any{"request": map[string]any{"max_keys": 2.0}})
	ask(action, map[string]any{"request": map[string]any{"max_keys": 2.0, "next_page_parameters": map[string]any{"next_page": `{"Offset":2}`}}})
	ask(action, map[string]any{"request": map[string]any{"max_keys": 2.0, "next_page_parameters": map[string]any{"page": 2.0}}})
	// Output:
	// {"result":[{"bucket":null,"files":[{"id":"a.txt","name":"a.txt","size":5,"type":"file"},{"id":"b.txt","name":"b.txt","size":5,"type":"file"}],"is_truncated":true,"next_page_parameters":{"next_page":"{\"Offset\":2}"}}]}
	// {"result":[{"bucket":null,"files":[{"id":"c.txt","name":"c.txt","size":5,"type":"file"}],"is_truncated":false,"next_page_parameters":null}]}
	// the request is for a next page that this plugin has not set: it has other values; open the folder again
}

// Anybody can change what SetNextPage has set, since it is in a browser. A test can, too.
func ExampleReadBrowseRequest() {
	p := new(Provider)
	for _, next := range []string{`{"Offset":-7}`, `{"Offset":"2"}`} {
		values := datasource.BrowseRequest{MaxKeys: 2}.Values() // or those of the request that BrowseResult.Next of difytest returns
		values["next_page_parameters"] = map[string]any{"next_page": next}
		folder, err := datasource.ReadBrowseRequest(values)
		if err != nil {
			fmt.Println(err)
			continue
		}
		// Or h.Browse("docs", creds, folder), where h is from difytest.Start.
		err = p.DocsBrowse(context.Background(), &DocsBrowseCall{BrowseRequest: folder}, new(datasource.BrowseOutput))
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// the request is for a next page that this plugin has not set: Offset has the wrong type; open the folder again
}

func ExampleDownloadOutput_FileFrom() {
	p := new(Provider)
	action := datasource.BindDownload("docs", runtime.DecodeNoCredentials,
		func(ctx context.Context, call runtime.Call, _ runtime.NoCredentials, file datasource.DownloadRequest, out *datasource.DownloadOutput) error {
			return p.DocsDownload(ctx, &DocsDownloadCall{call, file}, out)
		})
	ask(action, map[string]any{"request": map[string]any{"id": "a.txt"}})
	// Output:
	// {"type":"blob","message":{"blob":"aGVsbG8="},"meta":{"file_name":"a.txt","mime_type":"text/plain"}}
}

func ExampleCrawlOutput() {
	p := new(Provider)
	noParameters := func(map[string]any) (struct{}, error) { return struct{}{}, nil }
	action := datasource.BindCrawl("site", runtime.DecodeNoCredentials, noParameters,
		func(ctx context.Context, call runtime.Call, _ runtime.NoCredentials, _ struct{}, out *datasource.CrawlOutput) error {
			return p.SiteCrawl(ctx, &SiteCrawlCall{call}, out)
		})
	ask(action, map[string]any{"datasource_parameters": map[string]any{}})
	// Output:
	// {"result":{"status":"processing","web_info_list":[],"total":2,"completed":0}}
	// {"result":{"status":"processing","web_info_list":[],"total":2,"completed":1}}
	// {"result":{"status":"completed","web_info_list":[{"source_url":"https://site.example/","title":"","description":"","content":"# /"},{"source_url":"https://site.example/about","title":"","description":"","content":"# /about"}],"total":2,"completed":2}}
}

func ExampleWorkspace() {
	p := new(Provider)
	noParameters := func(map[string]any) (struct{}, error) { return struct{}{}, nil }
	action := datasource.BindPages("spaces", runtime.DecodeNoCredentials, noParameters,
		func(ctx context.Context, call runtime.Call, _ runtime.NoCredentials, _ struct{}) ([]datasource.Workspace, error) {
			return p.SpacesPages(ctx, &SpacesPagesCall{call})
		})
	ask(action, map[string]any{"datasource_parameters": map[string]any{}})
	// Output:
	// {"result":[{"workspace_id":"w","workspace_name":"Team","workspace_icon":"","total":1,"pages":[{"page_id":"p","page_name":"Plan","page_icon":{"type":"emoji","emoji":"🐦"},"type":"page","last_edited_time":"","parent_id":null}]}]}
}

func ExamplePageContentOutput() {
	p := new(Provider)
	action := datasource.BindPageContent("spaces", runtime.DecodeNoCredentials,
		func(ctx context.Context, call runtime.Call, _ runtime.NoCredentials, page datasource.PageRequest, out *datasource.PageContentOutput) error {
			return p.SpacesPageContent(ctx, &SpacesContentCall{call, page}, out)
		})
	ask(action, map[string]any{"page": map[string]any{"workspace_id": "w", "page_id": "p", "type": "page"}})
	// Output:
	// {"type":"variable","message":{"stream":false,"variable_name":"title","variable_value":"Plan"},"meta":null}
	// {"type":"variable","message":{"stream":false,"variable_name":"content","variable_value":"# Plan of w"},"meta":null}
	// {"type":"variable","message":{"stream":false,"variable_name":"page_id","variable_value":"p"},"meta":null}
	// {"type":"variable","message":{"stream":false,"variable_name":"workspace_id","variable_value":"w"},"meta":null}
}
