package sdk_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// roundsEnv is the environment variable that says how often TestSpeed measures.
const roundsEnv = "DIFYGEN_SDK_ROUNDS"

// quantity is something that is measured.
type quantity struct {
	name, unit string
	more       bool // whether more is better
}

// measurement measures quantities of a plugin that has answered a request.
type measurement struct {
	quantities []quantity
	take       func(p *process) ([]float64, error)
}

// check is a check of credentials.
var check = request{"", "validate_provider_credentials", "", "", nil}

const (
	chunks       = 20_000 // of one stream
	streams      = 100
	streamChunks = 100 // of each of several streams
	pause        = 20 * time.Millisecond
	pausedChunks = 50
)

// repeat is a call whose answer has so many chunks, with a pause before each, and one at the end.
func repeat(n int, pause time.Duration) request {
	return request{"", "invoke_llm", "llm", "words", call(fmt.Sprintf("repeat %d %d", n, pause.Milliseconds()), nil)}
}

var start = quantity{"from the start to the first answer", "ms", false}

var measurements = []measurement{
	{[]quantity{{"memory at rest", "MiB", false}}, func(p *process) ([]float64, error) {
		if _, err := p.do(repeat(1, 0), 2); err != nil {
			return nil, err
		}
		return atRest(p)
	}},
	{
		[]quantity{{"checks of credentials, one after the other", "/s", true}},
		func(p *process) ([]float64, error) { return perSecond(p, 500, 1) },
	},
	{
		[]quantity{{"checks of credentials, 32 at once", "/s", true}},
		func(p *process) ([]float64, error) { return perSecond(p, 2000, 32) },
	},
	{[]quantity{{"chunks of one stream", "/s", true}}, func(p *process) ([]float64, error) {
		s, err := p.do(repeat(chunks, 0), chunks+1)
		if err != nil {
			return nil, err
		}
		return []float64{chunks / s.end.Sub(s.first).Seconds()}, nil
	}},
	{
		[]quantity{
			{"100 streams at once, 100 chunks each: the first chunk, median", "ms", false},
			{"the same: the first chunk, latest", "ms", false},
			{"the same: the end, latest", "ms", false},
		},
		func(p *process) ([]float64, error) {
			all, err := atOnce(p, streamChunks, 0)
			if err != nil {
				return nil, err
			}
			first, end := since(all, func(s *session) time.Time { return s.first }), since(all, func(s *session) time.Time { return s.end })
			return []float64{median(first), slices.Max(first), slices.Max(end)}, nil
		},
	},
	{
		[]quantity{{"100 streams at once, 50 chunks each, one each 20 ms: how much longer than 1 s", "ms", false}},
		func(p *process) ([]float64, error) {
			all, err := atOnce(p, pausedChunks, pause)
			if err != nil {
				return nil, err
			}
			end := slices.Max(since(all, func(s *session) time.Time { return s.end }))
			return []float64{end - milliseconds(pausedChunks*pause)}, nil
		},
	},
	{[]quantity{{"memory after all this", "MiB", false}}, atRest},
}

// atRest returns how much memory a plugin takes once that has been the same for a while, in MiB.
func atRest(p *process) ([]float64, error) {
	before := -1
	for range 40 {
		bytes, err := p.memory()
		if err != nil || bytes == before {
			return []float64{float64(bytes) / (1 << 20)}, err
		}
		before = bytes
		<-time.After(time.Second / 4)
	}
	return nil, errors.New("the memory of the plugin does not come to rest")
}

// perSecond returns how many checks of credentials a plugin makes, of which some are sent at once.
func perSecond(p *process, n, together int) ([]float64, error) {
	begin := time.Now()
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	errs := make([]error, together)
	var group sync.WaitGroup
	for i := range together {
		group.Go(func() {
			for range work {
				if _, errs[i] = p.do(check, 1); errs[i] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return []float64{float64(n) / time.Since(begin).Seconds()}, errors.Join(errs...)
}

// atOnce starts streams and waits for their ends.
func atOnce(p *process, n int, pause time.Duration) ([]*session, error) {
	var all []*session
	for range streams {
		s, err := p.send(repeat(n, pause))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	for _, s := range all {
		if err := p.wait(s, n+1); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// since returns when something has happened in each session, in milliseconds after it was sent.
func since(all []*session, when func(*session) time.Time) []float64 {
	var values []float64
	for _, s := range all {
		values = append(values, milliseconds(when(s).Sub(s.sent)))
	}
	return values
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// TestSpeed measures both plugins by turns, and shows the medians. That in Go must be ahead on the
// whole: the geometric mean of the ratios must be more than 1. A single one can be anything on a
// machine that is busy.
func TestSpeed(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv(roundsEnv))
	if err != nil || rounds < 1 {
		t.Skipf("SKIPPED: set %s to how often to measure", roundsEnv)
	}
	inGo, inPython := plugins(t, "parrot")
	var ours, theirs [][]float64
	for round := range rounds + 1 {
		a, b := measure(t, inGo), measure(t, inPython)
		if round > 0 { // the first warms the caches of the machine and of the interpreter
			ours, theirs = append(ours, a), append(theirs, b)
		}
	}
	quantities := []quantity{start}
	for _, m := range measurements {
		quantities = append(quantities, m.quantities...)
	}
	var table strings.Builder
	product := 1.0
	for i, q := range quantities {
		a, b := column(ours, i), column(theirs, i)
		ratio := q.ratio(median(a), median(b))
		product *= ratio
		fmt.Fprintf(&table, "| %s | %s | %s | %.1f |\n", q.name, q.figure(a), q.figure(b), ratio)
	}
	t.Logf("medians of %d (lowest to highest)\n| | Go | Python | ratio |\n|---|---|---|---|\n%s", rounds, table.String())
	if mean := math.Pow(product, 1/float64(len(quantities))); mean <= 1 || math.IsNaN(mean) {
		t.Errorf("the mean of the ratios is %.2f", mean)
	}
}

// measure measures a plugin once.
func measure(t *testing.T, p plugin) []float64 {
	t.Helper()
	begin := time.Now()
	process := launch(t, p)
	defer process.stop()
	first, err := process.do(check, 1)
	if err != nil {
		t.Fatalf("the start of the plugin in %s: %v", p.language, err)
	}
	values := []float64{milliseconds(first.end.Sub(begin))}
	for _, m := range measurements {
		taken, err := m.take(process)
		if err != nil {
			t.Fatalf("%s, in %s: %v", m.quantities[0].name, p.language, err)
		}
		values = append(values, taken...)
	}
	return values
}

// column returns a value of each round.
func column(rounds [][]float64, i int) []float64 {
	var values []float64
	for _, round := range rounds {
		values = append(values, round[i])
	}
	return values
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// figure returns the median, and the lowest and the highest value.
func (q quantity) figure(values []float64) string {
	return fmt.Sprintf("%s %s (%s to %s)", round(median(values)), q.unit, round(slices.Min(values)), round(slices.Max(values)))
}

// round returns a value with three digits.
func round(v float64) string {
	switch {
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	return digits[:len(digits)-3] + "," + digits[len(digits)-3:]
}

// ratio returns how many times better the first value is.
func (q quantity) ratio(inGo, inPython float64) float64 {
	if q.more {
		return inGo / inPython
	}
	return inPython / inGo
}
