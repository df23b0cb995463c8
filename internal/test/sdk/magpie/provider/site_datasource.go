package magpie

import (
	"context"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime/datasource"
)

// SiteCrawl makes up as many pages as it is to find.
func (p *SiteProvider) SiteCrawl(_ context.Context, call *SiteSiteCrawlCall, out *datasource.CrawlOutput) error {
	if err := authenticate(call.Credentials.APIKey); err != nil {
		return err
	}
	url, limit := call.Parameters.URL, int(call.Parameters.Limit)
	for i := range limit {
		if err := out.Progress(i, limit); err != nil {
			return err
		}
		page := datasource.WebPage{SourceURL: fmt.Sprintf("%s/%d", url, i), Title: fmt.Sprintf("<Page %d>", i), Content: strings.Repeat("é\u2028", i)}
		if err := out.AddPage(page); err != nil {
			return err
		}
	}
	return fail(url)
}
