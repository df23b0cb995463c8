package notion

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	pageSize = 100 // items of a page of a list, at most
	maxLists = 200 // pages of a list
	maxTries = 4   // of a request
	maxWait  = 30 * time.Second
)

// connection is Notion with a token.
type connection struct {
	service Service
	token   runtime.Secret
}

func (p *Provider) connect(creds AnyCredentials) *connection {
	c := &connection{service: p.service}
	switch creds := creds.(type) {
	case Credentials:
		c.token = creds.IntegrationSecret
	case OAuthCredentials:
		c.token = creds.AccessToken
	}
	return c
}

func (s Service) url(path string) string {
	return cmp.Or(s.APIURL, "https://api.notion.com") + path
}

// call sends a request, and once more when Notion says that there were too many.
func (c *connection) call(ctx context.Context, method, path string, body, result any) error {
	for try := 1; ; try++ {
		err := c.try(ctx, method, path, body, result)
		if runtime.StatusCode(err) != http.StatusTooManyRequests || try == maxTries {
			return explain(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause(err)):
		}
	}
}

func (c *connection) try(ctx context.Context, method, path string, body, result any) error {
	req, err := runtime.NewJSONRequest(ctx, method, c.service.url(path), body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	req.Header.Set("Notion-Version", "2022-06-28")
	return runtime.DoJSON(c.service.HTTPClient, req, result)
}

// pause returns how long Notion asks to wait.
func pause(err error) time.Duration {
	var status *runtime.StatusError
	if errors.As(err, &status) {
		if seconds, err := strconv.Atoi(status.Header.Get("Retry-After")); err == nil && seconds >= 0 {
			return min(time.Duration(seconds)*time.Second, maxWait)
		}
	}
	return time.Second
}

// explain returns an error with what to do about it.
func explain(err error) error {
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("Notion rejects the integration secret or the token: connect again") //nolint:staticcheck // a name
	case http.StatusNotFound:
		return errors.New("Notion has no such page, or the integration is not connected to it") //nolint:staticcheck // a name
	}
	return err
}

// user is who a token belongs to.
type user struct {
	ID, Type string
	Bot      struct {
		WorkspaceID   string `json:"workspace_id"`
		WorkspaceName string `json:"workspace_name"`
	}
}

func (c *connection) bot(ctx context.Context) (bot user, err error) {
	err = c.call(ctx, http.MethodGet, "/v1/users/me", nil, &bot)
	return bot, err
}

// list is a page of a list of Notion.
type list[T any] struct {
	Results    []T
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor"`
}

// readList returns the items of a list, at most so many, and whether there are more. Pages can have
// fewer items than were asked for, so that their number is limited, too.
func readList[T any](most int, read func(cursor string) (list[T], error)) (items []T, more bool, err error) {
	cursor := ""
	for range maxLists {
		page, err := read(cursor)
		if err != nil {
			return nil, false, err
		}
		items = append(items, page.Results...)
		switch {
		case len(items) > most:
			return items[:most], true, nil
		case !page.HasMore || page.NextCursor == "":
			return items, false, nil
		case len(items) == most:
			return items, true, nil
		case page.NextCursor == cursor:
			return nil, false, errors.New("Notion lists the same again: try later") //nolint:staticcheck // a name
		}
		cursor = page.NextCursor
	}
	return items, true, nil
}

// blocks returns the blocks in a block or a page, at most so many, and whether there are more.
func (c *connection) blocks(ctx context.Context, id string, most int) (blocks []block, more bool, err error) {
	return readList(most, func(cursor string) (page list[block], err error) {
		query := url.Values{"page_size": {strconv.Itoa(pageSize)}}
		if cursor != "" {
			query.Set("start_cursor", cursor)
		}
		err = c.call(ctx, http.MethodGet, "/v1/blocks/"+url.PathEscape(id)+"/children?"+query.Encode(), nil, &page)
		return page, err
	})
}
