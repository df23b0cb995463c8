package authcode

import (
	"testing"
	"time"
)

// TestSafe checks which addresses secrets are sent to.
func TestSafe(t *testing.T) {
	t.Parallel()
	for want, addresses := range map[bool][]string{
		true: {
			"https://auth.example", "https://auth.example/token", "https://auth.example:8443/token?a=b", "HTTPS://AUTH.EXAMPLE/token",
			"https://auth.example/token#f", "https://a--b.example/", "https://xn--bcher-kva.example/", "https://192.0.2.1/", "https://[2001:db8::1]/",
			"http://localhost/", "http://localhost:8080/token", "http://127.0.0.1:1/", "http://127.1.2.3/", "http://[::1]:1/",
			"http://[::ffff:127.0.0.1]/", "https://localhost/",
		},
		false: {
			"", " ", "token", "/token", "//auth.example/token", "auth.example/token", "https:", "https://", "https:///token", "https://:443/",
			"https:auth.example", "http://auth.example/token", "http://192.0.2.1/", "http://10.0.0.1/", "http://[2001:db8::1]/", "http://0.0.0.0/",
			"http://localhost.evil.example/", "http://evil.example/localhost", "http://evil.example#localhost", "http://evil.example?localhost",
			"http://127.0.0.1.evil.example/", "http://localhost@evil.example/", "https://user@auth.example/", "https://user:secret@auth.example/",
			"https://@auth.example/", "http://evil.example\\@localhost/", "http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://localhost\x00.evil.example/",
			"ftp://auth.example/", "file:///etc/passwd", "javascript:alert(1)", "data:text/plain,x", "unix:///tmp/socket", "ws://localhost/",
			"https://auth.example\r\nHost: evil.example/", "https://auth example/", "https://auth.example:port/", "https://[::1", "https://%zz/", "https://auth.example/%zz",
			"\thttps://auth.example/",
		},
	} {
		for _, address := range addresses {
			if got := safe(address); got != want {
				t.Errorf("safe(%q) = %t, want %t", address, got, want)
			}
		}
	}
}

// TestClientSecretIsNotStored checks that neither name of the client secret is stored.
func TestClientSecretIsNotStored(t *testing.T) {
	t.Parallel()
	f := fuzzFlow(time.Now())
	f.config.ClientSecretField = "app_secret"
	response := newResponse(map[string]any{"access_token": "x", "app_secret": "s3cret", "client_secret": "s3cret"}, time.Now())
	result, err := f.result(fuzzClient{}, &response, map[string]any{"app_secret": "s3cret"})
	if err != nil || len(result.Credentials.values) != 1 || result.Credentials.values["access_token"] != "x" {
		t.Errorf("got %v, %v", result.Credentials.values, err)
	}
}
