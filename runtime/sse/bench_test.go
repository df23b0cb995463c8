package sse_test

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime/sse"
)

// BenchmarkReader measures the chunks of a model, and reports how many times the speed of
// bufio.Scanner that is, which looks for lines only (x-scanner).
func BenchmarkReader(b *testing.B) {
	for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
		b.Run(name, func(b *testing.B) {
			var stream strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&stream, `data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"small","choices":[{"index":0,"delta":{"content":" word%d"},"finish_reason":null}]}`+end+end, i)
			}
			text := stream.String()
			lines := text
			if end == "\r" { // by which it does not split
				lines = strings.ReplaceAll(text, "\r", "\n")
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				r := sse.NewReader(strings.NewReader(text))
				n := 0
				for _, err := range r.Events() {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				ours += time.Since(start)
				if n != 1000 {
					b.Fatal(n)
				}
				start = time.Now()
				s := bufio.NewScanner(strings.NewReader(lines))
				for s.Scan() {
					n += len(s.Bytes())
				}
				theirs += time.Since(start)
			}
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x-scanner")
		})
	}
}
