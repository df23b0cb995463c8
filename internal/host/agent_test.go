package host_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// TestAgentMessages checks what Dify does with the files of an agent strategy, which it puts together itself.
func TestAgentMessages(t *testing.T) {
	t.Parallel()
	chunk := func(size int, end bool) string {
		return fmt.Sprintf(`{"type":"blob_chunk","message":{"id":"a","sequence":0,"total_length":9,"blob":%q,"end":%t},"meta":{"filename":"f"}}`,
			base64.StdEncoding.EncodeToString(make([]byte, size)), end)
	}
	large := make([]string, host.MaxAgentFile/host.MaxBlobChunk+1)
	for i := range large {
		large[i] = chunk(host.MaxBlobChunk, false)
	}
	for name, test := range map[string]struct {
		results []string
		want    string // "" for no fault
	}{
		"text":             {[]string{`{"type":"text","message":{"text":"t"}}`}, ""},
		"chunks":           {[]string{chunk(8192, false), chunk(0, true)}, ""},
		"bytes at the end": {[]string{chunk(8192, false), chunk(5, true)}, "a strategy's message of type blob_chunk: Dify loses its 5 bytes, since it has end: end a file with a chunk without bytes"},
		"no end":           {[]string{chunk(1, false)}, "a file is lost, since no chunk has end: a"},
		"a file of 15 MiB": {append(large[:len(large)-1:len(large)-1], chunk(0, true)), ""},
		"more than 15 MiB": {append(large, chunk(0, true)), "a strategy's message of type blob_chunk: the file has more than 15728640 bytes"},
		"another word":     {[]string{`{"type":"word"}`}, `a strategy's message of type "word"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFault(t, host.ActionAgent, test.results, test.want)
		})
	}
	result, faults := host.NewAgentResult([]json.RawMessage{json.RawMessage(chunk(8192, false)), json.RawMessage(chunk(0, true))})
	if len(faults) > 0 || len(result.Files) != 1 || len(result.Files[0].Data) != 8192 || result.Files[0].Name != "f" {
		t.Errorf("got %+v, %q", result, faults)
	}
}
