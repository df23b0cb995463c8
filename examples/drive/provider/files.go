package drive

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/runtime/datasource"
)

const (
	maxKeys  = 1000 // that S3 lists at most
	maxPages = 10   // that are read until one has a file
)

// nextPage is where the next page of a folder starts. The storage checks the token.
type nextPage struct {
	Token string `json:"token"`
}

// FilesBrowse lists the buckets or, in a bucket, a folder.
func (p *Provider) FilesBrowse(ctx context.Context, call *FilesBrowseCall, out *datasource.BrowseOutput) error {
	s, err := newStorage(call.Credentials)
	if err != nil {
		return err
	}
	if call.Bucket != "" {
		return s.browse(ctx, call.BrowseRequest, out)
	}
	names, err := s.buckets(ctx)
	for _, name := range names {
		out.AddBucket(name)
	}
	return err
}

func (s *storage) browse(ctx context.Context, folder datasource.BrowseRequest, out *datasource.BrowseOutput) error {
	var next nextPage
	if err := folder.NextPage(&next); err != nil {
		return err
	}
	bucket, err := s.bucket(folder.Bucket)
	if err != nil {
		return err
	}
	prefix := folder.Prefix
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	for range maxPages {
		page, err := s.list(ctx, bucket, listRequest{prefix, next.Token, min(folder.MaxKeys, maxKeys)})
		if err != nil {
			return err
		}
		found := add(page, prefix, out)
		if !page.IsTruncated {
			return nil
		}
		next.Token = page.Token
		if found {
			break
		}
	}
	return out.SetNextPage(next)
}

// add adds the folders and files of a page, and reports whether there are any.
func add(page *objects, prefix string, out *datasource.BrowseOutput) (found bool) {
	for _, f := range page.CommonPrefixes {
		if usable(f.Prefix) {
			out.AddFolder(datasource.Folder{ID: f.Prefix, Name: name(strings.TrimSuffix(f.Prefix, "/"), prefix)})
			found = true
		}
	}
	for _, f := range page.Contents {
		// Some programs make the folder itself.
		if f.Key != prefix && usable(f.Key) && f.Size >= 0 {
			out.AddFile(datasource.File{ID: f.Key, Name: name(f.Key, prefix), Size: f.Size})
			found = true
		}
	}
	return found
}

// usable reports whether Dify can have a key as an ID and in a name.
func usable(key string) bool { return key != "" && utf8.ValidString(key) }

// name returns the name of a file or folder in a folder. Between two slashes is a folder
// without one, which Dify cannot show.
func name(key, prefix string) string {
	if name := strings.TrimPrefix(key, prefix); name != "" && len(key) > len(prefix) {
		return name
	}
	return "/"
}

// FilesDownload reads a file.
func (p *Provider) FilesDownload(ctx context.Context, call *FilesDownloadCall, out *datasource.DownloadOutput) error {
	s, err := newStorage(call.Credentials)
	if err != nil {
		return err
	}
	bucket, err := s.bucket(call.Bucket)
	if err != nil {
		return err
	}
	if call.ID == "" || strings.HasSuffix(call.ID, "/") {
		return errors.New("a folder cannot be read: choose a file")
	}
	resp, err := s.get(ctx, bucket, call.ID, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// A file that is too large is refused before it is read.
	return out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: fileName(call.ID), MIMEType: mimeType(resp.Header)})
}

// fileName returns a name for the file with a key, which others can take for that of a file of theirs.
func fileName(key string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, path.Base(key))
	if strings.Trim(name, ".") == "" {
		return "file"
	}
	return name
}

// mimeType returns the type of a file, or "" if the storage does not know it.
func mimeType(header http.Header) string {
	typ, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || !strings.Contains(typ, "/") || typ == "application/octet-stream" || typ == "binary/octet-stream" {
		return ""
	}
	return typ
}
