package invoke

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// These tests start near the limits, which take long to reach.

func TestFilesOfToolsAreBounded(t *testing.T) {
	oneByte := []byte(`{"type":"blob_chunk","message":{"id":"a","blob":"eA=="}}`)
	files := toolFiles{open: map[string]*openFile{"a": {data: make([]byte, maxToolFile-1)}}, size: maxToolFile - 1}
	if _, err := files.decode(oneByte); err != nil {
		t.Error(err)
	}
	_, err := files.decode(oneByte)
	if want := "a file of the tool has more than 52428800 bytes"; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}

	files = toolFiles{size: maxOpenBytes - 2} // the ID counts
	if _, err := files.decode(oneByte); err != nil {
		t.Error(err)
	}
	_, err = files.decode(oneByte)
	if want := "the files that the tool has not completed have more than 104857600 bytes"; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestCompleteFilesOfToolsAreNotCounted(t *testing.T) {
	var files toolFiles
	for range maxOpenFiles + 1 {
		message, err := files.decode([]byte(`{"type":"blob_chunk","message":{"id":"a","blob":"eA==","end":true}}`))
		if err != nil || message == nil {
			t.Fatal(message, err)
		}
	}
	if files.size != 0 || len(files.open) != 0 {
		t.Errorf("%d bytes of %d files", files.size, len(files.open))
	}
}

func TestResultsOfToolsAreBounded(t *testing.T) {
	c := newToolCollector()
	c.size = maxToolResult - messageSize - 1
	if err := c.add(&ToolText{Text: "x"}); err != nil {
		t.Error(err)
	}
	err := c.add(&ToolText{})
	if want := "the tool has sent more than 104857600 bytes: read its messages with Stream"; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestOpenFilesOfToolsKeepLittle checks that of a file that is not complete, nothing is kept beside
// its bytes but what names it, which counts.
func TestOpenFilesOfToolsKeepLittle(t *testing.T) {
	const chunk = `{"type":"blob_chunk","message":{"id":"a%s","blob":"eA==","end":%t},"meta":{%s"x":["much"]}}`
	var files toolFiles
	if _, err := files.decode(fmt.Appendf(nil, chunk, "bc", false, `"filename":"n.txt","mime_type":"text/plain",`)); err != nil {
		t.Fatal(err)
	}
	if want := len("x") + len("abc") + len("n.txt") + len("text/plain"); files.size != want {
		t.Errorf("%d bytes, want %d", files.size, want)
	}
	if diff := cmp.Diff(&openFile{[]byte("x"), 0, "n.txt", "text/plain"}, files.open["abc"], cmp.AllowUnexported(openFile{})); diff != "" {
		t.Error(diff)
	}
	message, err := files.decode(fmt.Appendf(nil, chunk, "bc", true, ""))
	want := &ToolFile{Type: "blob", Data: []byte("xx"), Name: "n.txt", MIMEType: "text/plain", Meta: map[string]any{"x": []any{"much"}}}
	if diff := cmp.Diff(ToolMessage(want), message); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if files.size != 0 {
		t.Errorf("%d bytes are left", files.size)
	}
	files.size = maxOpenBytes - 5
	if _, err := files.decode(fmt.Appendf(nil, chunk, "bcdef", false, "")); err == nil {
		t.Error("an ID that is too long is kept")
	}
}

// TestSizesOfMessages checks that what a result takes is not counted as less than half of it.
func TestSizesOfMessages(t *testing.T) {
	const n = 200_000
	for name, one := range map[string]string{
		"objects":  `{"type":"link","message":{"text":"x"},"meta":{"x":[` + strings.Repeat(`{},`, n) + `{}]}}`,
		"names":    `{"type":"image","message":{"text":"x"},"meta":{"x":[` + strings.Repeat(`{"a":1},`, n) + `{}]}}`,
		"lists":    `{"type":"x","meta":{"x":[` + strings.Repeat(`[1],`, n) + `[]]}}`,
		"texts":    `{"type":"x","meta":{"x":[` + strings.Repeat(`"ab",`, n) + `""]}}`,
		"passages": `{"type":"retriever_resources","message":{"retriever_resources":[` + strings.Repeat(`{},`, n) + `{}]}}`,
		"metadata": `{"type":"retriever_resources","message":{"retriever_resources":[` + strings.Repeat(`{"doc_metadata":{"a":[{},{}]}},`, n/4) + `{}]}}`,
	} {
		var files toolFiles
		before := heap()
		message, err := files.decode([]byte(one))
		if err != nil {
			t.Fatal(err)
		}
		took := heap() - before
		if size := message.size(); size < took/2 || size > 2*took {
			t.Errorf("%s take %d bytes, and count %d", name, took, size)
		}
		runtime.KeepAlive(message)
	}
}

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc) //nolint:gosec // far less
}
