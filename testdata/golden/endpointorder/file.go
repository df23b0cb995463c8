package endpointorder

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// File answers POST /<string:x>. Anyone who knows the address can send such requests.
//
// It takes and answers JSON, for example, like this:
//
//	var question struct{ Text string }
//	body := http.MaxBytesReader(w, r.Body, 1<<20) // of at most 1 MiB
//	if err := json.NewDecoder(body).Decode(&question); err != nil {
//		http.Error(w, "send JSON such as {\"text\": \"hello\"}", http.StatusBadRequest)
//		return nil
//	}
//	w.Header().Set("Content-Type", "application/json")
//	return json.NewEncoder(w).Encode(map[string]any{"answer": question.Text})
func (p *Provider) File(w http.ResponseWriter, r *http.Request, call *FileCall) error {
	return runtime.ErrNotImplemented
}
