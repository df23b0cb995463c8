package plugintest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
)

// drive lists and reads a file of a storage.
func drive(t *testing.T) example {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+key+"/"):
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>InvalidAccessKeyId</Code></Error>`)
		case r.URL.Path == "/":
			fmt.Fprint(w, `<ListAllMyBucketsResult><Buckets><Bucket><Name>docs</Name></Bucket></Buckets></ListAllMyBucketsResult>`)
		case r.URL.Path == "/docs" && r.URL.Query().Get("continuation-token") == "2":
			fmt.Fprint(w, `<ListBucketResult><Contents><Key>a b.txt</Key><Size>5</Size></Contents></ListBucketResult>`)
		case r.URL.Path == "/docs":
			fmt.Fprint(w, `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken><CommonPrefixes><Prefix>sub/</Prefix></CommonPrefixes></ListBucketResult>`)
		case r.URL.Path == "/docs/a b.txt":
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, "hello")
		}
	}))
	t.Cleanup(s.Close)
	creds := map[string]any{"endpoint": s.URL, "access_key": key, "secret_key": "secret-of-a-user"}
	call := func(request map[string]any) map[string]any {
		return map[string]any{"provider": "drive", "datasource": "files", "credentials": creds, "request": request}
	}
	return example{requests: []request{
		{"datasource", "validate_datasource_credentials", map[string]any{"provider": "drive", "credentials": creds}, `{"result":true}`},
		{"datasource", "validate_datasource_credentials", map[string]any{"provider": "drive", "credentials": with(creds, map[string]any{"access_key": "another"})}, "DatasourceCredentialValidationError: the storage does not know the access key"},
		{"datasource", "invoke_online_drive_browse_files", call(map[string]any{"bucket": nil, "prefix": "", "max_keys": 20}), `{"result":[{"bucket":"docs","files":[],"is_truncated":false,"next_page_parameters":null}]}`},
		{"datasource", "invoke_online_drive_browse_files", call(map[string]any{"bucket": "docs", "prefix": "", "max_keys": 20}), `"files":[{"id":"sub/","name":"sub","size":0,"type":"folder"}],"is_truncated":true,"next_page_parameters":{"next_page":"{\"token\":\"2\"}"}`},
		{"datasource", "invoke_online_drive_browse_files", call(map[string]any{"bucket": "docs", "max_keys": 20, "next_page_parameters": map[string]any{"next_page": `{"token":"2"}`}}), `"files":[{"id":"a b.txt","name":"a b.txt","size":5,"type":"file"}],"is_truncated":false`},
		{"datasource", "invoke_online_drive_download_file", call(map[string]any{"bucket": "docs", "id": "a b.txt"}), `{"type":"blob","message":{"blob":"aGVsbG8="},"meta":{"file_name":"a b.txt","mime_type":"text/plain"}}`},
	}}
}

// crawler reads a website with two pages.
func crawler(t *testing.T) example {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<!DOCTYPE html><title>Start</title><h1>Hello!</h1><a href="/next">More</a>`)
		case "/next":
			fmt.Fprint(w, `<!DOCTYPE html><title>Next</title><p>The <b>end</b>.`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	call := func(params map[string]any) map[string]any {
		return map[string]any{"provider": "crawler", "datasource": "website", "credentials": nil, "datasource_parameters": params}
	}
	const crawl = "invoke_website_datasource_get_crawl"
	return example{requests: []request{
		{"datasource", crawl, call(map[string]any{"url": s.URL, "limit": "5"}), `"content":"The **end**."`},
		{"datasource", crawl, call(map[string]any{"url": s.URL, "depth": 0}), `"status":"completed"`},
		{"datasource", crawl, call(map[string]any{"url": "file:///etc/passwd"}), "InvokeError: the start URL must be one such as"},
		{"datasource", crawl, call(map[string]any{}), "InvokeError: Website: Start URL (url) is required"},
	}}
}

// comeBack returns the request of a browser that comes back from where an authorization URL leads.
func comeBack(t *testing.T, authorization *host.Response) string {
	t.Helper()
	var at struct {
		URL string `json:"authorization_url"`
	}
	if err := authorization.Decode(&at); err != nil {
		t.Fatal(err)
	}
	location, err := url.Parse(at.URL)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"code": {"code-1"}, "state": {location.Query().Get("state")}}
	raw, err := host.EncodeCallback(httptest.NewRequest(http.MethodGet, "https://dify.example/callback?"+query.Encode(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// notion reaches a server that stands for that of Notion, through a proxy: its URL cannot be configured.
func notion(t *testing.T) example {
	t.Helper()
	const id = "59833787-2cf9-4fdf-8782-e53db20768a5"
	env := impersonate(t, "api.notion.com", map[string]string{
		"POST /v1/oauth/token":               `{"access_token":"` + key + `","token_type":"bearer","workspace_id":"w1","workspace_name":"Team"}`,
		"GET /v1/users/me":                   `{"id":"u1","type":"bot","bot":{"workspace_name":"Team"}}`,
		"POST /v1/search":                    `{"results":[{"id":"` + id + `","last_edited_time":"2026-11-01T00:00:00.000Z","properties":{"Name":{"type":"title","title":[{"plain_text":"Welcome"}]}}}]}`,
		"GET /v1/pages/" + id:                `{"id":"` + id + `","properties":{"Name":{"type":"title","title":[{"plain_text":"Welcome"}]}}}`,
		"GET /v1/blocks/" + id + "/children": `{"results":[{"id":"b1","type":"paragraph","paragraph":{"rich_text":[{"plain_text":"Hello!"}]}}]}`,
	})
	client := map[string]any{
		"provider": "notion", "redirect_uri": "https://dify.example/callback",
		"system_credentials": map[string]any{"client_id": clientID, "client_secret": clientSecret},
	}
	creds := map[string]any{"integration_secret": key}
	call := func(creds map[string]any, name string, value any) map[string]any {
		return map[string]any{"provider": "notion", "datasource": "workspace", "credentials": creds, name: value}
	}
	page := map[string]any{"workspace_id": "u1", "page_id": id, "type": "page"}
	return example{env: env, requests: []request{
		{"datasource", "validate_datasource_credentials", map[string]any{"provider": "notion", "credentials": map[string]any{"integration_secret": "[__HIDDEN__]"}}, "DatasourceCredentialValidationError: Notion: Internal integration secret (integration_secret) arrived masked from Dify; enter it again"},
		{"datasource", "validate_datasource_credentials", map[string]any{"provider": "notion", "credentials": creds}, `{"result":true}`},
		{"oauth", "get_authorization_url", client, `{"authorization_url":"https://api.notion.com/v1/oauth/authorize?client_id=client-1`},
		{"oauth", "get_credentials", client, `"metadata":{"name":"Team"`},
		{"oauth", "refresh_credentials", with(client, map[string]any{"credentials": map[string]any{"access_token": key, "workspace_id": "w1"}}), `"expires_at":-1`},
		{"datasource", "invoke_online_document_datasource_get_pages", call(creds, "datasource_parameters", map[string]any{}), `"page_name":"Welcome"`},
		{"datasource", "invoke_online_document_datasource_get_page_content", call(creds, "page", page), `"variable_name":"content","variable_value":"Hello!"`},
		{"datasource", "invoke_online_document_datasource_get_page_content", call(map[string]any{"access_token": "another", "workspace_id": "w1"}, "page", page), "InvokeError: Notion rejects the integration secret or the token: connect again"},
	}}
}

// The OAuth client of the server that impersonate runs.
const clientID, clientSecret = "client-1", "client-secret"

// impersonate runs a server that has the name of another, and the answers to those who have the key, or are
// the client. The environment that it returns makes a program take it for that one.
func impersonate(t *testing.T, name string, answers map[string]string) (env []string) {
	t.Helper()
	cert := certificate(t, name)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer "+key && (id != clientID || secret != clientSecret) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, answers[r.Method+" "+r.URL.Path])
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != name+":443" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		tunnel(w, server.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	trusted := filepath.Join(t.TempDir(), "trusted.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}
	if err := os.WriteFile(trusted, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"SSL_CERT_FILE=" + trusted, "HTTPS_PROXY=" + proxy.URL}
}

// tunnel connects a client of a proxy to an address, until both have ended.
func tunnel(w http.ResponseWriter, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer to.Close()
	w.WriteHeader(http.StatusOK)
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(to, buffered) // which may hold the first bytes
		_ = to.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(from, to)
	_ = from.Close()
	<-done
}

// certificate returns one that a server with that name signs itself.
func certificate(t *testing.T, name string) tls.Certificate {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}
