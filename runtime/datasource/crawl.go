package datasource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/difygen/difygen/runtime"
)

// WebPage is a page of a website.
type WebPage struct {
	SourceURL   string `json:"source_url"` // required
	Title       string `json:"title"`
	Description string `json:"description"`
	Content     string `json:"content"` // mostly Markdown
}

// BindCrawl adapts a typed method that crawls a website to values on the wire.
func BindCrawl[C, P any](
	datasource string, decode Decoder[C], decodeParameters func(map[string]any) (P, error),
	crawl func(ctx context.Context, call runtime.Call, creds C, params P, out *CrawlOutput) error,
) runtime.DatasourceAction {
	return newAction(datasource, actionCrawl, decode, readParameters, func(ctx context.Context, req *runtime.Request, creds C, values map[string]any) (any, error) {
		params, err := decodeParameters(values)
		if err != nil {
			return nil, err
		}
		out := &CrawlOutput{ctx: ctx, send: req.Stream, limit: limitOf(req)}
		defer out.finish() // also of a crawl that fails or panics
		if err := crawl(ctx, req.Call, creds, params, out); err != nil {
			return nil, err
		}
		return out.finish(), nil
	})
}

// CrawlOutput sends the pages of a website. Dify gets all of them at the end, when the method returns
// nil. Its methods are safe for concurrent use.
type CrawlOutput struct {
	ctx   context.Context //nolint:containedctx // of the request, as that of an http.Request
	send  func(any) error
	limit int

	mu       sync.Mutex
	pages    bytes.Buffer // in JSON, with commas between
	count    int
	finished bool
}

// AddPage adds a page. It returns an error, and does not add the page, if it has no SourceURL, if the
// request has ended, or if the pages become larger than what the connection to Dify takes, which is 5 MiB
// for an installed plugin. The latter matches [ErrTooLarge]: the method can return nil for what it has added.
func (o *CrawlOutput) AddPage(p WebPage) error {
	if o == nil || o.send == nil {
		return errNoRequest
	}
	switch {
	case o.ctx.Err() != nil:
		return context.Cause(o.ctx)
	case p.SourceURL == "":
		return errors.New("a page must have a SourceURL")
	case !valid(p.SourceURL, p.Title, p.Description, p.Content):
		return fmt.Errorf("a page %w", errNotUTF8)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.finished {
		return errFinished
	}
	before := o.pages.Len()
	if o.count > 0 {
		o.pages.WriteByte(',')
	}
	e := json.NewEncoder(&o.pages)
	e.SetEscapeHTML(false) // as on the wire
	if err := e.Encode(p); err != nil {
		o.pages.Truncate(before)
		return err
	}
	o.pages.Truncate(o.pages.Len() - len("\n"))
	if size := (&crawled{o.pages.Bytes(), o.count + 1}).size(); size > o.limit {
		o.pages.Truncate(before)
		return fmt.Errorf("the pages are %w: with this one, they have %d bytes, and over this connection, they may have %d", ErrTooLarge, size, o.limit)
	}
	o.count++
	return nil
}

// errFinished is the error of a page that is added when the method has returned.
var errFinished = errors.New("the request has already ended")

// Progress tells users how many of the pages are done. A total of 0 is not known.
func (o *CrawlOutput) Progress(completed, total int) error {
	switch {
	case o == nil || o.send == nil:
		return errNoRequest
	case completed < 0 || total < 0:
		return errors.New("numbers of pages must not be negative")
	}
	return o.send(result{crawlProgress{"processing", []WebPage{}, total, completed}})
}

// crawlProgress is how far a crawl has come, as it is on the wire. The host shows its pages only at the
// end.
type crawlProgress struct {
	Status    string    `json:"status"`
	Pages     []WebPage `json:"web_info_list"`
	Total     int       `json:"total"`
	Completed int       `json:"completed"`
}

func (o *CrawlOutput) finish() *crawled {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished = true
	return &crawled{o.pages.Bytes(), o.count}
}

// crawled is the end of a crawl.
type crawled struct {
	pages []byte // in JSON, with commas between
	count int
}

const crawledStart, crawledTotal, crawledCompleted, crawledEnd = `{"result":{"status":"completed","web_info_list":[`, `],"total":`, `,"completed":`, `}}`

// size returns how many bytes AppendJSON appends.
func (c *crawled) size() int {
	digits := len(strconv.Itoa(c.count))
	return len(crawledStart) + len(c.pages) + len(crawledTotal) + digits + len(crawledCompleted) + digits + len(crawledEnd)
}

// AppendJSON appends the result to b. The pages are encoded already.
func (c *crawled) AppendJSON(b []byte) ([]byte, error) {
	b = slices.Grow(b, c.size()+lineEnd)
	b = append(append(b, crawledStart...), c.pages...)
	b = strconv.AppendInt(append(b, crawledTotal...), int64(c.count), 10)
	b = strconv.AppendInt(append(b, crawledCompleted...), int64(c.count), 10)
	return append(b, crawledEnd...), nil
}

// MarshalJSON returns what AppendJSON appends.
func (c *crawled) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil) }

// lineEnd is room for what the session appends to a result, so that it need not copy it.
const lineEnd = 16
