package endpointclash

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Endpoint10 answers POST /plus. Anyone who knows the address can send such requests.
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
func (p *Provider) Endpoint10(w http.ResponseWriter, r *http.Request, call *Endpoint10Call) error {
	return runtime.ErrNotImplemented
}
