package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/difygen/difygen/internal/difyhost"
)

func TestMain(m *testing.M) { difyhost.Main(m, main) }

func TestPlugin(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"answer":"hello!"}`) }))
	t.Cleanup(service.Close)
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	settings := func(url string) map[string]any {
		return map[string]any{"service_url": url, "token": "s3cret", "app": map[string]any{"app_id": "a"}}
	}
	const body = `{"question":"hello?"}`
	request := func(token string) string {
		return "POST /ask HTTP/1.1\r\nHost: dify.example\r\nAuthorization: Bearer " + token + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	}
	response := func(head, body string) string {
		return `{` + head + `,"result":"` + hex.EncodeToString([]byte(body+"\n")) + `"}`
	}
	difyhost.EachTransport(t, nil, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		for name, c := range map[string]struct {
			settings map[string]any
			request  string
			want     string
		}{
			"right":       {settings(service.URL), request("s3cret"), response(`"status":200,"headers":{"Content-Type":"application/json"}`, `{"answer":"hello!"}`)},
			"wrong token": {settings(service.URL), request("other"), response(`"status":401,"headers":{"Content-Type":"text/plain; charset=utf-8","Www-Authenticate":"Bearer","X-Content-Type-Options":"nosniff"}`, "the token is missing or wrong")},
			"unreachable": {settings(down.URL), request("s3cret"), response(`"status":502,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}`, "the service failed")},
			"not set up":  {map[string]any{"token": "s3cret"}, request("s3cret"), "EndpointSetupFailedError: relay: Service URL (service_url) is required; App (app) is required"},
			"no URL":      {settings("x"), request("s3cret"), "EndpointSetupFailedError: the service URL must start with https://"},
			"two lengths": {settings(service.URL), "POST /ask HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", "ValidationError: the HTTP request that Dify passed on is malformed: it repeats a header that must be unique"},
		} {
			response, err := host.Call(t.Context(), "endpoint", "invoke_endpoint", map[string]any{
				"settings": c.settings, "raw_http_request": hex.EncodeToString([]byte(c.request)),
			})
			if err != nil {
				t.Fatal(err)
			}
			if response.String() != c.want {
				t.Errorf("%s: got %s\nwant %s", name, response, c.want)
			}
		}
	})
}
