package sse_test

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime/sse"
)

// chunks returns a stream of 1,000 chunks of a model.
func chunks(end string) string {
	var stream strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&stream, `data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"small","choices":[{"index":0,"delta":{"content":" word%d"},"finish_reason":null}]}`+end+end, i)
	}
	return stream.String()
}

// readEvents returns how many events a stream has.
func readEvents(tb testing.TB, text string) (n int) {
	tb.Helper()
	for _, err := range sse.NewReader(strings.NewReader(text)).Events() {
		if err != nil {
			tb.Fatal(err)
		}
		n++
	}
	return n
}

// scanLines returns how many lines a stream has that are not blank.
func scanLines(text string) (n int) {
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		if len(s.Bytes()) > 0 {
			n++
		}
	}
	return n
}

// BenchmarkReader measures the chunks of a model, and reports how many times the speed of
// bufio.Scanner that is, which looks for lines only (x-scanner).
func BenchmarkReader(b *testing.B) {
	for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
		b.Run(name, func(b *testing.B) {
			text := chunks(end)
			lines := text
			if end == "\r" { // by which it does not split
				lines = strings.ReplaceAll(text, "\r", "\n")
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				if n := readEvents(b, text); n != 1000 {
					b.Fatal(n)
				}
				ours += time.Since(start)
				start = time.Now()
				if n := scanLines(lines); n != 1000 {
					b.Fatal(n)
				}
				theirs += time.Since(start)
			}
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x-scanner")
		})
	}
}
