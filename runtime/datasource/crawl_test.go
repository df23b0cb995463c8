package datasource_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// crawl returns the action of a crawl.
func crawl(f func(out *datasource.CrawlOutput) error) runtime.DatasourceAction {
	return datasource.BindCrawl("d", key, city, func(_ context.Context, _ runtime.Call, _, _ string, out *datasource.CrawlOutput) error {
		return f(out)
	})
}

const crawlRequest = `{"datasource_parameters":{}}`

// page returns a page whose content has n bytes.
func page(n int) datasource.WebPage {
	return datasource.WebPage{SourceURL: "https://s.example/", Content: strings.Repeat("x", n)}
}

func TestCrawl(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		crawl func(out *datasource.CrawlOutput) error
		want  string
	}{
		"nothing": {
			func(*datasource.CrawlOutput) error { return nil },
			`{"result":{"status":"completed","web_info_list":[],"total":0,"completed":0}}`,
		},
		"pages": {
			func(out *datasource.CrawlOutput) error {
				return errors.Join(
					out.Progress(0, 0), out.AddPage(datasource.WebPage{SourceURL: "https://s.example/?a&b", Title: "<A>", Description: "d", Content: "# A\n"}),
					out.Progress(1, 7), out.AddPage(datasource.WebPage{SourceURL: "https://s.example/b"}))
			},
			`{"result":{"status":"processing","web_info_list":[],"total":0,"completed":0}}` +
				` + {"result":{"status":"processing","web_info_list":[],"total":7,"completed":1}}` +
				` + {"result":{"status":"completed","web_info_list":[{"source_url":"https://s.example/?a&b","title":"<A>","description":"d","content":"# A\n"},` +
				`{"source_url":"https://s.example/b","title":"","description":"","content":""}],"total":2,"completed":2}}`,
		},
		"an error": {
			func(out *datasource.CrawlOutput) error {
				return errors.Join(out.AddPage(page(1)), errors.New("it broke"))
			},
			"it broke",
		},
		"no URL": {func(out *datasource.CrawlOutput) error { return out.AddPage(datasource.WebPage{Content: "c"}) }, "a page must have a SourceURL"},
		"no UTF-8": {func(out *datasource.CrawlOutput) error {
			return out.AddPage(datasource.WebPage{SourceURL: "s", Title: "\xff"})
		}, "a page has a text that is not UTF-8"},
		"negative": {func(out *datasource.CrawlOutput) error { return out.Progress(-1, 0) }, "numbers of pages must not be negative"},
		"negatives": {
			func(out *datasource.CrawlOutput) error { return out.Progress(0, -1) }, "numbers of pages must not be negative",
		},
	} {
		if diff := cmp.Diff(test.want, answer(t, crawl(test.crawl), crawlRequest, 0)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestCrawlLimit checks that the pages fit into a result, to the byte.
func TestCrawlLimit(t *testing.T) {
	t.Parallel()
	const limit = 10_000
	add := func(last int) string {
		return answer(t, crawl(func(out *datasource.CrawlOutput) error {
			for range 9 {
				if err := out.AddPage(page(900)); err != nil {
					return err
				}
			}
			return out.AddPage(page(last))
		}), crawlRequest, limit)
	}
	room := limit - len(add(0)) // with the tenth page, the numbers have a digit more
	if n := len(add(room)); n != limit {
		t.Errorf("the result has %d bytes", n)
	}
	if diff := cmp.Diff("the pages are too large: with this one, they have 10001 bytes, and over this connection, they may have 10000", add(room+1)); diff != "" {
		t.Errorf("one byte more (-want +got):\n%s", diff)
	}
	partly := answer(t, crawl(func(out *datasource.CrawlOutput) error {
		if err := errors.Join(out.AddPage(page(1)), out.AddPage(page(2))); err != nil {
			return err
		}
		if err := out.AddPage(page(limit)); !errors.Is(err, datasource.ErrTooLarge) {
			return fmt.Errorf("a page that is too large: %w", err)
		}
		return nil
	}), crawlRequest, limit)
	var got struct {
		Result struct {
			Pages            []any `json:"web_info_list"`
			Total, Completed int
		}
	}
	if err := json.Unmarshal([]byte(partly), &got); err != nil || len(got.Result.Pages) != 2 || got.Result.Total != 2 || got.Result.Completed != 2 {
		t.Errorf("after a page that is too large: %v, %s", err, partly)
	}
}

// TestCrawlAtOnce checks that pages can be added at the same time, but not after the end.
func TestCrawlAtOnce(t *testing.T) {
	t.Parallel()
	var kept *datasource.CrawlOutput
	got := answer(t, crawl(func(out *datasource.CrawlOutput) error {
		kept = out
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _ = out.AddPage(page(10)) })
		}
		wg.Wait()
		return nil
	}), crawlRequest, 0)
	if n := strings.Count(got, "xxxxxxxxxx"); n != 20 || !json.Valid([]byte(got)) {
		t.Errorf("%d pages: %s", n, got)
	}
	if err := kept.AddPage(page(1)); err == nil || err.Error() != "the request has already ended" {
		t.Errorf("after the end: %v", err)
	}
}

// TestCrawlEnded checks that no page can be added when the context of the request has ended, or the method has
// failed or panicked.
func TestCrawlEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := errors.New("the host has gone")
	for want, crawl := range map[string]func() error{
		"the host has gone":              func() error { cancel(ended); return nil },
		"the request has already ended":  func() error { return errors.New("it broke") },
		"the request has already ended ": func() error { panic("it broke") },
	} {
		var kept *datasource.CrawlOutput
		ctx := ctx
		if want != ended.Error() {
			ctx = t.Context()
		}
		action := datasource.BindCrawl("d", key, city, func(_ context.Context, _ runtime.Call, _, _ string, out *datasource.CrawlOutput) error {
			kept = out
			return crawl()
		})
		func() {
			defer func() { _ = recover() }()
			req := &runtime.Request{Data: map[string]any{"datasource_parameters": map[string]any{}}, Stream: func(any) error { return nil }}
			_, _ = action.Serve(ctx, &runtime.DatasourceRequest{Request: req, Credentials: map[string]any{"key": "k"}})
		}()
		if err := kept.AddPage(page(1)); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
