package invoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/runtime"
)

// Upload stores files in Dify, where apps and workflows can use them. It needs no permission.
type Upload struct{ service service }

// Upload returns the service.
func (s Session) Upload() Upload { return Upload{s.service()} }

const (
	// uploadTimeout is how long sending a file may take.
	uploadTimeout = 2 * time.Minute
	// maxUploadReply is how many bytes Dify's description of a file has.
	maxUploadReply = 64 << 10
)

type wireUpload struct {
	Filename string `json:"filename"`
	MIMEType string `json:"mimetype"`
}

// UploadedFile is a file that Dify has stored.
type UploadedFile struct {
	ID         string
	Name       string
	Size       int64  // in bytes
	Extension  string // with its dot, such as .pdf
	MIMEType   string
	PreviewURL string // where to read the file for a short while; it is signed, so a secret; may be ""
}

// Type returns what Dify calls such a file: image, document, audio, video or custom.
func (f *UploadedFile) Type() string { return fileType(f.Name+f.Extension, f.MIMEType) }

// AppInput returns the file as a value for an input of an app: its tool_file_id, transfer_method
// and type. An input that takes several files has a list of such values.
func (f *UploadedFile) AppInput() map[string]any { return appInput(f.ID, f.Type()) }

// File stores a file. The name must not have slashes or other characters that Dify does not
// permit. If the MIME type is empty, it is that of the name's extension. How large a file may be
// depends on its type and on Dify: by default, 10 MiB for images, 50 for audio, 100 for videos, and
// 15 for others.
//
// Dify gives a signed URL, to which the plugin sends the file: in at most two minutes, and to no
// other host. It must reach Dify at FILES_URL. No error quotes the URL. If Dify refuses the file,
// the error is a *runtime.StatusError, with status 413 if it is too large, and 415 if its type is not
// permitted.
func (u Upload) File(ctx context.Context, filename, mimeType string, content []byte) (*UploadedFile, error) {
	if err := checkFilename(filename); err != nil {
		return nil, err
	}
	mimeType, err := uploadMIMEType(filename, mimeType)
	if err != nil {
		return nil, err
	}
	w := wireUpload{filename, mimeType}
	var reply struct {
		URL string `json:"url"`
	}
	if err := u.service.one(ctx, typeUpload, w, &reply); err != nil {
		return nil, err
	}
	file, err := send(ctx, reply.URL, filename, mimeType, content)
	if err != nil {
		return nil, fmt.Errorf("uploading a file to Dify: %w", err)
	}
	return file, nil
}

// checkFilename checks a name by the rules of Dify, and for what a header cannot have.
func checkFilename(name string) error {
	switch {
	case name == "":
		return errors.New("a file for Dify has no name")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name of a file for Dify must be UTF-8 without control characters")
	case strings.ContainsAny(name, `/\:*?"<>|`):
		return errors.New(`the name of a file for Dify must not contain any of / \ : * ? " < > |`)
	}
	return nil
}

// uploadMIMEType returns a MIME type as Dify compares it with that of the signed URL: in lower case
// and without parameters.
func uploadMIMEType(filename, mimeType string) (string, error) {
	if mimeType == "" {
		mimeType = mime.TypeByExtension(path.Ext(filename))
	}
	if mimeType == "" {
		return "application/octet-stream", nil
	}
	plain, _, err := mime.ParseMediaType(mimeType)
	if err != nil || !strings.Contains(plain, "/") {
		return "", errors.New("the MIME type of a file for Dify must be one such as application/pdf")
	}
	return plain, nil
}

// send sends a file to a signed URL.
func send(ctx context.Context, signed, filename, mimeType string, content []byte) (*UploadedFile, error) {
	u, err := url.Parse(signed)
	if err != nil {
		return nil, errors.New("the URL that Dify has given is not valid")
	}
	if u.Host == "" {
		return nil, errors.New("the URL that Dify has given has no host: FILES_URL is not set on the Dify host")
	}
	head, tail, contentType, err := form(filename, mimeType)
	if err != nil {
		return nil, err
	}
	body := func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(head), bytes.NewReader(content), bytes.NewReader(tail))), nil
	}
	first, _ := body()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, signed, first)
	if err != nil {
		return nil, errors.New("the URL that Dify has given is not valid")
	}
	req.GetBody, req.ContentLength = body, int64(len(head)+len(content)+len(tail))
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", "application/json")
	client := &http.Client{Timeout: uploadTimeout, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if req.Method != http.MethodPost {
			return errors.New("the response redirects without the file")
		}
		return nil
	}}
	resp, err := runtime.Do(client, req) // does not send a body to another host
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return nil, &runtime.StatusError{StatusCode: resp.StatusCode, Header: resp.Header}
	}
	return decodeUploaded(resp.Body)
}

// form returns what is before and after the content of a file in a multipart body, and the type of
// the body.
func form(filename, mimeType string) (head, tail []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_, err = w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="` + filename + `"`},
		"Content-Type":        {mimeType},
	})
	before := b.Len()
	if err == nil {
		err = w.Close()
	}
	return b.Bytes()[:before], b.Bytes()[before:], w.FormDataContentType(), err
}

func decodeUploaded(body io.Reader) (*UploadedFile, error) {
	data, err := io.ReadAll(io.LimitReader(body, maxUploadReply+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxUploadReply {
		return nil, fmt.Errorf("the response has more than %d bytes", maxUploadReply)
	}
	var file struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Size       int64  `json:"size"`
		Extension  string `json:"extension"`
		MIMEType   string `json:"mime_type"`
		PreviewURL string `json:"preview_url"`
	}
	if err := json.Unmarshal(data, &file); err != nil || file.ID == "" {
		return nil, errors.New("the response does not describe a file")
	}
	if file.Extension != "" && file.Extension[0] != '.' {
		file.Extension = "." + file.Extension
	}
	uploaded := UploadedFile(file)
	return &uploaded, nil
}
