package sdk_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// typeEndpoint is the type of requests to endpoints.
const typeEndpoint = "endpoint"

// TestSameEndpoints is TestSameAnswers for endpoints.
func TestSameEndpoints(t *testing.T) {
	compare(t, "wren", endpointRequests(t), endpointDifferences)
}

// endpointAnswer returns the answer of an endpoint, as far as it is compared, if a response is one.
func endpointAnswer(r *host.Response) (answer object, ok bool) {
	var first struct{ Status int }
	if len(r.Results) == 0 || json.Unmarshal(r.Results[0], &first) != nil || first.Status == 0 {
		return nil, false
	}
	resp, body, err := host.DecodeEndpoint(r, &http.Request{Method: http.MethodGet})
	if err != nil {
		return object{"error": err.Error()}, true
	}
	defer resp.Body.Close()
	var value any
	if json.Unmarshal(body, &value) != nil {
		value = string(body)
	}
	return object{"status": resp.StatusCode, "type": resp.Header.Get("Content-Type"), "body": value}, true
}

// paths are those that are asked for, with methods that fit or do not.
var paths = []string{
	"GET /items/5", "GET /items/007", "GET /items/-5", "GET /items/five", "GET /items/5.5", "GET /items/a%20b%C3%A9", "GET /items/a%2Fb", "GET /items/", "GET /items",
	"GET /items/5/", "GET /items/9223372036854775807", "HEAD /items/5", "POST /items/5", "OPTIONS /items/5", "DELETE /items/x",
	"GET /price/1.5", "GET /price/0.4", "GET /price/1", "GET /price/1.0", "GET /price/-1.5", "GET /price/1e3",
	"GET /users/12345678-1234-5678-1234-567812345678", "GET /users/12345678-1234-5678-1234-56781234567", "GET /users/ABCDEF78-1234-5678-1234-567812345678",
	"PUT /files/a", "PUT /files/a/b%20c", "PUT /files/a/", "PUT /files/", "PUT /files//a", "GET /files/a",
	"GET /color/red/ab", "GET /color/dark%20blue/%C3%A9%C3%A9", "GET /color/green/ab", "GET /color/red/abc",
	"POST /ask", "POST /ask?a=b&a=c&d=", "POST /ask?do=fail", "POST /ask?do=tea", "OPTIONS /ask", "GET /ask", "HEAD /ask", "POST /ask/", "POST //ask",
	"GET /folder/", "GET /folder", "GET /", "GET /nothing",
}

func endpointRequests(t *testing.T) []request {
	t.Helper()
	var list []request
	add := func(name, method, target, body string, settings any) {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://host.example", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, u.RawQuery
		if body != "" {
			r.Header.Set("Content-Type", "text/plain")
		}
		raw, err := host.EncodeEndpoint(r, "hook-1")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, request{name, "invoke_endpoint", typeEndpoint, "", object{"settings": settings, "raw_http_request": raw}})
	}
	settings := object{"token": "t"}
	for _, p := range paths {
		method, target, _ := strings.Cut(p, " ")
		if strings.HasPrefix(target, "//") {
			target = "/." + target // as url.Parse wants it
		}
		add(p, method, target, "", settings)
	}
	add("a body", http.MethodPost, "/ask", "hé <llo>", settings)
	add("a body that is ignored", http.MethodGet, "/items/5", "x", settings)
	add("no settings", http.MethodPost, "/ask", "", object{})
	add("settings that are null", http.MethodPost, "/ask", "", nil)

	r := rand.New(rand.NewPCG(3, 4))
	parts := []string{"items", "price", "users", "files", "color", "ask", "folder", "red", "5", "0.75", "x", "", "é", "..", "a b", "%"}
	for i := range 300 {
		var path strings.Builder
		for range 1 + r.IntN(3) {
			path.WriteString("/" + url.PathEscape(parts[r.IntN(len(parts))]))
		}
		if strings.HasPrefix(path.String(), "//") {
			continue
		}
		method := []string{http.MethodGet, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodOptions}[r.IntN(6)]
		add(fmt.Sprintf("random %d: %s %s", i, method, path.String()), method, path.String(), "", settings)
	}
	return list
}

// endpointDifferences are all that there are of endpoints.
var endpointDifferences = []difference{
	{
		"what no endpoint answers says so", "the SDK sends its own error, which begins with a status",
		func(_ request, inGo, inPython *outcome) {
			if inGo.status() == http.StatusNotFound && inPython.status() == http.StatusNotFound {
				*inPython = *inGo
			}
		},
	},
	{
		"an answer to HEAD has no body", "the SDK sends one, which nobody gets",
		func(r request, inGo, inPython *outcome) {
			if strings.Contains(r.name, "HEAD ") && inGo.status() == http.StatusOK && inPython.status() == http.StatusOK {
				inPython.answer()["body"] = inGo.answer()["body"]
			}
		},
	},
	{
		"a request without a body has none", "Dify passes it on in chunks, of which the SDK takes the end for a body",
		func(_ request, _, inPython *outcome) {
			if said, ok := inPython.answer()["body"].(object); ok && said["body"] == "0\r\n\r\n" {
				said["body"] = ""
			}
		},
	},
	{
		"the caller does not get the text of an error", "the SDK sends it: it can have what is nobody's business",
		func(r request, inGo, inPython *outcome) {
			if strings.HasSuffix(r.name, "do=fail") && inGo.status() == http.StatusInternalServerError && inPython.status() == http.StatusInternalServerError {
				*inPython = *inGo
			}
		},
	},
	{
		"settings that cannot work are refused as such", "the SDK leaves that to the plugin, which fails by accident",
		differ("EndpointSetupFailedError", "", "no settings"),
	},
	{
		"no settings are those without what is required", "the SDK refuses the request",
		differ("EndpointSetupFailedError", "ValidationError", "settings that are null"),
	},
}

// answer returns the answer of an endpoint, or nil.
func (o *outcome) answer() object {
	if len(o.Results) == 0 {
		return nil
	}
	answer, _ := o.Results[0].(object)
	return answer
}

// status returns the status of an answer, or 0.
func (o *outcome) status() int {
	status, _ := o.answer()["status"].(int)
	return status
}
