package httphead

import (
	"net/http"
	"strconv"
)

// Head is the head of a response while code writes it, as with an http.ResponseWriter of net/http. It is
// not safe for concurrent use.
type Head struct {
	Fields  http.Header // what the code sets
	Written http.Header // a copy of Fields, made when the status is written
	Status  int         // 0 before it is written
	Length  int64       // of the body, if the code has said it; otherwise negative
}

// NewHead returns a head that has not been written.
func NewHead() Head { return Head{Fields: make(http.Header)} }

// CheckStatus panics, as net/http does, if there is no such status.
func CheckStatus(status int) {
	if status < 100 || status > 999 {
		panic("invalid status code " + strconv.Itoa(status))
	}
}

// Write writes the status, unless there is one. It ignores informational ones, which the host cannot pass on.
func (h *Head) Write(status int) {
	if h.Status != 0 || status < http.StatusOK {
		return
	}
	h.Status, h.Written = status, h.Fields.Clone()
	length, err := strconv.ParseUint(h.Written.Get("Content-Length"), 10, 63)
	if h.Length = int64(length); err != nil {
		h.Length = -1
	}
}
