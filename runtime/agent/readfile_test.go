package agent_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/llm"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	const png = "\x89PNG\r\n\x1a\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/file" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(png))
	}))
	t.Cleanup(server.Close)
	data := []byte(png)
	for name, test := range map[string]struct {
		file runtime.File
		want llm.Part
		err  string
	}{
		"an image":      {runtime.File{Type: "image", MIMEType: "image/png", Filename: "a.png", Extension: ".png"}, &llm.Image{Data: data, MIMEType: "image/png", Filename: "a.png", Format: ".png"}, ""},
		"a URL alone":   {runtime.File{}, &llm.Image{Data: data, MIMEType: "image/png"}, ""},
		"a custom type": {runtime.File{Type: "custom", MIMEType: "video/mp4"}, &llm.Video{Data: data, MIMEType: "video/mp4"}, ""},
		"a recording":   {runtime.File{Type: "audio", MIMEType: "application/ogg"}, &llm.Audio{Data: data, MIMEType: "application/ogg"}, ""},
		"a document":    {runtime.File{Type: "document", MIMEType: "application/pdf"}, &llm.Document{Data: data, MIMEType: "application/pdf"}, ""},
		"one that is not there": {
			runtime.File{URL: server.URL + "/none?sign=s3cr3t", Filename: "a.png"}, nil, `reading the file "a.png" for a model: opening the file: `,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.file.URL == "" {
				test.file.URL = server.URL + "/file"
			}
			got, err := agent.ReadFile(t.Context(), test.file)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err) || strings.Contains(err.Error(), "s3cr3t")) {
				t.Errorf("got error %v, want %q", err, test.err)
			}
		})
	}
}
