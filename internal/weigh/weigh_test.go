package weigh_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/weigh"
)

// TestWeigh compares what a line is taken to weigh with the memory that it takes.
func TestWeigh(t *testing.T) { //nolint:paralleltest // measures the heap
	for name, text := range map[string]string{
		"a long text": `{"a":"` + strings.Repeat("x", 4<<20) + `"}`,
		"escapes":     `{"a":"` + strings.Repeat(`\"\\[{,`, 1<<19) + `"}`,
		"numbers":     `[` + strings.Repeat("1,", 1<<19) + `1]`,
		"lists":       `[` + strings.Repeat("[],", 1<<18) + `[]]`,
		"full lists":  `[` + strings.Repeat("[1],", 1<<18) + `[]]`,
		"objects":     `[` + strings.Repeat(`{"a":1},`, 1<<16) + `{}]`,
		"names":       `{` + numbered(`"name%d":1,`, 1<<17) + `"b":2}`,
		"short texts": `[` + strings.Repeat(`"ab",`, 1<<18) + `""]`,
		"deep":        strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"usual":       `[` + strings.Repeat(`{"id":12345,"name":"some name","tags":["a","b"],"open":true},`, 1<<14) + `{}]`,
	} {
		line := []byte(text)
		before := heapInUse()
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		took, weight := heapInUse()-before+int64(len(line)), int64(weigh.JSON(line))
		runtime.KeepAlive(v)
		if weight < took*9/10 || weight > 4*took+1<<20 {
			t.Errorf("%s of %d bytes takes %d with what it becomes, and weighs %d", name, len(line), took, weight)
		}
	}
}

// numbered repeats a format with numbers.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) //nolint:gosec // far less
}

// TestTooMuch checks that the limit is where it is, and that what is long may weigh little.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	const least = 350 // of {},
	for text, want := range map[string]bool{
		`[` + strings.Repeat(`{},`, weigh.Max/least) + `0]`:   true,
		`[` + strings.Repeat(`{},`, weigh.Max/least/2) + `0]`: false,
		`["` + strings.Repeat(`{},`, weigh.Max/least) + `"]`:  false,
		`{}`: false,
	} {
		if got := weigh.TooMuch([]byte(text)); got != want {
			t.Errorf("%.10s… of %d bytes, which weigh %d: %t", text, len(text), weigh.JSON([]byte(text)), got)
		}
	}
}

// FuzzWeigh checks that what is in texts does not count, wherever they end.
func FuzzWeigh(f *testing.F) {
	for _, text := range []string{"", `"`, `\`, `a\"b[{,`, "\\\\", "\x00é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line, err := json.Marshal([]string{text, text})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := weigh.JSON(line)-2*len(line), weigh.JSON([]byte(`["",""]`))-2*len(`["",""]`); got != want {
			t.Errorf("%s weighs %d more, want %d", line, got, want)
		}
		weigh.JSON([]byte(text)) // must not panic
	})
}
