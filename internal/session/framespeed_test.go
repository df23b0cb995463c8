//go:build !race

// The race detector slows down what this file compares, by different factors.
package session

import (
	"encoding/json"
	"io"
	"slices"
	"testing"
	"time"
)

// TestFrameSpeed checks that the line of a chunk, envelope and all, takes no longer than 1.3 times what
// json.Marshal takes for a plain struct of the same JSON. It compares medians of measurements by turns,
// in several rounds if need be, so that what else the machine does hardly counts.
func TestFrameSpeed(t *testing.T) { //nolint:paralleltest // it measures time
	if testing.CoverMode() != "" {
		t.Skip("SKIPPED: the counters of coverage slow down the line only")
	}
	const rounds, turns, times, most = 20, 51, 100, 1.3
	c, plain, ss := chunk(), newPlainChunk(t), newSession("4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e", newConnection(TCP, io.Discard))
	ways := []func() error{
		func() error { return ss.stream(c) },
		func() error { _, err := json.Marshal(plain); return err },
	}
	ratio := most + 1
	for round := 0; round < rounds && ratio > most; round++ {
		var took [2][]time.Duration
		for range turns {
			for i, f := range ways {
				start := time.Now()
				for range times {
					if err := f(); err != nil {
						t.Fatal(err)
					}
				}
				took[i] = append(took[i], time.Since(start))
			}
		}
		ratio = min(ratio, median(took[0])/median(took[1]))
	}
	if ratio > most {
		t.Errorf("the line of a chunk takes %.2f times what json.Marshal takes, want %v at most", ratio, most)
	}
	t.Logf("the line of a chunk takes %.2f times what json.Marshal takes", ratio)
}

func median(list []time.Duration) float64 {
	slices.Sort(list)
	return list[len(list)/2].Seconds()
}
