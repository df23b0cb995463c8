package serve

import (
	"container/list"
	"errors"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/session"
)

// TestConnections checks what connections counts, and which connection it closes for another one.
func TestConnections(t *testing.T) {
	t.Parallel()
	type counts struct {
		Open, Held int
		Silent     string // their names, the oldest first
		Loose      string // of the others, the longest first
		Closed     string // those that connections has closed, or that were
	}
	for name, test := range map[string]struct {
		steps  string // "+a" accepts a, ".a" is a byte from it, "(a" holds it, ")a" releases it, "-a" closes it
		failed string // the steps that fail
		want   counts
	}{
		"nothing":                    {"", "", counts{}},
		"accepted":                   {"+a +b", "", counts{2, 0, "ab", "", ""}},
		"closed":                     {"+a +b -a", "", counts{1, 0, "b", "", "a"}},
		"closed twice":               {"+a +b -a -a", "", counts{1, 0, "b", "", "a"}},
		"heard":                      {"+a +b +c .b .a", "", counts{3, 0, "c", "ba", ""}},
		"heard twice":                {"+a +b .a .b .a", "", counts{2, 0, "", "ab", ""}},
		"heard and closed":           {"+a +b .a -a", "", counts{1, 0, "b", "", "a"}},
		"heard after it is closed":   {"+a +b -a .a", "", counts{1, 0, "b", "", "a"}},
		"held":                       {"+a +b .a (a", "", counts{2, 1, "b", "", ""}},
		"heard while it is held":     {"+a .a (a .a", "", counts{1, 1, "", "", ""}},
		"released":                   {"+a +b .a .b (a )a", "", counts{2, 0, "", "ba", ""}},
		"held again":                 {"+a +b .a .b (a )a (a", "", counts{2, 1, "", "b", ""}},
		"closed while it is held":    {"+a +b .a (a -a", "", counts{1, 1, "b", "", "a"}},
		"released after it":          {"+a +b .a (a -a )a", "", counts{1, 0, "b", "", "a"}},
		"one too many":               {"+a +b +c +d", "", counts{3, 0, "bcd", "", "a"}},
		"a silent one goes first":    {"+a .a +b +c +d", "", counts{3, 0, "cd", "a", "b"}},
		"it is the oldest of them":   {"+a +b .a +c +d +e", "", counts{3, 0, "de", "a", "bc"}},
		"if none is silent":          {"+a +b +c .b .a .c +d", "", counts{3, 0, "d", "ac", "b"}},
		"the new one is silent, too": {"+a +b +c .b .a .c +d +e", "", counts{3, 0, "e", "ac", "bd"}},
		"closed for another":         {"+a +b +c +d -a", "", counts{3, 0, "bcd", "", "a"}},
		"held when it is closed":     {"+a .a +b .b +c .c +d (a", "(a", counts{3, 0, "d", "bc", "a"}},
		"a held one stays":           {"+a .a (a +b +c +d +e", "", counts{3, 1, "de", "", "bc"}},
		"a released one is the last": {"+a .a (a +b .b +c .c )a +d", "", counts{3, 0, "d", "ca", "b"}},
		"too many are held":          {"+a +b +c .a .b .c (a (b (c", "(c", counts{3, 2, "", "c", ""}},
		"one is released":            {"+a +b +c .a .b .c (a (b )a (c", "", counts{3, 2, "", "a", ""}},
		"only the spare one goes":    {"+a +b .a .b (a (b +c .c +d +e", "", counts{3, 2, "e", "", "cd"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queue := make(queueListener, 1)
			l := &connections{Listener: queue, limit: 3, spare: 1}
			all, names := make(map[byte]*connection), make(map[*connection]string)
			ends, releases := make(map[string]*closable), make(map[byte]func())
			var failed string
			for len(test.steps) > 0 {
				step := test.steps[:2]
				test.steps = test.steps[min(3, len(test.steps)):]
				c := all[step[1]]
				switch step[0] {
				case '+':
					end := new(closable)
					queue <- end
					accepted, err := l.Accept()
					if err != nil {
						t.Fatal(err)
					}
					c = accepted.(*connection)
					all[step[1]], names[c], ends[step[1:]] = c, step[1:], end
				case '.':
					if n, err := c.Read(make([]byte, 1)); n != 1 || err != nil {
						t.Error(n, err)
					}
				case '(':
					release, err := l.hold(l.context(t.Context(), c))
					if err != nil {
						failed += step
					}
					releases[step[1]] = release
				case ')':
					releases[step[1]]()
				case '-':
					_ = c.Close()
				}
			}
			got := counts{Open: l.open, Held: l.held}
			for to, from := range map[*string]*list.List{&got.Silent: &l.silent, &got.Loose: &l.loose} {
				for e := from.Front(); e != nil; e = e.Next() {
					*to += names[e.Value.(*connection)]
				}
			}
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				if end := ends[name]; end != nil && end.closed {
					got.Closed += name
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" || failed != test.failed {
				t.Errorf("%q fail, want %q; counts (-want +got):\n%s", failed, test.failed, diff)
			}
		})
	}
}

// TestShares checks that connections which have sent something, and those which have not, do not
// close all of the others.
func TestShares(t *testing.T) {
	t.Parallel()
	for name, sends := range map[string]bool{"one that has sent something": true, "a silent one": false} {
		l := &connections{limit: 6, spare: 4}
		add := func(sends bool) *closable {
			end := new(closable)
			c := &connection{Conn: end, all: l}
			l.add(c)
			if sends {
				_, _ = c.Read(make([]byte, 1))
			}
			return end
		}
		kept := add(sends)
		for range 100 {
			if add(!sends); kept.closed {
				t.Fatalf("%s is closed", name)
			}
		}
		for range 100 {
			add(sends)
		}
		if !kept.closed || l.open != l.limit {
			t.Errorf("%s is kept; %d are open", name, l.open)
		}
	}
}

// TestHoldFails checks why a connection cannot be held.
func TestHoldFails(t *testing.T) {
	t.Parallel()
	l := &connections{limit: 2, spare: 1}
	a, b := &connection{Conn: new(closable), all: l}, &connection{Conn: new(closable), all: l}
	l.add(a)
	l.add(b)
	if _, err := l.hold(l.context(t.Context(), a)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.hold(l.context(t.Context(), b)); !errors.Is(err, session.ErrBusy) {
		t.Errorf("one too many: got %v", err)
	}
	l.add(&connection{Conn: new(closable), all: l})
	if _, err := l.hold(l.context(t.Context(), b)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed for another: got %v", err)
	}
	if _, err := l.hold(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("no connection: got %v", err)
	}
}

// queueListener accepts the connections that are sent to it.
type queueListener chan net.Conn

func (q queueListener) Accept() (net.Conn, error) { return <-q, nil }
func (q queueListener) Close() error              { return nil }
func (q queueListener) Addr() net.Addr            { return nil }

// closable is a connection that can be read, and knows whether it is closed.
type closable struct {
	net.Conn
	closed bool
}

func (c *closable) Read(p []byte) (int, error) { return len(p), nil }

func (c *closable) Close() error {
	c.closed = true
	return nil
}
