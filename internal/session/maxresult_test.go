package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// answerOver returns what a plugin writes for a line over a transport, and the length of its longest
// line, in bytes.
func answerOver(tb testing.TB, s *Server, t Transport, line []byte) (list []string, longest int) {
	tb.Helper()
	var b bytes.Buffer
	s.Answer(s.Context(), t, line, "", &b)
	for l := range bytes.Lines(b.Bytes()) {
		longest = max(longest, len(l))
	}
	return messages(tb, b.Bytes()), longest
}

// TestMaxResult checks that a result of the size that a request says fits into a line, and that one
// byte more does not.
func TestMaxResult(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		transport Transport
		id        string
	}{
		"stdio":      {Stdio, "s"},
		"HTTP":       {HTTP, "s"},
		"escaped ID": {Stdio, strings.Repeat("\"\x00<ü", 100)},
	} {
		for _, more := range []int{0, 1} {
			s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
				return strings.Repeat("x", req.MaxResult-len(`""`)+more), nil
			}))
			got, longest := answerOver(t, s, test.transport, line(test.id, nil))
			refused := strings.HasPrefix(got[0], "TestError: a result of ")
			if refused != (more > 0) || !refused && longest != test.transport.MaxLine {
				t.Errorf("%s, %d more: %.80s; the longest line has %d bytes", name, more, got[0], longest)
			}
		}
	}
	limit := -1
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		limit = req.MaxResult
		return nil, nil
	}))
	if answerOver(t, s, TCP, line("s", nil)); limit != 0 {
		t.Errorf("over TCP, the largest result has %d bytes", limit)
	}
	// A line without room for a result is not one without a limit.
	if answerOver(t, s, Transport{MaxLine: 10}, line("s", nil)); limit != 1 {
		t.Errorf("in a line of 10 bytes, the largest result has %d", limit)
	}
}

// TestLargestFile checks that the largest file of a data source fits into a line, whatever its name is,
// and that a larger one is not read.
func TestLargestFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.txt", strings.Repeat("ü", 2000) + ".txt", strings.Repeat("\u2028", 600), `<"\&>.pdf`, strings.Repeat("n", 4<<10-len(`{"file_name":""}`+"\n"))} {
		for _, transport := range []Transport{Stdio, HTTP} {
			data, err := largestFile(t, transport, name)
			if err != nil {
				t.Errorf("%.20q: %v", name, err)
			} else if want := bytes.Repeat([]byte{0xfb}, len(data)); len(data) < 3_900_000 || !bytes.Equal(want, data) {
				t.Errorf("%.20q: the file has arrived as %d bytes, or changed", name, len(data))
			}
		}
	}
}

// largestFile returns the largest file of a data source as it has arrived.
func largestFile(t *testing.T, transport Transport, name string) ([]byte, error) {
	t.Helper()
	var larger error
	var read readBytes
	action := datasource.BindDownload("drive", runtime.DecodeNoCredentials,
		func(_ context.Context, _ runtime.Call, _ runtime.NoCredentials, _ datasource.DownloadRequest, out *datasource.DownloadOutput) error {
			larger = out.FileFrom(&read, out.MaxSize()+1, datasource.FileMeta{Name: name})
			return out.File(bytes.Repeat([]byte{0xfb}, int(out.MaxSize())), datasource.FileMeta{Name: name})
		})
	p := NewPlugin(Declaration{Manifest: "{}"}, nil, runtime.NewDatasource(runtime.DatasourceConfig{Name: "box", Actions: []runtime.DatasourceAction{action}}))
	got, longest := answerOver(t, newTestServer(t, p), transport, []byte(`{"session_id":"s","event":"request","data":{"type":"datasource","action":"invoke_online_drive_download_file",`+
		`"provider":"box","datasource":"drive","credentials":{},"request":{"id":"f"}}}`))
	var m struct {
		Type    string
		Message struct{ Blob []byte }
		Meta    map[string]string
	}
	if err := json.Unmarshal([]byte(got[0]), &m); err != nil {
		return nil, fmt.Errorf("%.100s: %w", got[0], err)
	}
	if diff := cmp.Diff(map[string]string{"file_name": name}, m.Meta); diff != "" || m.Type != "blob" {
		return nil, fmt.Errorf("%s: the meta differs (-want +got):\n%s", m.Type, diff)
	}
	if longest > transport.MaxLine || len(name) == 4079 && longest < transport.MaxLine-4 {
		return nil, fmt.Errorf("the longest line has %d bytes, and may have %d", longest, transport.MaxLine)
	}
	if larger == nil || read > 0 {
		return nil, fmt.Errorf("a larger file: %w after %d bytes", larger, read)
	}
	return m.Message.Blob, nil
}

// readBytes counts the bytes that are read from it.
type readBytes int

func (c *readBytes) Read(p []byte) (int, error) {
	*c += readBytes(len(p))
	return len(p), io.EOF
}
