package authcode

import (
	"testing"
	"time"
)

func TestSafe(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://service.example/token": true, "http://localhost:8080/token": true, "http://127.0.0.2": true, "http://[::1]:80/": true,
		"http://service.example": false, "http://10.0.0.1": false, "http://localhost.example": false, "https://user@service.example": false,
		"ftp://localhost": false, "https://": false, "": false, "://": false,
	} {
		if got := safe(address); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
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
