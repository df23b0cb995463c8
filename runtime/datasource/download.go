package datasource

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"
	"unicode"

	"github.com/difygen/difygen/runtime"
)

// DownloadRequest says which file to read.
type DownloadRequest struct {
	Bucket string // "" for none
	ID     string // as in File
}

// BindDownload adapts a typed method that reads a file of a drive to values on the wire.
func BindDownload[C any](
	datasource string, decode Decoder[C],
	download func(ctx context.Context, call runtime.Call, creds C, file DownloadRequest, out *DownloadOutput) error,
) runtime.DatasourceAction {
	return newAction(datasource, actionDownload, decode, readDownload, func(ctx context.Context, req *runtime.Request, creds C, file DownloadRequest) (any, error) {
		out := &DownloadOutput{send: req.Stream, maxSize: maxFile(req)}
		if err := download(ctx, req.Call, creds, file, out); err != nil {
			return nil, err
		}
		if !out.sent {
			return nil, errors.New("the data source has sent no file")
		}
		return nil, nil
	})
}

func readDownload(req *runtime.DatasourceRequest) (file DownloadRequest, err error) {
	r, err := readObject(req, "request")
	if err != nil {
		return file, err
	}
	file = DownloadRequest{r.Text("bucket"), r.Text("id")}
	r.Require("id")
	return file, r.Err()
}

// FileMeta describes a file. In JSON, it may have 4 KiB.
type FileMeta struct {
	// Name is one such as report.pdf, without control characters; required, since Dify tells the type by it.
	Name string `json:"file_name"`
	// MIMEType is one such as application/pdf, with parameters or without; optional, since Dify guesses it by
	// the name.
	MIMEType string `json:"mime_type,omitempty"`
}

// DownloadOutput sends one file. It is not safe for concurrent use.
type DownloadOutput struct {
	send    func(any) error
	maxSize int64 // of the file
	sent    bool
}

// The message with a file. A session does not join blob chunks of data sources, so it is a single one.
const (
	blobStart = `{"type":"blob","message":{"blob":"`
	blobMeta  = `"},"meta":`
	blobEnd   = `}`
	// maxMeta is how large the meta may be, in bytes of JSON. That is left for it in each message, so
	// that the largest file does not depend on its name.
	maxMeta = 4 << 10
)

// MaxSize returns how large the file may be, in bytes. That depends on the connection to Dify: about
// 3.9 MB for an installed plugin, since Dify takes a file in one message of at most 5 MiB, and 50 MiB
// where Dify sets no limit, since it is in memory.
func (o *DownloadOutput) MaxSize() int64 {
	if o == nil {
		return 0
	}
	return o.maxSize
}

// maxFile returns how large the file of a request may be, in bytes.
func maxFile(req *runtime.Request) int64 {
	if req.MaxResult == 0 {
		return maxResult
	}
	left := req.MaxResult - len(blobStart) - len(blobMeta) - maxMeta - len(blobEnd)
	return int64(max(left/4*3, 0))
}

// File sends the file. It returns an error if one has been sent, or if it is larger than MaxSize, which matches
// [ErrTooLarge].
func (o *DownloadOutput) File(data []byte, meta FileMeta) error {
	return o.FileFrom(bytes.NewReader(data), int64(len(data)), meta)
}

// FileFrom sends the file, which it reads from r. It returns an error, without reading, if one has been sent, or
// if size is more than MaxSize, which matches [ErrTooLarge]; and one if r has more or fewer bytes than size. A size
// of -1, as in http.Response, is unknown: no more than MaxSize and one byte are read, and that error is returned if
// there are so many. If reading fails, nothing has been sent.
func (o *DownloadOutput) FileFrom(r io.Reader, size int64, meta FileMeta) error {
	switch {
	case o == nil || o.send == nil:
		return errNoRequest
	case o.sent:
		return errors.New("a file has been sent already: Dify takes one")
	case size > o.MaxSize():
		return o.tooLarge()
	}
	data, err := meta.encode()
	if err != nil {
		return err
	}
	if size < 0 {
		if r, size, err = o.readAll(r); err != nil {
			return err
		}
	}
	b := &blob{r, size, data, nil}
	err = o.send(b)
	if b.err != nil { // without what the encoding adds to it
		return b.err
	}
	o.sent = err == nil
	return err
}

func (o *DownloadOutput) tooLarge() error {
	return fmt.Errorf("the file is %w: over this connection, it may have %d bytes", ErrTooLarge, o.MaxSize())
}

// encode returns the meta in JSON.
func (m FileMeta) encode() ([]byte, error) {
	switch {
	case m.Name == "":
		return nil, errors.New("a file must have a name: Dify tells its type by it")
	case !valid(m.Name, m.MIMEType):
		return nil, fmt.Errorf("the meta of the file %w", errNotUTF8)
	case strings.ContainsFunc(m.Name, unicode.IsControl):
		return nil, errors.New("the name of the file has control characters")
	case m.MIMEType != "" && !isMIMEType(m.MIMEType):
		return nil, errors.New("the MIME type of the file is not one such as text/plain: leave it out if it is not known")
	}
	data, err := marshal(m)
	if err == nil && len(data) > maxMeta {
		err = fmt.Errorf("the name and the type of the file are too long: in JSON, they have %d bytes, and may have %d", len(data), maxMeta)
	}
	return data, err
}

// isMIMEType reports whether s is a type and a subtype (RFC 2045, section 5.1), maybe with parameters, which can
// lack their values, as some services send them.
func isMIMEType(s string) bool {
	typ, _, err := mime.ParseMediaType(s)
	return (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter)) && strings.Contains(typ, "/") && !strings.ContainsFunc(s, unicode.IsControl)
}

// readAll reads a file of unknown size. It does not copy what it has read, as io.ReadAll does.
func (o *DownloadOutput) readAll(r io.Reader) (file io.Reader, size int64, err error) {
	const step = 256 << 10
	r = io.LimitReader(r, o.MaxSize()+1)
	var parts []io.Reader
	for {
		part := make([]byte, step)
		n, err := readFull(r, part)
		parts, size = append(parts, bytes.NewReader(part[:n])), size+int64(n)
		switch {
		case size > o.MaxSize():
			return nil, 0, o.tooLarge()
		case err != nil:
			return nil, 0, err
		case n < len(part):
			return io.MultiReader(parts...), size, nil
		}
	}
}

// blob is the message with a file, which is read when the message is encoded: the file is in memory
// once, in base64.
type blob struct {
	r    io.Reader
	size int64
	meta []byte
	err  error // of reading
}

// AppendJSON appends the message to b.
func (m *blob) AppendJSON(b []byte) ([]byte, error) {
	b = slices.Grow(b, len(blobStart)+base64.StdEncoding.EncodedLen(int(m.size))+len(blobMeta)+len(m.meta)+len(blobEnd)+lineEnd)
	b = append(b, blobStart...)
	if b, m.err = appendBase64(b, m.r, m.size); m.err != nil {
		return nil, m.err
	}
	return append(append(append(b, blobMeta...), m.meta...), blobEnd...), nil
}

// MarshalJSON returns what AppendJSON appends.
func (m *blob) MarshalJSON() ([]byte, error) { return m.AppendJSON(nil) }

// appendBase64 appends what r has, which must have that size.
func appendBase64(b []byte, r io.Reader, size int64) ([]byte, error) {
	part := make([]byte, min(size, 48<<10)) // a multiple of 3
	for size > 0 {
		part = part[:min(size, int64(cap(part)))]
		switch n, err := readFull(r, part); {
		case err != nil:
			return nil, err
		case n < len(part):
			return nil, errors.New("the file has fewer bytes than its size says")
		}
		b = base64.StdEncoding.AppendEncode(b, part)
		size -= int64(len(part))
	}
	return b, readEnd(r)
}

// readEnd checks that r has no more bytes.
func readEnd(r io.Reader) error {
	n, err := readFull(r, make([]byte, 1))
	if n > 0 {
		return errors.New("the file has more bytes than its size says")
	}
	return err
}

// readFull reads data from r, or fewer bytes if the file ends before. Of io.ReadFull's errors, one cannot tell whether
// the file ends, or the connection is cut off: net/http has io.ErrUnexpectedEOF for that.
func readFull(r io.Reader, data []byte) (n int, err error) {
	for n < len(data) {
		m, err := r.Read(data[n:])
		n += m
		switch {
		case err == io.EOF:
			return n, nil
		case err != nil:
			return n, fmt.Errorf("reading the file: %w", err)
		}
	}
	return n, nil
}
