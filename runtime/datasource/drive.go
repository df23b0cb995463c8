package datasource

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/difygen/difygen/runtime"
)

// BrowseRequest says which folder to list.
type BrowseRequest struct {
	Bucket  string // "" for the root of the drive, and of a drive without buckets
	Prefix  string // the ID of the folder; "" for that of the bucket
	MaxKeys int    // how many files and folders a page has at most; greater than 0

	next map[string]any
}

// defaultMaxKeys is how many files and folders Dify asks for.
const defaultMaxKeys = 20

// BindBrowse adapts a typed method that lists the files of a drive to values on the wire.
func BindBrowse[C any](
	datasource string, decode Decoder[C],
	browse func(ctx context.Context, call runtime.Call, creds C, folder BrowseRequest, out *BrowseOutput) error,
) runtime.DatasourceAction {
	return newAction(datasource, actionBrowse, decode, readBrowse, func(ctx context.Context, req *runtime.Request, creds C, folder BrowseRequest) (any, error) {
		out := &BrowseOutput{limit: limitOf(req)}
		if err := browse(ctx, req.Call, creds, folder, out); err != nil {
			return nil, err
		}
		list, err := out.wire(folder)
		if err != nil {
			return nil, err
		}
		return newResult(req, list, "the files and folders", adviceFolder)
	})
}

// adviceFolder says what to do if a folder is too large.
const adviceFolder = "list at most MaxKeys of them, and set a next page for the rest"

func readBrowse(req *runtime.DatasourceRequest) (folder BrowseRequest, err error) {
	r, err := readObject(req, "request")
	if err != nil {
		return folder, err
	}
	return readFolder(r)
}

func readFolder(r *runtime.RequestReader) (BrowseRequest, error) {
	folder := BrowseRequest{r.Text("bucket"), r.Text("prefix"), defaultMaxKeys, r.Object("next_page_parameters")}
	if n := r.Number("max_keys"); n >= 1 {
		folder.MaxKeys = int(min(n, math.MaxInt32))
	}
	return folder, r.Err()
}

// ReadBrowseRequest reads the object that Dify sends, as encoding/json decodes it and as Values returns it.
// Tests need it, for the next page that a result has, or one that somebody has made up.
func ReadBrowseRequest(values map[string]any) (BrowseRequest, error) {
	return readFolder((&runtime.Request{Data: values}).Read())
}

// Values returns the object that Dify sends, as encoding/json decodes it.
func (r BrowseRequest) Values() map[string]any {
	values := map[string]any{"bucket": nil, "prefix": r.Prefix, "max_keys": float64(r.MaxKeys), "next_page_parameters": nil}
	if r.Bucket != "" {
		values["bucket"] = r.Bucket
	}
	if len(r.next) > 0 {
		values["next_page_parameters"] = maps.Clone(r.next)
	}
	return values
}

// File is a file of a drive.
type File struct {
	ID   string // required; DownloadRequest has it
	Name string // required
	Size int64  // in bytes; 0 if not known
}

// Folder is a folder of a drive.
type Folder struct {
	ID   string // required; BrowseRequest has it as Prefix
	Name string // required
}

// BrowseOutput collects what a folder holds, in that order. Dify gets it when the method returns nil,
// if nothing of it is wrong. It is not safe for concurrent use.
type BrowseOutput struct {
	limit   int // of the size; 0 if it does not belong to a request
	size    int // bytes of what it holds, at least
	buckets []string
	files   []wireFile
	next    map[string]any // nil if this is the last page
	err     error          // what is wrong first; nothing is added after that
}

// wireFile is a file or folder as Dify's daemon decodes it.
type wireFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	Type string `json:"type"`
}

// wireBucket is the content of a folder, or a bucket without it.
type wireBucket struct {
	Bucket    *string        `json:"bucket"`
	Files     []wireFile     `json:"files"`
	Truncated bool           `json:"is_truncated"`
	NextPage  map[string]any `json:"next_page_parameters"`
}

// AddBucket adds a bucket to the root of the drive, which then has nothing else, and no next page.
func (o *BrowseOutput) AddBucket(name string) {
	if !o.takes(len(name)) {
		return
	}
	o.buckets = append(o.buckets, name)
	switch {
	case name == "":
		o.err = fmt.Errorf("bucket %d has no name", len(o.buckets))
	case !valid(name):
		o.err = fmt.Errorf("bucket %d %w", len(o.buckets), errNotUTF8)
	}
}

// AddFolder adds a folder.
func (o *BrowseOutput) AddFolder(f Folder) { o.add(wireFile{f.ID, f.Name, 0, "folder"}) }

// AddFile adds a file.
func (o *BrowseOutput) AddFile(f File) { o.add(wireFile{f.ID, f.Name, f.Size, "file"}) }

func (o *BrowseOutput) add(f wireFile) {
	if !o.takes(len(f.ID) + len(f.Name)) {
		return
	}
	o.files = append(o.files, f)
	if err := f.check(); err != nil {
		n := 0 // of its type
		for _, other := range o.files {
			if other.Type == f.Type {
				n++
			}
		}
		o.err = fmt.Errorf("%s %d of the folder %w", f.Type, n, err)
	}
}

// check says what is wrong about a file or folder, after its name.
func (f wireFile) check() error {
	switch {
	case f.ID == "":
		return errors.New("has no ID")
	case f.Name == "":
		return errors.New("has no name")
	case f.Size < 0:
		return errors.New("has a negative size")
	case !valid(f.ID, f.Name):
		return errNotUTF8
	}
	return nil
}

// leastEntry is how many bytes of JSON a bucket, a file or a folder has besides its texts, at least.
const leastEntry = len(`{"id":"","name":"","size":0,"type":"file"}`)

// takes reports whether one with so many bytes of text can be added. If not, the list fails before it is in memory.
func (o *BrowseOutput) takes(text int) bool {
	if o == nil || o.err != nil {
		return false
	}
	o.size += leastEntry + text
	if o.size > o.limit && o.limit > 0 {
		o.err = tooLarge("the files and folders", o.size, o.limit, adviceFolder)
	}
	return o.err == nil
}

// wire returns what the folder holds as it is on the wire, or an error that says what is wrong.
func (o *BrowseOutput) wire(folder BrowseRequest) ([]wireBucket, error) {
	switch {
	case o.err != nil:
		return nil, o.err
	case o.next != nil && o.next[nextPageKey] == folder.next[nextPageKey]:
		return nil, errors.New("the next page that is set is this one again: Dify would ask for it without end")
	case len(o.buckets) == 0:
		files := o.files
		if files == nil {
			files = []wireFile{}
		}
		return []wireBucket{{textOrNil(folder.Bucket), files, o.next != nil, o.next}}, nil
	case folder.Bucket != "" || folder.Prefix != "":
		return nil, errors.New("only the root of a drive has buckets")
	case len(o.files) > 0:
		return nil, errors.New("the root of a drive has either buckets or files and folders")
	case o.next != nil:
		return nil, errors.New("a list of buckets has no next page: Dify asks for none")
	}
	list := make([]wireBucket, len(o.buckets))
	for i, name := range o.buckets {
		list[i] = wireBucket{Bucket: &name, Files: []wireFile{}}
	}
	return list, nil
}
