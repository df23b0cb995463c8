package drive

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// signer signs requests with Signature Version 4, as AWS describes it in "Authenticating Requests:
// Using the Authorization Header" of the API reference of Amazon S3.
type signer struct {
	accessKey string
	secretKey runtime.Secret
	region    string
}

const algorithm = "AWS4-HMAC-SHA256"

// sign signs a request without a body. The signature is for the headers that it has by now, its
// path as it is encoded, and its query, whose parameters must be sorted and encoded by encodeQuery.
func (s signer) sign(req *http.Request, now time.Time) {
	date := now.UTC().Format("20060102T150405Z")
	payload := hexSHA256("")
	req.Header.Set("X-Amz-Date", date)
	req.Header.Set("X-Amz-Content-Sha256", payload)
	names, headers := canonicalHeaders(req)
	canonical := strings.Join([]string{req.Method, req.URL.EscapedPath(), req.URL.RawQuery, headers, names, payload}, "\n")
	scope := date[:8] + "/" + s.region + "/s3/aws4_request"
	signature := hex.EncodeToString(hmacSHA256(s.key(date[:8]), strings.Join([]string{algorithm, date, scope, hexSHA256(canonical)}, "\n")))
	req.Header.Set("Authorization", algorithm+" Credential="+s.accessKey+"/"+scope+",SignedHeaders="+names+",Signature="+signature)
}

// key returns the key that signs the requests of a day.
func (s signer) key(day string) []byte {
	key := []byte("AWS4" + s.secretKey.Reveal())
	for _, part := range []string{day, s.region, "s3", "aws4_request"} {
		key = hmacSHA256(key, part)
	}
	return key
}

// canonicalHeaders returns the names of the headers of a request, and a line for each.
func canonicalHeaders(req *http.Request) (names, lines string) {
	values := map[string]string{"host": req.URL.Host}
	list := []string{"host"}
	for name, v := range req.Header {
		name = strings.ToLower(name)
		values[name] = strings.TrimSpace(strings.Join(v, ","))
		list = append(list, name)
	}
	slices.Sort(list)
	var b strings.Builder
	for _, name := range list {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return strings.Join(list, ";"), b.String()
}

// encode escapes all but the letters, digits and "-._~", as signatures have it.
func encode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// encodePath is encode for the key of an object, whose slashes remain.
func encodePath(key string) string { return strings.ReplaceAll(encode(key), "%2F", "/") }

// encodeQuery returns a query with the parameters sorted by name.
func encodeQuery(query url.Values) string { return strings.ReplaceAll(query.Encode(), "+", "%20") }

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func hmacSHA256(key []byte, s string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(s))
	return mac.Sum(nil)
}
