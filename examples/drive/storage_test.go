package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	accessKey = "AKIDEXAMPLE"
	secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" // of AWS's documentation
)

// storage is an S3-compatible storage under /s3, which checks signatures. It knows as much of S3 as
// the plugin uses, and nothing of the plugin.
type storage struct {
	region  string
	buckets map[string]map[string]file
	plain   bool // it does not know encoding-type

	mu    sync.Mutex
	fail  http.HandlerFunc // what it answers instead
	calls []string         // the queries of requests
}

type file struct{ data, typ string }

// start runs a storage, and returns credentials for it.
func start(t *testing.T) (*storage, map[string]any) {
	t.Helper()
	s := &storage{region: "eu-central-1", buckets: make(map[string]map[string]file)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, map[string]any{"endpoint": server.URL + "/s3/", "region": s.region, "access_key": accessKey, "secret_key": secretKey}
}

func (s *storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.URL.RawQuery)
	// The path as it was sent: a slash that is escaped is not one between names.
	path, _, _ := strings.Cut(r.RequestURI, "?")
	rest, ok := strings.CutPrefix(path, "/s3/")
	switch code := s.check(r, path); {
	case s.fail != nil:
		s.fail(w, r)
		return
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		return
	case code != "":
		refuse(w, http.StatusForbidden, code)
		return
	}
	bucket, key, found := strings.Cut(rest, "/")
	key, _ = url.PathUnescape(key)
	objects, exists := s.buckets[bucket]
	switch {
	case rest == "":
		s.list(w)
	case !exists:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case found:
		get(w, objects, key)
	case !validMaxKeys(r.URL.Query().Get("max-keys")):
		refuse(w, http.StatusBadRequest, "InvalidArgument")
	default:
		s.page(w, objects, r.URL.Query())
	}
}

// check returns the code of the error of a signature, or "".
func (s *storage) check(r *http.Request, path string) string {
	credential, names, signature := "", "", ""
	_, _ = fmt.Sscanf(strings.NewReplacer(",", " ").Replace(r.Header.Get("Authorization")), "AWS4-HMAC-SHA256 Credential=%s SignedHeaders=%s Signature=%s", &credential, &names, &signature)
	scope := strings.Split(credential, "/")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	switch {
	case len(scope) != 5 || scope[0] != accessKey:
		return "InvalidAccessKeyId"
	case err != nil || time.Since(at).Abs() > 15*time.Minute:
		return "RequestTimeTooSkewed"
	case scope[2] != s.region:
		return "AuthorizationHeaderMalformed"
	case scope[1] != at.Format("20060102") || !strings.Contains(names, "host"):
		return "SignatureDoesNotMatch"
	}
	var canonical strings.Builder
	canonical.WriteString(r.Method + "\n" + escape(path, "/") + "\n" + escape(r.URL.RawQuery, "&=") + "\n")
	for name := range strings.SplitSeq(names, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical.WriteString(name + ":" + value + "\n")
	}
	canonical.WriteString("\n" + names + "\n" + r.Header.Get("X-Amz-Content-Sha256"))
	key := []byte("AWS4" + secretKey)
	for _, text := range append(scope[1:], fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s\n%x", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), sha256.Sum256([]byte(canonical.String())))) {
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, text)
		key = mac.Sum(nil)
	}
	if hex.EncodeToString(key) != signature {
		return "SignatureDoesNotMatch"
	}
	return ""
}

// escape returns a path or a query with all characters escaped that signatures have so, however they were
// sent, but for those that separate its parts.
func escape(sent, separators string) string {
	var b strings.Builder
	for i := 0; i < len(sent); i++ {
		c := sent[i]
		separator := strings.IndexByte(separators, c) >= 0
		if c == '%' && i+2 < len(sent) {
			n, _ := strconv.ParseUint(sent[i+1:i+3], 16, 8)
			c, i = byte(n), i+2
		}
		if separator || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// refuse answers with an error, whose text has what must not be shown.
func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>of %s</Message><StringToSign>%s</StringToSign><Region>eu-central-1</Region></Error>`, code, accessKey, secretKey)
}

func (s *storage) list(w io.Writer) {
	fmt.Fprint(w, `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>1</ID></Owner><Buckets>`)
	for _, name := range sorted(s.buckets) {
		fmt.Fprintf(w, `<Bucket><Name>%s</Name><CreationDate>2026-11-01T00:00:00.000Z</CreationDate></Bucket>`, name)
	}
	fmt.Fprint(w, `</Buckets></ListAllMyBucketsResult>`)
}

func get(w http.ResponseWriter, objects map[string]file, key string) {
	f, ok := objects[key]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("Content-Type", f.typ)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
	_, _ = io.WriteString(w, f.data)
}

// validMaxKeys is stricter than S3, which takes a larger number for the largest.
func validMaxKeys(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 1000
}

// page answers ListObjectsV2.
func (s *storage) page(w io.Writer, objects map[string]file, query url.Values) {
	prefix, delimiter := query.Get("prefix"), query.Get("delimiter")
	after, _ := base64.StdEncoding.DecodeString(query.Get("continuation-token"))
	maxKeys, _ := strconv.Atoi(query.Get("max-keys"))
	text := func(name string) string {
		if query.Get("encoding-type") == "url" && !s.plain {
			return url.QueryEscape(name)
		}
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(name))
		return b.String()
	}
	n, last, truncated := 0, "", false
	var items strings.Builder
	for _, key := range sorted(objects) {
		name, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		folder, _, isFolder := strings.Cut(name, delimiter)
		item := key
		if isFolder {
			item = prefix + folder + delimiter
		}
		if item <= string(after) || item == last {
			continue
		}
		if n == maxKeys {
			truncated = true
			break
		}
		n, last = n+1, item
		if isFolder {
			fmt.Fprintf(&items, `<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>`, text(item))
		} else {
			fmt.Fprintf(&items, `<Contents><Key>%s</Key><Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>`, text(item), len(objects[key].data))
		}
	}
	fmt.Fprintf(w, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>%t</IsTruncated>`, truncated)
	if !s.plain {
		fmt.Fprint(w, `<EncodingType>url</EncodingType>`)
	}
	if truncated {
		fmt.Fprintf(w, `<NextContinuationToken>%s</NextContinuationToken>`, base64.StdEncoding.EncodeToString([]byte(last)))
	}
	fmt.Fprint(w, items.String(), `</ListBucketResult>`)
}

func sorted[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func sortedList(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
