package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

const signature = "sign=SECRET"

// newUpload returns a service whose files go to handler, and the requests that it makes of Dify.
func newUpload(t *testing.T, handler http.HandlerFunc) (upload invoke.Upload, requests *[]string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	requests = new([]string)
	return newSession(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
		*requests = append(*requests, typ+" "+string(request))
		return raw(fmt.Sprintf(`{"url":%q}`, server.URL+"/files/upload/for-plugin?"+signature)), nil
	}).Upload(), requests
}

func TestUpload(t *testing.T) {
	type sent struct{ Filename, MIMEType, Content, Query string }
	var got sent
	upload, requests := newUpload(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "moved") { // on the same host
			http.Redirect(w, r, "/moved?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
			return
		}
		if r.ContentLength <= 0 {
			t.Errorf("Content-Length is %d", r.ContentLength)
		}
		file, header, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		content, err := io.ReadAll(file)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s, %v", r.Method, err)
		}
		got = sent{header.Filename, header.Header.Get("Content-Type"), string(content), r.URL.RawQuery}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":"1","name":"ü b.pdf","size":7,"extension":"pdf","mime_type":"application/pdf","created_by":"x","created_at":1,"preview_url":"https://x"}`)
	})
	file, err := upload.File(t.Context(), "ü b.pdf", "Application/PDF; charset=utf-8", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`upload_file {"filename":"ü b.pdf","mimetype":"application/pdf"}`}, *requests); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(sent{"ü b.pdf", "application/pdf", "content", signature}, got); diff != "" {
		t.Error(diff)
	}
	want := &invoke.UploadedFile{ID: "1", Name: "ü b.pdf", Size: 7, Extension: ".pdf", MIMEType: "application/pdf", PreviewURL: "https://x"}
	if diff := cmp.Diff(want, file); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"tool_file_id": "1", "transfer_method": "tool_file", "type": "document"}, file.AppInput()); diff != "" {
		t.Error(diff)
	}
}

func TestUploadFindsTheMIMEType(t *testing.T) {
	upload, requests := newUpload(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":"1"}`)
	})
	for _, name := range []string{"a.png", "a"} {
		if _, err := upload.File(t.Context(), name, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`upload_file {"filename":"a.png","mimetype":"image/png"}`,
		`upload_file {"filename":"a","mimetype":"application/octet-stream"}`,
	}
	if diff := cmp.Diff(want, *requests); diff != "" {
		t.Error(diff)
	}
}

func TestTypesOfUploadedFiles(t *testing.T) {
	for want, files := range map[string][]invoke.UploadedFile{
		"image":    {{Extension: ".PNG"}, {MIMEType: "image/tiff"}, {Name: "a.jpg", Extension: ".jpg"}},
		"audio":    {{Extension: ".mp3"}, {MIMEType: "audio/flac"}},
		"video":    {{Extension: ".mp4"}, {MIMEType: "video/x-msvideo"}},
		"document": {{Extension: ".docx"}, {MIMEType: "text/x-go"}, {MIMEType: "application/pdf"}},
		"custom":   {{Extension: ".zip", MIMEType: "application/zip"}, {}},
	} {
		for _, file := range files {
			if got := file.Type(); got != want {
				t.Errorf("%+v is of type %s, want %s", file, got, want)
			}
		}
	}
}

func TestUploadErrors(t *testing.T) {
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	other := httptest.NewServer(status(http.StatusCreated, `{"id":"stolen"}`))
	defer other.Close()
	redirect := func(code int, to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, code) }
	}
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		status  int
		want    string
	}{
		{"too large", status(413, "SECRET"), 413, "uploading a file to Dify: the service returned status 413 Request Entity Too Large"},
		{"not created", status(200, `{"id":"1"}`), 200, "uploading a file to Dify: the service returned status 200 OK"},
		{"no JSON", status(201, "SECRET"), 0, "uploading a file to Dify: the response does not describe a file"},
		{"no ID", status(201, "{}"), 0, "uploading a file to Dify: the response does not describe a file"},
		{"long", status(201, strings.Repeat(" ", 64<<10)+"{}"), 0, "uploading a file to Dify: the response has more than 65536 bytes"},
		{
			"to another host", redirect(http.StatusTemporaryRedirect, other.URL), 0,
			"uploading a file to Dify: could not reach the service: the response redirects a request with a body to another host",
		},
		{
			"without the file", redirect(http.StatusSeeOther, "/elsewhere?"+signature), 0,
			"uploading a file to Dify: could not reach the service: the response redirects without the file",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			upload, _ := newUpload(t, test.handler)
			file, err := upload.File(t.Context(), "a.pdf", "application/pdf", []byte("x"))
			if err == nil || err.Error() != test.want {
				t.Errorf("%+v, error %v, want %s", file, err, test.want)
			}
			if got := runtime.StatusCode(err); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
		})
	}
}

func TestUploadToABadURL(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, target := range []string{
		"/files/upload?" + signature, "https://[?" + signature, "ftp://x/?" + signature, "", closed.URL + "?" + signature, "http://x/\x7f?" + signature,
	} {
		upload := newSession(t, reply(fmt.Sprintf(`{"url":%s}`, quote(target)))).Upload()
		_, err := upload.File(t.Context(), "a.pdf", "", nil)
		if err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "://x") {
			t.Errorf("%q: error %v", target, err)
		}
		var urlErr *url.Error
		if errors.As(err, &urlErr) {
			t.Errorf("%q: the error has the URL: %#v", target, urlErr)
		}
	}
}

func quote(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

func TestUploadIsCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	upload, _ := newUpload(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	if _, err := upload.File(ctx, "a.pdf", "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestUploadsAreChecked(t *testing.T) {
	upload := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("a wrong request has been sent")
		return nil, nil
	}).Upload()
	const forbidden = `the name of a file for Dify must not contain any of / \ : * ? " < > |`
	for _, test := range []struct{ name, mimeType, want string }{
		{"", "", "a file for Dify has no name"},
		{"a/b", "", forbidden},
		{`a"; x="`, "", forbidden},
		{"a\r\nb", "", "the name of a file for Dify must be UTF-8 without control characters"},
		{"\xff", "", "the name of a file for Dify must be UTF-8 without control characters"},
		{"a", "pdf", "the MIME type of a file for Dify must be one such as application/pdf"},
		{"a", "a/b; =", "the MIME type of a file for Dify must be one such as application/pdf"},
		{"a", "a/b\r\nX: y", "the MIME type of a file for Dify must be one such as application/pdf"},
	} {
		if _, err := upload.File(t.Context(), test.name, test.mimeType, nil); err == nil || err.Error() != test.want {
			t.Errorf("%q, %q: error %v, want %s", test.name, test.mimeType, err, test.want)
		}
	}
}

func ExampleUpload_File() {
	report := func(ctx context.Context, upload invoke.Upload, apps invoke.Apps, pdf []byte) error {
		file, err := upload.File(ctx, "report.pdf", "application/pdf", pdf)
		if err != nil {
			return err
		}
		_, err = apps.WorkflowBlocking(ctx, &invoke.WorkflowRequest{AppID: "…", Inputs: map[string]any{"report": file.AppInput()}})
		return err
	}
	fmt.Println(report(context.Background(), invoke.Upload{}, invoke.Apps{}, nil))
	// Output: no call back into Dify: the context is not that of a request
}
