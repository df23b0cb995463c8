package authcode

import (
	"net/http"
	"sync"
)

// maxResponseHeader limits the size of the header of a response, in bytes, unless the author sets a
// transport. That of net/http is 10 MiB.
const maxResponseHeader = 64 << 10

// transportFor returns the transport for the token requests of a client, which may be nil.
func transportFor(client *http.Client) http.RoundTripper {
	if client != nil && client.Transport != nil {
		return client.Transport
	}
	if usual, isUsual := http.DefaultTransport.(*http.Transport); isUsual {
		return bounded.of(usual)
	}
	return http.DefaultTransport
}

// bounded is shared by all token requests, since a transport keeps connections.
var bounded boundedTransport

// boundedTransport keeps a copy of a transport with a limit for headers.
type boundedTransport struct {
	mutex  sync.Mutex
	usual  *http.Transport
	copied *http.Transport // a copy of usual
}

// of returns the copy of a transport. It is made once, unless a program replaces
// http.DefaultTransport later. A limit that the program set counts.
func (b *boundedTransport) of(usual *http.Transport) *http.Transport {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.usual != usual {
		if b.copied != nil {
			b.copied.CloseIdleConnections()
		}
		b.usual, b.copied = usual, usual.Clone()
		if usual.MaxResponseHeaderBytes == 0 {
			b.copied.MaxResponseHeaderBytes = maxResponseHeader
		}
	}
	return b.copied
}
