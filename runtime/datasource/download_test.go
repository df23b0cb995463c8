package datasource_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// download returns the action of a drive.
func download(f func(out *datasource.DownloadOutput) error) runtime.DatasourceAction {
	return datasource.BindDownload("d", key, func(_ context.Context, _ runtime.Call, _ string, _ datasource.DownloadRequest, out *datasource.DownloadOutput) error {
		return f(out)
	})
}

const downloadRequest = `{"request":{"id":"f"}}`

// counting counts the bytes that are read.
type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestDownload(t *testing.T) {
	t.Parallel()
	meta := datasource.FileMeta{Name: "a.txt", MIMEType: "text/plain"}
	blob := func(base64 string) string {
		return `{"type":"blob","message":{"blob":"` + base64 + `"},"meta":{"file_name":"a.txt","mime_type":"text/plain"}}`
	}
	from := func(r io.Reader, size int64) func(*datasource.DownloadOutput) error {
		return func(out *datasource.DownloadOutput) error { return out.FileFrom(r, size, meta) }
	}
	longest := strings.Repeat("x", 4<<10-len(`{"file_name":""}`))
	file := func(data string, meta datasource.FileMeta) func(*datasource.DownloadOutput) error {
		return func(out *datasource.DownloadOutput) error { return out.File([]byte(data), meta) }
	}
	for name, test := range map[string]struct {
		download func(out *datasource.DownloadOutput) error
		want     string
	}{
		"data":            {file("hello", meta), blob("aGVsbG8=")},
		"no type":         {file("hello", datasource.FileMeta{Name: `<"&>`}), `{"type":"blob","message":{"blob":"aGVsbG8="},"meta":{"file_name":"<\"&>"}}`},
		"empty":           {file("", meta), blob("")},
		"known size":      {from(iotest.OneByteReader(strings.NewReader("hello")), 5), blob("aGVsbG8=")},
		"unknown size":    {from(iotest.OneByteReader(strings.NewReader("hello")), -1), blob("aGVsbG8=")},
		"unknown, empty":  {from(strings.NewReader(""), -1), blob("")},
		"the end at once": {from(iotest.DataErrReader(strings.NewReader("hello")), 5), blob("aGVsbG8=")},
		"fewer bytes":     {from(strings.NewReader("hello"), 6), "the file has fewer bytes than its size says"},
		"more bytes":      {from(strings.NewReader("hello"), 4), "the file has more bytes than its size says"},
		"no bytes":        {from(strings.NewReader("hello"), 0), "the file has more bytes than its size says"},
		"broken":          {from(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("hello"))), 5), "reading the file: timeout"},
		"broken, unknown": {from(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("hello"))), -1), "reading the file: timeout"},
		"broken at end":   {from(io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(errors.New("it broke"))), 5), "reading the file: it broke"},
		"no name":         {file("hello", datasource.FileMeta{MIMEType: "text/plain"}), "a file must have a name: Dify tells its type by it"},
		"no UTF-8":        {file("hello", datasource.FileMeta{Name: "\xff"}), "the meta of the file has a text that is not UTF-8"},
		"parameters":      {file("", datasource.FileMeta{Name: "n", MIMEType: "text/plain; charset=utf-8"}), `{"type":"blob","message":{"blob":""},"meta":{"file_name":"n","mime_type":"text/plain; charset=utf-8"}}`},
		"no MIME type": {
			func(out *datasource.DownloadOutput) error {
				r := &counting{r: strings.NewReader("hello")}
				for _, typ := range []string{"/", "a/", "/b", "a b/c", "a/b/c", "a/b c", ";a/b", "a/b;\r\nX: y", "a/b\n", "no type\r\nX: y", "a/b; c=d; c=e", "ä/b"} {
					if err := out.FileFrom(r, 5, datasource.FileMeta{Name: "n", MIMEType: typ}); err == nil || r.n > 0 {
						return fmt.Errorf("%s: %d bytes are read", typ, r.n)
					}
				}
				return out.FileFrom(r, -1, datasource.FileMeta{Name: "n", MIMEType: "markdown"})
			},
			"the MIME type of the file is not one such as text/plain: leave it out if it is not known",
		},
		"a long name":      {file("hello", datasource.FileMeta{Name: strings.Repeat("x", 4<<10)}), "the name and the type of the file are too long: in JSON, they have 4112 bytes, and may have 4096"},
		"the longest name": {file("", datasource.FileMeta{Name: longest}), `{"type":"blob","message":{"blob":""},"meta":{"file_name":"` + longest + `"}}`},
		"a slash":          {file("", datasource.FileMeta{Name: "a/b"}), `{"type":"blob","message":{"blob":""},"meta":{"file_name":"a/b"}}`},
		"no values":        {file("", datasource.FileMeta{Name: "n", MIMEType: "text/plain; charset"}), `{"type":"blob","message":{"blob":""},"meta":{"file_name":"n","mime_type":"text/plain; charset"}}`},
		"a line break":     {file("", datasource.FileMeta{Name: "a\nb"}), "the name of the file has control characters"},
		"a control":        {file("", datasource.FileMeta{Name: "a\u0085b"}), "the name of the file has control characters"},
		"two files": {
			func(out *datasource.DownloadOutput) error {
				return errors.Join(out.File([]byte("hello"), meta), out.File(nil, meta))
			},
			blob("aGVsbG8=") + " + a file has been sent already: Dify takes one",
		},
		"again after an error": {
			func(out *datasource.DownloadOutput) error {
				if err := out.FileFrom(strings.NewReader("h"), 5, meta); err == nil {
					return errors.New("a file without its end is sent")
				}
				return out.File([]byte("hello"), meta)
			},
			blob("aGVsbG8="),
		},
		"nothing":  {func(*datasource.DownloadOutput) error { return nil }, "the data source has sent no file"},
		"an error": {func(*datasource.DownloadOutput) error { return errors.New("it broke") }, "it broke"},
	} {
		if diff := cmp.Diff(test.want, answer(t, download(test.download), downloadRequest, 0)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDownloadAgain checks that a file whose message could not be sent can be sent again.
func TestDownloadAgain(t *testing.T) {
	t.Parallel()
	sent := 0
	req := &runtime.Request{Data: map[string]any{"request": map[string]any{"id": "f"}}, Stream: func(any) error {
		if sent++; sent == 1 {
			return errors.New("the host has gone")
		}
		return nil
	}}
	_, err := download(func(out *datasource.DownloadOutput) error {
		meta := datasource.FileMeta{Name: "f"}
		if err := out.File(nil, meta); err == nil || err.Error() != "the host has gone" {
			return fmt.Errorf("the first time: %w", err)
		}
		return out.File(nil, meta)
	}).Serve(t.Context(), &runtime.DatasourceRequest{Request: req, Credentials: map[string]any{"key": "k"}})
	if err != nil || sent != 2 {
		t.Errorf("%d messages: %v", sent, err)
	}
}

// TestDownloadCutOff checks that a file whose connection is cut off is an error, and not a shorter file.
func TestDownloadCutOff(t *testing.T) {
	t.Parallel()
	for head, size := range map[string]int64{
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n": -1, "Transfer-Encoding: chunked\r\n\r\n9\r\nabc": -1, "Content-Length: 100\r\n\r\nabc": 100,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\n" + head)
			_ = rw.Flush()
		}))
		got := answer(t, download(func(out *datasource.DownloadOutput) error {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				return err
			}
			resp, err := runtime.Do(nil, req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			err = out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: "f"})
			if resp.ContentLength != size || !errors.Is(err, runtime.ErrUnreachable) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%q: %v of %d bytes", head, err, resp.ContentLength)
			}
			return err
		}), downloadRequest, 0)
		server.Close()
		if !strings.HasPrefix(got, "reading the file: ") {
			t.Errorf("%q: got %s", head, got)
		}
	}
}

// TestDownloadLimit checks how large a file may be, and that no more of a larger one is read than tells
// that it is.
func TestDownloadLimit(t *testing.T) {
	t.Parallel()
	for maxResult, want := range map[int]int64{0: 50 << 20, 5 << 20: 3_929_052, 1_000_000: 746_892, 5000: 642, 4<<10 + 48: 0, 10: 0, 1: 0} {
		got := answer(t, download(func(out *datasource.DownloadOutput) error { return errors.New(strconv.FormatInt(out.MaxSize(), 10)) }), downloadRequest, maxResult)
		if got != strconv.FormatInt(want, 10) {
			t.Errorf("of a result of %d bytes, a file has %s, want %d", maxResult, got, want)
		}
	}
	const maxResult = 1_000_000
	for _, size := range []int64{0, 1, 2, 3, 48 << 10, 256 << 10, 256<<10 + 1, 746_891, 746_892, 746_893, 2_000_000} {
		for _, said := range []int64{-1, size} {
			r := &counting{r: bytes.NewReader(make([]byte, size))}
			got := answer(t, download(func(out *datasource.DownloadOutput) error {
				err := out.FileFrom(r, said, datasource.FileMeta{Name: "f"})
				if errors.Is(err, datasource.ErrTooLarge) != (err != nil) {
					t.Errorf("a file of %d bytes (%d): %v", size, said, err)
				}
				return err
			}), downloadRequest, maxResult)
			switch {
			case size <= 746_892 && (r.n != int(size) || len(got) > maxResult || !strings.HasPrefix(got, `{"type":"blob"`)):
				t.Errorf("a file of %d bytes (%d): %.100s", size, said, got)
			case size > 746_892 && (got != "the file is too large: over this connection, it may have 746892 bytes" || said >= 0 && r.n > 0 || r.n > 746_893):
				t.Errorf("a file of %d bytes (%d): %.100s; %d are read", size, said, got, r.n)
			}
		}
	}
}
