package endpointorder

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// GetBoth answers GET /both. Anyone who knows the address can send such requests.
//
// It answers in JSON, for example, like this:
//
//	w.Header().Set("Content-Type", "application/json")
//	return json.NewEncoder(w).Encode(map[string]any{"answer": "done"})
func (p *Provider) GetBoth(w http.ResponseWriter, r *http.Request, call *GetBothCall) error {
	return runtime.ErrNotImplemented
}
