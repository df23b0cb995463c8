package drive

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestSign has the examples of requests without a body in "Signature Calculations for the
// Authorization Header" of the API reference of Amazon S3, whose keys are in it, too.
func TestSign(t *testing.T) {
	t.Parallel()
	s := signer{"AKIAIOSFODNN7EXAMPLE", runtime.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1"}
	now := time.Date(2013, time.May, 24, 2, 0, 0, 0, time.FixedZone("", 2*60*60))
	for name, test := range map[string]struct {
		path    string
		query   url.Values
		header  http.Header
		headers string // that are signed
		want    string
	}{
		"get an object": {
			"/test.txt", nil, http.Header{"Range": {"bytes=0-9"}}, "host;range;x-amz-content-sha256;x-amz-date",
			"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		},
		"get the lifecycle": {
			"/", url.Values{"lifecycle": {""}}, nil, "host;x-amz-content-sha256;x-amz-date",
			"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		},
		"list objects": {
			"/", url.Values{"prefix": {"J"}, "max-keys": {"2"}}, nil, "host;x-amz-content-sha256;x-amz-date",
			"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		},
	} {
		u := &url.URL{Scheme: "https", Host: "examplebucket.s3.amazonaws.com", Path: test.path, RawQuery: encodeQuery(test.query)}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range test.header {
			req.Header[name] = values
		}
		s.sign(req, now)
		want := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + test.headers + ",Signature=" + test.want
		if got := req.Header.Get("Authorization"); got != want {
			t.Errorf("%s: got %s\nwant %s", name, got, want)
		}
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	const all = "aZ09-._~/ +!*'();:@&=$,?%#[]é\n"
	if got, want := encode(all), "aZ09-._~%2F%20%2B%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%25%23%5B%5D%C3%A9%0A"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got, want := encodePath(all), strings.Replace(encode(all), "%2F", "/", 1); got != want {
		t.Errorf("path: got %s\nwant %s", got, want)
	}
	if got, want := encodeQuery(url.Values{"z": {"a b+c"}, "delimiter": {"/"}}), "delimiter=%2F&z=a%20b%2Bc"; got != want {
		t.Errorf("query: got %s\nwant %s", got, want)
	}
}
