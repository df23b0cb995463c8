package session

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// storageCall is a call as package invoke makes it.
type storageCall struct {
	Opt string `json:"opt"`
	Key string `json:"key"`
}

// storageReply is what a host answers, after the ID of the call and before the rest of the line.
const (
	storageStart = `{"session_id":"4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e","conversation_id":null,"message_id":null,"app_id":null,"endpoint_id":null,` +
		`"context":null,"event":"backwards_response","data":{"backwards_request_id":"`
	storageValue = `","event":"response","message":"struct","data":{"data":"68656c6c6f2c20776f726c64"}}}` + "\n"
	storageEnd   = `","event":"end","message":"","data":null}}` + "\n"
)

// BenchmarkInvoke measures the round trip of a call back into Dify over two pipes to another process,
// until its reply is there. It also reports it as a ratio to that of the same bytes, exchanged by a
// plain program: one whose only goroutine writes a line and reads the reply, and one that has a
// goroutine which reads and wakes another, as every plugin must that serves several requests over one
// connection. They take turns, since what else the machine does changes over time.
func BenchmarkInvoke(b *testing.B) {
	plain, relay, call := startPlain(b, false), startPlain(b, true), startCalls(b)
	const turns = 32
	var alone, woken, took time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for i := range turns {
		n := (b.N + i) / turns // together, b.N
		b.StopTimer()
		alone += plain(n)
		woken += relay(n)
		b.StartTimer()
		took += call(n)
	}
	b.ReportMetric(took.Seconds()/alone.Seconds(), "x-plain")
	b.ReportMetric(took.Seconds()/woken.Seconds(), "x-reader")
}

// hostVariable makes the test binary a host that sends this line, if there is any, and then answers
// calls.
const hostVariable = "DIFYGEN_TEST_HOST"

// hostProcess starts a host as a process of its own, as it is for every plugin that has pipes.
func hostProcess(b *testing.B, line []byte) (in io.ReadCloser, out io.WriteCloser) {
	b.Helper()
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), hostVariable+"="+string(line))
	if out, err = cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	if in, err = cmd.StdoutPipe(); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = out.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	return in, out
}

// answerCalls is a host that answers each line which has an ID of a call: that is what differs from
// line to line.
func answerCalls(in io.Reader, out io.Writer) {
	lines, w := bufio.NewReader(in), bufio.NewWriter(out)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		id := idOfCall(line)
		if id == nil {
			continue
		}
		for _, rest := range []string{storageValue, storageEnd} {
			_, _ = w.WriteString(storageStart)
			_, _ = w.Write(id)
			_, _ = w.WriteString(rest)
		}
		if w.Flush() != nil {
			return
		}
	}
}

// idOfCall returns the ID in the line of a call.
func idOfCall(line []byte) []byte {
	const start = `"backwards_request_id":"`
	for i := 0; i+len(start) < len(line); i++ {
		if string(line[i:i+len(start)]) == start {
			rest := line[i+len(start):]
			for j, c := range rest {
				if c == '"' {
					return rest[:j]
				}
			}
		}
	}
	return nil
}

// startPlain returns a function that exchanges the lines of n calls. A reader is a goroutine that reads
// for the one that writes.
func startPlain(b *testing.B, reader bool) func(n int) time.Duration {
	b.Helper()
	in, out := hostProcess(b, nil)
	r, w := bufio.NewReaderSize(in, shortLine), bufio.NewWriter(out)
	read := func() bool {
		_, err := r.ReadSlice('\n')
		return err == nil
	}
	await := func() bool {
		reply := read()
		return read() && reply
	}
	if reader {
		wake := make(chan struct{}, 1)
		go func() {
			defer close(wake)
			for read() { // the reply
				wake <- struct{}{}
				if !read() { // the end
					return
				}
			}
		}()
		await = func() bool {
			_, ok := <-wake
			return ok
		}
	}
	sent := 0
	return func(n int) time.Duration {
		start := time.Now()
		for range n {
			sent++
			_, _ = fmt.Fprintf(w, `{"event":"session","session_id":"4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e","data":{"type":"invoke","data":{"type":"storage",`+
				`"backwards_request_id":"ABCDEFGHIJKLMNOPQRSTUVWXYZ-%d","request":{"opt":"get","key":"some/key"}}}}`+"\n", sent)
			if err := w.Flush(); err != nil || !await() {
				b.Fatal("the exchange ends", err)
			}
		}
		return time.Since(start)
	}
}

// startCalls returns a function that makes n calls, one after the other, in one request.
func startCalls(b *testing.B) func(n int) time.Duration {
	b.Helper()
	in, out := hostProcess(b, line("4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e", nil))
	work, done := make(chan int), make(chan time.Duration)
	s := newTestServer(b, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		for n := range work {
			start := time.Now()
			for range n {
				if err := getStored(ctx); err != nil {
					b.Error(err)
				}
			}
			done <- time.Since(start)
		}
		return nil, nil
	}, WithRequestTimeout(time.Hour)))
	ended := make(chan error, 1)
	go func() { ended <- s.Lines(context.WithoutCancel(b.Context()), Stdio, in, out) }()
	b.Cleanup(func() {
		close(work)
		_ = out.Close()
		<-ended
	})
	return func(n int) time.Duration {
		work <- n
		return <-done
	}
}

// getStored makes a call as package invoke does.
func getStored(ctx context.Context) error {
	replies, err := callback.FromContext(ctx).Invoke(ctx, "storage", storageCall{"get", "some/key"})
	if err != nil {
		return err
	}
	defer replies.Close()
	data, err := replies.Next()
	if err != nil {
		return err
	}
	if len(data) != len(`{"data":"68656c6c6f2c20776f726c64"}`) {
		return fmt.Errorf("got %s", data)
	}
	return nil
}
