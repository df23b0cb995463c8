package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	documents "github.com/difygen/difygen/internal/ports/documents/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const password = "app-password-1"

// store is a WebDAV store under /dav, and the server of Dify's files under /files.
type store struct {
	mu      sync.Mutex
	files   map[string][]byte
	folders map[string]bool
	sources map[string]string // what Dify's server has
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := strings.CutPrefix(r.URL.Path, "/files/"); ok {
		if data, ok := s.sources[name]; ok && r.URL.Query().Get("sign") == "secret-sign" {
			fmt.Fprint(w, data)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if user, pass, _ := r.BasicAuth(); user != "ada" || pass != password {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "wrong: "+pass)
		return
	}
	s.dav(w, r, strings.TrimPrefix(r.URL.Path, "/dav"))
}

func (s *store) dav(w http.ResponseWriter, r *http.Request, path string) {
	folder := path[:strings.LastIndex(path, "/")]
	_, found := s.files[path]
	switch {
	case r.Method == "MKCOL" && s.folders[path]:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.Method == "MKCOL":
		s.folders[path] = true
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPut && !s.folders[folder]:
		w.WriteHeader(http.StatusConflict)
	case r.Method == http.MethodPut:
		s.files[path], _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodGet && found:
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(s.files[path])
	case r.Method == "PROPFIND" && s.folders[strings.TrimSuffix(path, "/")]:
		w.WriteHeader(http.StatusMultiStatus)
		fmt.Fprint(w, `<d:multistatus xmlns:d="DAV:"><d:response><d:href>`+r.URL.Path+`</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop></d:propstat></d:response>`,
			`<d:response><d:href>/dav/reports/a%20b.pdf</d:href><d:propstat><d:prop><d:getcontentlength>3</d:getcontentlength><d:resourcetype/></d:prop></d:propstat></d:response>`,
			`<d:response><d:href>/dav/reports/old/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop></d:propstat></d:response></d:multistatus>`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// start runs the plugin and a store.
func start(t *testing.T) (h *difytest.Host, s *store, url string) {
	t.Helper()
	s = &store{files: make(map[string][]byte), folders: map[string]bool{"": true, "/reports": true}, sources: make(map[string]string)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(&documents.Provider{})), s, server.URL
}

func creds(url string) map[string]any {
	return map[string]any{"server_url": url + "/dav", "username": "ada", "app_password": password}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	h, s, url := start(t)
	s.sources = map[string]string{"1.pdf": "one", "2.txt": "two"}
	r := h.Tool("upload_files", creds(url), map[string]any{"folder": "new", "files": []any{
		runtime.File{URL: url + "/files/1.pdf?sign=secret-sign", Filename: "may.pdf", MIMEType: "application/pdf", Size: 3}.Values(),
		runtime.File{URL: url + "/files/2.txt?sign=secret-sign", Extension: ".txt", Size: -1}.Values(),
	}})
	if r.Err != nil || r.Text != "stored /new/may.pdf\nstored /new/file-2.txt\n" {
		t.Errorf("got %q, %v", r.Text, r.Err)
	}
	if diff := cmp.Diff(map[string]any{"count": 2.0, "paths": []any{"/new/may.pdf", "/new/file-2.txt"}}, r.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]byte{"/new/may.pdf": []byte("one"), "/new/file-2.txt": []byte("two")}, s.files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestUploadFails(t *testing.T) {
	t.Parallel()
	h, s, url := start(t)
	s.sources = map[string]string{"1.pdf": "longer than announced"}
	file := func(u string, size int64) map[string]any {
		return map[string]any{"create_folder": "false", "folder": "/reports", "files": []any{runtime.File{URL: u, Filename: "x", Size: size}.Values()}}
	}
	for name, test := range map[string]struct {
		params map[string]any
		err    string
	}{
		"none":      {map[string]any{"files": []any{}}, "Upload files: Files (files) is required"},
		"not files": {map[string]any{"files": []any{7}}, "Upload files: Files (files) must be a list of files or of their URLs"},
		"forbidden": {file(url+"/files/1.pdf?sign=another", 3), "storing /reports/x: opening the file: the service returned status 403 Forbidden"},
		"too long":  {file(url+"/files/1.pdf?sign=secret-sign", 3), "storing /reports/x: opening the file: the file has more bytes than Dify announced, or than can be opened"},
		"relative":  {file("/files/1.pdf?sign=secret-sign", 3), "storing /reports/x: opening the file: its URL has no scheme and host: FILES_URL is not set on the Dify host"},
		"no folder": {map[string]any{"create_folder": false, "folder": "/none", "files": url + "/files/1.pdf?sign=secret-sign"}, "storing /none/file-1: there is no /none/file-1"},
	} {
		r := h.Tool("upload_files", creds(url), test.params)
		if r.Err == nil || r.Err.Error() != test.err || strings.Contains(r.Err.Error(), "sign=") {
			t.Errorf("%s: got %v\nwant %s", name, r.Err, test.err)
		}
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	h, s, url := start(t)
	large := bytes.Repeat([]byte("0123456789abcdef"), 80<<10) // 1.25 MiB
	s.files = map[string][]byte{"/reports/may.pdf": large, "/empty": {}}
	r := h.Tool("download_file", creds(url), map[string]any{"path": "reports/may.pdf", "preview": "true"})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if len(r.Files) != 1 || r.Files[0].Name != "may.pdf" || r.Files[0].MIMEType != "application/pdf" || !bytes.Equal(r.Files[0].Data, large) {
		t.Errorf("%d files arrive, or another one", len(r.Files))
	}
	if n := len(r.Messages); n < 100 {
		t.Errorf("a large file is sent in %d messages", n)
	}
	link := url + "/dav/reports/may.pdf"
	if diff := cmp.Diff([][]string{{link}, {link + "?preview=1"}}, [][]string{r.Links, r.Images}); diff != "" {
		t.Errorf("links and images (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"mime_type": "application/pdf"}, r.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	r = h.Tool("download_file", creds(url), map[string]any{"path": "/empty"})
	if r.Err != nil || len(r.Files) != 1 || len(r.Files[0].Data) != 0 || r.Images != nil {
		t.Errorf("got %v, %v", r.Files, r.Err)
	}
	r = h.Tool("download_file", creds(url), map[string]any{"path": "/none"})
	if r.Err == nil || r.Err.Error() != "there is no /none" {
		t.Errorf("got %v", r.Err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	h, _, url := start(t)
	r := h.Tool("list_files", creds(url), map[string]any{"folder": "/reports/"})
	want := []any{
		map[string]any{"name": "a b.pdf", "path": "/reports/a b.pdf", "folder": false, "size": 3.0, "modified": ""},
		map[string]any{"name": "old", "path": "/reports/old", "folder": true, "size": 0.0, "modified": ""},
	}
	if diff := cmp.Diff(map[string]any{"items": want}, r.Variables); diff != "" || r.Err != nil {
		t.Errorf("%v, variables (-want +got):\n%s", r.Err, diff)
	}
	if r = h.Tool("list_files", creds(url), map[string]any{"folder": "reports", "include_folders": 0}); r.Text != "/reports/a b.pdf\n" {
		t.Errorf("got %q, %v", r.Text, r.Err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h, _, url := start(t)
	wrong := creds(url)
	wrong["app_password"] = "another-password"
	difytest.TestCredentials(t, h, difytest.CredentialsTest{Valid: creds(url), Wrong: wrong})
	down := creds("http://127.0.0.1:1")
	if err := h.Validate(down); err == nil || !strings.HasPrefix(err.Error(), "could not reach the service: ") {
		t.Errorf("got %v", err)
	}
	if err := h.Validate(map[string]any{}); err == nil ||
		err.Error() != "Documents: Server URL (server_url) is required; User name (username) is required; App password (app_password) is required" {
		t.Errorf("got %v", err)
	}
}
