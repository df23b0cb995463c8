package notion

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime/datasource"
)

// maxPages is how many pages are listed at most.
const maxPages = 10_000

// page is a page of Notion.
type page struct {
	ID         string
	URL        string
	Archived   bool
	LastEdited time.Time `json:"last_edited_time"`
	Icon       icon
	Parent     struct {
		PageID string `json:"page_id"`
	}
	Properties map[string]struct {
		Type  string
		Title richText
	}
}

// icon is an emoji, or a file of Notion or elsewhere.
type icon struct {
	Emoji          string
	External, File struct{ URL string }
}

// title returns the title of a page: that of a row of a database has any name.
func (p *page) title() string {
	for _, property := range p.Properties {
		if property.Type == "title" {
			return cmp.Or(strings.TrimSpace(property.Title.plain()), "Untitled")
		}
	}
	return "Untitled"
}

// WorkspacePages lists the pages that the integration is connected to. Rows of databases are pages, too.
func (p *Provider) WorkspacePages(ctx context.Context, call *WorkspacePagesCall) ([]datasource.Workspace, error) {
	c := p.connect(call.Credentials)
	bot, err := c.bot(ctx)
	if err != nil {
		return nil, err
	}
	// What is not from OAuth does not know the workspace; the bot is one of it alone.
	workspace := datasource.Workspace{ID: cmp.Or(bot.Bot.WorkspaceID, bot.ID), Name: cmp.Or(bot.Bot.WorkspaceName, "Notion")}
	if oauth, ok := call.Credentials.(OAuthCredentials); ok {
		workspace.ID = oauth.WorkspaceID
	}
	pages, err := c.search(ctx)
	if err != nil {
		return nil, err
	}
	listed := make(map[string]bool)
	for _, page := range pages {
		listed[page.ID] = true
	}
	for _, page := range pages {
		item := datasource.Page{ID: page.ID, Name: page.title(), Icon: page.icon(), Type: "page", LastEdited: page.LastEdited}
		if listed[page.Parent.PageID] { // else the integration is not connected to it
			item.ParentID = page.Parent.PageID
		}
		workspace.Pages = append(workspace.Pages, item)
	}
	return []datasource.Workspace{workspace}, nil
}

// search returns the pages that Notion finds, those that were edited last first.
func (c *connection) search(ctx context.Context) ([]page, error) {
	body := map[string]any{
		"filter": map[string]any{"property": "object", "value": "page"}, "page_size": pageSize,
		"sort": map[string]any{"timestamp": "last_edited_time", "direction": "descending"},
	}
	found, more, err := readList(maxPages, func(cursor string) (result list[page], err error) {
		if cursor != "" {
			body["start_cursor"] = cursor
		}
		err = c.call(ctx, http.MethodPost, "/v1/search", body, &result)
		return result, err
	})
	if more {
		slog.WarnContext(ctx, "There are more pages than are listed.", "pages", len(found))
	}
	return slices.DeleteFunc(found, func(p page) bool { return p.Archived }), err
}

func (p *page) icon() *datasource.Icon {
	i := datasource.Icon{Emoji: p.Icon.Emoji, URL: cmp.Or(p.Icon.External.URL, p.Icon.File.URL)}
	if i == (datasource.Icon{}) {
		return nil
	}
	return &i
}

// pageID is what the ID of a page looks like, with and without hyphens.
var pageID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$`)

// WorkspacePageContent reads a page.
func (p *Provider) WorkspacePageContent(ctx context.Context, call *WorkspacePageContentCall, out *WorkspacePageContentOutput) error {
	if !pageID.MatchString(call.PageID) {
		return errors.New("the ID of the page is not one of Notion: choose the page again")
	}
	c := p.connect(call.Credentials)
	var found page
	if err := c.call(ctx, http.MethodGet, "/v1/pages/"+url.PathEscape(call.PageID), nil, &found); err != nil {
		return err
	}
	content, err := c.markdown(ctx, call.PageID)
	if err != nil {
		return err
	}
	return errors.Join(out.SetTitle(found.title()), out.SetURL(found.URL), out.SetContent(content))
}
