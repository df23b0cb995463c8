package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// chunk returns a chunk such as a model writes thousands of.
func chunk() *llm.Chunk {
	return &llm.Chunk{Model: "gpt-4o-mini", Index: 7, Message: llm.Assistant(" the quick\nbrown")}
}

// plainChunk is a chunk without methods, which has the same JSON.
type plainChunk struct {
	Model string `json:"model"`
	Delta struct {
		Index   int `json:"index"`
		Message struct {
			Role      string     `json:"role"`
			Content   string     `json:"content"`
			ToolCalls []struct{} `json:"tool_calls"`
		} `json:"message"`
		Usage        *struct{} `json:"usage"`
		FinishReason *string   `json:"finish_reason"`
	} `json:"delta"`
}

func newPlainChunk(tb testing.TB) *plainChunk {
	tb.Helper()
	data, err := chunk().MarshalJSON()
	if err != nil {
		tb.Fatal(err)
	}
	p := new(plainChunk)
	if err := json.Unmarshal(data, p); err != nil {
		tb.Fatal(err)
	}
	if same, err := json.Marshal(p); err != nil || string(same) != string(data) {
		tb.Fatalf("%s, %v, want %s", same, err, data)
	}
	return p
}

// TestAppender checks that a result which appends its JSON is in the same line as one of
// encoding/json.
func TestAppender(t *testing.T) {
	t.Parallel()
	id := []byte(`"s"`)
	got, err := encodeMessage(nil, id, typeStream, chunk())
	if err != nil {
		t.Fatal(err)
	}
	want, err := encodeMessage(nil, id, typeStream, newPlainChunk(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := encodeMessage(nil, id, typeStream, llm.Chunk{}); err == nil {
		t.Error("a chunk that is wrong is encoded")
	}
	long := chunk()
	long.Message = llm.Assistant(strings.Repeat("x", 100))
	ss := newSession("s", newConnection(Transport{MaxLine: 100}, io.Discard))
	if err := ss.stream(long); err == nil || !strings.Contains(err.Error(), "the host accepts 100") {
		t.Errorf("a chunk that is too long: %v", err)
	}
}

// TestStreamAllocates checks that the lines of chunks are made in a buffer that is used again, unless
// it is large. The race detector makes pools forget a quarter of what they get.
func TestStreamAllocates(t *testing.T) { //nolint:paralleltest // it measures memory
	const times = 2000
	ss := newSession("s", newConnection(TCP, io.Discard))
	perChunk := func(c *llm.Chunk) uint64 {
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		for range times {
			if err := ss.stream(c); err != nil {
				t.Error(err)
			}
		}
		goruntime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) / times
	}
	if n := perChunk(chunk()); n > 500 {
		t.Errorf("a small chunk takes %d bytes", n)
	}
	if n := perChunk(&llm.Chunk{Model: "m", Message: llm.Assistant(strings.Repeat("x", keptLine))}); n < keptLine {
		t.Errorf("a large chunk takes %d bytes: its buffer is kept", n)
	}
}

// TestStreamsAtOnce streams from many sessions to a host that reads slowly, and checks that each line
// has what its session has sent: its buffer is not used again before it is written.
func TestStreamsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const sessions, chunks = 20, 10
		slow := &slowWriter{}
		conn := newConnection(TCP, slow)
		want := make(map[string]int)
		var all sync.WaitGroup
		for i := range sessions {
			id := strconv.Itoa(i)
			ss := newSession(id, conn)
			for j := range chunks {
				c := &llm.Chunk{Model: "m", Message: llm.Assistant(fmt.Sprint(id, " says ", j))}
				line, err := encodeMessage(nil, ss.json, typeStream, c)
				if err != nil {
					t.Fatal(err)
				}
				want[string(line)]++
				all.Go(func() {
					time.Sleep(time.Duration(j) * time.Second) // fake
					if err := ss.stream(c); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		got := make(map[string]int)
		for l := range strings.Lines(slow.written.String()) {
			got[l]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// slowWriter takes a second for a line.
type slowWriter struct{ written bytes.Buffer }

func (w *slowWriter) Write(line []byte) (int, error) {
	time.Sleep(time.Second) // fake
	return w.written.Write(line)
}

// streamer returns a server whose route streams so many chunks, and calls between after each.
func streamer(tb testing.TB, chunks int, between func(i int)) *Server {
	tb.Helper()
	return newTestServer(tb, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		out := llm.NewOutput(runtime.ModelCall{Model: "m"}, true, func(c *llm.Chunk) error { return req.Stream(c) })
		for i := range chunks {
			if err := out.Text("Lorem "); err != nil {
				return nil, err
			}
			between(i)
		}
		return nil, out.End(nil)
	}))
}

// TestSteadyMemory streams chunks and checks that they leave nothing behind.
func TestSteadyMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	const chunks = 100_000
	heap := func() uint64 {
		goruntime.GC()
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var before, after uint64
	s := streamer(t, chunks, func(i int) {
		switch i {
		case 1000:
			before = heap()
		case chunks - 1:
			after = heap()
		}
	})
	lines := lineCounter(0)
	s.Answer(t.Context(), TCP, line("s", nil), "", &lines)
	if want := lineCounter(chunks + 2); lines != want { // the last chunk and the end
		t.Errorf("%d lines, want %d", lines, want)
	}
	if grown := int64(after) - int64(before); grown > 256<<10 {
		t.Errorf("%d chunks leave %d KiB behind", chunks, grown>>10)
	}
}

// lineCounter counts the lines that are written.
type lineCounter int

func (c *lineCounter) Write(data []byte) (int, error) {
	*c += lineCounter(strings.Count(string(data), "\n"))
	return len(data), nil
}

// BenchmarkFrame makes and sends the line of a chunk, and compares with json.Marshal of a plain struct
// of the same JSON, without a line around it.
func BenchmarkFrame(b *testing.B) {
	c, plain, ss := chunk(), newPlainChunk(b), newSession("4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e", newConnection(TCP, io.Discard))
	b.ReportAllocs()
	const times = 50
	var took [2]float64
	for b.Loop() {
		for i, f := range []func() error{
			func() error { return ss.stream(c) },
			func() error { _, err := json.Marshal(plain); return err },
		} {
			start := b.Elapsed()
			for range times {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			took[i] += float64(b.Elapsed() - start)
		}
	}
	b.ReportMetric(took[0]/took[1], "ratio")
}

// BenchmarkStream streams chunks of a model, into memory and through a pipe.
func BenchmarkStream(b *testing.B) {
	const chunks = 1000
	s := streamer(b, chunks, func(int) {})
	in := line("s", nil)
	for _, way := range []string{"memory", "pipe"} {
		b.Run(way, func(b *testing.B) {
			out := io.Discard
			if way == "pipe" {
				r, w, err := os.Pipe()
				if err != nil {
					b.Fatal(err)
				}
				read := make(chan struct{})
				go func() {
					defer close(read)
					_, _ = io.Copy(io.Discard, r)
				}()
				defer func() {
					_ = w.Close()
					<-read
					_ = r.Close()
				}()
				out = w
			}
			b.ReportAllocs()
			for b.Loop() {
				s.Answer(b.Context(), TCP, in, "", out)
			}
			b.ReportMetric(float64(chunks*b.N)/b.Elapsed().Seconds(), "chunks/s")
		})
	}
}
