package datasource

import (
	"io"

	"github.com/difygen/difygen/runtime"
)

// BrowseRequest says which folder to list.
type BrowseRequest struct {
	Bucket  string // "" for the root of the drive, and of a drive without buckets
	Prefix  string // the ID of the folder; "" for that of the bucket
	MaxKeys int    // how many files and folders a page has at most; greater than 0

	next map[string]any
}

// NextPage decodes what the page before this one has set with [BrowseOutput.SetNextPage] into the value
// that v points to. It leaves that as it is for the first page. The user's browser keeps it, and nothing
// protects it: treat it as what a user has entered.
func (r *BrowseRequest) NextPage(v any) error { _, _ = r.next, v; return runtime.ErrNotImplemented }

// File is a file of a drive.
type File struct {
	ID   string // DownloadRequest has it
	Name string
	Size int64 // in bytes; 0 if not known
}

// Folder is a folder of a drive.
type Folder struct {
	ID   string // BrowseRequest has it as Prefix
	Name string
}

// BrowseOutput collects what a folder holds, in that order. Dify gets it when the method returns nil.
// It is not safe for concurrent use.
type BrowseOutput struct{}

// AddBucket adds a bucket to the root of the drive, which then has nothing else.
func (o *BrowseOutput) AddBucket(name string) {}

// AddFolder adds a folder.
func (o *BrowseOutput) AddFolder(Folder) {}

// AddFile adds a file.
func (o *BrowseOutput) AddFile(File) {}

// SetNextPage says that there are more, and what the request for them gets with
// [BrowseRequest.NextPage]: any value that encoding/json can encode.
func (o *BrowseOutput) SetNextPage(v any) error { return runtime.ErrNotImplemented }

// DownloadRequest says which file to read.
type DownloadRequest struct {
	Bucket string // "" for none
	ID     string // as in File
}

// FileMeta describes a file.
type FileMeta struct {
	Name     string // such as report.pdf; required, since Dify tells the type by it
	MIMEType string // such as application/pdf; optional
}

// DownloadOutput sends one file.
type DownloadOutput struct{}

// MaxSize returns how large the file may be, in bytes. That depends on the connection to Dify: about
// 3.7 MB for an installed plugin, since Dify takes a file in one message of at most 5 MiB.
func (o *DownloadOutput) MaxSize() int64 { return 0 }

// File sends the file. It returns an error if it is larger than MaxSize, or one has been sent.
func (o *DownloadOutput) File(data []byte, meta FileMeta) error { return runtime.ErrNotImplemented }

// FileFrom sends the file, which it reads from r. It returns an error, without reading, if size
// is more than MaxSize, and if r has more or fewer bytes than size. A size of -1, as in http.Response,
// is unknown.
func (o *DownloadOutput) FileFrom(r io.Reader, size int64, meta FileMeta) error {
	return runtime.ErrNotImplemented
}
