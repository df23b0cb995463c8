package runtime

import "strings"

// File is a file that a user chose for a parameter, as the host describes it. Its URL may
// come from a model, and its size and types are what the host was told.
type File struct {
	URL       string
	Filename  string
	Extension string // with its dot
	MIMEType  string
	Type      string // image, document, audio, video, custom
	Size      int64  // in bytes; -1 if unknown
}

const unknownSize = -1

// IsZero reports whether no file was chosen.
func (f File) IsZero() bool { return f.URL == "" }

// Values returns the object that the host sends.
func (f File) Values() map[string]any {
	return map[string]any{
		"url": f.URL, "filename": f.Filename, "extension": f.Extension,
		"mime_type": f.MIMEType, "type": f.Type, "size": float64(f.Size),
	}
}

// FileValues returns files as they are sent to Dify.
func FileValues(files []File) []any {
	values := make([]any, len(files))
	for i, f := range files {
		values[i] = f.Values()
	}
	return values
}

const (
	reasonFile  = "must be a file or the URL of one"
	reasonFiles = "must be a list of files or of their URLs"
)

// File reads a file. An absent one is the zero File. Of a parameter, the URL alone is
// enough.
func (d *Decoder) File(field, label string, need Need) File {
	if d.mode != fromParameter {
		return orZero(decodeObject(d, field, label, need, (*object).file, "must be a file: an object with url"))
	}
	v, ok := d.filled(field, label, need)
	if !ok {
		return File{}
	}
	v = d.unpack(v, "{")
	if values, ok := v.(map[string]any); ok && len(values) == 0 {
		if need == FieldRequired {
			d.fail(field, label, reasonRequired)
		}
		return File{}
	}
	f, ok := d.file(v)
	if !ok {
		d.failValue(field, label, v, reasonFile)
	}
	return f
}

// Files reads a list of files. An absent one is nil. Of a parameter, a single file counts
// as a list of one, and the URL of a file is enough.
func (d *Decoder) Files(field, label string, need Need) []File {
	reason := "must be a list of files: objects with url"
	list := d.Array(field, label, need)
	if d.mode == fromParameter {
		reason = reasonFiles
	}
	var files []File
	for _, item := range list {
		f, ok := d.file(d.unpack(item, "{"))
		if !ok {
			d.failValue(field, label, item, reason)
			return nil
		}
		files = append(files, f)
	}
	return files
}

// file returns a file from an object or, if it is a parameter, from the URL.
func (d *Decoder) file(v any) (f File, ok bool) {
	if s, ok := v.(string); ok && d.mode == fromParameter {
		s = strings.TrimSpace(s)
		if _, err := parseURL(s); err != nil {
			return File{}, false
		}
		return File{URL: s, Size: unknownSize}, true
	}
	values, _ := v.(map[string]any)
	o := object{values: values}
	f = o.file()
	return f, !o.bad && !f.IsZero()
}

func (o *object) file() File {
	f := File{
		URL: o.text("url"), Filename: o.text("filename"), Extension: o.text("extension"),
		MIMEType: o.text("mime_type"), Type: o.text("type"), Size: unknownSize,
	}
	if size := o.number("size"); size != nil && *size >= 0 && *size <= maxInteger {
		f.Size = int64(*size)
	}
	if f.URL == "" {
		return File{}
	}
	return f
}
