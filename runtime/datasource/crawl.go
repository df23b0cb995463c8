package datasource

import "github.com/difygen/difygen/runtime"

// WebPage is a page of a website.
type WebPage struct {
	SourceURL   string
	Title       string
	Description string
	Content     string // mostly Markdown
}

// CrawlOutput sends the pages of a website. Dify gets all of them at the end, when the method returns
// nil. Its methods are safe for concurrent use.
type CrawlOutput struct{}

// AddPage adds a page. It returns an error if the pages become larger than what Dify accepts in one
// message over the connection at hand, or the request has ended.
func (o *CrawlOutput) AddPage(WebPage) error { return runtime.ErrNotImplemented }

// Progress tells users how many of the pages are done. A total of 0 is not known.
func (o *CrawlOutput) Progress(completed, total int) error { return runtime.ErrNotImplemented }
