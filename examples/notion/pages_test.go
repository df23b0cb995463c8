package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/runtime/difytest"
)

// id returns the ID of a page or a block.
func id(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// workspace is a Notion with pages and blocks.
type workspace struct {
	bot    string
	pages  []string            // in JSON
	blocks map[string][]string // in JSON, by the ID of what they are in

	mu    sync.Mutex
	busy  int // requests that it refuses yet
	asked []string
}

// maxRequests is more than any test needs.
const maxRequests = 300

var (
	secret = map[string]any{"integration_secret": "ntn_12345678"}
	oauth  = map[string]any{"access_token": "ntn_87654321", "workspace_id": "w-oauth"}
)

func (n *workspace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, r.Method+" "+r.URL.Path)
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	switch {
	case len(n.asked) > maxRequests: // fail, rather than go on without an end
		w.WriteHeader(http.StatusBadRequest)
	case token != secret["integration_secret"] && token != oauth["access_token"]:
		w.WriteHeader(http.StatusUnauthorized)
	case n.busy > 0:
		n.busy--
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	case r.URL.Path == "/v1/users/me":
		fmt.Fprint(w, n.bot)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/search":
		n.search(w, r)
	case parts[0] == "blocks" && len(parts) == 3 && n.blocks[parts[1]] != nil:
		write(w, n.blocks[parts[1]], r.URL.Query().Get("start_cursor"), r.URL.Query().Get("page_size"))
	case parts[0] == "pages" && len(parts) == 2:
		for _, page := range n.pages {
			if strings.Contains(page, parts[1]) {
				fmt.Fprint(w, page)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (n *workspace) search(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Filter   struct{ Property, Value string }
		Cursor   string `json:"start_cursor"`
		PageSize int    `json:"page_size"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Filter.Property != "object" || body.Filter.Value != "page" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	write(w, n.pages, body.Cursor, strconv.Itoa(body.PageSize))
}

// write writes a page of a list, at most 100 of it.
func write(w http.ResponseWriter, list []string, cursor, size string) {
	start, _ := strconv.Atoi(cursor)
	n, _ := strconv.Atoi(size)
	end := min(start+min(n, 100), len(list))
	next := "null"
	if end < len(list) {
		next = strconv.Quote(strconv.Itoa(end))
	}
	fmt.Fprintf(w, `{"object":"list","results":[%s],"has_more":%t,"next_cursor":%s}`, strings.Join(list[start:end], ","), end < len(list), next)
}

// page returns a page in JSON.
func page(n int, title, more string) string {
	return fmt.Sprintf(`{"object":"page","id":%q,"url":"https://www.notion.so/%d","last_edited_time":"2026-11-01T12:00:00.000Z",%s
		"properties":{"Tags":{"type":"multi_select"},"Name":{"type":"title","title":[{"plain_text":%q}]}}}`, id(n), n, more, title)
}

func TestPages(t *testing.T) {
	t.Parallel()
	n := &workspace{bot: `{"id":"u1","type":"bot","bot":{"workspace_name":"Team"}}`, busy: 2}
	n.pages = []string{
		page(1, "Welcome", `"icon":{"type":"emoji","emoji":"🙂"},"parent":{"type":"workspace","workspace":true},`),
		page(2, "Inner", `"icon":{"type":"external","external":{"url":"https://img.example/i.png"}},"parent":{"type":"page_id","page_id":"`+id(1)+`"},`),
		page(3, "", `"icon":{"type":"file","file":{"url":"https://s3.example/i.png"}},"parent":{"type":"page_id","page_id":"`+id(999)+`"},`),
		page(4, "Old", `"archived":true,`),
		page(5, "Row", `"icon":null,"parent":{"type":"database_id","database_id":"`+id(998)+`"},`),
	}
	for i := 10; i < 260; i++ {
		n.pages = append(n.pages, page(i, fmt.Sprint("Page ", i), `"icon":null,`))
	}
	h := start(t, n.ServeHTTP)
	edited := time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)
	want := datasource.Workspace{ID: "u1", Name: "Team", Total: 254, Pages: []datasource.Page{
		{ID: id(1), Name: "Welcome", Icon: &datasource.Icon{Emoji: "🙂"}, Type: "page", LastEdited: edited},
		{ID: id(2), Name: "Inner", Icon: &datasource.Icon{URL: "https://img.example/i.png"}, Type: "page", LastEdited: edited, ParentID: id(1)},
		{ID: id(3), Name: "Untitled", Icon: &datasource.Icon{URL: "https://s3.example/i.png"}, Type: "page", LastEdited: edited},
		{ID: id(5), Name: "Row", Type: "page", LastEdited: edited},
	}}
	for name, test := range map[string]struct {
		creds map[string]any
		bot   string
		id    string
	}{
		"secret":        {secret, n.bot, "u1"},
		"OAuth":         {oauth, n.bot, "w-oauth"},
		"with its ID":   {secret, `{"id":"u1","type":"bot","bot":{"workspace_name":"Team","workspace_id":"w-bot"}}`, "w-bot"},
		"without names": {secret, `{"id":"u1","type":"bot","bot":{"workspace_name":null}}`, "u1"},
	} {
		n.bot = test.bot
		got, err := h.Pages("workspace", test.creds, nil)
		if err != nil || len(got) != 1 || len(got[0].Pages) != 254 {
			t.Errorf("%s: got %d workspaces, %v", name, len(got), err)
			continue
		}
		want := want
		want.ID = test.id
		if name == "without names" {
			want.Name = "Notion"
		}
		got[0].Pages = got[0].Pages[:4]
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPagesFail(t *testing.T) {
	t.Parallel()
	n := &workspace{bot: `{"id":"u1","type":"bot"}`}
	h := start(t, n.ServeHTTP)
	_, err := h.Pages("workspace", map[string]any{"integration_secret": "ntn_another1"}, nil)
	difytest.WantError(t, err, runtime.ErrorInvoke, "Notion rejects the integration secret or the token: connect again")
	_, err = h.Pages("workspace", nil, nil)
	difytest.WantError(t, err, runtime.ErrorDatasourceCredentials, "integration_secret")
	n.busy = 100
	_, err = h.Pages("workspace", secret, nil)
	difytest.WantError(t, err, runtime.ErrorInvoke, "the service returned status 429 Too Many Requests")
	if len(n.asked) != 5 {
		t.Errorf("%d requests", len(n.asked))
	}
	n.busy = 0
	if got, err := h.Pages("workspace", secret, nil); err != nil || len(got) != 1 || len(got[0].Pages) != 0 {
		t.Errorf("without pages: got %v, %v", got, err)
	}
}

func TestPageContent(t *testing.T) {
	t.Parallel()
	n := &workspace{pages: []string{page(1, "Welcome", ""), page(2, "Empty", "")}, blocks: map[string][]string{
		id(1): {`{"id":"b","type":"paragraph","paragraph":{"rich_text":[{"plain_text":"Hello!"}]}}`}, id(2): {},
	}}
	n.blocks[id(2)] = make([]string, 0)
	h := start(t, n.ServeHTTP)
	for name, test := range map[string]struct {
		creds map[string]any
		page  datasource.PageRequest
		want  difytest.PageContentResult
	}{
		"a page": {secret, datasource.PageRequest{WorkspaceID: "w1", PageID: id(1), Type: "page"}, difytest.PageContentResult{
			Content: "Hello!", Title: "Welcome", PageID: id(1), WorkspaceID: "w1", Variables: map[string]any{"url": "https://www.notion.so/1"},
		}},
		"OAuth": {oauth, datasource.PageRequest{WorkspaceID: "w1", PageID: id(1), Type: "page"}, difytest.PageContentResult{
			Content: "Hello!", Title: "Welcome", PageID: id(1), WorkspaceID: "w1", Variables: map[string]any{"url": "https://www.notion.so/1"},
		}},
		"an empty one": {secret, datasource.PageRequest{WorkspaceID: "w1", PageID: id(2)}, difytest.PageContentResult{
			Title: "Empty", PageID: id(2), WorkspaceID: "w1", Variables: map[string]any{"url": "https://www.notion.so/2"},
		}},
	} {
		got := h.PageContent("workspace", test.creds, test.page)
		maps.Copy(test.want.Variables, map[string]any{
			"content": test.want.Content, "title": test.want.Title, "page_id": test.want.PageID, "workspace_id": test.want.WorkspaceID,
		})
		if diff := cmp.Diff(test.want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for pageID, want := range map[string]string{
		id(3):            "Notion has no such page, or the integration is not connected to it",
		"../users/me":    "the ID of the page is not one of Notion: choose the page again",
		id(1) + "/x":     "the ID of the page is not one of Notion",
		"x" + id(1)[1:]:  "the ID of the page is not one of Notion",
		id(1)[:35] + " ": "the ID of the page is not one of Notion",
	} {
		got := h.PageContent("workspace", secret, datasource.PageRequest{WorkspaceID: "w1", PageID: pageID})
		difytest.WantError(t, got.Err, runtime.ErrorInvoke, want)
	}
}

// TestOddLists has lists that end nowhere, or have nothing in them. Users see an error, or what there is.
func TestOddLists(t *testing.T) {
	t.Parallel()
	const again = "Notion lists the same again: try later"
	for name, test := range map[string]struct {
		list string // what it answers to request %d
		want string // what an error has
		most int64  // requests
	}{
		"null":                   {`{"results":[null],"has_more":false}`, "", 1},
		"nothing":                {`{}`, "", 1},
		"the same cursor":        {`{"results":[],"has_more":true,"next_cursor":"same"}`, again, 2},
		"archived ones":          {`{"results":[{"archived":true}],"has_more":true,"next_cursor":"same"}`, again, 2},
		"without a cursor":       {`{"results":[],"has_more":true}`, "", 1},
		"cursors without an end": {`{"results":[],"has_more":true,"next_cursor":"%d"}`, "", 200},
	} {
		var asked atomic.Int64
		h := start(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/v1/users/me":
				fmt.Fprint(w, `{"id":"u1","type":"bot"}`)
			case strings.HasPrefix(r.URL.Path, "/v1/pages/"):
				fmt.Fprint(w, page(1, "P", ""))
			case asked.Add(1) > test.most:
				w.WriteHeader(http.StatusBadRequest)
			default:
				fmt.Fprint(w, strings.ReplaceAll(test.list, "%d", strconv.FormatInt(asked.Load(), 10)))
			}
		})
		_, err := h.Pages("workspace", secret, nil)
		if name == "null" { // not a page, since it has no ID
			difytest.WantError(t, err, runtime.ErrorInvoke, "ID")
			err = nil
		}
		check := func(what string, err error) {
			if n := asked.Swap(0); n != test.most || (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %s in %d requests: %v", name, what, n, err)
			}
		}
		check("pages", err)
		check("blocks", h.PageContent("workspace", secret, datasource.PageRequest{WorkspaceID: "w1", PageID: id(1)}).Err)
	}
}
