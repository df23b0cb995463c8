package spider

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// CrawlCrawl reads the pages of a website for the data source Crawl.
//
// Follows the links of a website.
// It reads one page after the other.
//
// It adds each page as it comes, for example, like this:
//
//	page := datasource.WebPage{SourceURL: call.Parameters.URL, Title: "Example", Content: "# Example"}
//	if err := out.AddPage(page); err != nil {
//		return err
//	}
//	return out.Progress(1, 1)
func (p *Provider) CrawlCrawl(ctx context.Context, call *CrawlCrawlCall, out *datasource.CrawlOutput) error {
	return runtime.ErrNotImplemented
}
