package datasource_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

func TestPages(t *testing.T) {
	t.Parallel()
	edited := time.Date(2026, 1, 2, 3, 4, 5, 60_000_000, time.UTC)
	of := func(pages ...datasource.Page) []datasource.Workspace {
		return []datasource.Workspace{{ID: "w", Pages: pages}}
	}
	for name, test := range map[string]struct {
		workspaces []datasource.Workspace
		want       string
	}{
		"none":     {nil, `{"result":[]}`},
		"no pages": {of(), `{"result":[{"workspace_id":"w","workspace_name":"","workspace_icon":"","total":0,"pages":[]}]}`},
		"pages": {
			[]datasource.Workspace{{ID: "w", Name: "W & W", Icon: "📁", Total: 70, Pages: []datasource.Page{
				{ID: "p", Name: "<P>", Icon: &datasource.Icon{Emoji: "🐦"}, Type: "page", LastEdited: edited, ParentID: "q"},
				{ID: "q", Icon: &datasource.Icon{URL: "https://i.example/?a&b"}, Type: "database"},
				{ID: "r", Icon: &datasource.Icon{}},
			}}, {ID: "v", Pages: make([]datasource.Page, 0, 1)}},
			`{"result":[{"workspace_id":"w","workspace_name":"W & W","workspace_icon":"📁","total":70,"pages":[` +
				`{"page_id":"p","page_name":"<P>","page_icon":{"type":"emoji","emoji":"🐦"},"type":"page","last_edited_time":"2026-01-02T03:04:05.06Z","parent_id":"q"},` +
				`{"page_id":"q","page_name":"","page_icon":{"type":"url","url":"https://i.example/?a&b"},"type":"database","last_edited_time":"","parent_id":null},` +
				`{"page_id":"r","page_name":"","page_icon":null,"type":"","last_edited_time":"","parent_id":null}]},` +
				`{"workspace_id":"v","workspace_name":"","workspace_icon":"","total":0,"pages":[]}]}`,
		},
		"no workspace ID":    {[]datasource.Workspace{{ID: "w"}, {Name: "v"}}, "workspace 2 has no ID"},
		"negative":           {[]datasource.Workspace{{ID: "w", Total: -1}}, "workspace 1 has a negative total"},
		"no UTF-8":           {[]datasource.Workspace{{ID: "w", Name: "\xff"}}, "workspace 1 has a text that is not UTF-8"},
		"no page ID":         {of(datasource.Page{ID: "p"}, datasource.Page{Name: "q"}), "workspace 1 is not valid: page 2 has no ID"},
		"no UTF-8 in a page": {of(datasource.Page{ID: "p", ParentID: "\xff"}), "workspace 1 is not valid: page 1 has a text that is not UTF-8"},
		"no UTF-8 in an icon": {
			of(datasource.Page{ID: "p", Icon: &datasource.Icon{URL: "\xff"}}), "workspace 1 is not valid: page 1 has a text that is not UTF-8",
		},
		"two icons": {
			of(datasource.Page{ID: "p", Icon: &datasource.Icon{URL: "u", Emoji: "e"}}), "workspace 1 is not valid: page 1 has an icon with both an emoji and a URL",
		},
	} {
		got := answer(t, datasource.BindPages("d", key, city, func(context.Context, runtime.Call, string, string) ([]datasource.Workspace, error) {
			return test.workspaces, nil
		}), crawlRequest, 0)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLargePages checks that documents of more bytes than a request says are refused with what to do.
func TestLargePages(t *testing.T) {
	t.Parallel()
	pages := datasource.BindPages("d", key, city, func(context.Context, runtime.Call, string, string) ([]datasource.Workspace, error) {
		return []datasource.Workspace{{ID: "w"}}, nil
	})
	const want = `{"result":[{"workspace_id":"w","workspace_name":"","workspace_icon":"","total":0,"pages":[]}]}`
	if got := answer(t, pages, crawlRequest, len(want)); got != want {
		t.Errorf("got %s", got)
	}
	got := answer(t, pages, crawlRequest, len(want)-1)
	endless := datasource.BindPages("d", key, city, func(context.Context, runtime.Call, string, string) ([]datasource.Workspace, error) {
		return []datasource.Workspace{{Pages: []datasource.Page{{Name: strings.Repeat("x", 50<<20)}}}}, nil
	})
	if got := answer(t, endless, crawlRequest, 0); !strings.HasPrefix(got, "the documents are too large: they have at least 524") {
		t.Errorf("documents that are not encoded: %.100s", got)
	}
	if want := "the documents are too large: they have at least 94 bytes, and over this connection, they may have 93; return fewer pages, such as those of one workspace, or the newest"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestPageContent(t *testing.T) {
	t.Parallel()
	variable := func(name, value, stream string) string {
		return `{"type":"variable","message":{"stream":` + stream + `,"variable_name":"` + name + `","variable_value":` + value + `},"meta":null}`
	}
	ids := " + " + variable("page_id", `"p"`, "false") + " + " + variable("workspace_id", `"w"`, "false")
	const piece = 512 << 10
	long := strings.Repeat("x", piece)
	for name, test := range map[string]struct {
		content func(out *datasource.PageContentOutput) error
		want    string
	}{
		"content": {
			func(out *datasource.PageContentOutput) error { return out.SetContent("<c>") },
			variable("content", `"<c>"`, "false") + ids,
		},
		"all": {
			func(out *datasource.PageContentOutput) error {
				return errors.Join(out.SetPageID("q"), out.SetTitle("T"), out.StreamContent("a"), out.StreamContent("b"), out.Variable("tags", []string(nil)), out.SetWorkspaceID(""))
			},
			variable("page_id", `"q"`, "false") + " + " + variable("title", `"T"`, "false") + " + " + variable("content", `"a"`, "true") + " + " +
				variable("content", `"b"`, "true") + " + " + variable("tags", `[]`, "false") + " + " + variable("workspace_id", `""`, "false"),
		},
		"long": {
			func(out *datasource.PageContentOutput) error { return out.SetContent(long + "y") },
			variable("content", `"`+long+`"`, "true") + " + " + variable("content", `"y"`, "true") + ids,
		},
		"long again": { // the host appends pieces to what there is
			func(out *datasource.PageContentOutput) error {
				return errors.Join(out.StreamContent("a"), out.SetContent(long+"y"))
			},
			variable("content", `"a"`, "true") + " + " + variable("content", `""`, "false") + " + " + variable("content", `"`+long+`"`, "true") + " + " + variable("content", `"y"`, "true") + ids,
		},
		"short again": {
			func(out *datasource.PageContentOutput) error {
				return errors.Join(out.SetContent("a"), out.SetContent("b"))
			},
			variable("content", `"a"`, "false") + " + " + variable("content", `"b"`, "false") + ids,
		},
		"a piece again": {
			func(out *datasource.PageContentOutput) error {
				return errors.Join(out.StreamContent("a"), out.SetContent(long))
			},
			variable("content", `"a"`, "true") + " + " + variable("content", `"`+long+`"`, "false") + ids,
		},
		"wrong again": {
			func(out *datasource.PageContentOutput) error {
				err := out.SetContent("good")
				for _, text := range []string{"\xff", long + "\xff"} {
					if out.SetContent(text) == nil {
						return fmt.Errorf("%.2q is sent", text)
					}
				}
				return err
			},
			variable("content", `"good"`, "false") + ids,
		},
		"numbers for texts": {
			func(out *datasource.PageContentOutput) error {
				for _, name := range []string{"content", "title", "page_id", "workspace_id"} {
					for _, value := range []any{5, nil, []string{"a"}, true} {
						if err := out.Variable(name, value); err == nil || err.Error() != `the output "`+name+`" must be a text, as Dify takes it for one` {
							return fmt.Errorf("%s: %v: %w", name, value, err)
						}
					}
				}
				type text string
				return errors.Join(out.Variable("content", text("<c>")), out.Variable("size", 5))
			},
			variable("content", `"<c>"`, "false") + " + " + variable("size", "5", "false") + ids,
		},
		"an ID in pieces":      {func(out *datasource.PageContentOutput) error { return out.StreamVariable("page_id", "") }, "the ID of a document must not be empty"},
		"a text without an ID": {func(out *datasource.PageContentOutput) error { return out.Variable("page_id", json.RawMessage(`""`)) }, "the ID of a document must not be empty"},
		"nothing":              {func(*datasource.PageContentOutput) error { return nil }, "the data source has set no content"},
		"title":                {func(out *datasource.PageContentOutput) error { return out.SetTitle("T") }, variable("title", `"T"`, "false") + " + the data source has set no content"},
		"an error":             {func(*datasource.PageContentOutput) error { return errors.New("it broke") }, "it broke"},
		"no UTF-8": {
			func(out *datasource.PageContentOutput) error { return out.SetContent("\xff") },
			`the output "content" has a text that is not UTF-8: convert it`,
		},
		"a piece without UTF-8": {
			func(out *datasource.PageContentOutput) error { return out.StreamContent("\xff") },
			`the output "content" has a text that is not UTF-8: convert it`,
		},
		"a list without UTF-8": {
			func(out *datasource.PageContentOutput) error {
				return out.Variable("tags", []string{"\ufffd", `\ufffd`, "a\xff"})
			},
			`the output "tags" has a text that is not UTF-8: convert it`,
		},
		"values": {
			func(out *datasource.PageContentOutput) error {
				return errors.Join(out.Variable("tags", []string{"\ufffd", `\ufffd`, "<"}), out.Variable("map", map[string]int(nil)), out.Variable("size", 1<<53+1), out.SetContent(""))
			},
			variable("tags", `["�","\\ufffd","<"]`, "false") + " + " + variable("map", `{}`, "false") + " + " + variable("size", `9007199254740993`, "false") + " + " +
				variable("content", `""`, "false") + ids,
		},
		"no value": {func(out *datasource.PageContentOutput) error { return out.Variable("f", func() {}) }, "json: unsupported type: func()"},
		"no ID":    {func(out *datasource.PageContentOutput) error { return out.SetPageID("") }, "the ID of a document must not be empty"},
		"no name":  {func(out *datasource.PageContentOutput) error { return out.Variable("", 1) }, "a variable must have a name"},
		"a name that Dify has": {
			func(out *datasource.PageContentOutput) error { return out.StreamVariable("text", "t") },
			`a variable cannot be named "text": Dify makes that output from other messages`,
		},
	} {
		got := answer(t, datasource.BindPageContent("d", key, func(_ context.Context, _ runtime.Call, _ string, _ datasource.PageRequest, out *datasource.PageContentOutput) error {
			return test.content(out)
		}), `{"page":{"page_id":"p","workspace_id":"w"}}`, 0)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%.2000s", name, diff)
		}
	}
}
