package crawler

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/difygen/difygen/runtime/datasource"
)

const (
	maxQueue = 10_000           // links that wait
	spare    = 20 * time.Second // that are left for the answer before the deadline of the call
)

// WebsiteCrawl reads the start page, then those that it links to, and so on: near ones first, and
// one at a time.
func (p *Provider) WebsiteCrawl(ctx context.Context, call *WebsiteCrawlCall, out *datasource.CrawlOutput) error {
	start, err := startURL(call.Parameters.URL)
	if err != nil {
		return err
	}
	c := &crawl{site: newSite(), params: call.Parameters, out: out, seen: make(map[string]bool), read: make(map[string]bool)}
	if err := c.start(ctx, start); err != nil {
		return err
	}
	for len(c.queue) > 0 && c.wants(ctx) {
		next := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.visit(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// target is a page to read, so many links away from the start.
type target struct {
	url   *url.URL
	depth int64
}

// crawl is a crawl of a website.
type crawl struct {
	site    *site
	params  WebsiteParameters
	out     *datasource.CrawlOutput
	queue   []target
	seen    map[string]bool // URLs that are or were in the queue
	read    map[string]bool // URLs of pages, which redirects can lead to as well
	pages   int64           // that were added
	visited int64
	full    bool // Dify takes no more pages
}

// start reads the start page, which can lead to another host: that of the other pages then.
func (c *crawl) start(ctx context.Context, start *url.URL) error {
	c.seen[start.String()] = true
	page, err := c.site.page(ctx, start)
	if err != nil {
		return err
	}
	c.site.host = host(page.url)
	return c.add(ctx, page, 0)
}

// wants reports whether the crawl goes on.
func (c *crawl) wants(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < spare {
		slog.WarnContext(ctx, "The time is over, so some pages are missing.", "pages", c.pages, "missing", len(c.queue))
		return false
	}
	// What is not a page does not count as one, but takes time as well.
	return !c.full && c.pages < c.params.Limit && c.visited < 5*c.params.Limit+100
}

// visit reads a page. One that cannot be read is left out.
func (c *crawl) visit(ctx context.Context, t target) error {
	if c.read[t.url.String()] {
		return nil
	}
	c.visited++
	page, err := c.site.page(ctx, t.url)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return c.add(ctx, page, t.depth)
	case !errors.Is(err, errNotForUs):
		slog.WarnContext(ctx, "A page is left out.", "host", t.url.Host, "path", t.url.Path, "error", err)
	}
	return nil
}

// add sends a page, once, and adds its links to the queue. What Dify has no room for ends the crawl, unless
// it is the first page.
func (c *crawl) add(ctx context.Context, page *page, depth int64) error {
	name := page.url.String()
	if c.read[name] {
		return nil
	}
	c.read[name] = true
	err := c.out.AddPage(datasource.WebPage{SourceURL: name, Title: page.title, Description: page.description, Content: page.content})
	if c.pages > 0 && errors.Is(err, datasource.ErrTooLarge) {
		slog.WarnContext(ctx, "Some pages are missing.", "pages", c.pages, "missing", len(c.queue)+1, "error", err)
		c.full = true
		return nil
	} else if err != nil {
		return err
	}
	c.pages++
	if depth < c.params.Depth {
		c.follow(page, depth+1)
	}
	return c.out.Progress(int(c.pages), int(min(c.params.Limit, c.pages+int64(len(c.queue)))))
}

// follow adds the links of a page to the queue.
func (c *crawl) follow(page *page, depth int64) {
	for _, link := range page.links {
		if name := link.String(); host(link) == c.site.host && !c.seen[name] && len(c.queue) < maxQueue {
			c.seen[name] = true
			c.queue = append(c.queue, target{link, depth})
		}
	}
}
