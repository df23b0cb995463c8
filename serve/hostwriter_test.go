package serve_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/serve"
)

// TestSlowHost checks that a long line reaches a host that reads slowly but steadily, and that one which
// does not read breaks the connection.
func TestSlowHost(t *testing.T) {
	t.Parallel()
	const size, pause = 3 << 20, 50 * time.Second
	for name, test := range map[string]struct {
		reads int // what the host reads, in pieces
		err   error
		took  time.Duration
	}{
		"slow":    {12, nil, 12 * pause},
		"stalled": {2, os.ErrDeadlineExceeded, 2*pause + time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				plugin, host := net.Pipe()
				go func() {
					for range test.reads {
						time.Sleep(pause) // fake
						if _, err := io.CopyN(io.Discard, host, 256<<10); err != nil {
							t.Error(err)
						}
					}
				}()
				start := time.Now()
				n, err := serve.WriteHost(plugin, make([]byte, size))
				if took := time.Since(start); n != test.reads*(256<<10) || !errors.Is(err, test.err) || took != test.took && took != test.took+time.Second {
					t.Errorf("wrote %d bytes in %v: %v", n, took, err)
				}
				_ = plugin.Close()
			})
		})
	}
}
