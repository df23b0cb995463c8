package serve_test

import (
	"os"
	goruntime "runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// BenchmarkValidate measures the round trip of a credential check that does nothing, one
// at a time. It reports the median.
func BenchmarkValidate(b *testing.B) { benchmarkRoundTrip(b, validateOnce) }

// BenchmarkInvokeTool measures the round trip of a tool that sends a text, one at a time. It
// reports the median.
func BenchmarkInvokeTool(b *testing.B) { benchmarkRoundTrip(b, invokeOnce) }

func benchmarkRoundTrip(b *testing.B, call func(testing.TB, host.Host)) {
	b.Helper()
	for _, name := range []string{"local", "remote", "serverless"} {
		b.Run(name, func(b *testing.B) {
			p := transports[name](b, newBox().plugin(serve.WithLogger(nil)))
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				call(b, p.host)
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
		})
	}
}

func invokeOnce(tb testing.TB, host host.Host) {
	tb.Helper()
	response, err := host.Call(tb.Context(), "tool", "invoke_tool", tool("echo", withMode("")))
	if err != nil || response.Err != nil || len(response.Results) != 1 {
		tb.Error(response, err)
	}
}

func validateOnce(tb testing.TB, host host.Host) {
	tb.Helper()
	response, err := host.Call(tb.Context(), "tool", "validate_tool_credentials", withMode(""))
	if err != nil || response.Err != nil {
		tb.Error(response, err)
	}
}

// BenchmarkThroughput measures the same with 64 concurrent requests. Host and plugin
// share the processors. It also reports the rate as a share of that of a program which answers
// with the same bytes and does nothing else. The two take turns, since what else the machine does
// changes over time.
func BenchmarkThroughput(b *testing.B) {
	for _, name := range []string{"local", "remote", "serverless"} {
		b.Run(name, func(b *testing.B) {
			p := transports[name](b, newBox().plugin(serve.WithLogger(nil)))
			echo := echoes[name](b)
			validateOnce(b, echo) // and connect
			const turns = 16
			var floor, took time.Duration
			b.ResetTimer()
			for i := range turns {
				n := (b.N + i) / turns // together, b.N
				b.StopTimer()
				floor += throughput(b, echo, n)
				b.StartTimer()
				took += throughput(b, p.host, n)
			}
			b.ReportMetric(float64(b.N)/took.Seconds(), "req/s")
			b.ReportMetric(floor.Seconds()/took.Seconds(), "x-echo")
		})
	}
}

// throughput returns how long n requests take, 64 at a time.
func throughput(b *testing.B, h host.Host, n int) time.Duration {
	b.Helper()
	start := time.Now()
	var left atomic.Int64
	left.Store(int64(n))
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				validateOnce(b, h)
			}
		})
	}
	wait.Wait()
	return time.Since(start)
}

// BenchmarkStart measures the time from Run until the plugin has registered.
func BenchmarkStart(b *testing.B) {
	server, err := host.Listen("", debugKey)
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	for b.Loop() {
		p := run(b, remoteEnv(server), nil, nil, nil, newBox().plugin())
		registered, err := server.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		p.host = registered
		p.end(b)
		b.StartTimer()
	}
}

// soakEnv is the environment variable with the number of requests of TestSoak.
const soakEnv = "DIFYGEN_SOAK"

// TestSoak checks that memory stays flat over very many requests.
func TestSoak(t *testing.T) {
	requests := 20_000
	if s := os.Getenv(soakEnv); s != "" {
		var err error
		if requests, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	p := startRemote(t, newBox().plugin(serve.WithLogger(nil)))
	ask := func(n int) {
		var wait sync.WaitGroup
		for range 16 {
			wait.Go(func() {
				for range n / 16 {
					validateOnce(t, p.host)
				}
			})
		}
		wait.Wait()
	}
	ask(requests / 10)
	before := heap()
	ask(requests)
	after := heap()
	t.Logf("%d requests: the heap went from %d to %d KiB", requests, before>>10, after>>10)
	if grown := after - before; grown > 1<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
}

// heap returns the size of the heap in use, in bytes.
func heap() int64 {
	goruntime.GC()
	goruntime.GC() // frees what finalizers kept
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
