package spider

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// SitemapCrawl reads the pages of a website for the data source Sitemap.
//
// Reads what a sitemap lists.
//
// It adds each page as it comes, for example, like this:
//
//	page := datasource.WebPage{SourceURL: "https://example.com", Title: "Example", Content: "# Example"}
//	if err := out.AddPage(page); err != nil {
//		return err
//	}
//	return out.Progress(1, 1)
func (p *Provider) SitemapCrawl(ctx context.Context, call *SitemapCrawlCall, out *datasource.CrawlOutput) error {
	return runtime.ErrNotImplemented
}
