package drive

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// client has a longer timeout than runtime's, for large files. It follows no redirects: their
// requests would need other signatures.
var client = &http.Client{
	Timeout:       2 * time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// A list of 1000 keys, of at most 1024 bytes each, takes less.
const (
	maxListing = 4 << 20 // bytes
	maxDepth   = 10      // of elements in elements
)

// storage is an S3-compatible storage, whose buckets are in the path of its URLs.
type storage struct {
	endpoint *url.URL
	signer   signer
	only     string // the one bucket to use; "" for all
}

func newStorage(creds Credentials) (*storage, error) {
	u, err := url.Parse(strings.TrimSpace(creds.Endpoint))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the endpoint URL must be one such as https://s3.eu-central-1.amazonaws.com")
	}
	return &storage{u, signer{creds.AccessKey, creds.SecretKey, creds.Region}, creds.Bucket}, nil
}

// bucket checks the bucket of a request, which may be that of another connection.
func (s *storage) bucket(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("the bucket is missing: choose one")
	case strings.Contains(name, "/") || strings.Trim(name, ".") == "":
		return "", errors.New("the name of the bucket is not valid")
	case s.only != "" && name != s.only:
		return "", errors.New("the connection is for another bucket: choose a file of that one")
	}
	return name, nil
}

// get sends a request. The body of the response must be closed.
func (s *storage) get(ctx context.Context, bucket, key string, query url.Values) (*http.Response, error) {
	base := strings.TrimSuffix(s.endpoint.Path, "/")
	path, raw := base+"/"+bucket, encodePath(base)+"/"+encode(bucket)
	if key != "" {
		path, raw = path+"/"+key, raw+"/"+encodePath(key)
	}
	u := &url.URL{Scheme: s.endpoint.Scheme, Host: s.endpoint.Host, Path: path, RawPath: raw, RawQuery: encodeQuery(query)}
	req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: make(http.Header)}).WithContext(ctx)
	s.signer.sign(req, time.Now())
	req.Header.Set("Accept-Encoding", "identity") // the bytes as they are stored, and their number
	resp, err := runtime.Do(client, req)
	if err != nil {
		return nil, failure(err)
	}
	if resp.StatusCode != http.StatusOK { // such as a part of a file
		defer resp.Body.Close()
		return nil, &runtime.StatusError{StatusCode: resp.StatusCode, Header: resp.Header}
	}
	return resp, nil
}

// decode gets XML.
func (s *storage) decode(ctx context.Context, bucket string, query url.Values, result any) error {
	resp, err := s.get(ctx, bucket, "", query)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body := &io.LimitedReader{R: resp.Body, N: maxListing + 1}
	switch err := xml.NewTokenDecoder(&shallow{Decoder: xml.NewDecoder(body)}).Decode(result); {
	case errors.Is(err, runtime.ErrUnreachable):
		return err
	case err != nil && body.N == 0:
		return fmt.Errorf("the response has more than %d bytes", maxListing)
	case err != nil:
		return errors.New("the response is not from an S3-compatible storage: check the endpoint URL")
	}
	return nil
}

// shallow is XML that has not too many elements in one another, which all have to be kept.
type shallow struct {
	*xml.Decoder
	depth int
}

// Token returns the next token for the decoder that checks whether elements end as they begin.
func (s *shallow) Token() (xml.Token, error) {
	token, err := s.RawToken()
	switch token.(type) {
	case xml.StartElement:
		s.depth++
	case xml.EndElement:
		s.depth--
	}
	if s.depth > maxDepth {
		return nil, errors.New("the elements are nested too deeply")
	}
	return token, err
}

// buckets returns the names of the buckets.
func (s *storage) buckets(ctx context.Context) ([]string, error) {
	if s.only != "" {
		return []string{s.only}, nil
	}
	var result struct {
		XMLName xml.Name `xml:"ListAllMyBucketsResult"`
		Names   []string `xml:"Buckets>Bucket>Name"`
	}
	err := s.decode(ctx, "", nil, &result)
	if errors.Is(err, errDenied) {
		return nil, errors.New("the access key cannot list the buckets: allow it, or enter the bucket to use")
	}
	return result.Names, err
}

// listRequest says which objects to list.
type listRequest struct {
	prefix  string // "" or one that ends in a slash
	token   string // of the page; "" for the first
	maxKeys int
}

// objects is a page of the objects, and of the prefixes up to the next slash.
type objects struct {
	XMLName        xml.Name `xml:"ListBucketResult"`
	EncodingType   string
	IsTruncated    bool
	Token          string `xml:"NextContinuationToken"`
	Contents       []object
	CommonPrefixes []*commonPrefix
}

type object struct {
	Key  string
	Size int64
}

type commonPrefix struct{ Prefix string }

// list returns a page. Names are asked for in URL encoding, since XML cannot have every character.
func (s *storage) list(ctx context.Context, bucket string, r listRequest) (*objects, error) {
	query := url.Values{"list-type": {"2"}, "delimiter": {"/"}, "encoding-type": {"url"}, "max-keys": {strconv.Itoa(r.maxKeys)}}
	if r.prefix != "" {
		query.Set("prefix", r.prefix)
	}
	if r.token != "" {
		query.Set("continuation-token", r.token)
	}
	var page objects
	if err := s.decode(ctx, bucket, query, &page); err != nil {
		return nil, err
	}
	if page.IsTruncated && page.Token == "" {
		return nil, errors.New("the storage does not list objects in pages with a token (ListObjectsV2): use a newer version of it")
	}
	if page.EncodingType != "url" {
		return &page, nil
	}
	return &page, page.unescape()
}

func (p *objects) unescape() error {
	names := make([]*string, 0, len(p.Contents)+len(p.CommonPrefixes))
	for i := range p.Contents {
		names = append(names, &p.Contents[i].Key)
	}
	for _, prefix := range p.CommonPrefixes {
		names = append(names, &prefix.Prefix)
	}
	for _, name := range names {
		plain, err := url.QueryUnescape(*name)
		if err != nil {
			return fmt.Errorf("the storage has sent a name in a wrong encoding: %w", err)
		}
		*name = plain
	}
	return nil
}
