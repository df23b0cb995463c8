package deploy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
)

// TestRefreshes shows what instances cannot share: a plugin refreshes a token twice, in one
// instance or in two, at a server that gives out a new refresh token each time. When one is used
// twice, such a server rejects it, and may revoke all that came of it (RFC 9700, section 4.14.2).
func TestRefreshes(t *testing.T) {
	t.Parallel()
	binary := build(t, "github")
	const again = "ToolProviderOAuthError: authorize again: the authorization server returned invalid_grant [status 400]"
	for name, test := range map[string]struct {
		instances int
		want      []string // the errors of both refreshes, "" for none
		requests  int
		revoked   bool
	}{
		"one instance":  {1, []string{"", ""}, 1, false},
		"two instances": {2, []string{"", again}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			github := newGitHub(t)
			var plugins []*host.Serverless
			for range test.instances {
				plugins = append(plugins, github.plugin(t, binary))
			}
			var got []string
			for n := range test.want {
				response, err := plugins[n%len(plugins)].Call(t.Context(), "oauth", "refresh_credentials", map[string]any{
					"provider": "github", "redirect_uri": "https://dify.example/callback",
					"system_credentials": map[string]any{"client_id": "client-1", "client_secret": "client-secret"},
					"credentials":        map[string]any{"access_token": "access-0", "refresh_token": "refresh-0"},
				})
				switch {
				case err != nil:
					t.Fatal(err)
				case response.Err != nil:
					got = append(got, response.Err.Error())
				default:
					got = append(got, "")
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			github.mu.Lock()
			defer github.mu.Unlock()
			if github.requests != test.requests || github.revoked != test.revoked {
				t.Errorf("%d requests, revoked %t; want %d, %t", github.requests, github.revoked, test.requests, test.revoked)
			}
			t.Logf("requests for two refreshes: %d; all tokens are revoked: %t", github.requests, github.revoked)
		})
	}
}

// github stands for GitHub, behind a proxy. Each refresh token is valid once.
type github struct {
	proxy   *httptest.Server
	trusted string // the file with the certificate

	mu       sync.Mutex
	requests int
	used     map[string]bool
	revoked  bool
}

func newGitHub(t *testing.T) *github {
	t.Helper()
	g := &github{used: make(map[string]bool), trusted: filepath.Join(t.TempDir(), "trusted.pem")}
	certificate := newCertificate(t, "github.com")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}
	if err := os.WriteFile(g.trusted, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	site := httptest.NewUnstartedServer(http.HandlerFunc(g.token))
	site.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	site.StartTLS()
	t.Cleanup(site.Close)
	g.proxy = httptest.NewServer(tunnel(site.Listener.Addr().String()))
	t.Cleanup(g.proxy.Close)
	return g
}

// token is GitHub's token endpoint.
func (g *github) token(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests++
	w.Header().Set("Content-Type", "application/json")
	token := r.PostFormValue("refresh_token")
	if g.used[token] || r.URL.Path != "/login/oauth/access_token" {
		g.revoked = true
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	g.used[token] = true
	fmt.Fprintf(w, `{"access_token":"access-%d","refresh_token":"refresh-%[1]d","token_type":"bearer","expires_in":28800}`, g.requests)
}

// plugin starts an instance that reaches GitHub through the proxy.
func (g *github) plugin(t *testing.T, binary string) *host.Serverless {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Env = filepath.Dir(binary), []string{"HTTPS_PROXY=" + g.proxy.URL, "SSL_CERT_FILE=" + g.trusted}
	p, err := plugintest.Serve(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	plugin := host.NewServerless(p.Addr)
	t.Cleanup(func() {
		plugin.Close()
		if err := errors.Join(p.Signal(syscall.SIGTERM), p.Wait()); err != nil {
			t.Errorf("an instance exits with %v", err)
		}
	})
	return plugin
}

// tunnel is a proxy that connects everything to an address.
func tunnel(addr string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		target, err := new(net.Dialer).DialContext(r.Context(), "tcp", addr)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer target.Close()
		client, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer client.Close()
		fmt.Fprint(client, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			defer target.Close()
			_, _ = io.Copy(target, buffered) // until the client is gone
		}()
		_, _ = io.Copy(client, target)
	}
}

// newCertificate returns a certificate of a host that signs itself.
func newCertificate(t *testing.T, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
