package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	drive "github.com/difygen/difygen/examples/drive/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/runtime/difytest"
)

func run(t *testing.T) *difytest.Host {
	t.Helper()
	return difytest.Start(t, newPlugin(&drive.Provider{}))
}

// with returns credentials with another value.
func with(creds map[string]any, name string, value any) map[string]any {
	creds = maps.Clone(creds)
	creds[name] = value
	return creds
}

// names are keys of objects that are hard to encode, to sign or to cut.
var names = []string{
	"a b+c&d=e?f#g%h.txt", "%2F", "*'();:@$,![]", "é漢字🙂.pdf", "..", ".", "tab\tline\nbell\a", `<&>"'`, "\\", "~-._", " ", "+",
}

// fileNames are what files are named that cannot be as their keys are.
var fileNames = map[string]string{"..": "file", ".": "file", "tab\tline\nbell\a": "tab_line_bell_"}

func TestCredentials(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"] = nil
	h := run(t)
	difytest.TestCredentials(t, h, difytest.CredentialsTest{Valid: creds, Wrong: with(creds, "secret_key", "another+secret/key")})
	for name, test := range map[string]struct {
		key   string
		value any
		want  string
	}{
		"an unknown key":   {"access_key", "another", "the storage does not know the access key"},
		"a wrong secret":   {"secret_key", "another+secret/key", "the storage rejects the secret key"},
		"another region":   {"region", "us-west-2", "the bucket is in the region eu-central-1: connect to that region, with its endpoint URL"},
		"no region":        {"region", nil, "the bucket is in the region eu-central-1"}, // the default is another
		"no such bucket":   {"bucket", "none", "there is no such bucket"},
		"a wrong bucket":   {"bucket", "docs", ""},
		"another path":     {"endpoint", strings.TrimSuffix(creds["endpoint"].(string), "s3/"), "the service returned status 404 Not Found"},
		"no scheme":        {"endpoint", "s3.example", "the endpoint URL must be one such as https://s3.eu-central-1.amazonaws.com"},
		"another scheme":   {"endpoint", "file:///etc/passwd", "the endpoint URL must be one such as"},
		"with a user":      {"endpoint", "https://u:p@s3.example", "the endpoint URL must be one such as"},
		"with a query":     {"endpoint", "https://s3.example/?x=y", "the endpoint URL must be one such as"},
		"with spaces":      {"endpoint", "  " + creds["endpoint"].(string) + " ", ""},
		"an unreachable":   {"endpoint", "http://127.0.0.1:1", "could not reach the service"},
		"a masked secret":  {"secret_key", "[__HIDDEN__]", "S3 Drive: Secret key (secret_key) arrived masked from Dify; enter it again"},
		"without a secret": {"secret_key", nil, "S3 Drive: Secret key (secret_key) is required"},
	} {
		err := h.Validate(with(creds, test.key, test.value))
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		t.Run(name, func(t *testing.T) { difytest.WantError(t, err, runtime.ErrorDatasourceCredentials, test.want) })
	}
}

// TestCheapestCheck sees which requests the check of credentials sends.
func TestCheapestCheck(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"] = map[string]file{"a": {}, "b": {}}
	h := run(t)
	for _, creds := range []map[string]any{creds, with(creds, "bucket", "docs")} {
		if err := h.Validate(creds); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"", "delimiter=%2F&encoding-type=url&list-type=2&max-keys=1"}, s.calls); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"], s.buckets["archive.2026"] = nil, nil
	h := run(t)
	for name, test := range map[string]struct {
		creds map[string]any
		want  []string
	}{
		"all":      {creds, []string{"archive.2026", "docs"}},
		"one":      {with(creds, "bucket", "docs"), []string{"docs"}},
		"no slash": {with(creds, "endpoint", strings.TrimSuffix(creds["endpoint"].(string), "/")), []string{"archive.2026", "docs"}},
	} {
		got, err := h.Browse("files", test.creds, datasource.BrowseRequest{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got.Buckets); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"] = map[string]file{
		"readme.md": {data: "hello"}, "a/": {}, "a/1": {data: "1"}, "a/b/2": {}, "a//3": {}, "/x": {}, "ab": {}, "only/": {},
	}
	h := run(t)
	for name, test := range map[string]struct {
		prefix string
		plain  bool
		want   difytest.BrowseResult
	}{
		"the bucket": {"", false, difytest.BrowseResult{
			Folders: []datasource.Folder{{ID: "/", Name: "/"}, {ID: "a/", Name: "a"}, {ID: "only/", Name: "only"}},
			Files:   []datasource.File{{ID: "ab", Name: "ab"}, {ID: "readme.md", Name: "readme.md", Size: 5}},
		}},
		"a folder": {"a/", false, difytest.BrowseResult{
			Folders: []datasource.Folder{{ID: "a//", Name: "/"}, {ID: "a/b/", Name: "b"}}, Files: []datasource.File{{ID: "a/1", Name: "1", Size: 1}},
		}},
		"without a slash": {"a/b", false, difytest.BrowseResult{Files: []datasource.File{{ID: "a/b/2", Name: "2"}}}},
		"without a name":  {"/", false, difytest.BrowseResult{Files: []datasource.File{{ID: "/x", Name: "x"}}}},
		"itself alone":    {"only/", false, difytest.BrowseResult{}},
		"no such folder":  {"none/", false, difytest.BrowseResult{}},
		"an old storage":  {"a/b/", true, difytest.BrowseResult{Files: []datasource.File{{ID: "a/b/2", Name: "2"}}}},
	} {
		s.plain = test.plain
		got, err := h.Browse("files", creds, datasource.BrowseRequest{Bucket: "docs", Prefix: test.prefix})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]any{test.want.Folders, test.want.Files}, []any{got.Folders, got.Files}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPages walks through the pages of folders.
func TestPages(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	objects := map[string]file{"many/": {}}
	var want []string
	for i := range 23 {
		key := fmt.Sprintf("many/%02d", i)
		if i%5 == 4 {
			objects[key+"/file"] = file{}
			key += "/"
		} else {
			objects[key] = file{}
		}
		want = append(want, key)
	}
	s.buckets["docs"] = objects
	h := run(t)
	for _, maxKeys := range []int{1, 2, 7, 20, 24, 5000} {
		var got []string
		pages := 0
		folder := datasource.BrowseRequest{Bucket: "docs", Prefix: "many/", MaxKeys: maxKeys}
		for more := true; more; pages++ {
			page, err := h.Browse("files", creds, folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Folders {
				got = append(got, f.ID)
			}
			for _, f := range page.Files {
				got = append(got, f.ID)
			}
			if len(page.Folders)+len(page.Files) == 0 {
				t.Errorf("an empty page of %d", maxKeys)
			}
			folder, more = page.Next()
		}
		// Folders come first in a page.
		if diff := cmp.Diff(sortedList(want), sortedList(got)); diff != "" {
			t.Errorf("in pages of %d (-want +got):\n%s", maxKeys, diff)
		}
		if maxKeys > 1 && pages != (24+maxKeys-1)/maxKeys {
			t.Errorf("%d pages of %d", pages, maxKeys)
		}
	}
}

// TestEmptyPages has a folder with many keys that Dify cannot have. It is read to the end, but in more than
// one call.
func TestEmptyPages(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"] = map[string]file{"~": {}}
	for i := range 25 {
		s.buckets["docs"][fmt.Sprintf("\xff%02d", i)] = file{}
		s.buckets["docs"][fmt.Sprintf("a\xff%02d", i)] = file{}
	}
	h := run(t)
	folder, more := datasource.BrowseRequest{Bucket: "docs", MaxKeys: 1}, true
	var files [][]datasource.File
	var calls []int
	for more && len(calls) < 100 {
		page, err := h.Browse("files", creds, folder)
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		files, calls = append(files, page.Files), append(calls, len(s.calls))
		s.calls = nil
		s.mu.Unlock()
		folder, more = page.Next()
	}
	want := [][]datasource.File{nil, nil, {{ID: "~", Name: "~"}}, nil, nil, nil}
	if diff := cmp.Diff([]any{want, []int{10, 10, 6, 10, 10, 5}}, []any{files, calls}); diff != "" {
		t.Errorf("files, and requests to the storage (-want +got):\n%s", diff)
	}
}

// TestNames lists and reads files with all sorts of names, also as folders.
func TestNames(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"] = make(map[string]file)
	for i, name := range names {
		s.buckets["docs"][name] = file{fmt.Sprint("file ", i), ""}
		s.buckets["docs"]["in/"+name+"/"+name] = file{fmt.Sprint("inner ", i), "text/plain; charset=utf-8"}
	}
	s.buckets["docs"]["not \xff UTF-8"] = file{}
	h := run(t)
	root, err := h.Browse("files", creds, datasource.BrowseRequest{Bucket: "docs", MaxKeys: 100})
	if err != nil || len(root.Files) != len(names) {
		t.Fatalf("%d files, %v", len(root.Files), err)
	}
	in, err := h.Browse("files", creds, datasource.BrowseRequest{Bucket: "docs", Prefix: "in/", MaxKeys: 100})
	if err != nil || len(in.Folders) != len(names) {
		t.Fatalf("%d folders, %v", len(in.Folders), err)
	}
	files := root.Files
	for _, folder := range in.Folders {
		inner, err := h.Browse("files", creds, datasource.BrowseRequest{Bucket: "docs", Prefix: folder.ID})
		if err != nil || len(inner.Files) != 1 || inner.Files[0].Name != folder.Name {
			t.Fatalf("%q: %v, %v", folder, inner, err)
		}
		files = append(files, inner.Files...)
	}
	for _, f := range files {
		got, err := h.Download("files", creds, datasource.DownloadRequest{Bucket: "docs", ID: f.ID})
		if err != nil {
			t.Errorf("%q: %v", f.ID, err)
			continue
		}
		name := f.Name
		if other, ok := fileNames[name]; ok {
			name = other
		}
		if string(got.Data) != s.buckets["docs"][f.ID].data || got.Name != name {
			t.Errorf("%q: got %q, %q", f.ID, got.Name, got.Data)
		}
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	s.buckets["docs"] = map[string]file{
		"a/report.pdf": {"PDF", "application/pdf"}, "page.html": {"<p>", "text/html; charset=utf-8"}, "x.bin": {"\x00\xff", "binary/octet-stream"},
		"picture.png": {"PNG", "image/png"}, "empty": {"", "text/plain"}, "notes.md": {"#", "markdown"}, "large": {strings.Repeat("x", 60<<20), ""},
	}
	h := run(t)
	const octets = "application/octet-stream" // what Dify takes a file without a type for
	for id, want := range map[string]difytest.File{
		"a/report.pdf": {Name: "report.pdf", MIMEType: "application/pdf", Data: []byte("PDF")},
		"page.html":    {Name: "page.html", MIMEType: "text/html", Data: []byte("<p>")},
		"x.bin":        {Name: "x.bin", MIMEType: octets, Data: []byte("\x00\xff")},
		"picture.png":  {Name: "picture.png", MIMEType: "image/png", Data: []byte("PNG")},
		"notes.md":     {Name: "notes.md", MIMEType: octets, Data: []byte("#")},
		"empty":        {Name: "empty", MIMEType: "text/plain", Data: []byte{}},
	} {
		got, err := h.Download("files", creds, datasource.DownloadRequest{Bucket: "docs", ID: id})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	for name, test := range map[string]struct {
		creds map[string]any
		file  datasource.DownloadRequest
		want  string
	}{
		"too large":      {creds, datasource.DownloadRequest{Bucket: "docs", ID: "large"}, "the file is too large: over this connection, it may have "},
		"a folder":       {creds, datasource.DownloadRequest{Bucket: "docs", ID: "a/"}, "a folder cannot be read: choose a file"},
		"gone":           {creds, datasource.DownloadRequest{Bucket: "docs", ID: "none"}, "there is no such file any more"},
		"no bucket":      {creds, datasource.DownloadRequest{ID: "x.bin"}, "the bucket is missing: choose one"},
		"an odd bucket":  {creds, datasource.DownloadRequest{Bucket: "docs/a", ID: "report.pdf"}, "the name of the bucket is not valid"},
		"dots":           {creds, datasource.DownloadRequest{Bucket: "..", ID: "x"}, "the name of the bucket is not valid"},
		"another bucket": {with(creds, "bucket", "docs"), datasource.DownloadRequest{Bucket: "other", ID: "x"}, "the connection is for another bucket"},
	} {
		_, err := h.Download("files", test.creds, test.file)
		t.Run(name, func(t *testing.T) { difytest.WantError(t, err, runtime.ErrorInvoke, test.want) })
	}
}

// TestOddListings has listings with what no storage should send.
func TestOddListings(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	h := run(t)
	browse := func(listing string) (*difytest.BrowseResult, error) {
		s.mu.Lock()
		s.fail = func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<ListBucketResult>", listing, "</ListBucketResult>")
		}
		s.mu.Unlock()
		return h.Browse("files", creds, datasource.BrowseRequest{Bucket: "docs", Prefix: "in/"})
	}
	for name, test := range map[string]struct {
		listing string
		want    []datasource.File
	}{
		"a negative size": {"<Contents><Key>in/a</Key><Size>-1</Size></Contents><Contents><Key>in/b</Key><Size>1</Size></Contents>", []datasource.File{{ID: "in/b", Name: "b", Size: 1}}},
		"no key":          {"<Contents><Size>1</Size></Contents><Contents><Key>in/b</Key></Contents><CommonPrefixes/>", []datasource.File{{ID: "in/b", Name: "b"}}},
	} {
		got, err := browse(test.listing)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got.Files); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for listing, want := range map[string]string{
		strings.Repeat("<a></a>", 1_000_000):                     "the response has more than 4194304 bytes",
		strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100): "the response is not from an S3-compatible storage",
	} {
		_, err := browse(listing)
		difytest.WantError(t, err, runtime.ErrorInvoke, want)
	}
}

// TestFailures has storages that answer with errors, or with something else.
func TestFailures(t *testing.T) {
	t.Parallel()
	s, creds := start(t)
	h := run(t)
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	code := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, code) }
	}
	redirect := func(header, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}
	const notS3 = "the response is not from an S3-compatible storage: check the endpoint URL"
	for name, test := range map[string]struct {
		fail http.HandlerFunc
		want string
	}{
		"denied":          {code(403, "AccessDenied"), "the access key is not allowed to do this: check its permissions"},
		"skewed":          {code(403, "RequestTimeTooSkewed"), "correct the clock of the Dify host"},
		"no such bucket":  {code(404, "NoSuchBucket"), "there is no such bucket"},
		"another code":    {code(400, "InvalidArgument"), "the service returned status 400 Bad Request (InvalidArgument)"},
		"not a code":      {code(400, "of "+secretKey), "the service returned status 400 Bad Request"},
		"busy":            {code(503, "SlowDown"), "the service returned status 503 Service Unavailable (SlowDown)"},
		"a page":          {answer(500, "<html>"+secretKey), "the service returned status 500 Internal Server Error"},
		"nothing":         {answer(500, ""), "the service returned status 500 Internal Server Error"},
		"HTML":            {answer(200, "<!doctype html><p>hello"), notS3},
		"another XML":     {answer(200, "<Other/>"), notS3},
		"an empty answer": {answer(200, ""), notS3},
		"half":            {answer(200, "<ListBucketResult><Contents>"), notS3},
		"without tokens":  {answer(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"), "(ListObjectsV2): use a newer version of it"},
		"wrongly encoded": {answer(200, "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key></Contents></ListBucketResult>"), "the storage has sent a name in a wrong encoding"},
		"a region":        {redirect("X-Amz-Bucket-Region", "eu-west-1"), "the bucket is in the region eu-west-1: connect to that region"},
		"an odd region":   {redirect("X-Amz-Bucket-Region", "eu west"), "the bucket is at another endpoint URL: check the region and the endpoint URL"},
		"a part":          {answer(206, "<ListBucketResult/>"), "the service returned status 206 Partial Content"},
		"not modified":    {answer(304, ""), "the service returned status 304 Not Modified"},
		"another host":    {redirect("Location", "http://127.0.0.1:1/"), "the bucket is at another endpoint URL"},
	} {
		s.mu.Lock()
		s.fail = test.fail
		s.mu.Unlock()
		_, err := h.Browse("files", creds, datasource.BrowseRequest{Bucket: "docs"})
		t.Run(name, func(t *testing.T) { difytest.WantError(t, err, runtime.ErrorInvoke, test.want) })
		if err != nil && (strings.Contains(err.Error(), secretKey) || strings.Contains(err.Error(), accessKey) || strings.Contains(err.Error(), "StringToSign")) {
			t.Errorf("%s: the error shows what it must not: %v", name, err)
		}
	}
	s.mu.Lock()
	s.fail = code(403, "AccessDenied")
	s.mu.Unlock()
	_, err := h.Browse("files", creds, datasource.BrowseRequest{})
	difytest.WantError(t, err, runtime.ErrorInvoke, "the access key cannot list the buckets: allow it, or enter the bucket to use")
}
