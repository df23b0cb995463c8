package magpie

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime/datasource"
)

// WikiPages lists two documents.
func (p *WikiProvider) WikiPages(_ context.Context, call *WikiWikiPagesCall) ([]datasource.Workspace, error) {
	pages := []datasource.Page{
		{ID: "p", Name: "<Plan>", Icon: &datasource.Icon{Emoji: "🐦"}, Type: "page", LastEdited: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{ID: "q", Icon: &datasource.Icon{URL: "https://icons.example/?a&b"}, Type: "database", ParentID: "p"},
	}
	return []datasource.Workspace{{ID: "w", Name: "Work & more", Pages: pages}, {ID: "v", Icon: "i", Total: 7}}, authenticate(call.Credentials.APIKey)
}

// WikiPageContent does what the ID of the page says.
func (p *WikiProvider) WikiPageContent(_ context.Context, call *WikiWikiPageContentCall, out *WikiWikiPageContentOutput) error {
	if err := errors.Join(authenticate(call.Credentials.APIKey), fail(call.PageID)); err != nil {
		return err
	}
	var err error
	switch call.PageID {
	case "nothing":
		return nil
	case "streamed":
		err = errors.Join(out.StreamContent("<a> "), out.StreamContent("é\u2028"), out.StreamContent(""))
	case "long":
		err = out.SetContent(strings.Repeat("long ", 200_000))
	default:
		err = out.SetContent(fmt.Sprintf("%s of %s", call.Type, call.PageID))
	}
	return errors.Join(err, out.SetTitle("T"))
}
