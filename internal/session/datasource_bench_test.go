package session

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// benchmarkAction measures requests to an action of a data source.
func benchmarkAction(b *testing.B, action runtime.DatasourceAction, fields string) {
	b.Helper()
	s := newTestServer(b, NewPlugin(Declaration{Manifest: "{}"}, nil, runtime.NewDatasource(runtime.DatasourceConfig{Name: "box", Actions: []runtime.DatasourceAction{action}})))
	request := []byte(`{"session_id":"s","event":"request","data":{"type":"datasource","action":"` + action.Name + `","provider":"box","datasource":"d","credentials":{},` + fields + `}}`)
	b.ReportAllocs()
	for b.Loop() {
		s.Answer(s.Context(), Stdio, request, "", io.Discard)
	}
}

// BenchmarkDownload sends a file of 3 MiB.
func BenchmarkDownload(b *testing.B) {
	data := bytes.Repeat([]byte("file"), 3<<20/4)
	b.Run("session", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		benchmarkAction(b, datasource.BindDownload("d", runtime.DecodeNoCredentials,
			func(_ context.Context, _ runtime.Call, _ runtime.NoCredentials, _ datasource.DownloadRequest, out *datasource.DownloadOutput) error {
				return out.FileFrom(bytes.NewReader(data), int64(len(data)), datasource.FileMeta{Name: "f"})
			}), `"request":{"id":"f"}`)
	})
	// What encoding/json makes of the message alone.
	b.Run("marshal", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(map[string]any{
				"type": "blob", "message": map[string]any{"blob": base64.StdEncoding.EncodeToString(data)}, "meta": map[string]any{"file_name": "f"},
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCrawl sends 1,000 pages of 4 KiB, with the progress.
func BenchmarkCrawl(b *testing.B) {
	page := datasource.WebPage{SourceURL: "https://site.example/page", Title: "Page", Content: strings.Repeat("A line of Markdown, with a \"quote\".\n", 4<<10/36)}
	b.SetBytes(int64(1000 * len(page.Content)))
	noParameters := func(map[string]any) (struct{}, error) { return struct{}{}, nil }
	benchmarkAction(b, datasource.BindCrawl("d", runtime.DecodeNoCredentials, noParameters,
		func(_ context.Context, _ runtime.Call, _ runtime.NoCredentials, _ struct{}, out *datasource.CrawlOutput) error {
			for i := range 1000 {
				if err := out.AddPage(page); err != nil {
					return err
				}
				if err := out.Progress(i+1, 1000); err != nil {
					return err
				}
			}
			return nil
		}), `"datasource_parameters":{}`)
}
