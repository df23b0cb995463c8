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

	"github.com/difygen/difygen/internal/difyhost"
	"github.com/difygen/difygen/serve"
)

// BenchmarkValidate measures the round trip of a credential check that does nothing, one
// at a time. It reports the median.
func BenchmarkValidate(b *testing.B) {
	for _, name := range []string{"local", "remote", "serverless"} {
		b.Run(name, func(b *testing.B) {
			p := transports[name](b, boxFiles(), append(newBox().bindings(), serve.WithLogger(nil))...)
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				validateOnce(b, p.host)
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
		})
	}
}

func validateOnce(tb testing.TB, host difyhost.Host) {
	tb.Helper()
	response, err := host.Call(tb.Context(), "tool", "validate_tool_credentials", withMode(""))
	if err != nil || response.Err != nil {
		tb.Error(response, err)
	}
}

// BenchmarkThroughput measures the same with 64 concurrent requests. Host and plugin
// share the processors.
func BenchmarkThroughput(b *testing.B) {
	for _, name := range []string{"local", "remote", "serverless"} {
		b.Run(name, func(b *testing.B) {
			p := transports[name](b, boxFiles(), append(newBox().bindings(), serve.WithLogger(nil))...)
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wait sync.WaitGroup
			for range 64 {
				wait.Go(func() {
					for left.Add(-1) >= 0 {
						validateOnce(b, p.host)
					}
				})
			}
			wait.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
		})
	}
}

// BenchmarkStart measures the time from Run until the plugin has registered.
func BenchmarkStart(b *testing.B) {
	server, err := difyhost.Listen("", debugKey)
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	for b.Loop() {
		p := run(b, remoteEnv(server), nil, nil, nil, boxFiles(), newBox().bindings())
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
	p := startRemote(t, boxFiles(), append(newBox().bindings(), serve.WithLogger(nil))...)
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
