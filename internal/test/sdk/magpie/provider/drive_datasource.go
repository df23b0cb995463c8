package magpie

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime/datasource"
)

// files is how many a folder has.
const files = 5

// DriveBrowse lists two buckets and, in each, files and a folder.
func (p *DriveProvider) DriveBrowse(_ context.Context, call *DriveDriveBrowseCall, out *datasource.BrowseOutput) error {
	if err := errors.Join(authenticate(call.Credentials.APIKey), fail(call.Prefix)); err != nil {
		return err
	}
	if call.Bucket == "" {
		out.AddBucket("b")
		out.AddBucket("c")
		return nil
	}
	var next struct {
		Offset int `json:"offset"`
	}
	if err := call.NextPage(&next); err != nil || call.Prefix == "empty" {
		return err
	}
	for i := next.Offset; i < min(next.Offset+call.MaxKeys, files); i++ {
		out.AddFile(datasource.File{ID: fmt.Sprintf("%s%d", call.Prefix, i), Name: fmt.Sprintf("<%d>.txt", i), Size: int64(i) * 1024})
	}
	out.AddFolder(datasource.Folder{ID: "f/", Name: "f"})
	if next.Offset += call.MaxKeys; next.Offset < files {
		return out.SetNextPage(next)
	}
	return nil
}

// DriveDownload does what the ID of the file says.
func (p *DriveProvider) DriveDownload(_ context.Context, call *DriveDriveDownloadCall, out *datasource.DownloadOutput) error {
	if err := errors.Join(authenticate(call.Credentials.APIKey), fail(call.ID)); err != nil || call.ID == "nothing" {
		return err
	}
	size, ok := map[string]int{"empty": 0, "large": 3_900_000}[call.ID]
	if !ok {
		size = 5
	}
	meta := datasource.FileMeta{Name: fmt.Sprintf("<%s>.bin", call.ID)}
	if call.ID == "typed" {
		meta.MIMEType = "text/plain"
	}
	if err := out.File(bytes.Repeat([]byte{0xfb}, size), meta); err != nil {
		return err
	}
	if call.ID == "twice" {
		return out.File(nil, meta)
	}
	return nil
}
