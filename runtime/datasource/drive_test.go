package datasource_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// browse returns the action of a drive.
func browse(f func(folder datasource.BrowseRequest, out *datasource.BrowseOutput) error) runtime.DatasourceAction {
	return datasource.BindBrowse("d", key, func(_ context.Context, _ runtime.Call, _ string, folder datasource.BrowseRequest, out *datasource.BrowseOutput) error {
		return f(folder, out)
	})
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	const root, bucket, folder = `{"request":{"bucket":""}}`, `{"request":{"bucket":"b"}}`, `{"request":{"prefix":"f"}}`
	for name, test := range map[string]struct {
		request string
		browse  func(out *datasource.BrowseOutput) error
		want    string
	}{
		"empty":           {root, nil, `{"result":[{"bucket":null,"files":[],"is_truncated":false,"next_page_parameters":null}]}`},
		"an empty bucket": {bucket, nil, `{"result":[{"bucket":"b","files":[],"is_truncated":false,"next_page_parameters":null}]}`},
		"files": {
			bucket, func(out *datasource.BrowseOutput) error {
				out.AddFile(datasource.File{ID: "1", Name: "<a>.txt", Size: 1 << 53})
				out.AddFolder(datasource.Folder{ID: "2/", Name: "b"})
				out.AddFile(datasource.File{ID: "3", Name: "c"})
				return out.SetNextPage(map[string]any{"after": 9007199254740993, "<": "\"&"})
			},
			`{"result":[{"bucket":"b","files":[{"id":"1","name":"<a>.txt","size":9007199254740992,"type":"file"},{"id":"2/","name":"b","size":0,"type":"folder"},` +
				`{"id":"3","name":"c","size":0,"type":"file"}],"is_truncated":true,"next_page_parameters":{"next_page":"{\"<\":\"\\\"&\",\"after\":9007199254740993}"}}]}`,
		},
		"another next page": {
			`{"request":{"next_page_parameters":{"next_page":"1"}}}`, func(out *datasource.BrowseOutput) error { return out.SetNextPage(2) },
			`{"result":[{"bucket":null,"files":[],"is_truncated":true,"next_page_parameters":{"next_page":"2"}}]}`,
		},
		"the same next page": {
			`{"request":{"next_page_parameters":{"next_page":"1"}}}`, func(out *datasource.BrowseOutput) error { return out.SetNextPage(1) },
			"the next page that is set is this one again: Dify would ask for it without end",
		},
		"buckets": {
			root, func(out *datasource.BrowseOutput) error {
				out.AddBucket("b")
				out.AddBucket("c")
				return nil
			},
			`{"result":[{"bucket":"b","files":[],"is_truncated":false,"next_page_parameters":null},{"bucket":"c","files":[],"is_truncated":false,"next_page_parameters":null}]}`,
		},
		"an error":                {root, func(*datasource.BrowseOutput) error { return errors.New("it broke") }, "it broke"},
		"buckets and files":       {root, add(func(o *datasource.BrowseOutput) { o.AddBucket("b"); o.AddFile(datasource.File{ID: "i", Name: "n"}) }), "the root of a drive has either buckets or files and folders"},
		"buckets in a bucket":     {bucket, add(func(o *datasource.BrowseOutput) { o.AddBucket("b") }), "only the root of a drive has buckets"},
		"buckets in a folder":     {folder, add(func(o *datasource.BrowseOutput) { o.AddBucket("b") }), "only the root of a drive has buckets"},
		"buckets and a next page": {root, func(o *datasource.BrowseOutput) error { o.AddBucket("b"); return o.SetNextPage(1) }, "a list of buckets has no next page: Dify asks for none"},
		"a bucket without a name": {root, add(func(o *datasource.BrowseOutput) { o.AddBucket("b"); o.AddBucket("") }), "bucket 2 has no name"},
		"a bucket without UTF-8":  {root, add(func(o *datasource.BrowseOutput) { o.AddBucket("\xff") }), "bucket 1 has a text that is not UTF-8"},
		"no ID":                   {root, add(func(o *datasource.BrowseOutput) { o.AddFile(datasource.File{Name: "n"}) }), "file 1 of the folder has no ID"},
		"no ID of a folder":       {root, add(func(o *datasource.BrowseOutput) { o.AddFolder(datasource.Folder{Name: "n"}) }), "folder 1 of the folder has no ID"},
		"no name": {root, add(func(o *datasource.BrowseOutput) {
			o.AddFolder(datasource.Folder{ID: "a", Name: "a"})
			o.AddFile(datasource.File{ID: "i"})
		}), "file 1 of the folder has no name"},
		"a negative size":           {root, add(func(o *datasource.BrowseOutput) { o.AddFile(datasource.File{ID: "i", Name: "n", Size: -1}) }), "file 1 of the folder has a negative size"},
		"an ID without UTF-8":       {root, add(func(o *datasource.BrowseOutput) { o.AddFile(datasource.File{ID: "\xff", Name: "n"}) }), "file 1 of the folder has a text that is not UTF-8"},
		"the first of two mistakes": {root, add(func(o *datasource.BrowseOutput) { o.AddFile(datasource.File{}); o.AddBucket("") }), "file 1 of the folder has no ID"},
	} {
		got := answer(t, browse(func(_ datasource.BrowseRequest, out *datasource.BrowseOutput) error {
			if test.browse == nil {
				return nil
			}
			return test.browse(out)
		}), test.request, 0)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLargeFolder checks that a page of more bytes than a request says is refused with what to do.
func TestLargeFolder(t *testing.T) {
	t.Parallel()
	action := browse(func(datasource.BrowseRequest, *datasource.BrowseOutput) error { return nil })
	const want = `{"result":[{"bucket":null,"files":[],"is_truncated":false,"next_page_parameters":null}]}`
	if got := answer(t, action, `{"request":{}}`, len(want)); got != want {
		t.Errorf("got %s", got)
	}
	got := answer(t, action, `{"request":{}}`, len(want)-1)
	if want := "the files and folders are too large: they have at least 88 bytes, and over this connection, they may have 87; list at most MaxKeys of them, and set a next page for the rest"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestEndlessFolder checks that a folder which has too much fails while it is listed, over any connection.
func TestEndlessFolder(t *testing.T) {
	t.Parallel()
	const entry = 42 // bytes in JSON, without texts
	for _, limit := range []int{0, 100 << 10} {
		text := strings.Repeat("x", 1<<20)
		got := answer(t, browse(func(_ datasource.BrowseRequest, out *datasource.BrowseOutput) error {
			for range 60 {
				out.AddFile(datasource.File{ID: text, Name: "n"})
				out.AddFolder(datasource.Folder{ID: text, Name: "n"})
				out.AddBucket(text)
			}
			return nil
		}), `{"request":{}}`, limit)
		size, most := entry+1<<20+1, limit
		if limit == 0 {
			size, most = 50*(entry+1<<20)+34, 50<<20
		}
		want := fmt.Sprintf("the files and folders are too large: they have at least %d bytes, and over this connection, they may have %d; list at most MaxKeys of them, and set a next page for the rest", size, most)
		if got != want {
			t.Errorf("got %.300s\nwant %s", got, want)
		}
	}
}

// TestBrowseRequestValues checks that what tests send is what they read.
func TestBrowseRequestValues(t *testing.T) {
	t.Parallel()
	for _, values := range []map[string]any{
		{"bucket": nil, "prefix": "", "max_keys": 20.0, "next_page_parameters": nil},
		{"bucket": "b", "prefix": "p", "max_keys": 7.0, "next_page_parameters": map[string]any{"next_page": "1"}},
		{"bucket": nil, "prefix": "", "max_keys": 1.0, "next_page_parameters": map[string]any{"x": 1.0}},
	} {
		request, err := datasource.ReadBrowseRequest(values)
		if diff := cmp.Diff(values, request.Values()); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// add returns the code of a drive that adds something.
func add(f func(*datasource.BrowseOutput)) func(*datasource.BrowseOutput) error {
	return func(out *datasource.BrowseOutput) error {
		f(out)
		return nil
	}
}
