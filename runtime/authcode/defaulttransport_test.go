package authcode

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// TestResponseHeader checks that a server cannot make token requests read a large header, over
// HTTP/1.1 and HTTP/2, if the author sets no transport.
func TestResponseHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		isHTTP2 bool
		size    int
		want    string // "" for a token
	}{
		{"HTTP/1.1, large", false, 60 << 10, ""},
		{"HTTP/1.1, too large", false, 80 << 10, "cannot read the token response"},
		{"HTTP/2, large", true, 60 << 10, ""},
		{"HTTP/2, too large", true, 80 << 10, "cannot read the token response"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if (r.ProtoMajor == 2) != test.isHTTP2 {
					t.Errorf("the request uses %s", r.Proto)
				}
				for range test.size >> 10 {
					w.Header().Add("X-A", strings.Repeat("x", 980))
				}
				_, _ = w.Write([]byte(`{"access_token":"x"}`))
			}))
			t.Cleanup(server.Close)
			grant := ClientCredentials{ClientID: "id", ClientSecret: runtime.NewSecret("s3cret")}
			if test.isHTTP2 {
				server.EnableHTTP2 = true
				server.StartTLS()
				usual := http.DefaultTransport.(*http.Transport).Clone()
				usual.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
				transport := new(boundedTransport).of(usual)
				t.Cleanup(transport.CloseIdleConnections)
				grant.HTTPClient = &http.Client{Transport: transport}
			} else {
				server.Start()
			}
			grant.TokenURL = server.URL
			_, err := grant.Token(t.Context())
			if (err == nil) != (test.want == "") || err != nil && !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestTransportFor checks which transport is used, and that it is made once.
func TestTransportFor(t *testing.T) {
	t.Parallel()
	own := &http.Transport{}
	usual := transportFor(nil)
	for _, test := range []struct {
		name   string
		client *http.Client
		want   http.RoundTripper
	}{
		{"none, again", nil, usual},
		{"no transport", &http.Client{}, usual},
		{"a transport", &http.Client{Transport: own}, own},
		{"the usual transport", &http.Client{Transport: http.DefaultTransport}, http.DefaultTransport},
	} {
		if got := transportFor(test.client); got != test.want {
			t.Errorf("%s: got %p, want %p", test.name, got, test.want)
		}
	}
	if usual == http.DefaultTransport || usual.(*http.Transport).MaxResponseHeaderBytes != maxResponseHeader {
		t.Error("the usual transport has no limit")
	}
	var b boundedTransport
	limited := &http.Transport{MaxResponseHeaderBytes: 1}
	if got := b.of(limited).MaxResponseHeaderBytes; got != 1 {
		t.Errorf("a limit of 1 becomes %d", got)
	}
	copied := b.of(own)
	if got := copied.MaxResponseHeaderBytes; got != maxResponseHeader || b.of(own) != copied {
		t.Errorf("a transport that replaces another one has the limit %d", got)
	}
}
