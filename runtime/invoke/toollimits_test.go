package invoke

import (
	"fmt"
	"testing"
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

	files = toolFiles{size: maxOpenBytes - 1}
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
