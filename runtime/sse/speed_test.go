//go:build !race

// The race detector slows down what this file compares, by different factors.
package sse_test

import (
	"testing"
	"time"
)

// TestReaderSpeed checks that a Reader has half the speed of bufio.Scanner or more, which looks for lines
// only. It compares the shortest times of several rounds, so that what else the machine does hardly
// counts.
func TestReaderSpeed(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Skip("SKIPPED: the counters of coverage slow down the Reader only")
	}
	const rounds, least = 500, 0.5
	for name, end := range map[string]string{"LF": "\n", "CRLF": "\r\n"} {
		text := chunks(end)
		var ours, theirs time.Duration
		ratio := 0.0
		for round := 0; round < rounds && (round < 5 || ratio < least); round++ {
			start := time.Now()
			if n := readEvents(t, text); n != 1000 {
				t.Fatal(n)
			}
			ours = shorter(ours, time.Since(start))
			start = time.Now()
			if n := scanLines(text); n != 1000 {
				t.Fatal(n)
			}
			theirs = shorter(theirs, time.Since(start))
			ratio = theirs.Seconds() / ours.Seconds()
		}
		if ratio < least {
			t.Errorf("%s: %.2f times the speed of bufio.Scanner, want %v", name, ratio, least)
		}
		t.Logf("%s: %.2f times the speed of bufio.Scanner", name, ratio)
	}
}

func shorter(best, next time.Duration) time.Duration {
	if best == 0 {
		return next
	}
	return min(best, next)
}
