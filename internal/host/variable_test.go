package host_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// TestManyPieces checks that joining the pieces of a stream takes memory, and so time, that grows as
// the stream does. It is not parallel, since it measures.
func TestManyPieces(t *testing.T) { //nolint:paralleltest // see above
	const pieces, limit = 60_000, 500 << 20
	line := strings.Repeat("x", 19) + "\\n"
	text := strings.Repeat(strings.Repeat("x", 19)+"\n", pieces)
	list := func(format string) []json.RawMessage {
		results := make([]json.RawMessage, pieces)
		for i := range results {
			results[i] = json.RawMessage(fmt.Sprintf(format, line))
		}
		return results
	}
	variable := list(`{"type":"variable","message":{"variable_name":"content","variable_value":"%s","stream":true}}`)
	texts := list(`{"type":"text","message":{"text":"%s"}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	outputs := host.DocumentOutputs(variable)
	ofVariables, _ := host.NewToolResult(variable)
	ofTexts, _ := host.NewToolResult(texts)
	runtime.ReadMemStats(&after)
	if outputs["content"] != text || ofVariables.Variables["content"] != text || ofTexts.Text != text {
		t.Error("the pieces do not make the text")
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > limit {
		t.Errorf("joining %d pieces takes %d bytes", 3*pieces, n)
	}
}
