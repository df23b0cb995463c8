package host

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	uploadPath = "/files/upload/for-plugin"
	// maxUpload is how many bytes of a file Dify takes.
	maxUpload = 50 << 20
)

// uploads takes the files that a plugin uploads: it gets a signed URL by a call back, and posts
// the file to it. The server starts with the first call.
type uploads struct {
	mu       sync.Mutex
	listener net.Listener
	server   *http.Server
	served   sync.WaitGroup
	closed   bool
	expected map[string]File // by signature, without data
	files    []File
}

// answer answers a call of type upload_file.
func (u *uploads) answer(cb *Callback) error {
	var request struct{ Filename, MIMEType string }
	if err := json.Unmarshal(cb.Request, &request); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.start(); err != nil {
		return err
	}
	signature := rand.Text()
	u.expected[signature] = File{Name: request.Filename, MIMEType: request.MIMEType}
	query := url.Values{
		"timestamp": {strconv.FormatInt(time.Now().Unix(), 10)}, "nonce": {rand.Text()}, "sign": {signature}, "tenant_id": {"tenant-1"}, "user_id": {"user-1"},
	}
	cb.Struct(map[string]any{"url": "http://" + u.listener.Addr().String() + uploadPath + "?" + query.Encode()})
	return nil
}

// start starts the server. The uploads are locked.
func (u *uploads) start() (err error) {
	if u.closed {
		return errors.New("the host is closed")
	}
	if u.listener != nil {
		return nil
	}
	if u.listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	u.expected = make(map[string]File)
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+uploadPath, u.take)
	u.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	u.served.Go(func() { _ = u.server.Serve(u.listener) }) // close ends it
	return nil
}

func (u *uploads) close() {
	u.mu.Lock()
	u.closed = true
	server := u.server
	u.mu.Unlock()
	if server != nil {
		_ = server.Close()
		u.served.Wait()
	}
}

// take takes a file.
func (u *uploads) take(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	expected, signed := u.expected[r.URL.Query().Get("sign")]
	u.mu.Unlock()
	if !signed {
		refuseUpload(w, http.StatusForbidden, "Invalid request.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	form, err := r.MultipartReader()
	if err != nil {
		refuseUpload(w, http.StatusBadRequest, "File is required.")
		return
	}
	file, err := readUpload(form)
	switch {
	case err != nil:
		refuseUpload(w, http.StatusBadRequest, err.Error())
		return
	case file.Name != expected.Name || file.MIMEType != expected.MIMEType:
		refuseUpload(w, http.StatusForbidden, "Invalid request.") // the signature is of another file
		return
	case len(file.Data) > maxUpload:
		refuseUpload(w, http.StatusRequestEntityTooLarge, "File size exceeded.")
		return
	}
	u.mu.Lock()
	u.files = append(u.files, file)
	id := fmt.Sprintf("file-%d", len(u.files))
	u.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	extension := path.Ext(file.Name)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"id": id, "name": file.Name, "size": len(file.Data), "extension": extension, "mime_type": file.MIMEType,
		"preview_url": "/files/tools/" + id + extension + "?sign=" + rand.Text(), "created_by": "user-1", "created_at": time.Now().Unix(),
	})
}

// readUpload reads the part "file" of a form.
func readUpload(form *multipart.Reader) (File, error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return File{}, errors.New("there is no part named file")
		}
		if err != nil {
			return File{}, err
		}
		if part.FormName() != "file" {
			continue
		}
		data, err := io.ReadAll(part)
		return File{Name: part.FileName(), MIMEType: part.Header.Get("Content-Type"), Data: data}, err
	}
}

func refuseUpload(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"message": message, "status": status})
}

// Uploads returns the files that the plugin has uploaded so far.
func (d *Dify) Uploads() []File {
	d.uploads.mu.Lock()
	defer d.uploads.mu.Unlock()
	return slices.Clone(d.uploads.files)
}
