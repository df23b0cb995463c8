package runtime

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

const (
	// maxBlob is the size up to which a file is sent in one message, in bytes. A larger
	// one is sent in chunks of the size that the host accepts.
	maxBlob       = 1 << 20
	blobChunkSize = 8 << 10
	maxOutputFile = 50 << 20 // bytes; the host accepts no larger file
)

// FileMeta describes a file that a tool returns.
type FileMeta struct {
	Name     string // such as report.pdf; optional
	MIMEType string // such as application/pdf; optional
}

func (m FileMeta) wire() map[string]any {
	meta := make(map[string]any)
	if m.Name != "" {
		meta["filename"] = m.Name
	}
	if m.MIMEType != "" {
		meta["mime_type"] = m.MIMEType
	}
	return meta
}

// File sends a file of at most 50 MiB.
func (o *ToolOutput) File(data []byte, meta FileMeta) error {
	return o.FileFrom(bytes.NewReader(data), int64(len(data)), meta)
}

// FileFrom sends a file of at most 50 MiB, which it reads from r. It returns an error if r
// has more or fewer bytes than size; a part of the file may have been sent by then. A size
// of -1, as in http.Response, is unknown: the file is read into memory first.
func (o *ToolOutput) FileFrom(r io.Reader, size int64, meta FileMeta) error {
	switch {
	case size < 0:
		data, err := io.ReadAll(io.LimitReader(r, maxOutputFile+1))
		if err != nil {
			return fmt.Errorf("reading the file: %w", err)
		}
		if len(data) > maxOutputFile {
			return fmt.Errorf("the file is too large: Dify accepts %d bytes", maxOutputFile)
		}
		return o.File(data, meta)
	case size > maxOutputFile:
		return fmt.Errorf("a file of %d bytes is too large: Dify accepts %d", size, maxOutputFile)
	case size > maxBlob:
		return o.chunks(r, size, meta.wire())
	}
	data := make([]byte, size)
	if err := readExactly(r, data); err != nil {
		return err
	}
	if err := readEnd(r); err != nil {
		return err
	}
	return o.withMeta("blob", map[string]any{"blob": base64.StdEncoding.EncodeToString(data)}, meta.wire())
}

// chunks sends a file in chunks, and a last one that is empty.
func (o *ToolOutput) chunks(r io.Reader, size int64, meta map[string]any) error {
	id := newID()
	chunk := make([]byte, blobChunkSize)
	for sequence, rest := 0, size; ; sequence++ {
		chunk = chunk[:min(rest, blobChunkSize)]
		if err := readExactly(r, chunk); err != nil {
			return err
		}
		last := rest == 0
		if last {
			if err := readEnd(r); err != nil {
				return err
			}
		}
		err := o.withMeta("blob_chunk", map[string]any{
			"id": id, "sequence": sequence, "total_length": size,
			"blob": base64.StdEncoding.EncodeToString(chunk), "end": last,
		}, meta)
		if err != nil || last {
			return err
		}
		rest -= int64(len(chunk))
	}
}

func readExactly(r io.Reader, data []byte) error {
	n, err := readFull(r, data)
	if err == nil && n < len(data) {
		err = errors.New("the file has fewer bytes than its size says")
	}
	return err
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

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
