package endpointclash

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Same answers GET /get/<int:x>. Anyone who knows the address can send such requests.
//
// It answers in JSON, for example, like this:
//
//	w.Header().Set("Content-Type", "application/json")
//	return json.NewEncoder(w).Encode(map[string]any{"answer": call.Path.X})
func (p *Provider) Same(w http.ResponseWriter, r *http.Request, call *SameCall) error {
	return runtime.ErrNotImplemented
}
