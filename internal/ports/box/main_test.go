package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	box "github.com/difygen/difygen/internal/ports/box/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/runtime/difytest"
)

const token = "box-token-1"

var creds = map[string]any{"access_token": token, "refresh_token": "box-refresh-1"}

// account is a Box with folders and files. It sends files from another host, as Box does.
type account struct {
	folders map[string][]entry
	files   map[string]file
	content string // the URL of the other host
}

type entry struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size,omitempty"`
}

type file struct {
	name, data string
	status     int // of the answer, if it is not a file
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/2.0/"), "/")
	id, _ := url.PathUnescape(parts[min(1, len(parts)-1)])
	f, found := a.files[id]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":"not %s"}`, token)
	case len(parts) == 3 && parts[0] == "folders" && parts[2] == "items" && a.folders[id] != nil:
		a.list(w, a.folders[id], r.URL.Query())
	case parts[0] == "files" && found && f.status != 0:
		w.WriteHeader(f.status)
	case len(parts) == 3 && parts[0] == "files" && found:
		http.Redirect(w, r, a.content+"/?file="+url.QueryEscape(id), http.StatusFound)
	case len(parts) == 2 && parts[0] == "files" && found:
		_ = json.NewEncoder(w).Encode(entry{Type: "file", ID: id, Name: f.name})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (a *account) list(w http.ResponseWriter, entries []entry, query url.Values) {
	start, _ := strconv.Atoi(query.Get("marker"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	if query.Get("usemarker") != "true" || limit < 1 || limit > 1000 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	page := map[string]any{"entries": entries[start:min(start+limit, len(entries))], "limit": limit}
	if start+limit < len(entries) {
		page["next_marker"] = strconv.Itoa(start + limit)
	}
	_ = json.NewEncoder(w).Encode(page)
}

// start runs the plugin and a Box.
func start(t *testing.T, a *account) *difytest.Host {
	t.Helper()
	content := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := a.files[r.URL.Query().Get("file")]
		switch {
		case r.Header.Get("Authorization") != "":
			t.Error("the token was sent to another host")
		case strings.HasPrefix(f.name, "preparing"):
			w.WriteHeader(http.StatusAccepted)
		default:
			fmt.Fprint(w, f.data)
		}
	}))
	t.Cleanup(content.Close)
	a.content = strings.Replace(content.URL, "127.0.0.1", "localhost", 1)
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(box.New(box.Service{APIURL: server.URL})))
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	a := &account{folders: map[string][]entry{
		"0": {{"folder", "11", "Reports", 0}, {"file", "12", "a.pdf", 7}, {"web_link", "13", "A link", 0}}, "11": {}, "a/../b": {{"file", "1", "x", 1}},
	}}
	for i := range 45 {
		a.folders["11"] = append(a.folders["11"], entry{"file", strconv.Itoa(100 + i), fmt.Sprintf("%d.txt", i), 1})
	}
	h := start(t, a)
	page, err := h.Browse("files", creds, datasource.BrowseRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{[]datasource.Folder{{ID: "11", Name: "Reports"}}, []datasource.File{{ID: "12", Name: "a.pdf", Size: 7}}}, []any{page.Folders, page.Files}); diff != "" {
		t.Errorf("root (-want +got):\n%s", diff)
	}
	var sizes, files []int
	folder := datasource.BrowseRequest{Prefix: "11"}
	for more := true; more; {
		page, err := h.Browse("files", creds, folder)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Files))
		for _, f := range page.Files {
			n, _ := strconv.Atoi(f.ID)
			files = append(files, n-100)
		}
		folder, more = page.Next()
	}
	for i, n := range files {
		if i != n {
			t.Fatalf("file %d is %d", i, n)
		}
	}
	if diff := cmp.Diff([]int{20, 20, 5}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if page, err = h.Browse("files", creds, datasource.BrowseRequest{Prefix: "a/../b", MaxKeys: 100_000}); err != nil || len(page.Files) != 1 {
		t.Errorf("an odd ID: got %v, %v", page, err)
	}
	_, err = h.Browse("files", creds, datasource.BrowseRequest{Prefix: "99"})
	difytest.WantError(t, err, runtime.ErrorInvoke, "there is no such file or folder any more")
	_, err = h.Browse("files", map[string]any{"access_token": "box-token-2"}, datasource.BrowseRequest{})
	difytest.WantError(t, err, runtime.ErrorInvoke, "Box does not accept the token any more: authorize again")
	_, err = h.Browse("files", nil, datasource.BrowseRequest{})
	difytest.WantError(t, err, runtime.ErrorDatasourceCredentials, "Box: Access token (access_token) is required")
}

func TestDownload(t *testing.T) {
	t.Parallel()
	h := start(t, &account{files: map[string]file{
		"1": {name: "Q1 report.pdf", data: "PDF"}, "2": {name: "a.png", data: "PNG"}, "3": {name: "empty.html"}, "4": {name: "preparing.txt"},
		"5": {name: "denied", status: http.StatusForbidden}, "6": {name: "large.bin", data: strings.Repeat("x", 60<<20)},
	}})
	for id, want := range map[string]difytest.File{
		"1": {Name: "Q1 report.pdf", MIMEType: "application/pdf", Data: []byte("PDF")},
		"2": {Name: "a.png", MIMEType: "image/png", Data: []byte("PNG")},
		"3": {Name: "empty.html", MIMEType: "text/html; charset=utf-8", Data: []byte{}},
	} {
		got, err := h.Download("files", creds, datasource.DownloadRequest{ID: id})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	for id, want := range map[string]string{
		"4": "Box is still preparing the file: try again later", "5": "check its permissions in Box",
		"6": "the file is too large: over this connection, it may have ", "7": "there is no such file or folder any more",
	} {
		_, err := h.Download("files", creds, datasource.DownloadRequest{ID: id})
		difytest.WantError(t, err, runtime.ErrorInvoke, want)
	}
}

// server is the authorization server of Box, with the user's name.
func server(t *testing.T) (*difytest.AuthServer, box.Service) {
	t.Helper()
	server := difytest.NewAuthServer(t)
	server.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/2.0/users/me" || !server.Authorized(r) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"name":"","login":"ada@example.com"}`)
	})
	return server, box.Service{HTTPClient: server.HTTPClient(), WebURL: server.URL, APIURL: server.URL}
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	server, service := server(t)
	h := difytest.Start(t, newPlugin(box.New(service)))
	difytest.TestOAuth(t, h, difytest.OAuthTest{Server: server})
}

// TestAccount tests what Dify shows of the account.
func TestAccount(t *testing.T) {
	t.Parallel()
	server, service := server(t)
	flow := difytest.Start(t, newPlugin(box.New(service))).OAuth(map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret})
	location, err := flow.AuthorizationURL()
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(location); err != nil || u.Path != "/api/oauth2/authorize" || u.Query().Get("scope") != "root_readonly" {
		t.Errorf("the user is sent to %s, %v", location, err)
	}
	grant, err := flow.Exchange(server.Browse(t, location))
	if diff := cmp.Diff(&runtime.OAuthMetadata{Name: "ada@example.com"}, grant.Metadata); err != nil || diff != "" {
		t.Errorf("%v, metadata (-want +got):\n%s", err, diff)
	}
}
