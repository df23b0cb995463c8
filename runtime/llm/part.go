package llm

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
)

// Part is a piece of the content of a message: a *Text, *Image, *Audio, *Video or *Document. There
// are no others.
type Part interface {
	isPart()
}

// Text is a text.
type Text struct {
	Text       string
	OpaqueBody json.RawMessage // like Message.OpaqueBody
}

// Detail says how closely a model looks at an image.
type Detail string

// The details of images.
const (
	DetailLow  Detail = "low"
	DetailHigh Detail = "high"
)

// Image is an image. It has Data or a URL. MIMEType, such as "image/png", is required.
type Image struct {
	Data       []byte
	URL        string
	MIMEType   string
	Format     string // the extension, such as "png"; when empty, what Filename or MIMEType says is sent
	Filename   string
	Detail     Detail          // empty is low
	OpaqueBody json.RawMessage // like Message.OpaqueBody
}

// Audio is a recording. It has Data or a URL. MIMEType, such as "audio/mpeg", is required.
type Audio struct {
	Data       []byte
	URL        string
	MIMEType   string
	Format     string // the extension, such as "mp3"; when empty, what Filename or MIMEType says is sent
	Filename   string
	OpaqueBody json.RawMessage // like Message.OpaqueBody
}

// Video is a video. It has Data or a URL. MIMEType, such as "video/mp4", is required.
type Video struct {
	Data       []byte
	URL        string
	MIMEType   string
	Format     string // the extension, such as "mp4"; when empty, what Filename or MIMEType says is sent
	Filename   string
	OpaqueBody json.RawMessage // like Message.OpaqueBody
}

// Document is a document. It has Data or a URL. MIMEType, such as "application/pdf", is required.
type Document struct {
	Data       []byte
	URL        string
	MIMEType   string
	Format     string // the extension, such as "pdf"; when empty, what Filename or MIMEType says is sent
	Filename   string
	OpaqueBody json.RawMessage // like Message.OpaqueBody
}

func (*Text) isPart()     {}
func (*Image) isPart()    {}
func (*Audio) isPart()    {}
func (*Video) isPart()    {}
func (*Document) isPart() {}

// DataURL returns the URL, or a URL of scheme data that holds the image.
func (p *Image) DataURL() string { return p.media().dataURL() }

// DataURL returns the URL, or a URL of scheme data that holds the recording.
func (p *Audio) DataURL() string { return media(*p).dataURL() }

// DataURL returns the URL, or a URL of scheme data that holds the video.
func (p *Video) DataURL() string { return media(*p).dataURL() }

// DataURL returns the URL, or a URL of scheme data that holds the document.
func (p *Document) DataURL() string { return media(*p).dataURL() }

// MarshalJSON encodes the part as Dify takes it.
func (p *Text) MarshalJSON() ([]byte, error) { return marshalPart(p) }

// MarshalJSON encodes the part as Dify takes it.
func (p *Image) MarshalJSON() ([]byte, error) { return marshalPart(p) }

// MarshalJSON encodes the part as Dify takes it.
func (p *Audio) MarshalJSON() ([]byte, error) { return marshalPart(p) }

// MarshalJSON encodes the part as Dify takes it.
func (p *Video) MarshalJSON() ([]byte, error) { return marshalPart(p) }

// MarshalJSON encodes the part as Dify takes it.
func (p *Document) MarshalJSON() ([]byte, error) { return marshalPart(p) }

func marshalPart(p Part) ([]byte, error) {
	if err := validatePart(p); err != nil {
		return nil, err
	}
	return appendPart(make([]byte, 0, sizeOf(&Message{Parts: []Part{p}})), p), nil
}

// media is what Audio, Video and Document are, and an Image without its detail.
type media struct {
	Data       []byte
	URL        string
	MIMEType   string
	Format     string
	Filename   string
	OpaqueBody json.RawMessage
}

func (p *Image) media() media {
	return media{p.Data, p.URL, p.MIMEType, p.Format, p.Filename, p.OpaqueBody}
}

func (m media) dataURL() string {
	if m.URL != "" {
		return m.URL
	}
	return "data:" + m.MIMEType + ";base64," + base64.StdEncoding.EncodeToString(m.Data)
}

func (m media) validate(typ string) error {
	switch {
	case len(m.Data) == 0 && m.URL == "":
		return fmt.Errorf("the %s has neither Data nor a URL", typ)
	case len(m.Data) > 0 && m.URL != "":
		return fmt.Errorf("the %s has both Data and a URL: give one", typ)
	case m.MIMEType == "":
		return fmt.Errorf("the %s has no MIMEType", typ)
	case m.format() == "":
		return fmt.Errorf("the %s has no Format, and neither Filename nor MIMEType says which", typ)
	case !validOpaque(m.OpaqueBody):
		return errOpaque
	}
	return nil
}

// extensions are those that are not the second half of the MIME type.
var extensions = map[string]string{
	"image/jpeg": "jpg", "image/svg+xml": "svg", "image/x-icon": "ico", "image/vnd.microsoft.icon": "ico",
	"audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/vnd.wave": "wav", "audio/mp4": "m4a", "audio/x-m4a": "m4a",
	"video/quicktime": "mov", "video/x-msvideo": "avi", "video/mpeg": "mpg", "video/x-matroska": "mkv",
	"text/plain": "txt", "text/markdown": "md", "application/msword": "doc", "application/vnd.ms-excel": "xls",
	"application/vnd.ms-powerpoint": "ppt", "application/epub+zip": "epub",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}

// format returns the extension of a file, without a dot.
func (m media) format() string {
	if m.Format != "" {
		return strings.TrimLeft(m.Format, ".")
	}
	if ext := path.Ext(m.Filename); len(ext) > 1 {
		return strings.ToLower(ext[1:])
	}
	typ, _, _ := strings.Cut(m.MIMEType, ";")
	typ = strings.ToLower(strings.TrimSpace(typ))
	if ext, ok := extensions[typ]; ok {
		return ext
	}
	_, subtype, _ := strings.Cut(typ, "/")
	return strings.TrimLeft(subtype, ".")
}

var (
	errNoPart = errors.New("the part is nil")
	errOpaque = errors.New("OpaqueBody is not JSON")
)

// validatePart reports what Dify would not take.
func validatePart(p Part) error {
	switch p := p.(type) {
	case nil:
		return errNoPart
	case *Text:
		switch {
		case p == nil:
			return errNoPart
		case !validOpaque(p.OpaqueBody):
			return errOpaque
		}
		return nil
	case *Image:
		switch {
		case p == nil:
			return errNoPart
		case p.Detail != "" && p.Detail != DetailLow && p.Detail != DetailHigh:
			return errors.New("the image has a Detail other than low and high")
		}
		return p.media().validate("image")
	case *Audio:
		if p != nil {
			return media(*p).validate("audio")
		}
	case *Video:
		if p != nil {
			return media(*p).validate("video")
		}
	case *Document:
		if p != nil {
			return media(*p).validate("document")
		}
	}
	return errNoPart
}

// wirePart is a part that comes over the wire. The daemon sends all fields of every part.
type wirePart struct {
	Type       string          `json:"type"`
	Data       string          `json:"data"`
	Base64Data []byte          `json:"base64_data"`
	URL        string          `json:"url"`
	Format     string          `json:"format"`
	MIMEType   string          `json:"mime_type"`
	Filename   string          `json:"filename"`
	Detail     Detail          `json:"detail"`
	OpaqueBody json.RawMessage `json:"opaque_body"`
}

func (w *wirePart) part() (Part, error) {
	m := media{w.Base64Data, w.URL, w.MIMEType, w.Format, w.Filename, opaque(w.OpaqueBody)}
	if len(m.Data) == 0 {
		m.Data = nil
	}
	switch w.Type {
	case "text":
		return &Text{w.Data, m.OpaqueBody}, nil
	case "image":
		return &Image{m.Data, m.URL, m.MIMEType, m.Format, m.Filename, w.Detail, m.OpaqueBody}, nil
	case "audio":
		p := Audio(m)
		return &p, nil
	case "video":
		p := Video(m)
		return &p, nil
	case "document":
		p := Document(m)
		return &p, nil
	}
	return nil, errors.New("its type is none of text, image, audio, video and document: a newer difygen may know it")
}
