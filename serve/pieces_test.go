package serve

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefusalInPieces checks that a refusal is final only if it cannot become another one when more of
// it arrives.
func TestRefusalInPieces(t *testing.T) {
	t.Parallel()
	const soon, late = refusalTime / 2, 2 * refusalTime
	for name, test := range map[string]struct {
		pause  time.Duration // after each piece
		closed bool          // after the last one
		pieces []string
		text   string
		final  bool
	}{
		"busy, late":           {late, true, []string{"server is", " busy now\n"}, "server is", false},
		"busy, soon":           {soon, true, []string{"server is", " busy now\n"}, "server is busy now\n", false},
		"busy, no end of line": {late, false, []string{"server is busy now"}, "server is busy now", false},
		"no keys, late":        {late, true, []string{"failed to", " get connection info\n"}, "failed to", false},
		"final, late":          {late, true, []string{"already", " registered\n"}, "already", false},
		"final, soon":          {soon, true, []string{"already", " registered\n"}, "already registered\n", true},
		"a line, open":         {late, false, []string{"already registered\n"}, "already registered\n", true},
		"no line, open":        {late, false, []string{"already registered"}, "already registered", false},
		"no line, closed":      {0, true, []string{"already registered"}, "already registered", true},
		"key, no line, open":   {late, false, []string{"handshake failed, invalid key"}, "handshake failed, invalid key", true},
		"TLS, open":            {late, false, []string{"\x15\x03\x01\x00\x02\x02\x46"}, "\x15\x03\x01\x00\x02\x02\x46", true},
		"a long text, open":    {late, false, []string{strings.Repeat("x", maxRefusal+1)}, strings.Repeat("x", maxRefusal), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host, plugin := net.Pipe()
				defer host.Close()
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					for _, piece := range test.pieces {
						_, _ = io.WriteString(host, piece) // fails if the plugin waits no more
						<-time.After(test.pause)
					}
					if test.closed {
						_ = host.Close()
					}
				}()
				_, err := newHostReader(plugin, nil).Read(make([]byte, 1))
				refused := (*refusal)(nil)
				<-sent
				if !errors.As(err, &refused) || refused.text != test.text || refused.final(false) != test.final || refused.final(true) && !refused.invalidKey() {
					t.Errorf("got %.100q, want text %.100q, final %v", refused, test.text, test.final)
				}
			})
		})
	}
}
